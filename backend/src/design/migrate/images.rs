//! The images of a signature: where its HTML refers to them, which file each is, and what the template calls them.

use super::MAX_SHOWN;
use super::upload::{File, ending};
use crate::pictures::{self, Picture};
use api::console::{ImageFound, MAX_MIGRATED_IMAGES, MAX_UPLOAD, MigratedImage};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use email_signature::foreign;
use std::ops::Range;

/// Most references that are looked at.
const MAX_LOOKED_AT: usize = 1_000;
/// Longest reference that is shown, in characters.
const SHOWN: usize = 100;
/// Longest name without its ending, in bytes.
const MAX_STEM: usize = 60;

/// The images that were found so far.
#[derive(Debug)]
pub(super) struct Images<'a> {
    files: &'a [File],
    /// Folder of the HTML file, with a `/` at its end.
    folder: String,
    kept: Vec<Kept>,
    /// Files that are no images, and why: looking again would take as long.
    refused: Vec<(Vec<u8>, String)>,
    /// What the plan says of each.
    pub(super) told: Vec<MigratedImage>,
    /// How many references were looked at.
    looked_at: usize,
}

/// An image that the template will use.
#[derive(Debug)]
struct Kept {
    name: String,
    file: Vec<u8>,
    picture: Picture,
}

impl<'a> Images<'a> {
    pub(super) fn new(files: &'a [File], page: &str) -> Self {
        let folder = page.rsplit_once('/').map(|(folder, _)| format!("{folder}/")).unwrap_or_default();
        Self { files, folder, kept: Vec::new(), refused: Vec::new(), told: Vec::new(), looked_at: 0 }
    }

    /// The HTML with the template's names in place of addresses: `image:logo.png`.
    pub(super) fn name(&mut self, html: &str) -> String {
        self.looked_at = 0;
        with_sources(html, |address| {
            let name = self.find(address)?;
            Some(format!("image:{name}"))
        })
    }

    /// The HTML with each image that was found as part of it.
    pub(super) fn embed(&mut self, html: &str) -> String {
        self.looked_at = 0;
        let mut size = html.len();
        with_sources(html, |address| {
            let name = self.find(address)?;
            let kept = self.kept.iter().find(|kept| kept.name == name)?;
            let data = data(&kept.picture);
            size += data.len();
            (size <= MAX_SHOWN).then_some(data)
        })
    }

    /// For a preview of a template: names, an address that stands for each, and the image itself.
    pub(super) fn shown(&self) -> Vec<(String, String, String)> {
        let shown = |(at, kept): (usize, &Kept)| {
            (kept.name.clone(), format!("https://image-{at}.invalid/"), data(&kept.picture))
        };
        self.kept.iter().enumerate().map(shown).collect()
    }

    /// Names and files, as they were uploaded.
    pub(super) fn into_files(self) -> Vec<(String, Vec<u8>)> {
        self.kept.into_iter().map(|kept| (kept.name, kept.file)).collect()
    }

    /// The name of what an address refers to; `None`: it stays as it is.
    fn find(&mut self, address: &str) -> Option<String> {
        self.looked_at += 1;
        if self.looked_at > MAX_LOOKED_AT {
            return None;
        }
        let address = unescaped(address);
        let address = address.trim();
        let shown = shortened(address);
        let lower = address.get(..8).unwrap_or(address).to_ascii_lowercase();
        let is_own = || address.starts_with("image:") || !foreign(&format!("<img src=\"{address}\">")).is_empty();
        // An embedded image is megabytes of letters, in which no placeholder is looked for.
        if address.is_empty() || !lower.starts_with("data:") && is_own() {
            return None;
        }
        if lower.starts_with("http:") || lower.starts_with("https:") || address.starts_with("//") {
            self.tell(MigratedImage { name: shown.clone(), ..image(&shown, ImageFound::Remote) });
            return None;
        }
        if lower.starts_with("data:") {
            let Some(bytes) = embedded(address) else {
                return Some(self.missing(&shown, ImageFound::Embedded, "this embedded image cannot be read"));
            };
            return Some(self.keep(&shown, "image", bytes, ImageFound::Embedded));
        }
        let Some(file) = self.file(address) else {
            let problem = "it is not among the files: add it and start again, or upload it later under this name";
            return Some(self.missing(&shown, ImageFound::Missing, problem));
        };
        let stem = file.path.rsplit('/').next().unwrap_or_default();
        Some(self.keep(&shown, stem, file.bytes.clone(), ImageFound::File))
    }

