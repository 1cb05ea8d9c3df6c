//! HTML pasted from Word, a mail or another vendor's editor -> a template's HTML.

mod placeholders;

use api::console::Cleaned;
use email_signature::{CompiledTemplate, ImageUrls, Part, Template, tidy};
use placeholders::Found;
use std::collections::BTreeSet;

/// Longest HTML that is cleaned, in bytes. Most of that is embedded images and comments; the core has its own limit for
/// the rest.
pub const MAX_PASTED: usize = 1_000_000;
/// Most names in one note.
const MAX_NAMED: usize = 8;

/// Makes pasted HTML a template's. `fields`: tokens of the tenant's custom fields.
///
/// # Errors
/// Why it cannot be used, and what to do.
pub fn clean(pasted: &str, fields: &BTreeSet<String>) -> Result<Cleaned, String> {
    let kept = without_data(&fragment(pasted));
    let mut found = Found::default();
    let words = placeholders::take(&kept, fields, &mut found);
    let tidied = tidy(&words)
        .map_err(|detail| format!("this HTML cannot be used, {detail}: paste a smaller piece, or paste it as text"))?;
    let html = placeholders::put(&tidied.html, &found);
    let mut notes = Vec::new();
    let lower = pasted.to_ascii_lowercase();
    if ["<o:p", "mso-", "class=mso", "class=\"mso", "urn:schemas-microsoft-com"].iter().any(|mark| lower.contains(mark))
    {
        notes.push("Markup that only Word needs was removed.".into());
    }
    if ["<script", "<form", "<iframe", "<object", " onload=", " onclick=", "javascript:"]
        .iter()
        .any(|mark| lower.contains(mark))
    {
        notes.push("Scripts, forms and frames were removed: mail programs do not run them.".into());
    }
    if lower.contains("<svg") {
        notes.push("A drawing (SVG) was removed: export it as PNG and upload that.".into());
    }
    placeholder_notes(&found, &mut notes);
    if !tidied.images.is_empty() {
        let names = list(tidied.images.iter().map(|name| format!("“{name}”")));
        notes.push(format!("Images are not included when you paste: upload {names}, or change their names."));
    }
    if !tidied.hosts.is_empty() {
        let hosts = list(tidied.hosts.iter().cloned());
        notes.push(format!(
            "Some images are loaded from {hosts}: upload them here, so that they remain when that server is gone."
        ));
    }
    if tidied.spies > 0 {
        notes.push("Invisible images, which tell others who reads a mail, were removed.".into());
    }
    notes.extend(tidied.problem);
    notes.extend(unusable(&html));
    Ok(Cleaned { html, notes })
}

fn placeholder_notes(found: &Found, notes: &mut Vec<String>) {
    let known = found.renamed.iter().filter(|(_, ours)| !found.unknown.contains(ours));
    let renamed: Vec<_> = known.map(|(theirs, ours)| format!("{theirs} → {{{{ {ours} }}}}")).collect();
    if !renamed.is_empty() {
        notes.push(format!("Placeholders were replaced by ours: {}.", list(renamed)));
    }
    if !found.unknown.is_empty() {
        let unknown = list(found.unknown.iter().map(|name| format!("{{{{ {name} }}}}")));
        notes.push(format!("There is no field for {unknown}: add one with that token, or use another placeholder."));
    }
    if found.conditions {
        notes.push("Conditions were kept; rows without values are left out automatically anyway.".into());
    }
}

/// Why a template of it would not work.
fn unusable(html: &str) -> Option<String> {
    let template = Template {
        id: String::new(),
        name: String::new(),
        folder: String::new(),
        part: Part::Signature,
        html: html.to_owned(),
        text: None,
        images: email_signature::ImageMode::default(),
        offered_to: None,
    };
    let (compiled, _) = CompiledTemplate::compile(&template, &ImageUrls::default());
    compiled.usable().err().map(|detail| format!("It does not work yet: {detail}."))
}

/// `a, b and 3 more`.
fn list(items: impl IntoIterator<Item = String>) -> String {
    let all: Vec<String> = items.into_iter().collect();
    let more = all.len().saturating_sub(MAX_NAMED);
    let shown = all[..all.len() - more].join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

/// What was copied: what stands between the clipboard's marks, or in the body, and the style sheets before and after it.
fn fragment(pasted: &str) -> String {
    let lower = pasted.to_ascii_lowercase();
    let between = |open: &str, close: &str| {
        let start = lower.find(open)?;
        let start = if open.ends_with('>') { start + open.len() } else { start + lower[start..].find('>')? + 1 };
        let end = lower[start..].rfind(close).map_or(lower.len(), |end| start + end);
        Some(start..end)
    };
    let body = between("<!--startfragment-->", "<!--endfragment-->").or_else(|| between("<body", "</body"));
    let body = body.unwrap_or(0..pasted.len());
    let (mut styles, mut content) = (String::new(), String::new());
    let (mut from, mut at) = (0, body.start);
    while let Some(start) = lower[from..].find("<style").map(|at| from + at) {
        let Some(end) = lower[start..].find("</style").map(|at| start + at) else { break };
        from = lower[end..].find('>').map_or(lower.len(), |close| end + close + 1);
        // In comments, for browsers that know no styles.
        styles.push_str(&pasted[start..end].replace("<!--", "").replace("-->", ""));
        styles.push_str("</style>");
        if body.contains(&start) {
            content.push_str(&pasted[at..start]);
            at = from.min(body.end);
        }
    }
    content.push_str(&pasted[at..body.end]);
    format!("{styles}{}", without_conditions(&content))
}

/// Without Word's conditional comments; what they show to everybody else stays.
fn without_conditions(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("<!") {
        out.push_str(&rest[..at]);
        let behind = &rest[at..];
        let end = if behind.starts_with("<!--") {
            behind.find("-->").map(|end| end + 3)
        } else {
            behind.find('>').map(|end| end + 1)
        };
        let Some(end) = end else { return out };
        rest = &behind[end..];
    }
    out.push_str(rest);
    out
}

/// With images that are part of the HTML cut short: only that they are there matters.
fn without_data(html: &str) -> String {
    let mut out = String::with_capacity(html.len().min(200_000));
    let mut rest = html;
    while let Some(at) = rest.find("data:") {
        let start = at + "data:".len();
        out.push_str(&rest[..start]);
        let value = &rest[start..];
        let end = value.find(|c: char| matches!(c, '"' | '\'' | ')' | '>') || c.is_whitespace()).unwrap_or(value.len());
        if end > 100 {
            out.push(',');
        } else {
            out.push_str(&value[..end]);
        }
        rest = &value[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests;
