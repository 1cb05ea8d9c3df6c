//! What an event measured goes along with the next request, and changes nothing else.

use super::{NEW, RECIPIENTS, Scene};
use serde_json::{Value, json};

const VERSION: &str = "Office.context.mailbox.diagnostics.hostVersion = '16.0.17928';";
const AWAY: &str = "world.server = function () { return 'reject'; };";
const BACK: &str = "world.server = function () { return { status: 200, body: world.answer, after: 20 }; };";

/// What the request with this number took along.
fn sent(scene: &mut Scene, request: usize) -> Vec<Value> {
    scene.js(&format!("world.requests[{request}].body.weather || []"))
}

/// The call of this name in an event's measurements.
fn call(event: &Value, name: &str) -> Value {
    let calls = event["calls"].as_array().expect("calls");
    calls.iter().find(|call| call["call"] == name).unwrap_or_else(|| panic!("{name} in {event:#}")).clone()
}

#[test]
fn what_an_event_measured_goes_along_with_the_next_request_once() {
    let mut scene = Scene::new(&format!("{VERSION} world.behave['to.getAsync'] = {{ slow: 400 }};"));
    scene.fire(NEW);
    assert_eq!(sent(&mut scene, 0), Vec::<Value>::new());
    // Another message, in a runtime that knows of this one only what the device kept.
    scene.run("world.session = {}; world.to = [{ emailAddress: 'b@elsewhere.example' }];").fire(NEW);
    let first = sent(&mut scene, 1);
    assert_eq!(first.len(), 1, "{first:#?}");
    assert_eq!(first[0]["version"], "16.0.17928");
    assert_eq!(call(&first[0], "to.getAsync"), json!({ "call": "to.getAsync", "ms": 400 }));
    assert_eq!(call(&first[0], "cc.getAsync")["ms"], 5);
    assert_eq!(call(&first[0], "server")["ms"], 20);
    assert_eq!(call(&first[0], "body.setSignatureAsync"), json!({ "call": "body.setSignatureAsync", "ms": 5 }));
    assert!(first[0]["ms"].as_u64() > Some(400) && first[0]["ms"].as_u64() < Some(1_000), "{first:#?}");
    scene.run("world.session = {};").fire(NEW);
    let second = sent(&mut scene, 2);
    assert_eq!(second.len(), 1, "the first is not sent again: {second:#?}");
}

#[test]
fn errors_unread_recipients_and_silence_are_measured() {
    let mut scene = Scene::new(
        "world.behave['bcc.getAsync'] = 'silent'; world.behave['subject.getAsync'] = { code: 5001, name: 'InternalError', message: 'Anna' };
         world.behave['body.getTypeAsync'] = 'missing'; world.behave['from.getAsync'] = 'throw';",
    );
    scene.fire(NEW);
    let next = scene.requests();
    scene.fire(NEW);
    let event = &sent(&mut scene, next)[0].clone();
    assert_eq!(event["unread"], true);
    assert_eq!(call(event, "bcc.getAsync")["error"], "no answer");
    assert_eq!(call(event, "subject.getAsync")["error"], "5001 InternalError", "and not what the message says");
    assert_eq!(call(event, "from.getAsync")["error"], "Error");
    assert!(!event.to_string().contains("getTypeAsync"), "what is not offered was not called: {event:#}");
}

#[test]
fn without_a_server_the_last_events_wait_for_it() {
    let mut scene = Scene::new(AWAY);
    for _ in 0..6 {
        scene.run("world.session = {}; world.signature = '';").fire(NEW);
    }
    scene.run(BACK).fire(NEW);
    let last = scene.requests() - 1;
    let events = sent(&mut scene, last);
    assert_eq!(events.len(), 4, "the last few: {events:#?}");
    assert_eq!(call(&events[3], "server")["error"], "no answer");
    scene.fire(RECIPIENTS);
    let last = scene.requests() - 1;
    assert_eq!(sent(&mut scene, last).len(), 1, "they arrived");
}

#[test]
fn nothing_in_what_is_measured_names_a_person_or_a_message() {
    let mut scene = Scene::new(&format!(
        "{VERSION} world.to = [{{ emailAddress: 'secret@elsewhere.example', displayName: 'Sue' }}];"
    ));
    scene.fire(NEW);
    let kept: String = scene.js("world.kept['paraph|weather']");
    for word in ["secret", "anna", "Offer", "Anna", "Sue", "Standard"] {
        assert!(!kept.contains(word), "{word} in {kept}");
    }
    assert!(kept.len() < 2_500, "{} bytes", kept.len());
}

#[test]
fn storage_that_is_broken_in_any_way_costs_the_measurements_alone() {
    for broken in [
        "OfficeRuntime.storage.getItem = function () { throw new Error('no'); };",
        "OfficeRuntime.storage.getItem = function () { return new Promise(function () {}); };",
        "OfficeRuntime.storage.setItem = function () { return new Promise(function () {}); };",
        "OfficeRuntime.storage.setItem = function () { return Promise.reject(new Error('full')); };",
        "OfficeRuntime.storage = undefined;",
        "world.kept['paraph|weather'] = '<html>';",
        "world.kept['paraph|weather'] = '{\"a\":1}';",
    ] {
        let mut scene = Scene::new(broken);
        scene.fire(NEW);
        assert_eq!(scene.sets().len(), 1, "{broken}");
        assert!(scene.js::<i64>("world.sets()[0].at") < 200, "{broken}");
        scene.run("world.session = {};").fire(NEW);
        assert_eq!(scene.requests(), 2, "{broken}");
    }
}
