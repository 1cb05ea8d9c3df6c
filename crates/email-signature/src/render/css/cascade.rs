//! Style sheets on their way into elements: the rules that can matter, as many as there is work to spend on them.
//!
//! Matching a selector and merging what fits take work that grows with rules times elements, and with the square of
//! either for some selectors. So each rule is weighed against the elements that were counted
//! ([`Measured`](super::measure::Measured)) before the inliner sees it, and rules past the budget are left out, from the
//! end, with a problem.

use super::styles;
use crate::render::html::measure::Measured;
use css_inline::{CSSInliner, InlineOptions};
use std::borrow::Cow;
use std::collections::HashSet;

/// Rules that are looked at.
const MAX_RULES: usize = 2_000;
/// Longest selector in bytes; longer ones fit nothing.
const MAX_SELECTOR: usize = 300;
/// Steps for matching and merging: a step is one comparison, some nanoseconds.
const MAX_STEPS: u64 = 50_000_000;
/// Bytes of declarations that all elements get together.
const MAX_STYLED: u64 = 1_000_000;
/// Most elements inside each other, for selectors such as `td a`; see [`super::measure`].
const DEPTH: u64 = 100;

/// The rules that are applied.
#[derive(Debug, Default)]
pub(in crate::render) struct Applied {
    /// As one style sheet.
    css: String,
    /// How many rules are in it, and how many there were.
    pub(in crate::render) kept: usize,
    pub(in crate::render) of: usize,
    /// Steps that they may take.
    pub(in crate::render) steps: u64,
}

impl Applied {
    /// What to tell when rules were left out.
    pub(in crate::render) fn problem(&self) -> Option<String> {
        (self.kept < self.of).then(|| {
            format!(
                "Its style sheets have more rules than can be applied: only the first {} of {} are used.",
                self.kept, self.of
            )
        })
    }
}

/// Moves the rules of style sheets into the elements that they fit.
pub(in crate::render) fn inline(html: &str, applied: &Applied) -> Result<String, String> {
    let options: InlineOptions<'_> = CSSInliner::options()
        .load_remote_stylesheets(false)
        .inline_style_tags(false)
        .keep_style_tags(false)
        .keep_link_tags(false)
        .keep_at_rules(false)
        .extra_css(Some(Cow::Borrowed(&applied.css)));
    options.build().inline(html).map_err(|error| format!("its style sheet cannot be read ({error})"))
}

/// Reads the style sheets that were found, as far as there is work to spend on their rules.
pub(in crate::render) fn applied(measured: &Measured) -> Applied {
    let mut applied = Applied::default();
    let mut properties = HashSet::new();
    let mut styled = 0;
    let mut is_full = false;
    for sheet in &measured.styles {
        for (selectors, body) in rules(&without_comments(sheet)) {
            let declarations = declarations(body);
            let selectors: Vec<&str> = split(selectors, ',').filter(|selector| is_applied(selector)).collect();
            if declarations.is_empty() || selectors.is_empty() {
                continue;
            }
            applied.of += 1;
            properties.extend(declarations.iter().map(|(property, _)| property.to_ascii_lowercase()));
            let fits: u64 = selectors.iter().map(|selector| candidates(selector, measured)).sum();
            let merging = fits * declarations.len() as u64 * properties.len() as u64;
            let matching: u64 = selectors.iter().map(|selector| matching(selector, measured)).sum();
            let bytes = fits * declarations.iter().map(|(name, value)| (name.len() + value.len()) as u64).sum::<u64>();
            is_full |= applied.kept == MAX_RULES
                || applied.steps + merging + matching > MAX_STEPS
                || styled + bytes > MAX_STYLED;
            if is_full {
                continue;
            }
            applied.steps += merging + matching;
            styled += bytes;
            applied.kept += 1;
            write(&mut applied.css, &selectors, &declarations);
        }
    }
    applied
}

