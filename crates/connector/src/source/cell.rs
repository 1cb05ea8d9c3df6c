//! Values of all databases as text.

use api::MAX_FIELD;

/// A value; `None` is `NULL`.
pub type Cell = Option<String>;
/// A row of the chosen columns.
pub type Row = Vec<Cell>;

/// Marker for bytes that are not text; the server reports the row.
const NO_TEXT: char = char::REPLACEMENT_CHARACTER;

/// A text, cut at one character more than a field allows, so that the server reports the row but no huge value leaves the
/// network.
pub(super) fn text(text: &str) -> String {
    let end = text.char_indices().nth(MAX_FIELD + 1).map_or(text.len(), |(end, _)| end);
    // NUL does not occur in names, and CSV readers fail on it.
    text[..end].replace('\0', &no_text())
}

/// Bytes that should be UTF-8 text.
pub(super) fn bytes(bytes: &[u8]) -> String {
    text(&String::from_utf8_lossy(clip(bytes)))
}

/// Bytes that the database calls binary. Some databases report concatenated text as binary, so readable bytes are kept.
pub(super) fn binary(bytes: &[u8]) -> String {
    let readable = |text: &str| !text.chars().any(|c| c.is_control() && !c.is_whitespace());
    match std::str::from_utf8(clip(bytes)) {
        Ok(ours) if readable(ours) => text(ours),
        _ => no_text(),
    }
}

/// The text for a value that is not text.
pub(super) fn no_text() -> String {
    NO_TEXT.to_string()
}

/// Limits bytes to one character more than the longest field.
fn clip(bytes: &[u8]) -> &[u8] {
    const LONGEST: usize = 4 * (MAX_FIELD + 1);
    if bytes.len() <= LONGEST {
        return bytes;
    }
    // Do not cut within a character.
    let mut end = LONGEST;
    while end > 0 && bytes[end] & 0b1100_0000 == 0b1000_0000 {
        end -= 1;
    }
    &bytes[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_one_character_past_the_limit() {
        assert_eq!(text(&"é".repeat(MAX_FIELD)).chars().count(), MAX_FIELD);
        assert_eq!(text(&"é".repeat(10_000_000)).chars().count(), MAX_FIELD + 1);
        assert_eq!(bytes("😀".repeat(10_000).as_bytes()), "😀".repeat(MAX_FIELD + 1));
    }

    #[test]
    fn wrong_bytes_are_marked_and_readable_ones_kept() {
        assert_eq!(bytes(b"R\xe4ksm\xf6rg\xe5s"), "R\u{fffd}ksm\u{fffd}rg\u{fffd}s");
        assert_eq!(binary("Ü 1".as_bytes()), "Ü 1");
        assert_eq!(binary(b"\x01\x02"), "\u{fffd}");
        assert_eq!(binary(b"\xff"), "\u{fffd}");
        assert_eq!(text("a\0b"), "a\u{fffd}b");
    }
}