    /// The file that an address means: the one whose folders agree best with it.
    fn file(&self, address: &str) -> Option<&'a File> {
        let path = path_of(address);
        let wanted: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        let exact = format!("{}{}", self.folder, wanted.join("/"));
        if let Some(file) = self.files.iter().find(|file| same(&file.path, &exact)) {
            return Some(file);
        }
        let agreeing = |file: &&File| {
            let parts = file.path.rsplit('/').zip(wanted.iter().rev());
            parts.take_while(|(one, other)| same(one, other)).count()
        };
        self.files.iter().filter(|file| agreeing(file) > 0).max_by_key(agreeing)
    }

    /// Keeps an image under a name of its own; the same one twice is one.
    fn keep(&mut self, reference: &str, called: &str, file: Vec<u8>, found: ImageFound) -> String {
        if let Some(known) = self.kept.iter().find(|kept| kept.file == file) {
            return known.name.clone();
        }
        if let Some((_, problem)) = self.refused.iter().find(|(refused, _)| *refused == file) {
            return self.missing(reference, found, &problem.clone());
        }
        if self.kept.len() + self.refused.len() >= MAX_MIGRATED_IMAGES {
            return self.missing(reference, found, "a signature has at most 50 images: this one is left out");
        }
        if file.len() > MAX_UPLOAD {
            return self.missing(reference, found, "it is larger than 10 MB: make it smaller and start again");
        }
        match pictures::prepare(&file, None) {
            Ok(picture) => {
                let name = self.free(called, picture.ending());
                let (size, width, height) = (picture.bytes.len() as u64, picture.width, picture.height);
                self.tell(MigratedImage {
                    name: name.clone(),
                    size: Some(size),
                    width: Some(width),
                    height: Some(height),
                    ..image(reference, found)
                });
                self.kept.push(Kept { name: name.clone(), file, picture });
                name
            }
            Err(refused) => {
                let problem = refused.to_string();
                self.refused.push((file, problem.clone()));
                self.missing(reference, found, &problem)
            }
        }
    }

    /// Lists an image that cannot be used; its name in the template, under which it can be uploaded later.
    fn missing(&mut self, reference: &str, found: ImageFound, problem: &str) -> String {
        if let Some(known) = self.told.iter().find(|told| told.reference == reference && told.problem.is_some()) {
            return known.name.clone();
        }
        let path = path_of(reference);
        let called = path.rsplit('/').next().unwrap_or_default();
        let called = if found == ImageFound::Embedded { "image" } else { called };
        let ending = Some(ending(called)).filter(|ending| matches!(ending.as_str(), "png" | "jpg" | "gif"));
        let name = self.free(called, ending.as_deref().unwrap_or("png"));
        self.tell(MigratedImage { name: name.clone(), problem: Some(problem.to_owned()), ..image(reference, found) });
        name
    }

    fn tell(&mut self, image: MigratedImage) {
        let is_known = |told: &MigratedImage| told.name == image.name && told.found == image.found;
        if self.told.len() < MAX_MIGRATED_IMAGES * 2 && !self.told.iter().any(is_known) {
            self.told.push(image);
        }
    }

    /// A name like `called` that no other image has.
    fn free(&self, called: &str, ending: &str) -> String {
        let stem = called.rsplit_once('.').map_or(called, |(stem, _)| stem);
        let stem: String =
            stem.chars().filter(|c| c.is_ascii_alphanumeric() || "_-".contains(*c)).take(MAX_STEM).collect();
        let stem = if stem.is_empty() { "image" } else { &stem };
        let taken = |name: &String| self.told.iter().any(|told| told.name == *name);
        let numbered = (2..).map(|number| format!("{stem}-{number}.{ending}"));
        let mut names = std::iter::once(format!("{stem}.{ending}")).chain(numbered);
        names.find(|name| !taken(name)).unwrap_or_default()
    }
}

fn image(reference: &str, found: ImageFound) -> MigratedImage {
    let (name, reference) = (String::new(), reference.to_owned());
    MigratedImage { name, reference, found, size: None, width: None, height: None, problem: None }
}

fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other) || one.to_lowercase() == other.to_lowercase()
}

