//! Whatever an admin or a directory fills in does nothing: `tests/data/payloads.txt` in every field, looked at on every page:
//! some of it here, all of it with `cargo xtask faults`.
//!
//! The pages' Content-Security-Policy is off meanwhile: it stands behind what is tested here, not in its place. Noticed is a
//! dialog, a global, a request to somebody else for anything but an image, and what would act only once somebody touches it.

mod company;
mod world;

use crate::console::PAGES;
use crate::page::PATIENCE;
use crate::studio;
use company::{FIELDS, KINDS, most, payloads};
use serde_json::json;
use world::with_world;

/// What else is looked at in the company.
const STUDIO: [&str; 9] = [
    "/rules",
    "/rules/rule-17",
    "/rules/report",
    "/simulation?person=person-0",
    "/simulation?who=all",
    "/changes",
    "/campaigns",
    "/people/person-0",
    "/people/person-1",
];

#[test]
fn what_would_act_is_noticed() {
    let each = [
        "const frame = document.createElement('iframe'); frame.srcdoc = '<script>alert(1)</script>'; document.body.append(frame)",
        "pwned = 1",
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=pwn()>')",
        "document.body.insertAdjacentHTML('beforeend', '<link rel=stylesheet href=http://HOST/s.css>')",
        "document.body.insertAdjacentHTML('beforeend', '<a href=\"java&Tab;script:1\">x</a>')",
        "document.body.insertAdjacentHTML('beforeend', '<p onclick=1>x</p>')",
    ];
    with_world(async |world| {
        for script in each {
            world.page.client.goto(&world.page.origin).await.expect("the simulator opens");
            world.page.run(&script.replace("HOST", &world.host)).await;
            tokio::time::timeout(PATIENCE, async { while world.harm().await.is_empty() {} }).await.expect(script);
        }
        world.simulator().await;
        world.harm().await;
    });
}

#[test]
fn signatures_of_a_directory_of_payloads_hold_them_as_text() {
    with_world(async |world| {
        let people = payloads(&world.host);
        world.simulator().await;
        for (at, payload) in people.iter().enumerate() {
            let texts = world.signatures(at).await;
            assert_eq!(texts.len(), KINDS.len());
            for text in texts {
                assert!(squeezed(&text).contains(&squeezed(payload)), "{at}: {payload:?} is not in {text:?}");
                assert!(!text.contains("50337"), "{at}: a value was taken for a template: {text}");
            }
            world.is_well(&format!("the signatures of {at}, {payload:?}")).await;
        }
        // Everybody has the payloads of their neighbours, too.
        for at in (0..people.len()).step_by(FIELDS) {
            world.page.run(&format!("await simulator.person('person{at}@haldenvale.example')")).await;
            for kind in KINDS {
                world.page.compose(kind).await;
                let text = world.page.signature().await;
                assert!(squeezed(&text).contains(&squeezed(&people[at])), "{at}, {kind}: {text:?}");
            }
            world.is_well(&format!("the drafts of {at}")).await;
        }
    });
}

#[test]
fn templates_of_payloads_do_nothing_in_drafts_in_the_editor_and_once_cleaned() {
    with_world(async |world| {
        world.simulator().await;
        let choices = world.ask_as(0, "/api/v1/signature/choices", &json!({ "kind": "new" })).await;
        let choices = choices["choices"].as_array().expect("choices").clone();
        let all = payloads(&world.host);
        assert!(choices.len() >= most(&all), "{} templates of payloads can be filled", choices.len());
        for choice in &choices {
            world.live(&choice["html"]).await;
            world.is_well(&format!("the signature {}", choice["name"])).await;
        }
        world.sign_in().await;
        world.go("/templates").await;
        for payload in all {
            let (status, cleaned) = world.send("POST", "/clean", &json!({ "html": payload })).await;
            assert_eq!(status, 200, "{payload:?}: {cleaned}");
            world.live(&cleaned["html"]).await;
            world.is_well(&format!("{payload:?} once cleaned")).await;
            world
                .page
                .run(&format!(
                    "const editor = await paraphEditor(); const host = document.createElement('div'); document.body.append(host); \
                     const back = await editor.roundTrip(host, {}); host.remove()",
                    json!(payload)
                ))
                .await;
            world.is_well(&format!("{payload:?} in the visual editor")).await;
        }
    });
}

#[test]
fn the_pane_shows_names_values_and_choices_of_payloads_as_text() {
    with_world(async |world| {
        world.simulator().await;
        // Who has every payload in some field.
        world.page.run("await simulator.person('person0@haldenvale.example')").await;
        world.page.compose("new").await;
        world.page.run("simulator.openPane()").await;
        crate::addin::panes::says(&world.page, "Why this one").await;
        let count = "document.querySelector('#pane iframe').contentDocument.querySelectorAll('.choice iframe').length";
        world.page.until(&format!("{count} >= {}", most(&payloads(&world.host)))).await;
        world.is_well("the pane").await;
    });
}

#[test]
fn no_page_of_the_console_does_what_a_payload_says() {
    with_world(async |world| {
        world.sign_in().await;
        world.fill_in().await;
        for page in PAGES.into_iter().chain(studio::PAGES).chain(STUDIO) {
            world.go(page).await;
            world.is_well(page).await;
        }
        let all = payloads(&world.host);
        for (page, rows) in
            [("/people", 50), ("/groups", 50), ("/templates", all.len()), ("/rules", all.len()), ("/fields", all.len())]
        {
            let mut seen = String::new();
            for offset in (0..all.len()).step_by(rows) {
                world.go(&format!("{page}?offset={offset}")).await;
                // Its list is there a moment later; the last page of a sample is a short one.
                let enough = 800.min(32 * rows.min(all.len() - offset));
                world.page.until(&format!("document.querySelector('main').textContent.length > {enough}")).await;
                world.is_well(page).await;
                // What stands in fields, too, and in what is closed.
                let text = "document.body.textContent + [...document.querySelectorAll('input')].map((one) => one.value).join()";
                seen.push_str(&squeezed(&world.page.get::<String>(text).await));
            }
            let missing: Vec<&String> = all.iter().filter(|payload| !seen.contains(&squeezed(payload))).collect();
            assert!(missing.is_empty(), "{page} does not show {missing:?}");
        }
        for page in ["/console/tenants", "/console/account"] {
            world.page.client.goto(&format!("{}{page}", world.page.origin)).await.expect("the console opens");
            world.shown().await;
            world.is_well(page).await;
        }
    });
}

#[test]
fn the_report_as_a_table_calculates_no_payload() {
    with_world(async |world| {
        world.sign_in().await;
        let csv = world.file("/rules-report.csv").await;
        let mut rows = 0;
        for row in csv::Reader::from_reader(csv.as_slice()).into_records() {
            rows += 1;
            for cell in &row.expect("a row") {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "a spreadsheet would calculate {cell:?}");
            }
        }
        assert!(rows >= payloads(&world.host).len(), "{rows} rules");
        world.is_well("the report").await;
    });
}

/// Text without white space and what cannot be seen.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !c.is_control() && !('\u{202a}'..='\u{202e}').contains(c)).collect()
}
