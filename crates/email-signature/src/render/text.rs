//! The plain-text twin: derived from the HTML, or filled from a template's own text.

use super::html::markup::{Node, NodeKind, Tree, is_block, unescape};
use super::html::separators;
use super::links::{self, Link};
use super::mailto;
use super::slots;

/// One piece of derived text.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// Words.
    Literal(String),
    /// A value.
    Value(usize),
    /// What follows stands on a line of its own.
    Line,
    /// A line break that was asked for; two of them leave a line empty.
    Break,
    /// Between two cells of a row.
    Gap,
    /// A link's text begins.
    Open,
    /// It ends, and this is its address.
    Close(Link),
}

/// Derives the pieces from a pruned tree.
pub(super) fn derive(tree: &Tree<'_>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    visit(tree, 0, false, &mut pieces);
    pieces
}

fn visit(tree: &Tree<'_>, at: usize, in_link: bool, pieces: &mut Vec<Piece>) {
    let node = &tree.nodes[at];
    let name = match &node.kind {
        NodeKind::Text(text) => return push_text(text, pieces),
        NodeKind::Element("br", _) => return pieces.push(Piece::Break),
        NodeKind::Element("img", _) => {
            if in_link {
                push_text(node.attribute("alt").unwrap_or_default(), pieces);
            }
            return;
        }
        NodeKind::Element(name, _) => *name,
    };
    let href = if name == "a" { node.attribute("href") } else { None };
    let link = href.and_then(|href| Link::read(&unescape(href), false).ok());
    let stands = Stands::of(tree, at, name);
    match stands {
        Stands::Gap => pieces.push(Piece::Gap),
        Stands::Line => pieces.push(Piece::Line),
        Stands::Within => {}
    }
    if name == "li" {
        pieces.push(Piece::Literal("- ".into()));
    }
    if let Some(link) = link {
        pieces.push(Piece::Open);
        visit_children(tree, at, true, pieces);
        pieces.push(Piece::Close(link));
    } else {
        visit_children(tree, at, in_link, pieces);
    }
    if stands == Stands::Line {
        pieces.push(Piece::Line);
    }
}

/// How an element stands among its neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    /// On lines of its own.
    Line,
    /// Beside them, with a gap.
    Gap,
    /// In the same line.
    Within,
}

impl Stands {
    fn of(tree: &Tree<'_>, at: usize, name: &str) -> Self {
        let stands = Self::by_itself(&tree.nodes[at], name);
        if stands == Self::Gap && has_lines(tree, at) { Self::Line } else { stands }
    }

    /// As far as its contents do not matter.
    fn by_itself(node: &Node<'_>, name: &str) -> Self {
        match display(node).as_deref() {
            _ if matches!(name, "td" | "th") => Self::Gap,
            Some("table-cell") => Self::Gap,
            Some("block" | "flex" | "flow-root" | "grid" | "list-item" | "table" | "table-row") => Self::Line,
            _ if is_block(name) => Self::Line,
            _ => Self::Within,
        }
    }
}

/// What a style says of an element's display, in lower case.
fn display(node: &Node<'_>) -> Option<String> {
    let style = node.attribute("style").filter(|style| style.to_ascii_lowercase().contains("display"))?;
    let declaration = |one: &str| {
        let (property, value) = one.split_once(':')?;
        let value = value.split('!').next().unwrap_or_default().trim();
        property.trim().eq_ignore_ascii_case("display").then(|| value.to_ascii_lowercase())
    };
    // The last one counts.
    unescape(style).split(';').filter_map(declaration).next_back()
}

fn visit_children(tree: &Tree<'_>, at: usize, in_link: bool, pieces: &mut Vec<Piece>) {
    for &child in &tree.nodes[at].children {
        visit(tree, child, in_link, pieces);
    }
}

fn has_lines(tree: &Tree<'_>, at: usize) -> bool {
    tree.nodes[at].children.iter().any(|&child| {
        let name = tree.nodes[child].name();
        name == "br" || Stands::by_itself(&tree.nodes[child], name) == Stands::Line || has_lines(tree, child)
    })
}

fn push_text(escaped: &str, pieces: &mut Vec<Piece>) {
    for piece in links::split(escaped) {
        match piece {
            Ok(literal) => pieces.push(Piece::Literal(even(&unescape(literal)))),
            Err(slot) if slot.empty => {}
            Err(slot) => pieces.push(Piece::Value(slot.index)),
        }
    }
}

/// A text with single spaces, so that filling it is quick.
fn even(text: &str) -> String {
    let mut even = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_whitespace() {
            even.push(c);
        } else if !even.ends_with(' ') {
            even.push(' ');
        }
    }
    even
}

/// Fills derived pieces.
pub(super) fn fill(pieces: &[Piece], values: &[&str], text: &mut String) {
    let mut lines = Lines { text, newlines: 0, space: false, gap: false };
    let start = lines.text.len();
    // Where the texts of open links begin; links do not nest, but what is parsed leniently might.
    let mut open = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Literal(words) => lines.words(words),
            Piece::Value(index) => {
                for (at, line) in values.get(*index).copied().unwrap_or_default().lines().enumerate() {
                    if at > 0 {
                        lines.line();
                    }
                    lines.words(line);
                }
            }
            Piece::Line => lines.line(),
            Piece::Break => lines.newlines = (lines.newlines + 1).min(2),
            Piece::Gap => lines.gap = true,
            Piece::Open => open.push(lines.text.len()),
            Piece::Close(link) => {
                let from = open.pop().unwrap_or(start);
                if let Ok(url) = link.fill(values) {
                    lines.address(from, &url);
                }
            }
        }
    }
}

