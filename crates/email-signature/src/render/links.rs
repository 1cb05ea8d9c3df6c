//! Addresses in `href` and `src`: which may stand there, and how values are put into them.

use super::slots::{self, Slot};
use super::values;
use ammonia::Url;

/// An address, literal or with values in it.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    parts: Vec<Part>,
    /// What it is for.
    pub(crate) target: Target,
}

/// What an address is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// `href`.
    Link,
    /// `src`, an address.
    Image,
    /// `src="image:…"`: the parts make the name of one of our images.
    NamedImage,
}

#[derive(Clone, Debug)]
enum Part {
    Literal(String),
    Value(usize, Place),
}

/// Where in an address a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// At the start: the value brings its scheme, and must have a good one.
    Start,
    /// Behind `https://`: the value may have a host, a path and all.
    Host,
    /// Anywhere else: one component; these bytes besides stay as they are.
    Component(&'static [u8]),
}

/// Why a literal address is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// What it needs to be one has no value: nothing to complain of.
    Empty,
    /// It is not a whole address, or of a scheme that may not stand there.
    Bad,
}

impl Link {
    /// Reads an unescaped attribute of a shape.
    pub(crate) fn read(attribute: &str, is_image: bool) -> Result<Self, Refused> {
        let attribute = attribute.trim();
        if let Some(name) = attribute.strip_prefix("image:").filter(|_| is_image) {
            let mut parts = Vec::new();
            for piece in split(name) {
                parts.push(match piece {
                    Ok(literal) => Part::Literal(literal.to_owned()),
                    Err(slot) if slot.empty => return Err(Refused::Empty),
                    Err(slot) => Part::Value(slot.index, Place::Component(b"")),
                });
            }
            return if parts.is_empty() { Err(Refused::Bad) } else { Ok(Self { parts, target: Target::NamedImage }) };
        }
        let target = if is_image { Target::Image } else { Target::Link };
        let mut before = String::new();
        let mut parts = Vec::new();
        let mut lost = false;
        for piece in split(attribute) {
            match piece {
                Ok(literal) => {
                    before.push_str(literal);
                    match parts.last_mut() {
                        Some(Part::Literal(previous)) => previous.push_str(literal),
                        _ => parts.push(Part::Literal(literal.to_owned())),
                    }
                }
                Err(slot) if slot.empty => lost = true,
                Err(slot) => {
                    parts.push(Part::Value(slot.index, place(&before)));
                    // Stands for a value in what follows: no longer the start, no longer only `https://`.
                    before.push(if before.is_empty() { ':' } else { 'x' });
                }
            }
        }
        let link = Self { parts, target };
        let good = match link.parts.first() {
            None => false,
            Some(Part::Value(..)) => true,
            Some(Part::Literal(literal)) => link.is_whole(literal),
        };
        match (good, lost || attribute.is_empty()) {
            (true, _) => Ok(link),
            (false, true) => Err(Refused::Empty),
            (false, false) => Err(Refused::Bad),
        }
    }

    /// Whether an address that begins with `literal` has a good scheme and something behind it, whatever its values.
    fn is_whole(&self, literal: &str) -> bool {
        let is_image = self.target == Target::Image;
        let good = if is_image { values::may_start_image(literal) } else { values::may_start_link(literal) };
        let sample: String = self
            .parts
            .iter()
            .map(|part| match part {
                Part::Literal(literal) => literal,
                Part::Value(..) => "1",
            })
            .collect();
        let behind = sample.split_once(':').map_or("", |(_, behind)| behind.trim_start_matches('/'));
        let missing_host = sample.contains(":///");
        good && !missing_host
            && !behind.is_empty()
            && !behind.starts_with('?')
            && (values::is_plain_http(&sample) || Url::parse(&sample).is_ok())
    }

    /// The name of our image, if it is one.
    pub(crate) fn image_name(&self, values: &[&str]) -> String {
        self.parts.iter().map(|part| part.raw(values).trim()).collect()
    }

    /// Whether there is no value in it.
    pub(crate) fn is_literal(&self) -> bool {
        self.slots().next().is_none()
    }

    /// The values in it.
    pub(super) fn slots(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().filter_map(|part| match part {
            Part::Value(index, _) => Some(*index),
            Part::Literal(_) => None,
        })
    }

    /// The address with its values; `None`: they do not make one.
    pub(super) fn fill(&self, values: &[&str]) -> Option<String> {
        let mut url = String::with_capacity(64);
        let mut unsure = false;
        for part in &self.parts {
            match part {
                Part::Literal(literal) => url.push_str(literal),
                Part::Value(index, place) => {
                    let value = values.get(*index).copied().unwrap_or_default();
                    match place {
                        Place::Start => {
                            let image = self.target == Target::Image;
                            if !(if image { values::may_start_image(value) } else { values::may_start_link(value) }) {
                                return None;
                            }
                            values::push_unsafe(&mut url, value);
                            unsure = true;
                        }
                        Place::Host => {
                            let value =
                                value.strip_prefix("https://").or(value.strip_prefix("http://")).unwrap_or(value);
                            values::push_unsafe(&mut url, value);
                            unsure = true;
                        }
                        Place::Component(keep) => values::push_component(&mut url, value, keep),
                    }
                }
            }
        }
        if !unsure || values::is_plain_http(&url) {
            return Some(url);
        }
        let parsed = Url::parse(&url).ok()?;
        // A host in another script was percent-encoded; mail programs want its ASCII form.
        let host_is_plain = !url.contains('%');
        Some(if host_is_plain { url } else { parsed.into() })
    }
}

