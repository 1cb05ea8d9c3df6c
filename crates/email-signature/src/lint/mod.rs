//! Requirements on a template's HTML from Outlook's Word engine and from the steps before it.
//!
//! The source is read as typed ([`source`]), including placeholders, so that every finding has a position. Style sheets
//! are treated as if they were inlined ([`sheet`]). All findings are advice: none keeps a template from being used.

mod brand;
mod colour;
mod fix;
mod page;
mod rules;
pub(crate) mod sheet;
pub(crate) mod source;
mod styles;
mod tags;
mod words;

#[cfg(test)]
mod tests;

pub use brand::brand_advice;
pub use colour::read as mail_colour;
pub use fix::{fixed, fixes};
pub use rules::{LINT_RULES, LintRule};

use crate::finding::Finding;
use page::Page;
use source::Token;
use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

/// Longest source that is checked, in bytes; longer ones cannot be compiled anyway.
const MAX_SOURCE: usize = 100_000;
/// Most findings: once these are corrected, the rest appear.
const MAX_FINDINGS: usize = 200;

/// Possible improvements to a template's HTML, in source order.
pub fn lint(html: &str) -> Vec<Finding> {
    if html.len() > MAX_SOURCE {
        return vec![Finding::advice(
            "length",
            format!("The template is longer than {MAX_SOURCE} bytes: shorten it."),
            None,
        )];
    }
    let masked = source::mask(html);
    tokens(&masked, &source::tokens(&masked.text))
}

/// The same for a source that has already been parsed.
pub(crate) fn tokens(masked: &source::Masked, tokens: &[Token<'_>]) -> Vec<Finding> {
    walked(masked, tokens).finish()
}

fn walked<'t, 's>(masked: &'s source::Masked, tokens: &'t [Token<'s>]) -> Page<'t, 's> {
    let mut page = Page::new(&masked.text);
    let mut depth = masked.depths();
    for token in tokens {
        match token {
            Token::Style(at) => page.sheet(at),
            Token::Comment(at) => page.comment(at),
            Token::Open(_) | Token::Close(_) | Token::Text(_) => {}
        }
    }
    for token in tokens {
        match token {
            Token::Open(tag) => page.open(tag, depth(tag.at.start)),
            Token::Close(name) => page.close(name),
            Token::Text(at) => page.text(at),
            Token::Style(_) | Token::Comment(_) => {}
        }
    }
    page
}

/// Findings as they are found, each reported once.
#[derive(Debug, Default)]
struct Findings {
    list: Vec<Finding>,
    told: BTreeSet<(&'static str, usize)>,
    /// Where the declarations that were looked at begin.
    looked_at: HashSet<usize>,
}

impl Findings {
    fn add(&mut self, rule: &'static str, at: &Range<usize>, detail: impl FnOnce() -> String) {
        if self.list.len() < MAX_FINDINGS && self.told.insert((rule, at.start)) {
            self.list.push(Finding::advice(rule, detail(), Some(at.clone())));
        }
    }

    /// Whether the declaration that begins there was not looked at before.
    fn is_new(&mut self, at: usize) -> bool {
        self.looked_at.insert(at)
    }

    fn into_list(mut self) -> Vec<Finding> {
        self.list.sort_by_key(|finding| finding.at.as_ref().map_or(0, |at| at.start));
        self.list
    }
}
