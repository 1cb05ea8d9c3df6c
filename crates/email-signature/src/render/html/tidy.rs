//! HTML from Word, a mail or another editor -> HTML as templates have it: styles at their elements, and nothing that mails
//! do not need.

use super::bulk;
use super::markup::{self, NodeKind, Tree, is_block, is_void, unescape};
use super::measure;
use super::policy;
use crate::render::css::cascade;
use crate::render::css::styles::{self, Declaration};
use crate::render::values;
use ammonia::{Builder, Url};
use std::sync::OnceLock;

/// HTML tidied, and what became of its images.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tidied {
    /// A fragment.
    pub html: String,
    /// Names of images that were files, attachments or part of the HTML, and have to be uploaded.
    pub images: Vec<String>,
    /// Hosts from which images are fetched.
    pub hosts: Vec<String>,
    /// How many invisible images were left out, which tell a sender who reads a mail.
    pub spies: usize,
    /// What was left out since it would take too much work.
    pub problem: Option<String>,
}

/// Keeps what templates may have of `html`, with the rules of its style sheets at the elements that they fit.
///
/// # Errors
/// Says in one clause why it is nothing that can be looked at: nested too deeply, or one tag without an end.
pub fn tidy(html: &str) -> Result<Tidied, String> {
    static BUILDER: OnceLock<Builder<'static>> = OnceLock::new();
    let builder = BUILDER.get_or_init(|| {
        let mut builder = policy::builder();
        // Images' files are looked for below, and named anew.
        builder.add_url_schemes(["data", "file"]);
        builder
    });
    let html = &bulk::stripped(html);
    let measured = measure::measure(html)?;
    let applied = cascade::applied(&measured);
    let styled = if measured.styles.is_empty() { html.clone() } else { cascade::inline(html, &applied)? };
    let sanitised = builder.clean(&styled).to_string();
    let tree = markup::parse(&sanitised).ok_or("its elements are nested too deeply")?;
    let mut writer = Writer { tree: &tree, tidied: Tidied { problem: applied.problem(), ..Tidied::default() } };
    writer.children(0, false);
    let mut tidied = writer.tidied;
    tidied.html = tidied.html.trim().to_owned();
    Ok(tidied)
}

struct Writer<'t, 'h> {
    tree: &'t Tree<'h>,
    tidied: Tidied,
}

impl Writer<'_, '_> {
    fn children(&mut self, at: usize, preformatted: bool) {
        let tree = self.tree;
        for &child in &tree.nodes[at].children {
            match &tree.nodes[child].kind {
                NodeKind::Text(text) if preformatted => self.tidied.html.push_str(text),
                NodeKind::Text(text) => self.text(text),
                NodeKind::Element(name, attributes) => self.element(child, name, attributes, preformatted),
            }
        }
    }

    /// Word breaks its lines at column 80, which means nothing.
    fn text(&mut self, text: &str) {
        let out = &mut self.tidied.html;
        for c in text.chars() {
            let c = if c.is_ascii_whitespace() { ' ' } else { c };
            if c != ' ' || !out.ends_with([' ', '\n']) {
                out.push(c);
            }
        }
    }

    fn element(&mut self, at: usize, name: &str, attributes: &[(&str, &str)], preformatted: bool) {
        if name == "img" {
            self.image(attributes);
            return;
        }
        let kept = attributes_of(name, attributes);
        let inline = matches!(name, "span" | "font" | "b" | "i" | "u" | "strong" | "em" | "a");
        let empty = inline && self.is_empty(at);
        if empty {
            return;
        }
        if kept.is_empty() && matches!(name, "span" | "font") {
            self.children(at, preformatted);
            return;
        }
        if is_block(name) && !self.tidied.html.is_empty() && !self.tidied.html.ends_with('\n') {
            let end = self.tidied.html.trim_end_matches(' ').len();
            self.tidied.html.truncate(end);
            self.tidied.html.push('\n');
        }
        self.tidied.html.push('<');
        self.tidied.html.push_str(name);
        self.tidied.html.push_str(&kept);
        self.tidied.html.push('>');
        if !is_void(name) {
            self.children(at, preformatted || name == "pre");
            self.tidied.html.push_str("</");
            self.tidied.html.push_str(name);
            self.tidied.html.push('>');
        }
    }

    /// Whether there is nothing to be seen in it.
    fn is_empty(&self, at: usize) -> bool {
        self.tree.nodes[at].children.iter().all(|&child| match &self.tree.nodes[child].kind {
            NodeKind::Text(text) => text.is_empty(),
            NodeKind::Element(name, _) => !is_void(name) && *name != "td" && self.is_empty(child),
        })
    }

