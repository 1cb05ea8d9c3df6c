//! The filters that templates have. Each takes any value and gives a bounded one.

use super::namespaces::Namespace;
use crate::{PhoneNumber, phone_number};
use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, State, filters};
use std::borrow::Cow;
use std::sync::Arc;

/// Longest text in bytes that a field or filter gives: enough for any field (1,000 characters) in any script.
pub(super) const MAX_TEXT: usize = 8 * 1024;
/// Bytes that all filters of one run may read. A rich signature has them read a few thousand.
const MAX_WORK: usize = 2 * 1024 * 1024;
/// What looking up a number counts for: a run may look up some 250.
const NUMBER_WORK: usize = 8 * 1024;
/// Longest list that a filter looks at.
const MAX_ITEMS: usize = 1_000;

/// The filters that templates have.
pub(crate) const NAMES: &[&str] = &[
    "lower",
    "upper",
    "title",
    "capitalize",
    "trim",
    "replace",
    "default",
    "d",
    "join",
    "split",
    "first",
    "last",
    "length",
    "count",
    "int",
    "round",
    "truncate",
    "tel",
    "phone",
    "date",
    "url",
    "link",
    "escape",
    "e",
];

/// Adds the filters to an environment that has none.
pub(super) fn add_to(environment: &mut Environment<'static>) {
    environment.add_filter("lower", of_text(|text| bounded(&text.to_lowercase()).to_owned()));
    environment.add_filter("upper", of_text(|text| bounded(&text.to_uppercase()).to_owned()));
    environment.add_filter("title", of_text(title));
    environment.add_filter("capitalize", of_text(capitalize));
    environment.add_filter("trim", of_text(|text| text.trim().to_owned()));
    environment.add_filter("replace", replace);
    environment.add_filter("default", default);
    environment.add_filter("d", default);
    environment.add_filter("join", join);
    environment.add_filter("split", split);
    environment.add_filter("first", |state: &mut State<'_, '_>, value: &Value| {
        spend(state, value)?;
        Ok::<_, Error>(items(value).next().unwrap_or_default())
    });
    environment.add_filter("last", |state: &mut State<'_, '_>, value: &Value| {
        spend(state, value)?;
        Ok::<_, Error>(items(value).last().unwrap_or_default())
    });
    environment.add_filter("length", length);
    environment.add_filter("count", length);
    environment.add_filter("int", filters::int);
    environment.add_filter("round", filters::round);
    environment.add_filter("truncate", truncate);
    environment.add_filter("tel", tel);
    environment.add_filter("phone", phone);
    environment.add_filter("date", date);
    environment.add_filter("url", of_text(url));
    environment.add_filter("link", of_text(url));
    // Every value is escaped where it lands, once; asking for it changes nothing.
    environment.add_filter("escape", |value: Value| value);
    environment.add_filter("e", |value: Value| value);
}

/// A filter of a text alone.
fn of_text(
    filter: impl Fn(&str) -> String + Send + Sync + 'static,
) -> impl Fn(&mut State<'_, '_>, &Value) -> Result<String, Error> + Send + Sync + 'static {
    move |state, value| {
        spend(state, value)?;
        Ok(filter(&text(value)))
    }
}

/// The bytes that filters read in one run.
#[derive(Default)]
struct Work(usize);

/// Counts what a filter is going to read: the language's own fuel takes one call for one step, however long the text.
fn spend(state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    let length = |value: &Value| value.as_str().map_or(16, |text| text.len().min(MAX_TEXT));
    let read = match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => {
            value.try_iter().into_iter().flatten().take(MAX_ITEMS).map(|item| 16 + length(&item)).sum()
        }
        _ => length(value),
    };
    charge(state, read)
}

fn charge(state: &mut State<'_, '_>, read: usize) -> Result<(), Error> {
    let work = state.get_or_insert_extension(Work::default());
    work.0 += read;
    if work.0 > MAX_WORK { Err(ErrorKind::OutOfFuel.into()) } else { Ok(()) }
}

/// `text`, cut to what a value may have.
pub(super) fn bounded(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_TEXT)]
}

/// A value as text; what is undefined or none is empty.
fn text(value: &Value) -> Cow<'_, str> {
    if let Some(own) = Namespace::written(value) {
        return Cow::Owned(text(&own).into_owned());
    }
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => Cow::Borrowed(""),
        ValueKind::String => Cow::Borrowed(bounded(value.as_str().unwrap_or_default())),
        ValueKind::Number | ValueKind::Bool => Cow::Owned(value.to_string()),
        // Lists and the like: their items, not the brackets; nesting ends here.
        _ => Cow::Owned(join_items(value, ", ")),
    }
}

