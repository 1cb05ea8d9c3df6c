//! Several numbers in one field: where the first of them ends.

use super::typed::count;

/// Words between two numbers.
const WORDS: &[&str] = &[
    "or", "and", "oder", "und", "bzw.", "ou", "et", "o", "y", "e", "of", "en", "eller", "och", "og", "lub", "nebo",
    "a", "или", "и", "&",
];
/// Digits that the least of numbers has.
const LEAST: usize = 5;
/// Digits behind which no part of the same number follows on a slash.
const WHOLE: usize = 10;

/// The first number of a text, with whatever is said about it.
pub(super) fn first(text: &str) -> &str {
    let mut before: Option<char> = None;
    for (at, c) in text.char_indices() {
        let (left, right) = (&text[..at], &text[at + c.len_utf8()..]);
        let ends = match c {
            '\n' | '|' => count(left) >= 3 && count(right) > 0,
            ';' => count(left) >= 3 && !is_parameter(right),
            // Two commas are a pause, behind which the extension is dialled.
            ',' if before == Some(',') || right.starts_with(',') => false,
            '/' | ',' | '\\' | '·' | '•' => is_between(left, right),
            '+' => count(left) >= LEAST,
            ' ' => count(left) >= LEAST && is_word_between(right),
            _ => false,
        };
        before = Some(c);
        if ends {
            return left.trim_end_matches([' ', '(', ',', ';', '/', '|']);
        }
    }
    text
}

/// A parameter of a `tel:` address (RFC 3966 §3).
fn is_parameter(text: &str) -> bool {
    let names = ["ext", "isub", "phone-context"];
    names.iter().any(|name| text.trim_start().get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)))
}

/// Whether a slash or the like stands between two numbers, and not behind the area of one: `0171/2222222` is one number,
/// `030 123456 / 0171 222222` are two, and `030 1234567/68` is one that has another with other last digits.
fn is_between(left: &str, right: &str) -> bool {
    let (before, after) = (count(left), count(right));
    let right = right.trim_start_matches([' ', '(']);
    let is_digit = right.starts_with(|c: char| c.is_ascii_digit());
    let begins = right.starts_with(['0', '+']) && before > LEAST && after >= LEAST;
    let is_ending = is_digit && (2..=3).contains(&after) && before >= 7;
    let is_labelled = right.starts_with(char::is_alphabetic) && before >= 7 && after >= 7;
    begins || is_ending || is_labelled || (is_digit && before >= WHOLE && after >= 3)
}

/// Whether a word that joins two numbers follows.
fn is_word_between(right: &str) -> bool {
    let Some((word, rest)) = right.trim_start().split_once(' ') else { return false };
    let word = word.to_lowercase();
    let number = rest.trim_start_matches([' ', '(', '+']);
    WORDS.contains(&&*word) && number.starts_with(|c: char| c.is_ascii_digit()) && count(rest) >= 3
}
