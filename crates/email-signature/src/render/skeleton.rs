//! Shape -> skeleton: inline styles, sanitise, prune, and cut into literal pieces and places for values.

use super::css::cascade;
use super::css::styles::{self, Declaration};
use super::html::markup::{self, NodeKind, Tree, is_block, is_structure, is_void, unescape};
use super::html::{bulk, measure, policy, prune};
use super::links::{self, Link, Refused, Target, Unfit};
use super::slots::{self, Slot};
use super::{Images, text, values};
use crate::{Image, Part};
use std::borrow::Cow;

/// A shape made ready: filling it is joining strings.
#[derive(Debug, Default)]
pub(super) struct Skeleton {
    html: Vec<Piece>,
    pub(super) text: Vec<text::Piece>,
    /// Our images that are used whatever the values.
    images: Vec<Image>,
    /// What an admin should mend, whatever the values.
    pub(super) problems: Vec<String>,
}

/// One piece of HTML.
#[derive(Debug)]
enum Piece {
    Literal(String),
    Text(usize),
    Attribute(usize),
    Style(usize),
    Link(Link),
    /// The literal target of a campaign's link, which may be led elsewhere.
    Target(String),
}

/// What filling a skeleton gives.
#[derive(Debug, Default)]
pub(super) struct Output {
    pub(super) html: String,
    pub(super) text: String,
    pub(super) images: Vec<Image>,
    pub(super) problems: Vec<String>,
    /// Values that cannot stand where they are used: the shape is to be filled again with these as empty.
    pub(super) refused: Vec<usize>,
}

impl Skeleton {
    /// Makes sanitised HTML with slots in it ready; `Err` says in one clause why it cannot be shown at all.
    pub(super) fn build(html: &str, images: &Images, part: Part) -> Result<Self, String> {
        let mut tree = markup::parse(html).ok_or("its elements are nested too deeply")?;
        prune::prune(&mut tree);
        let leads = part == Part::Campaign;
        let mut writer = Writer { tree: &tree, images, leads, skeleton: Self::default() };
        writer.write();
        let mut skeleton = writer.skeleton;
        skeleton.text = text::derive(&tree);
        Ok(skeleton)
    }

    /// Fills it with values; the caller fills the text, which a template may have of its own.
    pub(super) fn fill(&self, values: &[&str], images: &Images, lead: &dyn Fn(&str) -> Option<String>) -> Output {
        let literals: usize =
            self.html.iter().map(|piece| if let Piece::Literal(text) = piece { text.len() } else { 32 }).sum();
        let mut output = Output {
            html: String::with_capacity(literals + 64),
            images: self.images.clone(),
            problems: self.problems.clone(),
            ..Output::default()
        };
        let value = |index: usize| values.get(index).copied().unwrap_or_default();
        for piece in &self.html {
            match piece {
                Piece::Literal(literal) => output.html.push_str(literal),
                Piece::Text(index) => values::push_text(&mut output.html, value(*index)),
                Piece::Attribute(index) => values::push_attribute(&mut output.html, value(*index)),
                Piece::Style(index) => fill_style(value(*index), &mut output),
                Piece::Link(link) => fill_link(link, values, images, &mut output),
                Piece::Target(url) => values::push_attribute(&mut output.html, lead(url).as_ref().unwrap_or(url)),
            }
        }
        output
    }
}

/// A shape's markup, safe, its style sheets' rules at the elements that they fit.
#[derive(Debug)]
pub(super) struct Sanitised {
    pub(super) html: String,
    /// What an admin should know of it.
    pub(super) problem: Option<String>,
}

/// Inlines a shape's style sheets and sanitises it; `Err` says in one clause why it cannot be shown at all.
pub(super) fn sanitised(shape: &str) -> Result<Sanitised, String> {
    let shape = slots::mask_hosts(&tightened(&bulk::stripped(shape)));
    let measured = measure::measure(&shape)?;
    let mut problem = None;
    let html = if measured.styles.is_empty() {
        shape
    } else {
        let applied = cascade::applied(&measured);
        problem = applied.problem();
        cascade::inline(&shape, &applied)?
    };
    Ok(Sanitised { html: slots::unmask_hosts(policy::sanitise(&html)), problem })
}

fn is_web(url: &str) -> bool {
    let starts = |scheme: &str| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    starts("https://") || starts("http://")
}

fn fill_style(value: &str, output: &mut Output) {
    if let Some(value) = values::style_value(value) {
        output.html.push_str(value);
    } else {
        output.problems.push(format!("“{}” is not allowed in a style.", shown(value)));
        // Keeps the declaration whole, and looks as if it were not there.
        output.html.push_str("inherit");
    }
}

