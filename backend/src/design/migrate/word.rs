//! What Word's engine alone would have shown or known: conditional comments, buttons drawn in VML, fields of a mail merge;
//! and what mails have for screens alone, such as a second logo for dark mode. What matters is turned into what templates
//! have; the rest is named.

use std::ops::Range;

/// Longest text that a note quotes, in characters.
const QUOTED: usize = 60;
/// Longest condition of a comment, and longest field of a mail merge with its value, in bytes.
const MAX_CONDITION: usize = 200;
const MAX_FIELD: usize = 20_000;
/// Most texts of Word's alone that are looked for elsewhere.
const MAX_ALONE: usize = 50;
/// How far behind a button drawn in VML its link for everyone else may stand, in bytes.
const TWIN: usize = 3_000;
/// Most notes of one kind.
const MAX_NOTES: usize = 5;
/// What a button's text is padded with, and its colours where nothing says them.
const PADDING: &str = "10px 20px";
const FILL: &str = "#0f6cbd";
const INK: &str = "#ffffff";

/// HTML without what only Word knows, and what became of that.
#[derive(Debug, Default)]
pub(super) struct Plain {
    pub(super) html: String,
    pub(super) notes: Vec<String>,
}

/// Turns what Word alone would have shown into what everyone sees, where it matters.
pub(super) fn plain(html: &str) -> Plain {
    let merged = merge_fields(html);
    let mut plain = Plain::default();
    let mut rest = merged.as_str();
    let mut alone = Vec::new();
    while let Some(found) = Conditional::next(rest) {
        plain.html.push_str(&rest[..found.at.start]);
        let behind = &rest[found.at.end..];
        rest = behind;
        if let Some(button) = Button::read(found.content) {
            let twin = button.twin(behind);
            plain.html.push_str(&button.html());
            let words = &button.text;
            plain.notes.push(format!(
                "The button “{words}” was drawn for Word’s engine (VML): it is a coloured table cell now, which every mail \
                 program shows; Word’s engine leaves out rounded corners."
            ));
            if let Some(twin) = twin {
                plain.html.push_str(&behind[..twin.start]);
                rest = &behind[twin.end..];
            }
        } else if let Some(words) = found.shown() {
            alone.push(words);
        }
    }
    plain.html.push_str(rest);
    let everywhere = visible(&plain.html);
    alone.truncate(MAX_ALONE);
    alone.retain(|words| !everywhere.contains(words.as_str()));
    alone.dedup();
    plain.notes.extend(alone.into_iter().take(MAX_NOTES).map(|words| {
        let words: String = words.chars().take(QUOTED).collect();
        format!("Only Word’s engine would have shown “{words}”: it is left out.")
    }));
    plain.notes.extend(page_colour(html));
    plain.notes.extend(background(html));
    plain
}

/// Images that are hidden until a style sheet for dark mode shows them; their number goes into a note.
pub(super) fn without_hidden(html: &str) -> (String, Option<String>) {
    let mut out = String::with_capacity(html.len());
    let (mut from, mut count) = (0, 0);
    let lower = html.to_ascii_lowercase();
    for (open, _) in lower.match_indices("<img") {
        // A tag that begins in another one's value is part of that.
        if open < from {
            continue;
        }
        let Some(end) = lower[open..].find('>').map(|end| open + end + 1) else { break };
        let tag: String = lower[open..end].chars().filter(|c| !c.is_whitespace()).collect();
        if tag.contains("display:none") || tag.contains("mso-hide:all") {
            out.push_str(&html[from..open]);
            from = end;
            count += 1;
        }
    }
    out.push_str(&html[from..]);
    let note = match count {
        0 => None,
        1 => Some("an image that was hidden"),
        _ => Some("images that were hidden"),
    };
    let note = note.map(|what| {
        format!(
            "A logo for dark mode was lost ({what} until a style sheet shows it): signatures have no such style sheets. Use a \
             logo with a transparent background that can be read on white and on black."
        )
    });
    (out, note)
}

/// A conditional comment.
struct Conditional<'h> {
    at: Range<usize>,
    condition: &'h str,
    content: &'h str,
}

