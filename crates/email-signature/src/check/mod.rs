//! Everything that is wrong with a template as it is typed, with its place: what does not compile, what does not exist,
//! what cannot stay in a mail; and as advice, what [`lint`](crate::lint()) finds.

mod named;

use crate::lint;
use crate::lint::sheet::{self, Declaration, Sheet};
use crate::lint::source::{self, LOGIC, Tag, Token, VALUE};
use crate::ready::passages::{self, Foreign};
use crate::render::blocks;
use crate::render::css::styles;
use crate::render::html::{bulk, markup, measure, policy};
use crate::render::language::{self, Program, TESTS, Word};
use crate::render::links::{Link, Refused, Target};
use crate::render::namespaces::BRAND;
use crate::render::slots::{self, Slot};
use crate::render::{COMPUTED, filters, is_built_in};
use crate::{BRAND_TOKENS, BUILT_IN_FIELDS, Blocks, Finding, ImageUrls, Level, Template};
use std::ops::Range;

/// Longest source that is checked; compiling refuses longer ones.
const MAX_SOURCE: usize = language::MAX_SOURCE;
/// Most problems of one kind: once these are corrected, the rest appear. Suggesting what was meant costs work for each.
const MAX_FINDINGS: usize = 100;

/// Findings about a template that uses no blocks, as [`check_with`].
pub fn check(template: &Template, images: &ImageUrls, fields: &[&str]) -> Vec<Finding> {
    check_with(template, &Blocks::default(), images, fields)
}

/// Findings about a template: problems first, then advice, each in source order. `fields` are the tokens of the
/// tenant's custom fields, and those of its brands' own values as `brand.TOKEN`. What is wrong inside a block is found where the block is edited; here its place is the name.
pub fn check_with(template: &Template, blocks: &Blocks, images: &ImageUrls, fields: &[&str]) -> Vec<Finding> {
    let named = named::findings(template, blocks, images, fields);
    let own = Template {
        html: blocks::without(&template.html),
        text: template.text.as_deref().map(blocks::without),
        ..template.clone()
    };
    let mut findings = check_own(&own, images, fields);
    findings.extend(named);
    let place = |finding: &Finding| finding.at.as_ref().map_or(0, |at| at.start);
    findings.sort_by_key(|finding| (finding.level == Level::Advice, finding.in_text, place(finding)));
    findings.dedup();
    findings
}

fn check_own(template: &Template, images: &ImageUrls, fields: &[&str]) -> Vec<Finding> {
    let mut findings = program(&template.html, fields);
    if template.html.len() <= MAX_SOURCE {
        let masked = source::mask(&template.html);
        let tokens = source::tokens(&masked.text);
        findings
            .extend(policy::lost_at(&template.html).into_iter().map(|(detail, at)| Finding::problem(detail, Some(at))));
        if let Err(detail) = measure::measure(&bulk::stripped(&masked.text)) {
            findings.push(Finding::problem(format!("The template cannot be shown: {detail}."), None));
        }
        markup(&masked.text, &tokens, images, &mut findings);
        findings.extend(unmapped(passages::in_tokens(&masked.text, &tokens)));
        findings.extend(lint::tokens(&masked, &tokens));
    }
    if let Some(text) = &template.text {
        let foreign = unmapped(passages::in_text(&source::mask(text).text));
        let findings_in_text = program(text, fields).into_iter().chain(foreign);
        findings.extend(findings_in_text.map(|finding| Finding { in_text: true, ..finding }));
    }
    findings
}

/// Placeholders of other programs, which nothing fills.
fn unmapped(all: Vec<Foreign>) -> impl Iterator<Item = Finding> {
    all.into_iter().take(MAX_FINDINGS).map(|one| {
        let at = one.at.first().zip(one.at.last()).map(|(first, last)| first.start..last.end);
        Finding::problem(not_filled(&one.written), at)
    })
}

/// What is wrong with a text that looks like another program's placeholder.
pub(crate) fn not_filled(written: &str) -> String {
    format!(
        "“{written}” looks like another program’s placeholder, and mails show it as it is: replace it with a placeholder."
    )
}