fn fill_link(link: &Link, values: &[&str], images: &Images, output: &mut Output) {
    if link.target == Target::NamedImage {
        let name = link.image_name(values);
        if let Some(image) = images.find(&name) {
            values::push_attribute(&mut output.html, &Images::address(image));
            add_image(&mut output.images, image);
        } else {
            output.problems.push(unknown_image(&name));
            output.refused.extend(link.slots());
        }
        return;
    }
    let unfit = match link.fill(values) {
        Ok(url) => return values::push_attribute(&mut output.html, &url),
        Err(unfit) => unfit,
    };
    let quoted: Vec<String> = link.slots().map(|index| shown(values.get(index).copied().unwrap_or_default())).collect();
    let quoted = quoted.join("” and “");
    output.problems.push(match unfit {
        Unfit::Host => format!(
            "“{quoted}” cannot be part of the host name in a link or image: only letters, digits, hyphens and dots can."
        ),
        Unfit::Address => format!(
            "“{quoted}” {NO_ADDRESS}: it must start with https:, http:, mailto: or tel: (the \
             filter “url” adds https:)."
        ),
    });
    output.refused.extend(link.slots());
}

/// What the problem says, behind the value in quotation marks, when a value cannot be the address of a link or image.
pub const NO_ADDRESS: &str = "is not an address for a link or image";

fn unknown_image(name: &str) -> String {
    format!("There is no image “{}”; upload it, or change its name in the template.", shown(name))
}

