//! What stands between values: `{{ phone }} | {{ mobile }}`. Where a value is missing, what stands beside it with no other
//! value goes too, and one of the separators around it.

use crate::render::slots;
use std::borrow::Cow;

/// A piece of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    /// Text and placeholders.
    Part(&'t str),
    /// A separator with the space around it.
    Separator(&'t str, Separator),
}

/// A sort of separator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Separator {
    /// A bar, dot, dash or slash: what stands between two of these belongs together, labels included.
    Bar,
    /// A comma, as in addresses and in sentences: only placeholders without words around them go with it.
    Comma,
}

/// A piece as far as it matters which of them go.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Atom {
    pub(super) separator: Option<Separator>,
    pub(super) slots: usize,
    pub(super) filled: usize,
    /// Whether anything but placeholders and space is in it.
    pub(super) words: bool,
}

impl Atom {
    /// The atom of a piece of text.
    pub(super) fn of(piece: Piece<'_>) -> Self {
        let text = match piece {
            Piece::Separator(_, separator) => return Self { separator: Some(separator), ..Self::default() },
            Piece::Part(text) => text,
        };
        let found: Vec<_> = text.chars().filter_map(slots::slot_at).collect();
        let words = text.replace(SPACE, " ").chars().any(|c| !c.is_whitespace() && slots::slot_at(c).is_none());
        let filled = found.iter().filter(|slot| !slot.empty).count();
        Self { separator: None, slots: found.len(), filled, words }
    }
}

/// Which atoms of a line stay. All of them, where no value is missing or none is there.
pub(super) fn keep(atoms: &[Atom]) -> Vec<bool> {
    let mut keep = vec![true; atoms.len()];
    let (slots, filled) = atoms.iter().fold((0, 0), |(slots, filled), atom| (slots + atom.slots, filled + atom.filled));
    if filled == 0 || filled == slots {
        return keep;
    }
    // Separators since the last segment that stayed, and whether one went since.
    let mut open: Vec<usize> = Vec::new();
    let (mut stayed, mut went) = (false, false);
    let mut from = 0_usize;
    for at in 0..=atoms.len() {
        let separator = atoms.get(at).and_then(|atom| atom.separator);
        if at < atoms.len() && separator.is_none() {
            continue;
        }
        let mut commas = [from.checked_sub(1), Some(at)].into_iter().flatten().filter_map(|at| atoms.get(at));
        let beside_comma = commas.any(|atom| atom.separator == Some(Separator::Comma));
        let segment = &atoms[from..at];
        let is_empty = segment.iter().any(|atom| atom.slots > 0) && segment.iter().all(|atom| atom.filled == 0);
        if is_empty && !(beside_comma && segment.iter().any(|atom| atom.words)) {
            keep[from..at].fill(false);
            went = true;
        } else {
            if went {
                // One separator stays between two segments, and none before the first.
                let is_bar = |at: &&usize| atoms[**at].separator == Some(Separator::Bar);
                let one = open.iter().rfind(is_bar).or(open.last()).copied().filter(|_| stayed);
                for at in &open {
                    keep[*at] = one == Some(*at);
                }
            }
            open.clear();
            (stayed, went) = (true, false);
        }
        if separator.is_some() {
            open.push(at);
        }
        from = at + 1;
    }
    if went {
        for at in open {
            keep[at] = false;
        }
    }
    keep
}

/// A line of plain text without the separators of missing values.
pub(in crate::render) fn tidied(line: &str) -> Cow<'_, str> {
    let has_empty = line.chars().filter_map(slots::slot_at).any(|slot| slot.empty);
    if !has_empty {
        return Cow::Borrowed(line);
    }
    let pieces = pieces(line);
    let atoms: Vec<Atom> = pieces.iter().map(|piece| Atom::of(*piece)).collect();
    let kept = pieces.iter().zip(keep(&atoms)).filter(|(_, keep)| *keep);
    kept.map(|(piece, _)| match piece {
        Piece::Part(text) | Piece::Separator(text, _) => *text,
    })
    .collect::<String>()
    .into()
}

/// U+00A0 as the sanitiser writes it.
const SPACE: &str = "&nbsp;";

/// The pieces of a text in which separators and parts take turns; parts may be empty at its ends.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut from = 0;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let end = at + c.len_utf8();
        let Some(sort) = sort(c) else {
            at = end;
            continue;
        };
        let start = from + without_space(&text[from..at]).len();
        let mut end = end;
        // `||` and `- -` are one.
        loop {
            let rest = &text[end..];
            let space = rest.len() - after_space(rest).len();
            end += space;
            match text[end..].chars().next() {
                Some(next) if sort_of_bar(next) && sort == Sort::Always => end += next.len_utf8(),
                _ => break,
            }
        }
        if is_separator(sort, &text[..at], &text[at + c.len_utf8()..]) {
            pieces.push(Piece::Part(&text[from..start]));
            let separator = if sort == Sort::Comma { Separator::Comma } else { Separator::Bar };
            pieces.push(Piece::Separator(&text[start..end], separator));
            from = end;
            at = end;
        } else {
            at += c.len_utf8();
        }
    }
    pieces.push(Piece::Part(&text[from..]));
    pieces
}

