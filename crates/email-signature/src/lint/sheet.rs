//! Style sheets and `style` attributes: declarations with their places, and which of them an element gets. It knows the
//! selectors that templates use (names, classes, ids, one inside another); what it does not know fits nothing.

use super::source::Tag;
use std::borrow::Cow;
use std::ops::Range;

/// Rules that are looked at; nobody's signature needs more.
const MAX_RULES: usize = 300;
/// Selectors that are looked at, of all rules together.
const MAX_SELECTORS: usize = 600;
/// Declarations that are looked at, of all rules together, and of one `style`.
const MAX_DECLARATIONS: usize = 2_000;
/// Words in one selector, and classes in one word or attribute.
const MAX_WORDS: usize = 20;

/// `property: value`.
#[derive(Clone, Debug)]
pub(crate) struct Declaration<'s> {
    /// In lower case.
    pub(crate) property: Cow<'s, str>,
    /// Without `!important`.
    pub(crate) value: &'s str,
    pub(crate) important: bool,
    pub(crate) at: Range<usize>,
}

/// All the style sheets of a template.
#[derive(Debug, Default)]
pub(crate) struct Sheet<'s> {
    rules: Vec<Rule<'s>>,
    /// Words of all selectors, and declarations of all rules.
    words: usize,
    selectors: usize,
    declared: usize,
    /// What does not survive inlining: at-rules, and selectors such as `a:hover`.
    pub(crate) lost: Vec<Range<usize>>,
}

#[derive(Debug)]
struct Rule<'s> {
    selectors: Vec<Selector>,
    declarations: Vec<Declaration<'s>>,
}

/// Compounds from the outermost to the element itself.
#[derive(Debug)]
struct Selector {
    compounds: Vec<Compound>,
    specificity: usize,
}

#[derive(Debug, Default)]
struct Compound {
    name: Option<String>,
    classes: Vec<String>,
    id: Option<String>,
}

/// Reads the declarations of a style that begins at `offset`.
pub(crate) fn declarations(style: &str, offset: usize) -> Vec<Declaration<'_>> {
    let mut declarations = Vec::new();
    let mut from = 0;
    let (mut quote, mut depth) = (None, 0_usize);
    // A quote may be written as an entity, whose semicolon ends nothing.
    let mut entity = false;
    let mut comment_ends = 0;
    for (at, c) in style.char_indices().chain([(style.len(), ';')]) {
        let ends = at == style.len();
        if at < comment_ends && !ends {
            continue;
        }
        match (c, quote) {
            ('/', None) if style[at..].starts_with("/*") => {
                comment_ends = style[at..].find("*/").map_or(style.len(), |end| at + end + 2);
            }
            (';', None) if entity && !ends => entity = false,
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open && !ends => quote = None,
            ('(', None) => depth += 1,
            (')', None) => depth = depth.saturating_sub(1),
            ('&', _) => entity = is_entity(&style[at..]),
            (';', open) if ends || (open.is_none() && depth == 0) => {
                declarations.extend(declaration(style, from..at, offset));
                from = at + 1;
            }
            _ => {}
        }
    }
    declarations
}

fn is_entity(text: &str) -> bool {
    let name = text[1..].bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'#').count();
    name > 1 && text[1 + name..].starts_with(';')
}

fn declaration(style: &str, at: Range<usize>, offset: usize) -> Option<Declaration<'_>> {
    let whole = &style[at.clone()];
    let mut text = whole.trim_start();
    while let Some(comment) = text.strip_prefix("/*") {
        text = comment.split_once("*/").map_or("", |(_, behind)| behind).trim_start();
    }
    let starts = at.end - text.len();
    let text = text.trim_end();
    let (property, value) = text.split_once(':')?;
    let value = value.trim();
    let plain = value.strip_suffix("!important").map(str::trim_end);
    let property = property.trim();
    let lower = property.bytes().any(|byte| byte.is_ascii_uppercase());
    Some(Declaration {
        property: if lower { Cow::Owned(property.to_ascii_lowercase()) } else { Cow::Borrowed(property) },
        value: plain.unwrap_or(value),
        important: plain.is_some(),
        at: offset + starts..offset + starts + text.len(),
    })
}

