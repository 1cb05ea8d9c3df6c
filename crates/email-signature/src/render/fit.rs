//! Joins parts, and keeps the whole within what Outlook takes.

use super::{CompiledTemplate, MAX_HTML, Rendered, values};
use crate::{Part, Problem};

const OPEN: &str = "<div id=\"paraph-signature\">";
const CLOSE: &str = "</div>";

/// How the problem of a signature ends that is longer than [`MAX_HTML`].
pub const TOO_LONG: &str = "longer than the 30,000 characters that Outlook accepts.";

/// Joins parts that are in order. What is too long is shortened with a problem: first the campaign goes, then the
/// disclaimer, and a signature that is too long by itself becomes plain text, cut to size.
pub(super) fn fit(
    mut parts: Vec<(Part, Rendered)>,
    templates: &[&CompiledTemplate],
    problems: &mut Vec<Problem>,
) -> Rendered {
    for leave_out in [Part::Campaign, Part::Disclaimer] {
        if parts.len() > 1 && length(&parts) > MAX_HTML && parts.iter().any(|(part, _)| *part == leave_out) {
            parts.retain(|(part, _)| *part != leave_out);
            let detail = format!("Left out: with it, the signature is {TOO_LONG}");
            problems.push(Problem { source: source(leave_out, templates), detail });
        }
    }
    let first = parts.first().map(|(part, _)| *part);
    let too_long = length(&parts) > MAX_HTML;
    let mut joined = join(parts);
    if too_long {
        let detail = format!("Shown as plain text: its HTML is {TOO_LONG}");
        problems.push(Problem { source: first.map_or_else(String::new, |part| source(part, templates)), detail });
        joined.html = as_plain(&joined.text);
        joined.images.clear();
    }
    cut(&mut joined.text);
    joined
}

fn source(part: Part, templates: &[&CompiledTemplate]) -> String {
    templates.iter().find(|template| template.part == part).map_or_else(String::new, |template| template.id.clone())
}

fn length(parts: &[(Part, Rendered)]) -> usize {
    parts.iter().map(|(_, rendered)| utf16(&rendered.html)).sum::<usize>() + OPEN.len() + CLOSE.len()
}

fn utf16(text: &str) -> usize {
    // Bytes bound UTF-16 units from above, and nearly always settle it.
    if text.len() <= MAX_HTML - OPEN.len() - CLOSE.len() { text.len() } else { text.encode_utf16().count() }
}

fn join(parts: Vec<(Part, Rendered)>) -> Rendered {
    let length = parts.iter().map(|(_, part)| part.html.len()).sum::<usize>();
    let mut joined = Rendered { html: String::with_capacity(length + OPEN.len() + CLOSE.len()), ..Rendered::default() };
    joined.html.push_str(if length > 0 { OPEN } else { "" });
    for (_, part) in parts {
        joined.html.push_str(&part.html);
        if joined.text.is_empty() {
            joined.text = part.text;
        } else if !part.text.is_empty() {
            joined.text.push_str("\n\n");
            joined.text.push_str(&part.text);
        }
        for image in part.images {
            if !joined.images.contains(&image) {
                joined.images.push(image);
            }
        }
    }
    joined.html.push_str(if length > 0 { CLOSE } else { "" });
    joined
}

/// Text as the plainest HTML, as much of it as there is room for.
fn as_plain(text: &str) -> String {
    let mut html = String::from(OPEN);
    let mut room = MAX_HTML - OPEN.len() - CLOSE.len();
    for c in text.chars() {
        let mut escaped = String::new();
        values::push_text(&mut escaped, c.encode_utf8(&mut [0; 4]));
        let Some(left) = room.checked_sub(escaped.encode_utf16().count()) else { break };
        room = left;
        html.push_str(&escaped);
    }
    html.push_str(CLOSE);
    html
}

/// Cuts text to the same limit.
fn cut(text: &mut String) {
    if text.len() <= MAX_HTML {
        return;
    }
    let mut units = 0;
    let end = text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > MAX_HTML
    });
    if let Some((end, _)) = end {
        text.truncate(end);
    }
}
