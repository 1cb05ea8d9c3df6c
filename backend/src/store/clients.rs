//! Outlook clients that have called in.

use super::{Error, Store};
use sqlx::Row;

/// A person's Outlook on one platform, since the last write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientRecord {
    /// The tenant's id.
    pub tenant: String,
    /// The person's id.
    pub person: String,
    /// The platform.
    pub platform: String,
    /// Version that the client reports.
    pub version: String,
    /// The kind of the last draft.
    pub event: String,
    /// When the client last called in, in milliseconds UTC.
    pub seen_ms: i64,
    /// Number of refused calls: since the last write when written, in total when read.
    pub failures: i64,
    /// Reason of the last refusal.
    pub last_failure: Option<String>,
}

impl Store {
    /// Adds new calls to the stored clients. People who no longer exist are skipped.
    pub async fn upsert_clients(&self, seen: &[ClientRecord]) -> Result<(), Error> {
        let mut write = self.begin().await?;
        for client in seen {
            sqlx::query(
                "insert into clients (tenant, person, platform, version, event, seen_ms, failures, last_failure)
                 select tenant, id, $3, $4, $5, $6, $7, $8 from people where tenant = $1 and id = $2
                 on conflict (tenant, person, platform) do update set version = excluded.version,
                     event = excluded.event, seen_ms = excluded.seen_ms,
                     failures = clients.failures + excluded.failures,
                     last_failure = coalesce(excluded.last_failure, clients.last_failure)",
            )
            .bind(&client.tenant)
            .bind(&client.person)
            .bind(&client.platform)
            .bind(&client.version)
            .bind(&client.event)
            .bind(client.seen_ms)
            .bind(client.failures)
            .bind(&client.last_failure)
            .execute(&mut *write)
            .await?;
        }
        Ok(write.commit().await?)
    }

    /// The tenant's clients, last seen first.
    pub async fn list_clients(&self, tenant: &str) -> Result<Vec<ClientRecord>, Error> {
        let rows = sqlx::query(
            "select tenant, person, platform, version, event, seen_ms, failures, last_failure from clients
             where tenant = $1 order by seen_ms desc, person, platform",
        )
        .bind(tenant)
        .fetch_all(self.reader()?)
        .await?;
        let client = |row: &sqlx::any::AnyRow| {
            Ok(ClientRecord {
                tenant: row.try_get(0)?,
                person: row.try_get(1)?,
                platform: row.try_get(2)?,
                version: row.try_get(3)?,
                event: row.try_get(4)?,
                seen_ms: row.try_get(5)?,
                failures: row.try_get(6)?,
                last_failure: row.try_get(7)?,
            })
        };
        rows.iter().map(client).collect()
    }

    /// Number of the tenant's clients, and of those with failures.
    pub async fn count_clients(&self, tenant: &str) -> Result<(i64, i64), Error> {
        let row = sqlx::query(
            "select count(*), coalesce(sum(case when failures > 0 then 1 else 0 end), 0) from clients where tenant = $1",
        )
        .bind(tenant)
        .fetch_one(self.reader()?)
        .await?;
        Ok((row.try_get(0)?, row.try_get(1)?))
    }

    /// Whether any Outlook has called in.
    pub async fn has_clients(&self, tenant: &str) -> Result<bool, Error> {
        let first: Option<String> = sqlx::query_scalar("select person from clients where tenant = $1 limit 1")
            .bind(tenant)
            .fetch_optional(self.reader()?)
            .await?;
        Ok(first.is_some())
    }
}
