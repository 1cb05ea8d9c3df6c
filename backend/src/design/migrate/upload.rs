//! What was uploaded: one archive or several files -> HTML files as text, and everything that they may refer to.

use api::console::{MAX_MIGRATED_FILES, MAX_UNPACKED};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use std::io::{Cursor, Read as _};
use zip::ZipArchive;

/// Where browsers look for the encoding that a page names, in bytes.
const MAX_HEAD: usize = 2_048;
/// What programs save beside a signature and nothing needs.
const BESIDE: &[&str] = &["css", "mso", "rtf", "thmx", "txt", "xml"];
/// Vector drawings that only Office shows.
const DRAWINGS: &[&str] = &["emf", "emz", "wmf", "wmz"];
/// Endings of files that are no signature, and how to get one from them.
const OTHERS: &[(&str, &str)] = &[
    (
        "doc",
        "this is a Word document: save it in Word as “Web Page, Filtered”, and upload the .htm file with its folder",
    ),
    (
        "docx",
        "this is a Word document: save it in Word as “Web Page, Filtered”, and upload the .htm file with its folder",
    ),
    ("eml", "this is a mail: open it, copy the signature, and paste it here"),
    ("mht", "this is a web archive: save it as “Web Page, Filtered”, and upload the .htm file with its folder"),
    ("mhtml", "this is a web archive: save it as “Web Page, Filtered”, and upload the .htm file with its folder"),
    ("msg", "this is a mail: open it, copy the signature, and paste it here"),
    ("oft", "this is a mail template: open it, copy the signature, and paste it here"),
];

/// An HTML file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// With `/` between folders.
    pub(super) path: String,
    pub(super) html: String,
}

/// Another file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    /// With `/` between folders.
    pub(super) path: String,
    pub(super) bytes: Vec<u8>,
}

/// Everything that was uploaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Upload {
    /// The one to use first.
    pub(super) pages: Vec<Page>,
    pub(super) files: Vec<File>,
    /// What was not used, in sentences.
    pub(super) notes: Vec<String>,
}

/// Reads what was uploaded, by name.
///
/// # Errors
/// Why there is no signature in it, and what to do.
pub(super) fn read(files: Vec<(String, Vec<u8>)>) -> Result<Upload, String> {
    let mut all = Vec::new();
    let only = files.len() == 1;
    for (name, bytes) in files {
        if bytes.starts_with(b"PK\x03\x04") && !is_office(&name) {
            all.extend(unpacked(&bytes, MAX_UNPACKED)?);
        } else if only && let Some((_, what)) = OTHERS.iter().find(|(other, _)| ending(&name) == *other) {
            return Err((*what).to_owned());
        } else {
            all.push((name, bytes));
        }
    }
    if all.len() > MAX_MIGRATED_FILES {
        return Err(format!("these are more than {MAX_MIGRATED_FILES} files: upload one signature with its images"));
    }
    sorted(all)
}

fn sorted(all: Vec<(String, Vec<u8>)>) -> Result<Upload, String> {
    let mut upload = Upload::default();
    let (mut beside, mut drawings) = (false, false);
    for (name, bytes) in all {
        let path = plain(&name)?;
        let Some(last) = path.rsplit('/').next().filter(|last| !last.is_empty()) else { continue };
        if path.starts_with("__MACOSX/") || last.starts_with('.') || last.eq_ignore_ascii_case("thumbs.db") {
            continue;
        }
        let ending = ending(last);
        match ending.as_str() {
            "htm" | "html" | "xhtml" => upload.pages.push(Page { html: text(&bytes), path }),
            ending if BESIDE.contains(&ending) => beside = true,
            ending if DRAWINGS.contains(&ending) => drawings = true,
            _ => upload.files.push(File { path, bytes }),
        }
    }
    if upload.pages.is_empty() {
        return Err(
            "there is no .htm or .html file in it: upload the signature’s .htm file with its images, or a zip of both"
                .into(),
        );
    }
    // Outlook's own frames of a page with a folder are in that folder.
    let is_inside = |page: &Page| page.path.contains("_files/") || page.path.contains("-Dateien/");
    upload.pages.sort_by_key(|page| (is_inside(page), page.path.matches('/').count(), page.path.to_lowercase()));
    if beside {
        upload
            .notes
            .push("Plain text, RTF and Office’s own files were not used: the plain text comes from the HTML.".into());
    }
    if drawings {
        upload.notes.push("Office’s vector drawings (EMF, WMF) were not used: mail programs do not show them.".into());
    }
    Ok(upload)
}

