//! A walk over a template's tags, with the elements that are open and the styles that each of them has.

use super::sheet::{Declaration, Sheet};
use super::source::{Tag, is_open};
use super::{Findings, styles, tags, words};
use std::ops::Range;

/// Elements that may be open at once; a template with more cannot be used.
const MAX_OPEN: usize = 100;
/// Steps that looking at one template may take: selectors against elements, declarations against each other.
pub(super) const MAX_WORK: usize = 10_000_000;
/// How often a text or tag asks for a declaration of each element that it stands in.
const QUESTIONS: usize = 16;

/// An element that is open.
#[derive(Debug)]
pub(super) struct Element<'t, 's> {
    pub(super) tag: &'t Tag<'s>,
    pub(super) styles: Vec<Declaration<'s>>,
    /// In how many `{% if %}` and the like its tag stands.
    depth: i32,
}

impl<'s> Element<'_, 's> {
    pub(super) fn name(&self) -> &str {
        &self.tag.name
    }

    /// The declaration of a property that counts.
    pub(super) fn style(&self, property: &str) -> Option<&Declaration<'s>> {
        self.styles.iter().rev().find(|declaration| declaration.property == property)
    }

    pub(super) fn is_cell(&self) -> bool {
        matches!(self.name(), "td" | "th")
    }
}

/// The walk.
pub(super) struct Page<'t, 's> {
    source: &'s str,
    sheet: Sheet<'s>,
    open: Vec<Element<'t, 's>>,
    findings: Findings,
    /// How long the signature will be, more or less.
    length: usize,
    /// Steps so far; see [`MAX_WORK`].
    pub(super) work: usize,
}

impl<'t, 's> Page<'t, 's> {
    pub(super) fn new(source: &'s str) -> Self {
        Self { source, sheet: Sheet::default(), open: Vec::new(), findings: Findings::default(), length: 0, work: 0 }
    }

    pub(super) fn sheet(&mut self, at: &Range<usize>) {
        let text = &self.source[at.clone()];
        self.sheet.read(text, at.start);
        for lost in std::mem::take(&mut self.sheet.lost) {
            let rule = if self.source[lost.clone()].starts_with("@font-face")
                || self.source[lost.clone()].starts_with("@import")
            {
                "web-font"
            } else {
                "style-sheet"
            };
            let written = first_words(&self.source[lost.clone()]);
            self.findings.add(rule, &lost, || format!("“{written}” is left out of the signature: remove it."));
        }
    }

    pub(super) fn comment(&mut self, at: &Range<usize>) {
        let text = &self.source[at.clone()];
        if text.contains("[if") || text.contains("[endif") {
            self.findings.add("comment", at, || {
                "This comment is removed with everything in it: write what Outlook should show as plain tables.".into()
            });
        }
    }

    /// Counts steps, those for the elements that are open included; whether it may go on.
    fn spend(&mut self, steps: usize, at: &Range<usize>) -> bool {
        if self.work > MAX_WORK {
            return false;
        }
        let declared: usize = self.open.iter().map(|element| element.styles.len()).sum();
        self.work += steps + self.open.len() + declared * QUESTIONS;
        let is_within = self.work <= MAX_WORK;
        if !is_within {
            self.findings.add("length", &(at.start..at.start), || {
                "From here on, this template was not checked: its style sheet has too many rules for so many elements."
                    .into()
            });
        }
        is_within
    }

    pub(super) fn open(&mut self, tag: &'t Tag<'s>, depth: i32) {
        let own = tag.attribute("style").map_or(0, |style| style.value.len());
        if !self.spend(self.sheet.work(self.open.len()) + own, &tag.at) {
            return;
        }
        self.close_before(&tag.name);
        let parents: Vec<&Tag<'_>> = self.open.iter().map(|element| element.tag).collect();
        let styles = self.sheet.of(tag, &parents);
        let own = |declaration: &&Declaration<'_>| !tag.at.contains(&declaration.at.start);
        self.length += tag.at.len() + styles.iter().filter(own).map(|own| own.at.len() + 1).sum::<usize>();
        let element = Element { tag, styles, depth };
        styles::check(&element, &mut self.findings);
        tags::check(&element, &self.open, &mut self.findings);
        let is_void =
            matches!(&*tag.name, "area" | "base" | "br" | "col" | "hr" | "img" | "input" | "link" | "meta" | "wbr");
        if !is_void && self.open.len() < MAX_OPEN {
            self.open.push(element);
        }
    }

    /// Elements whose end tags may be left out end where others begin.
    fn close_before(&mut self, name: &str) {
        let ends: &[&str] = match name {
            "td" | "th" => &["td", "th"],
            "tr" => &["td", "th", "tr"],
            "tbody" | "thead" | "tfoot" => &["td", "th", "tr", "tbody", "thead", "tfoot"],
            "li" => &["li"],
            "a" => &["a"],
            "p" | "div" | "table" | "ul" | "ol" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => &["p"],
            _ => return,
        };
        let within = self.open.iter().rposition(|element| matches!(element.name(), "table" | "ul" | "ol"));
        let from = within.map_or(0, |at| at + 1);
        if let Some(at) = self.open[from..].iter().position(|element| ends.contains(&element.name())) {
            self.pop(from + at);
        }
    }

    pub(super) fn close(&mut self, name: &str) {
        self.length += name.len() + 3;
        if let Some(at) = self.open.iter().rposition(|element| element.name() == name) {
            self.pop(at + 1);
            self.open.truncate(at);
        }
    }

    /// Ends what is open from `at` on without end tags of its own.
    fn pop(&mut self, at: usize) {
        for element in self.open.drain(at.min(self.open.len())..) {
            let may = matches!(
                element.name(),
                "td" | "th" | "tr" | "tbody" | "thead" | "tfoot" | "li" | "p" | "dt" | "dd" | "colgroup"
            );
            if !may && element.depth == 0 {
                let name = element.name();
                self.findings.add("unclosed", &element.tag.at, || {
                    format!("“<{name}>” is not closed: put “</{name}>” where it ends.")
                });
            }
        }
    }

    pub(super) fn text(&mut self, at: &Range<usize>) {
        let text = &self.source[at.clone()];
        if !text.trim().is_empty() && self.spend(text.len(), at) {
            self.length += words::length(text);
            words::check(text, at, &self.open, &mut self.findings);
        }
    }

    pub(super) fn finish(mut self) -> Vec<crate::Finding> {
        self.pop(0);
        if self.length > crate::render::MAX_HTML {
            let length = self.length;
            self.findings.add("length", &(0..0), || {
                format!(
                    "The signature will have about {length} characters, and Outlook accepts 30,000: shorten the \
                     template or its style sheet."
                )
            });
        }
        self.findings.into_list()
    }
}

/// The beginning of a piece of source, for quoting.
pub(super) fn first_words(text: &str) -> String {
    let text = text.trim();
    let shown: String = text.chars().take(40).take_while(|&c| c != '{' && c != '\n').collect();
    let shown = shown.trim();
    if is_open(shown) || shown.len() < text.len() {
        format!("{} …", shown.replace(|c: char| c.is_control(), ""))
    } else {
        shown.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_is_cut_where_it_gets_long_or_says_nothing() {
        for (source, quoted) in [
            ("  color: red ", "color: red"),
            ("@media print { p { color: red } }", "@media print …"),
            ("a\nb", "a …"),
            ("\u{1} red", " red …"),
        ] {
            assert_eq!(first_words(source), quoted, "{source:?}");
        }
        assert_eq!(first_words(&"x".repeat(41)), format!("{} …", "x".repeat(40)));
    }
}
