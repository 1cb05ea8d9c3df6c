//! Other vendors' placeholders, and ours in their place.

use super::names::{is_field, label_of, suggest, token};
use api::console::{Confidence, ForeignPlaceholder, PlaceholderSuggestion, PlaceholderUse};
use email_signature::{Foreign, foreign};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// How many names are looked up: comparing each with every field takes work, and no signature has so many.
const MAX_LOOKED_UP: usize = 2_000;
/// Most placeholders between `{rt}` and `{/rt}`, and some.
const MAX_INSIDE: usize = 50;
/// Most places of one placeholder that are listed, and how much text is shown around each, in characters.
const MAX_PLACES: usize = 3;
const AROUND: usize = 20;
/// What stands for a placeholder while the HTML is tidied: it may stand in a host, and nobody writes it.
const START: &str = "xparaphq";
const END: char = 'q';
/// Marks around names that are placeholders even if nobody knows them.
const CERTAIN: &[&str] = &["{{", "%%", "[[", "«", "<<", "${"];
/// Statements of our own templates.
const STATEMENTS: &[&str] = &["elif", "else", "endfor", "endif", "endwith", "for", "if", "include", "set", "with"];

/// Which placeholders there can be.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    /// Tokens of the tenant's custom fields.
    pub(crate) fields: &'a BTreeSet<String>,
    /// What becomes of placeholders, by how they are written; the suggestion is used for any other.
    pub(crate) mapping: &'a BTreeMap<String, PlaceholderUse>,
    /// How certain a suggestion must be to be used.
    pub(crate) least: Confidence,
}

/// Placeholders that were found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// What each is in a template of ours.
    ours: Vec<String>,
    /// Every placeholder of others, each once.
    pub(crate) rows: Vec<ForeignPlaceholder>,
    /// Names that are no field here.
    pub(super) unknown: BTreeSet<String>,
    /// Conditions of others that were turned into ours, or taken out.
    pub(super) conditions: bool,
    /// How many names were looked up.
    looked_up: usize,
}

/// What becomes of one placeholder.
struct Decided {
    becomes: Becomes,
    /// For the table; `None`: it is one of ours.
    row: Option<Row>,
}

/// What the table says about a placeholder.
#[derive(Default)]
struct Row {
    suggestion: Option<PlaceholderSuggestion>,
    becomes: Option<PlaceholderUse>,
    condition: Option<String>,
}

enum Becomes {
    /// This, in a template of ours.
    Ours(String),
    Nothing,
    /// It stays as it is written.
    Itself,
}

/// The HTML with a word for each placeholder.
pub(super) fn take(html: &str, known: Known<'_>, found: &mut Found) -> String {
    let html = &escaped(html);
    let all = foreign(html);
    let mut decided: Vec<Decided> = all.iter().map(|one| decide(one, known, found)).collect();
    removable(html, &all, &mut decided);
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    for (one, decided) in all.iter().zip(decided) {
        if let Some(row) = decided.row {
            found.tell(html, one, row);
        }
        let word = match decided.becomes {
            Becomes::Itself => continue,
            Becomes::Nothing => String::new(),
            Becomes::Ours(ours) => {
                found.ours.push(ours);
                format!("{START}{}{END}", found.ours.len() - 1)
            }
        };
        let words = std::iter::once(word).chain(std::iter::repeat(String::new()));
        edits.extend(one.at.iter().cloned().zip(words));
    }
    edits.sort_by_key(|(at, _)| at.start);
    let mut out = String::with_capacity(html.len());
    let mut from = 0;
    for (at, word) in edits {
        if at.start >= from {
            out.push_str(&html[from..at.start]);
            out.push_str(&word);
            from = at.end;
        }
    }
    out.push_str(&html[from..]);
    out
}

