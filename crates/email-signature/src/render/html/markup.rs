//! A small tree over sanitised HTML. Only what [`super::policy::sanitise`] serialised is parsed here, so it is well
//! formed: lower-case tags, double-quoted attributes, every element closed, no comments.

use std::borrow::Cow;

/// Deepest nesting of a signature that is looked at; more is refused.
pub(crate) const MAX_DEPTH: usize = 100;

/// A tree; node 0 is the root and stands for the whole fragment.
#[derive(Debug)]
pub(crate) struct Tree<'h> {
    pub(crate) nodes: Vec<Node<'h>>,
}

/// One node. A dropped node stays in the tree and is no longer among its parent's children.
#[derive(Debug)]
pub(crate) struct Node<'h> {
    pub(crate) kind: NodeKind<'h>,
    pub(crate) children: Vec<usize>,
}

/// An element, or a piece of text, still escaped.
#[derive(Debug)]
pub(crate) enum NodeKind<'h> {
    /// Name and attributes, their values still escaped.
    Element(&'h str, Vec<(&'h str, &'h str)>),
    /// Text.
    Text(&'h str),
}

impl<'h> Node<'h> {
    /// An element's name; empty for text.
    pub(crate) fn name(&self) -> &'h str {
        match self.kind {
            NodeKind::Element(name, _) => name,
            NodeKind::Text(_) => "",
        }
    }

    /// An attribute, still escaped.
    pub(crate) fn attribute(&self, wanted: &str) -> Option<&'h str> {
        match &self.kind {
            NodeKind::Element(_, attributes) => {
                attributes.iter().find(|(name, _)| *name == wanted).map(|&(_, value)| value)
            }
            NodeKind::Text(_) => None,
        }
    }
}

/// Elements without an end tag.
pub(crate) fn is_void(name: &str) -> bool {
    matches!(name, "br" | "col" | "hr" | "img" | "wbr")
}

/// Elements that stand on lines of their own.
pub(crate) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "blockquote"
            | "center"
            | "col"
            | "colgroup"
            | "dd"
            | "div"
            | "dl"
            | "dt"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "hr"
            | "li"
            | "ol"
            | "p"
            | "pre"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
    )
}

/// Elements between whose children white space means nothing.
pub(crate) fn is_structure(name: &str) -> bool {
    matches!(name, "colgroup" | "dl" | "ol" | "table" | "tbody" | "tfoot" | "thead" | "tr" | "ul")
}

/// Parses a sanitised fragment; `None`: it is nested too deeply.
pub(crate) fn parse(html: &str) -> Option<Tree<'_>> {
    let mut nodes = vec![Node { kind: NodeKind::Element("", Vec::new()), children: Vec::new() }];
    let mut open = vec![0];
    let mut rest = html;
    while !rest.is_empty() {
        let parent = *open.last()?;
        if let Some(tag) = rest.strip_prefix("</") {
            rest = tag.split_once('>').map_or("", |(_, rest)| rest);
            if open.len() > 1 {
                open.pop();
            }
            continue;
        }
        let kind = if let Some(tag) = rest.strip_prefix('<') {
            let (element, behind) = parse_tag(tag);
            rest = behind;
            element
        } else {
            let end = rest.find('<').unwrap_or(rest.len());
            let text = &rest[..end];
            rest = &rest[end..];
            NodeKind::Text(text)
        };
        let index = nodes.len();
        let opens = matches!(kind, NodeKind::Element(name, _) if !is_void(name));
        nodes.push(Node { kind, children: Vec::new() });
        nodes[parent].children.push(index);
        if opens {
            open.push(index);
            if open.len() > MAX_DEPTH {
                return None;
            }
        }
    }
    Some(Tree { nodes })
}

/// Parses what follows a `<`; gives the element and what follows its `>`.
fn parse_tag(tag: &str) -> (NodeKind<'_>, &str) {
    let name_ends = tag.find([' ', '>']).unwrap_or(tag.len());
    let (name, mut rest) = tag.split_at(name_ends);
    let mut attributes = Vec::new();
    while let Some(attribute) = rest.strip_prefix(' ') {
        let Some((name, quoted)) = attribute.split_once("=\"") else { break };
        let Some((value, behind)) = quoted.split_once('"') else { break };
        attributes.push((name, value));
        rest = behind;
    }
    let rest = rest.split_once('>').map_or("", |(_, rest)| rest);
    (NodeKind::Element(name, attributes), rest)
}

/// Undoes the escapes that the serialiser makes.
pub(crate) fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&nbsp;", '\u{a0}')];
        let (length, c) = known
            .iter()
            .find(|(escape, _)| rest.starts_with(escape))
            .map_or((1, '&'), |&(escape, c)| (escape.len(), c));
        plain.push(c);
        rest = &rest[length..];
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serialised_fragment_becomes_a_tree() {
        let tree = parse("a<p dir=\"rtl\" title=\"&quot;>\">b<br>c</p><hr>").unwrap();
        assert_eq!(tree.nodes[0].children.len(), 3);
        assert_eq!(tree.nodes[2].name(), "p");
        assert_eq!(tree.nodes[2].attribute("title"), Some("&quot;>"));
        assert_eq!(tree.nodes[2].children.len(), 3);
        assert_eq!(unescape("&lt;a&amp;lt;&nbsp;&"), "<a&lt;\u{a0}&");
    }

    #[test]
    fn nesting_has_an_end() {
        assert!(parse(&"<div>".repeat(MAX_DEPTH + 1)).is_none());
    }
}
