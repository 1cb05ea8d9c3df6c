//! What functions take: values that belong together have a struct, whose name says what they are.

use super::rooms::code;
use super::sources;

/// Parameters that are tuples and one value each, with what that is.
const ONE_VALUE: [(&str, &str); 2] =
    [("(width, height): (u32, u32)", "how large an image is"), ("size: (u32, u32)", "how large an image is")];

/// The parts of the list in brackets that a text begins with, and what comes behind it.
fn parts(text: &str) -> (Vec<String>, &str) {
    let (mut parts, mut depth, mut last) = (vec![String::new()], 0, ' ');
    for (at, letter) in text.char_indices() {
        match letter {
            '>' if last == '-' || last == '=' => {}
            '(' | '[' | '{' | '<' => depth += 1,
            ')' | ']' | '}' | '>' => depth -= 1,
            ',' if depth == 1 => parts.push(String::new()),
            _ => {}
        }
        if depth == 0 {
            return (parts.into_iter().filter(|part| !part.trim().is_empty()).collect(), &text[at + 1..]);
        }
        if at > 0 && !(letter == ',' && depth == 1) {
            parts.last_mut().unwrap().push(if letter.is_whitespace() { ' ' } else { letter });
        }
        last = letter;
    }
    (Vec::new(), "")
}

/// Every function that code defines, with each of its parameters.
fn parameters(code: &str) -> Vec<(String, String)> {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ").filter(|(at, _)| !code[..*at].ends_with(is_word)) {
        let behind = &code[at + "fn ".len()..];
        let rest = behind.trim_start_matches(is_word);
        let name = &behind[..behind.len() - rest.len()];
        let list = if rest.starts_with('<') { parts(rest).1 } else { rest };
        if !name.is_empty() && list.starts_with('(') {
            let words = |part: &String| part.split_whitespace().collect::<Vec<_>>().join(" ");
            found.extend(parts(list).0.iter().map(|part| (name.to_owned(), words(part))));
        }
    }
    found
}

/// Whether a pattern or a type is a tuple of two values or more, also behind a reference.
fn is_tuple(text: &str) -> bool {
    let mut text = text.trim_start();
    while let Some(behind) = text.strip_prefix('&').or_else(|| text.strip_prefix("mut ")) {
        text = behind.trim_start();
        if text.starts_with('\'') {
            text = text.split_once(' ').map_or("", |(_, behind)| behind);
        }
    }
    text.starts_with('(') && parts(text).0.len() > 1
}

/// Functions that take several values in the place of one.
fn tuples(sources: &[(String, String)]) -> Vec<String> {
    let mut found = Vec::new();
    for (name, text) in sources {
        for (function, parameter) in parameters(&code(text)) {
            let kind = parameter.split_once(": ").map_or("", |(_, kind)| kind);
            if is_tuple(&parameter) || is_tuple(kind) {
                found.push(format!("{name}: {function} takes {parameter}"));
            }
        }
    }
    found
}

#[test]
fn no_parameter_is_several_values_in_a_tuple() {
    let mut found: Vec<_> =
        ["backend/src", "crates", "frontend/src"].iter().flat_map(|top| tuples(&sources(top))).collect();
    for (parameter, what) in ONE_VALUE {
        let all = found.len();
        found.retain(|one| !one.ends_with(&format!(" takes {parameter}")));
        assert!(found.len() < all, "nothing takes {parameter} any more, {what}: remove it from the list");
    }
    assert_eq!(found, [""; 0], "give these a struct with a name, or parameters of their own");
}

#[test]
fn a_tuple_is_found_however_it_is_written() {
    let found = |text: &str| tuples(&[(String::new(), text.to_owned())]).len();
    assert_eq!(found("fn new(tenant: &str, (actor, now_ms): (Actor, i64)) -> Self {"), 1);
    assert_eq!(
        found(
            "    pub async fn put<'a, T: Fn(u8) -> u8>(\n        &self,\n        mut place: &'a mut (A, B),\n    ) {"
        ),
        1
    );
    assert_eq!(found("fn clear((tenant, id): RunKey<'_>) {"), 1);
    assert_eq!(found("fn both((a, b): &(A, B), rest: (C, D)) {"), 2);
    assert_eq!(found("fn run(say: &mut (dyn FnMut(A, B) + Send), none: (), list: &[(A, B)]) -> (A, B) {"), 0);
    assert_eq!(found("fn run(By { actor, at_ms }: By) { all.map(|(a, b)| a) } // fn old((a, b): C)"), 0);
    assert_eq!(found("type Form = fn((A, B)) -> C;"), 0);
}
