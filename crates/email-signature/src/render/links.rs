//! Addresses in `href` and `src`: which may stand there, and how values are put into them.

use super::hosts::{self, Goes, Place, VALUE};
use super::mailto;
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

/// Why a literal address is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// What it needs to be one has no value: nothing to complain of.
    Empty,
    /// It is not a whole address, or of a scheme that may not stand there.
    Bad,
}

/// Why values do not make an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// One would change or end the host that it is only a part of.
    Host,
    /// They have no good scheme, or do not make an address at all.
    Address,
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
        let pieces = split(attribute);
        for (at, piece) in pieces.iter().enumerate() {
            match piece {
                Ok(literal) => {
                    before.push_str(literal);
                    match parts.last_mut() {
                        Some(Part::Literal(previous)) => previous.push_str(literal),
                        _ => parts.push(Part::Literal((*literal).to_owned())),
                    }
                }
                Err(slot) => {
                    let place = hosts::place(&before, &text(&pieces[at + 1..]));
                    if slot.empty {
                        lost = true;
                        // Without a part of its host it would be another one.
                        if place == Place::Labels {
                            return Err(Refused::Empty);
                        }
                        continue;
                    }
                    parts.push(Part::Value(slot.index, place));
                    match place {
                        Place::Start(Goes::Scheme) => before.push_str("https"),
                        Place::Start(Goes::Host) => before.push_str("https://x"),
                        _ => before.push(VALUE),
                    }
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
        // A port is a number; a host that ends in one is none but an IPv4 address.
        good && ["1", "x"].into_iter().any(|value| self.is_whole_with(value))
    }

    fn is_whole_with(&self, value: &str) -> bool {
        let sample: String = self
            .parts
            .iter()
            .map(|part| match part {
                Part::Literal(literal) => literal,
                Part::Value(..) => value,
            })
            .collect();
        let behind = sample.split_once(':').map_or("", |(_, behind)| behind.trim_start_matches('/'));
        let missing_host = sample.contains(":///");
        !missing_host
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

    /// The address with its values.
    pub(super) fn fill(&self, values: &[&str]) -> Result<String, Unfit> {
        let url = self.filled(values)?;
        Ok(if mailto::is_mailto(&url) { mailto::normal(&url) } else { url })
    }

    fn filled(&self, values: &[&str]) -> Result<String, Unfit> {
        let mut url = String::with_capacity(64);
        let mut unsure = false;
        for part in &self.parts {
            match part {
                Part::Literal(literal) => url.push_str(literal),
                Part::Value(index, place) => {
                    let value = values.get(*index).copied().unwrap_or_default();
                    unsure |= !matches!(place, Place::Component(_));
                    self.put(&mut url, value, *place)?;
                }
            }
        }
        if !unsure || values::is_plain_http(&url) {
            return Ok(url);
        }
        let parsed = Url::parse(&url).map_err(|_| Unfit::Address)?;
        // A host in another script was percent-encoded; mail programs want its ASCII form.
        let host_is_plain = !url.contains('%');
        Ok(if host_is_plain { url } else { parsed.into() })
    }

    /// Appends a value as its place wants it.
    fn put(&self, url: &mut String, value: &str, place: Place) -> Result<(), Unfit> {
        let check = |is: bool, unfit| if is { Ok(()) } else { Err(unfit) };
        match place {
            Place::Start(Goes::Scheme) => {
                let scheme = value.trim();
                check(hosts::is_scheme(scheme), Unfit::Host)?;
                url.push_str(scheme);
            }
            Place::Start(goes) => {
                let is_image = self.target == Target::Image;
                let is_good = if is_image { values::may_start_image(value) } else { values::may_start_link(value) };
                check(is_good && !has_scheme_for_host(value), Unfit::Address)?;
                check(goes != Goes::Host || hosts::is_start_of_host(value.trim()), Unfit::Host)?;
                check(goes != Goes::Else || !hosts::is_open(value), Unfit::Host)?;
                values::push_unsafe(url, value);
            }
            Place::Host => {
                let value = value.strip_prefix("https://").or(value.strip_prefix("http://")).unwrap_or(value);
                check(hosts::is_host(value), Unfit::Host)?;
                values::push_unsafe(url, value);
            }
            Place::Labels => {
                check(hosts::is_labels(value.trim()), Unfit::Host)?;
                values::push_unsafe(url, value.trim());
            }
            Place::Behind => {
                check(!hosts::is_open(url) || value.starts_with(['/', '?', '#']), Unfit::Host)?;
                values::push_unsafe(url, value);
            }
            Place::Component(keep) => values::push_component(url, value, keep),
        }
        Ok(())
    }
}

/// Whether a mistyped scheme became the host: the filter `url` makes `https://https//example.com` of `https//example.com`.
fn has_scheme_for_host(url: &str) -> bool {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default().trim_end_matches([';', ',', '.']);
    ["http", "https"].iter().any(|scheme| host.eq_ignore_ascii_case(scheme))
}

/// Pieces as a text with [`VALUE`] for each value that is there.
fn text(pieces: &[Result<&str, Slot>]) -> String {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Ok(literal) => text.push_str(literal),
            Err(slot) if slot.empty => {}
            Err(_) => text.push(VALUE),
        }
    }
    text
}

