//! A template looked over while somebody writes it: what is wrong, and what Outlook makes of it, with the place.

use email_signature::{Blocks, ImageUrls, Level, Template};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What to look over.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    template: Template,
    /// Hosted addresses of the tenant's images.
    #[serde(default)]
    images: BTreeMap<String, String>,
    /// Tokens of the tenant's fields.
    #[serde(default)]
    fields: Vec<String>,
    /// The tenant's blocks, or those that the template uses.
    #[serde(default)]
    blocks: Vec<Template>,
}

/// What was found.
#[derive(Serialize)]
pub(crate) struct Found {
    findings: Vec<Finding>,
}

/// One thing, and where it stands in the HTML: offsets in UTF-16 units, as scripts count; absent: nowhere in particular.
#[derive(Serialize)]
pub(crate) struct Finding {
    level: Level,
    rule: String,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<(usize, usize)>,
}

pub(crate) fn check(wanted: Wanted) -> Found {
    let Wanted { template, images, fields, blocks } = wanted;
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    let found = email_signature::check_with(&template, &Blocks::new(&blocks), &ImageUrls(images), &fields);
    let finding = |one: email_signature::Finding| {
        let at = one.at.filter(|_| !one.in_text);
        Finding {
            level: one.level,
            rule: one.rule.unwrap_or_default(),
            detail: if one.in_text { format!("In the plain text: {}", one.detail) } else { one.detail },
            at: at.map(|at| (units(&template.html, at.start), units(&template.html, at.end))),
        }
    };
    Found { findings: found.into_iter().map(finding).collect() }
}

/// UTF-16 units before a byte.
fn units(text: &str, byte: usize) -> usize {
    text[..text.floor_char_boundary(byte)].encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    #[test]
    fn places_are_told_as_scripts_count() {
        let html = "<p>😀 é</p><p>{{ nonesuch }}</p>";
        let wanted = json!({ "template": { "id": "a", "name": "A", "part": "signature", "html": html } });
        let found: Value = serde_json::from_str(&crate::check(&wanted.to_string())).unwrap();
        let one = found["findings"].as_array().unwrap().iter().find(|one| one["level"] == "problem").unwrap();
        let at = |index: usize| usize::try_from(one["at"][index].as_u64().unwrap()).unwrap();
        let units: Vec<u16> = html.encode_utf16().collect();
        let marked = String::from_utf16(&units[at(0)..at(1)]).unwrap();
        assert!(marked.contains("nonesuch"), "{marked}: {found}");
    }
}
