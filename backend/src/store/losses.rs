//! What a source has brought so far and took away lately: what its guard measures a plan against.

use super::{Error, Source, Store};
use crate::directory::{Held, Losses, REMEMBERED_MS};
use std::collections::HashSet;

impl Store {
    /// What a source has, as far as a plan that takes this away has to be measured against it.
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

/// People of whom the source has values, or whom it alone added and who are still here.
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

/// What is asked of which source.
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

    /// People who have a field. Within JSON's texts a quotation mark is never bare: what looks like a key is one.
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
