//! A template's source as tags, text and style sheets, each with its place. Placeholders and statements are blanked out
//! first, byte for byte, so that places stay what they are. Anything can be read; nothing is mended.

use std::ops::Range;

/// Stands for each byte of a `{{ … }}`.
pub(crate) const VALUE: char = '\u{1}';
/// Stands for each byte of a `{% … %}` or `{# … #}`.
pub(crate) const LOGIC: char = '\u{2}';

/// Most attributes of one tag that are read; a template with more cannot be used.
const MAX_ATTRIBUTES: usize = 200;

/// A source without its placeholders.
#[derive(Debug)]
pub(crate) struct Masked {
    /// As long as the source.
    pub(crate) text: String,
    /// Where blocks such as `{% if … %}` open (+1) and end (-1).
    blocks: Vec<(usize, i32)>,
}

/// One piece of HTML.
#[derive(Debug)]
pub(crate) enum Token<'s> {
    Open(Tag<'s>),
    Close(String),
    Text(Range<usize>),
    /// What stands between `<style>` and `</style>`.
    Style(Range<usize>),
    Comment(Range<usize>),
}

/// A start tag.
#[derive(Debug)]
pub(crate) struct Tag<'s> {
    /// In lower case.
    pub(crate) name: String,
    pub(crate) attributes: Vec<Attribute<'s>>,
    pub(crate) at: Range<usize>,
}

/// One attribute.
#[derive(Debug)]
pub(crate) struct Attribute<'s> {
    pub(crate) name: &'s str,
    /// Still escaped, placeholders blanked out.
    pub(crate) value: &'s str,
    /// Name and value.
    pub(crate) at: Range<usize>,
    /// The value alone.
    pub(crate) value_at: Range<usize>,
}

impl<'s> Tag<'s> {
    pub(crate) fn attribute(&self, name: &str) -> Option<&Attribute<'s>> {
        self.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }
}

/// Whether a piece holds a placeholder or statement, so that what it is shows only when the template is filled.
pub(crate) fn is_open(text: &str) -> bool {
    text.contains([VALUE, LOGIC])
}

/// Blanks placeholders, statements and comments out.
pub(crate) fn mask(source: &str) -> Masked {
    let mut text = source.as_bytes().to_vec();
    let mut blocks = Vec::new();
    let mut ends = Ends::default();
    let hashes = hashes(source);
    let mut from = 0;
    while let Some(found) = source[from..].find('{') {
        let open = from + found;
        if hashes.binary_search(&open).is_ok() {
            from = open + 1;
            continue;
        }
        let (filler, close) = match source.as_bytes().get(open + 1) {
            Some(b'{') => (VALUE, "}}"),
            Some(b'%') => (LOGIC, "%}"),
            Some(b'#') => (LOGIC, "#}"),
            _ => {
                from = open + 1;
                continue;
            }
        };
        let end = ends.behind(source, open + 2, close);
        text[open..end].fill(u8::try_from(filler).unwrap_or(b' '));
        if close == "%}" {
            let statement = source[open + 2..end].trim_start_matches(['-', '+', ' ', '\t', '\n']);
            let word = &statement[..statement.bytes().take_while(u8::is_ascii_alphabetic).count()];
            if word.starts_with("end") {
                blocks.push((open, -1));
            } else if matches!(word, "if" | "for" | "with") {
                blocks.push((open, 1));
            }
        }
        from = end;
    }
    // Whole characters were replaced by ASCII, so this is text.
    Masked { text: String::from_utf8(text).unwrap_or_default(), blocks }
}

/// Where `{#` opens a block of minified CSS, such as `@media print{#logo{…}}`, and no comment: in a style sheet without a
/// `#}` behind it. In ascending order.
pub(crate) fn hashes(source: &str) -> Vec<usize> {
    let mut hashes = Vec::new();
    if !source.contains("{#") {
        return hashes;
    }
    let lower = source.to_ascii_lowercase();
    let mut from = 0;
    while let Some(start) = lower[from..].find("<style").map(|found| from + found) {
        let end = lower[start..].find("</style").map_or(source.len(), |found| start + found);
        let sheet = &source[start..end];
        let closed = sheet.rfind("#}").unwrap_or_default();
        hashes.extend(sheet.match_indices("{#").map(|(at, _)| at).filter(|at| *at >= closed).map(|at| start + at));
        from = end;
    }
    hashes
}

