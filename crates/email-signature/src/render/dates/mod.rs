//! Dates in people's languages. The core has no clock: what day it is, the caller says.

use jiff::civil::Date;
use std::fmt::Write as _;

/// How dates are written, one language a line: its tag, the four styles, months, short months, weekdays. `languages.mjs`
/// makes it.
const LANGUAGES: &str = include_str!("languages.txt");
/// The language where none is asked for, and for those that are not there: its dates are the hardest to misread.
const USUAL: &str = "en-GB";
/// The styles, in the order of the columns.
const STYLES: [&str; 4] = ["short", "medium", "long", "full"];
/// Longest pattern.
const MAX_PATTERN: usize = 100;

/// Writes a date, or a time of one (`2026-11-30`, `2026-11-30T08:00Z`), in a style or a pattern of CLDR's letters
/// (`dd.MM.yyyy`, with words between apostrophes) and the language of a tag (`de`, `pt-BR`). A text that is no date is
/// given back. `Err` says in one clause why the form is none.
pub(super) fn write(text: &str, form: Option<&str>, language: &str) -> Result<String, String> {
    let text = text.trim();
    let date = text.get(..10).filter(|_| text[10..].is_empty() || text[10..].starts_with(['T', ' ']));
    let Some(date) = date.and_then(|date| date.parse::<Date>().ok()) else { return Ok(text.to_owned()) };
    let columns = columns(language);
    let form = form.unwrap_or("long");
    let pattern = match STYLES.iter().position(|style| *style == form) {
        Some(at) => columns.get(at + 1).copied().unwrap_or_default(),
        None if form.len() <= MAX_PATTERN && form.contains(['d', 'M', 'y', 'E']) => form,
        None => {
            return Err(
                "date() writes a date “short”, “medium”, “long”, “full” or as a pattern such as “dd.MM.yyyy”".into()
            );
        }
    };
    Ok(fill(pattern, date, &columns))
}

/// The columns of a language's line.
fn columns(language: &str) -> Vec<&'static str> {
    let wanted = language.trim().to_ascii_lowercase().replace('_', "-");
    let primary = wanted.split('-').next().unwrap_or_default();
    let tag = match (&*wanted, primary) {
        ("en" | "en-us", _) => "en-US",
        ("zh-tw" | "zh-hk" | "zh-mo", _) => "zh-Hant",
        (wanted, "zh") if wanted.starts_with("zh-hant") => "zh-Hant",
        (_, "no") => "nb",
        (_, "iw") => "he",
        (_, "en" | "") => USUAL,
        _ => &*wanted,
    };
    let line = |tag: &str| {
        let lines = LANGUAGES.lines().filter(|line| !line.starts_with('#'));
        lines.map(|line| line.split('\t').collect::<Vec<_>>()).find(|columns| columns[0].eq_ignore_ascii_case(tag))
    };
    line(tag).or_else(|| line(primary)).or_else(|| line(USUAL)).unwrap_or_default()
}

/// Fills a pattern (UTS #35, as far as dates need it).
fn fill(pattern: &str, date: Date, columns: &[&str]) -> String {
    let name = |column: usize, at: i8| {
        let names = columns.get(column).copied().unwrap_or_default();
        names.split(',').nth(usize::try_from(at - 1).unwrap_or_default()).unwrap_or_default()
    };
    let mut written = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            let inside = &rest[1..];
            let end = inside.find('\'').unwrap_or(inside.len());
            written.push_str(if end == 0 { "'" } else { &inside[..end] });
            rest = inside.get(end + 1..).unwrap_or_default();
            continue;
        }
        let length = rest.chars().take_while(|c| *c == first).count();
        match (first, length) {
            ('d', 1) => written.push_str(&date.day().to_string()),
            ('d', _) => push_padded(&mut written, date.day()),
            ('M', 1) => written.push_str(&date.month().to_string()),
            ('M', 2) => push_padded(&mut written, date.month()),
            ('M', 3) => written.push_str(name(6, date.month())),
            ('M', _) => written.push_str(name(5, date.month())),
            ('y', 2) => push_padded(&mut written, date.year().rem_euclid(100)),
            ('y', _) => written.push_str(&date.year().to_string()),
            ('E', _) => written.push_str(name(7, date.weekday().to_monday_one_offset())),
            (other, length) => written.extend(std::iter::repeat_n(other, length)),
        }
        rest = &rest[first.len_utf8() * length..];
    }
    written
}

fn push_padded(written: &mut String, number: impl Into<i64>) {
    // Infallible: writing to a String.
    let _ = write!(written, "{:02}", number.into());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_written_as_its_language_has_it() {
        for (form, language, written) in [
            (None, "", "30 November 2026"),
            (None, "en", "November 30, 2026"),
            (None, "en-US", "November 30, 2026"),
            (None, "en-AU", "30 November 2026"),
            (None, "de-DE", "30. November 2026"),
            (None, "de_CH", "30. November 2026"),
            (None, "fr", "30 novembre 2026"),
            (None, "ru", "30 ноября 2026 г."),
            (None, "es-MX", "30 de noviembre de 2026"),
            (None, "ja", "2026年11月30日"),
            (None, "zh-TW", "2026年11月30日"),
            (None, "no", "30. november 2026"),
            (None, "tlh", "30 November 2026"),
            (Some("short"), "de", "30.11.26"),
            (Some("medium"), "fr", "30 nov. 2026"),
            (Some("full"), "de", "Montag, 30. November 2026"),
            (Some("full"), "he", "יום שני, 30 בנובמבר 2026"),
            (Some("dd.MM.yyyy"), "de", "30.11.2026"),
            (Some("EEEE 'the' d MMMM yy"), "en", "Monday the 30 November 26"),
            (Some("d''M"), "en", "30'11"),
        ] {
            assert_eq!(write("2026-11-30", form, language).as_deref(), Ok(written), "{form:?} {language}");
        }
        assert_eq!(write("2026-02-03", Some("d.M.yyyy"), "").as_deref(), Ok("3.2.2026"));
        assert_eq!(write(" 2026-11-30T23:59:00Z ", None, "").as_deref(), Ok("30 November 2026"));
        for text in ["", "soon", "30.11.2026", "2026-13-40", "2026-11-301", "2026-11-3ü"] {
            assert_eq!(write(text, None, "de").as_deref(), Ok(text), "{text}");
        }
        assert!(write("2026-11-30", Some("quick"), "").is_err());
    }

    #[test]
    fn every_language_has_its_names() {
        for line in LANGUAGES.lines().filter(|line| !line.starts_with('#')) {
            let columns: Vec<_> = line.split('\t').collect();
            assert_eq!(columns.len(), 8, "{line}");
            let names: Vec<_> =
                columns[5..].iter().map(|names| names.split(',').filter(|one| !one.is_empty()).count()).collect();
            assert_eq!(names, [12, 12, 7], "{line}");
        }
    }
}