/// Every file of an archive.
fn unpacked(bytes: &[u8], most: usize) -> Result<Vec<(String, Vec<u8>)>, String> {
    let broken = "this zip is damaged: create it again, or upload the files themselves";
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken)?;
    if archive.len() > MAX_MIGRATED_FILES * 2 {
        return Err(format!(
            "this zip has more than {MAX_MIGRATED_FILES} files: put one signature with its images into it"
        ));
    }
    let (mut all, mut left) = (Vec::new(), most);
    for at in 0..archive.len() {
        let file = archive.by_index(at).map_err(|error| match error {
            zip::result::ZipError::UnsupportedArchive(_) => {
                "this zip is encrypted, or packed in a way that cannot be read: create it again without a password"
            }
            _ => broken,
        })?;
        if file.is_dir() {
            continue;
        }
        let name = file.name().map_err(|_| broken)?.into_owned();
        let mut content = Vec::new();
        // The size in the archive's directory can be wrong.
        file.take(left as u64 + 1).read_to_end(&mut content).map_err(|_| broken)?;
        left = left.checked_sub(content.len()).ok_or_else(|| {
            format!(
                "this zip unpacks to more than {} MB: put one signature with its images into it",
                most / 1024 / 1024
            )
        })?;
        all.push((name, content));
    }
    Ok(all)
}

/// A file's path with `/` between its folders.
fn plain(name: &str) -> Result<String, String> {
    let path = name.replace('\\', "/");
    let path = path.trim_start_matches("./");
    let absolute = path.starts_with('/') || path.as_bytes().get(1) == Some(&b':');
    if absolute || path.split('/').any(|part| part == "..") || path.contains('\0') {
        let shown: String = name.chars().filter(|c| !c.is_control()).take(80).collect();
        return Err(format!("the file “{shown}” leads out of its folder: create the zip again"));
    }
    Ok(path.to_owned())
}

pub(super) fn ending(name: &str) -> String {
    name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
}

/// Whether a file is an archive by its bytes and a document by its name.
fn is_office(name: &str) -> bool {
    matches!(&*ending(name), "docx" | "dotx" | "thmx")
}

/// A page as text: by its byte order mark, by what it says of itself, or by its bytes.
pub(super) fn text(bytes: &[u8]) -> String {
    let (encoding, start) = Encoding::for_bom(bytes).unwrap_or_else(|| (guessed(bytes), 0));
    let (text, _) = encoding.decode_without_bom_handling(&bytes[start..]);
    text.replace('\0', "")
}

fn guessed(bytes: &[u8]) -> &'static Encoding {
    let zeros = |odd: usize| bytes.iter().take(MAX_HEAD).skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let half = bytes.len().min(MAX_HEAD) / 4;
    if bytes.len() > 4 && zeros(1) > half {
        return encoding_rs::UTF_16LE;
    }
    if bytes.len() > 4 && zeros(0) > half {
        return encoding_rs::UTF_16BE;
    }
    let head: Vec<u8> = bytes.iter().take(MAX_HEAD).map(u8::to_ascii_lowercase).collect();
    let named = memchr::memmem::find(&head, b"charset=").and_then(|at| {
        let value = &head[at + b"charset=".len()..];
        let ends = |byte: &u8| !(byte.is_ascii_alphanumeric() || b"-_".contains(byte));
        let value = value.strip_prefix(b"\"").or(value.strip_prefix(b"'")).unwrap_or(value);
        Encoding::for_label(&value[..value.iter().position(ends).unwrap_or(value.len())])
    });
    match named {
        // As bytes, it is not that.
        Some(encoding) if encoding == encoding_rs::UTF_16LE || encoding == encoding_rs::UTF_16BE => UTF_8,
        Some(encoding) if encoding != UTF_8 => encoding,
        _ if std::str::from_utf8(bytes).is_ok() => UTF_8,
        _ => WINDOWS_1252,
    }
}
