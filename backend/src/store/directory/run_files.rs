//! Received data of a run, stored as pieces of text: a CSV file at once, an upload part by part.

use super::runs::RunKey;
use crate::store::{Error, Store, Write};
use futures_util::TryStreamExt;
use sqlx::Row;

/// Bytes of a file in one row.
const PIECE: usize = 1024 * 1024;

/// Result of storing a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// Stored; with the number of parts received.
    Kept(i64),
    /// An earlier part is missing; with the number of the next part.
    Gap(i64),
    /// The run does not expect any parts.
    Unwanted,
}

impl Store {
    /// Stores a part of an upload, numbered from 0; one that is stored already is unchanged.
    pub async fn receive(
        &self,
        RunKey { tenant, run }: RunKey<'_>,
        part: i64,
        bytes: &[u8],
    ) -> Result<Received, Error> {
        let mut write = self.begin().await?;
        let received: Option<i64> = sqlx::query_scalar(
            "update runs set received = received where tenant = $1 and id = $2 and state = 'fetching' returning received",
        )
        .bind(tenant)
        .bind(run)
        .fetch_optional(&mut *write)
        .await?;
        let Some(received) = received else { return Ok(Received::Unwanted) };
        if part != received {
            return Ok(if part < received { Received::Kept(received) } else { Received::Gap(received) });
        }
        sqlx::query("insert into run_files (tenant, run, number, bytes) values ($1, $2, $3, $4)")
            .bind(tenant)
            .bind(run)
            .bind(part)
            .bind(bytes)
            .execute(&mut *write)
            .await?;
        sqlx::query("update runs set received = $3 where tenant = $1 and id = $2")
            .bind(tenant)
            .bind(run)
            .bind(part + 1)
            .execute(&mut *write)
            .await?;
        write.commit().await?;
        Ok(Received::Kept(part + 1))
    }

    /// Copies the parts of an ended upload with the same digest to a new one; returns whether there was one.
    pub async fn take_over_files(&self, RunKey { tenant, run }: RunKey<'_>, digest: &str) -> Result<bool, Error> {
        let mut write = self.begin().await?;
        let before: Option<String> = sqlx::query_scalar(
            "select r.id from runs r where r.tenant = $1 and r.digest = $2 and r.id <> $3 and r.received = r.parts
                 and (r.state in ('applied', 'failed', 'cancelled') or r.state = 'planned' and r.preview = 1)
                 and (select count(*) from run_files f where f.tenant = r.tenant and f.run = r.id) = r.parts
             order by r.created_ms desc limit 1",
        )
        .bind(tenant)
        .bind(digest)
        .bind(run)
        .fetch_optional(&mut *write)
        .await?;
        let Some(before) = before else { return Ok(false) };
        let waits = sqlx::query(
            "update runs set received = parts where tenant = $1 and id = $2 and state = 'fetching' and received = 0",
        );
        if waits.bind(tenant).bind(run).execute(&mut *write).await?.rows_affected() == 0 {
            return Ok(false);
        }
        let update = sqlx::query("update run_files set run = $3 where tenant = $1 and run = $2");
        update.bind(tenant).bind(before).bind(run).execute(&mut *write).await?;
        write.commit().await?;
        Ok(true)
    }

    /// Deletes the received data of earlier uploads.
    pub async fn clear_files_before(&self, RunKey { tenant, run }: RunKey<'_>) -> Result<(), Error> {
        let delete = sqlx::query(
            "delete from run_files where tenant = $1 and run in (
                 select r.id from runs r join runs n on n.tenant = r.tenant and n.id = $2
                 where r.tenant = $1 and r.cause = 'connector' and r.id <> $2 and r.created_ms <= n.created_ms
                     and r.state in ('applied', 'failed', 'cancelled', 'planned'))",
        );
        delete.bind(tenant).bind(run).execute(self.writer()?).await?;
        Ok(())
    }

    /// The received data as one text; `None` if it was deleted.
    pub async fn run_text(&self, RunKey { tenant, run }: RunKey<'_>) -> Result<Option<String>, Error> {
        let mut rows = sqlx::query("select bytes from run_files where tenant = $1 and run = $2 order by number")
            .bind(tenant)
            .bind(run)
            .fetch(self.reader()?);
        let mut file = Vec::new();
        while let Some(row) = rows.try_next().await? {
            file.extend(row.try_get::<Vec<u8>, _>(0)?);
        }
        let text = String::from_utf8(file).map_err(|_| Error::Corrupt("a staged file is not UTF-8".into()))?;
        Ok(Some(text).filter(|text| !text.is_empty()))
    }
}

/// Stores a complete file.
pub(in crate::store) async fn put(
    write: &mut Write,
    RunKey { tenant, run }: RunKey<'_>,
    text: &str,
) -> Result<(), Error> {
    for (number, piece) in (0_i64..).zip(text.as_bytes().chunks(PIECE)) {
        sqlx::query("insert into run_files (tenant, run, number, bytes) values ($1, $2, $3, $4)")
            .bind(tenant)
            .bind(run)
            .bind(number)
            .bind(piece)
            .execute(&mut **write)
            .await?;
    }
    Ok(())
}