impl Part {
    fn raw<'a>(&'a self, values: &[&'a str]) -> &'a str {
        match self {
            Self::Literal(literal) => literal,
            Self::Value(index, _) => values.get(*index).copied().unwrap_or_default(),
        }
    }
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
        Link::read(attribute, false).unwrap().fill(&[value]).ok()
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
        assert_eq!(
            filled(&format!("mailto:{S}?subject=Über {S}&body=x"), "50%+a?b&c@e.com").as_deref(),
            Some("mailto:50%25+a%3Fb%26c@e.com?subject=%C3%9Cber%2050%25%2Ba%3Fb%26c%40e.com&body=x")
        );
        assert_eq!(
            filled(&format!("mailto:x@e.com?body={S}"), "a\nb").as_deref(),
            Some("mailto:x@e.com?body=a%0D%0Ab")
        );
        assert_eq!(filled(&format!("tel:{S}"), "+4420;ext=1").as_deref(), Some("tel:+4420;ext=1"));
        assert_eq!(filled(&format!("https://{S}"), "exämple.com").as_deref(), Some("https://xn--exmple-cua.com/"));
    }

    #[test]
    fn no_value_makes_another_host_of_an_address() {
        let nasty = [
            "evil.example/",
            "evil.example#",
            "evil.example?",
            "evil.example\\",
            "user@evil.example",
            "x@evil.example/",
            ":8080",
            ":80@evil.example",
            "evil.example%2F",
            "evil.example%23",
            "evil.example:443/",
            "https://evil.example/",
            "//evil.example/",
            "/evil.example",
            "evil.example\u{ff0f}",
            "evil.example\n",
            "evil.example/\u{200b}",
            "[::1]/",
            "evil.example;",
            "evil.example,",
            "javascript:alert(1)//",
            "evil.example ",
            ".evil.example/",
            "a b",
            "-",
            "..",
            ".",
        ];
        let templates = [
            ("https://S.example.com/", ".example.com"),
            ("https://S.example.com", ".example.com"),
            ("https://www.S.example.com/x", ".example.com"),
            ("Https://S.example.com/", ".example.com"),
            ("https://S@example.com/", "example.com"),
            ("https://user:S@example.com/", "example.com"),
            ("https://example.com:S/", "example.com"),
            ("https://example.comS", "example.com"),
            ("https://example.comS/x", "example.com"),
            ("S://example.com/", "example.com"),
            ("https://example.com/S", "example.com"),
            ("https://example.com?x=S", "example.com"),
            ("https://example.com#S", "example.com"),
        ];
        for (template, suffix) in templates {
            let link = Link::read(&template.replace('S', S), false).unwrap();
            for value in nasty {
                let Ok(url) = link.fill(&[value]) else { continue };
                let host = Url::parse(&url).unwrap().host_str().unwrap().to_owned();
                let is_ours = host == suffix || host.ends_with(&format!(".{}", suffix.trim_start_matches('.')));
                assert!(is_ours, "{template} with {value:?}: {url}");
                assert!(!url.contains("@evil"), "{template} with {value:?}: {url}");
            }
        }
        for (template, value) in [
            ("S.example.com/", "https://evil.example/"),
            ("S.example.com/", "https://evil.example?"),
            ("S@example.com/", "https://evil.example/"),
            ("S:8080/", "https://evil.example#"),
            ("Steam/", "https://evil.example"),
            ("https://S:8080/", "evil.example/"),
            ("https://S", "good.example@evil.example"),
            ("https://S/x", "good.example\\@evil.example"),
            ("mailto:info@S", "example.com,evil@evil.example"),
            ("mailto:info@S", "example.com?bcc=evil@evil.example"),
        ] {
            let filled = Link::read(&template.replace('S', S), false).unwrap().fill(&[value]);
            assert_eq!(filled, Err(Unfit::Host), "{template} with {value}");
        }
        assert_eq!(
            filled(&format!("mailto:{S}@example.com"), "evil@evil.example,x").as_deref(),
            Some("mailto:evil%40evil.example%2Cx@example.com")
        );
    }

