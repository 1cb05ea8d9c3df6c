//! A value as text, whatever the database made of it.

use api::MAX_FIELD;

/// A value; `None` is `NULL`.
pub type Cell = Option<String>;
/// A row of the columns that were picked.
pub type Row = Vec<Cell>;

/// What stands for bytes that are no text; the server names the row that has it.
const NO_TEXT: char = char::REPLACEMENT_CHARACTER;

/// A text, cut after one character more than a field takes, so that the server names the row and nothing of ten megabytes
/// leaves the network.
pub(super) fn text(text: &str) -> String {
    let end = text.char_indices().nth(MAX_FIELD + 1).map_or(text.len(), |(end, _)| end);
    // NUL is no character of any name, and CSV readers stumble over it.
    text[..end].replace('\0', &no_text())
}

/// Bytes that should be text in UTF-8.
pub(super) fn bytes(bytes: &[u8]) -> String {
    text(&String::from_utf8_lossy(clip(bytes)))
}

/// Bytes that the database calls binary: text all the same when they are readable, as concatenations are in some databases.
pub(super) fn binary(bytes: &[u8]) -> String {
    let readable = |text: &str| !text.chars().any(|c| c.is_control() && !c.is_whitespace());
    match std::str::from_utf8(clip(bytes)) {
        Ok(ours) if readable(ours) => text(ours),
        _ => no_text(),
    }
}

/// What is no text at all.
pub(super) fn no_text() -> String {
    NO_TEXT.to_string()
}

/// No more bytes than a text of the longest field can have, and one character.
fn clip(bytes: &[u8]) -> &[u8] {
    const LONGEST: usize = 4 * (MAX_FIELD + 1);
    if bytes.len() <= LONGEST {
        return bytes;
    }
    // Not within a character.
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
    fn long_texts_are_cut_one_character_too_late() {
        assert_eq!(text(&"é".repeat(MAX_FIELD)).chars().count(), MAX_FIELD);
        assert_eq!(text(&"é".repeat(10_000_000)).chars().count(), MAX_FIELD + 1);
        assert_eq!(bytes("😀".repeat(10_000).as_bytes()), "😀".repeat(MAX_FIELD + 1));
    }

    #[test]
    fn wrong_bytes_are_marked_and_readable_ones_taken() {
        assert_eq!(bytes(b"R\xe4ksm\xf6rg\xe5s"), "R\u{fffd}ksm\u{fffd}rg\u{fffd}s");
        assert_eq!(binary("Ü 1".as_bytes()), "Ü 1");
        assert_eq!(binary(b"\x01\x02"), "\u{fffd}");
        assert_eq!(binary(b"\xff"), "\u{fffd}");
        assert_eq!(text("a\0b"), "a\u{fffd}b");
    }
}
