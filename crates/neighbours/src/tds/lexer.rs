//! T-SQL's words: enough of them to split a batch into statements and to say these in SQLite's language.

use super::errors::{SYNTAX, SqlError};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A keyword or a plain name.
    Word,
    /// A name in brackets or double quotes.
    Quoted,
    /// A string, with or without its `N`.
    Text,
    Number,
    /// `@name` or `@@name`.
    Variable,
    Mark,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub(super) class: Class,
    /// As it was written.
    pub(super) source: &'a str,
    /// Where in the batch it was written.
    pub(super) start: usize,
}

impl Token<'_> {
    /// Whether it is this keyword, or this mark.
    pub(super) fn is(&self, word: &str) -> bool {
        matches!(self.class, Class::Word | Class::Mark) && self.source.eq_ignore_ascii_case(word)
    }

    /// Whether it is one of these keywords.
    pub(super) fn is_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }

    /// What it names, if it can be a name.
    pub(super) fn name(&self) -> Option<String> {
        match self.class {
            Class::Word => Some(self.source.to_owned()),
            Class::Quoted => {
                let close = &self.source[self.source.len() - 1..];
                Some(self.source[1..self.source.len() - 1].replace(&close.repeat(2), close))
            }
            _ => None,
        }
    }

    /// What a string says.
    pub(super) fn text(&self) -> Option<String> {
        let quoted = self.source.strip_prefix(['n', 'N']).unwrap_or(self.source);
        (self.class == Class::Text).then(|| quoted[1..quoted.len() - 1].replace("''", "'"))
    }
}

/// All tokens of a batch, without blanks and comments.
///
/// # Errors
/// When a string or a quoted name does not end.
pub(super) fn tokens(batch: &str) -> Result<Vec<Token<'_>>, SqlError> {
    let mut tokens = Vec::new();
    let mut start = 0;
    while let Some(first) = batch[start..].chars().next() {
        let rest = &batch[start..];
        let blank = blank(rest, first);
        if blank > 0 {
            start += blank;
            continue;
        }
        let (class, length) = token(rest, first)?;
        tokens.push(Token { class, source: &rest[..length], start });
        start += length;
    }
    Ok(tokens)
}

/// How much of `rest` is a blank or a comment.
fn blank(rest: &str, first: char) -> usize {
    if rest.starts_with("--") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return rest.find("*/").map_or(rest.len(), |end| end + 2);
    }
    if first.is_whitespace() { first.len_utf8() } else { 0 }
}

fn token(rest: &str, first: char) -> Result<(Class, usize), SqlError> {
    let run = |test: fn(char) -> bool| rest.find(|c| !test(c)).unwrap_or(rest.len());
    let is_part = |c: char| c.is_alphanumeric() || "_@#$".contains(c);
    Ok(match first {
        '\'' => (Class::Text, quoted(rest, 0, '\'')?),
        'n' | 'N' if rest[1..].starts_with('\'') => (Class::Text, quoted(rest, 1, '\'')?),
        '[' => (Class::Quoted, quoted(rest, 0, ']')?),
        '"' => (Class::Quoted, quoted(rest, 0, '"')?),
        '@' => (Class::Variable, run(is_part)),
        '0'..='9' => (Class::Number, run(|c| c.is_ascii_alphanumeric() || c == '.')),
        c if is_part(c) => (Class::Word, run(is_part)),
        c if "<>=!".contains(c) => (Class::Mark, run(|c| "<>=!".contains(c))),
        c => (Class::Mark, c.len_utf8()),
    })
}

/// Where the quotation ends whose mark is at `open`; `close` twice is one of its characters.
fn quoted(rest: &str, open: usize, close: char) -> Result<usize, SqlError> {
    let mut at = open + 1;
    while let Some(found) = rest[at..].find(close) {
        at += found + 1;
        if !rest[at..].starts_with(close) {
            return Ok(at);
        }
        at += 1;
    }
    let said = &rest[open + 1..];
    Err(SqlError::new(105, 1, SYNTAX, format!("Unclosed quotation mark after the character string '{said}'.")))
}
