//! Values on their way through a template: each `{{ … }}` writes its value between two control characters, and
//! [`scan`] takes them out again, so that what is left (the *shape*) is the template's own markup and nothing else.

use super::namespaces::Namespace;
use minijinja::value::{Value, ValueKind};
use minijinja::{Error, Output, State};
use std::collections::HashSet;
use std::fmt::Write as _;

/// Stands before a value.
const OPEN: char = '\u{1}';
/// Stands behind a value.
const CLOSE: char = '\u{2}';
/// Slot 0 in a shape, when it has a value; slot n is the n-th character from here.
const FILLED: u32 = 0xf_0000;
/// Slot 0 in a shape, when it is empty.
const EMPTY: u32 = 0x10_0000;
/// Most slots in one shape: more do not fit into the private-use planes (and [`super::language::MAX_OUTPUT`] is reached
/// long before).
const MAX_SLOTS: usize = 0xf000;
/// How a slot is written where the parser of addresses takes no private-use character: in a host.
const IN_HOST: &str = "paraph-slot-";

/// What a template wrote, taken apart.
#[derive(Debug, Default)]
pub(super) struct Filled<'a> {
    /// The template's own text with one character per slot (see [`slot_at`]), distinguishing filled and empty ones.
    pub(super) shape: String,
    /// The values by slot, trimmed.
    pub(super) values: Vec<&'a str>,
}

/// One slot in a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    /// Which value it is.
    pub(crate) index: usize,
    /// Whether it has no value.
    pub(crate) empty: bool,
}

/// Whether a character is one of those that only we may write, or none that belongs into a mail: controls, private use,
/// noncharacters. Such characters are taken out of templates and values.
pub(crate) fn is_reserved(c: char) -> bool {
    let code = u32::from(c);
    (c.is_control() && c != '\n' && c != '\t')
        || (0xe000..=0xf8ff).contains(&code)
        || (0xfdd0..=0xfdef).contains(&code)
        || code & 0xfffe == 0xfffe
        || code >= FILLED
}

/// The slot that a character of a shape stands for.
pub(crate) fn slot_at(c: char) -> Option<Slot> {
    let code = u32::from(c);
    let (base, empty) = if code >= EMPTY { (EMPTY, true) } else { (FILLED, false) };
    Some(Slot { index: code.checked_sub(base)? as usize, empty })
}

/// The character for a slot in a shape.
pub(crate) fn character(slot: Slot) -> char {
    let base = if slot.empty { EMPTY } else { FILLED };
    u32::try_from(slot.index).ok().and_then(|index| char::from_u32(base + index)).unwrap_or('\u{fffd}')
}

/// The formatter of our environments: writes any value as a slot.
pub(super) fn write(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    out.write_char(OPEN)?;
    let own = Namespace::written(value);
    let value = own.as_ref().unwrap_or(value);
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => {}
        ValueKind::String => write_clean(out, value.as_str().unwrap_or_default())?,
        ValueKind::Number | ValueKind::Bool => write!(out, "{value}")?,
        // A list is shown as its items; whatever else (a macro, a map) has no text.
        _ => {
            for (at, item) in value.try_iter().into_iter().flatten().enumerate() {
                let Some(item) = item.as_str() else { continue };
                out.write_str(if at == 0 { "" } else { ", " })?;
                write_clean(out, item)?;
            }
        }
    }
    out.write_char(CLOSE)?;
    Ok(())
}

fn write_clean(out: &mut Output<'_>, text: &str) -> std::fmt::Result {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return out.write_str(text);
    }
    text.split(is_reserved).try_for_each(|piece| out.write_str(piece))
}

/// Takes the values out of what a template wrote, without surrounding white space.
pub(super) fn scan(written: &str) -> Filled<'_> {
    let mut shape = String::with_capacity(written.len());
    let mut values = Vec::with_capacity(32);
    for (at, piece) in written.split(OPEN).enumerate() {
        let literal = match piece.split_once(CLOSE) {
            Some((value, literal)) if at > 0 && values.len() < MAX_SLOTS => {
                let value = value.trim();
                shape.push(character(Slot { index: values.len(), empty: value.is_empty() }));
                values.push(value);
                literal
            }
            _ => piece,
        };
        shape.push_str(literal);
    }
    Filled { shape, values }
}

