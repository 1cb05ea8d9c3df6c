//! Headers that keep pages to themselves and still let Outlook frame them.
//!
//! `X-Frame-Options` must not be on any path: new Outlook and Outlook on the web fail to load an add-in when even the
//! origin's root has it (office-js #5224, #3835). `Cross-Origin-Opener-Policy: same-origin` breaks the dialogs'
//! `messageParent`, so it is not sent either.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// Where a page may load from, beside its own origin.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    /// Scripts: Office.js and what it loads.
    pub(crate) scripts: Vec<String>,
    /// Requests: the sign-in authority, Office.js's telemetry.
    pub(crate) connections: Vec<String>,
    /// Frames: beside Office.js lies the page in which it asks people whether they trust a host that it does not know.
    pub(crate) frames: Vec<String>,
    /// Who may frame the page.
    pub(crate) framers: Vec<String>,
    /// Whether images may come over plain HTTP (on loopback).
    pub(crate) http_images: bool,
}

/// The policy of the pane, of the event page and of the sign-in dialog.
pub(crate) fn page_policy(html: &str, sources: &Sources) -> String {
    let mut policy = String::from("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'");
    for script in inline_scripts(html) {
        let _ = write!(policy, " 'sha256-{}'", STANDARD.encode(Sha256::digest(script)));
    }
    push_all(&mut policy, &sources.scripts);
    policy.push_str("; connect-src 'self'");
    push_all(&mut policy, &sources.connections);
    policy.push_str("; img-src 'self' data: https:");
    if sources.http_images {
        policy.push_str(" http:");
    }
    policy.push_str("; style-src 'self' 'unsafe-inline'; font-src 'self' data:; frame-src 'self'");
    push_all(&mut policy, &sources.frames);
    policy.push_str("; form-action 'none'; base-uri 'none'; object-src 'none'; frame-ancestors");
    push_all(&mut policy, &sources.framers);
    if sources.framers.is_empty() {
        policy.push_str(" 'none'");
    }
    policy
}

/// The policy of everything that is no page: nothing in it runs, wherever it is opened.
pub(crate) const FILE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'";

/// The policy of the simulator, which stands for Outlook: it runs the handler in several ways, on loopback only.
pub(crate) const SIMULATOR_POLICY: &str = "default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' \
    'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; img-src * data: blob:; connect-src *; frame-src 'self' \
    blob: data:; base-uri 'none'; object-src 'none'; frame-ancestors 'self'";

/// The policy of the demo's sign-in page: links alone, in the simulator's dialog or a window.
pub(crate) const DEMO_SIGN_IN_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; \
    base-uri 'none'; frame-ancestors 'self' http://127.0.0.1:* http://localhost:*";

/// `scheme://host:port` of an absolute address.
pub(crate) fn origin_of(url: &str) -> Option<String> {
    let origin = reqwest::Url::parse(url).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

fn push_all(policy: &mut String, sources: &[String]) {
    for source in sources {
        policy.push(' ');
        policy.push_str(source);
    }
}

/// The texts of scripts that run and stand in the page itself (what loads a page's program does). Data blocks need no hash.
fn inline_scripts(html: &str) -> Vec<&str> {
    let mut scripts = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find("<script") {
        rest = &rest[start + "<script".len()..];
        let Some(tag_end) = rest.find('>') else { break };
        let tag = &rest[..tag_end];
        let body = &rest[tag_end + 1..];
        let Some(end) = body.find("</script") else { break };
        if !tag.contains("src=") && !tag.contains("json") {
            scripts.push(&body[..end]);
        }
        rest = &body[end..];
    }
    scripts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_scripts_are_hashed_and_data_and_linked_ones_are_not() {
        let html = r#"<script src="a.js"></script><script type="application/json" id="settings">{}</script>
            <script type="module">import x</script>"#;
        assert_eq!(inline_scripts(html), ["import x"]);
        let policy = page_policy(html, &Sources::default());
        let hash = STANDARD.encode(Sha256::digest("import x"));
        assert!(policy.contains(&format!("script-src 'self' 'wasm-unsafe-eval' 'sha256-{hash}';")), "{policy}");
    }

    #[test]
    fn an_origin_is_what_a_policy_names() {
        assert_eq!(origin_of("https://example.com/a/b.js?x").as_deref(), Some("https://example.com"));
        assert_eq!(origin_of("http://127.0.0.1:4000/x").as_deref(), Some("http://127.0.0.1:4000"));
        assert_eq!(origin_of("/relative"), None);
    }
}
