//! Directory runs: fetch → plan → review → apply. The database stores the state of each run, and the holder of its lease
//! continues it.

mod fetch;
mod photos;
mod upload;
mod planning;
mod apply;
mod task;

use super::file::{check_mapping, check_role, fields};
use super::mapping::guess;
use super::outside::Directories;
use super::{Encoding, FileError, csv, decode};
use crate::clock::{Clock, DAY_MS};
use crate::leases::Leases;
use crate::random;
use crate::store::{
    self, Actor, By, Cause, Move, Mover, Paging, Role, RunKey, RunRecord, RunState, RunsOf, Source, Store,
};
use crate::tenant::{Tenant, Tenants};
use api::console::ApplyRun;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use task::Running;

/// How long runs are kept for review.
const KEPT_MS: i64 = 7 * DAY_MS;
/// Maximum length of a file's name, in characters.
const MAX_NAME: usize = 200;

/// An uploaded file.
#[derive(Clone, Debug, Default)]
pub struct Upload {
    /// Name of the file.
    pub name: String,
    /// Delimiter; `None` to detect it.
    pub delimiter: Option<String>,
    /// Encoding; `None` to detect it.
    pub encoding: Option<String>,
}

/// Mapping of a file's columns to fields, and source of its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileMapping {
    /// One entry per column, in order: a field's token, `address`, or `None`.
    pub fields: Vec<Option<String>>,
    /// Source of the values: [`Source::Csv`] or [`Source::Manual`].
    pub source: Source,
    /// Whether people who are not in the file lose the values of earlier files.
    pub complete: bool,
}

/// User of an import.
#[derive(Clone, Debug)]
pub struct Importer {
    /// Actor for the audit.
    pub actor: Actor,
    /// Role, which decides which fields can be edited.
    pub role: Role,
}

/// What begins to ask a source.
#[derive(Clone, Debug)]
pub struct Starter {
    /// Why it is asked.
    pub cause: Cause,
    /// Who has it asked, for the audit.
    pub actor: Actor,
}

/// Why a request about a run failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// The run does not exist in this tenant.
    #[error("this run does not exist")]
    NotFound,
    /// The run's or source's state does not allow this.
    #[error("{0}")]
    Busy(&'static str),
    /// Another run has to end first, which happens by itself.
    #[error("{0}")]
    Later(&'static str),
    /// The request is invalid.
    #[error("{detail}")]
    Invalid {
        /// Name of the invalid field.
        field: String,
        /// The problem, and what to do.
        detail: String,
    },
    /// A column is mapped to a field that only admins can edit.
    #[error("{detail}")]
    Forbidden {
        /// Name of the invalid field.
        field: String,
        /// The problem, and what to do.
        detail: String,
    },
    /// The source cannot be fetched.
    #[error("{0}")]
    Source(String),
    /// An error of the database.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl From<FileError> for RunError {
    fn from(error: FileError) -> Self {
        Self::Invalid { field: error.field.to_owned(), detail: error.detail }
    }
}

pub(super) fn invalid(field: impl Into<String>, detail: impl Into<String>) -> RunError {
    RunError::Invalid { field: field.into(), detail: detail.into() }
}

/// Runs of this process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Runs(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    tenants: Tenants,
    leases: Leases,
    clock: Clock,
    directories: Directories,
    /// Runs that are planned or applied in this process.
    running: Mutex<HashMap<String, Arc<Running>>>,
}

impl Runs {
    /// Creates it without any runs.
    pub fn new(store: Store, tenants: Tenants, leases: Leases, directories: Directories) -> Self {
        let clock = directories.client.clock().clone();
        Self(Arc::new(Inner { store, tenants, leases, clock, directories, running: Mutex::default() }))
    }

