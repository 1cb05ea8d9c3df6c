//! What Word, Outlook and drawing programs write around a signature and no reader ever sees: comments, islands of XML, tags
//! of Office's own languages, files embedded in attributes. It goes before anything is counted, so that it uses up none of
//! the limits of [`super::measure`].
//!
//! The source is read as HTML5's tokenizer does, as far as this needs: comments end where browsers end them, and nothing
//! in a quoted value or a style sheet is taken for a comment. Whatever is left is still measured and sanitised.

use crate::lint::source::{self, Token};
use std::borrow::Cow;
use std::ops::Range;

/// Elements whose content is text for a parser, whatever it looks like.
const RAW: &[&str] = &["iframe", "noembed", "noframes", "noscript", "script", "style", "textarea", "title", "xmp"];

/// Elements that hold settings and nothing to read.
const ISLANDS: &[&str] = &[
    "m:mathpr",
    "o:documentproperties",
    "o:officedocumentsettings",
    "o:shapedefaults",
    "o:shapelayout",
    "w:latentstyles",
    "w:worddocument",
    "xml",
];

/// Longest value of an attribute in bytes. The longest that mean something are links through a filter, and these have two
/// thousand.
const MAX_VALUE: usize = 8_000;

/// One piece of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    /// Text, with everything in raw elements.
    Text,
    /// A comment, a doctype, a processing instruction or what browsers take for one.
    Comment,
    Open,
    Close,
    /// An island, from its start tag to its end tag.
    Island,
}

/// Reads a source piece by piece, in time that grows with its length.
struct Reader<'h> {
    html: &'h str,
    /// In lower case, byte for byte.
    lower: String,
    at: usize,
    /// The raw element that was opened last, whose end tag is looked for.
    raw: Option<&'static str>,
    /// Islands whose end tags do not occur any more.
    unclosed: Vec<&'static str>,
}

impl<'h> Reader<'h> {
    fn new(html: &'h str) -> Self {
        Self { html, lower: html.to_ascii_lowercase(), at: 0, raw: None, unclosed: Vec::new() }
    }

    /// The position behind the next `wanted`, in lower case, or the end.
    fn behind(&self, from: usize, wanted: &str) -> usize {
        self.lower[from..].find(wanted).map_or(self.html.len(), |found| from + found + wanted.len())
    }

    /// The name of the tag whose name begins there, in lower case.
    fn name(&self, from: usize) -> &str {
        let ends = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>');
        let rest = self.lower[from..].trim_start_matches('/');
        &rest[..rest.bytes().position(ends).unwrap_or(rest.len())]
    }

    fn markup(&mut self, open: usize) -> (Piece, usize) {
        let rest = &self.lower[open + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            // `<!-->` and `<!--->` are whole comments.
            let inside = if comment.starts_with('>') || comment.starts_with("->") { open + 2 } else { open + 4 };
            let end = self.behind(inside, "-->").min(self.behind(inside, "--!>"));
            return (Piece::Comment, end);
        }
        let closes = rest.starts_with('/');
        let name_at = open + 1 + usize::from(closes);
        if !self.lower[name_at..].starts_with(|c: char| c.is_ascii_alphabetic()) {
            return (Piece::Comment, self.behind(name_at, ">"));
        }
        let end = tag_end(self.html, name_at);
        if closes {
            return (Piece::Close, end);
        }
        let name = self.name(name_at);
        let raw = RAW.iter().find(|raw| **raw == name).copied();
        let island = ISLANDS.iter().find(|island| **island == name && !self.unclosed.contains(island));
        self.raw = raw;
        if let Some(island) = island.filter(|_| !self.html[..end].ends_with("/>")) {
            let close = self.lower[end..].find(&["</", island].concat());
            match close {
                Some(close) => return (Piece::Island, self.behind(end + close, ">")),
                None => self.unclosed.push(island),
            }
        }
        (Piece::Open, end)
    }
}

impl Iterator for Reader<'_> {
    type Item = (Piece, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        let from = self.at;
        if from >= self.html.len() {
            return None;
        }
        if let Some(raw) = self.raw.take() {
            let end = self.lower[from..].find(&["</", raw].concat()).map_or(self.html.len(), |found| from + found);
            if end > from {
                self.at = end;
                return Some((Piece::Text, from..end));
            }
        }
        let starts = |(at, _): &(usize, &str)| {
            self.html[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '!' | '?' | '/'))
        };
        let open = self.html[from..].match_indices('<').map(|(at, sign)| (from + at, sign)).find(starts);
        let (piece, end) = match open {
            Some((open, _)) if open == from => self.markup(open),
            Some((open, _)) => (Piece::Text, open),
            None => (Piece::Text, self.html.len()),
        };
        self.at = end;
        Some((piece, from..end))
    }
}

