//! Schemas as generators of clients read them best: plain enumerations, limits as numbers.

use ::api::console as limits;
use serde_json::{Map, Value, json};

/// Constants that descriptions name, with what to write in their place.
fn constants() -> Vec<(&'static str, String)> {
    use ::api::connector;
    let (from, to) = limits::EVERY_MINUTES.into_inner();
    let numbers = [
        ("MAX_TEMPLATE", limits::MAX_TEMPLATE.to_string()),
        ("MAX_RULES", limits::MAX_RULES.to_string()),
        ("MAX_CONDITIONS", limits::MAX_CONDITIONS.to_string()),
        ("MAX_LIMITS", limits::MAX_LIMITS.to_string()),
        ("MIN_PASSWORD", limits::MIN_PASSWORD.to_string()),
        ("MAX_TOKEN_DAYS", limits::MAX_TOKEN_DAYS.to_string()),
        ("DELETE_AFTER_DAYS", format!("{} days", limits::DELETE_AFTER_DAYS)),
        ("EVERY_MINUTES", format!("{from} to {to}")),
        ("MAX_FIELD", ::api::MAX_FIELD.to_string()),
        ("MAX_RECIPIENTS", ::api::MAX_RECIPIENTS.to_string()),
        ("MAX_SUBJECT", ::api::MAX_SUBJECT.to_string()),
        ("MAX_TIME_ZONE", ::api::MAX_TIME_ZONE.to_string()),
        ("MAX_PART", connector::MAX_PART.to_string()),
        ("MAX_NAME", connector::MAX_NAME.to_string()),
        ("ADDRESS", format!("`{}`", connector::ADDRESS)),
        ("CSRF_HEADER", format!("`{}`", limits::CSRF_HEADER)),
        ("BUILT_IN_FIELDS", "see the fields of the tenant".to_owned()),
    ];
    numbers.into_iter().map(|(name, written)| (name, grouped(&written))).collect()
}

/// Completes every schema of the document.
pub(super) fn describe(document: &mut Value) {
    walk(document, &constants());
}

fn walk(value: &mut Value, constants: &[(&str, String)]) {
    match value {
        Value::Object(members) => {
            enumerate(members);
            if let Some(Value::String(text)) = members.get_mut("description") {
                for (name, written) in constants {
                    *text = text.replace(&format!("`{name}`"), written);
                }
            }
            // Generators cannot give an object to a parameter that nobody names; without a default it is as optional.
            if members.get("default").is_some_and(Value::is_object) {
                members.remove("default");
            }
            members.values_mut().for_each(|member| walk(member, constants));
        }
        Value::Array(all) => all.iter_mut().for_each(|one| walk(one, constants)),
        _ => {}
    }
}

/// A number as people write it: 100,000. Whatever else is written stays.
fn grouped(written: &str) -> String {
    if !written.bytes().all(|byte| byte.is_ascii_digit()) {
        return written.to_owned();
    }
    let mut out = String::new();
    for (at, digit) in written.chars().enumerate() {
        if at > 0 && (written.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Texts with a description each come as a union of constants, which generators make a class of each: one enumeration means
/// the same, and the descriptions go into its own. Variants of other kinds stay beside it.
fn enumerate(members: &mut Map<String, Value>) {
    let Some(variants) = members.get("oneOf").and_then(Value::as_array) else { return };
    let mut texts = Vec::new();
    let mut words = Vec::new();
    let mut others = Vec::new();
    for variant in variants {
        let found: Vec<&Value> = match (variant.get("const"), variant.get("enum").and_then(Value::as_array)) {
            (Some(value), _) if variant.get("properties").is_none() => vec![value],
            (None, Some(all)) => all.iter().collect(),
            _ => Vec::new(),
        };
        if found.is_empty() || !found.iter().all(|value| value.is_string()) {
            others.push(variant.clone());
            continue;
        }
        if let (Some(text), Some(value)) = (variant["description"].as_str(), found[0].as_str()) {
            words.push(format!("- `{value}`: {text}"));
        }
        texts.extend(found.into_iter().cloned());
    }
    if texts.is_empty() {
        return;
    }
    if others.is_empty() {
        members.remove("oneOf");
        describe_texts(members, texts, &words);
    } else {
        let mut enumeration = Map::new();
        describe_texts(&mut enumeration, texts, &words);
        others.push(Value::Object(enumeration));
        members.insert("oneOf".into(), Value::Array(others));
    }
}

/// Makes `members` the schema of one of `texts`; `words` describes them.
fn describe_texts(members: &mut Map<String, Value>, texts: Vec<Value>, words: &[String]) {
    members.insert("type".into(), json!("string"));
    members.insert("enum".into(), Value::Array(texts));
    if !words.is_empty() {
        let own = members.get("description").and_then(Value::as_str).unwrap_or_default();
        let separator = if own.is_empty() { "" } else { "\n\n" };
        let description = format!("{own}{separator}{}", words.join("\n"));
        members.insert("description".into(), json!(description));
    }
}