    fn image(&mut self, attributes: &[(&str, &str)]) {
        let value =
            |wanted: &str| attributes.iter().find(|(name, _)| *name == wanted).map(|(_, value)| unescape(value));
        // Browsers, and the sanitiser, read over these wherever they stand.
        let source = value("src").map(|source| source.replace(['\n', '\r', '\t'], ""));
        let Some(source) = source.map(|source| source.trim().to_owned()) else { return };
        let one =
            |wanted: &str| value(wanted).is_some_and(|size| matches!(size.trim().trim_end_matches("px"), "0" | "1"));
        let is_remote = ["http://", "https://"].iter().any(|start| source.to_ascii_lowercase().starts_with(start));
        if is_remote && one("width") && one("height") {
            self.tidied.spies += 1;
            return;
        }
        let source = match own_name(&source, self.tidied.images.len() + 1) {
            Some(name) => {
                let address = format!("image:{name}");
                if !self.tidied.images.contains(&name) {
                    self.tidied.images.push(name);
                }
                address
            }
            None => source.clone(),
        };
        if is_remote && let Some(host) = source.split('/').nth(2).filter(|host| !host.is_empty()) {
            let host = host.to_ascii_lowercase();
            if !self.tidied.hosts.contains(&host) {
                self.tidied.hosts.push(host);
            }
        }
        self.tidied.html.push_str("<img src=\"");
        values::push_attribute(&mut self.tidied.html, &source);
        self.tidied.html.push('"');
        let rest: Vec<_> = attributes.iter().filter(|(name, _)| *name != "src").copied().collect();
        self.tidied.html.push_str(&attributes_of("img", &rest));
        if value("alt").is_none() {
            self.tidied.html.push_str(" alt=\"\"");
        }
        self.tidied.html.push('>');
    }
}

/// Whether an address is of a scheme that is let through for images alone, however it is written.
fn is_file(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "data" | "file"))
}

/// The attributes that stay, each with a space before it.
fn attributes_of(element: &str, attributes: &[(&str, &str)]) -> String {
    let mut kept = String::new();
    for (name, value) in attributes {
        let value = match *name {
            "lang" => continue,
            "href" if is_file(&unescape(value)) => continue,
            // Outlook writes these for its own use.
            "title" if value.is_empty() => continue,
            "style" => {
                let style = style_of(element, &unescape(value));
                if style.is_empty() {
                    continue;
                }
                let mut escaped = String::new();
                values::push_attribute(&mut escaped, &style);
                escaped
            }
            _ => (*value).to_owned(),
        };
        kept.push(' ');
        kept.push_str(name);
        kept.push_str("=\"");
        kept.push_str(&value);
        kept.push('"');
    }
    kept
}

/// A style without what is Word's own or changes nothing.
fn style_of(element: &str, style: &str) -> String {
    let mut kept = String::new();
    for declaration in styles::declarations(style) {
        let Declaration::Kept(property, value) = declaration else { continue };
        let property = property.to_ascii_lowercase();
        // Line heights of cells need Outlook's own rule; everything else of its own only comes from its editor.
        let words_own = property.starts_with("mso-") && property != "mso-line-height-rule";
        let nothing = matches!(
            (&*property, value.trim()),
            ("color", "windowtext" | "black")
                | ("background", "white")
                | ("font-style" | "font-weight" | "letter-spacing", "normal")
                | ("text-decoration" | "border", "none")
        ) && element == "span";
        if words_own || nothing || (property == "direction" && &*value == "ltr") {
            continue;
        }
        if !kept.is_empty() {
            kept.push_str("; ");
        }
        kept.push_str(&property);
        kept.push_str(": ");
        kept.push_str(&value);
    }
    kept
}

/// The name of an image that is no address: the file's own, where it has one.
fn own_name(source: &str, number: usize) -> Option<String> {
    let source = source.trim();
    let (scheme, rest) = source.split_once(':')?;
    let stem = match scheme.to_ascii_lowercase().as_str() {
        "file" => rest.rsplit(['/', '\\']).next().unwrap_or_default(),
        "cid" => rest.split('@').next().unwrap_or_default(),
        "data" => "",
        _ => return None,
    };
    let plain: String = stem.chars().filter(|c| c.is_ascii_alphanumeric() || "._-".contains(*c)).take(80).collect();
    let plain = plain.trim_matches('.');
    let ending = plain.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let known = ending.is_some_and(|ending| matches!(&*ending, "png" | "jpg" | "jpeg" | "gif"));
    Some(match (plain.is_empty(), known) {
        (true, _) => format!("image-{number}.png"),
        (false, true) => plain.to_owned(),
        (false, false) => format!("{plain}.png"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_word_adds_goes_and_what_shows_stays() {
        for (pasted, tidied) in [
            ("<span style=\"color:black\">x</span>", "x"),
            ("<span style=\"color:red\">x</span>", "<span style=\"color: red\">x</span>"),
            ("<p style=\"color:black\">x</p>", "<p style=\"color: black\">x</p>"),
            ("<p style=\"mso-margin-top-alt:auto;direction:ltr\">x</p>", "<p>x</p>"),
            ("<p style=\"direction:rtl\">x</p>", "<p style=\"direction: rtl\">x</p>"),
            ("<p>a\n  b</p>", "<p>a b</p>"),
            ("<pre>a\n  b</pre>", "<pre>a\n  b</pre>"),
            ("<b></b><p>x<i> </i>y</p>", "<p>x<i> </i>y</p>"),
            ("<style>p{color:red}</style><p>x</p>", "<p style=\"color: red\">x</p>"),
        ] {
            assert_eq!(tidy(pasted).unwrap().html, tidied, "{pasted}");
        }
    }
}