/// Where the tag ends whose name begins at `from`: behind the first `>` outside quoted values.
fn tag_end(html: &str, from: usize) -> usize {
    let (mut quote, mut follows_equals) = (None, false);
    for (at, byte) in html.bytes().enumerate().skip(from) {
        match (byte, quote) {
            (byte, Some(open)) if byte == open => quote = None,
            (_, Some(_)) => {}
            (b'>', None) => return at + 1,
            (b'"' | b'\'', None) if follows_equals => (quote, follows_equals) = (Some(byte), false),
            (b'=', None) => follows_equals = true,
            (byte, None) => follows_equals &= byte.is_ascii_whitespace(),
        }
    }
    html.len()
}

/// Without what no reader sees.
pub(crate) fn stripped(html: &str) -> String {
    let mut reader = Reader::new(html);
    let mut out = Output { html: String::with_capacity(html.len()), open: Vec::new() };
    while let Some((piece, at)) = reader.next() {
        let text = &html[at.clone()];
        match piece {
            Piece::Comment | Piece::Island => {}
            Piece::Text => out.text(text),
            // Office's languages: the content stays.
            Piece::Open | Piece::Close if is_office(reader.name(at.start + 1)) => {}
            Piece::Open => out.open(reader.name(at.start + 1), &shortened(text)),
            Piece::Close => out.close(reader.name(at.start + 1), text),
        }
    }
    out.html
}

/// The same, with blanks for comments and islands instead: every position stays.
pub(in crate::render) fn blanked(html: &str) -> String {
    let mut bytes = html.as_bytes().to_vec();
    for (piece, at) in Reader::new(html) {
        if matches!(piece, Piece::Comment | Piece::Island) {
            bytes[at].fill(b' ');
        }
    }
    // Pieces begin and end with ASCII, so whole characters were replaced.
    String::from_utf8(bytes).unwrap_or_default()
}

fn is_office(name: &str) -> bool {
    name.contains(':') || name == "xml"
}

/// HTML as it is written, with the elements that were opened last and hold nothing yet.
struct Output {
    html: String,
    /// Name, and where the start tag begins.
    open: Vec<(&'static str, usize)>,
}

impl Output {
    fn text(&mut self, text: &str) {
        self.open.clear();
        self.html.push_str(text);
    }

    fn open(&mut self, name: &str, tag: &str) {
        // Boxes show even when they are empty.
        let is_box = ["width", "height", "padding", "border", "background"].iter().any(|word| tag.contains(word));
        match ["font", "span"].into_iter().find(|plain| *plain == name).filter(|_| !is_box) {
            Some(name) => self.open.push((name, self.html.len())),
            None => self.open.clear(),
        }
        self.html.push_str(tag);
    }

    fn close(&mut self, name: &str, tag: &str) {
        match self.open.pop() {
            Some((opened, at)) if opened == name => self.html.truncate(at),
            _ => self.text(tag),
        }
    }
}

/// A tag whose values are not longer than they can mean something: drawings, and files embedded as base64.
fn shortened(tag: &str) -> Cow<'_, str> {
    if tag.len() <= MAX_VALUE {
        return Cow::Borrowed(tag);
    }
    let tokens = source::tokens(tag);
    let Some(Token::Open(read)) = tokens.first() else { return Cow::Borrowed(tag) };
    let mut short = String::new();
    let mut from = 0;
    for value in read.attributes.iter().map(|attribute| attribute.value_at.clone()) {
        if value.len() <= MAX_VALUE {
            continue;
        }
        short.push_str(&tag[from..value.start]);
        let rest = without_data(&tag[value.clone()]);
        if rest.len() <= MAX_VALUE {
            short.push_str(&rest);
        }
        from = value.end;
    }
    short.push_str(&tag[from..]);
    Cow::Owned(short)
}

/// A value without the content of its `data:` addresses, which are refused anyway.
fn without_data(value: &str) -> String {
    let mut pieces = value.split("data:");
    let mut short = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let ends = |c: char| c.is_ascii_whitespace() || matches!(c, ')' | '"' | '\'' | '&');
        short.push_str("data:,");
        short.push_str(&piece[piece.find(ends).unwrap_or(piece.len())..]);
    }
    short
}

#[cfg(test)]
mod tests;