impl Part {
    fn raw<'a>(&'a self, values: &[&'a str]) -> &'a str {
        match self {
            Self::Literal(literal) => literal,
            Self::Value(index, _) => values.get(*index).copied().unwrap_or_default(),
        }
    }
}

fn place(before: &str) -> Place {
    if before.is_empty() {
        return Place::Start;
    }
    let lower = before.to_ascii_lowercase();
    if lower == "https://" || lower == "http://" {
        return Place::Host;
    }
    if lower.starts_with("http") && lower.split_once("://").is_some_and(|(_, rest)| !rest.contains(['/', '?', '#'])) {
        return Place::Host;
    }
    if before.contains('?') || before.contains('#') {
        return Place::Component(b"");
    }
    if lower.starts_with("mailto:") || lower.starts_with("sip:") {
        return Place::Component(b"@+,");
    }
    if lower.starts_with("tel:") || lower.starts_with("sms:") {
        return Place::Component(b"+;=*,()");
    }
    Place::Component(b"")
}

/// Literal pieces and slots of a text.
pub(super) fn split(text: &str) -> Vec<Result<&str, Slot>> {
    let mut pieces = Vec::new();
    let mut literal = 0;
    let mut from = 0;
    // Slots are the only characters of planes 15 and 16, whose first byte is F3 or F4.
    while let Some(at) = text.as_bytes()[from..].iter().position(|&byte| byte >= 0xf3).map(|at| from + at) {
        let c = text[at..].chars().next().unwrap_or_default();
        from = at + c.len_utf8();
        let Some(slot) = slots::slot_at(c) else { continue };
        if literal < at {
            pieces.push(Ok(&text[literal..at]));
        }
        pieces.push(Err(slot));
        literal = from;
    }
    if literal < text.len() {
        pieces.push(Ok(&text[literal..]));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: &str = "\u{f0000}";
    const E: &str = "\u{100000}";

    fn filled(attribute: &str, value: &str) -> Option<String> {
        Link::read(attribute, false).unwrap().fill(&[value])
    }

    #[test]
    fn a_value_at_the_start_needs_a_good_scheme() {
        assert_eq!(filled(S, "https://example.com/a b").as_deref(), Some("https://example.com/a%20b"));
        assert_eq!(filled(S, "mailto:ada@example.com").as_deref(), Some("mailto:ada@example.com"));
        for bad in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "x",
            "//x",
            "https://",
            "https://a b",
        ] {
            assert_eq!(filled(S, bad), None, "{bad}");
        }
    }

    #[test]
    fn a_value_inside_is_encoded_as_its_place_wants() {
        assert_eq!(
            filled(&format!("https://{S}"), "example.com/team?x=1").as_deref(),
            Some("https://example.com/team?x=1")
        );
        assert_eq!(filled(&format!("https://{S}/x"), "https://example.com").as_deref(), Some("https://example.com/x"));
        assert_eq!(filled(&format!("https://e.com/{S}"), "a/b?c").as_deref(), Some("https://e.com/a%2Fb%3Fc"));
        assert_eq!(filled(&format!("mailto:{S}"), "ada+x@e.com").as_deref(), Some("mailto:ada+x@e.com"));
        assert_eq!(
            filled(&format!("mailto:x@e.com?subject={S}"), "a&b @").as_deref(),
            Some("mailto:x@e.com?subject=a%26b%20%40")
        );
        assert_eq!(filled(&format!("tel:{S}"), "+4420;ext=1").as_deref(), Some("tel:+4420;ext=1"));
        assert_eq!(filled(&format!("https://{S}"), "exämple.com").as_deref(), Some("https://xn--exmple-cua.com/"));
    }

    #[test]
    fn an_address_without_its_value_is_none_and_no_fault() {
        for empty in [
            E.to_owned(),
            format!("{E}/contact"),
            format!("https://{E}"),
            format!("mailto:{E}"),
            format!("mailto:{E}?subject=x"),
        ] {
            assert_eq!(Link::read(&empty, false).err(), Some(Refused::Empty), "{empty}");
        }
        for bad in ["/about", "#", "//example.com/x", "ftp://example.com", "image:x", "cid:x", "https://"] {
            assert_eq!(Link::read(bad, false).err(), Some(Refused::Bad), "{bad}");
        }
    }
}
