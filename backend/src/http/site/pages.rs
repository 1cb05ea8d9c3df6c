//! Pages, the event handler and the manifest, filled in with this deployment's settings.

use super::files::{File, Files};
use crate::http::request::security;
use axum::body::Bytes;
use axum::http::HeaderValue;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The manifest as it is before its placeholders are filled.
const MANIFEST: &str = include_str!("../../../../manifest.xml");
/// Origins whose pages are kept. One in production; in the demo the spellings of loopback.
const MAX_ORIGINS: usize = 8;

/// What the pages of one origin are filled with.
#[derive(Clone, Debug)]
pub(crate) struct Deployment {
    /// What the clients are told.
    pub(crate) settings: api::Settings,
    /// The add-in's id, a GUID.
    pub(crate) addin_id: String,
    /// The add-in's name, as Outlook shows it.
    pub(crate) name: String,
    /// Who provides it.
    pub(crate) provider: String,
    /// Where its users find help.
    pub(crate) support_url: String,
    /// Where its pages may load from.
    pub(crate) sources: security::Sources,
}

/// A page with the policy that belongs to its content.
pub(crate) struct Page {
    /// The page.
    pub(crate) file: File,
    /// Its `Content-Security-Policy`.
    pub(crate) policy: HeaderValue,
}

/// What was filled in once, by origin and name.
#[derive(Default)]
pub(crate) struct Filled {
    pages: Mutex<HashMap<String, HashMap<&'static str, Arc<Page>>>>,
}

/// What is wanted, and how it is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Template {
    /// A page of `dist/` or `assets/`, by its file name.
    Html(&'static str),
    /// The console's page.
    Console,
    /// `launchevent.js`.
    Handler,
    /// `manifest.xml`.
    Manifest,
}

impl Template {
    fn name(self) -> &'static str {
        match self {
            Self::Html(name) => name,
            Self::Console => "console.html",
            Self::Handler => "launchevent.js",
            Self::Manifest => "manifest.xml",
        }
    }
}

impl Filled {
    /// The filled-in page; `None` where the file does not exist (yet).
    pub(crate) fn get(&self, wanted: Template, files: &Files, deployment: &Deployment) -> Option<Arc<Page>> {
        let origin = &deployment.settings.origin;
        let kept = self.lock().get(origin).and_then(|pages| pages.get(wanted.name())).cloned();
        if kept.is_some() {
            return kept;
        }
        let page = Arc::new(fill(wanted, files, deployment)?);
        let mut pages = self.lock();
        if pages.len() >= MAX_ORIGINS && !pages.contains_key(origin) {
            pages.clear();
        }
        pages.entry(origin.clone()).or_default().insert(wanted.name(), Arc::clone(&page));
        Some(page)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, HashMap<&'static str, Arc<Page>>>> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fill(wanted: Template, files: &Files, deployment: &Deployment) -> Option<Page> {
    let settings = serde_json::to_string(&deployment.settings).ok()?;
    let (text, policy) = match wanted {
        Template::Html(_) | Template::Console => {
            let html = fill_html(files.template(wanted.name())?, &settings, &deployment.settings.office_js);
            let policy = security::page_policy(&html, &deployment.sources);
            (html, policy)
        }
        Template::Handler => {
            (fill_handler(files.template(wanted.name())?, &settings)?, security::FILE_POLICY.to_owned())
        }
        Template::Manifest => (fill_manifest(MANIFEST, deployment), security::FILE_POLICY.to_owned()),
    };
    let policy = HeaderValue::try_from(policy).ok()?;
    Some(Page { file: File::new(wanted.name(), Bytes::from(text)), policy })
}

fn fill_html(html: &str, settings: &str, office_js: &str) -> String {
    html.replace("{{settings}}", &settings.replace('<', "\\u003c")).replace("{{office_js}}", &escape(office_js))
}

/// Replaces what stands between the two comments; `None` where they are missing. The comments that have lines of their own
/// stay with us: classic Outlook loads the file again for every draft.
fn fill_handler(script: &str, settings: &str) -> Option<String> {
    const START: &str = "/*settings*/";
    const END: &str = "/*end settings*/";
    let from = script.find(START)? + START.len();
    let to = from + script[from..].find(END)?;
    Some([without_comments(&script[..from]).as_str(), settings, &without_comments(&script[to..])].concat())
}

/// The script without the lines that are comments and nothing else.
fn without_comments(script: &str) -> String {
    let mut is_inside = false;
    let is_code = |line: &&str| {
        let line = line.trim();
        let begins = !is_inside && (line.starts_with("/**") || line == "/*");
        let is_comment = is_inside || begins || line.starts_with("//");
        is_inside = (is_inside || begins) && !line.ends_with("*/");
        !is_comment
    };
    let lines: Vec<&str> = script.split('\n').filter(is_code).collect();
    lines.join("\n")
}

fn fill_manifest(manifest: &str, deployment: &Deployment) -> String {
    let settings = &deployment.settings;
    let host = settings.origin.split_once("://").map_or("", |(_, host)| host);
    let values = [
        ("{{origin}}", settings.origin.as_str()),
        ("{{host}}", host),
        ("{{addin_id}}", &deployment.addin_id),
        ("{{client_id}}", &settings.client_id),
        ("{{version}}", &settings.version),
        ("{{name}}", &deployment.name),
        ("{{provider}}", &deployment.provider),
        ("{{support_url}}", &deployment.support_url),
    ];
    values.into_iter().fold(manifest.to_owned(), |text, (name, value)| text.replace(name, &escape(value)))
}

/// For text and double-quoted attributes, in HTML and XML alike.
pub(in crate::http) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_cannot_break_out_of_their_script() {
        let html = fill_html("<script>{{settings}}</script>{{office_js}}", r#"{"a":"</script>"}"#, "https://x/?a&\"b");
        assert_eq!(html, r#"<script>{"a":"\u003c/script>"}</script>https://x/?a&amp;&quot;b"#);
    }

    #[test]
    fn the_handlers_settings_are_replaced_between_their_comments() {
        let script = fill_handler("var S = /*settings*/{old:1}/*end settings*/;", "{\"new\":1}");
        assert_eq!(script.as_deref(), Some("var S = /*settings*/{\"new\":1}/*end settings*/;"));
        assert_eq!(fill_handler("var S = {};", "{}"), None);
    }

    #[test]
    fn lines_that_are_comments_stay_with_us_and_code_does_not() {
        let script =
            "/**\n * What it is.\n */\nvar a = 1; // kept\n  // gone\n  /** One line. */\nvar b = \"//x\"\n  * 2;\n";
        assert_eq!(without_comments(script), "var a = 1; // kept\nvar b = \"//x\"\n  * 2;\n");
    }
}
