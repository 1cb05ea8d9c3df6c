//! Writes a page: its HTML with the names of its files, style sheets and small scripts minified.

use super::program::Program;
use super::{files, name_of};
use crate::shell;
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// Writes `dist/NAME.html` with everything that it loads. In it stand, and are replaced: `{{file styles/base.css}}`, a file's
/// address; `{{program}}`, what loads the program; `{{editor}}`, the template editor's address. The server fills in the rest.
pub(super) fn write(name: &str, program: &Program, editor: &str, dist: &Path) -> Result<()> {
    program.copy(dist)?;
    let source = shell::root().join("frontend").join(name).with_extension("html");
    let mut html = without_comments(&fs::read_to_string(&source)?);
    while let Some((before, rest)) = html.split_once("{{file ") {
        let (file, after) = rest.split_once("}}").with_context(|| format!("{} is cut off", source.display()))?;
        html = format!("{before}{}{after}", minified(file, dist)?);
    }
    let html = html.replace("{{program}}", &loading(program)).replace("{{editor}}", &format!("/app/{editor}"));
    fs::write(dist.join(name).with_extension("html"), html)?;
    Ok(())
}

/// What loads a program: everything that it needs from the start is asked for at once.
fn loading(program: &Program) -> String {
    let Program { module, wasm, loader, .. } = program;
    let loader = loader.as_ref().map(|name| format!("<link rel=\"modulepreload\" href=\"/app/{name}\">\n"));
    format!(
        "<link rel=\"modulepreload\" href=\"/app/{module}\">\n{}\
         <link rel=\"preload\" href=\"/app/{wasm}\" as=\"fetch\" type=\"application/wasm\" crossorigin>\n\
         <script type=\"module\">import start from \"/app/{module}\"; start({{ module_or_path: \"/app/{wasm}\" }});</script>",
        loader.unwrap_or_default()
    )
}

/// Minifies a file below `frontend/` into `dist/`, with a hash in its name; its address.
fn minified(file: &str, dist: &Path) -> Result<String> {
    let mut esbuild = shell::command("esbuild");
    esbuild.args(["--minify", "--log-level=warning", "--entry-names=[name]-[hash]"]);
    esbuild.arg(format!("--outdir={}", dist.display())).arg(format!("frontend/{file}"));
    shell::run(&mut esbuild)?;
    let (stem, kind) = Path::new(file)
        .file_name()
        .and_then(|name| name.to_str())
        .and_then(|name| name.rsplit_once('.'))
        .context("a file without a name")?;
    let is_it =
        |name: &String| name.strip_prefix(stem).is_some_and(|rest| rest.starts_with('-')) && name.ends_with(kind);
    let written = files(dist)?.iter().map(|path| name_of(path)).find(is_it);
    Ok(format!("/app/{}", written.with_context(|| format!("esbuild wrote no {stem}-….{kind}"))?))
}

fn without_comments(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some((before, comment)) = rest.split_once("<!--") {
        out.push_str(before);
        rest = comment.split_once("-->").map_or("", |(_, after)| after);
    }
    out + rest
}
