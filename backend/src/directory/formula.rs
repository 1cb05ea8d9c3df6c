//! Values that a spreadsheet would evaluate as formulas: an apostrophe is added on export and removed on import.
//!
//! A spreadsheet's locale decides which delimiter separates cells: if a comma-separated file is opened in a locale with
//! semicolons, a cell begins after each semicolon. So a value is guarded wherever a cell could begin.

use std::borrow::Cow;
use std::iter;

/// Whether a formula can begin with this character, including full-width forms.
fn begins_formula(letter: char) -> bool {
    matches!(letter, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '﹦' | '﹢' | '﹣' | '﹫')
}

/// Whether a cell can begin after this character in some locale: delimiters, quotation marks and line ends.
fn ends_cell(letter: char) -> bool {
    matches!(
        letter,
        ',' | ';' | '|' | '"' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Characters that spreadsheets ignore or do not show at the beginning of a cell.
fn is_blank(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Whether a cell would be evaluated, ignoring blanks and apostrophes at its beginning.
fn is_formula(cell: &str) -> bool {
    cell.trim_start_matches(|letter| letter == '\'' || is_blank(letter)).starts_with(begins_formula)
}

/// The same for a complete value; some spreadsheets drop a tab or line break at its beginning.
fn is_formula_at_start(value: &str) -> bool {
    is_formula(value) || value.trim_start_matches('\'').starts_with(['\t', '\n', '\r'])
}

/// Positions in a value where cells could begin, and whether each is its start.
fn starts(value: &str) -> impl Iterator<Item = (usize, bool)> {
    let behind = value.char_indices().filter(|(_, letter)| ends_cell(*letter));
    iter::once((0, true)).chain(behind.map(|(at, letter)| (at + letter.len_utf8(), false)))
}

fn needs(value: &str, at: usize, is_start: bool) -> bool {
    if is_start { is_formula_at_start(value) } else { is_formula(&value[at..]) }
}

/// Guards a value so that it is safe in spreadsheets of any locale.
pub fn guard(value: &str) -> Cow<'_, str> {
    let mut guarded = String::new();
    let mut copied = 0;
    for (at, _) in starts(value).filter(|(at, is_start)| needs(value, *at, *is_start)) {
        guarded.push_str(&value[copied..at]);
        guarded.push('\'');
        copied = at;
    }
    if guarded.is_empty() {
        return Cow::Borrowed(value);
    }
    guarded.push_str(&value[copied..]);
    Cow::Owned(guarded)
}

/// Reverts [`guard`].
pub fn unguard(cell: &str) -> Cow<'_, str> {
    let is_guard =
        |(at, is_start): (usize, bool)| cell[at..].strip_prefix('\'').is_some_and(|rest| needs(rest, 0, is_start));
    let mut value = String::new();
    let mut copied = 0;
    for (at, _) in starts(cell).filter(|start| is_guard(*start)) {
        value.push_str(&cell[copied..at]);
        copied = at + 1;
    }
    if copied == 0 {
        return Cow::Borrowed(cell);
    }
    value.push_str(&cell[copied..]);
    Cow::Owned(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether any cell of a line begins a formula where `delimiter` parts cells.
    fn runs(line: &str, delimiter: char) -> bool {
        let cells =
            line.split([delimiter, '\n', '\r']).map(|cell| cell.trim_start_matches(|c: char| c == '"' || is_blank(c)));
        cells.into_iter().any(|cell| cell.starts_with(begins_formula))
    }

    const NASTY: [&str; 40] = [
        "",
        "Ada",
        "=1+1",
        "+49 30 1",
        "-",
        "@ada",
        "\tx",
        "'=1",
        "''+1",
        "'quoted'",
        "'",
        "O'Neill",
        "a;=1+1",
        "a,=1+1",
        "a\t=1+1",
        "a\n=1+1",
        "a\r\n=1+1",
        "\n=1+1",
        "\r=1",
        "\nAda",
        "a; =1",
        "a;\u{a0}=1",
        "a;\u{200b}=1",
        "\u{feff}=1",
        "＝1+1",
        "a;＋1",
        "－1",
        " ＠x",
        "a;'=1",
        "a;''=1",
        "a;\"=1",
        "\"=1+1\"",
        "a|=1",
        "a;;=1;-2",
        "a;\t\t=1",
        "x;'y",
        "a\u{2028}=1",
        "a\u{b}=1",
        "it's; '-",
        "﹦1",
    ];

    #[test]
    fn what_is_guarded_comes_back_as_it_was() {
        for value in NASTY {
            assert_eq!(unguard(&guard(value)), value, "{value:?}: {:?}", guard(value));
            assert_eq!(unguard(&unguard(&guard(&guard(value)))), value, "twice: {value:?}");
        }
    }

    #[test]
    fn no_cell_is_a_formula_wherever_it_is_opened() {
        for value in NASTY {
            let cell = guard(value);
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝']), "{value:?}: {cell:?}");
            for delimiter in [',', ';', '\t', '|'] {
                assert!(!runs(&cell, delimiter), "{value:?}: {cell:?}");
                let written = format!("a@example.com,\"{}\",x", cell.replace('"', "\"\""));
                assert!(!runs(&written, delimiter), "{value:?}: {written:?}");
            }
        }
    }

    #[test]
    fn ordinary_values_are_left_alone() {
        for value in ["Ada Lovelace", "R&D, Berlin; Paris", "49-30", "a+b@example.com", "1 - 2", "x, y", "it's; a test"]
        {
            assert_eq!(guard(value), value);
        }
    }
}
