//! Uploads of the connector: an announcement, then the parts; after the last part, the run continues by itself.

use super::{Importer, RunError, Runs, invalid, new_record};
use crate::directory::mapping::ADDRESS;
use crate::store::{
    By, Cause, FileColumn, Move, Mover, Received, RunKey, RunRecord, RunState, SentColumn, Source, SourceState,
    all_fields,
};
use crate::tenant::Tenant;
use api::connector::{self, NewUpload, UploadColumn};
use std::collections::HashSet;
use std::io::Read as _;
use std::sync::Arc;

/// Reason why an upload was replaced.
const SUPERSEDED: &str = "a newer upload replaced it; nothing was changed";

impl Runs {
    /// Announces an upload; repeating it returns the same run.
    ///
    /// # Errors
    /// When the announcement is invalid, or another run is being planned or applied.
    pub async fn announce(&self, tenant: &Arc<Tenant>, new: &NewUpload, who: Importer) -> Result<RunRecord, RunError> {
        check(tenant, new)?;
        let key = RunKey { tenant: &tenant.id, run: &new.id };
        if let Some(known) = self.0.store.run_record(key).await? {
            let same = known.cause == Cause::Connector && known.upload.digest == new.digest;
            return if same {
                self.get(tenant, &new.id).await
            } else {
                Err(invalid("id", "use a new id for each run"))
            };
        }
        let source = self.0.store.source(&tenant.id, Source::Database).await?;
        if source.state == SourceState::Paused {
            return Err(RunError::Busy("the database source is paused in Paraph's console: resume it under Sources"));
        }
        // A connector runs unattended: it should retry soon rather than at its next interval.
        self.supersede(tenant, Source::Database).await.map_err(|error| match error {
            RunError::Busy(detail) => RunError::Later(detail),
            error => error,
        })?;
        let now_ms = self.0.clock.now_ms();
        self.tidy(&tenant.id, now_ms).await?;
        let column = |column: &UploadColumn| FileColumn {
            name: column.name.clone(),
            samples: Vec::new(),
            field: Some(column.field.clone()),
        };
        let record = RunRecord {
            id: new.id.clone(),
            preview: new.preview,
            name: who.actor.name.clone(),
            rows: i64::try_from(new.rows).unwrap_or(i64::MAX),
            encoding: "utf-8".into(),
            delimiter: ",".into(),
            columns: new.columns.iter().map(column).collect(),
            complete: true,
            upload: crate::store::Upload { parts: i64::from(new.parts), received: 0, digest: new.digest.clone() },
            ..new_record(Source::Database, Cause::Connector, RunState::Fetching, By::new(who.actor, now_ms))
        };
        let sent = |column: &UploadColumn| SentColumn { name: column.name.clone(), field: column.field.clone() };
        let sent: Vec<_> = new.columns.iter().map(sent).collect();
        self.0.store.insert_run(&tenant.id, &record, None).await?;
        self.0.store.note_connector(&tenant.id, &new.program, Some(&sent), now_ms).await?;
        if new.parts == 0 || self.0.store.take_over_files(key, &new.digest).await? {
            self.all_here(tenant, &record).await?;
        }
        self.get(tenant, &new.id).await
    }

    /// Stores a compressed part; one that is stored already is unchanged.
    ///
    /// # Errors
    /// When the part is invalid, too early, or not expected.
    pub async fn receive(
        &self,
        tenant: &Arc<Tenant>,
        id: &str,
        part: u32,
        compressed: &[u8],
    ) -> Result<RunRecord, RunError> {
        let record = self.sent(tenant, id).await?;
        if i64::from(part) >= record.upload.parts {
            return Err(invalid("part", format!("the upload has {} parts, numbered from 0", record.upload.parts)));
        }
        let bytes = unpack(compressed)?;
        match self.0.store.receive(RunKey { tenant: &tenant.id, run: id }, i64::from(part), &bytes).await? {
            Received::Kept(received) if received == record.upload.parts => self.all_here(tenant, &record).await?,
            Received::Kept(_) => {}
            Received::Gap(next) => return Err(invalid("part", format!("part {next} is missing: send it first"))),
            Received::Unwanted if i64::from(part) < record.upload.received => {}
            Received::Unwanted => return Err(RunError::Busy("this upload has ended: start a new one")),
        }
        self.get(tenant, id).await
    }

    /// An upload of this tenant.
    ///
    /// # Errors
    /// [`RunError::NotFound`], and errors of the database.
    pub async fn sent(&self, tenant: &Tenant, id: &str) -> Result<RunRecord, RunError> {
        let record = self.get(tenant, id).await?;
        if record.cause == Cause::Connector { Ok(record) } else { Err(RunError::NotFound) }
    }

