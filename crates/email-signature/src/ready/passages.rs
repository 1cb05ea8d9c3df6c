//! HTML as the texts that its readers see, each with its places in the source: what is split over tags, written with
//! character references or percent-encoded is one text, and its placeholders are found as in a plain text.

use super::placeholders::{self, Place, Placeholder};
use crate::lint::source::{self, Token};
use crate::render::html::markup::is_block;
use std::ops::Range;

/// Longest character reference that is read, in bytes.
const MAX_REFERENCE: usize = 10;
/// What addresses write with percent signs and placeholders are made of.
const ESCAPES: &[(&str, char)] = &[
    ("%20", ' '),
    ("%23", '#'),
    ("%24", '$'),
    ("%25", '%'),
    ("%3c", '<'),
    ("%3e", '>'),
    ("%40", '@'),
    ("%5b", '['),
    ("%5d", ']'),
    ("%7b", '{'),
    ("%7c", '|'),
    ("%7d", '}'),
    ("%c2%ab", '«'),
    ("%c2%bb", '»'),
];
/// Stands for a mark that is meant as text.
const MEANT: char = '\u{fffc}';
/// Character references by name.
const REFERENCES: &[(&str, char)] = &[
    ("amp", '&'),
    ("apos", '\''),
    ("commat", '@'),
    ("dollar", '$'),
    ("gt", '>'),
    ("laquo", '«'),
    ("lbrace", '{'),
    ("lbrack", '['),
    ("lcub", '{'),
    ("lsqb", '['),
    ("lt", '<'),
    ("nbsp", ' '),
    ("num", '#'),
    ("percnt", '%'),
    ("quot", '"'),
    ("raquo", '»'),
    ("rbrace", '}'),
    ("rbrack", ']'),
    ("rcub", '}'),
    ("rsqb", ']'),
    ("shy", '\u{ad}'),
    ("zwj", '\u{200d}'),
    ("zwnj", '\u{200c}'),
];

/// Something in HTML that looks like a placeholder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// As readers see it, such as `{Desk Phone}`.
    pub written: String,
    /// What stands between its marks, such as `Desk Phone`.
    pub name: String,
    /// Its pieces in the source, in order; tags between them are not part of it.
    pub at: Vec<Range<usize>>,
    /// Number of the text in which it stands: a run of words that no line, cell or block interrupts, or an attribute.
    pub passage: usize,
    /// The attribute that it stands in, in lower case; `None`: it stands in text.
    pub attribute: Option<String>,
}

/// Everything in `html` that looks like a placeholder, of whatever program, in source order.
pub fn foreign(html: &str) -> Vec<Foreign> {
    let mut found = in_tokens(html, &source::tokens(html));
    found.sort_by_key(|one| one.at.first().map_or(0, |at| at.start));
    found
}

/// The same for a source that has already been parsed.
pub(crate) fn in_tokens(source: &str, tokens: &[Token<'_>]) -> Vec<Foreign> {
    let mut reader = Reader { source, found: Vec::new(), number: 0 };
    let mut words = Passage::default();
    for token in tokens {
        match token {
            Token::Text(at) => words.read(source, at.clone(), Place::Text),
            Token::Open(tag) => {
                if interrupts(&tag.name) {
                    reader.end(&mut words, Place::Text, None);
                }
                for attribute in &tag.attributes {
                    let name = attribute.name.to_ascii_lowercase();
                    let place = match &*name {
                        "href" | "src" | "background" => Place::Address,
                        "alt" | "title" => Place::Text,
                        "style" | "bgcolor" | "color" | "width" | "height" => Place::Style,
                        _ => continue,
                    };
                    let mut value = Passage::default();
                    value.read(source, attribute.value_at.clone(), place);
                    reader.end(&mut value, place, Some(&name));
                }
            }
            Token::Close(name) if interrupts(name) => reader.end(&mut words, Place::Text, None),
            Token::Close(_) | Token::Style(_) | Token::Comment(_) => {}
        }
    }
    reader.end(&mut words, Place::Text, None);
    reader.found
}

/// Everything in a plain text that looks like a placeholder.
pub(crate) fn in_text(source: &str) -> Vec<Foreign> {
    let mut reader = Reader { source, found: Vec::new(), number: 0 };
    let all = placeholders::placeholders(source, Place::Text);
    reader.found.extend(all.into_iter().map(|one| Foreign {
        written: source[one.at.clone()].to_owned(),
        name: source[one.inside].to_owned(),
        at: vec![one.at],
        passage: 0,
        attribute: None,
    }));
    reader.found
}

/// An address with the signs of placeholders as they are: browsers and the sanitiser write them as escapes.
pub(super) fn address(text: &str) -> String {
    let mut passage = Passage::default();
    passage.read(text, 0..text.len(), Place::Address);
    passage.text
}

/// Whether an element's tag ends a text.
fn interrupts(name: &str) -> bool {
    is_block(name) || matches!(name, "body" | "br" | "caption" | "head" | "html" | "img" | "td" | "th")
}

struct Reader<'s> {
    source: &'s str,
    found: Vec<Foreign>,
    number: usize,
}

