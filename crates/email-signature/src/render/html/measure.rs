//! How much work a piece of HTML makes for the parsers, counted before any of them is given it.
//!
//! A parser's work can grow with the square of hostile input: formatting elements are opened again in every paragraph,
//! what does not belong into a table is moved in front of it, and an end tag may close nothing. No count of tags foretells
//! that, so HTML5's own tree builder runs here over a tree that only counts, a little at a time, and stops at a limit.
//! What it finds ([`Measured`]) also says how much work a style sheet may make ([`super::sheet`]).

use html5ever::tendril::{StrTendril, TendrilSink as _};
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{Attribute, ExpandedName, LocalName, ParseOpts, QualName, local_name, ns, parse_document};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::{Rc, Weak};

/// Longest HTML in bytes: ten times what Outlook takes, and some, for what Word writes around it.
pub(crate) const MAX_BYTES: usize = 400_000;
/// Elements, and comments where any are left. A signature of 30,000 characters cannot hold more.
const MAX_NODES: usize = 10_000;
/// Elements inside each other, `<html>` and `<body>` included.
const MAX_DEPTH: usize = 102;
/// Steps of the tree builder: nodes made, found among their siblings and moved, attributes, pieces of text. A step is half
/// a microsecond, and three parsers take it.
const MAX_STEPS: u64 = 150_000;
/// What a piece of text counts: each `&` is one, while words come by the thousand.
const TEXT: usize = 2;
/// Siblings that are looked at or moved on in one step.
const SIBLINGS: usize = 64;
/// Longest tag in bytes.
const MAX_TAG: usize = 16_000;
/// Attributes of one tag: each is compared with each.
const MAX_ATTRIBUTES: usize = 200;
/// Bytes given to the tree builder between two looks at the counts.
const CHUNK: usize = 4 * 1024;

/// What was counted.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    /// Steps that it took, in the unit of [`MAX_STEPS`].
    #[cfg_attr(not(test), expect(dead_code, reason = "the limit is looked at on the way; tests look at how it grows"))]
    pub(crate) steps: u64,
    /// Elements.
    pub(in crate::render) elements: usize,
    /// How many elements have a name (`td`), class (`.x`) or id (`#x`), in lower case.
    pub(in crate::render) by_mark: HashMap<String, usize>,
    /// Most elements with one parent.
    pub(in crate::render) siblings: usize,
    /// The content of each `<style>`.
    pub(in crate::render) styles: Vec<String>,
}

/// Counts; `Err`: a limit is reached, as one clause.
pub(crate) fn measure(html: &str) -> Result<Measured, String> {
    if html.len() > MAX_BYTES {
        return Err(format!("it is longer than {} KB", MAX_BYTES / 1000));
    }
    tags(html)?;
    let mut parser = parse_document(Counter::new(), ParseOpts::default());
    let mut rest = html;
    while !rest.is_empty() {
        let (chunk, behind) = rest.split_at(rest.floor_char_boundary(CHUNK));
        rest = behind;
        parser.process(StrTendril::from(chunk));
        parser.tokenizer.sink.sink.within_limits()?;
    }
    let counter = parser.finish();
    counter.within_limits()?;
    Ok(counter.finished())
}

/// Looks at each tag by itself, whatever stands around it: how long it is and how many attributes it has. Quoted values
/// may hold any character, so a tag's end is not the next `>`.
fn tags(html: &str) -> Result<(), String> {
    let bytes = html.as_bytes();
    // Tags may stand in each other's values; reading all of them must not take the square of their number.
    let mut budget = 2 * bytes.len() + MAX_TAG;
    for (at, _) in html.match_indices('<') {
        let starts = at + 1 + usize::from(bytes.get(at + 1) == Some(&b'/'));
        if !bytes.get(starts).is_some_and(u8::is_ascii_alphabetic) {
            continue;
        }
        let length = tag(&bytes[starts..])?;
        budget = budget.checked_sub(length).ok_or("its tags are inside each other")?;
    }
    Ok(())
}