fn write(css: &mut String, selectors: &[&str], declarations: &[(&str, &str)]) {
    css.push_str(&selectors.join(","));
    css.push('{');
    for (property, value) in declarations {
        css.push_str(property);
        css.push(':');
        css.push_str(value);
        css.push(';');
    }
    css.push_str("}\n");
}

/// How many elements a selector can fit, by the last of its compounds.
fn candidates(selector: &str, measured: &Measured) -> u64 {
    let compound = selector.rsplit([' ', '>', '~', '+']).next().unwrap_or_default();
    let starts = compound.find(['.', '#', ':', '[']).unwrap_or(compound.len());
    let (name, rest) = compound.split_at(starts);
    let mark = if name.is_empty() || name == "*" {
        let ends = rest[1.min(rest.len())..].find(['.', '#', ':', '[']).map_or(rest.len(), |at| at + 1);
        rest[..ends].to_owned()
    } else {
        name.to_owned()
    };
    let plain = |c: char| c.is_alphanumeric() || "-_".contains(c);
    match mark.trim_start_matches(['.', '#']) {
        named if !named.is_empty() && named.chars().all(plain) => {
            measured.by_mark.get(&mark.to_ascii_lowercase()).copied().unwrap_or_default() as u64
        }
        _ => measured.elements as u64,
    }
}

/// Steps for finding the elements that a selector fits: each is at least looked at.
fn matching(selector: &str, measured: &Measured) -> u64 {
    let mut each = selector.len() as u64;
    if selector.contains([' ', '>']) {
        each *= DEPTH;
    }
    if looks_beside(selector) {
        each *= measured.siblings as u64;
    }
    measured.elements as u64 + candidates(selector, measured) * each
}

/// Whether it may have to look at all elements beside one.
fn looks_beside(selector: &str) -> bool {
    selector.contains('~') || ["nth", "last", "only", "of-type", "empty"].iter().any(|word| selector.contains(word))
}

/// Whether a selector is one that elements of a mail can be found by. Lists within brackets, and more than one look at
/// all siblings, are work without bounds.
fn is_applied(selector: &str) -> bool {
    let within = selector.split('(').skip(1).map(|behind| behind.split(')').next().unwrap_or_default());
    !selector.is_empty()
        && selector.len() <= MAX_SELECTOR
        && selector.matches('~').count() <= 1
        && selector.matches('(').count() <= 2
        && within.into_iter().all(|inner| !inner.contains([' ', '>', '~', ',']))
}

/// Without comments, and without what hides style sheets from old browsers.
fn without_comments(sheet: &str) -> String {
    let mut out = String::with_capacity(sheet.len());
    let mut rest = sheet;
    while let Some(at) = rest.find("/*") {
        out.push_str(&rest[..at]);
        // As CSS has it, a comment stands for nothing and yet keeps words apart.
        out.push(' ');
        rest = rest[at + 2..].split_once("*/").map_or("", |(_, behind)| behind);
    }
    out.push_str(rest);
    if out.contains("<!--") || out.contains("-->") { out.replace("<!--", " ").replace("-->", " ") } else { out }
}

/// The rules of a style sheet: selectors and what stands between the braces. At-rules are left out: no element can have
/// them.
fn rules(sheet: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = sheet;
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '}');
            let opens = end_of(rest, &['{', ';']);
            if opens >= rest.len() {
                return None;
            }
            let is_block = rest.as_bytes()[opens] == b'{';
            let (head, behind) = (&rest[..opens], &rest[opens + 1..]);
            if !is_block {
                // `@import …;`, or a stray semicolon in a selector, which is then none.
                rest = behind;
                continue;
            }
            let closes = block_end(behind);
            rest = behind.get(closes + 1..).unwrap_or_default();
            if !head.starts_with('@') {
                return Some((head.trim(), &behind[..closes]));
            }
        }
    })
}

