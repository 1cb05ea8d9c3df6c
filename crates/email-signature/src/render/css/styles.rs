//! Style attributes: which declarations may stay. Values are let through by what they are made of, not by what they are
//! known to do: without backslashes, colons, braces and unknown functions nothing can be fetched, run or moved.

use std::borrow::Cow;

/// Properties that may stay, besides every `mso-` one: looks and boxes, but nothing that moves an element out of its
/// place.
pub(in crate::render) const PROPERTIES: &[&str] = &[
    "-ms-interpolation-mode",
    "-ms-text-size-adjust",
    "-webkit-text-size-adjust",
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
    "page-break-inside",
    "table-layout",
    "text-align",
    "text-decoration",
    "text-decoration-color",
    "text-indent",
    "text-overflow",
    "text-transform",
    "text-underline",
    "unicode-bidi",
    "vertical-align",
    "visibility",
    "white-space",
    "width",
    "word-break",
    "word-spacing",
    "word-wrap",
];

/// Properties in which Word keeps books, by the start of what follows `mso-`: they change nothing that is seen, and
/// inlined into every paragraph they take more room than the text.
const BOOKKEEPING: &[&str] = &[
    "ansi-language",
    "bidi-language",
    "bidi-theme",
    "ascii-theme",
    "fareast-language",
    "fareast-theme",
    "hansi-theme",
    "level-",
    "list",
    "no-proof",
    "pagination",
    "style-",
    "theme",
    "yfti-",
];

/// Functions that only compute.
const FUNCTIONS: &[&str] = &["calc", "clamp", "hsl", "hsla", "max", "min", "rgb", "rgba"];

/// What becomes of one declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Declaration<'s> {
    /// It stays as `property:value`, which needs no escaping in a double-quoted attribute.
    Kept(&'s str, Cow<'s, str>),
    /// It goes, and the admin should know: it would fetch or run something, or is not written correctly.
    Refused(&'s str),
}

/// The declarations of an unescaped style that stay or are worth a problem; unknown properties go without one.
pub(crate) fn declarations(style: &str) -> Vec<Declaration<'_>> {
    split(style).filter_map(read).collect()
}

/// Splits at semicolons outside strings.
fn split(style: &str) -> impl Iterator<Item = &str> {
    let mut quote = None;
    style.split(move |c: char| {
        match (c, quote) {
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            (';', None) => return true,
            _ => {}
        }
        false
    })
}

fn read(declaration: &str) -> Option<Declaration<'_>> {
    let (property, value) = declaration.split_once(':')?;
    let (property, value) = (property.trim(), value.trim());
    if !is_known(property) || value.is_empty() {
        return None;
    }
    match tidied(value) {
        Some(value) => Some(Declaration::Kept(property, value)),
        None => Some(Declaration::Refused(declaration.trim())),
    }
}

/// Whether a property may stay.
pub(in crate::render) fn is_known(property: &str) -> bool {
    let property = lower(property);
    let word = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            && !BOOKKEEPING.iter().any(|start| text.starts_with(start))
    };
    PROPERTIES.binary_search(&&*property).is_ok() || property.strip_prefix("mso-").is_some_and(word)
}

fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// A value with single spaces and single quotes; `None` if it holds anything that could do more than look.
fn tidied(value: &str) -> Option<Cow<'_, str>> {
    // Most values are words, numbers and colours, set apart by single spaces.
    let mut last = b'x';
    let plain = value.bytes().all(|byte| {
        let plain = byte.is_ascii_alphanumeric()
            || matches!(byte, b'#' | b'.' | b',' | b'%' | b'-')
            || (byte == b' ' && last != b' ');
        last = byte;
        plain
    });
    if plain {
        return Some(Cow::Borrowed(value));
    }
    let mut tidied = String::with_capacity(value.len());
    let mut quote = None;
    let mut depth = 0_usize;
    for c in value.chars() {
        match c {
            '"' | '\'' => match quote {
                None => {
                    quote = Some(c);
                    tidied.push('\'');
                }
                Some(open) if open == c => {
                    quote = None;
                    tidied.push('\'');
                }
                Some(_) => return None,
            },
            '(' if quote.is_none() => {
                let name = tidied.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '-').map_or(0, |at| at + 1);
                let name = tidied.get(name..).unwrap_or_default();
                // Bare brackets group within calc().
                if !FUNCTIONS.contains(&&*lower(name)) && (depth == 0 || !name.is_empty()) {
                    return None;
                }
                depth += 1;
                tidied.push(c);
            }
            ')' if quote.is_none() => {
                depth = depth.checked_sub(1)?;
                tidied.push(c);
            }
            c if c.is_ascii_whitespace() => {
                if !tidied.ends_with(' ') {
                    tidied.push(' ');
                }
            }
            c if c.is_alphanumeric() || "#.,%+-_!/".contains(c) || crate::render::slots::slot_at(c).is_some() => {
                tidied.push(c);
            }
            '*' if depth > 0 && !tidied.ends_with('/') => tidied.push(c),
            _ => return None,
        }
    }
    let comment = tidied.contains("//");
    (quote.is_none() && depth == 0 && !comment).then_some(Cow::Owned(tidied))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(style: &str) -> String {
        let kept = declarations(style).into_iter().filter_map(|declaration| match declaration {
            Declaration::Kept(property, value) => Some(format!("{property}:{value}")),
            Declaration::Refused(_) => None,
        });
        kept.collect::<Vec<_>>().join(";")
    }

    #[test]
    fn the_list_of_properties_is_sorted() {
        assert!(PROPERTIES.is_sorted());
    }

    #[test]
    fn looks_and_boxes_stay() {
        for style in [
            "color:#1f497d;font:bold 12px/1.5 'Segoe UI', Arial",
            "mso-line-height-rule:exactly;line-height:14.0pt;margin:0 -1px",
            "width:calc((100% - 4px) * 2);color:rgba(1,2,3,.5) !important",
        ] {
            assert_eq!(kept(style), style);
        }
        assert_eq!(kept(" COLOR : red ;; font-family:\"A;B\",\n  C"), "COLOR:red");
        assert_eq!(kept("font-family:\"Segoe UI\",\n  C"), "font-family:'Segoe UI', C");
    }

    #[test]
    fn what_fetches_runs_or_moves_goes() {
        for style in [
            "position:fixed",
            "z-index:9",
            "background:url(x)",
            "background:u\\72l(x)",
            "color:var(--x)",
            "width:expression(alert(1))",
            "background:image-set('x' 1x)",
            "color:red/**/",
            "color:\"",
            "color:rgb(1",
            "color:red)",
            "behavior:url(x)",
            "-moz-binding:url(x)",
            "mso-x<:1",
            "color:{",
            "color:<",
            "color:@import",
            "color",
            "color:",
        ] {
            assert_eq!(kept(style), "", "{style}");
        }
        assert_eq!(kept("width:expression(alert(1));color:red"), "color:red");
    }
}