/// The items of a list, or a text as its only item; empty ones are skipped.
fn items(value: &Value) -> impl Iterator<Item = Value> {
    let list = match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => value.try_iter().ok(),
        _ => None,
    };
    let only = (list.is_none() && !is_empty(value)).then(|| value.clone());
    list.into_iter().flatten().take(MAX_ITEMS).filter(|item| !is_empty(item)).chain(only)
}

fn is_empty(value: &Value) -> bool {
    if let Some(own) = Namespace::written(value) {
        return is_empty(&own);
    }
    value.is_undefined() || value.is_none() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

fn join_items(value: &Value, separator: &str) -> String {
    let mut joined = String::new();
    for item in items(value) {
        if !joined.is_empty() {
            joined.push_str(separator);
        }
        match item.kind() {
            ValueKind::String => joined.push_str(item.as_str().unwrap_or_default()),
            ValueKind::Number | ValueKind::Bool => joined.push_str(&item.to_string()),
            _ => joined.push_str(Namespace::written(&item).as_ref().and_then(Value::as_str).unwrap_or_default()),
        }
        if joined.len() > MAX_TEXT {
            break;
        }
    }
    bounded(&joined).to_owned()
}

/// `[street, city]|join(", ")`: items that are empty are left out, with their separator.
fn join(state: &mut State<'_, '_>, value: &Value, separator: Option<&str>) -> Result<String, Error> {
    spend(state, value)?;
    Ok(join_items(value, bounded(separator.unwrap_or_default())))
}

fn split(state: &mut State<'_, '_>, value: &Value, separator: Option<&str>) -> Result<Vec<String>, Error> {
    spend(state, value)?;
    let text = text(value);
    Ok(match separator.filter(|separator| !separator.is_empty()) {
        Some(separator) => text.split(separator).take(MAX_ITEMS).map(str::to_owned).collect(),
        None => text.split_whitespace().take(MAX_ITEMS).map(str::to_owned).collect(),
    })
}

fn length(state: &mut State<'_, '_>, value: &Value) -> Result<usize, Error> {
    spend(state, value)?;
    Ok(match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => value.len().unwrap_or_default(),
        _ => text(value).chars().count(),
    })
}

fn replace(state: &mut State<'_, '_>, value: &Value, from: &str, to: &str) -> Result<String, Error> {
    spend(state, value)?;
    let text = text(value);
    let grown = text.matches(from).count().saturating_mul(to.len());
    if grown > MAX_TEXT {
        return Err(Error::new(ErrorKind::InvalidOperation, "the result of replace() is too long"));
    }
    Ok(bounded(&text.replace(from, to)).to_owned())
}

/// An empty field is as good as none: `{{ title|default("Staff") }}`.
fn default(value: Value, other: Option<Value>) -> Value {
    if is_empty(&value) { other.unwrap_or_default() } else { value }
}

fn truncate(state: &mut State<'_, '_>, value: &Value, length: usize) -> Result<String, Error> {
    spend(state, value)?;
    let text = text(value);
    Ok(match text.char_indices().nth(length) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.into_owned(),
    })
}

fn title(text: &str) -> String {
    let mut titled = String::with_capacity(text.len());
    let mut inside = false;
    for c in text.chars() {
        if inside {
            titled.extend(c.to_lowercase());
        } else {
            titled.extend(c.to_uppercase());
        }
        inside = c.is_alphanumeric() || c == '\'' || c == '’';
    }
    bounded(&titled).to_owned()
}

fn capitalize(text: &str) -> String {
    let mut rest = text.chars();
    let first: String = rest.next().into_iter().flat_map(char::to_uppercase).collect();
    bounded(&(first + &rest.as_str().to_lowercase())).to_owned()
}

/// What filters look up of the person, whatever the template asks for: the name that they use, which no template could write
/// or set, and the field.
pub(super) const HIDDEN: [(&str, &str); 3] =
    [(COUNTRY, "country"), (LANGUAGE, "preferred_language"), (NUMBERS, crate::phone::NUMBERS)];
const COUNTRY: &str = " country";
const LANGUAGE: &str = " language";
const NUMBERS: &str = " numbers";