/// Where the block ends whose inside this is.
fn block_end(inside: &str) -> usize {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    for (at, byte) in inside.bytes().enumerate() {
        match (byte, quote) {
            _ if escaped => escaped = false,
            (b'\\', _) => escaped = true,
            // A string that is not closed ends with its line.
            (b'\n', Some(_)) => quote = None,
            (byte, Some(open)) if byte == open => quote = None,
            (b'"' | b'\'', None) => quote = Some(byte),
            (b'{', None) => depth += 1,
            (b'}', None) if depth == 0 => return at,
            (b'}', None) => depth -= 1,
            _ => {}
        }
    }
    inside.len()
}

/// The declarations of a rule that elements may have; what is not of the form `property: value`, or nested, is left out.
fn declarations(body: &str) -> Vec<(&str, &str)> {
    let read = |text: &&str| end_of(text, &['{', '}']) == text.len();
    split(body, ';')
        .filter(read)
        .filter_map(|text| text.split_once(':'))
        .map(|(property, value)| (property.trim(), value.trim()))
        .filter(|(property, value)| styles::is_known(property) && !value.is_empty())
        .collect()
}

/// The pieces between separators outside strings and brackets, trimmed.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let ends = end_of(text, &[separator]);
        rest = text.get(ends + 1..);
        Some(text[..ends].trim())
    })
}

/// Where the first of `wanted` stands outside strings and brackets, or the end.
fn end_of(text: &str, wanted: &[char]) -> usize {
    let mut quote = None;
    let mut escaped = false;
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match (c, quote) {
            _ if escaped => escaped = false,
            ('\\', _) => escaped = true,
            ('\n', Some(_)) => quote = None,
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => quote = Some(c),
            (c, None) if depth == 0 && wanted.contains(&c) => return at,
            ('(' | '[', None) => depth += 1,
            (')' | ']', None) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::html::measure::measure;

    fn of(html: &str) -> Applied {
        applied(&measure(html).unwrap())
    }

    #[test]
    fn what_can_matter_is_applied() {
        for (sheet, css) in [
            ("p{color:red}", "p{color:red;}\n"),
            ("<!-- /* Font */ p.Mso, li { margin : 0cm ; panose-1:2 } -->", "p.Mso,li{margin:0cm;}\n"),
            ("@import 'x;y'; @media print{p{color:red}} a{color:blue", "a{color:blue;}\n"),
            ("a[title=\"},{\"]{font-family:'a;b{'}", "a[title=\"},{\"]{font-family:'a;b{';}\n"),
            ("a:hover{b{color:red}} p:not(.x){width:calc(1px;2)}", "p:not(.x){width:calc(1px;2);}\n"),
            ("b{color}b{color}:is(a,b){color:red}{color:red}", ""),
        ] {
            assert_eq!(of(&format!("<style>{sheet}</style><p><a>x</a>")).css, css, "{sheet}");
        }
    }

    #[test]
    fn rules_past_the_budget_are_left_out_with_a_problem() {
        let few = of(&format!("<style>{}</style><p>", "p{color:red}".repeat(100)));
        assert_eq!((few.kept, few.of, few.problem()), (100, 100, None));
        for (rules, elements) in [
            ("p{color:red}".repeat(10_000), "<p>".repeat(3)),
            ("p p p{color:red}".repeat(1_000), "<p>x</p>".repeat(3_000)),
            ("p ~ p{color:red}".repeat(10), "<p>x</p>".repeat(9_000)),
            (format!("p{{font-family:'{}'}}", "x".repeat(1_000)), "<p>x</p>".repeat(5_000)),
            ((0..3_000).map(|n| ["p{mso-", &"x".repeat(n % 60), ":1}"].concat()).collect(), "<p>x</p>".repeat(5_000)),
        ] {
            let applied = of(&format!("<style>{rules}</style>{elements}"));
            assert!(applied.kept < applied.of && applied.problem().is_some(), "{} of {}", applied.kept, applied.of);
            assert!(applied.steps <= MAX_STEPS);
        }
    }
}
