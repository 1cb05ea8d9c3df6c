//! Drops what would show nothing but a label: rows and lines all of whose placeholders are empty.
//!
//! A row, a line (up to a `<br>`, or a `<p>`, `<div>`, `<li>` … without one) or a smaller element goes when it has
//! placeholders and none of them has a value, whatever else stands in it. A cell is emptied and stays, for the columns'
//! sake. Inside a line, what stands between two [separators] goes in the same way, with one of them. Placeholders in `alt`, `title`, sizes and styles do not count: they are no content.

use super::markup::{Node, NodeKind, Tree, is_block, is_structure};
use super::separators::{self, Atom, Piece, Separator};
use crate::render::slots;

/// What a node holds.
#[derive(Clone, Copy, Debug, Default)]
struct Stats {
    slots: usize,
    filled: usize,
    /// A `<br>` or a block stands in it: it takes more than one line.
    breaks: bool,
    /// Text or an image is left in it.
    content: bool,
}

impl Stats {
    fn add(&mut self, other: Self) {
        self.slots += other.slots;
        self.filled += other.filled;
        self.breaks |= other.breaks;
        self.content |= other.content;
    }

    fn is_all_empty(self) -> bool {
        self.slots > 0 && self.filled == 0
    }

    fn count(&mut self, text: &str) {
        for slot in text.chars().filter_map(slots::slot_at) {
            self.slots += 1;
            self.filled += usize::from(!slot.empty);
        }
    }
}

/// Drops rows and lines whose placeholders are all empty.
pub(in crate::render) fn prune(tree: &mut Tree<'_>) {
    visit(tree, 0);
}

/// Prunes below a node and says what it holds, dropped children's placeholders included. The depth of recursion is at
/// most [`super::markup::MAX_DEPTH`].
fn visit(tree: &mut Tree<'_>, at: usize) -> Stats {
    let mut stats = own(tree, at);
    let children = std::mem::take(&mut tree.nodes[at].children);
    let visited: Vec<(usize, Stats)> = children.iter().map(|&child| (child, visit(tree, child))).collect();
    let structure = is_structure(tree.nodes[at].name());
    let misses = |&(_, stats): &(usize, Stats)| stats.filled < stats.slots;
    let visited = if !structure && visited.iter().any(misses) { separated(tree, visited) } else { visited };
    let had_elements = visited.iter().any(|&(child, _)| !tree.nodes[child].name().is_empty());
    let keep = if structure { vec![true; visited.len()] } else { lines_to_keep(tree, &visited) };
    for (&(child, below), keep) in visited.iter().zip(keep) {
        let name = tree.nodes[child].name();
        stats.slots += below.slots;
        stats.filled += below.filled;
        stats.breaks |= below.breaks || name == "br" || is_block(name);
        if keep && !is_dropped(tree, child, below) {
            stats.content |= below.content;
            tree.nodes[at].children.push(child);
        }
    }
    let elements_left = tree.nodes[at].children.iter().any(|&child| !tree.nodes[child].name().is_empty());
    if structure && had_elements && !elements_left {
        stats.content = false;
    }
    stats
}

/// What a node holds without its children.
fn own(tree: &Tree<'_>, at: usize) -> Stats {
    let node = &tree.nodes[at];
    let mut stats = Stats::default();
    match &node.kind {
        NodeKind::Text(text) => {
            stats.count(text);
            stats.content = stats.filled > 0 || text.chars().any(|c| !c.is_whitespace() && slots::slot_at(c).is_none());
        }
        NodeKind::Element("img", _) => {
            stats.count(node.attribute("src").unwrap_or_default());
            stats.content = !stats.is_all_empty();
        }
        NodeKind::Element(..) => stats.count(node.attribute("href").unwrap_or_default()),
    }
    stats
}

fn is_dropped(tree: &Tree<'_>, at: usize, stats: Stats) -> bool {
    match tree.nodes[at].name() {
        "" | "td" | "th" | "br" => false,
        "tr" => stats.is_all_empty(),
        _ if stats.breaks => stats.is_all_empty() && !stats.content,
        _ => stats.is_all_empty(),
    }
}

/// Children without the parts of lines that miss their values; texts are cut at their separators.
fn separated(tree: &mut Tree<'_>, visited: Vec<(usize, Stats)>) -> Vec<(usize, Stats)> {
    let mut children = Vec::with_capacity(visited.len() + 4);
    let mut line: Vec<((usize, Stats), Atom)> = Vec::new();
    for (child, stats) in visited {
        let name = tree.nodes[child].name();
        if name == "br" || stats.breaks || is_block(name) {
            take_line(&mut line, &mut children);
            children.push((child, stats));
            continue;
        }
        let NodeKind::Text(text) = tree.nodes[child].kind else {
            let separator = separator_in(tree, child).filter(|_| stats.slots == 0);
            let (slots, filled) = (stats.slots, stats.filled);
            line.push(((child, stats), Atom { separator, slots, filled, words: true }));
            continue;
        };
        for piece in separators::pieces(text) {
            let (Piece::Part(text) | Piece::Separator(text, _)) = piece;
            let index = tree.nodes.len();
            tree.nodes.push(Node { kind: NodeKind::Text(text), children: Vec::new() });
            line.push(((index, own(tree, index)), Atom::of(piece)));
        }
    }
    take_line(&mut line, &mut children);
    children
}

fn take_line(line: &mut Vec<((usize, Stats), Atom)>, children: &mut Vec<(usize, Stats)>) {
    let atoms: Vec<Atom> = line.iter().map(|(_, atom)| *atom).collect();
    let kept = line.drain(..).zip(separators::keep(&atoms)).filter(|(_, keep)| *keep);
    children.extend(kept.map(|((child, _), _)| child));
}

/// The separator that is all there is in an element, such as `<span> | </span>`.
fn separator_in(tree: &Tree<'_>, at: usize) -> Option<Separator> {
    let [only] = tree.nodes[at].children[..] else { return None };
    let NodeKind::Text(text) = tree.nodes[only].kind else { return separator_in(tree, only) };
    match separators::pieces(text)[..] {
        [Piece::Part(""), Piece::Separator(_, separator), Piece::Part("")] => Some(separator),
        _ => None,
    }
}

/// Which children stay when the lines among them that are all empty go, each with one `<br>`.
fn lines_to_keep(tree: &Tree<'_>, children: &[(usize, Stats)]) -> Vec<bool> {
    let mut keep = vec![true; children.len()];
    let mut line = Stats::default();
    let mut line_starts = 0;
    for at in 0..=children.len() {
        let (name, breaks) = match children.get(at) {
            Some(&(child, stats)) => (tree.nodes[child].name(), stats.breaks),
            None => ("", true),
        };
        let is_break = name == "br";
        if !is_break && !breaks && !is_block(name) {
            line.add(children[at].1);
            continue;
        }
        if line.is_all_empty() {
            keep[line_starts..at].fill(false);
            if is_break {
                keep[at] = false;
            } else if let Some(before) =
                line_starts.checked_sub(1).filter(|&before| tree.nodes[children[before].0].name() == "br")
            {
                keep[before] = false;
            }
        }
        line = Stats::default();
        line_starts = at + 1;
    }
    keep
}