impl<'h> Conditional<'h> {
    /// The first that hides its content from everyone but Word.
    fn next(html: &'h str) -> Option<Self> {
        let mut from = 0;
        loop {
            let start = from + html[from..].find("<!--[if")?;
            let window = &html[start..html.floor_char_boundary(start + MAX_CONDITION)];
            let Some(head) = window.find("]>").map(|head| start + head) else {
                from = start + "<!--[if".len();
                continue;
            };
            let condition = &html[start + "<!--[if".len()..head];
            let content = head + "]>".len();
            // `<!--[if !mso]><!-->` and `<!--[if !vml]-->` hide nothing.
            let shows = condition.trim_start().starts_with('!') || html[content..].starts_with("<!-->");
            if !shows {
                let end = content + html[content..].find("-->")?;
                let inside = html[content..end].trim_end_matches("<![endif]");
                return Some(Self { at: start..end + "-->".len(), condition, content: inside });
            }
            from = content;
        }
    }

    /// The text that it would have shown.
    fn shown(&self) -> Option<String> {
        if self.condition.contains("support") || self.content.trim_start().starts_with("<xml") {
            return None;
        }
        let text = visible(self.content);
        (!text.is_empty()).then_some(text)
    }
}

/// A button.
#[derive(Debug)]
struct Button {
    href: String,
    text: String,
    fill: String,
    ink: String,
    radius: Option<u32>,
}

impl Button {
    /// A button that is drawn in VML.
    fn read(vml: &str) -> Option<Self> {
        let lower = vml.to_ascii_lowercase();
        let open = lower.find("<v:roundrect").or_else(|| lower.find("<v:rect"))?;
        let end = open + lower[open..].find('>')?;
        let tag = &vml[open..end];
        let href = attribute(tag, "href")?;
        let text = visible(&vml[end + 1..]);
        if text.is_empty() {
            return None;
        }
        let height =
            attribute(tag, "style").and_then(|style| property(&style, "height")).and_then(|height| pixels(&height));
        let radius = attribute(tag, "arcsize").and_then(|arc| arc.trim_end_matches('%').parse::<u32>().ok());
        let radius =
            radius.zip(height).map(|(arc, height)| (arc.min(50) * height / 100).min(40)).filter(|radius| *radius > 0);
        Some(Self {
            href,
            text,
            fill: attribute(tag, "fillcolor").and_then(|fill| colour(&fill)).unwrap_or_else(|| FILL.to_owned()),
            ink: property(&vml[end + 1..], "color").and_then(|ink| colour(&ink)).unwrap_or_else(|| INK.to_owned()),
            radius,
        })
    }

    /// Where the same button for everyone else stands in what follows.
    fn twin(&self, behind: &str) -> Option<Range<usize>> {
        let window = &behind[..behind.floor_char_boundary(TWIN)];
        let lower = window.to_ascii_lowercase();
        let mut from = 0;
        while let Some(open) = lower[from..].find("<a").map(|at| from + at) {
            from = open + 2;
            let Some(tag_end) = lower[open..].find('>').map(|end| open + end) else { break };
            let Some(close) = lower[tag_end..].find("</a>").map(|end| tag_end + end) else { break };
            let same = attribute(&window[open..tag_end], "href").is_some_and(|href| href == self.href);
            if same && visible(&window[tag_end + 1..close]) == self.text {
                return Some(open..close + "</a>".len());
            }
        }
        None
    }

    /// As the gallery's designs have buttons.
    fn html(&self) -> String {
        let Self { href, text, fill, ink, radius } = self;
        let radius = radius.map(|radius| format!("; border-radius: {radius}px")).unwrap_or_default();
        let (href, text) = (escaped(href), escaped(text));
        format!(
            "<table role=\"presentation\" border=\"0\" cellpadding=\"0\" cellspacing=\"0\"><tr><td align=\"center\" \
             bgcolor=\"{fill}\" style=\"padding: {PADDING}; background-color: {fill}{radius}; font-family: Arial, sans-serif; \
             font-size: 14px\"><a href=\"{href}\" style=\"color: {ink}; text-decoration: none\">{text}</a></td></tr></table>"
        )
    }
}

