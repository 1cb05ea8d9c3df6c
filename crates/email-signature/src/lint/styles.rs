//! Rules about one declaration on one element.

use super::Findings;
use super::colour;
use super::page::{Element, first_words};
use super::sheet::Declaration;
use super::source::is_open;

/// Fonts that Windows and macOS, or all of Office, bring along.
const FONTS: &[&str] = &[
    "aptos",
    "arial",
    "arial black",
    "calibri",
    "cambria",
    "candara",
    "century gothic",
    "consolas",
    "constantia",
    "corbel",
    "courier new",
    "franklin gothic medium",
    "garamond",
    "georgia",
    "gill sans mt",
    "helvetica",
    "impact",
    "lucida sans unicode",
    "palatino linotype",
    "segoe ui",
    "tahoma",
    "times new roman",
    "trebuchet ms",
    "verdana",
];

/// Elements that are text, not boxes.
pub(super) fn is_inline(name: &str) -> bool {
    matches!(
        name,
        "a" | "abbr"
            | "b"
            | "bdi"
            | "bdo"
            | "big"
            | "cite"
            | "code"
            | "em"
            | "font"
            | "i"
            | "s"
            | "small"
            | "span"
            | "strike"
            | "strong"
            | "sub"
            | "sup"
            | "tt"
            | "u"
    )
}

/// Checks everything that an element is styled with.
pub(super) fn check(element: &Element<'_, '_>, findings: &mut Findings) {
    for declaration in &element.styles {
        let property = &*declaration.property;
        let sized = ["padding", "margin", "width", "height", "max-width", "min-width"];
        let is_box = sized.iter().any(|sized| property.starts_with(sized));
        // A declaration of a style sheet is met again at each element that it fits; most of it is told once.
        let is_new = findings.is_new(declaration.at.start);
        if !is_box && !is_new {
            continue;
        }
        if is_new && declaration.important {
            findings.add("important", &declaration.at, || {
                format!("Outlook ignores “{property}” because of its “!important”: leave that out.")
            });
        }
        let value = declaration.value.to_ascii_lowercase();
        if is_box {
            spacing(element, declaration, &value, findings);
            sizes(element, declaration, &value, findings);
        }
        if is_new {
            layout(declaration, &value, findings);
            fonts(declaration, &value, findings);
            looks(declaration, &value, findings);
            units(declaration, &value, findings);
            colours(declaration, &value, findings);
        }
    }
}

fn layout(declaration: &Declaration<'_>, value: &str, findings: &mut Findings) {
    let property = &*declaration.property;
    let moved = match property {
        "display" => ["flex", "grid", "inline-block", "table"].iter().any(|kind| value.contains(kind)),
        "float" => value != "none",
        "position" => value != "static",
        "column-count" | "columns" | "gap" | "order" | "transform" | "z-index" => true,
        _ => {
            property.starts_with("flex")
                || property.starts_with("grid")
                || property.starts_with("justify-")
                || property.starts_with("align-")
        }
    };
    if moved {
        let written = first_words(&format!("{property}: {value}"));
        findings.add("layout", &declaration.at, || {
            format!("Outlook ignores “{written}”: to place things side by side, put them into cells of a table.")
        });
    }
}

fn fonts(declaration: &Declaration<'_>, value: &str, findings: &mut Findings) {
    if declaration.property != "font-family" || is_open(value) {
        return;
    }
    let value = value.replace("&quot;", "'").replace("&#39;", "'");
    let mut names = value.split(',').map(|name| name.trim().trim_matches(['\'', '"']).trim());
    if !names.any(|name| FONTS.contains(&name)) {
        findings.add("web-font", &declaration.at, || {
            "No font in this list is on every computer: add one such as Arial, Calibri, Georgia, “Segoe UI” or Verdana."
                .into()
        });
    }
}

fn looks(declaration: &Declaration<'_>, value: &str, findings: &mut Findings) {
    let property = &*declaration.property;
    let nothing = matches!(value, "0" | "0px" | "none" | "1" | "normal");
    if property.starts_with("background") && (value.contains("url(") || property == "background-image") {
        findings.add("background-image", &declaration.at, || {
            "Outlook shows no background images: use a colour, or an image in a cell.".into()
        });
    } else if value.contains("gradient(")
        || (!nothing
            && (property.ends_with("radius")
                || property.ends_with("-shadow")
                || matches!(property, "opacity" | "filter" | "mix-blend-mode" | "clip-path")))
    {
        findings.add("decoration", &declaration.at, || {
            format!(
                "Outlook ignores “{property}”: make sure that the design looks right without it, or draw it into an \
                 image."
            )
        });
    }
}