    async fn all_here(&self, tenant: &Arc<Tenant>, record: &RunRecord) -> Result<(), RunError> {
        let key = RunKey { tenant: &tenant.id, run: &record.id };
        let (from, mover) = (&[RunState::Fetching], Mover::Asking(&record.actor));
        let step = Move { from, to: RunState::Planning, failure: "", mover };
        self.0.store.move_run(key, step, self.0.clock.now_ms()).await?;
        self.0.leases.wake();
        Ok(())
    }

    /// Cancels a source's waiting runs; fails if one is being planned or applied.
    pub(super) async fn supersede(&self, tenant: &Tenant, source: Source) -> Result<(), RunError> {
        let records = self.0.store.open_runs(&tenant.id, source).await?;
        let works = |run: &RunRecord| {
            matches!(run.state, RunState::Planning | RunState::Applying)
                || run.state == RunState::Fetching && run.cause != Cause::Connector
        };
        if records.iter().any(works) {
            return Err(RunError::Busy("another run of this source is in progress: wait until it has ended"));
        }
        let waits =
            |run: &&RunRecord| run.state == RunState::Fetching || run.state == RunState::Planned && !run.preview;
        for record in records.iter().filter(waits) {
            let key = RunKey { tenant: &tenant.id, run: &record.id };
            let from = &[RunState::Fetching, RunState::Planned];
            let step = Move { from, to: RunState::Cancelled, failure: SUPERSEDED, mover: Mover::Ending };
            self.0.store.move_run(key, step, self.0.clock.now_ms()).await?;
            self.0.store.clear_plan(key).await?;
        }
        Ok(())
    }
}

/// Decompresses a part.
fn unpack(compressed: &[u8]) -> Result<Vec<u8>, RunError> {
    let limit = connector::MAX_PART;
    let mut bytes = Vec::new();
    let mut reader = flate2::read::GzDecoder::new(compressed).take(limit as u64 + 1);
    reader
        .read_to_end(&mut bytes)
        .map_err(|_| invalid("body", "the part is not compressed with gzip: send it again"))?;
    if bytes.is_empty() || bytes.len() > limit {
        return Err(invalid("body", format!("a part has 1 to {limit} bytes before compression")));
    }
    if std::str::from_utf8(&bytes).is_err() {
        return Err(invalid("body", "the part is not UTF-8"));
    }
    Ok(bytes)
}

/// Checks an announcement.
fn check(tenant: &Tenant, new: &NewUpload) -> Result<(), RunError> {
    let hex = |text: &str, digits: usize| {
        text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    if !hex(&new.id, 32) {
        return Err(invalid("id", "an id has 32 lower-case hexadecimal digits"));
    }
    if !hex(&new.digest, 64) {
        return Err(invalid("digest", "the digest is a SHA-256 in 64 lower-case hexadecimal digits"));
    }
    if new.rows > connector::MAX_ROWS {
        let detail = format!("the query returns more than {} rows: narrow it down", connector::MAX_ROWS);
        return Err(invalid("rows", detail));
    }
    let most = connector::MAX_UPLOAD / connector::MAX_PART as u64 * 2;
    if u64::from(new.parts) > most || (new.parts == 0) != (new.rows == 0) {
        return Err(invalid("parts", format!("the number of parts must be 1 to {most}, or 0 without rows")));
    }
    if new.program.chars().count() > 40 {
        return Err(invalid("program", "the program's version has at most 40 characters"));
    }
    check_columns(tenant, &new.columns)
}

fn check_columns(tenant: &Tenant, columns: &[UploadColumn]) -> Result<(), RunError> {
    if columns.len() > connector::MAX_COLUMNS {
        let detail = format!("at most {} columns can be mapped: remove some mappings", connector::MAX_COLUMNS);
        return Err(invalid("columns", detail));
    }
    let known = all_fields(tenant.fields());
    let mut given = HashSet::new();
    for (at, column) in columns.iter().enumerate() {
        let wrong = |detail: String| Err(invalid(format!("columns[{at}]"), detail));
        if column.name.chars().count() > connector::MAX_NAME {
            return wrong(format!(
                "a column's name has at most {} characters: rename it in the query",
                connector::MAX_NAME
            ));
        }
        if column.field != ADDRESS && known.iter().all(|field| field.token != column.field) {
            return wrong(format!(
                "Paraph has no field {:?} for the column {:?}: add it in the console, or map the column to another",
                column.field, column.name
            ));
        }
        if !given.insert(&column.field) {
            return wrong(format!("another column is mapped to {:?} already: choose one of the two", column.field));
        }
    }
    if !given.contains(&ADDRESS.to_owned()) {
        return Err(invalid(
            "columns",
            "no column is mapped to the e-mail address, which identifies the person: map one",
        ));
    }
    Ok(())
}
