//! What HTML may stay: the rich, old-fashioned HTML that mail programs show. Scripts, forms, frames, event handlers, ids
//! and classes, remote styles and every unknown address scheme go.

use ammonia::{Builder, UrlRelative};
use std::collections::{HashMap, HashSet};
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

/// Style properties: looks and boxes, but nothing that moves an element out of its place or fetches anything.
const PROPERTIES: &[&str] = &[
    "background",
    "background-color",
    "border",
    "border-bottom",
    "border-bottom-color",
    "border-bottom-left-radius",
    "border-bottom-right-radius",
    "border-bottom-style",
    "border-bottom-width",
    "border-collapse",
    "border-color",
    "border-left",
    "border-left-color",
    "border-left-style",
    "border-left-width",
    "border-radius",
    "border-right",
    "border-right-color",
    "border-right-style",
    "border-right-width",
    "border-spacing",
    "border-style",
    "border-top",
    "border-top-color",
    "border-top-left-radius",
    "border-top-right-radius",
    "border-top-style",
    "border-top-width",
    "border-width",
    "box-sizing",
    "clear",
    "color",
    "direction",
    "display",
    "empty-cells",
    "float",
    "font",
    "font-family",
    "font-size",
    "font-stretch",
    "font-style",
    "font-variant",
    "font-weight",
    "height",
    "letter-spacing",
    "line-height",
    "list-style",
    "list-style-position",
    "list-style-type",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-height",
    "max-width",
    "min-height",
    "min-width",
    "opacity",
    "overflow",
    "overflow-wrap",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "table-layout",
    "text-align",
    "text-decoration",
    "text-decoration-color",
    "text-indent",
    "text-overflow",
    "text-transform",
    "unicode-bidi",
    "vertical-align",
    "visibility",
    "white-space",
    "width",
    "word-break",
    "word-spacing",
    "word-wrap",
    // What Outlook for Windows (Word) reads besides.
    "mso-ansi-font-size",
    "mso-ascii-font-family",
    "mso-bidi-font-family",
    "mso-bidi-font-size",
    "mso-border-alt",
    "mso-border-bottom-alt",
    "mso-border-insideh",
    "mso-border-insidev",
    "mso-border-left-alt",
    "mso-border-right-alt",
    "mso-border-shadow",
    "mso-border-top-alt",
    "mso-cellspacing",
    "mso-color-alt",
    "mso-default-height",
    "mso-element",
    "mso-element-anchor-horizontal",
    "mso-element-anchor-vertical",
    "mso-element-frame-hspace",
    "mso-element-frame-vspace",
    "mso-element-left",
    "mso-element-top",
    "mso-element-wrap",
    "mso-fareast-font-family",
    "mso-font-alt",
    "mso-font-width",
    "mso-generic-font-family",
    "mso-hansi-font-family",
    "mso-height-rule",
    "mso-hide",
    "mso-highlight",
    "mso-line-height-alt",
    "mso-line-height-rule",
    "mso-margin-bottom-alt",
    "mso-margin-top-alt",
    "mso-no-proof",
    "mso-padding-alt",
    "mso-padding-bottom-alt",
    "mso-padding-left-alt",
    "mso-padding-right-alt",
    "mso-padding-top-alt",
    "mso-pagination",
    "mso-para-margin",
    "mso-para-margin-bottom",
    "mso-para-margin-left",
    "mso-para-margin-right",
    "mso-para-margin-top",
    "mso-shading",
    "mso-style-priority",
    "mso-style-textfill-fill-color",
    "mso-style-textoutline-type",
    "mso-symbol-font-family",
    "mso-table-anchor-horizontal",
    "mso-table-anchor-vertical",
    "mso-table-bspace",
    "mso-table-left",
    "mso-table-lspace",
    "mso-table-rspace",
    "mso-table-top",
    "mso-table-tspace",
    "mso-table-wrap",
    "mso-text-indent-alt",
    "mso-text-raise",
    "mso-text-underline",
    "mso-width-percent",
    "mso-yfti-tbllook",
    "-ms-interpolation-mode",
    "-ms-text-size-adjust",
    "-webkit-text-size-adjust",
    "text-underline",
    "page-break-inside",
];

/// Sanitises a fragment; the result is what a fragment parser and serialiser make of it, so it is well formed.
pub(super) fn sanitise(html: &str) -> String {
    builder().clean(html).to_string()
}

fn builder() -> &'static Builder<'static> {
    static BUILDER: OnceLock<Builder<'static>> = OnceLock::new();
    BUILDER.get_or_init(|| {
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
            .strip_comments(true)
            .filter_style_properties(set(PROPERTIES));
        builder
    })
}

/// What a template holds that is always taken out, in words for its admin.
pub(super) fn lost(source: &str) -> Vec<String> {
    let source = source.to_ascii_lowercase();
    let opens = |tag: &str| {
        let tag = format!("<{tag}");
        source
            .match_indices(&tag)
            .any(|(at, _)| !source[at + tag.len()..].starts_with(|c: char| c.is_ascii_alphanumeric()))
    };
    let tags = [
        "script", "form", "input", "button", "iframe", "object", "embed", "svg", "video", "audio", "link", "meta",
        "base",
    ];
    let mut lost: Vec<String> = tags
        .into_iter()
        .filter(|tag| opens(tag))
        .map(|tag| format!("“<{tag}>” does not belong into a mail and is left out."))
        .collect();
    if source.contains("javascript:") {
        lost.push("An address that begins with “javascript:” is left out.".into());
    }
    if source.contains("\"data:") || source.contains("'data:") {
        lost.push(
            "An image that is written into the template (“data:”) is left out: upload it, and name it as “image:NAME”."
                .into(),
        );
    }
    lost
}