impl Reader<'_> {
    /// Looks through a text that is complete, and empties it.
    fn end(&mut self, passage: &mut Passage, place: Place, attribute: Option<&str>) {
        let Passage { text, places } = std::mem::take(passage);
        self.number += 1;
        for Placeholder { at, inside } in placeholders::placeholders(&text, place) {
            self.found.push(Foreign {
                written: text[at.clone()].to_owned(),
                name: text[inside].to_owned(),
                at: self.pieces(&places, at),
                passage: self.number,
                attribute: attribute.map(str::to_owned),
            });
        }
    }

    /// The pieces of the source that a part of a text comes from: neighbours are one piece.
    fn pieces(&self, places: &[(usize, Range<usize>)], at: Range<usize>) -> Vec<Range<usize>> {
        let mut pieces: Vec<Range<usize>> = Vec::new();
        let from = places.partition_point(|(start, _)| *start < at.start);
        for (_, place) in places[from..].iter().take_while(|(start, _)| *start < at.end) {
            match pieces.last_mut() {
                // Signs without a shape between them go with them; a tag does not.
                Some(last) if !self.source[last.end..place.start].contains('<') => last.end = place.end,
                _ => pieces.push(place.clone()),
            }
        }
        pieces
    }
}

/// A text, with the place in the source of each of its characters.
#[derive(Debug, Default)]
struct Passage {
    text: String,
    /// Where each character begins in the text, and where it stands in the source.
    places: Vec<(usize, Range<usize>)>,
}

impl Passage {
    fn read(&mut self, source: &str, at: Range<usize>, place: Place) {
        let mut from = at.start;
        while let Some((c, length)) = next(&source[from..at.end], place) {
            let c = if c.is_whitespace() { ' ' } else { c };
            let doubled = c == ' ' && self.text.ends_with(' ');
            if !doubled && !super::is_invisible(c) {
                self.places.push((self.text.len(), from..from + length));
                self.text.push(c);
            }
            from += length;
        }
    }
}

/// The first character, and its length in the source.
fn next(rest: &str, place: Place) -> Option<(char, usize)> {
    let first = rest.chars().next()?;
    let special = match (first, place) {
        ('&', _) => reference(rest),
        ('%', Place::Address) => escape(rest),
        _ => None,
    };
    special.or(Some((first, first.len_utf8())))
}

fn reference(rest: &str) -> Option<(char, usize)> {
    let end = rest.bytes().take(MAX_REFERENCE).position(|byte| byte == b';')?;
    let name = &rest[1..end];
    let c = match name.strip_prefix('#') {
        // What somebody said is text: see `design/clean` in the server.
        Some(number) if number.len() > 1 && number.starts_with('0') => MEANT,
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
        None => REFERENCES.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((c, end + 1))
}

fn escape(rest: &str) -> Option<(char, usize)> {
    let is = |written: &str| rest.get(..written.len()).is_some_and(|start| start.eq_ignore_ascii_case(written));
    ESCAPES.iter().find(|(written, _)| is(written)).map(|(written, c)| (*c, written.len()))
}