fn spacing(element: &Element<'_, '_>, declaration: &Declaration<'_>, value: &str, findings: &mut Findings) {
    let (property, name) = (&*declaration.property, element.name());
    let is_zero = value.split_ascii_whitespace().all(|part| pixels(part) == Some(0.0));
    let wrong = if property.starts_with("padding") {
        !is_zero && !element.is_cell()
    } else if property.starts_with("margin") {
        let block =
            matches!(name, "p" | "div" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "li" | "blockquote");
        !is_zero && (!block || value.contains("auto") || value.contains('-'))
    } else {
        false
    };
    if wrong {
        findings.add("spacing", &declaration.at, || {
            format!("Outlook ignores this “{property}” on “<{name}>”: give the cell around it padding, or add an empty row or cell.")
        });
    }
}

fn sizes(element: &Element<'_, '_>, declaration: &Declaration<'_>, value: &str, findings: &mut Findings) {
    let (property, name) = (&*declaration.property, element.name());
    match property {
        // An image's own attributes say it for Outlook.
        "width" | "height"
            if value != "auto"
                && (is_inline(name)
                    || matches!(name, "div" | "p")
                    || (name == "img" && element.tag.attribute(property).is_none())) =>
        {
            findings.add("box-size", &declaration.at, || {
                format!(
                    "Outlook ignores the {property} of “<{name}>” in a style: set the size of the cell or table \
                     around it, or the attributes of an image."
                )
            });
        }
        "max-width" | "min-width" if value != "none" && element.tag.attribute("width").is_none() => {
            findings.add("max-width", &declaration.at, || {
                format!("Outlook does not support {property}: add a width attribute.")
            });
        }
        _ => {}
    }
}

fn units(declaration: &Declaration<'_>, value: &str, findings: &mut Findings) {
    let functions = ["calc(", "min(", "max(", "clamp(", "var(", "env("];
    let numbers = value.split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
    let unit = |word: &str| {
        let unit = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        unit.len() < word.len()
            && matches!(
                unit,
                "rem" | "vw" | "vh" | "vmin" | "vmax" | "ch" | "ex" | "fr" | "dvw" | "dvh" | "svh" | "lvh"
            )
    };
    if functions.iter().any(|function| value.contains(function))
        || (!value.contains('#') && numbers.into_iter().any(unit))
    {
        findings
            .add("units", &declaration.at, || "Outlook does not support this unit: write the size in px or pt.".into());
    }
}

fn colours(declaration: &Declaration<'_>, value: &str, findings: &mut Findings) {
    let property = &*declaration.property;
    if is_open(value) {
        return;
    }
    let known = |word: &str| {
        colour::read(word).is_some()
            || matches!(word, "transparent" | "none" | "inherit" | "initial" | "auto" | "windowtext")
    };
    let wrong = if property == "color" || property.ends_with("-color") {
        !known(value)
    } else if property == "background" || property.starts_with("border") {
        let functions = ["rgb", "hsl", "hwb(", "lab(", "lch("];
        functions.iter().any(|function| value.contains(function))
            || value.split_ascii_whitespace().any(|word| word.starts_with('#') && !known(word))
    } else {
        false
    };
    if wrong && !value.contains("url(") && !value.contains("gradient(") {
        let written = first_words(value);
        findings.add("colour", &declaration.at, || {
            format!("Write the colour “{written}” as #rrggbb, six digits after the number sign.")
        });
    }
}

/// A length in pixels, if it is one.
pub(super) fn pixels(text: &str) -> Option<f64> {
    let text = text.trim();
    let (number, factor) = match text.strip_suffix("pt") {
        Some(points) => (points, 4.0 / 3.0),
        None => (text.strip_suffix("px").unwrap_or(text), 1.0),
    };
    number.parse::<f64>().ok().filter(|number| number.is_finite()).map(|number| number * factor)
}
