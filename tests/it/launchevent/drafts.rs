//! What the handler tells the server about the draft.

use super::{APPOINTMENT, NEW, RECIPIENTS, Scene};
use serde_json::{Value, json};

/// The draft that the server was asked about.
fn asked(setup: &str, event: &str) -> Value {
    let mut scene = Scene::new(setup);
    scene.fire(event);
    let draft: Value = scene.js("world.requests[0].body");
    let _: api::Draft = serde_json::from_value(draft.clone()).expect("a draft as the server reads it");
    draft
}

#[test]
fn a_new_message_is_described_whole() {
    let setup = "world.to = [{emailAddress: 'kim@customer.example', recipientType: 'externalUser'}];
        world.cc = [{emailAddress: 'omar@paraph.example', recipientType: 'user'}];
        world.bcc = [{emailAddress: 'all@paraph.example', recipientType: 'distributionList'}, {emailAddress: 'x@y.example'}];";
    assert_eq!(
        asked(setup, NEW),
        json!({
            "kind": "new", "from": "anna.berg@paraph.example", "format": "html", "subject": "Offer", "platform": "PC", "explain": false,
            "recipients": [
                {"address": "kim@customer.example", "type": "external_user"},
                {"address": "omar@paraph.example", "type": "user"},
                {"address": "all@paraph.example", "type": "distribution_list"},
                {"address": "x@y.example", "type": "other"},
            ],
        })
    );
}

#[test]
fn an_appointment_has_an_organizer_and_attendees() {
    let setup = "world.itemType = 'appointment'; world.to = [{emailAddress: 'kim@customer.example'}];";
    let draft = asked(setup, APPOINTMENT);
    assert_eq!(draft["kind"], "appointment");
    assert_eq!(draft["from"], "anna.berg@paraph.example");
    assert_eq!(draft["recipients"][0]["address"], "kim@customer.example");
}

#[test]
fn replies_and_forwards_are_what_outlook_says() {
    assert_eq!(asked("world.composeType = 'reply'", NEW)["kind"], "reply");
    assert_eq!(asked("world.composeType = 'forward'", NEW)["kind"], "forward");
}

#[test]
fn office_js_6652_6739_4835_a_reply_that_is_called_new_is_recognised() {
    let cases = [
        ("world.inReplyTo = '<1@example>'; world.subject = 'Whatever'", "reply"),
        ("world.inReplyTo = '<1@example>'; world.subject = 'WG: Angebot'", "forward"),
        ("world.conversationId = 'AAQ'; world.subject = 'AW: Angebot'", "reply"),
        ("world.conversationId = 'AAQ'; world.subject = 'Fwd: Offer'", "forward"),
        ("world.conversationId = 'AAQ'; world.subject = 'Offer'", "new"),
        ("world.conversationId = 'AAQ'; world.subject = 'Report: figures'", "new"),
        ("world.subject = 'Re: written by hand'", "new"),
    ];
    for (setup, kind) in cases {
        assert_eq!(asked(setup, NEW)["kind"], kind, "{setup}");
    }
}

#[test]
fn office_js_4933_2084_when_the_compose_type_fails_the_message_is_new() {
    let draft = asked("world.behave['getComposeTypeAsync'] = {code: 5001}; world.format = 'text'", NEW);
    assert_eq!(draft["kind"], "new");
    assert_eq!(draft["format"], "text", "body.getTypeAsync stands in");
}

#[test]
fn office_js_2950_the_body_type_is_asked_where_there_is_no_compose_type() {
    let setup = "world.itemType = 'appointment'; world.format = 'text'";
    assert_eq!(asked(setup, APPOINTMENT)["format"], "text");
}

#[test]
fn on_phones_the_format_comes_with_the_compose_type() {
    let setup = "world.behave['body.getTypeAsync'] = 'missing'; world.format = 'text'; Office.context.platform = 'iOS'";
    assert_eq!(asked(setup, NEW)["format"], "text");
}

#[test]
fn office_js_6934_4193_a_sender_that_cannot_be_read_is_left_to_the_server() {
    for how in ["'fail'", "'throw'", "'silent'", "'missing'"] {
        let draft = asked(&format!("world.behave['from.getAsync'] = {how}"), NEW);
        assert_eq!(draft.get("from"), None, "{how}");
    }
    assert_eq!(asked("world.sender = 'EX:/o=Org/cn=Recipients'", NEW).get("from"), None);
}

#[test]
fn recipients_without_a_plausible_address_are_left_out() {
    let setup = r#"world.to = ["", "nobody", "a b@c.example", "a@b@c.example", "@c.example", "a@", "a@.example", "a@b..c", "a@b.", "a,b@c",
        "<a@b.example>", "a\u0007@b.example", "x".repeat(260) + "@b.example", " ok@b.example ", "m\u00fcller@b.example", undefined, null]
        .map(function (text) { return {emailAddress: text}; }).concat([null, 7]);"#;
    let draft = asked(setup, NEW);
    let left: Vec<&str> =
        draft["recipients"].as_array().unwrap().iter().filter_map(|one| one["address"].as_str()).collect();
    assert_eq!(left, ["ok@b.example", "müller@b.example"]);
    for address in left {
        assert!(email_signature::Address::parse(address).is_ok());
    }
}

#[test]
fn at_most_1000_recipients_are_sent() {
    let setup =
        "for (var i = 0; i < 1500; i += 1) world.to.push({emailAddress: 'p' + i + '@b.example'}); world.cc = world.to;";
    assert_eq!(asked(setup, NEW)["recipients"].as_array().unwrap().len(), api::MAX_RECIPIENTS);
}

#[test]
fn a_long_subject_is_cut_without_breaking_a_character() {
    let draft = asked(r"world.subject = 'x'.repeat(254) + '\ud83d\ude00' + 'y'.repeat(1000)", NEW);
    assert_eq!(draft["subject"], "x".repeat(254));
    let draft = asked(r"world.subject = 'a\ud83d\ude00b\ud83dc\ude00d'", NEW);
    assert_eq!(draft["subject"], "a😀bcd");
}

#[test]
fn the_choice_that_the_person_made_goes_with_the_draft() {
    let setup = "world.session.paraph = JSON.stringify({fingerprint: 'f0', choice: 'short', at: 1})";
    assert_eq!(asked(setup, RECIPIENTS)["choice"], "short");
}

#[test]
fn the_platform_is_named_where_only_diagnostics_know_it() {
    let setup = "Office.context.platform = undefined; Office.context.mailbox.diagnostics.hostName = 'OutlookWebApp'";
    assert_eq!(asked(setup, NEW)["platform"], "OutlookWebApp");
}

#[test]
fn the_version_of_the_client_is_told_where_it_says_one() {
    assert_eq!(asked("Office.context.mailbox.diagnostics.hostVersion = '16.0.17928'", NEW)["version"], "16.0.17928");
    assert_eq!(asked("Office.context.mailbox.diagnostics.hostVersion = undefined", NEW).get("version"), None);
}