/// Text that grows in lines without stray white space.
struct Lines<'t> {
    text: &'t mut String,
    /// Line breaks before the next word.
    newlines: u8,
    space: bool,
    gap: bool,
}

impl Lines<'_> {
    fn line(&mut self) {
        self.newlines = self.newlines.max(1);
    }

    fn words(&mut self, words: &str) {
        // Most texts are as they should be already.
        if is_even(words) {
            self.space |= words.starts_with(' ');
            let inner = words.trim_matches(' ');
            if !inner.is_empty() {
                self.separate();
                self.text.push_str(inner);
                self.space = words.ends_with(' ');
            }
            return;
        }
        self.space |= words.starts_with(char::is_whitespace);
        for word in words.split_whitespace() {
            self.separate();
            self.text.push_str(word);
            self.space = true;
        }
        self.space = words.ends_with(char::is_whitespace) || (self.space && words.trim().is_empty());
    }

    fn separate(&mut self) {
        if self.text.is_empty() {
            // Nothing stands before the first word.
        } else if self.newlines > 0 {
            let blank = usize::from(self.newlines);
            self.text.extend(std::iter::repeat_n('\n', blank));
        } else if self.gap && !self.text.ends_with('\n') {
            self.text.push_str("  ");
        } else if self.space && !self.text.ends_with(char::is_whitespace) {
            self.text.push(' ');
        }
        (self.newlines, self.space, self.gap) = (0, false, false);
    }

    /// Puts a link's address behind its text, unless the text says it already.
    fn address(&mut self, from: usize, url: &str) {
        let from = self.text.floor_char_boundary(from.min(self.text.len()));
        let shown = self.text[from..].trim();
        let (scheme, rest) = url.split_once(':').unwrap_or(("", url));
        let address = match scheme {
            "mailto" => mailto::shown(rest),
            "tel" | "sms" => rest.split_once('?').map_or(rest, |(address, _)| address).into(),
            _ => url.into(),
        };
        let said = match scheme {
            "tel" | "sms" => shown.chars().filter(char::is_ascii_digit).count() >= 5,
            _ => is_same(shown, &address),
        };
        if said {
            return;
        }
        let empty = shown.is_empty();
        self.space |= !empty;
        self.separate();
        if empty {
            self.text.push_str(&address);
        } else {
            self.text.push('(');
            self.text.push_str(&address);
            self.text.push(')');
        }
    }
}

/// Whether a text is plain ASCII with single spaces.
fn is_even(text: &str) -> bool {
    let mut last = 0;
    text.bytes().all(|byte| {
        let even = (b' '..=b'~').contains(&byte) && !(byte == b' ' && last == b' ');
        last = byte;
        even
    })
}

/// Whether a link's text is its address, less what people leave out when they write one.
fn is_same(shown: &str, address: &str) -> bool {
    let (shown, address) = (bare(shown), bare(address));
    shown.eq_ignore_ascii_case(address) || (!shown.is_ascii() && shown.to_lowercase() == address.to_lowercase())
}

fn bare(address: &str) -> &str {
    let rest = strip_prefix(address, "https://").or(strip_prefix(address, "http://")).unwrap_or(address);
    strip_prefix(rest, "www.").unwrap_or(rest).trim_end_matches('/')
}

fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// Fills what a template's own text wrote (see [`slots`]): lines whose placeholders are all empty go, and so does an empty
/// line before which nothing else is left.
pub(super) fn from_own(written: &str, text: &mut String) {
    let filled = slots::scan(written);
    // Whether a line went since the last one that stayed.
    let mut went = false;
    for line in filled.shape.lines() {
        let line = separators::tidied(line);
        let pieces = links::split(&line);
        let slots = pieces.iter().filter_map(|piece| piece.err()).collect::<Vec<_>>();
        if !slots.is_empty() && slots.iter().all(|slot| slot.empty) {
            went = true;
            continue;
        }
        let separates = text.is_empty() || text.ends_with("\n\n");
        if went && separates && line.trim().is_empty() {
            continue;
        }
        went = false;
        let starts = text.len();
        for piece in pieces {
            match piece {
                Ok(literal) => text.push_str(literal),
                Err(slot) => text.push_str(filled.values.get(slot.index).map_or("", |value| value.trim())),
            }
        }
        text.truncate(starts + text[starts..].trim_end().len());
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_line_goes_with_what_it_sets_apart() {
        let filled = |written: &str| {
            let mut text = String::new();
            from_own(written, &mut text);
            text
        };
        assert_eq!(filled("a\n\n\u{1}\u{2}\nT \u{1} \u{2}\n\nb\n\n\nc\n"), "a\n\nb\n\n\nc");
        assert_eq!(filled("\u{1}\u{2}\n\n\u{1}x\u{2}\n\n\u{1}\u{2}\n"), "x");
    }
}