/// The length of a tag from its name on.
fn tag(bytes: &[u8]) -> Result<usize, String> {
    let mut attributes = 0;
    // What the last byte was: in the white space before an attribute, in a name or value, behind `=`, in quotes.
    let (mut between, mut follows_equals, mut quote) = (false, false, None);
    for (at, &byte) in bytes.iter().enumerate() {
        if at > MAX_TAG {
            return Err(format!("it has a tag of more than {MAX_TAG} bytes"));
        }
        match (byte, quote) {
            (byte, Some(open)) if byte == open => {
                quote = None;
                between = true;
            }
            (_, Some(_)) => {}
            (b'>', None) => return Ok(at + 1),
            (b'"' | b'\'', None) if follows_equals => (quote, follows_equals) = (Some(byte), false),
            (b'=', None) => (follows_equals, between) = (true, false),
            (b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' | b'/', None) => between = !follows_equals,
            (_, None) => {
                attributes += usize::from(between);
                (between, follows_equals) = (false, false);
            }
        }
        if attributes > MAX_ATTRIBUTES {
            return Err(format!("it has a tag of more than {MAX_ATTRIBUTES} attributes"));
        }
    }
    Ok(bytes.len())
}

/// A node of the tree that only counts.
#[derive(Debug)]
struct Node {
    name: QualName,
    parent: RefCell<Weak<Node>>,
    children: RefCell<Vec<Handle>>,
    depth: Cell<usize>,
    /// What is written in a `<style>`.
    style: RefCell<String>,
}

type Handle = Rc<Node>;

/// The tree builder's other side.
#[derive(Debug)]
struct Counter {
    document: Handle,
    nodes: Cell<usize>,
    steps: Cell<u64>,
    deepest: Cell<usize>,
    siblings: Cell<usize>,
    elements: Cell<usize>,
    by_mark: RefCell<HashMap<String, usize>>,
    styles: RefCell<Vec<Handle>>,
}

impl Counter {
    fn new() -> Self {
        Self {
            document: node(LocalName::from("")),
            nodes: Cell::default(),
            steps: Cell::default(),
            deepest: Cell::default(),
            siblings: Cell::default(),
            elements: Cell::default(),
            by_mark: RefCell::default(),
            styles: RefCell::default(),
        }
    }

    fn within_limits(&self) -> Result<(), String> {
        if self.deepest.get() > MAX_DEPTH {
            return Err("its elements are nested too deeply, or not closed".into());
        }
        if self.nodes.get() > MAX_NODES {
            return Err(format!("it makes more than {MAX_NODES} elements"));
        }
        if self.steps.get() > MAX_STEPS {
            return Err("reading it takes too much work".into());
        }
        Ok(())
    }

    fn step(&self, steps: usize) {
        self.steps.set(self.steps.get().saturating_add(steps as u64));
    }

    fn finished(self) -> Measured {
        let styles = self.styles.take().iter().map(|style| style.style.take()).collect();
        Measured {
            steps: self.steps.get(),
            elements: self.elements.get(),
            by_mark: self.by_mark.take(),
            siblings: self.siblings.get(),
            styles,
        }
    }

    /// Puts a node among its parent's children.
    fn place(&self, parent: &Handle, at: Option<usize>, child: Handle) {
        *child.parent.borrow_mut() = Rc::downgrade(parent);
        self.deepen(&child, parent.depth.get() + 1);
        let mut children = parent.children.borrow_mut();
        // Behind a place all others move on by one.
        self.step(at.map_or(1, |at| 1 + (children.len() - at) / SIBLINGS));
        match at {
            Some(at) => children.insert(at, child),
            None => children.push(child),
        }
        self.siblings.set(self.siblings.get().max(children.len()));
    }

    /// Notes the depth of a node, and of what is below it.
    fn deepen(&self, top: &Handle, depth: usize) {
        let mut open = vec![(Rc::clone(top), depth)];
        while let Some((node, depth)) = open.pop() {
            self.step(1);
            node.depth.set(depth);
            self.deepest.set(self.deepest.get().max(depth));
            open.extend(node.children.borrow().iter().map(|child| (Rc::clone(child), depth + 1)));
        }
    }

    /// A node's parent and its place there.
    fn find(&self, node: &Handle) -> Option<(Handle, usize)> {
        let parent = node.parent.borrow().upgrade()?;
        let at = parent.children.borrow().iter().position(|child| Rc::ptr_eq(child, node))?;
        self.step(1 + at / SIBLINGS);
        Some((parent, at))
    }

    fn mark(&self, mark: &str) {
        *self.by_mark.borrow_mut().entry(mark.to_ascii_lowercase()).or_default() += 1;
    }
}

fn node(name: LocalName) -> Handle {
    Rc::new(Node {
        name: QualName::new(None, ns!(html), name),
        parent: RefCell::default(),
        children: RefCell::default(),
        depth: Cell::default(),
        style: RefCell::default(),
    })
}

impl TreeSink for Counter {
    type Handle = Handle;
    type Output = Self;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Self {
        self
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Handle {
        Rc::clone(&self.document)
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> ExpandedName<'a> {
        target.name.expanded()
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, _: ElementFlags) -> Handle {
        self.nodes.set(self.nodes.get() + 1);
        self.elements.set(self.elements.get() + 1);
        self.step(1 + attributes.len());
        self.mark(&name.local);
        for Attribute { name, value } in &attributes {
            match &*name.local {
                "class" => value.split_ascii_whitespace().for_each(|class| self.mark(&format!(".{class}"))),
                "id" => self.mark(&format!("#{value}")),
                _ => {}
            }
        }
        let is_style = name.local == local_name!("style");
        let node = Rc::new(Node {
            name,
            parent: RefCell::default(),
            children: RefCell::default(),
            depth: Cell::default(),
            style: RefCell::default(),
        });
        if is_style {
            self.styles.borrow_mut().push(Rc::clone(&node));
        }
        node
    }

    fn create_comment(&self, _: StrTendril) -> Handle {
        self.nodes.set(self.nodes.get() + 1);
        node(LocalName::from("!"))
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Handle {
        self.create_comment(StrTendril::new())
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        match child {
            NodeOrText::AppendNode(child) => self.place(parent, None, child),
            NodeOrText::AppendText(text) => {
                self.step(TEXT);
                if parent.name.local == local_name!("style") {
                    parent.style.borrow_mut().push_str(&text);
                }
            }
        }
    }

    fn append_based_on_parent_node(&self, element: &Handle, before: &Handle, child: NodeOrText<Handle>) {
        if element.parent.borrow().upgrade().is_some() {
            self.append_before_sibling(element, child);
        } else {
            self.append(before, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {
        self.step(1);
    }

    fn get_template_contents(&self, target: &Handle) -> Handle {
        Rc::clone(target)
    }

    fn same_node(&self, one: &Handle, other: &Handle) -> bool {
        Rc::ptr_eq(one, other)
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Handle, child: NodeOrText<Handle>) {
        let found = self.find(sibling);
        match (child, found) {
            (NodeOrText::AppendNode(child), Some((parent, _))) => {
                self.remove_from_parent(&child);
                // It may have stood beside: its going moved the place.
                let at = self.find(sibling).map(|(_, at)| at);
                self.place(&parent, at, child);
            }
            (NodeOrText::AppendText(_), _) => self.step(TEXT),
            (NodeOrText::AppendNode(_), None) => {}
        }
    }

    fn add_attrs_if_missing(&self, _: &Handle, attributes: Vec<Attribute>) {
        self.step(attributes.len() * MAX_ATTRIBUTES);
    }

    fn remove_from_parent(&self, target: &Handle) {
        if let Some((parent, at)) = self.find(target) {
            self.step(1 + (parent.children.borrow().len() - at) / SIBLINGS);
            parent.children.borrow_mut().remove(at);
            *target.parent.borrow_mut() = Weak::new();
        }
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        for child in node.children.take() {
            self.place(new_parent, None, child);
        }
    }
}

#[cfg(test)]
mod tests;