/// Writes slots that stand in a host in letters and digits: the sanitiser's parser of addresses takes nothing else there.
pub(super) fn mask_hosts(shape: &str) -> String {
    let mut masked = String::with_capacity(shape.len() + 64);
    // Whether what follows would be read as part of a host: behind `https://` and nothing that ends a host.
    let mut in_host = false;
    for piece in super::links::split(shape) {
        match piece {
            Ok(literal) => {
                let ends = |byte: u8| b"/?#\"'<>".contains(&byte) || byte.is_ascii_whitespace();
                let last = literal.bytes().rposition(ends).map(|at| masked.len() + at);
                masked.push_str(literal);
                if let Some(last) = last {
                    in_host = masked.as_bytes()[..=last].ends_with(b"://");
                }
            }
            Err(slot) if in_host => {
                // Infallible: writing to a String.
                let _ = write!(masked, "{IN_HOST}{}-x", slot.index);
            }
            Err(slot) => masked.push(character(slot)),
        }
    }
    masked
}

/// Puts the character of its slot wherever [`mask_hosts`] wrote one out.
pub(super) fn unmask_hosts(html: String) -> String {
    if !html.contains(IN_HOST) {
        return html;
    }
    let mut pieces = html.split(IN_HOST);
    let mut unmasked = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match parse_masked(piece) {
            Some((slot, rest)) => {
                unmasked.push(character(slot));
                unmasked.push_str(rest);
            }
            None => unmasked.push_str(piece),
        }
    }
    unmasked
}

/// Reads `12-x` and gives what follows.
fn parse_masked(piece: &str) -> Option<(Slot, &str)> {
    let (index, rest) = piece.split_once('-')?;
    let index = index.parse().ok().filter(|&index| index < MAX_SLOTS)?;
    Some((Slot { index, empty: false }, rest.strip_prefix('x')?))
}

/// The shape with all of its slots filled, and which of them are empty.
pub(super) fn all_filled(shape: &str) -> (String, Vec<usize>) {
    let mut empty = Vec::new();
    let mut filled = String::with_capacity(shape.len());
    for piece in super::links::split(shape) {
        match piece {
            Ok(literal) => filled.push_str(literal),
            Err(slot) => {
                filled.push(character(Slot { empty: false, ..slot }));
                if slot.empty {
                    empty.push(slot.index);
                }
            }
        }
    }
    (filled, empty)
}

/// The shape with some of its slots counted as empty: what stands for a value that cannot be used.
pub(super) fn emptied(shape: &str, indices: &[usize]) -> String {
    let indices: HashSet<usize> = indices.iter().copied().collect();
    let mut emptied = String::with_capacity(shape.len());
    for piece in super::links::split(shape) {
        match piece {
            Ok(literal) => emptied.push_str(literal),
            Err(slot) => {
                emptied.push(character(Slot { empty: slot.empty || indices.contains(&slot.index), ..slot }));
            }
        }
    }
    emptied
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_holds_no_value() {
        let filled = scan("<b>\u{1}Ada\u{2}</b> <a href=\"https://\u{1}x.com\u{2}/\u{1} \u{2}\">");
        assert_eq!(filled.values, ["Ada", "x.com", ""]);
        assert_eq!(filled.shape, "<b>\u{f0000}</b> <a href=\"https://\u{f0001}/\u{100002}\">");
        let masked = mask_hosts(&filled.shape);
        assert_eq!(masked, "<b>\u{f0000}</b> <a href=\"https://paraph-slot-1-x/\u{100002}\">");
        assert_eq!(unmask_hosts(masked), filled.shape);
        let (all, empty) = all_filled(&filled.shape);
        assert_eq!((all.as_str(), &empty[..]), ("<b>\u{f0000}</b> <a href=\"https://\u{f0001}/\u{f0002}\">", &[2][..]));
        assert_eq!(emptied(&all, &empty), filled.shape);
    }

    #[test]
    fn a_slot_is_its_character() {
        for slot in [Slot { index: 0, empty: true }, Slot { index: MAX_SLOTS - 1, empty: false }] {
            assert_eq!(slot_at(character(slot)), Some(slot));
        }
        assert_eq!(slot_at('x'), None);
    }
}