    /// Stores a file and starts planning it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn upload(
        &self,
        tenant: &Arc<Tenant>,
        upload: Upload,
        file: impl AsRef<[u8]> + Send + 'static,
        who: Importer,
    ) -> Result<RunRecord, RunError> {
        if upload.name.chars().count() > MAX_NAME {
            return Err(invalid("name", format!("a file's name has at most {MAX_NAME} characters")));
        }
        let encoding = upload.encoding.as_deref().map(|name| {
            let known = "use one of utf-8, utf-16le, utf-16be or windows-1252";
            Encoding::parse(name).ok_or_else(|| invalid("encoding", known))
        });
        let encoding = encoding.transpose()?;
        let delimiter = upload.delimiter.as_deref().map(csv::parse_delimiter).transpose()?;
        let read = move || {
            let (text, encoding) = decode(file.as_ref(), encoding)?;
            let shape = csv::look(&text, delimiter)?;
            Ok::<_, FileError>((text.into_owned(), encoding, shape))
        };
        let (text, encoding, shape) = blocking(read).await??;
        let now_ms = self.0.clock.now_ms();
        store::aside(self.tidy(&tenant.id, now_ms)).await?;
        let names: Vec<String> = shape.columns.iter().map(|column| column.name.clone()).collect();
        let mut columns = shape.columns;
        for (column, field) in columns.iter_mut().zip(guess(&names, &fields(tenant, who.role))) {
            column.field = field;
        }
        let record = RunRecord {
            name: if upload.name.trim().is_empty() { "import.csv".into() } else { upload.name },
            rows: i64::try_from(shape.rows).unwrap_or(i64::MAX),
            encoding: encoding.as_str().to_owned(),
            delimiter: char::from(shape.delimiter).to_string(),
            columns,
            ..new_record(Source::Csv, Cause::File, RunState::Planning, By::new(who.actor, now_ms))
        };
        self.0.store.insert_run(&tenant.id, &record, Some(&text)).await?;
        self.0.leases.wake();
        Ok(record)
    }

    /// A run with its current progress.
    ///
    /// # Errors
    /// [`RunError::NotFound`], and errors of the database.
    pub async fn get(&self, tenant: &Tenant, id: &str) -> Result<RunRecord, RunError> {
        let mut record =
            self.0.store.run_record(RunKey { tenant: &tenant.id, run: id }).await?.ok_or(RunError::NotFound)?;
        self.overlay(&mut record);
        Ok(record)
    }

    /// A page of the tenant's stored runs, newest first, and their total number.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(&self, tenant: &Tenant, which: RunsOf, page: Paging) -> Result<(Vec<RunRecord>, u64), RunError> {
        let since_ms = self.0.clock.now_ms() - KEPT_MS;
        let (mut records, total) = self.0.store.list_runs(&tenant.id, which, since_ms, page).await?;
        for record in &mut records {
            self.overlay(record);
        }
        Ok((records, total))
    }

    /// Plans a file again with another mapping.
    ///
    /// # Errors
    /// When the mapping is invalid, or the run is not in the state `planned`.
    pub async fn remap(
        &self,
        tenant: &Arc<Tenant>,
        id: &str,
        mapping: &FileMapping,
        who: &Importer,
    ) -> Result<RunRecord, RunError> {
        let mut record = self.get(tenant, id).await?;
        if record.cause != Cause::File {
            return Err(RunError::Busy(
                "only a file can be planned with another mapping: change the source's settings",
            ));
        }
        check_mapping(tenant, &record, mapping)?;
        check_role(tenant, who.role, mapping.fields.iter().map(Option::as_deref))?;
        for (column, field) in record.columns.iter_mut().zip(&mapping.fields) {
            column.field.clone_from(field);
        }
        (record.source, record.complete) = (mapping.source, mapping.complete);
        if !self.0.store.remap_run(&tenant.id, &record, self.0.clock.now_ms()).await? {
            return Err(RunError::Busy(
                "only a run in the state “planned” can be planned again: wait, or upload the file again",
            ));
        }
        (record.state, record.plan, record.done) = (RunState::Planning, None, 0);
        record.failure.clear();
        self.0.leases.wake();
        Ok(record)
    }

    /// Starts applying a plan.
    ///
    /// # Errors
    /// When there is no plan, or it has to be confirmed first.
    pub async fn apply(
        &self,
        tenant: &Arc<Tenant>,
        id: &str,
        how: &ApplyRun,
        who: Importer,
    ) -> Result<RunRecord, RunError> {
        let mut record = self.get(tenant, id).await?;
        check_role(tenant, who.role, record.columns.iter().map(|column| column.field.as_deref()))?;
        if record.state != RunState::Planned || record.preview {
            return Err(RunError::Busy(
                "only a run in the state “planned” can be applied: wait, or upload the file again",
            ));
        }
        let Some(plan) = &record.plan else {
            return Err(invalid("fields", "there is no plan yet: choose the column with the addresses"));
        };
        if plan.wrong > 0 && !how.skip_wrong && record.cause == Cause::File {
            let detail = format!("{} rows cannot be imported: correct them, or skip them", plan.wrong);
            return Err(invalid("skip_wrong", detail));
        }
        if plan.needs_confirmation && !how.confirmed {
            let detail = format!("{}: review the plan and confirm it", plan.reasons.join("; "));
            return Err(invalid("confirmed", detail));
        }
        let (key, mover) = (RunKey { tenant: &tenant.id, run: id }, Mover::Asking(&who.actor));
        let step = Move { from: &[RunState::Planned], to: RunState::Applying, failure: "", mover };
        if !self.0.store.move_run(key, step, self.0.clock.now_ms()).await? {
            return Err(RunError::Busy("another user is applying, planning or cancelling this run: reload it"));
        }
        (record.state, record.done) = (RunState::Applying, 0);
        self.0.leases.wake();
        Ok(record)
    }

    /// Cancels a run; its work in this process has ended when this returns.
    ///
    /// # Errors
    /// [`RunError::Busy`] when it has ended already.
    pub async fn cancel(&self, tenant: &Tenant, id: &str) -> Result<(), RunError> {
        let record = self.get(tenant, id).await?;
        while let Some(running) = self.under_way(id) {
            running.cancel();
            running.ended().await;
        }
        let from = &[RunState::Fetching, RunState::Planning, RunState::Planned, RunState::Applying];
        let key = RunKey { tenant: &tenant.id, run: &record.id };
        let step = Move { from, to: RunState::Cancelled, failure: "", mover: Mover::Ending };
        let moved = self.0.store.move_run(key, step, self.0.clock.now_ms()).await?;
        let state = self.0.store.run_record(key).await?.map(|record| record.state);
        if !moved && state != Some(RunState::Cancelled) || record.state == RunState::Cancelled {
            return Err(RunError::Busy("this run has ended already: there is nothing to cancel"));
        }
        Ok(self.0.store.clear_run(key).await?)
    }

    /// Returns when this process no longer works on the run.
    pub async fn ended(&self, id: &str) {
        while let Some(running) = self.under_way(id) {
            running.ended().await;
        }
    }

    fn under_way(&self, id: &str) -> Option<Arc<Running>> {
        self.running().get(id).cloned()
    }

    fn running(&self) -> MutexGuard<'_, HashMap<String, Arc<Running>>> {
        self.0.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds the progress that only this process knows.
    fn overlay(&self, record: &mut RunRecord) {
        if let Some(running) = self.running().get(&record.id) {
            let done = i64::try_from(running.done()).unwrap_or(i64::MAX);
            record.done = record.done.max(done).min(record.rows);
        }
    }

    /// Deletes old runs.
    ///
    /// # Errors
    /// The database's.
    pub async fn tidy(&self, tenant: &str, now_ms: i64) -> Result<(), store::Error> {
        let now_ms = now_ms.min(self.0.clock.settled_ms());
        for id in self.0.store.old_runs(tenant, now_ms - KEPT_MS).await? {
            self.0.store.delete_run(RunKey { tenant, run: &id }).await?;
        }
        Ok(())
    }
}

/// A new run without any data.
fn new_record(source: Source, cause: Cause, state: RunState, by: By) -> RunRecord {
    RunRecord {
        id: random::id(),
        source,
        cause,
        preview: false,
        name: String::new(),
        state,
        done: 0,
        rows: 0,
        encoding: String::new(),
        delimiter: String::new(),
        columns: Vec::new(),
        complete: false,
        upload: store::Upload::default(),
        read_to: String::new(),
        plan: None,
        plan_version: 0,
        failure: String::new(),
        actor: by.actor,
        created_ms: by.at_ms,
        ended_ms: None,
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, store::Error> {
    tokio::task::spawn_blocking(work).await.map_err(|_| store::Error::Unavailable("the server is stopping".into()))
}
