//! What HTML may stay: the rich, old-fashioned HTML that mail programs show. Scripts, forms, frames, event handlers, ids
//! and classes, remote styles and every unknown address scheme go.

use super::bulk;
use crate::lint::source;
use ammonia::{Builder, UrlRelative};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::OnceLock;

const TAGS: &[&str] = &[
    "a",
    "abbr",
    "address",
    "b",
    "bdi",
    "bdo",
    "big",
    "blockquote",
    "br",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "li",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "u",
    "ul",
    "wbr",
];

/// Elements that go with everything in them; of other unknown elements the content stays.
const CLEAN_CONTENT: &[&str] = &[
    "applet", "audio", "button", "canvas", "embed", "frameset", "head", "iframe", "math", "noembed", "noframes",
    "noscript", "object", "optgroup", "option", "script", "select", "style", "svg", "template", "textarea", "title",
    "video", "xmp",
];

const ATTRIBUTES: &[&str] = &[
    "align",
    "bgcolor",
    "border",
    "cellpadding",
    "cellspacing",
    "dir",
    "height",
    "lang",
    "role",
    "style",
    "title",
    "valign",
    "width",
];

const TAG_ATTRIBUTES: &[(&str, &[&str])] = &[
    ("a", &["href", "target"]),
    ("bdo", &["dir"]),
    ("br", &["clear"]),
    ("col", &["span"]),
    ("colgroup", &["span"]),
    ("font", &["color", "face", "size"]),
    ("hr", &["color", "noshade", "size"]),
    ("img", &["alt", "hspace", "src", "vspace"]),
    ("ol", &["start", "type"]),
    ("table", &["frame", "rules", "summary"]),
    ("td", &["abbr", "colspan", "nowrap", "rowspan", "scope"]),
    ("th", &["abbr", "colspan", "nowrap", "rowspan", "scope"]),
    ("ul", &["type"]),
];

/// `image` and `cid` are ours; where they may stand is decided when addresses are resolved.
const SCHEMES: &[&str] = &["cid", "http", "https", "image", "mailto", "sip", "sms", "tel"];

/// Sanitises a fragment; the result is what a fragment parser and serialiser make of it, so it is well formed. Styles are
/// left for [`super::styles`] and addresses for [`super::links`], which decide with the values' places in mind.
pub(in crate::render) fn sanitise(html: &str) -> String {
    static BUILDER: OnceLock<Builder<'static>> = OnceLock::new();
    BUILDER.get_or_init(builder).clean(html).to_string()
}

pub(in crate::render) fn builder() -> Builder<'static> {
    let set = |items: &[&'static str]| items.iter().copied().collect::<HashSet<_>>();
    let mut builder = Builder::empty();
    builder
        .tags(set(TAGS))
        .clean_content_tags(set(CLEAN_CONTENT))
        .generic_attributes(set(ATTRIBUTES))
        .tag_attributes(TAG_ATTRIBUTES.iter().map(|&(tag, names)| (tag, set(names))).collect::<HashMap<_, _>>())
        .url_schemes(set(SCHEMES))
        .url_relative(UrlRelative::PassThrough)
        .link_rel(None)
        .strip_comments(true);
    builder
}

/// What a template holds that is always taken out, in words for its admin.
pub(in crate::render) fn lost(source: &str) -> Vec<String> {
    lost_at(source).into_iter().map(|(detail, _)| detail).collect()
}

/// The same with the place where each first stands.
pub(crate) fn lost_at(source: &str) -> Vec<(String, Range<usize>)> {
    let source = bulk::blanked(&source::mask(source).text).to_ascii_lowercase();
    let opens = |tag: &str| {
        let tag = format!("<{tag}");
        let ends = |at: &usize| !source[at + tag.len()..].starts_with(|c: char| c.is_ascii_alphanumeric());
        source.match_indices(&tag).map(|(at, _)| at).find(ends).map(|at| at..at + tag.len())
    };
    let tags = [
        "script", "form", "input", "button", "iframe", "object", "embed", "svg", "video", "audio", "link", "meta",
        "base",
    ];
    let mut lost: Vec<(String, Range<usize>)> = tags
        .into_iter()
        .filter_map(|tag| {
            let at = opens(tag)?;
            Some((format!("“<{tag}>” is not allowed in a mail and is left out."), at))
        })
        .collect();
    let scheme = "javascript:";
    if let Some(at) = source.find(scheme) {
        lost.push(("An address that starts with “javascript:” is left out.".into(), at..at + scheme.len()));
    }
    if let Some(at) = source.find("\"data:").or_else(|| source.find("'data:")) {
        let detail = "An image that is embedded in the template (“data:”) is left out: upload it, and refer to it as \
                      “image:NAME”.";
        lost.push((detail.into(), at + 1..at + 6));
    }
    lost
}
