//! Describes errors in a body or a query in plain words, because serde's messages are about Rust types and byte
//! positions.

/// The field at fault and what is wrong with it, from serde's message about `path` (`.`: the whole).
pub(in crate::http) fn explain(path: &str, message: &str, whole: &str) -> (String, String) {
    let message = without_place(message);
    let at = if path == "." || path.is_empty() { "" } else { path };
    let below = |name: &str| match at {
        "" => name.to_owned(),
        // The path may lead to the field already.
        at if at == name || at.ends_with(&format!(".{name}")) => at.to_owned(),
        at => format!("{at}.{name}"),
    };
    if let Some(name) = quoted(message, "missing field ") {
        let field = below(name);
        let detail = format!("{field} is missing: add it");
        return (field, detail);
    }
    if let Some(name) = quoted(message, "duplicate field ") {
        let field = below(name);
        let detail = format!("{field} occurs twice: remove one");
        return (field, detail);
    }
    if let Some(name) = quoted(message, "unknown field ") {
        let field = below(name);
        let known = match expected(message) {
            Some(known) => format!("write {known}"),
            None => "remove it".to_owned(),
        };
        let detail = format!("{field} is unknown: {known}");
        return (field, detail);
    }
    let field = if at.is_empty() { whole } else { at };
    let detail = if let Some(value) = quoted(message, "unknown variant ") {
        let known = expected(message).unwrap_or_else(|| "one that this address accepts".to_owned());
        format!("{field} is “{value}”: write {known}")
    } else if let Some((found, wanted)) = mismatch(message) {
        format!("{field} is {}: write {}", value(found), kind(wanted))
    } else if message.starts_with("data did not match any variant") {
        format!("{field} has none of the forms that this address accepts: see the API's document")
    } else if message.contains("invalid digit")
        || message.contains("number too")
        || message.contains("from empty string")
    {
        format!("{field} is not a number of the right size: write a whole number, 0 or more")
    } else if message.starts_with("provided string was not") {
        format!("{field} is neither true nor false: write one of them")
    } else {
        message.to_owned()
    };
    (field.to_owned(), detail)
}

/// Without “at line 1 column 2”, which says nothing beside the field.
fn without_place(message: &str) -> &str {
    match message.rsplit_once(" at line ") {
        Some((words, place)) if place.chars().all(|c| c.is_ascii_digit() || c.is_ascii_alphabetic() || c == ' ') => {
            words
        }
        _ => message,
    }
}

/// What stands between backticks behind `start`.
fn quoted<'m>(message: &'m str, start: &str) -> Option<&'m str> {
    message.strip_prefix(start)?.strip_prefix('`')?.split('`').next()
}

/// The names behind “expected”, as a sentence has them: `a`, `a or b`, `a, b or c`.
fn expected(message: &str) -> Option<String> {
    let (_, names) = message.split_once(", expected ")?;
    let names: Vec<&str> = names.split('`').skip(1).step_by(2).collect();
    let (last, others) = names.split_last()?;
    Some(if others.is_empty() { (*last).to_owned() } else { format!("{} or {last}", others.join(", ")) })
}

/// What was found and what was expected.
fn mismatch(message: &str) -> Option<(&str, &str)> {
    let rest = ["invalid type: ", "invalid value: ", "invalid length "]
        .iter()
        .find_map(|start| message.strip_prefix(start))?;
    rest.rsplit_once(", expected ")
}

fn value(found: &str) -> String {
    let shown = found.split('`').nth(1).unwrap_or_default();
    match found.split(' ').next().unwrap_or_default() {
        "string" | "character" => format!(
            "the text {}",
            found.split_once(' ').map_or("", |(_, text)| text).replace('"', "”").replacen('”', "“", 1)
        ),
        "integer" | "floating" => format!("the number {shown}"),
        "boolean" => shown.to_owned(),
        "null" | "unit" | "Option" => "null".to_owned(),
        "sequence" => "a list".to_owned(),
        "map" => "an object".to_owned(),
        length if length.parse::<u64>().is_ok() => format!("a list of {length}"),
        _ => found.to_owned(),
    }
}

fn kind(wanted: &str) -> String {
    match wanted {
        "a string" | "a borrowed string" | "a character" | "string" | "str" => "a text".into(),
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, 0 or more, that is not too large".into(),
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number that is not too large".into(),
        "f32" | "f64" => "a number".into(),
        "a boolean" => "true or false".into(),
        "a sequence" => "a list".into(),
        "string or map" | "variant identifier" => "one of its names as a text".into(),
        wanted if wanted.starts_with("tuple") || wanted.starts_with("an array") => "a list of the right length".into(),
        wanted if wanted.contains("enum ") && !wanted.contains("tagged") => "one of its names as a text".into(),
        wanted if wanted.contains("struct ") || wanted.contains("enum ") || wanted == "a map" => "an object".into(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_about_fields_and_what_to_write() {
        for (path, message, field, detail) in [
            (".", "missing field `name` at line 1 column 2", "name", "name is missing: add it"),
            ("rules[1]", "missing field `id` at line 3 column 20", "rules[1].id", "rules[1].id is missing: add it"),
            (
                ".",
                "unknown field `nmae`, expected one of `name`, `part`, `html` at line 1 column 8",
                "nmae",
                "nmae is unknown: write name, part or html",
            ),
            ("nmae", "unknown field `nmae`, there are no fields", "nmae", "nmae is unknown: remove it"),
            (
                "kind",
                "unknown variant `letter`, expected `new` or `reply` at line 1 column 16",
                "kind",
                "kind is “letter”: write new or reply",
            ),
            ("name", "invalid type: integer `5`, expected a string", "name", "name is the number 5: write a text"),
            (
                "limit",
                "invalid value: integer `-1`, expected u32 at line 1 column 4",
                "limit",
                "limit is the number -1: write a whole number, 0 or more, that is not too large",
            ),
            (".", "invalid type: sequence, expected struct Draft", "body", "body is a list: write an object"),
            (
                "on",
                "invalid type: string \"yes\", expected a boolean",
                "on",
                "on is the text “yes”: write true or false",
            ),
            ("to", "invalid type: null, expected a sequence", "to", "to is null: write a list"),
            (
                "limit",
                "invalid digit found in string",
                "limit",
                "limit is not a number of the right size: write a whole number, 0 or more",
            ),
            (
                "from",
                "this is no address: write one such as ada@example.com at line 1 column 9",
                "from",
                "this is no address: write one such as ada@example.com",
            ),
        ] {
            assert_eq!(explain(path, message, "body"), (field.to_owned(), detail.to_owned()), "{message}");
        }
    }
}
