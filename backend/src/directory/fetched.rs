//! People and groups as a source returns them: the first stage of a run.
//!
//! A `fetch` (`entra`, `google`) sends what it receives through an `Outlet` and finally returns the `Cursor` for fetching
//! only changes next time. Later entries replace earlier ones, and their order is not guaranteed: a membership may come
//! before its group and before its member.

use crate::outbound::Failure;
use crate::store::{Mapped, SourceSettings};
use api::console::Attribute;
use serde_json::Value;
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc;

/// Maximum number of entries in a portion.
const PORTION: usize = 1_000;

/// An entry that a source returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// A person who is included, with all values.
    Person(FetchedPerson),
    /// Id of a person who does not exist or is not included (any more); possibly never seen before.
    PersonGone(String),
    /// A group, with what the source reported about it.
    Group {
        /// Id of the group at the source.
        id: String,
        /// What was reported.
        about: FetchedGroup,
    },
    /// Id of a group that no longer exists.
    GroupGone(String),
    /// A direct membership.
    Member {
        /// The group's id.
        group: String,
        /// Id of the member, which may be a person who is not included.
        member: String,
        /// Whether the member is a group itself.
        is_group: bool,
        /// Whether the membership has ended.
        gone: bool,
    },
    /// A direct membership of someone who is no person of the directory, such as a contact.
    Outsider {
        /// The group's id.
        group: String,
        /// The member's address in lower case, not validated.
        address: String,
        /// Whether the membership has ended.
        gone: bool,
    },
}

/// A group at a source; sources that report only changes leave out the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FetchedGroup {
    /// Name of the group; `None`: unchanged.
    pub name: Option<String>,
    /// Its mail addresses in lower case, not validated; `None`: unchanged.
    pub addresses: Option<Vec<String>>,
}

impl FetchedGroup {
    /// Adds what was reported later.
    pub fn update(&mut self, later: Self) {
        self.name = later.name.or(self.name.take());
        self.addresses = later.addresses.or(self.addresses.take());
    }
}

/// A person at a source, always complete, never only the changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedPerson {
    /// Stable id at the source.
    pub id: String,
    /// Addresses in lower case, primary first, without duplicates, never empty; not validated.
    pub addresses: Vec<String>,
    /// Whether they are a shared mailbox.
    pub shared: bool,
    /// Values by name of the attribute; trimmed and never empty, because missing attributes have no value. Length and
    /// characters are not checked ([`super::check_value`]).
    pub values: Vec<(Cow<'static, str>, String)>,
    /// The person's manager, for the attribute `manager`.
    pub manager: Manager,
}

/// A person's manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manager {
    /// As earlier in this fetch; otherwise, in a fetch with a cursor, as in the previous fetch; otherwise none.
    Unchanged,
    /// No manager.
    Nobody,
    /// The person with this id at the source, who may not be included.
    Id(String),
    /// The person with this address, in lower case.
    Address(String),
}

/// Position from which the next fetch continues: opaque text for this source only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// Restores a stored cursor ([`Cursor::as_str`]).
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Text to store until the next fetch.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a fetch failed; each variant is a decision. The entries that were sent are incomplete.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The cursor, or a link within the fetch, is not valid (any more): fetch everyone from the start.
    #[error("the source keeps rejecting its own links: the next run fetches everything")]
    CursorGone,
    /// The receiver was dropped.
    #[error("the fetch was cancelled")]
    Cancelled,
    /// The source denies access until its settings or ours are changed.
    #[error("{detail}")]
    Refused {
        /// Message of the source, and what to do.
        detail: String,
    },
    /// The source throttles our requests.
    #[error("the source asks for a pause: the next run tries again")]
    Throttled {
        /// Milliseconds until the next allowed request.
        retry_ms: u64,
    },
    /// The source is unreachable or not working, possibly temporarily.
    #[error("{detail}")]
    Away {
        /// The problem.
        detail: String,
    },
    /// The source returned an invalid answer; retrying soon would not help.
    #[error("{detail}")]
    Wrong {
        /// The problem.
        detail: String,
    },
}

impl From<Failure> for FetchError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Gone => Self::CursorGone,
            Failure::Throttled { retry_ms } => Self::Throttled { retry_ms },
            Failure::Reconnect { detail } | Failure::Refused { detail } => Self::Refused { detail },
            Failure::Away { detail } => Self::Away { detail },
            Failure::Wrong { detail } => Self::Wrong { detail },
            changed @ Failure::Changed => Self::Wrong { detail: changed.to_string() },
        }
    }
}

impl FetchError {
    pub(super) fn refused(detail: impl Into<String>) -> Self {
        Self::Refused { detail: detail.into() }
    }

    pub(super) fn wrong(detail: impl Into<String>) -> Self {
        Self::Wrong { detail: detail.into() }
    }
}

/// Selection of what is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Whether guests are included (Entra ID).
    pub guests: bool,
    /// Whether accounts without sign-in are included as shared mailboxes (Entra ID).
    pub shared: bool,
    /// Whether groups and memberships are fetched.
    pub groups: bool,
}

impl From<&SourceSettings> for Extent {
    fn from(settings: &SourceSettings) -> Self {
        Self { guests: settings.guests, shared: settings.shared, groups: settings.groups }
    }
}

/// Receives the entries of a fetch. Clones share their counter.
#[derive(Clone, Debug)]
pub struct Outlet {
    to: mpsc::Sender<Vec<Fetched>>,
    people: Arc<AtomicU64>,
}