/// Looks for the ends of placeholders. What was looked for in vain is not looked for again, since a source may be full of
/// beginnings.
#[derive(Default)]
struct Ends {
    /// One was not closed, or a quote in it was not: the source does not compile, and quotes count no more.
    broken: bool,
    /// Closing signs that do not occur any more.
    missing: Vec<&'static str>,
}

impl Ends {
    /// Where what opened before `from` ends: behind its `close`, or with the line when there is none.
    fn behind(&mut self, source: &str, from: usize, close: &'static str) -> usize {
        let rest = &source[from..];
        if close != "#}" && !self.broken {
            let mut quote = None;
            for (at, byte) in rest.bytes().enumerate() {
                match (byte, quote) {
                    (b'"' | b'\'', None) => quote = Some(byte),
                    (byte, Some(open)) if byte == open => quote = None,
                    (b'\n', Some(_)) => break,
                    (b'}', None) if rest[..=at].ends_with(close) && at > 0 => return from + at + 1,
                    _ => {}
                }
            }
            self.broken = true;
        }
        // Whichever ends first.
        let closed = if self.missing.contains(&close) { None } else { rest.find(close) };
        if closed.is_none() {
            self.missing.push(close);
        }
        closed.map(|at| from + at + close.len()).or(rest.find('\n').map(|at| from + at)).unwrap_or(source.len())
    }
}

impl Masked {
    /// How many blocks are open at each of ascending places.
    pub(crate) fn depths(&self) -> impl FnMut(usize) -> i32 + '_ {
        let mut next = 0;
        let mut depth = 0;
        move |at| {
            while let Some((_, change)) = self.blocks.get(next).filter(|(place, _)| *place < at) {
                depth += change;
                next += 1;
            }
            depth
        }
    }
}

/// Reads what [`mask`] left.
pub(crate) fn tokens(text: &str) -> Vec<Token<'_>> {
    let lower = text.to_ascii_lowercase();
    let mut tokens = Vec::new();
    let (mut at, mut plain) = (0, 0);
    while let Some(found) = text[at..].find('<') {
        let open = at + found;
        let rest = &text[open + 1..];
        let closes = rest.starts_with('/');
        let named = rest[usize::from(closes)..].starts_with(|c: char| c.is_ascii_alphabetic());
        if !named && !rest.starts_with(['!', '?']) {
            at = open + 1;
            continue;
        }
        if plain < open {
            tokens.push(Token::Text(plain..open));
        }
        if !named {
            let close = if rest.starts_with("!--") { "-->" } else { ">" };
            at = behind(text, open, close);
            tokens.push(Token::Comment(open..at));
        } else if closes {
            at = behind(text, open, ">");
            let name = rest[1..].bytes().take_while(u8::is_ascii_alphanumeric).count();
            tokens.push(Token::Close(rest[1..=name].to_ascii_lowercase()));
        } else {
            let tag = tag(text, open);
            at = tag.at.end;
            let raw = matches!(&*tag.name, "style" | "script" | "title" | "textarea");
            if raw {
                let end = lower[at..].find(&format!("</{}", tag.name)).map_or(text.len(), |found| at + found);
                if tag.name == "style" {
                    tokens.push(Token::Style(at..end));
                }
                at = if end < text.len() { behind(text, end, ">") } else { end };
            } else {
                tokens.push(Token::Open(tag));
            }
        }
        plain = at;
    }
    if plain < text.len() {
        tokens.push(Token::Text(plain..text.len()));
    }
    tokens
}

fn behind(text: &str, from: usize, close: &str) -> usize {
    text[from..].find(close).map_or(text.len(), |found| from + found + close.len())
}