/// A telephone number as `tel:` takes it: `+44 (0)20 7946 0018 ext. 12` becomes `+442079460018;ext=12`, and a national
/// number an international one where the person's country is known.
fn tel(state: &mut State<'_, '_>, value: &Value) -> Result<String, Error> {
    number(state, value).map(|number| number.dialled.clone())
}

/// A telephone number for people to read, `+44 20 7946 0018`; `phone("national")` writes it without the country, and
/// `phone("typed")` as it was typed. One that is not valid, or of nobody knows which country, is always written so.
fn phone(state: &mut State<'_, '_>, value: &Value, form: Option<&str>) -> Result<String, Error> {
    if form == Some("typed") {
        spend(state, value)?;
        return Ok(text(value).split_whitespace().collect::<Vec<_>>().join(" "));
    }
    let number = number(state, value)?;
    match form {
        None | Some("international") => Ok(number.shown.clone()),
        Some("national") => Ok(number.national.clone()),
        Some(_) => Err(Error::new(
            ErrorKind::InvalidOperation,
            "phone() writes a number “international”, “national” or “typed”",
        )),
    }
}

fn number(state: &mut State<'_, '_>, value: &Value) -> Result<Arc<PhoneNumber>, Error> {
    spend(state, value)?;
    // The plans are asked with many patterns.
    charge(state, NUMBER_WORK)?;
    let typed = text(value);
    if let Some(numbers) = state.lookup(NUMBERS).as_ref().and_then(Value::as_str)
        && let Some(number) = crate::phone::of_numbers(numbers, &typed)
    {
        return Ok(Arc::new(number));
    }
    let country = state.lookup(COUNTRY);
    let country = country.as_ref().and_then(Value::as_str).unwrap_or_default();
    Ok(phone_number(&typed, country))
}

/// `{{ today|date }}`: a date in the person's language; `date("full", "de")` chooses how and in which.
fn date(
    state: &mut State<'_, '_>,
    value: &Value,
    form: Option<&str>,
    language: Option<&Value>,
) -> Result<String, Error> {
    spend(state, value)?;
    let usual = state.lookup(LANGUAGE);
    let language = language.filter(|language| !is_empty(language)).or(usual.as_ref());
    let language = language.and_then(Value::as_str).unwrap_or_default();
    super::dates::write(&text(value), form, bounded(language))
        .map_err(|clause| Error::new(ErrorKind::InvalidOperation, clause))
}

/// A whole address for a link: `example.com` becomes `https://example.com`, `ada@example.com` a `mailto:`. An address
/// with a scheme stays as it is, whatever the scheme; where it lands decides whether it may stand there.
pub(super) fn url(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return String::new();
    }
    let scheme_ends = text.find(|c: char| !c.is_ascii_alphanumeric() && !"+-".contains(c));
    // `host:8080` is no scheme; `tel:0301234` has one.
    let is_port = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    let has_scheme = scheme_ends
        .filter(|&end| end > 0 && text[end..].starts_with(':'))
        .is_some_and(|end| super::values::may_start_link(text) || !is_port(&text[end + 1..]));
    let whole = if has_scheme {
        text.to_owned()
    } else if text.contains('@') && !text.contains(['/', ' ']) {
        return super::mailto::address(text);
    } else {
        format!("https://{}", text.trim_start_matches('/'))
    };
    super::values::encode_unsafe(&whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn url_makes_a_whole_address() {
        for (typed, whole) in [
            ("example.com", "https://example.com"),
            ("//example.com/a b", "https://example.com/a%20b"),
            ("http://example.com/?q=\"x\"", "http://example.com/?q=%22x%22"),
            ("localhost:4000/x", "https://localhost:4000/x"),
            ("ada@example.com", "mailto:ada@example.com"),
            ("ada+x&y%z?@example.com", "mailto:ada+x%26y%25z%3F@example.com"),
            ("jörg@münchen.example", "mailto:j%C3%B6rg@xn--mnchen-3ya.example"),
            ("javascript:alert(1)", "javascript:alert(1)"),
            ("  ", ""),
        ] {
            assert_eq!(url(typed), whole, "{typed}");
        }
    }

    #[test]
    fn title_and_capitalize_know_other_scripts() {
        assert_eq!(title("o'neill ÉMILE-ANNE"), "O'neill Émile-Anne");
        assert_eq!(capitalize("ÄNDERUNG"), "Änderung");
    }
}