impl<'s> Sheet<'s> {
    /// Reads a style sheet that begins at `offset`.
    pub(crate) fn read(&mut self, sheet: &'s str, offset: usize) {
        let mut at = 0;
        while self.rules.len() < MAX_RULES {
            at = skip(sheet, at);
            if at >= sheet.len() {
                return;
            }
            let ends = sheet[at..].find(['{', ';']).map_or(sheet.len(), |found| at + found);
            let is_block = sheet[ends..].starts_with('{');
            let behind = if is_block { block_end(sheet, ends) } else { (ends + 1).min(sheet.len()) };
            let selector = sheet[at..ends].trim_end();
            if selector.starts_with('@') {
                self.lost.push(offset + at..offset + behind);
            } else if is_block {
                let inner = &sheet[ends + 1..behind];
                // A block that the sheet ends in has no brace to leave out.
                let mut declarations = declarations(inner.strip_suffix('}').unwrap_or(inner), offset + ends + 1);
                declarations.truncate(MAX_DECLARATIONS - self.declared);
                let room = MAX_SELECTORS - self.selectors;
                let selectors: Vec<Selector> = selector.split(',').take(room).filter_map(Selector::read).collect();
                self.declared += declarations.len();
                self.selectors += selectors.len();
                self.words += selectors.iter().map(|selector| selector.compounds.len()).sum::<usize>();
                if selectors.len() < selector.split(',').count() {
                    self.lost.push(offset + at..offset + at + selector.len());
                }
                self.rules.push(Rule { selectors, declarations });
            }
            at = behind;
        }
    }

    /// Every declaration, whatever it fits.
    pub(crate) fn declarations(&self) -> impl Iterator<Item = &Declaration<'s>> {
        self.rules.iter().flat_map(|rule| &rule.declarations)
    }

    /// Steps that it takes to find what an element gets inside so many others.
    pub(crate) fn work(&self, parents: usize) -> usize {
        self.selectors + self.words.saturating_sub(self.selectors) * parents + self.declared
    }

    /// What an element gets, the last of a property winning; `parents` are outermost first.
    pub(crate) fn of(&self, tag: &Tag<'s>, parents: &[&Tag<'_>]) -> Vec<Declaration<'s>> {
        let mut found: Vec<(bool, usize, Declaration<'s>)> = Vec::new();
        for rule in &self.rules {
            let fits = rule.selectors.iter().filter(|selector| selector.fits(tag, parents));
            if let Some(specificity) = fits.map(|selector| selector.specificity).max() {
                found.extend(
                    rule.declarations
                        .iter()
                        .map(|declaration| (declaration.important, specificity, declaration.clone())),
                );
            }
        }
        if let Some(style) = tag.attribute("style") {
            let own = declarations(style.value, style.value_at.start);
            found.extend(
                own.into_iter()
                    .take(MAX_DECLARATIONS)
                    .map(|declaration| (declaration.important, usize::MAX, declaration)),
            );
        }
        found.sort_by_key(|&(important, specificity, _)| (important, specificity));
        found.into_iter().map(|(.., declaration)| declaration).collect()
    }
}

/// Behind white space, comments and what hides style sheets from old browsers.
fn skip(sheet: &str, mut at: usize) -> usize {
    loop {
        let rest = sheet[at..].trim_start();
        at = sheet.len() - rest.len();
        let length = match () {
            () if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            () if rest.starts_with("<!--") => 4,
            () if rest.starts_with("-->") => 3,
            () if rest.starts_with('}') => 1,
            () => return at,
        };
        at += length;
    }
}

/// Behind the block that opens at `open`.
fn block_end(sheet: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in sheet.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return at + 1,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    sheet.len()
}

impl Selector {
    fn read(text: &str) -> Option<Self> {
        let words = text.split(|c: char| c.is_ascii_whitespace() || c == '>').filter(|word| !word.is_empty());
        let compounds: Vec<Compound> = words.take(MAX_WORDS + 1).map(Compound::read).collect::<Option<_>>()?;
        let weigh = |compound: &Compound| {
            usize::from(compound.id.is_some()) * 10_000
                + compound.classes.len() * 100
                + usize::from(compound.name.is_some())
        };
        let specificity = compounds.iter().map(weigh).sum();
        (1..=MAX_WORDS).contains(&compounds.len()).then_some(Self { compounds, specificity })
    }

    fn fits(&self, tag: &Tag<'_>, parents: &[&Tag<'_>]) -> bool {
        let Some((own, outer)) = self.compounds.split_last() else { return false };
        if !own.fits(tag) {
            return false;
        }
        let mut parents = parents.iter().rev();
        outer.iter().rev().all(|compound| parents.any(|parent| compound.fits(parent)))
    }
}

impl Compound {
    fn read(word: &str) -> Option<Self> {
        let mut compound = Self::default();
        let mut rest = word;
        while !rest.is_empty() {
            let mark = rest.chars().next().filter(|c| matches!(c, '.' | '#'));
            let named = &rest[mark.map_or(0, char::len_utf8)..];
            if mark.is_none() && named.starts_with('*') {
                rest = &named[1..];
                continue;
            }
            let ends = named.find(|c: char| !c.is_alphanumeric() && c != '-' && c != '_').unwrap_or(named.len());
            let (name, behind) = named.split_at(ends);
            match mark {
                _ if name.is_empty() || compound.classes.len() >= MAX_WORDS => return None,
                Some('.') => compound.classes.push(name.to_owned()),
                Some(_) => compound.id = Some(name.to_owned()),
                None => compound.name = Some(name.to_ascii_lowercase()),
            }
            rest = behind;
        }
        Some(compound)
    }

