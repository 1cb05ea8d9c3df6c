//! What a source says of people and groups, as it comes: the first stage of a run.
//!
//! A source is asked by one `fetch` (`entra`, `google`), which sends what it hears through an `Outlet`
//! and, when all is said, gives the `Cursor` for asking only what is new. Later words win over earlier ones, and nothing
//! is promised about their order: a membership may come before its group and before its member.

use crate::outbound::Failure;
use crate::store::{Mapped, SourceSettings};
use api::console::Attribute;
use serde_json::Value;
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc;

/// Most entries of a portion.
const PORTION: usize = 1_000;

/// One thing that a source says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// Somebody who counts, with everything that the source says of them.
    Person(FetchedPerson),
    /// The id of somebody who is not there, or does not count (any more). May be somebody never heard of.
    PersonGone(String),
    /// A group, with its name now.
    Group {
        /// Its id there.
        id: String,
        /// What it is called.
        name: String,
    },
    /// The id of a group that is not there any more.
    GroupGone(String),
    /// A direct membership.
    Member {
        /// The group's id.
        group: String,
        /// The id of who or what is in it; not only of people who count.
        member: String,
        /// Whether the member is a group itself.
        is_group: bool,
        /// Whether the membership ended, rather than is.
        gone: bool,
    },
}

/// Somebody as a source knows them: all of it, never only what changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedPerson {
    /// Their id there, stable.
    pub id: String,
    /// Lower case, primary first, none twice, never empty; not checked for being addresses.
    pub addresses: Vec<String>,
    /// Whether they are a shared mailbox.
    pub shared: bool,
    /// By name of the attribute; trimmed and never empty: what is absent has no value. Neither length nor characters are
    /// checked ([`super::check_value`]).
    pub values: Vec<(Cow<'static, str>, String)>,
    /// Who leads them: what the attribute `manager` goes by.
    pub manager: Manager,
}

/// Who leads somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manager {
    /// As said earlier in this fetch; else, in a fetch with a cursor, as at the last one; else nobody.
    Unchanged,
    /// Nobody.
    Nobody,
    /// The person with this id there, who need not count.
    Id(String),
    /// Whoever has this address, lower case.
    Address(String),
}

/// Where to go on next time. Opaque text, for this very source alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// As it was kept ([`Cursor::as_str`]).
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// To be kept until the next fetch.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a fetch did not end; each variant is a decision. What was sent until then is incomplete.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The cursor, or a link within the fetch, cannot be used (any more): fetch everybody, from the start.
    #[error("the source refuses the links that it gave to go on from, over and over: the next run begins anew")]
    CursorGone,
    /// Nobody listens any more.
    #[error("the fetch was cancelled")]
    Cancelled,
    /// The source lets us not do this until somebody changes something there or in our settings.
    #[error("{detail}")]
    Refused {
        /// What it says, and what to do.
        detail: String,
    },
    /// The source has too much to do with us.
    #[error("the source asks for a pause: it will be asked again later")]
    Throttled {
        /// After how many milliseconds it may be asked again.
        retry_ms: u64,
    },
    /// The source cannot be reached or does not work: it may by itself, later.
    #[error("{detail}")]
    Away {
        /// What happened.
        detail: String,
    },
    /// What it answers makes no sense, so neither would asking again soon.
    #[error("{detail}")]
    Wrong {
        /// What happened.
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

/// Who and what is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Whether guests count (Entra ID).
    pub guests: bool,
    /// Whether accounts that nobody can sign in to count, as shared mailboxes (Entra ID).
    pub shared: bool,
    /// Whether groups and memberships are fetched.
    pub groups: bool,
}

impl From<&SourceSettings> for Extent {
    fn from(settings: &SourceSettings) -> Self {
        Self { guests: settings.guests, shared: settings.shared, groups: settings.groups }
    }
}

/// Where a fetch puts what it hears. Clones count together.
#[derive(Clone, Debug)]
pub struct Outlet {
    to: mpsc::Sender<Vec<Fetched>>,
    people: Arc<AtomicU64>,
}

impl Outlet {
    /// An outlet that holds at most `portions` portions (at least one) that nobody took, and where they come out. Dropping
    /// the receiver cancels the fetch.
    pub fn new(portions: usize) -> (Self, mpsc::Receiver<Vec<Fetched>>) {
        let (to, from) = mpsc::channel(portions.max(1));
        (Self { to, people: Arc::default() }, from)
    }

    /// How many people came so far, counting whoever comes twice twice.
    pub fn people(&self) -> u64 {
        self.people.load(Ordering::Relaxed)
    }

    /// Sends everything, in portions; waits while nobody takes them.
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

    /// What `fetch` gives, or that nobody waits for it any more.
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

/// What a source knows of people.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Its name there, as in [`FetchedPerson::values`]; `manager` is [`FetchedPerson::manager`]'s display name instead.
    pub name: &'static str,
    /// What people see.
    pub label: &'static str,
    /// The built-in field that it goes to unless somebody says otherwise.
    pub field: Option<&'static str>,
}

impl Known {
    /// Shorter, for tables.
    pub(super) const fn new(name: &'static str, label: &'static str, field: Option<&'static str>) -> Self {
        Self { name, label, field }
    }
}

/// A table of attributes as the console shows it.
pub fn attributes(table: &[Known]) -> Vec<Attribute> {
    table.iter().map(|known| Attribute { name: known.name.to_owned(), label: known.label.to_owned() }).collect()
}

/// Where the attributes of a table go unless somebody says otherwise.
pub fn default_mapping(table: &[Known]) -> Vec<Mapped> {
    let usual = |known: &Known| Some(Mapped { attribute: known.name.to_owned(), field: known.field?.to_owned() });
    table.iter().filter_map(usual).collect()
}

/// Values from pairs of name and what the source says: trimmed, without empty ones.
pub(super) fn values<'a>(
    pairs: impl IntoIterator<Item = (Cow<'static, str>, Option<&'a str>)>,
) -> Vec<(Cow<'static, str>, String)> {
    let trimmed = |(name, value): (Cow<'static, str>, Option<&str>)| {
        let value = value?.trim();
        (!value.is_empty()).then(|| (name, value.to_owned()))
    };
    pairs.into_iter().filter_map(trimmed).collect()
}

/// Values of attributes that a company made for itself, trimmed; empty ones are none.
pub(super) fn own_values<'a>(
    pairs: impl IntoIterator<Item = (String, &'a Value)>,
) -> impl Iterator<Item = (Cow<'static, str>, String)> {
    let trimmed = |(name, value): (String, &Value)| (Cow::Owned(name), text(value).trim().to_owned());
    pairs.into_iter().map(trimmed).filter(|(_, value)| !value.is_empty())
}

/// A value of a company's own: one of JSON's, or a list of them, each with a kind.
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

/// Addresses in order: trimmed, in lower case, none twice, no empty ones.
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
