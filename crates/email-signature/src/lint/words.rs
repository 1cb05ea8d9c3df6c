//! Rules about text: what it is set in, and whether it can be read.

use super::page::Element;
use super::source::{LOGIC, VALUE};
use super::styles::pixels;
use super::tags::within_cell;
use super::{Findings, colour};
use std::ops::Range;

/// What a value counts for in the length of a signature.
const VALUE_LENGTH: usize = 24;

/// How long a piece of text will be, more or less.
pub(super) fn length(text: &str) -> usize {
    if !text.contains([VALUE, LOGIC]) {
        return text.encode_utf16().count();
    }
    let values = text.split(|c| c != VALUE).filter(|run| !run.is_empty()).count();
    text.chars().filter(|&c| c != VALUE && c != LOGIC).map(char::len_utf16).sum::<usize>() + values * VALUE_LENGTH
}

/// Checks a text that is not blank inside the elements that are `open`.
pub(super) fn check(text: &str, at: &Range<usize>, open: &[Element<'_, '_>], findings: &mut Findings) {
    let Some(inner) = open.last() else {
        if text.contains(|c: char| c == VALUE || c.is_alphanumeric()) {
            let at = trimmed(text, at);
            findings.add("font", &at, || {
                "This text has neither font nor size: put it into a table cell that sets both.".into()
            });
        }
        return;
    };
    if matches!(inner.name(), "table" | "tbody" | "tr") || !text.contains(|c: char| c != LOGIC && !c.is_whitespace()) {
        return;
    }
    font(open, findings);
    let visible = text.replace("&nbsp;", " ").contains(|c: char| c == VALUE || c.is_alphanumeric());
    if visible {
        link(open, findings);
        readable(open, findings);
    }
}

fn trimmed(text: &str, at: &Range<usize>) -> Range<usize> {
    let starts = at.start + text.len() - text.trim_start().len();
    starts..starts + text.trim().len()
}

fn font(open: &[Element<'_, '_>], findings: &mut Findings) {
    let says = |property: &str, attribute: &str| {
        within_cell(open).any(|element| {
            element.style(property).is_some()
                || element.style("font").is_some()
                || (element.name() == "font" && element.tag.attribute(attribute).is_some())
        })
    };
    let missing = match (says("font-family", "face"), says("font-size", "size")) {
        (true, true) => return,
        (true, false) => "size: add “font-size”",
        (false, true) => "font: add “font-family”",
        (false, false) => "font and size: add “font-family” and “font-size”",
    };
    if let Some(cell) = within_cell(open).last() {
        let name = cell.name();
        findings.add("font", &cell.tag.at, || format!("The text in this “<{name}>” sets no {missing}."));
    }
}

fn link(open: &[Element<'_, '_>], findings: &mut Findings) {
    let Some(from) = open.iter().rposition(|element| element.name() == "a" && element.tag.attribute("href").is_some())
    else {
        return;
    };
    let link = &open[from];
    let colour = open[from..].iter().rev().find_map(|element| element.style("color"));
    if colour.is_none_or(|colour| colour.value == "inherit") {
        findings.add("link-colour", &link.tag.at, || {
            "Give the link its own colour, as #rrggbb: otherwise Outlook makes it blue.".into()
        });
    } else if !open[from..].iter().any(|element| element.style("text-decoration").is_some()) {
        findings.add("link-colour", &link.tag.at, || {
            "Add “text-decoration: none” or “underline”: otherwise mail programs differ.".into()
        });
    }
}

fn readable(open: &[Element<'_, '_>], findings: &mut Findings) {
    let ground = open.iter().rposition(|element| background(element).is_some());
    let back = ground.and_then(|at| background(&open[at]));
    let front = open.iter().enumerate().rev().find_map(|(at, element)| Some((at, foreground(element)?)));
    if let Some(at) = ground
        && front.is_none_or(|(front, _)| front < at)
    {
        let name = open[at].name();
        findings.add("dark-mode", &open[at].tag.at, || {
            format!("The text on this “<{name}>” has a background but no colour of its own: give it one.")
        });
    }
    let Some((place, front)) = front else { return };
    let back = back.map_or(Some(0xff_ffff), colour::read);
    if let (Some(front), Some(back)) = (colour::read(front), back) {
        let contrast = colour::contrast(front, back);
        if contrast < if is_large(open) { 3.0 } else { 4.5 } {
            findings.add("contrast", &open[place].tag.at, || {
                format!("The text #{front:06x} on #{back:06x} has a contrast of {contrast:.1} to 1 and is hard to read: make one of them darker.")
            });
        }
    }
}

fn foreground<'s>(element: &Element<'_, 's>) -> Option<&'s str> {
    let style = element.style("color").map(|colour| colour.value);
    let attribute = || element.tag.attribute("color").map(|colour| colour.value);
    style.or_else(attribute).filter(|colour| *colour != "inherit")
}

fn background<'s>(element: &Element<'_, 's>) -> Option<&'s str> {
    let style = element.style("background-color").or_else(|| element.style("background")).map(|colour| colour.value);
    let attribute = || element.tag.attribute("bgcolor").map(|colour| colour.value);
    style.or_else(attribute).filter(|colour| !matches!(*colour, "transparent" | "none" | "inherit"))
}

/// Large as WCAG has it: 18 points, or 14 and bold.
fn is_large(open: &[Element<'_, '_>]) -> bool {
    let size = open.iter().rev().find_map(|element| element.style("font-size")).and_then(|size| pixels(size.value));
    let bold = open.iter().rev().find_map(|element| {
        let weight = element.style("font-weight").map(|weight| weight.value);
        weight.or(matches!(element.name(), "b" | "strong" | "h1" | "h2" | "h3").then_some("bold"))
    });
    let bold = bold.is_some_and(|weight| weight == "bold" || weight.parse().is_ok_and(|weight: u32| weight >= 600));
    size.is_some_and(|size| size >= 24.0 || (bold && size >= 18.6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_values_counts_as_one_value_beside_the_letters() {
        let value = VALUE.to_string();
        for (text, counted) in [
            ("Ada".to_owned(), 3),
            ("𝒜".to_owned(), 2),
            (value.clone(), VALUE_LENGTH),
            (value.repeat(3), VALUE_LENGTH),
            (format!("a{value}b{value}{value}"), 2 + 2 * VALUE_LENGTH),
            (format!("a{LOGIC}b"), 2),
        ] {
            assert_eq!(length(&text), counted, "{text:?}");
        }
    }
}