    #[test]
    fn two_values_make_no_other_host_either() {
        let filled = |template: &str, values: [&str; 2]| {
            let template = template.replace('A', S).replace('B', "\u{f0001}");
            Link::read(&template, false).unwrap().fill(&values).ok()
        };
        assert_eq!(filled("AB", ["https://example.com", "/team"]).as_deref(), Some("https://example.com/team"));
        assert_eq!(filled("AB", ["https://example.com", ".evil.example"]), None);
        assert_eq!(filled("AB", ["https://example.com", "@evil.example"]), None);
        assert_eq!(filled("https://AB", ["example.com", "/team"]).as_deref(), Some("https://example.com/team"));
        assert_eq!(filled("https://AB/x", ["example.com", ":80@evil.example"]), None);
        assert_eq!(filled("https://AB.example.com/", ["a", "b/"]), None);
        assert_eq!(filled("https://A.B/", ["www", "example.com"]).as_deref(), Some("https://www.example.com/"));
        assert_eq!(filled("A://B.example.com/", ["https", "x/"]), None);
    }

    #[test]
    fn names_numbers_and_whole_addresses_stand_where_they_stood() {
        for (template, value, url) in [
            ("https://S.example.com/", "ada", "https://ada.example.com/"),
            ("https://S.example.com/", "eu.ada-1", "https://eu.ada-1.example.com/"),
            ("https://S.example.com/", "b\u{fc}cher", "https://xn--bcher-kva.example.com/"),
            ("https://www.S/x", "example.com", "https://www.example.com/x"),
            ("https://example.com:S/", "8080", "https://example.com:8080/"),
            ("https://example.comS", "/team?x=1", "https://example.com/team?x=1"),
            ("S://example.com/", "https", "https://example.com/"),
            ("S/contact", "https://example.com", "https://example.com/contact"),
            ("S&utm=mail", "https://example.com/p?x=1", "https://example.com/p?x=1&utm=mail"),
            ("Steam", "https://example.com/", "https://example.com/team"),
            ("S.example.com/", "https://ada", "https://ada.example.com/"),
            ("https://S", "example.com:8443/x", "https://example.com:8443/x"),
            ("mailto:S@example.com", "ada+x", "mailto:ada+x@example.com"),
            ("mailto:info@S", "example.com", "mailto:info@example.com"),
        ] {
            assert_eq!(filled(&template.replace('S', S), value).as_deref(), Some(url), "{template} with {value}");
        }
    }

    #[test]
    fn an_address_without_its_value_is_none_and_no_fault() {
        for empty in [
            format!("https://{E}.example.com/"),
            format!("https://example.com:{E}/"),
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
