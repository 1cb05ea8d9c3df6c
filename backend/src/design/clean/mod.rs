//! HTML pasted from Word, a mail or another vendor's editor -> a template's HTML.

mod names;
mod placeholders;

pub(crate) use names::is_field;
pub(crate) use placeholders::{Found, Known};

use api::console::{Cleaned, Confidence, PlaceholderUse};
use email_signature::{CompiledTemplate, ImageUrls, Part, Template, tidy};
use std::collections::{BTreeMap, BTreeSet};

/// Longest HTML that is cleaned, in bytes. Most of that is embedded images and comments; the core has its own limit for
/// the rest.
pub const MAX_PASTED: usize = 1_000_000;
/// Longest comment of a template that is looked for, in bytes.
const MAX_NOTE: usize = 500;
/// Most names in one note.
const MAX_NAMED: usize = 8;

/// HTML made a template's, and what was found in it.
#[derive(Debug, Default)]
pub(crate) struct Made {
    /// A fragment.
    pub(crate) html: String,
    /// What was changed or lost, in sentences.
    pub(crate) notes: Vec<String>,
    /// Placeholders of other programs.
    pub(crate) found: Found,
    /// Names of images that are not included.
    images: Vec<String>,
    /// Hosts that images are fetched from.
    hosts: Vec<String>,
}

/// Makes pasted HTML a template's. `fields`: tokens of the tenant's custom fields.
///
/// # Errors
/// Why it cannot be used, and what to do.
pub fn clean(pasted: &str, fields: &BTreeSet<String>) -> Result<Cleaned, String> {
    let mapping: BTreeMap<String, PlaceholderUse> = BTreeMap::new();
    // Nobody sees a table of what was guessed.
    let known = Known { fields, mapping: &mapping, least: Confidence::Likely };
    let made = made(pasted, known)?;
    let mut notes = made.notes;
    placeholder_notes(&made.found, &mut notes);
    if !made.images.is_empty() {
        let names = list(made.images.iter().map(|name| format!("“{name}”")));
        notes.push(format!("Images are not included when you paste: upload {names}, or change their names."));
    }
    if !made.hosts.is_empty() {
        let hosts = list(made.hosts);
        notes.push(format!(
            "Some images are loaded from {hosts}: upload them here, so that they remain when that server is gone."
        ));
    }
    notes.extend(unusable(&made.html));
    Ok(Cleaned { html: made.html, notes })
}

/// The same with a table of placeholders.
///
/// # Errors
/// Why it cannot be used, and what to do.
pub(crate) fn made(pasted: &str, known: Known<'_>) -> Result<Made, String> {
    let kept = without_data(&without_notes(&fragment(pasted)));
    let mut found = Found::default();
    let words = placeholders::take(&kept, known, &mut found);
    let tidied = tidy(&words)
        .map_err(|detail| format!("this HTML cannot be used, {detail}: paste a smaller piece, or paste it as text"))?;
    let html = placeholders::put(&without_comments(&tidied.html), &found);
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
    if tidied.spies > 0 {
        notes.push("Invisible images, which tell others who reads a mail, were removed.".into());
    }
    notes.extend(tidied.problem);
    Ok(Made { html, notes, found, images: tidied.images, hosts: tidied.hosts })
}

/// Without the comments of a template of ours, which nobody sees either.
fn without_notes(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("{# ") {
        let window = &rest[at..rest.floor_char_boundary(at + MAX_NOTE)];
        let end = window.find("#}").filter(|end| !window[..*end].contains(['<', '>']));
        let (kept, next) = end.map_or((at + 3, at + 3), |end| (at, at + end + 2));
        out.push_str(&rest[..kept]);
        rest = &rest[next..];
    }
    out.push_str(rest);
    out
}

/// With `{#` as text, which would begin a comment that swallows everything behind it.
fn without_comments(html: &str) -> String {
    html.replace("{#", "&#123;#")
}

fn placeholder_notes(found: &Found, notes: &mut Vec<String>) {
    let renamed = found.rows.iter().filter_map(|row| match &row.becomes {
        Some(PlaceholderUse::Field(ours)) => Some(format!("{} → {{{{ {ours} }}}}", row.written)),
        _ => None,
    });
    let renamed: Vec<_> = renamed.collect();
    if !renamed.is_empty() {
        notes.push(format!("Placeholders were replaced by ours: {}.", list(renamed)));
    }
    if !found.unknown.is_empty() {
        let unknown = list(found.unknown.iter().map(|name| format!("{{{{ {name} }}}}")));
        notes.push(format!("There is no field for {unknown}: add one with that token, or use another placeholder."));
    }
    let left = found.rows.iter().filter(|row| row.becomes.is_none() && row.condition.is_none());
    let certain = |row: &&api::console::ForeignPlaceholder| placeholders::is_certain(&row.written);
    let left: Vec<_> = left.filter(|row| !certain(row)).map(|row| format!("“{}”", row.written)).collect();
    if !left.is_empty() {
        notes.push(format!("These look like placeholders and were left as text: {}. Replace them.", list(left)));
    }
    if found.conditions {
        notes.push("Conditions were kept; rows without values are left out automatically anyway.".into());
    }
}

/// Why a template of it would not work.
pub(crate) fn unusable(html: &str) -> Option<String> {
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
