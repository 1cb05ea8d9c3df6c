//! What each page and part weighs over the wire, and the most that it may weigh.

use super::{PAGES, PARTS, brotli, folder};
use crate::shell;
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// What is loaded at one go.
pub(crate) struct Load {
    /// The page, part or file.
    pub(crate) name: String,
    /// Bytes, brotli.
    pub(crate) bytes: usize,
    /// The most bytes that it may have.
    pub(crate) most: usize,
}

/// The most that a page's first load may weigh.
const FIRST: [(&str, usize); 2] = [("pane", 105_000), ("console", 350_000)];
/// The most that a part which is loaded later may weigh, with everything that is loaded with it. The template editor, with
/// `GrapesJS` and `CodeMirror` in it, is none of them.
const LATER: usize = 250_000;
/// The most that the event handler may weigh, which classic Outlook loads for every draft.
const HANDLER: usize = 12_000;

/// Everything that has a limit, as it is in `dist/`.
pub(crate) fn loads() -> Result<Vec<Load>> {
    let dist = folder();
    let mut all = Vec::new();
    for page in &PAGES {
        let (_, most) = FIRST.into_iter().find(|(name, _)| *name == page.name).context("a page without a limit")?;
        let html = dist.join(page.name).with_extension("html");
        let text = fs::read_to_string(&html)?;
        let mut bytes = size(&html)?;
        for name in text
            .split("\"/app/")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect::<std::collections::BTreeSet<_>>()
        {
            // The template editor's address stands in the console's page, for later.
            if !name.starts_with("editor-") {
                bytes += size(&dist.join(name))?;
            }
        }
        all.push(Load { name: page.name.to_owned(), bytes, most });
    }
    for line in fs::read_to_string(dist.join(PARTS))?.lines() {
        let mut words = line.split(' ');
        let name = words.next().unwrap_or_default().to_owned();
        let bytes = words.map(|file| size(&dist.join(file))).sum::<Result<usize>>()?;
        all.push(Load { name, bytes, most: LATER });
    }
    let handler = shell::root().join("assets/launchevent.js");
    all.push(Load { name: "launchevent.js".to_owned(), bytes: brotli(&fs::read(handler)?)?.len(), most: HANDLER });
    Ok(all)
}

/// Bytes of the file's compressed copy.
fn size(path: &Path) -> Result<usize> {
    let mut copy = path.as_os_str().to_owned();
    copy.push(".br");
    let size = fs::metadata(&copy).with_context(|| format!("{} has no compressed copy", path.display()))?.len();
    Ok(usize::try_from(size)?)
}
