//! The documents: what they name exists, and they hold wherever they are read.

use std::fs;
use std::path::Path;
use tests::root;

/// The documents. They must be there, or nothing would be checked.
fn documents() -> Vec<(&'static str, String)> {
    let names = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"];
    names.into_iter().map(|name| (name, fs::read_to_string(root().join(name)).unwrap())).collect()
}

/// Names and addresses inside backticks, outside code blocks.
fn quoted(text: &str) -> Vec<&str> {
    let outside = text.split("```").step_by(2);
    outside.flat_map(|prose| prose.lines().flat_map(|line| line.split('`').skip(1).step_by(2))).collect()
}

/// Folders and files at the top of the repository that is written, not built.
fn top() -> Vec<String> {
    let built = ["target", "dist", "node_modules", ".git"];
    let names = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned());
    names.filter(|name| !built.contains(&name.as_str())).collect()
}

/// Whether words in backticks mean a path of this repository: it begins with a folder that we have, or looks like a
/// document or setting at the top.
fn is_path(words: &str, top: &[String]) -> bool {
    let plain = !words.is_empty() && words.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
    match words.split_once('/') {
        Some((first, rest)) => plain && !rest.is_empty() && top.iter().any(|name| name == first),
        None => {
            plain
                && (Path::new(words).extension().is_some_and(|extension| extension == "md")
                    || top.iter().any(|name| name == words))
        }
    }
}

/// Addresses of links and images, `[text](address)`.
fn linked(text: &str) -> Vec<&str> {
    text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(address, _)| address).collect()
}

#[test]
fn paths_named_in_the_documents_exist() {
    let top = top();
    for (document, text) in documents() {
        for path in quoted(&text).into_iter().filter(|words| is_path(words, &top)) {
            assert!(root().join(path).exists(), "{document} names `{path}`, which does not exist");
        }
        for address in linked(&text).into_iter().filter(|address| !address.contains("://") && !address.starts_with('#'))
        {
            let path = address.split('#').next().unwrap();
            assert!(root().join(path).exists(), "{document} links to {path}, which does not exist");
        }
    }
}

#[test]
fn documents_name_no_folder_of_one_machine() {
    let folders = ["/home/", "/root/", "/Users/", "/work/", "/tmp/", "C:\\"];
    for (document, text) in documents() {
        for folder in folders {
            // `https://example.com/home/` is an address, not a folder.
            let found = text.match_indices(folder).find(|(at, _)| {
                let before = text[..*at].chars().next_back();
                before.is_none_or(|c| !c.is_alphanumeric() && !"._-{}<>/".contains(c))
            });
            assert!(found.is_none(), "{document} names {folder}");
        }
    }
}

#[test]
fn what_looks_like_a_path_is_one() {
    let top = ["backend", "manifest.xml", "assets"].map(str::to_owned);
    for path in ["backend/src/http", "manifest.xml", "assets/launchevent.js", "CHANGELOG.md", "backend"] {
        assert!(is_path(path, &top), "{path}");
    }
    for words in
        ["api://HOST/CLIENT-ID", "paraph serve", "/manifest.xml", "select", "POST /api/v1/signature", "image:logo.png"]
    {
        assert!(!is_path(words, &top), "{words}");
    }
    let text = "`a/b` and\n```sh\ncat `c/d`\n```\nthen `e/f` [g](h/i.png)";
    assert_eq!(quoted(text), ["a/b", "e/f"]);
    assert_eq!(linked(text), ["h/i.png"]);
}
