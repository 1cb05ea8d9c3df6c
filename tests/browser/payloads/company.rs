//! A company that is made of payloads.

use email_signature::BUILT_IN_FIELDS;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Kinds of draft, each with a signature that has every field in other places.
pub(super) const KINDS: [&str; 3] = ["new", "reply", "forward"];

/// How many fields everybody has payloads in; their address is none of them.
pub(super) const FIELDS: usize = BUILT_IN_FIELDS.len() - 1;

/// Where a field stands in a signature, one line for each of [`KINDS`].
const PLACES: [&str; 3] = [
    "<td title=\"{{ F }}\" style=\"color: {{ F }}\">{{ F }} {{ F|title }}</td>",
    "<td>{{ F }} <a href=\"{{ F }}\">a</a> <a href=\"https://x.example/{{ F|url }}?{{ F }}\">b</a> <a href=\"tel:{{ F|tel }}\">c</a></td>",
    "<td width={{ F }}>{{ F }} <img src='{{ F }}' alt='{{ F }}'> <a href={{ F }}>d</a></td>",
];

/// One payload in so many is looked at where not all are asked for (`cargo xtask faults` does).
const SAMPLE: usize = 6;

/// How many of these payloads at least are names, fill a template and so on: of the whole file's 387, 250.
pub(super) fn most(payloads: &[String]) -> usize {
    payloads.len() * 250 / 387
}

/// The payloads, with `host` in the place of HOST: all with `PARAPH_PAYLOADS=all`, else some of each chapter.
pub(super) fn payloads(host: &str) -> Vec<String> {
    let step = if std::env::var("PARAPH_PAYLOADS").is_ok_and(|which| which == "all") { 1 } else { SAMPLE };
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/data/payloads.txt");
    let text = fs::read_to_string(file).expect("the payloads");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with("##"));
    let control = [('␀', "\0"), ('␉', "\t"), ('␊', "\n"), ('␍', "\r")];
    lines
        .step_by(step)
        .map(|line| {
            control.iter().fold(line.replace("HOST", host), |line, (picture, control)| line.replace(*picture, control))
        })
        .collect()
}

/// Writes the company into `folder`: one of each kind of thing for each payload. Everybody has payloads in all built-in fields,
/// others than their neighbours; the first has one in a custom field for each payload, too.
pub(super) fn write(folder: &Path, host: &str) -> PathBuf {
    let payloads = payloads(host);
    let each = || payloads.iter().enumerate();
    let people: Vec<Value> = each().map(|(at, _)| person(&payloads, at)).collect();
    let mut templates: Vec<Value> = each()
        .map(|(at, payload)| {
            let file = format!("{at}.html");
            // Never empty: what is inserted must be seen to be the payload's.
            fs::write(folder.join(&file), format!("<p>begin</p>{payload}")).expect("a file");
            json!({ "id": format!("template-{at}"), "name": payload, "folder": payload, "part": "signature", "html": file,
                "text": file, "offered_to": [] })
        })
        .collect();
    let mut rules: Vec<Value> = each().map(|(at, payload)| rule(at, payload)).collect();
    for (kind, places) in KINDS.iter().zip(PLACES) {
        let mut html = String::from("<table>");
        // The address is none of the fields that can be filled in.
        for (token, _) in BUILT_IN_FIELDS.iter().filter(|(token, _)| *token != "email") {
            let _ = write!(html, "<tr>{}</tr>", places.replace('F', token));
        }
        html.push_str("</table>");
        let file = format!("{kind}.html");
        fs::write(folder.join(&file), html).expect("a file");
        templates.push(json!({ "id": kind, "name": kind, "part": "signature", "html": file }));
        rules.push(json!({ "id": kind, "name": kind, "kinds": [kind], "gives": { "signature": kind } }));
    }
    let company = json!({
        "tenant": { "entra_id": "11111111-2222-4333-8444-555555555555", "name": payloads[0], "domains": ["haldenvale.example"] },
        "fields": each().map(|(at, payload)| json!({ "token": format!("f{at}"), "label": payload, "editable": true }))
            .collect::<Vec<_>>(),
        "groups": each().map(|(at, payload)| json!({ "id": format!("group-{at}"), "name": payload })).collect::<Vec<_>>(),
        "people": people, "templates": templates, "rules": rules,
    });
    let file = folder.join("company.json");
    fs::write(&file, company.to_string()).expect("a file");
    file
}

fn person(payloads: &[String], at: usize) -> Value {
    let mut fields = Map::new();
    for (place, (token, _)) in BUILT_IN_FIELDS.iter().filter(|(token, _)| *token != "email").enumerate() {
        fields.insert((*token).to_owned(), json!(payloads[(at + place) % payloads.len()]));
    }
    if at == 0 {
        fields.extend(payloads.iter().enumerate().map(|(at, payload)| (format!("f{at}"), json!(payload))));
    }
    json!({ "id": format!("person-{at}"), "oid": format!("a0000000-0000-4000-8000-{at:012}"),
        "address": format!("person{at}@haldenvale.example"), "groups": [format!("group-{at}")], "fields": fields })
}

/// Says the payload wherever a rule says anything, and applies to nobody; every tenth is a campaign's.
fn rule(at: usize, payload: &str) -> Value {
    json!({
        "id": format!("rule-{at}"), "name": payload, "folder": payload, "keywords": [payload],
        "senders": { "any_of": [{ "is": "group", "id": format!("group-{at}") },
            { "is": "field", "field": "title", "comparison": "contains", "value": payload }] },
        "gives": { "signature": format!("template-{at}") }, "flow": "continue",
    })
}
