//! The audit: who changed what, and when. Append-only: there is no update or delete.

use super::tenants::changes::{self, About};
use super::{Error, Store, Write};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::Row;
use sqlx::any::AnyRow;

/// The author of a change, and their network address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// A person's id, `account:ID`, `token:ID`, or `cli`.
    pub id: String,
    /// Name for people, because the id may no longer exist later: a name with its address, or a token's name.
    pub name: String,
    /// The network address; empty for the command line.
    pub address: String,
}

impl Actor {
    /// Name for people, or the id if there is none.
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
    /// The tenant's version after the change.
    pub version: i64,
    /// Time of the change, in milliseconds UTC.
    pub at_ms: i64,
    /// Author of the change.
    pub actor: Actor,
    /// Action, such as `import`, `set_values` or `link`.
    pub action: String,
    /// Id of the changed person or object.
    pub subject: String,
    /// Details, as JSON.
    pub detail: String,
}

/// Filter for a list of changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter<'a> {
    /// Only this action.
    pub action: Option<&'a str>,
    /// From this time on.
    pub from_ms: Option<i64>,
    /// Before this time.
    pub until_ms: Option<i64>,
}

/// Position of an entry: the tenant's version, and the entry's number within one change.
pub type AuditPlace = (i64, i64);

impl Store {
    /// Changes before a position, newest first: at most `limit`.
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

    /// All actions that occur, sorted.
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
    /// The tenant's version after the change.
    pub(super) version: i64,
    /// Data that nodes with the tenant in memory must read again.
    pub(super) about: About<'a>,
    pub(super) by: By,
    /// What was done, such as `set_values`.
    pub(super) action: &'a str,
    /// Changed person or object: an id or, if that may not exist later, a name.
    pub(super) subject: &'a str,
    pub(super) detail: Value,
}

/// Writes the audit entry of a change in its transaction, and what other nodes must read again.
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
