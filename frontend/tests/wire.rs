//! The pane reads and writes JSON by hand; serde, which the server uses, is the measure.

#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it says")]

use api::{
    Because, BodyFormat, Choices, Draft, ErrorDetail, Errors, Field, FieldChanges, Image, Kind, Me, Offered, Recipient,
    RecipientType, Settings, Signature,
};
use frontend::json::{FromJs, ToJs, from_js};
use serde::Serialize;
use std::fmt::Debug;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

fn reads<T: FromJs + Serialize + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(from_js::<T>(&js_sys::JSON::parse(&text).unwrap()).as_ref(), Some(value), "{text}");
}

fn writes<T: ToJs + Serialize>(value: &T) {
    let text: String = js_sys::JSON::stringify(&value.to_js()).unwrap().into();
    let theirs = serde_json::to_value(value).unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), theirs);
}

fn drafts() -> Vec<Draft> {
    let kinds = [Kind::New, Kind::Reply, Kind::Forward, Kind::Appointment];
    let types =
        [RecipientType::User, RecipientType::ExternalUser, RecipientType::DistributionList, RecipientType::Other];
    let recipients = types.map(|kind| Recipient { address: "a@example.com".into(), kind });
    let draft = |kind| Draft {
        kind,
        from: (kind != Kind::New).then(|| "b@example.com".into()),
        recipients: recipients.to_vec(),
        recipients_unread: kind == Kind::Reply,
        format: if kind == Kind::Reply { BodyFormat::Text } else { BodyFormat::Html },
        subject: "Grüße \"quoted\"".into(),
        time_zone: (kind == Kind::New).then(|| "Europe/Paris".into()),
        platform: Some("PC".into()),
        version: Some("16.0.1".into()),
        choice: (kind == Kind::Forward).then(|| "short".into()),
        explain: true,
        weather: Vec::new(),
    };
    kinds.map(draft).into()
}

#[wasm_bindgen_test]
fn drafts_are_read_and_written_as_serde_does() {
    for draft in drafts() {
        reads(&draft);
        writes(&draft);
    }
}

#[wasm_bindgen_test]
fn answers_are_read_as_serde_writes_them() {
    let because = Because { rule: "1".into(), name: "n".into(), applied: true, reason: "r".into() };
    let image = Image { cid: "c".into(), url: "u".into(), content: "AA==".into() };
    reads(&Signature {
        html: "<p>".into(),
        text: "t".into(),
        images: vec![image],
        fingerprint: "f".into(),
        name: None,
        because: vec![because.clone(), Because { applied: false, ..because }],
    });
    let offered = Offered { template: "t".into(), name: "n".into(), html: "h".into(), text: String::new() };
    reads(&Choices { choices: vec![offered] });
    let field = Field { token: "t".into(), label: "l".into(), value: "v".into(), own: true };
    reads(&Me { name: "n".into(), address: "a".into(), senders: vec!["a".into(), "b".into()], fields: vec![field] });
    reads(&Errors { errors: vec![ErrorDetail { detail: "d".into(), field: Some("f".into()) }] });
}

#[wasm_bindgen_test]
fn settings_and_changes_keep_their_shape() {
    let settings = Settings {
        origin: "o".into(),
        version: "v".into(),
        client_id: "c".into(),
        authority: "a".into(),
        scope: "s".into(),
        office_js: "j".into(),
    };
    reads(&settings);
    writes(&settings);
    writes(&FieldChanges { fields: [("a".into(), Some("x".into())), ("b".into(), None)].into() });
}