/// The fields of a mail merge by their names, `«Title»`, also where a value stands in their place.
fn merge_fields(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("MERGEFIELD") {
        let name = rest[at + "MERGEFIELD".len()..].trim_start_matches(|c: char| c.is_whitespace() || c == '"');
        let name: String = name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        // Between the field's code and its end, each in a comment of its own, stands its value.
        let open = rest[..at].rfind("<!--[if supportFields]>");
        let window = &rest[at..rest.floor_char_boundary(at + MAX_FIELD)];
        let end_of_code = window.find("<![endif]-->").map(|end| end + "<![endif]-->".len());
        let ends = end_of_code.and_then(|from| {
            let next = from + window[from..].find("<!--[if supportFields]>")?;
            let close = next + window[next..].find("<![endif]-->")? + "<![endif]-->".len();
            window[next..close].contains("field-end").then_some(at + close)
        });
        match (open, ends) {
            (Some(open), Some(end)) if !name.is_empty() => {
                out.push_str(&rest[..open]);
                out.extend(["&lt;&lt;", &name, "&gt;&gt;"]);
                rest = &rest[end..];
            }
            _ => {
                out.push_str(&rest[..at + "MERGEFIELD".len()]);
                rest = &rest[at + "MERGEFIELD".len()..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// The colour behind the whole page, which a signature does not have.
fn page_colour(html: &str) -> Option<String> {
    let lower = html.to_ascii_lowercase();
    let open = lower.find("<body")?;
    let tag = &html[open..open + lower[open..].find('>')?];
    let style = attribute(tag, "style").unwrap_or_default();
    let found =
        attribute(tag, "bgcolor").or(property(&style, "background-color")).or(property(&style, "background"))?;
    let colour = colour(found.split_whitespace().next()?)?;
    let is_white = matches!(&*colour.to_ascii_lowercase(), "#fff" | "#ffffff" | "white" | "transparent" | "window");
    (!is_white).then(|| {
        format!("The page’s background colour {colour} was lost: a signature stands on the mail’s own background. Colour a cell instead.")
    })
}

fn background(html: &str) -> Option<String> {
    let lower = html.to_ascii_lowercase();
    let has = lower.contains(" background=") || lower.contains("background-image") || lower.contains("<v:fill");
    has.then(|| {
        "A background image was lost: Word’s engine shows none. Use a background colour or an image.".to_owned()
    })
}

/// The text that a piece of HTML shows, on one line.
fn visible(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        text.push(' ');
        let behind = &rest[at..];
        let is = |name: &str| behind.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
        let close = match behind {
            _ if behind.starts_with("<!--") => "-->",
            _ if is("<style") => "</style>",
            _ if is("<xml") => "</xml>",
            _ => ">",
        };
        rest = behind.find(close).map_or("", |end| &behind[end + close.len()..]);
    }
    text.push_str(rest);
    let text = text.replace("&nbsp;", " ").replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The value of an attribute in a start tag.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let lower = tag.to_ascii_lowercase();
    let at = lower.match_indices(name).map(|(at, _)| at).find(|at| {
        lower[..*at].ends_with(|c: char| c.is_whitespace() || c == '"' || c == '\'')
            && lower[at + name.len()..].trim_start().starts_with('=')
    })?;
    let value = tag[at + name.len()..].trim_start().strip_prefix('=')?.trim_start();
    let value = match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next()?,
        _ => value.split(|c: char| c.is_whitespace() || c == '>').next()?,
    };
    Some(value.replace("&amp;", "&"))
}

/// The value of a property in a style, or in the first style of a piece of HTML that has it.
fn property(style: &str, name: &str) -> Option<String> {
    let lower = style.to_ascii_lowercase();
    let at = lower.match_indices(name).map(|(at, _)| at).find(|at| {
        !lower[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '-')
            && lower[at + name.len()..].trim_start().starts_with(':')
    })?;
    let value = style[at + name.len()..].trim_start().strip_prefix(':')?;
    Some(value.split([';', '"', '\'', '>']).next()?.trim().trim_end_matches("!important").trim().to_owned())
}

/// A colour that may stand in a style; nothing else gets through.
fn colour(text: &str) -> Option<String> {
    let text = text.trim();
    let plain = text.len() <= 30 && text.chars().all(|c| c.is_ascii_alphanumeric() || "#(), .%".contains(c));
    (plain && !text.is_empty()).then(|| text.to_owned())
}

fn pixels(text: &str) -> Option<u32> {
    text.trim().trim_end_matches("px").trim().parse().ok()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