/// When a character separates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Always,
    /// With space, a placeholder or nothing on both sides: elsewhere it joins words.
    Apart,
    Comma,
}

fn sort(c: char) -> Option<Sort> {
    match c {
        '|' | '¦' | '│' | '┃' | '｜' | '•' | '●' | '▪' | '■' | '◆' | '♦' | '✦' => {
            Some(Sort::Always)
        }
        '·' | '∙' | '⋅' | '・' | '-' | '‒' | '–' | '—' | '/' | '\\' | '~' | '*' => Some(Sort::Apart),
        ',' | '،' | '，' | '、' => Some(Sort::Comma),
        _ => None,
    }
}

fn sort_of_bar(c: char) -> bool {
    sort(c) == Some(Sort::Always)
}

fn is_separator(sort: Sort, before: &str, after: &str) -> bool {
    let is_slot = |c: char| slots::slot_at(c).is_some();
    let left = before.is_empty() || without_space(before).len() < before.len() || before.ends_with(is_slot);
    let right = after.is_empty() || after_space(after).len() < after.len() || after.starts_with(is_slot);
    match sort {
        Sort::Always => true,
        Sort::Apart => left && right,
        Sort::Comma => right,
    }
}

fn without_space(text: &str) -> &str {
    let mut text = text;
    loop {
        let shorter = text.trim_end();
        let shorter = shorter.strip_suffix(SPACE).unwrap_or(shorter);
        if shorter.len() == text.len() {
            return text;
        }
        text = shorter;
    }
}

fn after_space(text: &str) -> &str {
    let mut text = text;
    loop {
        let shorter = text.trim_start();
        let shorter = shorter.strip_prefix(SPACE).unwrap_or(shorter);
        if shorter.len() == text.len() {
            return text;
        }
        text = shorter;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `A` to `D` stand for values, `_` for missing ones.
    fn line(line: &str) -> String {
        let slot = |at: usize, empty| slots::character(slots::Slot { index: at, empty });
        let shape: String = line
            .char_indices()
            .map(|(at, c)| match c {
                'A'..='D' => slot(at, false),
                '_' => slot(at, true),
                c => c,
            })
            .collect();
        let back = |c: char| match slots::slot_at(c) {
            Some(slot) => line[slot.index..].chars().next().unwrap(),
            None => c,
        };
        tidied(&shape).chars().map(back).collect()
    }

    #[test]
    fn a_missing_value_takes_its_separator_with_it() {
        for (written, expected) in [
            ("A | B", "A | B"),
            ("A | _", "A"),
            ("_ | B", "B"),
            ("A | _ | C", "A | C"),
            ("A|_|C", "A|C"),
            ("_ | _ | C", "C"),
            ("A | _ | _", "A"),
            ("A | _ | _ | D", "A | D"),
            ("A&nbsp;|&nbsp;_", "A"),
            ("A · _ · C", "A · C"),
            ("A • _", "A"),
            ("A – _", "A"),
            ("A / _", "A"),
            ("A/_", "A"),
            ("A-_", "A"),
            ("A || _", "A"),
            ("T A | M _", "T A"),
            ("T _ | M B", "M B"),
            ("| A | _ |", "| A |"),
            ("x | A | _", "x | A"),
            // Commas.
            ("A, _", "A"),
            ("_, B", "B"),
            ("A, _, C", "A, C"),
            ("A _, C", "A _, C"),
            ("_ B, _", "_ B"),
            ("A, _ | C", "A | C"),
            ("A, with _ besides", "A, with _ besides"),
            // What joins words does not separate them.
            ("and/or A _", "and/or A _"),
            ("A Mo–Fr _", "A Mo–Fr _"),
            ("l·l A _", "l·l A _"),
            ("1,5 A _", "1,5 A _"),
            // Whole lines are others' business.
            ("_ | _", "_ | _"),
            ("x | _", "x | _"),
        ] {
            assert_eq!(line(written), expected, "{written}");
        }
    }

    #[test]
    fn pieces_make_up_the_text() {
        for text in ["", "|", " | ", "a | b,c - d", "&nbsp;|&nbsp;", ",", "a,", "|a", "a||b", "- -", "é–é"] {
            let all: String = pieces(text)
                .into_iter()
                .map(|piece| match piece {
                    Piece::Part(text) | Piece::Separator(text, _) => text,
                })
                .collect();
            assert_eq!(all, text);
        }
    }
}
