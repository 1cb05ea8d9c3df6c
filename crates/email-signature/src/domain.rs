//! Mail domains in one form, and how an admin writes several of them at once.

use crate::Address;
use std::borrow::Cow;
use std::fmt;

/// A domain as domains are compared: lower case, and international names as they are read, in NFC:
/// `xn--mnchen-3ya.example` and `MÜNCHEN.example` are both `münchen.example` (UTS #46, as browsers do it). What is no valid
/// name stays as it is written, in lower case.
pub(crate) fn canonical(domain: &str) -> Cow<'_, str> {
    let upper = domain.bytes().any(|byte| byte.is_ascii_uppercase());
    // Punycode is told by its prefix, wherever a label begins.
    let plain = domain.is_ascii() && !domain.split('.').any(is_punycode);
    match (plain, upper) {
        (true, false) => Cow::Borrowed(domain),
        (true, true) => Cow::Owned(domain.to_ascii_lowercase()),
        (false, _) => Cow::Owned(international(domain)),
    }
}

fn is_punycode(label: &str) -> bool {
    label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--"))
}

#[cfg(feature = "engine")]
fn international(domain: &str) -> String {
    let (read, valid) = idna::domain_to_unicode(domain);
    if valid.is_ok() { read } else { domain.to_lowercase() }
}

/// Only the server compares domains.
#[cfg(not(feature = "engine"))]
fn international(domain: &str) -> String {
    domain.to_lowercase()
}

/// The domains that an admin means: `example.com` is that domain alone, `*.example.com` is that domain with everything below
/// it. Exchange reads its accepted and remote domains in the same way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DomainPattern<'a> {
    name: Cow<'a, str>,
    below: bool,
}

impl<'a> DomainPattern<'a> {
    /// Reads what was written, with or without the `@` that stands before a domain in an address. Never fails: what no
    /// domain can be is a pattern that no domain meets.
    pub fn read(written: &'a str) -> Self {
        let written = written.trim();
        let written = written.strip_prefix("*@").or(written.strip_prefix('@')).unwrap_or(written);
        let written = written.strip_suffix('.').unwrap_or(written);
        let above = written.strip_prefix('*').unwrap_or(written).strip_prefix('.');
        Self { name: canonical(above.unwrap_or(written)), below: above.is_some() }
    }

    /// Whether `domain` is one of these. `domain` is as an [`Address`](crate::Address) has it.
    pub fn holds(&self, domain: &str) -> bool {
        !self.is_empty() && (self.name == domain || (self.below && is_below(domain, &self.name)))
    }

    /// Whether every domain of `other` is one of these.
    pub fn covers(&self, other: &DomainPattern<'_>) -> bool {
        !other.is_empty() && self.holds(&other.name) && (self.below || !other.below)
    }

    /// Whether no domain is one of both.
    pub fn excludes(&self, other: &DomainPattern<'_>) -> bool {
        !self.holds(&other.name) && !other.holds(&self.name)
    }

    /// Whether it names no domain at all.
    pub fn is_empty(&self) -> bool {
        self.name.is_empty()
    }

    /// Whether mail can go to one of these: an address may end so, and it is no single word, unless everything below is meant.
    pub fn is_valid(&self) -> bool {
        (self.below || self.name.contains('.'))
            && !self.name.contains(['*', '/'])
            && Address::parse(&format!("x@{}", self.name)).is_ok()
    }

    /// Every pattern, in the form in which they are kept, that `domain` meets.
    pub fn all_of(domain: &str) -> Vec<String> {
        let name = canonical(domain);
        let below = std::iter::successors(Some(&*name), |rest| rest.split_once('.').map(|(_, above)| above));
        let below: Vec<String> = below.map(|name| format!("*.{name}")).collect();
        [name.into_owned()].into_iter().chain(below).collect()
    }

    /// The same, with a text of its own.
    pub fn into_owned(self) -> DomainPattern<'static> {
        DomainPattern { name: Cow::Owned(self.name.into_owned()), below: self.below }
    }

    /// In words, as it stands in a sentence: `example.com`, or `example.com and its subdomains`.
    pub fn words(&self) -> String {
        if self.below { format!("{} and its subdomains", self.name) } else { self.name.to_string() }
    }
}