/// With `<<Name>>` as text, which without its escapes is read as a tag.
fn escaped(html: &str) -> Cow<'_, str> {
    if !html.contains("<<") {
        return Cow::Borrowed(html);
    }
    let mut out = String::with_capacity(html.len() + 64);
    let mut rest = html;
    while let Some(at) = rest.find("<<") {
        out.push_str(&rest[..at]);
        let inside = &rest[at + 2..];
        let end = inside.bytes().take(60).position(|byte| matches!(byte, b'<' | b'>'));
        if let Some(end) = end.filter(|end| *end > 0 && inside[*end..].starts_with(">>")) {
            out.push_str("&lt;&lt;");
            out.push_str(&inside[..end]);
            out.push_str("&gt;&gt;");
            rest = &inside[end + 2..];
        } else {
            out.push('<');
            rest = &rest[at + 1..];
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Puts our placeholders where the words are.
pub(super) fn put(html: &str, found: &Found) -> String {
    let mut out = String::with_capacity(html.len() * 2);
    let mut rest = html;
    while let Some(at) = rest.find(START) {
        let (before, behind) = rest.split_at(at);
        out.push_str(before);
        let behind = &behind[START.len()..];
        let digits = behind.len() - behind.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let known = behind[..digits].parse().ok().and_then(|number: usize| found.ours.get(number));
        if let Some(ours) = known.filter(|_| behind[digits..].starts_with(END)) {
            let ours = in_place(&out, ours);
            out.push_str(&ours);
            rest = &behind[digits + END.len_utf8()..];
        } else {
            out.push_str(START);
            rest = behind;
        }
    }
    out.push_str(rest);
    out
}

/// Whether marks are those of placeholders whatever stands between them.
pub(super) fn is_certain(written: &str) -> bool {
    CERTAIN.iter().any(|mark| written.starts_with(mark))
}

/// With the filter that its place asks for.
fn in_place(before: &str, ours: &str) -> String {
    let Some(name) = ours.strip_prefix("{{ ").and_then(|rest| rest.strip_suffix(" }}")) else { return ours.to_owned() };
    let field = name.rsplit('.').next().unwrap_or(name);
    match field {
        "website" if before.ends_with("href=\"") => format!("{{{{ {name}|url }}}}"),
        "phone" | "mobile" | "fax" if before.ends_with("tel:") => format!("{{{{ {name}|tel }}}}"),
        "photo" if before.ends_with("src=\"") => format!("image:{{{{ {name} }}}}"),
        _ => ours.to_owned(),
    }
}

fn decide(one: &Foreign, known: Known<'_>, found: &mut Found) -> Decided {
    let (written, name) = (&*one.written, one.name.trim());
    let of_ours = |becomes| Decided { becomes, row: None };
    let word = name.trim_start_matches('-').split_whitespace().next().unwrap_or_default();
    if written.starts_with("{%") && STATEMENTS.contains(&word) {
        return of_ours(Becomes::Ours(written.to_owned()));
    }
    found.looked_up += 1;
    if name.is_empty() || found.looked_up > MAX_LOOKED_UP {
        return of_ours(Becomes::Itself);
    }
    let braced = written.starts_with("{{") && !written.starts_with("{{{");
    let field = name.split('|').next().unwrap_or(name).trim();
    if braced && is_field(field, known.fields) {
        return of_ours(Becomes::Ours(format!("{{{{ {name} }}}}")));
    }
    if let Some(condition) = condition(name, known.fields) {
        found.conditions = true;
        let words = match &*condition {
            "" => "Its marks are left out: lines without values are dropped anyway.".to_owned(),
            ours => format!("It becomes {ours}."),
        };
        let becomes = if condition.is_empty() { Becomes::Nothing } else { Becomes::Ours(condition) };
        return Decided { becomes, row: Some(Row { condition: Some(words), ..Row::default() }) };
    }
    let suggestion = suggest(name, known.fields);
    let certain = suggestion.as_ref().filter(|suggestion| suggestion.confidence >= known.least);
    let suggested = certain.map(|suggestion| PlaceholderUse::Field(suggestion.field.clone()));
    let chosen = known.mapping.get(written).filter(|chosen| match chosen {
        PlaceholderUse::Field(token) => is_field(token, known.fields),
        PlaceholderUse::Text | PlaceholderUse::Remove => true,
    });
    let chosen = chosen.cloned().or(suggested);
    let becomes = match &chosen {
        Some(PlaceholderUse::Field(token)) => Becomes::Ours(format!("{{{{ {token} }}}}")),
        Some(PlaceholderUse::Remove) => Becomes::Nothing,
        Some(PlaceholderUse::Text) => Becomes::Ours(as_text(written)),
        None => unmapped(written, name, found),
    };
    Decided { becomes, row: Some(Row { suggestion, becomes: chosen, condition: None }) }
}

/// A placeholder of a field that does not exist: it is a problem of the template until there is one.
fn unmapped(written: &str, name: &str, found: &mut Found) -> Becomes {
    let wordy = name.chars().all(|c| c.is_alphanumeric() || " _-.".contains(c)) && name.contains(char::is_alphabetic);
    if !wordy || !is_certain(written) {
        return Becomes::Itself;
    }
    let ours = token(name);
    found.unknown.insert(ours.clone());
    Becomes::Ours(format!("{{{{ {ours} }}}}"))
}

/// A text that is no placeholder, as a template shows it. Its marks are written as numbers that begin with 0, which no program
/// does: the reader of placeholders takes these for text.
fn as_text(written: &str) -> String {
    let shown = |c: char| {
        if c.is_alphanumeric() || c.is_whitespace() || "_-.,".contains(c) {
            c.to_string()
        } else {
            format!("&#0{};", u32::from(c))
        }
    };
    written.chars().map(shown).collect()
}

/// Conditions as others write them, `{{#if Title}}`, `{{/if}}`, `{rt}`, in our words; empty: it is not needed.
fn condition(name: &str, fields: &BTreeSet<String>) -> Option<String> {
    let lower = name.to_lowercase();
    match &*lower {
        // Rows without values are left out by themselves.
        "rt" | "/rt" => return Some(String::new()),
        "/if" | "end" | "endif" | "/unless" => return Some("{% endif %}".into()),
        "else" => return Some("{% else %}".into()),
        _ => {}
    }
    // With its capitals, which part its words.
    let behind = |start: &str| {
        let is = name.get(..start.len()).is_some_and(|begins| begins.eq_ignore_ascii_case(start));
        is.then(|| &name[start.len()..])
    };
    let (not, asked) = match behind("#unless ") {
        Some(asked) => ("not ", asked),
        None => ("", behind("#if ").or(behind("if "))?),
    };
    let ours = suggest(asked.trim(), fields).map_or_else(|| token(asked), |found| found.field);
    Some(format!("{{% if {not}{ours} %}}"))
}

/// Turns `{rt}Fax {Fax}{/rt}` into our own condition where both ends stand in one text and nothing is torn apart by it.
fn removable(html: &str, all: &[Foreign], decided: &mut [Decided]) {
    let is = |one: &Foreign, name: &str| one.name.trim().eq_ignore_ascii_case(name);
    for open in (0..all.len()).filter(|at| is(&all[*at], "rt") && decided[*at].row.is_some()).collect::<Vec<_>>() {
        let same = |at: &usize| all[*at].passage == all[open].passage && all[*at].attribute == all[open].attribute;
        let near = open + 1..all.len().min(open + MAX_INSIDE);
        let Some(close) = near.take_while(same).find(|at| is(&all[*at], "/rt")) else { continue };
        let asked = decided[open + 1..close].iter().find_map(|inner| match &inner.becomes {
            Becomes::Ours(ours) => ours.strip_prefix("{{ ")?.strip_suffix(" }}"),
            Becomes::Nothing | Becomes::Itself => None,
        });
        let (Some(starts), Some(ends)) = (all[open].at.last(), all[close].at.first()) else { continue };
        let Some(asked) = asked.filter(|_| is_balanced(&html[starts.end..ends.start])) else { continue };
        let asked = asked.split('|').next().unwrap_or(asked).trim().to_owned();
        let row = || {
            Some(Row {
                condition: Some(format!("The text between its marks is left out when {} is empty.", label_of(&asked))),
                ..Row::default()
            })
        };
        decided[close] = Decided { becomes: Becomes::Ours("{% endif %}".into()), row: row() };
        decided[open] = Decided { becomes: Becomes::Ours(format!("{{% if {asked} %}}")), row: row() };
    }
}

/// Whether as many tags open as close in it, and none closes what was opened before.
fn is_balanced(html: &str) -> bool {
    let mut depth = 0_i32;
    for tag in html.split('<').skip(1) {
        if tag.starts_with('/') {
            depth -= 1;
        } else if tag.starts_with(|c: char| c.is_ascii_alphabetic())
            && !tag.starts_with("br")
            && !tag.starts_with("img")
        {
            depth += 1;
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

impl Found {
    /// Adds a placeholder to the table.
    fn tell(&mut self, html: &str, one: &Foreign, row: Row) {
        let place = place(html, one);
        if let Some(known) = self.rows.iter_mut().find(|known| known.written == one.written) {
            known.count += 1;
            if known.places.len() < MAX_PLACES && !known.places.contains(&place) {
                known.places.push(place);
            }
            return;
        }
        let Row { suggestion, becomes, condition } = row;
        let (written, places) = (one.written.clone(), vec![place]);
        self.rows.push(ForeignPlaceholder { written, count: 1, places, suggestion, becomes, condition });
    }
}

/// Where a placeholder stands, in words.
fn place(html: &str, one: &Foreign) -> String {
    match one.attribute.as_deref() {
        Some("href") => return "in a link".into(),
        Some("src" | "background") => return "in an image’s address".into(),
        Some("alt" | "title") => return "in an image’s description".into(),
        Some(_) => return "in a style".into(),
        None => {}
    }
    let (Some(first), Some(last)) = (one.at.first(), one.at.last()) else { return String::new() };
    let window = html.floor_char_boundary(first.start.saturating_sub(AROUND * 8));
    let before = html[window..first.start].rsplit(['>', '\n']).next().unwrap_or_default();
    let window = html.floor_char_boundary(last.end + AROUND * 8);
    let after = html[last.end..window].split(['<', '\n']).next().unwrap_or_default();
    let skipped = before.chars().count().saturating_sub(AROUND);
    let before: String = before.chars().skip(skipped).collect();
    let after: String = after.chars().take(AROUND).collect();
    let place = format!("{}{}{}", without_references(&before), one.written, without_references(&after));
    place.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text with a space for each character reference.
fn without_references(html: &str) -> String {
    let mut out = String::new();
    for (at, piece) in html.split('&').enumerate() {
        let end = piece
            .find(';')
            .filter(|end| at > 0 && piece[..*end].chars().all(|c| c.is_ascii_alphanumeric() || c == '#'));
        out.push_str(if at > 0 { " " } else { "" });
        out.push_str(end.map_or(piece, |end| &piece[end + 1..]));
    }
    out
}