    fn fits(&self, tag: &Tag<'_>) -> bool {
        if self.name.as_deref().is_some_and(|name| name != tag.name) {
            return false;
        }
        if let Some(id) = &self.id
            && tag.attribute("id").is_none_or(|attribute| attribute.value != id)
        {
            return false;
        }
        if self.classes.is_empty() {
            return true;
        }
        let written = tag.attribute("class").map_or("", |attribute| attribute.value);
        let classes = || written.split_ascii_whitespace().take(MAX_WORDS);
        self.classes.iter().all(|wanted| classes().any(|class| class == wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::super::source::{Token, tokens};
    use super::*;

    #[test]
    fn declarations_are_read_with_their_places() {
        let commented = declarations("/* a; */ /* b */ c: d", 0);
        assert_eq!(commented.last().map(|d| &*d.property), Some("c"));
        let style = " COLOR : red!important; font-family:&quot;A B&quot;, 'C;D' ;; x; width:calc(1px;2)";
        let read: Vec<(String, &str)> = declarations(style, 0)
            .iter()
            .map(|d| (format!("{}={}", d.property, d.value), &style[d.at.clone()]))
            .collect();
        assert_eq!(read[0], ("color=red".into(), "COLOR : red!important"));
        assert_eq!(read[1].0, "font-family=&quot;A B&quot;, 'C;D'");
        assert_eq!(read[2].0, "width=calc(1px;2)");
        assert_eq!(declarations("a:'", 7).len(), 1);
    }

    #[test]
    fn an_element_gets_what_fits_it() {
        let text = "/* x */ td { a: 1; b: 1 } .gap, p:hover { a: 2 } table td.gap{c:3} @media x { td { a: 9 } } #i{b:4} a b{a:5}";
        let mut sheet = Sheet::default();
        sheet.read(text, 0);
        assert_eq!(
            sheet.lost.iter().map(|at| &text[at.clone()]).collect::<Vec<_>>(),
            [".gap, p:hover", "@media x { td { a: 9 } }"]
        );
        let html = tokens("<table><td class='gap x' id=i style='a:6'>");
        let [Token::Open(table), Token::Open(td)] = &html[..] else { panic!() };
        let got = sheet.of(td, &[table]);
        let last = |property: &str| got.iter().rev().find(|d| d.property == property).map(|d| d.value);
        assert_eq!([last("a"), last("b"), last("c")], [Some("6"), Some("4"), Some("3")]);
    }

    fn read(text: &str) -> Sheet<'_> {
        let mut sheet = Sheet::default();
        sheet.read(text, 0);
        sheet
    }

    #[test]
    fn rules_selectors_and_declarations_have_limits_over_all_sheets_together() {
        let many = "td { a: 1 } ".repeat(MAX_RULES + 1);
        let mut sheet = read(&many);
        assert_eq!((sheet.rules.len(), sheet.declared, sheet.selectors), (MAX_RULES, MAX_RULES, MAX_RULES));
        sheet.read("p { b: 2 }", 0);
        assert_eq!(sheet.rules.len(), MAX_RULES);

        let declared = format!("td {{ {} }} p {{ b: 2; c: 3 }}", "a: 1;".repeat(MAX_DECLARATIONS - 1));
        let sheet = read(&declared);
        assert_eq!(sheet.declarations().count(), MAX_DECLARATIONS);
        assert_eq!(sheet.declarations().last().map(|last| &*last.property), Some("b"), "one of the second rule's two");

        let wide = format!("{} {{ a: 1 }} p, b, i {{ b: 2 }}", vec!["td"; MAX_SELECTORS - 2].join(","));
        let sheet = read(&wide);
        assert_eq!(sheet.rules.iter().map(|rule| rule.selectors.len()).sum::<usize>(), MAX_SELECTORS);
        assert_eq!(sheet.lost.iter().map(|at| &wide[at.clone()]).collect::<Vec<_>>(), ["p, b, i"], "one is left out");
    }

    #[test]
    fn the_work_of_a_sheet_grows_with_its_words_and_an_elements_parents() {
        let sheet = read("table tr td { a: 1; b: 2 } p, a b { c: 3 }");
        // Three selectors, three words around them, three declarations.
        assert_eq!([0, 1, 10].map(|parents| sheet.work(parents)), [6, 9, 36]);
    }

    #[test]
    fn sheets_that_are_cut_off_are_read_too() {
        for text in ["", "{", "}", "a", "a{", "a{b", "a{b:", "@", "@x", "@x{", "/*", "a,{}", ".{}", "<!--"] {
            Sheet::default().read(text, 0);
        }
    }
}