fn data(picture: &Picture) -> String {
    format!("data:{};base64,{}", picture.content_type, STANDARD.encode(&picture.bytes))
}

/// The bytes of a `data:` address.
fn embedded(address: &str) -> Option<Vec<u8>> {
    let (head, body) = address.get(5..)?.split_once(',')?;
    if !head.to_ascii_lowercase().contains("base64") {
        return Some(decoded(body));
    }
    let mut plain: Vec<u8> =
        decoded(body).into_iter().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=').collect();
    plain.resize(plain.len().next_multiple_of(4), b'=');
    STANDARD.decode(plain).ok()
}

/// The path in an address of a file: without its scheme, drive, query and the domain of a `cid:`.
fn path_of(address: &str) -> String {
    let lower = address.get(..5).unwrap_or_default().to_ascii_lowercase();
    let path = match lower.as_str() {
        "file:" => &address[5..],
        _ if lower.starts_with("cid:") => address[4..].split('@').next().unwrap_or_default(),
        _ => address,
    };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    String::from_utf8_lossy(&decoded(path)).replace('\\', "/")
}

/// Without percent-encoding.
fn decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        let escaped = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(escaped.unwrap_or(bytes[at]));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    out
}

fn shortened(address: &str) -> String {
    let most = if address.starts_with("data:") { 30 } else { SHOWN };
    let short: String = address.chars().take(most).collect();
    if short.len() < address.len() { short + "…" } else { short }
}

/// Without the character references that addresses have, and without line breaks, which browsers read over.
fn unescaped(value: &str) -> String {
    let value = value.replace(['\n', '\r', '\t'], "");
    value
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&nbsp;", " ")
        .replace("&#32;", " ")
        .replace("&amp;", "&")
}

/// The HTML with other addresses of images; `None`: it stays.
fn with_sources(html: &str, mut named: impl FnMut(&str) -> Option<String>) -> String {
    let lower = html.to_ascii_lowercase();
    let mut out = String::with_capacity(html.len());
    let (mut from, mut at) = (0, 0);
    while let Some(open) = lower[at..].find("<img").map(|found| at + found) {
        at = open + "<img".len();
        if !lower[at..].starts_with(|c: char| c.is_ascii_whitespace() || c == '/') {
            continue;
        }
        // Each byte is read once, whatever is missing: an unclosed tag ends the search.
        let value = match source_of(&html[at..]) {
            None => break,
            Some(Err(end)) => {
                at += end;
                continue;
            }
            Some(Ok(value)) => at + value.start..at + value.end,
        };
        at = value.end;
        if let Some(named) = named(&html[value.clone()]) {
            out.push_str(&html[from..value.start]);
            // Without quotes, nothing that could end it may be in it.
            out.push_str(&named);
            from = value.end;
        }
    }
    out.push_str(&html[from..]);
    out
}

/// Where the value of `src` stands in what follows a tag's name, or else where the tag ends; `None`: it does not end.
fn source_of(tag: &str) -> Option<Result<Range<usize>, usize>> {
    let bytes = tag.as_bytes();
    let mut at = 0;
    loop {
        at += bytes[at..].iter().position(|byte| !byte.is_ascii_whitespace() && *byte != b'/')?;
        if bytes[at] == b'>' {
            return Some(Err(at));
        }
        let starts = at;
        let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'=' | b'>' | b'/');
        at += 1;
        at += bytes[at..].iter().position(ends)?;
        let name = &tag[starts..at];
        let behind = at + bytes[at..].iter().position(|byte| !byte.is_ascii_whitespace())?;
        if bytes[behind] != b'=' {
            continue;
        }
        at = behind + 1;
        at += bytes[at..].iter().position(|byte| !byte.is_ascii_whitespace())?;
        let quote = Some(bytes[at]).filter(|byte| matches!(byte, b'"' | b'\''));
        at += usize::from(quote.is_some());
        let ends = |byte: &u8| match quote {
            Some(quote) => *byte == quote,
            None => byte.is_ascii_whitespace() || *byte == b'>',
        };
        let value = at..at + bytes[at..].iter().position(ends)?;
        at = value.end;
        if bytes.get(at).is_some_and(|byte| matches!(byte, b'"' | b'\'')) {
            at += 1;
        }
        if name.eq_ignore_ascii_case("src") {
            return Some(Ok(value));
        }
    }
}