impl Outlet {
    /// Creates an outlet that buffers at most `portions` portions (at least one), and its receiver. Dropping the receiver
    /// cancels the fetch.
    pub fn new(portions: usize) -> (Self, mpsc::Receiver<Vec<Fetched>>) {
        let (to, from) = mpsc::channel(portions.max(1));
        (Self { to, people: Arc::default() }, from)
    }

    /// Number of people so far; a person who is returned twice counts twice.
    pub fn people(&self) -> u64 {
        self.people.load(Ordering::Relaxed)
    }

    /// Sends entries in portions; waits while the buffer is full.
    pub(super) async fn send(&self, mut entries: Vec<Fetched>) -> Result<(), FetchError> {
        while !entries.is_empty() {
            let rest = entries.split_off(entries.len().min(PORTION));
            let people = entries.iter().filter(|entry| matches!(entry, Fetched::Person(_))).count();
            self.to.send(entries).await.map_err(|_| FetchError::Cancelled)?;
            self.people.fetch_add(people as u64, Ordering::Relaxed);
            entries = rest;
        }
        Ok(())
    }

    /// Runs `fetch` until the receiver is dropped.
    pub(super) async fn unless_closed<T>(
        &self,
        fetch: impl Future<Output = Result<T, FetchError>>,
    ) -> Result<T, FetchError> {
        tokio::select! {
            ended = fetch => ended,
            () = self.to.closed() => Err(FetchError::Cancelled),
        }
    }
}

/// An attribute of people at a source.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Name at the source, as in [`FetchedPerson::values`]; `manager` is the display name of [`FetchedPerson::manager`].
    pub name: &'static str,
    /// Label that people see.
    pub label: &'static str,
    /// Default field for the attribute.
    pub field: Option<&'static str>,
}

impl Known {
    /// Short constructor for tables.
    pub(super) const fn new(name: &'static str, label: &'static str, field: Option<&'static str>) -> Self {
        Self { name, label, field }
    }
}

/// Attributes for the console.
pub fn attributes(table: &[Known]) -> Vec<Attribute> {
    table.iter().map(|known| Attribute { name: known.name.to_owned(), label: known.label.to_owned() }).collect()
}

/// Default mapping of the attributes.
pub fn default_mapping(table: &[Known]) -> Vec<Mapped> {
    let usual = |known: &Known| Some(Mapped { attribute: known.name.to_owned(), field: known.field?.to_owned() });
    table.iter().filter_map(usual).collect()
}

/// Values from pairs of name and value: trimmed, without empty ones.
pub(super) fn values<'a>(
    pairs: impl IntoIterator<Item = (Cow<'static, str>, Option<&'a str>)>,
) -> Vec<(Cow<'static, str>, String)> {
    let trimmed = |(name, value): (Cow<'static, str>, Option<&str>)| {
        let value = value?.trim();
        (!value.is_empty()).then(|| (name, value.to_owned()))
    };
    pairs.into_iter().filter_map(trimmed).collect()
}

/// Values of custom attributes: trimmed, without empty ones.
pub(super) fn own_values<'a>(
    pairs: impl IntoIterator<Item = (String, &'a Value)>,
) -> impl Iterator<Item = (Cow<'static, str>, String)> {
    let trimmed = |(name, value): (String, &Value)| (Cow::Owned(name), text(value).trim().to_owned());
    pairs.into_iter().map(trimmed).filter(|(_, value)| !value.is_empty())
}

/// Text of a custom attribute: a JSON value, or a list of values with types.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(several) => {
            let texts = several.iter().map(|one| text(one.get("value").unwrap_or(one)));
            texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
        }
        Value::Null | Value::Object(_) => String::new(),
    }
}

/// Addresses in order: trimmed, in lower case, without duplicates and empty ones.
pub(super) fn addresses<'a>(candidates: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for candidate in candidates {
        let address = candidate.trim().to_lowercase();
        if !address.is_empty() && !found.contains(&address) {
            found.push(address);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_comes_at_once_goes_on_in_portions_and_is_counted() {
        let (outlet, mut portions) = Outlet::new(8);
        let gone = (0..2_500).map(|id| Fetched::PersonGone(id.to_string()));
        let person = FetchedPerson {
            id: "ada".into(),
            addresses: vec!["ada@example.com".into()],
            shared: false,
            values: Vec::new(),
            manager: Manager::Nobody,
        };
        outlet.send(gone.chain([Fetched::Person(person)]).collect()).await.unwrap();
        outlet.send(Vec::new()).await.unwrap();
        assert_eq!(outlet.people(), 1);
        drop(outlet);
        let mut sizes = Vec::new();
        while let Some(portion) = portions.recv().await {
            sizes.push(portion.len());
        }
        assert_eq!(sizes, [1_000, 1_000, 501]);
    }

    #[tokio::test]
    async fn when_nobody_listens_a_fetch_ends_in_the_middle() {
        let (outlet, portions) = Outlet::new(1);
        drop(portions);
        let never = std::future::pending::<Result<(), FetchError>>();
        assert_eq!(outlet.unless_closed(never).await, Err(FetchError::Cancelled));
        assert_eq!(outlet.send(vec![Fetched::GroupGone("g".into())]).await, Err(FetchError::Cancelled));
    }

    #[test]
    fn values_are_trimmed_and_empty_ones_are_none() {
        let pairs = [("city", Some(" London ")), ("state", Some("  ")), ("country", None)];
        let found = values(pairs.map(|(name, value)| (name.into(), value)));
        assert_eq!(found, [("city".into(), "London".to_owned())]);
    }

    #[test]
    fn addresses_are_in_lower_case_and_none_comes_twice() {
        let found = addresses(["Ada@Example.com", "countess@example.com", " ADA@example.com", ""]);
        assert_eq!(found, ["ada@example.com", "countess@example.com"]);
    }
}
