//! Rules about one tag: tables, images, and what else has to be in attributes.

use super::page::{Element, first_words};
use super::source::{Attribute, is_open};
use super::styles::{is_inline, pixels};
use super::{Findings, colour};

/// Widest table in pixels.
const MAX_WIDTH: f64 = 700.0;

/// Checks a tag inside those that are `open`.
pub(super) fn check(element: &Element<'_, '_>, open: &[Element<'_, '_>], findings: &mut Findings) {
    let tag = element.tag;
    match &*tag.name {
        "table" => table(element, open, findings),
        "img" => image(element, open, findings),
        "link" => findings.add("web-font", &tag.at, || {
            "Mails load nothing from elsewhere: use fonts that every computer has.".into()
        }),
        _ => {}
    }
    line_height(element, open, findings);
    for name in ["bgcolor", "color", "bordercolor"] {
        let written =
            tag.attribute(name).filter(|colour| !is_open(colour.value) && colour::read(colour.value).is_none());
        if let Some(Attribute { value, at, .. }) = written {
            let value = first_words(value);
            findings.add("colour", at, || {
                format!("Write the colour “{value}” as #rrggbb, six digits after the number sign.")
            });
        }
    }
    if let Some(background) = tag.attribute("background") {
        findings.add("background-image", &background.at, || {
            "Outlook shows no background images: use a colour, or an image in a cell.".into()
        });
    }
}

fn table(element: &Element<'_, '_>, open: &[Element<'_, '_>], findings: &mut Findings) {
    let tag = element.tag;
    let missing: Vec<&str> =
        ["border", "cellpadding", "cellspacing"].into_iter().filter(|name| tag.attribute(name).is_none()).collect();
    if !missing.is_empty() {
        findings.add("table-attributes", &tag.at, || {
            format!(
                "The table has no {}: add {}.",
                missing.join(", "),
                missing.iter().map(|name| format!("{name}=\"0\"")).collect::<Vec<_>>().join(" ")
            )
        });
    } else if element.style("border-collapse").is_none_or(|collapse| collapse.value != "collapse") {
        findings.add("table-attributes", &tag.at, || {
            "The table leaves gaps between its cells: add the style “border-collapse: collapse”.".into()
        });
    }
    if tag.attribute("role").is_none_or(|role| role.value.trim() != "presentation") {
        findings.add("table-role", &tag.at, || {
            "Add role=\"presentation\", so that screen readers do not announce rows and columns.".into()
        });
    }
    if open.iter().any(|outer| outer.name() == "table") {
        return;
    }
    match tag.attribute("width") {
        None => findings.add("table-width", &tag.at, || {
            "Add a width attribute in pixels: otherwise Outlook makes the table as wide as its longest line.".into()
        }),
        Some(width) if pixels(width.value).is_some_and(|width| width > MAX_WIDTH) => {
            findings.add("table-width", &width.at, || {
                format!("Make the table at most {MAX_WIDTH} pixels wide: phones and reading panes cut off the rest.")
            });
        }
        Some(_) => {}
    }
}

fn image(element: &Element<'_, '_>, open: &[Element<'_, '_>], findings: &mut Findings) {
    let tag = element.tag;
    let size =
        |name: &str| tag.attribute(name).filter(|size| is_open(size.value) || size.value.trim().parse::<u32>().is_ok());
    let missing: Vec<&str> = ["width", "height"].into_iter().filter(|name| size(name).is_none()).collect();
    if !missing.is_empty() {
        findings.add("image-size", &tag.at, || {
            format!("The image has no {} in pixels: add it as an attribute, a plain number.", missing.join(" and no "))
        });
    }
    if tag.attribute("alt").is_none() {
        findings.add("image-alt", &tag.at, || {
            "Describe in “alt” what the image shows, or use alt=\"\" for a decorative image.".into()
        });
    }
    if let Some(source) = tag.attribute("src") {
        let address = source.value.trim().to_ascii_lowercase();
        let path = address.split(['?', '#']).next().unwrap_or_default();
        let file = |ending: &&str| std::path::Path::new(path).extension().is_some_and(|found| found == *ending);
        if address.starts_with("data:") || ["svg", "svgz", "webp", "avif", "tif", "tiff", "heic"].iter().any(file) {
            findings.add("image-format", &source.at, || {
                "Outlook does not show such an image: upload it as PNG, JPEG or GIF.".into()
            });
        }
    }
    // The lines that the image stands in are those of the nearest element that says how high they are.
    let height = tag.attribute("height").and_then(|height| pixels(height.value));
    let exact = within_cell(open).find_map(|outer| outer.style("mso-line-height-rule").map(|rule| (outer, rule.value)));
    if let (Some(height), Some((outer, "exactly"))) = (height, exact) {
        let line = within_cell(open).find_map(|outer| outer.style("line-height")).and_then(|line| pixels(line.value));
        if line.is_none_or(|line| line < height) {
            let name = outer.name();
            findings.add("image-line-height", &tag.at, || {
                format!(
                    "Outlook cuts this image off because the lines in its “<{name}>” have an exact height: give that \
                     element “mso-line-height-rule: at-least”."
                )
            });
        }
    }
}

/// From the innermost element to the cell that everything is in.
pub(super) fn within_cell<'e, 't, 's>(open: &'e [Element<'t, 's>]) -> impl Iterator<Item = &'e Element<'t, 's>> {
    let from = open.iter().rposition(Element::is_cell).unwrap_or(0);
    open[from..].iter().rev()
}

fn line_height(element: &Element<'_, '_>, open: &[Element<'_, '_>], findings: &mut Findings) {
    let Some(height) =
        element.style("line-height").filter(|height| height.value != "normal" && !is_inline(element.name()))
    else {
        return;
    };
    let outer = if element.is_cell() { &[] } else { open };
    let ruled = element.style("mso-line-height-rule").is_some()
        || within_cell(outer).any(|outer| outer.style("mso-line-height-rule").is_some());
    if !ruled {
        findings.add("line-height", &height.at, || {
            "Add “mso-line-height-rule: exactly” next to the line-height, or Outlook makes lines taller.".into()
        });
    }
}