/// Reads the start tag at `open`.
fn tag(text: &str, open: usize) -> Tag<'_> {
    let length = text[open + 1..].bytes().take_while(u8::is_ascii_alphanumeric).count();
    let name = text[open + 1..=open + length].to_ascii_lowercase();
    let mut attributes = Vec::new();
    let mut at = open + 1 + length;
    let skips = |c: char| c.is_ascii_whitespace() || c == '/' || c == VALUE || c == LOGIC;
    loop {
        at += text[at..].find(|c: char| !skips(c)).unwrap_or(text.len() - at);
        if at >= text.len() || text[at..].starts_with('>') {
            break;
        }
        let starts = at;
        // A stray `=` at the start is a name's first character, as in browsers.
        let first = text[at..].chars().next().map_or(1, char::len_utf8);
        at += first;
        at += text[at..].find(|c: char| skips(c) || c == '=' || c == '>').unwrap_or(text.len() - at);
        let name = &text[starts..at];
        let value_at = value(text, at);
        if let Some(value) = &value_at {
            // Behind the closing quote, if there is one.
            let quoted = text[..value.start].ends_with(['"', '\'']) && value.end < text.len();
            at = value.end + usize::from(quoted);
        }
        let value_at = value_at.unwrap_or(at..at);
        if attributes.len() < MAX_ATTRIBUTES {
            attributes.push(Attribute { name, value: &text[value_at.clone()], at: starts..at, value_at });
        }
    }
    Tag { name, attributes, at: open..(at + 1).min(text.len()) }
}

/// Where the value behind an attribute's name is.
fn value(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = text[at..].trim_ascii_start().strip_prefix('=')?.trim_ascii_start();
    let starts = text.len() - rest.len();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
    if let Some(quote) = quote {
        let length = rest[1..].find(quote).unwrap_or(rest.len() - 1);
        return Some(starts + 1..starts + 1 + length);
    }
    let length = rest.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(rest.len());
    Some(starts..starts + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_blanked_out_byte_for_byte() {
        let source = "ä{{ \"}}\" }}{% if a < 'é' %}<b x=\"{{ y }}\">{# <i> #}{% endif %}{{";
        let masked = mask(source);
        assert_eq!(masked.text.len(), source.len());
        assert!(!masked.text.contains("endif") && !masked.text.contains("<i>"));
        assert_eq!(masked.blocks.iter().map(|(_, change)| change).sum::<i32>(), 0);
        let tokens = tokens(&masked.text);
        assert!(tokens.iter().any(|token| matches!(token, Token::Open(tag) if tag.name == "b")), "{tokens:?}");
    }

    #[test]
    fn tags_are_read_with_their_places() {
        let text = "<TD Width=3 style='a:b' nowrap alt=\"x>\"/>y</td><!-- <p> --><style>p{}</STYLE >";
        let tokens = tokens(text);
        let Token::Open(tag) = &tokens[0] else { panic!("{tokens:?}") };
        let read: Vec<(&str, &str)> = tag.attributes.iter().map(|a| (&text[a.at.clone()], a.value)).collect();
        assert_eq!(read, [("Width=3", "3"), ("style='a:b'", "a:b"), ("nowrap", ""), ("alt=\"x>\"", "x>")]);
        assert_eq!(tag.attribute("WIDTH").map(|width| &text[width.value_at.clone()]), Some("3"));
        assert!(matches!(&tokens[1], Token::Text(at) if &text[at.clone()] == "y"));
        assert!(matches!(&tokens[2], Token::Close(name) if name == "td"));
        assert!(matches!(&tokens[3], Token::Comment(_)));
        assert!(matches!(&tokens[4], Token::Style(at) if &text[at.clone()] == "p{}"));
    }

    #[test]
    fn a_block_of_minified_css_is_no_comment() {
        let source = "{# {# #}<style>@media print{#logo{color:red}}</style>{{ x }}<style>p{{# note #}}</style>{# y #}";
        assert_eq!(hashes(source), [source.find("{#logo").unwrap()]);
        assert!(mask(source).text.contains("print{#logo{color:red}}</style>\u{1}"));
    }

    #[test]
    fn what_is_cut_off_is_read_too() {
        for text in ["<", "<a", "<a b", "<a b=", "<a b=\"", "<a b='c", "</", "</a", "<!", "<!--", "<style", "<style>p{"]
        {
            tokens(text);
        }
    }
}
