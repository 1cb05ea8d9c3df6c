//! A lint for add-in only manifests of Outlook add-ins that sign: everything documented that makes Outlook or Microsoft's
//! validator refuse one, or makes launch events and single sign-on fail without a word. Microsoft's own validator is a
//! web service, so this one works from the documentation: the manifest reference (`office-js-docs-reference`), the
//! schemas (MS-OWEMXML) and the guide on event-based activation.

/// The part that every Office add-in has.
mod base;
/// Single sign-on, domains, permissions and requirement sets.
mod identity;
/// Elements in their places and in their order.
mod order;
/// Strings, images and addresses, and who refers to them.
mod resources;
/// Buttons, runtimes and launch events.
mod surfaces;

use roxmltree::{Document, Node};
use std::fmt;

/// Namespace of the root.
const BASE: &str = "http://schemas.microsoft.com/office/appforoffice/1.1";
/// Namespace of `bt:` elements.
const BT: &str = "http://schemas.microsoft.com/office/officeappbasictypes/1.0";
/// Namespace of `VersionOverridesV1_0`.
const V1_0: &str = "http://schemas.microsoft.com/office/mailappversionoverrides";
/// Namespace of `VersionOverridesV1_1`.
const V1_1: &str = "http://schemas.microsoft.com/office/mailappversionoverrides/1.1";
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// Largest manifest in bytes (limits for Outlook add-ins).
const MAX_BYTES: usize = 256 * 1024;

/// Something that a manifest has wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's name.
    pub rule: &'static str,
    /// The element, as a path of element names with the line number.
    pub place: String,
    /// What is wrong, and how to correct it.
    pub detail: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.rule, self.place, self.detail)
    }
}

/// Everything that is wrong with a manifest; empty: Outlook takes it.
pub fn lint(xml: &str) -> Vec<Finding> {
    let mut findings = Findings(Vec::new());
    if xml.len() > MAX_BYTES {
        findings.add_at("size", "the file", format!("{} bytes; at most {MAX_BYTES}", xml.len()));
    }
    match Document::parse(xml) {
        Ok(document) => {
            let root = document.root_element();
            order::check(root, &mut findings);
            base::check(root, &mut findings);
            resources::check(root, &mut findings);
            surfaces::check(root, &mut findings);
            identity::check(root, &mut findings);
        }
        Err(error) => findings.add_at("well-formed", "the file", error.to_string()),
    }
    findings.0
}

/// The findings so far.
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, rule: &'static str, node: Node<'_, '_>, detail: impl Into<String>) {
        self.add_at(rule, &place(node), detail);
    }

    fn add_at(&mut self, rule: &'static str, place: &str, detail: impl Into<String>) {
        self.0.push(Finding { rule, place: place.into(), detail: detail.into() });
    }

    /// Adds a finding unless `holds`.
    fn expect(&mut self, holds: bool, rule: &'static str, node: Node<'_, '_>, detail: impl Into<String>) {
        if !holds {
            self.add(rule, node, detail);
        }
    }
}

/// `OfficeApp/Hosts/Host (line 12)`.
fn place(node: Node<'_, '_>) -> String {
    let mut names: Vec<&str> = node.ancestors().filter(Node::is_element).map(name).collect();
    names.reverse();
    let line = node.document().text_pos_at(node.range().start).row;
    format!("{} (line {line})", names.join("/"))
}

fn name<'a>(node: Node<'a, '_>) -> &'a str {
    node.tag_name().name()
}

/// Child elements.
fn children<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(Node::is_element)
}

/// The first child element of that name.
fn child<'a, 'i>(node: Node<'a, 'i>, wanted: &str) -> Option<Node<'a, 'i>> {
    children(node).find(|child| name(*child) == wanted)
}

/// All elements of that name below `node`.
fn all<'a, 'i>(node: Node<'a, 'i>, wanted: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.descendants().filter(move |node| node.is_element() && name(*node) == wanted)
}

fn text<'a>(node: Node<'a, '_>) -> &'a str {
    node.text().unwrap_or_default().trim()
}

fn xsi_type<'a>(node: Node<'a, '_>) -> &'a str {
    node.attribute((XSI, "type")).unwrap_or_default()
}

/// The `VersionOverrides` that an element belongs to; `None` in the base part.
fn overrides<'a, 'i>(node: Node<'a, 'i>) -> Option<Node<'a, 'i>> {
    node.ancestors().find(|node| node.is_element() && name(*node) == "VersionOverrides")
}

/// Elements of that name in this `VersionOverrides`, without those of one nested in it.
fn own<'a, 'i>(scope: Node<'a, 'i>, wanted: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    all(scope, wanted).filter(move |node| overrides(*node) == Some(scope))
}

/// Host and port of an address with a scheme.
fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}
