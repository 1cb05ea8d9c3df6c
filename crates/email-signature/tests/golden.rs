//! Golden cases: each folder of `tests/data/signatures` holds an `input.json` and what comes of it. `BLESS=1` rewrites
//! the expected side; read what it wrote before you commit it.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its cases has nothing better to do")]

use email_signature::{
    Address, Because, BodyFormat, Choice, CompiledTemplate, Draft, ImageUrls, Kind, Organisation, Part, Person,
    Problem, Recipient, RecipientType, Rule, Rules, Template, explain, render,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    /// What the case is about, for readers.
    #[serde(rename = "about")]
    _about: String,
    person: Person,
    draft: InputDraft,
    #[serde(default)]
    organisation: InputOrganisation,
    /// Without rules every template is used.
    rules: Option<Vec<Rule>>,
    #[serde(default)]
    templates: Vec<InputTemplate>,
    #[serde(default)]
    images: BTreeMap<String, String>,
    #[serde(default = "noon")]
    now: String,
}

fn noon() -> String {
    "2026-11-21T12:00:00Z".into()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InputDraft {
    #[serde(default = "new")]
    kind: Kind,
    from: Option<Address>,
    #[serde(default)]
    to: Vec<InputRecipient>,
    #[serde(default)]
    subject: String,
}

fn new() -> Kind {
    Kind::New
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InputRecipient {
    address: Address,
    #[serde(default, rename = "type")]
    kind: RecipientType,
    #[serde(default)]
    groups: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct InputOrganisation {
    #[serde(default)]
    domains: Vec<String>,
    #[serde(default)]
    groups: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct InputTemplate {
    html: Source,
    text: Option<Source>,
    #[serde(flatten)]
    rest: serde_json::Map<String, serde_json::Value>,
}

/// A template's source, or pieces of it of which some are repeated.
#[derive(Deserialize)]
#[serde(untagged)]
enum Source {
    Text(String),
    Pieces(Vec<Piece>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Piece {
    Text(String),
    Repeated { repeat: String, times: usize },
}

impl Source {
    fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Pieces(pieces) => pieces
                .into_iter()
                .map(|piece| match piece {
                    Piece::Text(text) => text,
                    Piece::Repeated { repeat, times } => repeat.repeat(times),
                })
                .collect(),
        }
    }
}

#[derive(Serialize)]
struct Expected {
    #[serde(skip_serializing_if = "Option::is_none")]
    choice: Option<Choice>,
    because: Vec<Because>,
    problems: Vec<Problem>,
    images: Vec<ExpectedImage>,
    fingerprint: String,
}

#[derive(Serialize)]
struct ExpectedImage {
    name: String,
    cid: Option<String>,
    url: String,
}

struct Outcome {
    json: String,
    html: String,
    text: String,
}

#[test]
fn every_golden_case_comes_out_as_blessed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/signatures");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 20, "there are only {} cases", cases.len());
    let failed: Vec<String> = cases.iter().flat_map(|case| check(case)).collect();
    assert!(failed.is_empty(), "changed: {failed:#?}\nBLESS=1 accepts the changes");
}

fn check(case: &Path) -> Vec<String> {
    let input = fs::read_to_string(case.join("input.json")).unwrap();
    let input: Input = serde_json::from_str(&input).unwrap_or_else(|error| panic!("{}: {error}", case.display()));
    let outcome = run(input);
    let files = [
        ("expected.json", outcome.json),
        ("expected.html", with_newline(outcome.html)),
        ("expected.txt", with_newline(outcome.text)),
    ];
    let bless = std::env::var_os("BLESS").is_some();
    let mut failed = Vec::new();
    for (name, actual) in files {
        let path = case.join(name);
        if bless {
            fs::write(&path, &actual).unwrap();
        } else if fs::read_to_string(&path).unwrap_or_default() != actual {
            failed.push(format!("{}\n{actual}", path.display()));
        }
    }
    failed
}

fn with_newline(text: String) -> String {
    if text.is_empty() { text } else { text + "\n" }
}

fn run(input: Input) -> Outcome {
    let Input { person, draft, organisation, rules, templates, images, now, .. } = input;
    let draft = Draft {
        kind: draft.kind,
        from: draft.from.unwrap_or_else(|| person.address.clone()),
        recipients: draft
            .to
            .into_iter()
            .map(|InputRecipient { address, kind, groups }| Recipient {
                address,
                kind,
                groups,
                list: None,
                aliases: Vec::new(),
            })
            .collect(),
        format: BodyFormat::Html,
        subject: draft.subject,
        time_zone: None,
    };
    let organisation = Organisation { domains: organisation.domains, groups: organisation.groups };
    let mut problems = Vec::new();
    let selection = rules.map(|rules| {
        let (rules, found) = Rules::compile(rules);
        problems.extend(found);
        let now: jiff::Timestamp = now.parse().unwrap();
        explain(&person, &draft, &rules, &organisation, now.as_millisecond())
    });
    let images = ImageUrls(images);
    let compiled: Vec<CompiledTemplate> = templates
        .into_iter()
        .map(|InputTemplate { html, text, mut rest }| {
            rest.insert("html".into(), html.text().into());
            rest.insert("text".into(), text.map(Source::text).into());
            let template: Template = serde_json::from_value(rest.into()).unwrap();
            CompiledTemplate::compile(&template, &images).0
        })
        .collect();
    let chosen = |template: &&CompiledTemplate| match &selection {
        Some((selection, _)) => Part::ALL.into_iter().any(|part| selection.choice.part(part) == Some(template.id())),
        None => true,
    };
    let parts: Vec<&CompiledTemplate> = compiled.iter().filter(chosen).collect();
    let signature = render(&parts, &person, &draft);
    assert_eq!(signature, render(&parts, &person, &draft), "the second render differs");
    problems.extend(signature.problems);
    let expected = Expected {
        choice: selection.as_ref().map(|(selection, _)| selection.choice.clone()),
        because: selection.map(|(_, because)| because).unwrap_or_default(),
        problems,
        images: signature
            .images
            .into_iter()
            .map(|image| ExpectedImage { name: image.name, cid: image.cid, url: image.url })
            .collect(),
        fingerprint: signature.fingerprint,
    };
    let json = with_newline(serde_json::to_string_pretty(&expected).unwrap());
    Outcome { json, html: signature.html, text: signature.text }
}