/// In the one form in which it is kept: `example.com` or `*.example.com`.
impl fmt::Display for DomainPattern<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.below { "*." } else { "" })?;
        f.write_str(&self.name)
    }
}

fn is_below(domain: &str, above: &str) -> bool {
    domain.strip_suffix(above).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
}

#[cfg(all(test, feature = "engine"))]
mod tests {
    use super::*;

    #[test]
    fn international_names_have_one_form() {
        for (written, one) in [
            ("Example.COM", "example.com"),
            ("xn--mnchen-3ya.example", "münchen.example"),
            ("MÜNCHEN.Example", "münchen.example"),
            ("mu\u{308}nchen.example", "münchen.example"),
            ("mail.XN--BCHER-KVA.example", "mail.bücher.example"),
            ("食狮.公司.cn", "食狮.公司.cn"),
            ("xn--85x722f.xn--55qx5d.cn", "食狮.公司.cn"),
            ("bücher。example", "bücher.example"),
            // No valid Punycode.
            ("xn--a.example", "xn--a.example"),
        ] {
            assert_eq!(canonical(written), one, "{written}");
        }
    }

    #[test]
    fn a_star_takes_in_what_is_below() {
        for (written, domain, holds) in [
            ("example.com", "example.com", true),
            (" @Example.com ", "example.com", true),
            ("example.com.", "example.com", true),
            ("example.com", "mail.example.com", false),
            ("*.example.com", "mail.example.com", true),
            ("*.example.com", "a.b.example.com", true),
            ("*.example.com", "example.com", true),
            ("*@*.example.com", "mail.example.com", true),
            (".example.com", "mail.example.com", true),
            ("*.example.com", "notexample.com", false),
            ("*.example.com", "example.com.evil.org", false),
            ("*.xn--mnchen-3ya.example", "post.münchen.example", true),
            ("*.de", "example.de", true),
            ("", "", false),
            ("*.", "", false),
            ("*.", "example.com", false),
            ("*", "example.com", false),
        ] {
            assert_eq!(DomainPattern::read(written).holds(domain), holds, "{domain} in {written}");
        }
    }

    #[test]
    fn a_domain_knows_the_patterns_that_it_meets() {
        let all = DomainPattern::all_of("Post.XN--mnchen-3ya.example");
        assert_eq!(all, ["post.münchen.example", "*.post.münchen.example", "*.münchen.example", "*.example"]);
        assert!(all.iter().all(|one| DomainPattern::read(one).holds("post.münchen.example")));
    }

    #[test]
    fn what_no_mail_can_go_to_is_not_valid() {
        for (written, valid) in [
            ("example.com", true),
            ("*.de", true),
            ("münchen.example", true),
            ("example", false),
            ("ada@example.com", false),
            ("exa mple.com", false),
            ("https://example.com", false),
            ("*.", false),
            ("*example.com", false),
            ("mail.*.example.com", false),
            ("", false),
        ] {
            assert_eq!(DomainPattern::read(written).is_valid(), valid, "{written}");
        }
    }

    #[test]
    fn patterns_compare_with_each_other() {
        for (one, other, covers, excludes) in [
            ("example.com", "EXAMPLE.com", true, false),
            ("*.example.com", "mail.example.com", true, false),
            ("*.example.com", "*.mail.example.com", true, false),
            ("*.mail.example.com", "*.example.com", false, false),
            ("example.com", "*.example.com", false, false),
            ("example.com", "example.org", false, true),
            ("*.example.com", "*.example.org", false, true),
            ("*.example.com", "*.notexample.com", false, true),
        ] {
            let (one, other) = (DomainPattern::read(one), DomainPattern::read(other));
            assert_eq!((one.covers(&other), one.excludes(&other)), (covers, excludes), "{one} and {other}");
            assert_eq!(other.excludes(&one), excludes, "{other} and {one}");
        }
    }
}
