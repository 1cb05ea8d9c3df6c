//! A signature that another program saved -> a template: upload -> HTML, images, placeholders -> plan -> apply.

mod images;
mod upload;
mod word;

#[cfg(test)]
mod tests;

use super::clean::{self, Known, unusable};
use api::console::{
    Confidence, ForeignPlaceholder, MAX_MIGRATED_HTML, MAX_MIGRATION, MigratedImage, MigrationSource, PlaceholderUse,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use email_signature::{CompiledTemplate, Draft, ImageUrls, Person, Signature, Template, render};
use images::Images;
use std::collections::{BTreeMap, BTreeSet};
use upload::{Page, Upload};

/// Elements that a signature is shown without, as it was: they load or run something, or lead elsewhere.
const RUNNING: &[&str] = &["applet", "base", "embed", "form", "frame", "iframe", "link", "meta", "object", "script"];
/// Lets a page load nothing from anywhere.
const NOTHING_ELSE: &str = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src \
                            'unsafe-inline'\">";
/// Longest HTML of a preview with its images, in bytes.
const MAX_SHOWN: usize = 24 * 1024 * 1024;
/// Longest name that is taken from a file's, in characters.
const MAX_NAME: usize = 100;

/// What cannot be used, by its field in the request, and what to do.
pub type Refused = (&'static str, String);

/// A signature that was read, and the template that it becomes.
#[derive(Debug)]
pub struct Migrated {
    /// Name for the template.
    pub name: String,
    /// Path of the HTML file; `None`: it was pasted.
    pub page: Option<String>,
    /// Paths of every HTML file.
    pub pages: Vec<String>,
    /// As it was, without scripts, its images embedded.
    pub before: String,
    /// HTML of the template.
    pub html: String,
    /// Placeholders of other programs.
    pub placeholders: Vec<ForeignPlaceholder>,
    /// Every image.
    pub images: Vec<MigratedImage>,
    /// What was kept in another form, and what was lost.
    pub notes: Vec<String>,
    /// Why the template cannot be used as it is.
    pub unusable: Option<String>,
    /// Names and files of the images, as they were uploaded.
    pub files: Vec<(String, Vec<u8>)>,
    /// What stands for each image in a preview, and the image.
    shown: Vec<(String, String, String)>,
}

/// Reads a signature. `fields`: tokens of the tenant's custom fields; `mapping`: what becomes of placeholders.
///
/// # Errors
/// What cannot be used, by its field in the request, and what to do.
pub fn migrate(
    source: MigrationSource,
    fields: &BTreeSet<String>,
    mapping: &BTreeMap<String, PlaceholderUse>,
) -> Result<Migrated, Refused> {
    let MigrationSource { files, html, page } = source;
    let pasted = html.is_some();
    let upload = match html {
        Some(html) if files.is_empty() => {
            Upload { pages: vec![Page { path: String::new(), html }], ..Upload::default() }
        }
        Some(_) => return Err(("source.html", "send either files or HTML".into())),
        None if files.is_empty() => {
            return Err(("source.files", "choose the signature’s .htm file with its images, or a zip of both".into()));
        }
        None => upload::read(bytes(files)?).map_err(|detail| ("source.files", detail))?,
    };
    let pages: Vec<String> = upload.pages.iter().map(|page| page.path.clone()).collect();
    let chosen = match &page {
        Some(path) => upload.pages.iter().find(|page| page.path == *path),
        None => upload.pages.first(),
    };
    let chosen =
        chosen.ok_or_else(|| ("source.page", "there is no HTML file of this name among the files".to_owned()))?;
    let known = Known { fields, mapping, least: Confidence::Guess };
    let mut migrated = made(chosen, &upload, known)?;
    if !pasted {
        migrated.page = Some(chosen.path.clone());
        migrated.pages = pages;
    }
    Ok(migrated)
}

fn made(page: &Page, upload: &Upload, known: Known<'_>) -> Result<Migrated, Refused> {
    let mut images = Images::new(&upload.files, &page.path);
    // Embedded images become files before anything is measured.
    let named = images.name(&page.html);
    let field = if page.path.is_empty() { "source.html" } else { "source.files" };
    if named.len() > MAX_MIGRATED_HTML {
        let most = MAX_MIGRATED_HTML / 1_000;
        return Err((
            field,
            format!("the HTML is longer than {most} KB: upload the signature alone, not a whole mail"),
        ));
    }
    let word::Plain { html, mut notes } = word::plain(&named);
    let made = clean::made(&html, known).map_err(|detail| (field, detail))?;
    let (html, hidden) = word::without_hidden(&made.html);
    notes.extend(made.notes);
    notes.extend(hidden);
    notes.extend(upload.notes.iter().cloned());
    let before = images.embed(&before(&page.html));
    let shown = images.shown();
    Ok(Migrated {
        name: name_of(&page.path),
        page: None,
        pages: Vec::new(),
        before,
        unusable: unusable(&html),
        html,
        placeholders: made.found.rows,
        images: images.told.clone(),
        notes,
        files: images.into_files(),
        shown,
    })
}

impl Migrated {
    /// The template filled for a person, its images embedded.
    pub fn fill(&self, template: &Template, fields: &BTreeSet<String>, person: &Person, draft: &Draft) -> Signature {
        let urls = self.shown.iter().map(|(name, address, _)| (name.clone(), address.clone())).collect();
        let (compiled, _) = CompiledTemplate::compile(template, &ImageUrls(urls));
        let compiled = compiled.knowing(fields.iter().map(String::as_str));
        let mut signature = render(&[&compiled], person, draft);
        for (_, address, image) in &self.shown {
            let size = signature.html.matches(address.as_str()).count() * image.len();
            if signature.html.len() + size <= MAX_SHOWN {
                signature.html = signature.html.replace(address.as_str(), image);
            }
        }
        signature
    }
}

/// The files that were sent.
fn bytes(files: Vec<api::console::MigrationFile>) -> Result<Vec<(String, Vec<u8>)>, Refused> {
    let mut all = Vec::new();
    let mut size = 0;
    for file in files {
        let bytes = STANDARD.decode(&file.data);
        let bytes = bytes.map_err(|_| ("source.files", format!("the content of “{}” is not base64", file.name)))?;
        size += bytes.len();
        all.push((file.name, bytes));
    }
    if size > MAX_MIGRATION {
        let most = MAX_MIGRATION / 1024 / 1024;
        return Err((
            "source.files",
            format!("these files are larger than {most} MB together: leave out what the signature does not use"),
        ));
    }
    Ok(all)
}

/// A name for people from a file's.
fn name_of(path: &str) -> String {
    let last = path.rsplit('/').next().unwrap_or_default();
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let words = stem.replace(['_', '-'], " ");
    words.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MAX_NAME).collect()
}

/// A signature as it was, so that it can be shown in a frame that runs and loads nothing.
fn before(html: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let mut out = NOTHING_ELSE.to_owned();
    let (mut from, mut at) = (0, 0);
    // Elements that no end tag follows: looking for it again each time would take for ever.
    let mut endless = BTreeSet::new();
    while let Some(open) = lower[at..].find('<').map(|found| at + found) {
        let name = lower[open + 1..].trim_start_matches('/');
        let named = &name[..name.bytes().take_while(u8::is_ascii_alphanumeric).count()];
        if !RUNNING.contains(&named) {
            at = open + 1;
            continue;
        }
        out.push_str(&html[from..open]);
        let tag_end = lower[open..].find('>').map_or(html.len(), |end| open + end + 1);
        let close = format!("</{named}");
        let raw = matches!(named, "script" | "iframe" | "object") && lower[open + 1..].starts_with(named);
        let end = (raw && !endless.contains(named)).then(|| lower[tag_end..].find(&close)).flatten();
        if raw && end.is_none() {
            endless.insert(named);
        }
        let end = end.map(|end| tag_end + end);
        from = end.map_or(tag_end, |end| lower[end..].find('>').map_or(html.len(), |close| end + close + 1));
        at = from;
    }
    out.push_str(&html[from..]);
    out
}
