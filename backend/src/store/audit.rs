//! Who changed what, and when. Append only: there is no update and no delete.

use super::tenants::changes::{self, About};
use super::{Error, Store, Write};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::Row;
use sqlx::any::AnyRow;

/// Who changes something, and from where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// A person's id, `account:ID`, `token:ID`, or `cli`.
    pub id: String,
    /// In words, for whom the id may be gone: a name with its address, or a token's name.
    pub name: String,
    /// The network address; empty for the command line.
    pub address: String,
}

impl Actor {
    /// Who it is, in words; the id where there are none.
    pub fn words(&self) -> &str {
        if self.name.is_empty() { &self.id } else { &self.name }
    }
}

impl From<&str> for Actor {
    fn from(id: &str) -> Self {
        Self { id: id.to_owned(), ..Self::default() }
    }
}

/// Who changes something, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    /// Who.
    pub actor: Actor,
    /// When, in milliseconds UTC.
    pub at_ms: i64,
}

impl By {
    /// An actor, by value or by id, at a time.
    pub fn new(actor: impl Into<Actor>, at_ms: i64) -> Self {
        Self { actor: actor.into(), at_ms }
    }
}

/// What was done, for the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed<'a> {
    /// What it is called, such as `connect_source`.
    pub action: &'a str,
    /// More, as JSON.
    pub detail: Value,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// The tenant's version that the change made.
    pub version: i64,
    /// When, in milliseconds UTC.
    pub at_ms: i64,
    /// Who.
    pub actor: Actor,
    /// What: `import`, `set_values`, `link`.
    pub action: String,
    /// About whom or what, by id.
    pub subject: String,
    /// More, as JSON.
    pub detail: String,
}

/// Which changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter<'a> {
    /// Only this action.
    pub action: Option<&'a str>,
    /// From this time on.
    pub from_ms: Option<i64>,
    /// Before this time.
    pub until_ms: Option<i64>,
}

/// Where an entry is: the tenant's version, and its place among those of one change.
pub type AuditPlace = (i64, i64);

impl Store {
    /// Changes behind a place, the newest first: at most `limit`.
    pub async fn page_audit(
        &self,
        tenant: &str,
        filter: AuditFilter<'_>,
        behind: Option<AuditPlace>,
        limit: usize,
    ) -> Result<Vec<(AuditPlace, AuditEntry)>, Error> {
        let (version, position) = behind.unwrap_or((i64::MAX, i64::MAX));
        let rows = sqlx::query(
            "select version, at_ms, actor, actor_name, address, action, subject, detail, position from audit
             where tenant = $1 and (version < $2 or (version = $2 and position > $3))
                 and ($4 = '' or action = $4) and at_ms >= $5 and at_ms < $6
             order by version desc, position limit $7",
        )
        .bind(tenant)
        .bind(version)
        .bind(position)
        .bind(filter.action.unwrap_or_default())
        .bind(filter.from_ms.unwrap_or(i64::MIN))
        .bind(filter.until_ms.unwrap_or(i64::MAX))
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(self.reader()?)
        .await?;
        rows.iter().map(|row| Ok(((row.try_get(0)?, row.try_get(8)?), entry(row)?))).collect()
    }

    /// Every action that occurs, sorted.
    pub async fn audit_actions(&self, tenant: &str) -> Result<Vec<String>, Error> {
        let actions = sqlx::query_scalar("select distinct action from audit where tenant = $1").bind(tenant);
        let mut actions: Vec<String> = actions.fetch_all(self.reader()?).await?;
        actions.sort();
        Ok(actions)
    }

    /// The tenant's latest changes, newest first.
    pub async fn list_audit(&self, tenant: &str, limit: u32) -> Result<Vec<AuditEntry>, Error> {
        let rows = sqlx::query(
            "select version, at_ms, actor, actor_name, address, action, subject, detail from audit
             where tenant = $1 order by version desc, position limit $2",
        )
        .bind(tenant)
        .bind(i64::from(limit))
        .fetch_all(self.reader()?)
        .await?;
        rows.iter().map(entry).collect()
    }
}

fn entry(row: &AnyRow) -> Result<AuditEntry, Error> {
    Ok(AuditEntry {
        version: row.try_get(0)?,
        at_ms: row.try_get(1)?,
        actor: Actor { id: row.try_get(2)?, name: row.try_get(3)?, address: row.try_get(4)? },
        action: row.try_get(5)?,
        subject: row.try_get(6)?,
        detail: row.try_get(7)?,
    })
}

/// The entry of a change.
pub(super) struct Entry<'a> {
    pub(super) tenant: &'a str,
    /// The version that the change gives the tenant.
    pub(super) version: i64,
    /// What nodes that have the tenant in memory must read again.
    pub(super) about: About<'a>,
    pub(super) by: By,
    /// What was done, such as `set_values`.
    pub(super) action: &'a str,
    /// To whom or what: an id or, where that may be gone later, a name.
    pub(super) subject: &'a str,
    pub(super) detail: Value,
}

/// Writes the entry of a change, in the transaction that makes it, and what other nodes must read again.
pub(super) async fn note(write: &mut Write, entry: Entry<'_>) -> Result<(), Error> {
    let Entry { tenant, version, about, by: By { actor, at_ms }, action, subject, detail } = entry;
    changes::note(write, tenant, version, about).await?;
    // A change has one entry: it is the first.
    sqlx::query(
        "insert into audit (tenant, version, position, at_ms, actor, actor_name, address, action, subject, detail)
         values ($1, $2, 0, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(tenant)
    .bind(version)
    .bind(at_ms)
    .bind(&actor.id)
    .bind(&actor.name)
    .bind(&actor.address)
    .bind(action)
    .bind(subject)
    .bind(detail.to_string())
    .execute(&mut **write)
    .await?;
    Ok(())
}
