//! What is wrong with a signature as its readers see it: nothing to see, placeholders that nobody filled, wider than a
//! page, a plain text that cannot be read. [`check`](crate::check()) and [`lint`](crate::lint()) look at a template;
//! this looks at what became of it for one person.

pub(crate) mod passages;
mod placeholders;

#[cfg(test)]
mod tests;

use crate::Signature;
use crate::render::html::markup::{self, NodeKind, Tree, is_block, unescape};
pub use passages::{Foreign, foreign};
use placeholders::Place;

/// Widest signature in pixels: what a reading pane and a printed page hold, as for the lint rule `table-width`.
pub const MAX_WIDTH: u32 = 700;
/// Most placeholders that are reported of one signature.
const MAX_PLACEHOLDERS: usize = 10;

/// Something wrong with a signature.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Remark {
    /// There is nothing to see: neither text nor an image.
    Empty,
    /// This text, or part of an address, looks like a placeholder that was not filled.
    Placeholder(String),
    /// Something in it has this width in pixels, more than [`MAX_WIDTH`].
    Wide(u32),
    /// There is something to see, but its plain text is empty.
    NoText,
    /// There is something to see, but nothing to read: only images.
    OnlyImages,
    /// Words that stand apart in HTML and are one word in the plain text.
    Glued(String),
    /// A line of the plain text with a separator that separates nothing, such as `| +44 20 7946 0001`.
    Separator(String),
}

/// Everything that is wrong with a rendered signature, or a rendered part of one.
pub fn inspect(signature: &Signature) -> Vec<Remark> {
    let Some(tree) = markup::parse(&signature.html) else { return Vec::new() };
    let mut page = Page::default();
    page.visit(&tree, 0);
    let blank = |text: &str| text.chars().all(|c| c.is_whitespace() || is_invisible(c));
    let (is_blank, has_text) = (blank(&page.text), !blank(&signature.text));
    if is_blank && !page.has_image {
        return vec![Remark::Empty];
    }
    let mut remarks = Vec::new();
    let mut found: Vec<String> = Vec::new();
    for (text, place) in [(&page.text, Place::Text), (&signature.text, Place::Text)]
        .into_iter()
        .chain(page.attributes.iter().map(|value| (value, Place::Address)))
    {
        let decoded = (place == Place::Address).then(|| passages::address(text));
        placeholders::find(decoded.as_deref().unwrap_or(text), place, &mut found);
    }
    found.truncate(MAX_PLACEHOLDERS);
    remarks.extend(found.into_iter().map(Remark::Placeholder));
    if page.widest > MAX_WIDTH {
        remarks.push(Remark::Wide(page.widest));
    }
    if !has_text {
        remarks.push(Remark::NoText);
    } else if is_blank {
        remarks.push(Remark::OnlyImages);
    }
    remarks.extend(page.glued.into_iter().find(|words| is_word(&signature.text, words)).map(Remark::Glued));
    remarks.extend(signature.text.lines().find(|line| has_loose_separator(line)).map(|line| {
        let line: String = line.trim().chars().take(80).collect();
        Remark::Separator(line)
    }));
    remarks
}

/// Characters without a shape, which keep nothing from being empty.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// Whether these letters stand in a text as they are.
fn is_word(text: &str, words: &str) -> bool {
    text.contains(words)
}

/// Whether a separator stands at an end of a line, or beside another one.
fn has_loose_separator(line: &str) -> bool {
    let is_separator = |c: char| matches!(c, '|' | '¦' | '·' | '•');
    let line = line.trim();
    // A line that begins with a dot is an item of a list.
    let begins = line.starts_with(['|', '¦']);
    let mut last_separates = false;
    let doubled = line.chars().filter(|c| !c.is_whitespace()).any(|c| {
        let doubled = last_separates && is_separator(c);
        last_separates = is_separator(c);
        doubled
    });
    // A line of nothing else is a rule that somebody drew.
    let is_rule = line.chars().all(|c| c.is_whitespace() || is_separator(c));
    !is_rule && (begins || line.ends_with(is_separator) || doubled)
}

/// What a reader sees of a signature.
#[derive(Debug, Default)]
struct Page {
    /// The text, a line for each block.
    text: String,
    has_image: bool,
    /// Widest element in pixels.
    widest: u32,
    /// Values of attributes that readers meet: addresses, descriptions.
    attributes: Vec<String>,
    /// Where words stand apart for a reason that plain text does not know: the text's length.
    seam: Option<usize>,
    /// Pairs of words beside a seam, as one word.
    glued: Vec<String>,
}

impl Page {
    /// Reads a node and what is in it; at most [`markup::MAX_DEPTH`] levels.
    fn visit(&mut self, tree: &Tree<'_>, at: usize) {
        let (name, attributes) = match &tree.nodes[at].kind {
            NodeKind::Text(text) => return self.words(&unescape(text)),
            NodeKind::Element(name, attributes) => (*name, attributes),
        };
        let mut apart = name == "img";
        self.has_image |= name == "img" || name == "hr";
        for (attribute, value) in attributes {
            match *attribute {
                "href" | "src" | "alt" | "title" => self.attributes.push(unescape(value).into_owned()),
                "width" => self.wide(value),
                "style" => apart |= self.style(&unescape(value)),
                _ => {}
            }
        }
        let is_line = name == "br" || is_block(name);
        let edge = |page: &mut Self| {
            if is_line {
                page.text.push('\n');
            } else if apart {
                page.seam = Some(page.text.len());
            }
        };
        edge(self);
        for &child in &tree.nodes[at].children {
            self.visit(tree, child);
        }
        edge(self);
    }

    fn words(&mut self, text: &str) {
        if self.seam.take() == Some(self.text.len()) {
            let before = self.text.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
            let after = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
            if !before.is_empty() && !after.is_empty() {
                self.glued.push([before, after].concat());
            }
        }
        self.text.push_str(text);
    }

    fn wide(&mut self, value: &str) {
        let value = value.trim().trim_end_matches("px");
        self.widest = self.widest.max(value.parse().unwrap_or_default());
    }

    /// Reads a style; whether the element stands apart from what is beside it.
    fn style(&mut self, style: &str) -> bool {
        let mut apart = false;
        for declaration in style.split(';') {
            let Some((property, value)) = declaration.split_once(':') else { continue };
            let value = value.trim().trim_end_matches("!important").trim_end();
            match property.trim().to_ascii_lowercase().as_str() {
                "width" | "min-width" => match value.strip_suffix("pt").map(str::parse::<f64>) {
                    // 72 points are 96 pixels; saturates, and cannot be negative enough to matter.
                    Some(Ok(points)) => self.wide(&format!("{:.0}", points * 96.0 / 72.0)),
                    _ => self.wide(value.split('.').next().unwrap_or_default()),
                },
                "display" => apart |= value.contains("block") || value.contains("table") || value.contains("flex"),
                "float" => apart |= value != "none",
                property if property.starts_with("margin") || property.starts_with("padding") => {
                    apart |=
                        !value.split_ascii_whitespace().all(|size| size.trim_end_matches(char::is_alphabetic) == "0");
                }
                _ => {}
            }
        }
        apart
    }
}
