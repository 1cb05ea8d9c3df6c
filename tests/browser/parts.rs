//! The parts of the console that are loaded when one of their pages is first opened.

use crate::page::{Console, with_console};

/// From now on no part can be loaded: `how` is the JavaScript of what `fetch` gives instead. The loader writes failures into
/// the browser's console, where other tests would take them for faults.
async fn break_parts(console: &Console, how: &str) {
    let script = format!(
        "window.realFetch ??= window.fetch; console.error = () => {{}}; \
         window.fetch = (asked, ...more) => String(asked.url ?? asked).includes('_split_') ? {how} : realFetch(asked, ...more)"
    );
    console.run(&script).await;
}

/// Whether the browser has loaded the part.
async fn has_loaded(console: &Console, part: &str) -> bool {
    let found = format!("performance.getEntriesByType('resource').some((one) => one.name.includes('_split_{part}-'))");
    console.get(&found).await
}

#[test]
fn an_area_is_loaded_when_it_is_first_opened_with_title_and_focus_as_on_any_page() {
    with_console(async |console| {
        console.go_in("").await;
        console.until("document.querySelector('h1')?.innerText === 'Halden & Vale'").await;
        for part in ["designs", "rules", "signatures", "directory", "administration"] {
            assert!(!has_loaded(&console, part).await, "{part}");
        }
        for (link, part) in
            [("Rules", "rules"), ("People", "directory"), ("Groups", "directory"), ("Audit", "administration")]
        {
            console.run("window.here = true").await;
            console.follow(link).await;
            console.until(&format!("document.querySelector('h1')?.innerText === '{link}'")).await;
            console
                .until("!document.querySelector('main .skeleton') && document.activeElement?.tagName === 'H1'")
                .await;
            let heading: String = console.get("document.activeElement.innerText").await;
            assert_eq!(heading, link);
            console.until(&format!("document.title === '{link} · Halden & Vale · Paraph'")).await;
            assert!(has_loaded(&console, part).await, "{part}");
            assert!(console.get::<bool>("window.here === true").await, "the page itself was loaded anew");
        }
        assert!(!has_loaded(&console, "designs").await);
    });
}

#[test]
fn without_a_network_a_part_says_so_and_is_loaded_on_retry() {
    with_console(async |console| {
        console.go_in("").await;
        console.until("document.querySelector('h1')?.innerText === 'Halden & Vale'").await;
        break_parts(&console, "Promise.reject(new TypeError('Failed to fetch'))").await;
        // Nothing else answers, either.
        console.run("const parts = window.fetch; window.fetch = (asked, ...more) => String(asked.url ?? asked).includes('/api/') ? Promise.reject(new TypeError('Failed to fetch')) : parts(asked, ...more)").await;
        console.follow("Rules").await;
        console.says("The server does not answer").await;
        assert_eq!(console.get::<String>("document.querySelector('h1').innerText").await, "Rules");
        console.run("window.fetch = realFetch").await;
        console.press("Retry").await;
        console.until("!!document.querySelector('.rule')").await;
    });
}

#[test]
fn after_an_update_of_the_server_a_part_says_to_load_the_console_again() {
    with_console(async |console| {
        console.go_in("").await;
        console.until("document.querySelector('h1')?.innerText === 'Halden & Vale'").await;
        break_parts(&console, "Promise.resolve(new Response('', { status: 404 }))").await;
        console.follow("Templates").await;
        console.says("The console has been updated").await;
        console.press("Reload the console").await;
        console.until("document.querySelectorAll('main img, main iframe, main .tile, main table').length > 0").await;
        assert_eq!(console.get::<String>("document.querySelector('h1').innerText").await, "Templates");
    });
}
