//! Values that a source has now and those that it removed lately, which its guard compares a plan with.

use crate::clock::DAY_MS;
use crate::store::{Error, Source, Store};
use std::collections::{BTreeMap, HashSet};

/// How long the guard counts a source's losses, in milliseconds, so that gradual losses are noticed.
pub const REMEMBERED_MS: i64 = 7 * DAY_MS;
/// Minimum number of lost fields or memberships for the guard, because single ones change every day. Lost people count from
/// the first.
pub const LOST_FROM: u64 = 2;

/// What a plan would remove. People are identified by id.
#[derive(Clone, Debug, Default)]
pub struct Losses {
    /// Whether the source was read completely, so that missing people are removed.
    pub whole: bool,
    /// People who are still in the source.
    pub kept: u64,
    /// People who lose a value or are removed.
    pub people: HashSet<String>,
    /// Of these, people without any values left from the source.
    pub emptied: u64,
    /// For each token, the number of people who lose this field and keep another one.
    pub fields: BTreeMap<String, u64>,
    /// People who are removed from a group.
    pub members: HashSet<String>,
    /// Groups that are removed.
    pub groups: u64,
    /// Groups that are removed from their parent group.
    pub nested: u64,
}

impl Losses {
    /// Whether nothing is removed, so that no confirmation is needed.
    pub fn is_none(&self) -> bool {
        let is_empty_answer = self.whole && self.kept == 0;
        !is_empty_answer && self.people.is_empty() && self.members.is_empty() && self.groups + self.nested == 0
    }

    /// The fields for which the number of people who have them is needed.
    pub fn counted_fields(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(|(_, lost)| **lost >= LOST_FROM).map(|(token, _)| token.as_str())
    }
}

/// What a source has now.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// People with values from the source, or who were added by it alone.
    pub people: u64,
    /// The same, including people who were removed lately.
    pub people_lately: u64,
    /// Ids of people who lately lost a value or were removed.
    pub lost_lately: HashSet<String>,
    /// For each token, the number of people with a value from the source.
    pub fields: BTreeMap<String, u64>,
    /// People in the source's groups, including those who were removed from one lately.
    pub members_lately: u64,
    /// Ids of people who were lately removed from a group.
    pub left_lately: HashSet<String>,
    /// Number of the source's groups.
    pub groups: u64,
    /// Number of groups within the source's groups.
    pub nested: u64,
}

impl Store {
    /// What a source has now, as far as it is needed to judge these losses.
    pub async fn held(&self, tenant: &str, source: Source, lost: &Losses, now_ms: i64) -> Result<Held, Error> {
        let asked = Asked { store: self, tenant, source, since_ms: now_ms - REMEMBERED_MS };
        let mut held = Held {
            people: asked.count(PEOPLE).await?,
            people_lately: asked.count_lately(PEOPLE_LATELY).await?,
            lost_lately: asked.lately("values").await?,
            ..Held::default()
        };
        for token in lost.counted_fields() {
            held.fields.insert(token.to_owned(), asked.having(token).await?);
        }
        if !lost.members.is_empty() {
            held.members_lately = asked.count_lately(MEMBERS_LATELY).await?;
            held.left_lately = asked.lately("groups").await?;
        }
        if lost.groups > 0 {
            held.groups = asked.count(GROUPS).await?;
        }
        if lost.nested > 0 {
            held.nested = asked.count(NESTED).await?;
        }
        Ok(held)
    }
}

/// People with values from the source, or who were added by it alone and still exist.
const PEOPLE: &str = "select count(*) from (
    select person from person_values where tenant = $1 and source = $2
    union
    select s.person from source_people s join people p on p.tenant = s.tenant and p.id = s.person
    where s.tenant = $1 and s.source = $2 and s.made = 1 and p.gone_ms is null) as held";

const PEOPLE_LATELY: &str = "select count(*) from (
    select person from person_values where tenant = $1 and source = $2
    union
    select s.person from source_people s join people p on p.tenant = s.tenant and p.id = s.person
    where s.tenant = $1 and s.source = $2 and s.made = 1 and p.gone_ms is null
    union
    select person from source_losses where tenant = $1 and source = $2 and what = 'values' and at_ms >= $3) as held";

const MEMBERS_LATELY: &str = "select count(*) from (
    select m.person from memberships m join directory_groups g on g.tenant = m.tenant and g.id = m.group_id
    where m.tenant = $1 and g.source = $2
    union
    select person from source_losses where tenant = $1 and source = $2 and what = 'groups' and at_ms >= $3) as held";

const GROUPS: &str = "select count(*) from directory_groups where tenant = $1 and source = $2";

const NESTED: &str = "select count(*) from group_nesting n
    join directory_groups g on g.tenant = n.tenant and g.id = n.group_id where n.tenant = $1 and g.source = $2";

/// A query about a source of a tenant.
struct Asked<'a> {
    store: &'a Store,
    tenant: &'a str,
    source: Source,
    since_ms: i64,
}

impl Asked<'_> {
    async fn count(&self, sql: &'static str) -> Result<u64, Error> {
        let query = sqlx::query_scalar(sql).bind(self.tenant).bind(self.source.as_str());
        Ok(unsigned(query.fetch_one(self.store.reader()?).await?))
    }

    async fn count_lately(&self, sql: &'static str) -> Result<u64, Error> {
        let query = sqlx::query_scalar(sql).bind(self.tenant).bind(self.source.as_str()).bind(self.since_ms);
        Ok(unsigned(query.fetch_one(self.store.reader()?).await?))
    }

    /// Number of people with a field. Quotation marks in JSON strings are always escaped, so text that looks like a key is
    /// one.
    async fn having(&self, token: &str) -> Result<u64, Error> {
        let sql = "select count(*) from person_values
            where tenant = $1 and source = $2 and replace(fields, '\"' || $3 || '\":', '') <> fields";
        let query = sqlx::query_scalar(sql).bind(self.tenant).bind(self.source.as_str()).bind(token);
        Ok(unsigned(query.fetch_one(self.store.reader()?).await?))
    }

    async fn lately(&self, what: &str) -> Result<HashSet<String>, Error> {
        let sql = "select person from source_losses where tenant = $1 and source = $2 and what = $3 and at_ms >= $4";
        let query = sqlx::query_scalar(sql).bind(self.tenant).bind(self.source.as_str()).bind(what);
        let people: Vec<String> = query.bind(self.since_ms).fetch_all(self.store.reader()?).await?;
        Ok(people.into_iter().collect())
    }
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}
