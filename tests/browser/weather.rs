//! Outlook weather: what the simulator's Outlook did shows in the console, in words.

use crate::accessibility::{axe, in_both_themes};
use crate::page::with_console;

#[test]
fn what_outlook_did_in_the_simulator_shows_as_weather_with_what_failed_and_why() {
    let axe = axe();
    with_console(async |console| {
        console.go("/").await;
        console.run("await simulator.ready; await simulator.trouble('session-unreadable', true)").await;
        console.run("await simulator.compose('new'); await simulator.trouble('session-unreadable', false)").await;
        console.run("await simulator.compose('new'); await simulator.settled()").await;
        console.go_in("/weather").await;
        console.says("Outlook on the web, new Outlook").await;
        console.says("median ≤").await;
        let mut found = Vec::new();
        in_both_themes(&console, "weather", &axe, &mut found).await;
        console.run("[...document.querySelectorAll('.listing tbody tr')].find((row) => row.innerText.includes('on the web')).querySelector('a').click()").await;
        console.says("5001 InternalError").await;
        console.says("group policy").await;
        console.says("Reads what was done to this draft before").await;
        in_both_themes(&console, "version", &axe, &mut found).await;
        assert!(found.is_empty(), "{found:#?}");
        // The address alone leads there again, for other days too.
        console.client.refresh().await.expect("a reload");
        console.says("5001 InternalError").await;
        console.run("const days = document.querySelector('.choose select'); days.value = '30'; days.dispatchEvent(new Event('change'))").await;
        console.until("location.search === '?days=30'").await;
        console.says("5001 InternalError").await;
        let wide: bool = console.get("document.documentElement.scrollWidth <= innerWidth").await;
        assert!(wide, "the page scrolls sideways");
    });
}

#[test]
fn weather_without_any_event_says_how_it_comes() {
    with_console(async |console| {
        console.go_in("/weather?platform=android").await;
        console.says("No versions match this search and these filters.").await;
        console.press("Show all").await;
        console.until("location.search === ''").await;
        console.go_in("/weather/pc%209.9.9").await;
        console.says("Nothing here").await;
        console.go_in("/clients").await;
    });
}