/// What is wrong between the braces.
fn program(source: &str, fields: &[&str]) -> Vec<Finding> {
    let program = match Program::compile(source) {
        Ok(program) => program,
        Err(clause) => return vec![clause_at(source, &clause)],
    };
    let words = language::words(source);
    let mut findings = Vec::new();
    let mut unknown = |kind: Word, known: &[&str], noun: &str| {
        let wrong = words.iter().filter(|(found, word, _)| *found == kind && !known.contains(word));
        for (_, word, at) in wrong.take(MAX_FINDINGS) {
            let meant = nearest(word, known.iter().copied());
            findings.push(Finding::problem(format!("There is no {noun} “{word}”{meant}."), Some(at.clone())));
        }
    };
    unknown(Word::Filter, filters::NAMES, "filter");
    unknown(Word::Test, TESTS, "test");
    if findings.is_empty() {
        // Some things show only when it runs: a filter that lacks what it needs, or a loop without an end.
        let runs = ["1", ""].into_iter().filter_map(|value| program.run(|_| value).err());
        findings.extend(runs.take(1).map(|clause| clause_at(source, &clause)));
    }
    let known = || {
        COMPUTED.iter().copied().chain(BUILT_IN_FIELDS.iter().map(|(token, _)| *token)).chain(fields.iter().copied())
    };
    let unknown = program.names().iter().filter(|name| !is_built_in(name) && !fields.contains(&&***name));
    for name in unknown.take(MAX_FINDINGS) {
        let place = words.iter().find(|(kind, word, _)| *kind == Word::Name && **word == **name);
        let meant = nearest(name, known());
        let detail =
            format!("There is no field “{name}”{meant}: change the name, or add a custom field of that token.");
        findings.push(Finding::problem(detail, place.map(|(.., at)| at.clone())));
    }
    findings.extend(members(&program, &words, fields));
    findings
}

/// What is asked of the sender, the manager or the brand and is no field: `{{ manager.titel }}`.
fn members(program: &Program, words: &[(Word, &str, Range<usize>)], fields: &[&str]) -> Vec<Finding> {
    let of_brand = || {
        let own = fields.iter().filter_map(|field| field.strip_prefix("brand."));
        BRAND_TOKENS.iter().map(|(token, _)| *token).chain(own)
    };
    let of_person = || BUILT_IN_FIELDS.iter().map(|(token, _)| *token).chain(fields.iter().copied());
    let known =
        |namespace: &str| if namespace == BRAND { of_brand().collect() } else { of_person().collect::<Vec<_>>() };
    let wrong = program.members().iter().filter_map(|member| {
        let (namespace, token) = member.split_once('.')?;
        // `manager.title.x` asks the title for something, which is empty.
        let token = token.split('.').next()?;
        (!known(namespace).contains(&token)).then_some((namespace, token))
    });
    let finding = |(namespace, token): (&str, &str)| {
        let place = words.iter().find(|(kind, word, _)| *kind == Word::Name && *word == namespace);
        let meant = nearest(token, known(namespace).into_iter());
        let detail = if namespace == BRAND {
            format!("No brand has a value “{token}”{meant}: change the name, or add the value under Brands.")
        } else {
            format!("The {namespace} has no field “{token}”{meant}: change the name.")
        };
        Finding::problem(detail, place.map(|(.., at)| at.clone()))
    };
    wrong.take(MAX_FINDINGS).map(finding).collect()
}

/// A clause of the template language as a finding: the line that it speaks of is its place.
fn clause_at(source: &str, clause: &str) -> Finding {
    let mut starts = 0;
    let at = language::line(clause).and_then(|number| {
        source.split('\n').enumerate().find_map(|(index, line)| {
            let from = starts;
            starts += line.len() + 1;
            let text = line.trim();
            let from = from + line.len() - line.trim_start().len();
            (index + 1 == number).then(|| from..from + text.len())
        })
    });
    let mut rest = clause.chars();
    let first: String = rest.next().into_iter().flat_map(char::to_uppercase).collect();
    Finding::problem(format!("{first}{}.", rest.as_str()), at)
}

/// “, did you mean …”, when one of the names is like it.
fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> String {
    let bare = |text: &str| text.to_ascii_lowercase().replace(['_', '-'], "");
    let word = bare(word);
    let near = names.map(|name| (distance(&word, &bare(name)), name));
    let near = near.filter(|(distance, name)| *distance <= 2.min(name.len().div_ceil(3))).min();
    near.map_or_else(String::new, |(_, name)| format!(", did you mean “{name}”"))
}