/// A value as problems quote it.
fn shown(value: &str) -> String {
    let value = value.trim();
    match value.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

fn add_image(images: &mut Vec<Image>, image: &Image) {
    if !images.contains(image) {
        images.push(image.clone());
    }
}

/// Writes a pruned tree as pieces.
struct Writer<'t, 'h> {
    tree: &'t Tree<'h>,
    images: &'t Images,
    /// Whether its links may be led elsewhere.
    leads: bool,
    skeleton: Skeleton,
}

impl Writer<'_, '_> {
    fn write(&mut self) {
        // A part that is no block by itself gets one, so that parts stand below each other.
        let inline = self.tree.nodes[0].children.iter().any(|&child| {
            let node = &self.tree.nodes[child];
            match &node.kind {
                NodeKind::Text(text) => !text.trim().is_empty(),
                NodeKind::Element(name, _) => !is_block(name),
            }
        });
        if inline {
            self.literal("<div>");
        }
        self.children(0, false);
        if inline {
            self.literal("</div>");
        }
    }

    fn literal(&mut self, text: &str) {
        match self.skeleton.html.last_mut() {
            Some(Piece::Literal(literal)) => literal.push_str(text),
            _ => self.skeleton.html.push(Piece::Literal(text.to_owned())),
        }
    }

    fn children(&mut self, at: usize, preformatted: bool) {
        let tree = self.tree;
        let parent = &tree.nodes[at];
        for (place, &child) in parent.children.iter().enumerate() {
            match &tree.nodes[child].kind {
                NodeKind::Text(text) if preformatted => self.text(text),
                NodeKind::Text(text) => {
                    let (starts, ends) = (self.is_edge(at, place.checked_sub(1)), self.is_edge(at, Some(place + 1)));
                    let text = collapsed(text);
                    let text = if starts { text.strip_prefix(' ').unwrap_or(&text) } else { &text };
                    let text = if ends { text.strip_suffix(' ').unwrap_or(text) } else { text };
                    if !is_structure(parent.name()) || !text.trim().is_empty() {
                        self.text(text);
                    }
                }
                NodeKind::Element(name, attributes) => self.element(child, name, attributes, preformatted),
            }
        }
    }

    /// Whether a line ends at that place among a node's children: white space beside it shows nothing.
    fn is_edge(&self, at: usize, place: Option<usize>) -> bool {
        let parent = &self.tree.nodes[at];
        match place.and_then(|place| parent.children.get(place)) {
            Some(&neighbour) => {
                let name = self.tree.nodes[neighbour].name();
                name == "br" || is_block(name)
            }
            None => at == 0 || is_block(parent.name()),
        }
    }

    fn text(&mut self, text: &str) {
        for piece in links::split(text) {
            match piece {
                Ok(literal) => self.literal(literal),
                Err(slot) if slot.empty => {}
                Err(slot) => self.skeleton.html.push(Piece::Text(slot.index)),
            }
        }
    }

    fn element(&mut self, at: usize, name: &str, attributes: &[(&str, &str)], preformatted: bool) {
        let mut address = None;
        if name == "img" || name == "a" {
            let wanted = if name == "img" { "src" } else { "href" };
            address = self.tree.nodes[at].attribute(wanted).and_then(|escaped| self.address(escaped, name == "img"));
            if name == "img" && address.is_none() {
                return;
            }
        }
        self.literal("<");
        self.literal(name);
        for (attribute, value) in attributes {
            match *attribute {
                "href" | "src" => {}
                "style" => self.style(value),
                attribute => self.attribute(attribute, value),
            }
        }
        if let Some(address) = address {
            self.literal(if name == "img" { " src=\"" } else { " href=\"" });
            match address {
                Ok(literal) if self.leads && name == "a" && is_web(&literal) => {
                    self.skeleton.html.push(Piece::Target(literal));
                }
                Ok(literal) => {
                    let mut escaped = String::new();
                    values::push_attribute(&mut escaped, &literal);
                    self.literal(&escaped);
                }
                Err(link) => self.skeleton.html.push(Piece::Link(link)),
            }
            self.literal("\"");
        }
        self.literal(">");
        if !is_void(name) {
            // The parser swallows a line break behind <pre>; the serialiser left it out.
            self.children(at, preformatted || name == "pre");
            self.literal("</");
            self.literal(name);
            self.literal(">");
        }
    }

    /// An `href` or `src`: literal when no value is in it; `None`: the attribute goes.
    fn address(&mut self, escaped: &str, is_image: bool) -> Option<Result<String, Link>> {
        let written = unescape(escaped);
        match Link::read(&written, is_image) {
            Ok(link) if link.target == Target::NamedImage && link.is_literal() => {
                let name = link.image_name(&[]);
                let Some(image) = self.images.find(&name) else {
                    self.skeleton.problems.push(unknown_image(&name));
                    return None;
                };
                add_image(&mut self.skeleton.images, image);
                Some(Ok(Images::address(image)))
            }
            Ok(link) if link.is_literal() => link.fill(&[]).ok().map(Ok),
            Ok(link) => Some(Err(link)),
            Err(Refused::Empty) => None,
            Err(Refused::Bad) => {
                let named = if is_image { "image:NAME" } else { "mailto: or tel:" };
                let written: String = written.chars().filter(|&c| slots::slot_at(c).is_none()).collect();
                self.skeleton.problems.push(format!(
                    "“{}” is not a complete address and is left out: it must start with https:, {named}.",
                    shown(&written)
                ));
                None
            }
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        let pieces = links::split(value);
        let slots = pieces.iter().filter(|piece| piece.is_err()).count();
        if slots > 0 && pieces.iter().all(|piece| matches!(piece, Err(Slot { empty: true, .. }))) && name != "alt" {
            return;
        }
        self.literal(" ");
        self.literal(name);
        self.literal("=\"");
        for piece in pieces {
            match piece {
                Ok(literal) => self.literal(literal),
                Err(slot) if slot.empty => {}
                Err(slot) => self.skeleton.html.push(Piece::Attribute(slot.index)),
            }
        }
        self.literal("\"");
    }

    /// A style, without the declarations that may not stay or lack their value.
    fn style(&mut self, escaped: &str) {
        let style = unescape(escaped);
        let mut first = true;
        for declaration in styles::declarations(&style) {
            let (property, value) = match declaration {
                Declaration::Kept(property, value) => (property, value),
                Declaration::Refused(declaration) => {
                    let problem =
                        format!("The style “{}” is not allowed in a mail and is left out.", shown(declaration));
                    self.skeleton.problems.push(problem);
                    continue;
                }
            };
            let pieces = links::split(&value);
            if pieces.iter().any(|piece| matches!(piece, Err(slot) if slot.empty)) {
                continue;
            }
            self.literal(if first { " style=\"" } else { ";" });
            first = false;
            self.literal(property);
            self.literal(":");
            for piece in pieces {
                match piece {
                    Ok(literal) => self.literal(literal),
                    Err(slot) => self.skeleton.html.push(Piece::Style(slot.index)),
                }
            }
        }
        if !first {
            self.literal("\"");
        }
    }
}

/// Takes out the white space with which templates are indented, wherever it shows nothing: between a tag and that of a
/// block. It would become a node each, for both parsers.
fn tightened(html: &str) -> String {
    let mut tight = String::with_capacity(html.len());
    let mut pieces = html.split('>');
    tight.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        tight.push('>');
        let rest = piece.trim_ascii_start();
        let tag = rest.strip_prefix('<').map(|tag| tag.strip_prefix('/').unwrap_or(tag));
        let name = tag.map_or("", |tag| &tag[..tag.bytes().take_while(u8::is_ascii_alphanumeric).count()]);
        tight.push_str(if is_block(name) { rest } else { piece });
    }
    tight
}

/// Runs of white space as single spaces.
fn collapsed(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let run = |pair: &[u8]| pair[0].is_ascii_whitespace() && pair[1].is_ascii_whitespace();
    if !bytes.iter().any(|byte| byte.is_ascii_whitespace() && *byte != b' ') && !bytes.windows(2).any(run) {
        return Cow::Borrowed(text);
    }
    let mut collapsed = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_ascii_whitespace() {
            collapsed.push(c);
        } else if !collapsed.ends_with(' ') {
            collapsed.push(' ');
        }
    }
    Cow::Owned(collapsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indentation_goes_where_it_shows_nothing() {
        assert_eq!(tightened(" <p> a\n </p>\n <table> <tr>\n"), " <p> a\n </p><table><tr>\n");
        assert_eq!(tightened("<b>a</b> <i>b</i>>  x"), "<b>a</b> <i>b</i>>  x");
    }
}
