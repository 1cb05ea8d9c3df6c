//! An e-mail address, parsed once and compared without regard to case.

use crate::domain;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// An e-mail address in lower case: one `@`, a local part and a domain, at most 254 characters (RFC 5321 §4.5.3.1.3
/// less the angle brackets). An international domain stands in it as it is read, `ada@münchen.example`, however it was
/// written.
///
/// Exchange treats the local part without regard to case, so lower case is the canonical form here too.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address {
    text: String,
    at: usize,
}

/// Why a text is not an e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressError {
    /// More than 254 bytes.
    TooLong,
    /// Not of the form `local@domain`.
    Malformed,
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Address {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Address".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "email", "maxLength": Self::MAX_LEN })
    }
}

impl Address {
    /// Longest address in bytes.
    pub const MAX_LEN: usize = 254;

    /// Parses and lower-cases `text`; surrounding white space is ignored.
    ///
    /// # Errors
    /// Says whether the text is too long or not of the form `local@domain`.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        if text.len() > Self::MAX_LEN {
            return Err(AddressError::TooLong);
        }
        let mut text = lower(text);
        let at = text.rfind('@').ok_or(AddressError::Malformed)?;
        if let Cow::Owned(domain) = domain::canonical(&text[at + 1..]) {
            text.replace_range(at + 1.., &domain);
        }
        let (local, domain) = (&text[..at], &text[at + 1..]);
        let bad = |c: char| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"@".contains(c);
        if local.is_empty() || domain.is_empty() || local.contains(bad) || domain.contains(bad) {
            return Err(AddressError::Malformed);
        }
        if domain.starts_with('.') || domain.ends_with('.') || domain.contains("..") {
            return Err(AddressError::Malformed);
        }
        Ok(Self { text, at })
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The part after the `@`.
    pub fn domain(&self) -> &str {
        &self.text[self.at + 1..]
    }
}

#[cfg(feature = "engine")]
fn lower(text: &str) -> String {
    crate::fold::composed(text.to_lowercase())
}

/// Only the server compares addresses.
#[cfg(not(feature = "engine"))]
fn lower(text: &str) -> String {
    text.to_lowercase()
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.text
    }
}

impl TryFrom<String> for Address {
    type Error = AddressError;
    fn try_from(text: String) -> Result<Self, AddressError> {
        Self::parse(&text)
    }
}

impl std::error::Error for AddressError {}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "an e-mail address has at most {} characters", Address::MAX_LEN),
            Self::Malformed => f.write_str("an e-mail address looks like name@example.com"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_in_lower_case_and_knows_its_domain() {
        let address = Address::parse(" Ada.Lovelace@Example.COM ").unwrap();
        assert_eq!(address.as_str(), "ada.lovelace@example.com");
        assert_eq!(address.domain(), "example.com");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(250));
        assert_eq!(Address::parse(&long), Err(AddressError::TooLong));
        for text in ["", "ada", "@example.com", "ada@", "a b@example.com", "a@b@c.com", "a@.com", "a@b..c", "<a@b.c>"] {
            assert_eq!(Address::parse(text), Err(AddressError::Malformed), "{text}");
        }
    }
}
