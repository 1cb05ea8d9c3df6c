//! Blocks: HTML that templates share. A template names one with `{% include "ID" %}`, and the block's HTML is put there
//! before the template is compiled, so limits, sanitising and slots apply to the whole.
//!
//! A block can be used or not by itself: one that does not compile, or that uses blocks, is left out with a problem and
//! cannot break a template around it.

use super::language::{MAX_SOURCE, Program, pieces};
use crate::{Part, Template};
use minijinja::machinery::{Token, tokenize};
use minijinja::syntax::SyntaxConfig;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Begins the names that a template's own text has instead of blocks without a text: the block's text is derived for
/// each person. No field's token is written like this.
pub(super) const DERIVED: &str = "paraph_block_";

/// A tenant's blocks.
#[derive(Clone, Debug, Default)]
pub struct Blocks(BTreeMap<String, Template>);

/// A template with blocks in the places where it names them.
#[derive(Clone, Debug)]
pub struct Expanded {
    /// The template without names of blocks.
    pub template: Template,
    /// What is wrong with the blocks that it names, in sentences, each once.
    pub problems: Vec<String>,
    /// The blocks whose texts are derived for its own text, in the order of the names that begin with [`DERIVED`].
    pub(super) derived: Vec<Template>,
}

impl Blocks {
    /// Those among templates that are blocks.
    pub fn new<'a>(templates: impl IntoIterator<Item = &'a Template>) -> Self {
        let blocks = templates.into_iter().filter(|template| template.part == Part::Block);
        Self(blocks.map(|block| (block.id.clone(), block.clone())).collect())
    }

    /// Adds a block, or puts it in the place of the one with its id.
    pub fn insert(&mut self, block: Template) {
        self.0.insert(block.id.clone(), block);
    }

    /// A block by id.
    pub fn get(&self, id: &str) -> Option<&Template> {
        self.0.get(id)
    }

    /// The template with its blocks' HTML and texts.
    pub fn expand(&self, template: &Template) -> Expanded {
        let is_block = template.part == Part::Block;
        let mut expansion = Expansion { blocks: self, is_block, problems: Vec::new(), derived: Vec::new() };
        let html = expansion.html(&template.html);
        let text = template.text.as_deref().map(|text| expansion.text(text));
        let template = Template { html, text, ..template.clone() };
        Expanded { template, problems: expansion.problems, derived: expansion.derived }
    }

    /// Why a block cannot stand in a template, as a sentence; `None`: it can.
    pub(crate) fn fault(&self, id: &str) -> Option<String> {
        let Some(block) = self.0.get(id) else {
            return Some(format!(
                "There is no block “{id}”, so nothing is shown in its place: choose another one, or remove it."
            ));
        };
        let name = &block.name;
        if includes(&block.html).next().is_some() {
            return Some(format!("The block “{name}” is left out: it uses other blocks, which a block cannot."));
        }
        let clause = Program::compile(&block.html).err()?;
        Some(format!("The block “{name}” is left out: it cannot be used ({clause})."))
    }
}

impl Expanded {
    /// Whether the text needs what only rendering gives: texts derived from blocks.
    pub fn derives(&self) -> bool {
        !self.derived.is_empty()
    }
}

/// The blocks that a template names in its HTML or text, by id.
pub fn blocks_of(template: &Template) -> BTreeSet<String> {
    let sources = std::iter::once(template.html.as_str()).chain(template.text.as_deref());
    sources.flat_map(includes).map(|include| include.id.to_owned()).collect()
}

/// A block that a source names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Include<'s> {
    /// The block's id.
    pub(crate) id: &'s str,
    /// Where `{% include "ID" %}` stands, in bytes.
    pub(crate) at: Range<usize>,
}

/// The blocks that a source names, in its order; as far as it can be read.
pub(crate) fn includes(source: &str) -> impl Iterator<Item = Include<'_>> {
    // Nearly always there are none, and then nothing is read.
    let read = if source.contains("include") { source } else { "" };
    pieces(read).flat_map(|(at, piece)| {
        let mut tokens = tokenize(piece, false, SyntaxConfig::default()).map_while(Result::ok);
        std::iter::from_fn(move || {
            loop {
                let (Token::BlockStart, start) = tokens.next()? else { continue };
                let (Token::Ident("include"), _) = tokens.next()? else { continue };
                let (Token::Str(id), _) = tokens.next()? else { continue };
                let (Token::BlockEnd, end) = tokens.next()? else { continue };
                return Some(Include { id, at: at + start.start_offset as usize..at + end.end_offset as usize });
            }
        })
    })
}

/// A template's source with white space where it names blocks: everything else stays in its place.
pub(crate) fn without(source: &str) -> String {
    let mut bare = source.as_bytes().to_vec();
    for include in includes(source) {
        bare[include.at].fill(b' ');
    }
    // Whole characters were replaced by ASCII, so this is text.
    String::from_utf8(bare).unwrap_or_default()
}

/// A template on the way to [`Expanded`].
struct Expansion<'b> {
    blocks: &'b Blocks,
    is_block: bool,
    problems: Vec<String>,
    derived: Vec<Template>,
}

impl<'b> Expansion<'b> {
    fn html(&mut self, source: &str) -> String {
        self.replaced(source, |_, block| scoped(&block.html))
    }

    fn text(&mut self, source: &str) -> String {
        self.replaced(source, |expansion, block| match &block.text {
            Some(text) => scoped(text),
            None => expansion.derived(block),
        })
    }

    /// A placeholder for a block's derived text.
    fn derived(&mut self, block: &Template) -> String {
        let known = self.derived.iter().position(|known| known.id == block.id);
        let at = known.unwrap_or_else(|| {
            self.derived.push(Template { text: None, ..block.clone() });
            self.derived.len() - 1
        });
        format!("{{{{ {DERIVED}{at} }}}}")
    }

    fn replaced(&mut self, source: &str, put: impl Fn(&mut Self, &Template) -> String) -> String {
        let mut whole = String::with_capacity(source.len());
        let mut from = 0;
        for Include { id, at } in includes(source) {
            whole.push_str(&source[from..at.start]);
            from = at.end;
            if let Some(block) = self.usable(id) {
                whole.push_str(&put(self, block));
            }
            // It is refused for its length, however much more there is.
            if whole.len() > MAX_SOURCE {
                break;
            }
        }
        whole.push_str(&source[from..]);
        whole
    }

    fn usable(&mut self, id: &str) -> Option<&'b Template> {
        let fault = if self.is_block {
            Some("A block cannot use other blocks: remove them, and let the template use both.".to_owned())
        } else {
            self.blocks.fault(id)
        };
        let Some(fault) = fault else { return self.blocks.get(id) };
        if !self.problems.contains(&fault) {
            self.problems.push(fault);
        }
        None
    }
}

/// A block's source so that names which it sets are its own.
fn scoped(source: &str) -> String {
    if source.contains("{%") { format!("{{% with %}}{source}{{% endwith %}}") } else { source.to_owned() }
}