/// How many letters have to change to make one word the other; words of very different lengths are not compared.
fn distance(one: &str, other: &str) -> usize {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len().abs_diff(other.len()) > 2 || one.len() > 60 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, byte) in one.iter().enumerate() {
        let mut diagonal = at;
        row[0] = at + 1;
        for (place, wanted) in other.iter().enumerate() {
            let changed = diagonal + usize::from(byte != wanted);
            diagonal = row[place + 1];
            row[place + 1] = changed.min(diagonal + 1).min(row[place] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

/// What is wrong with addresses, images and styles.
fn markup(text: &str, tokens: &[Token<'_>], images: &ImageUrls, findings: &mut Vec<Finding>) {
    let mut sheet = Sheet::default();
    let most = findings.len() + MAX_FINDINGS;
    for token in tokens {
        if findings.len() > most {
            return;
        }
        match token {
            Token::Style(at) => sheet.read(&text[at.clone()], at.start),
            Token::Open(tag) => {
                match &*tag.name {
                    "a" => address(tag, "href", images, findings),
                    "img" => address(tag, "src", images, findings),
                    _ => {}
                }
                if let Some(style) = tag.attribute("style") {
                    let declarations = sheet::declarations(style.value, style.value_at.start);
                    for declaration in &declarations {
                        refused(declaration, findings);
                    }
                }
            }
            Token::Close(_) | Token::Text(_) | Token::Comment(_) => {}
        }
    }
    for declaration in sheet.declarations() {
        if findings.len() > most {
            return;
        }
        refused(declaration, findings);
    }
}

fn address(tag: &Tag<'_>, name: &str, images: &ImageUrls, findings: &mut Vec<Finding>) {
    let is_image = name == "src";
    let Some(attribute) = tag.attribute(name) else {
        if is_image {
            findings.push(Finding::problem(
                "The image has no “src”, so it is left out: add one, such as “image:NAME”.",
                Some(tag.at.clone()),
            ));
        }
        return;
    };
    if attribute.value.contains(LOGIC) {
        return;
    }
    let written = slotted(attribute.value);
    let at = Some(attribute.value_at.clone());
    match Link::read(&written, is_image) {
        Ok(link) if link.target == Target::NamedImage && link.is_literal() => {
            let name = link.image_name(&[]);
            if !images.0.contains_key(&name) {
                let meant = nearest(&name, images.0.keys().map(String::as_str));
                findings.push(Finding::problem(
                    format!("There is no image “{}”{meant}: upload it, or change the name.", shown(&name)),
                    at,
                ));
            }
        }
        Err(Refused::Bad) => {
            let named = if is_image { "image:NAME" } else { "mailto: or tel:" };
            let written = shown(&written);
            findings.push(Finding::problem(
                format!("“{written}” is not a complete address and is left out: start it with https:, {named}."),
                at,
            ));
        }
        Ok(_) | Err(Refused::Empty) => {}
    }
}

fn refused(declaration: &Declaration<'_>, findings: &mut Vec<Finding>) {
    let style = format!("{}:{}", declaration.property, slotted(declaration.value));
    if styles::declarations(&style).iter().any(|declaration| matches!(declaration, styles::Declaration::Refused(_))) {
        let detail = format!("The style “{}” is not allowed in a mail and is left out.", shown(&style));
        findings.push(Finding::problem(detail, Some(declaration.at.clone())));
    }
}

/// An attribute as rendering sees it: unescaped, with a slot for each placeholder.
fn slotted(value: &str) -> String {
    let mut slotted = String::new();
    let mut index = 0;
    let mut inside = false;
    for c in markup::unescape(value).chars() {
        if c == VALUE && !inside {
            slotted.push(slots::character(Slot { index, empty: false }));
            index += 1;
        } else if c != VALUE && c != LOGIC && !slots::is_reserved(c) {
            slotted.push(c);
        }
        inside = c == VALUE;
    }
    slotted
}

/// A piece of source as findings quote it.
fn shown(text: &str) -> String {
    let text: String = text.chars().map(|c| if slots::slot_at(c).is_some() { '…' } else { c }).collect();
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ImageMode, Part};
    use proptest::prelude::*;

    fn template(html: &str, text: Option<&str>) -> Template {
        Template {
            id: "x".into(),
            name: "X".into(),
            folder: String::new(),
            part: Part::Signature,
            html: html.into(),
            text: text.map(Into::into),
            images: ImageMode::Hosted,
            offered_to: None,
        }
    }

    /// The problems with what they point at.
    fn problems(html: &str) -> Vec<(String, String)> {
        let images = ImageUrls([("logo.png".to_owned(), "https://example.com/l".to_owned())].into());
        let found = check(&template(html, None), &images, &["booking_link"]);
        let problems = found.into_iter().filter(|finding| finding.level == Level::Problem);
        problems.map(|found| (found.detail, found.at.map_or(String::new(), |at| html[at].to_owned()))).collect()
    }

    #[test]
    fn each_kind_of_problem_is_found_with_its_place() {
        for (html, detail, place) in [
            ("<b>\n  {{ title \n</b>", "Line 3: it is not written correctly", "</b>"),
            ("{% if x %}", "", "{% if x %}"),
            ("{% macro x() %}{% endmacro %}", "Line 1 uses “macro”", "{% macro x() %}{% endmacro %}"),
            ("a\n{{ titel }}", "There is no field “titel”, did you mean “title”:", "titel"),
            ("{{ title.titel }}{{ titel|upper }}", "There is no field “titel”", "titel"),
            ("{{ DisplayName }}", "There is no field “DisplayName”, did you mean “display_name”", "DisplayName"),
            ("{{ manager.titel }}", "The manager has no field “titel”, did you mean “title”", "manager"),
            ("{{ title|shout }}", "There is no filter “shout”.", "shout"),
            (
                "{% if title is not defned %}x{% endif %}",
                "There is no test “defned”, did you mean “defined”.",
                "defned",
            ),
            ("{{ title|replace(1) }}", "Line 1", "{{ title|replace(1) }}"),
            (
                "<img src=\"image:lego.png\">",
                "There is no image “lego.png”, did you mean “logo.png”:",
                "image:lego.png",
            ),
            ("<img alt=x>", "The image has no “src”", "<img alt=x>"),
            ("<a href=\"/about/{{ title }}\">", "“/about/…” is not a complete address", "/about/{{ title }}"),
            (
                "<p style=\"color: red; background: url(x)\">",
                "The style “background:url(x)” is not allowed",
                "background: url(x)",
            ),
            ("<style>p { width: expression(1) }</style>", "The style “width:expression(1)”", "width: expression(1)"),
            ("<p><Script>", "“<script>” is not allowed", "<Script"),
            ("<a href='JavaScript:x'>", "An address that starts with “javascript:”", "JavaScript:"),
        ] {
            let found = problems(html);
            assert!(found.iter().any(|(found, at)| found.starts_with(detail) && at == place), "{html}: {found:?}");
        }
        assert!(problems(&"<div>".repeat(200)).iter().any(|(detail, _)| detail.contains("nested too deeply")));
        assert!(problems(&"x".repeat(200_000)).iter().any(|(detail, _)| detail.contains("longer than")));
    }

    #[test]
    fn what_is_right_is_no_problem() {
        let html = "{% set a = title %}{% for x in [a, phone] if x is defined %}{{ x|upper }}{{ loop.index }}{% endfor %}
            {{ kind }} {{ today|date('full') }} {{ sender.display_name }} {{ manager.booking_link }} {{ booking_link|url }} <img src=\"{{ vcard_qr }}\"> <img src=\"image:logo.png\"> <img src=\"image:{{ photo }}\">
            <a href=\"{{ website|url }}\" style=\"color: {{ department }}; width: 1px\"> <a href=\"mailto:{{ email }}\">
            <a href=\"{% if phone %}tel:{{ phone|tel }}{% endif %}\">";
        assert_eq!(problems(html), []);
    }

    #[test]
    fn problems_of_the_text_say_so() {
        let found = check(&template("", Some("{{ nobody }}")), &ImageUrls::default(), &[]);
        assert_eq!(found.len(), 1);
        assert!(found[0].in_text && found[0].at == Some(3..9), "{found:?}");
    }

    #[test]
    fn the_lists_of_filters_and_tests_are_those_of_the_language() {
        for filter in filters::NAMES {
            let run = Program::compile(&format!("{{{{ title|{filter} }}}}")).unwrap().run(|_| "1");
            assert!(run.as_ref().is_ok_and(|_| true) || !format!("{run:?}").contains("no such"), "{filter}: {run:?}");
        }
        for test in TESTS {
            let run = Program::compile(&format!("{{{{ title is {test} }}}}")).unwrap().run(|_| "1");
            assert!(!format!("{run:?}").contains("no such"), "{test}: {run:?}");
        }
    }

    proptest! {
        #[test]
        fn anything_can_be_checked(html in "(<|>|=|\"|'|\\{\\{|\\}\\}|\\{%|%\\}|\\{#|\n|;|:|&|if|for|is|in|title|\\||[a-z]{1,3}|é|<td|<style>|<table|<img src=|<a href=| style=\"|image:|[0-9]| |\u{1}|\u{f0000}){0,60}") {
            for finding in check(&template(&html, Some(&html)), &ImageUrls::default(), &[]) {
                if let Some(at) = finding.at {
                    prop_assert!(html.get(at.clone()).is_some(), "{at:?}");
                }
            }
        }
    }
}
