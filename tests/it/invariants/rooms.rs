//! The order of the server's rooms, and how much a folder may hold.

use super::sources;
use std::collections::BTreeMap;
use std::path::Path;
use tests::root;

/// Most source files in one folder; past that it gets rooms.
const MAX_FILES: usize = 15;

/// The rooms of `backend/src` in the order of its `lib.rs`: each may use those above it.
fn rooms() -> Vec<String> {
    let lib = std::fs::read_to_string(root().join("backend/src/lib.rs")).unwrap();
    let rooms: Vec<_> = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert!(rooms.len() > 10 && rooms.contains(&"store"), "{rooms:?}");
    rooms.into_iter().map(str::to_owned).collect()
}

/// The rooms that code names behind `crate::`, also in groups such as `crate::{clock, store::Store}`.
fn named(code: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>();
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        // `$crate::` and names that end so are something else.
        if code[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$' || c == ':') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        let Some(group) = rest.strip_prefix('{') else {
            found.push(word(rest));
            continue;
        };
        let (mut depth, mut begins) = (0, true);
        for (at, letter) in group.char_indices() {
            match letter {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => begins = true,
                _ if begins && !letter.is_whitespace() => {
                    found.push(word(&group[at..]));
                    begins = false;
                }
                _ => {}
            }
        }
    }
    found
}

/// Without texts and comments, which may name what code must not use.
pub(super) fn code(text: &str) -> String {
    let line = |line: &str| {
        let outside = line.split('"').step_by(2).collect::<String>();
        outside.split_once("//").map_or(outside.clone(), |(code, _)| code.to_owned())
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// Uses of a room that stands below the user's own, or of none that is known.
fn against_the_order(rooms: &[String], sources: &[(String, String)]) -> Vec<String> {
    let place = |room: &str| rooms.iter().position(|known| known == room);
    let mut wrong = Vec::new();
    for (name, text) in sources {
        let Some(own) = name.strip_prefix("backend/src/").and_then(|rest| rest.split(['/', '.']).next()) else {
            continue;
        };
        let Some(here) = place(own) else { continue };
        for used in named(&code(text)) {
            if place(&used).is_none_or(|there| there > here) {
                wrong.push(format!("{name}: {own} uses {used}"));
            }
        }
    }
    wrong
}

#[test]
fn rooms_use_those_above_them_alone() {
    let (rooms, sources) = (rooms(), sources("backend/src"));
    for room in &rooms {
        let is_there =
            |name: &str| name.starts_with(&format!("backend/src/{room}/")) || name == format!("backend/src/{room}.rs");
        assert!(sources.iter().any(|(name, _)| is_there(name)), "{room} has no file");
    }
    assert_eq!(against_the_order(&rooms, &sources), [""; 0]);
}

#[test]
fn a_use_against_the_order_is_found_however_it_is_written() {
    let rooms = ["clock", "store", "http"].map(str::to_owned);
    let wrong = |text: &str| !against_the_order(&rooms, &[("backend/src/store/mod.rs".into(), text.into())]).is_empty();
    assert!(wrong("use crate::http::Error;"));
    assert!(wrong("use crate::{\n    clock::Clock,\n    http,\n};"));
    assert!(wrong("fn error() -> crate::http::Error {"));
    assert!(wrong("use crate::nowhere::X;"));
    assert!(!wrong("use crate::{clock::{Clock, DAY_MS}, store::Store}; // not crate::http"));
}

#[test]
fn no_folder_holds_more_than_one_sentence_can_say() {
    let mut folders: BTreeMap<String, usize> = BTreeMap::new();
    for top in ["backend", "crates", "frontend/src", "tests"] {
        for (name, _) in sources(top) {
            let folder = Path::new(&name).parent().unwrap().to_string_lossy().into_owned();
            *folders.entry(folder).or_default() += 1;
        }
    }
    let large: Vec<_> = folders.into_iter().filter(|(_, files)| *files > MAX_FILES).collect();
    assert_eq!(large, []);
}
