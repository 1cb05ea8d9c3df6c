//! Fetching a directory: entries are collected, planned and staged.

use super::task::{After, Failure, Running, Work};
use super::{RunError, Runs, Starter, new_record};
use crate::directory::fetched::{Cursor, Extent, FetchError, Fetched, Outlet};
use crate::directory::outside::Outside;
use crate::directory::people::{self, Collected, How, Present, Told};
use crate::random;
use crate::store::{self, By, Planned, RunRecord, RunState, Source, SourceRecord, SourceState};
use crate::tenant::Tenant;
use api::console::{Permissions, StartRun};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Number of portions that are buffered.
const WAITING: usize = 8;
/// How often a run restarts with a full fetch if a source rejects its own links.
const FRESH_STARTS: usize = 2;

/// Result of a fetch.
#[derive(Debug, Default)]
struct Came {
    people: Collected,
    /// The reported changes since the last run, if everyone was fetched in addition.
    told: Option<Told>,
}

/// A directory that is being fetched.
struct Asked<'a> {
    outside: &'a Outside,
    extent: Extent,
    running: &'a Running,
}

impl Asked<'_> {
    /// Fetches changes since `cursor`, or everyone, and returns the next cursor. Records in `record` which of the two.
    async fn whole_or_changed(
        &self,
        record: &mut RunRecord,
        cursor: Option<&Cursor>,
    ) -> Result<(Came, String), FetchError> {
        let mut told = None;
        if let Some(cursor) = cursor {
            let changed = if record.complete {
                let mut changes = Told::default();
                self.fetch(Some(cursor), |said| changes.take(said)).await.map(|_| told = Some(changes)).map(|()| None)
            } else {
                self.collect(Some(cursor)).await.map(Some)
            };
            match changed {
                Ok(Some((people, read_to))) => return Ok((Came { people, told }, read_to)),
                Ok(None) => {}
                Err(FetchError::CursorGone) => tracing::info!("a source forgot where the last run ended"),
                Err(error) => return Err(error),
            }
        }
        record.complete = true;
        for _ in 1..FRESH_STARTS {
            match self.collect(None).await {
                Err(FetchError::CursorGone) => tracing::info!("a source rejects its own links: everyone is fetched"),
                came => return came.map(|(people, read_to)| (Came { people, told }, read_to)),
            }
        }
        let (people, read_to) = self.collect(None).await?;
        Ok((Came { people, told }, read_to))
    }

    async fn collect(&self, cursor: Option<&Cursor>) -> Result<(Collected, String), FetchError> {
        let mut came = Collected::default();
        let read_to = self.fetch(cursor, |said| came.take(said)).await?;
        Ok((came, read_to))
    }

    /// Passes all entries to `take` and returns the next cursor.
    async fn fetch(&self, cursor: Option<&Cursor>, mut take: impl FnMut(Fetched)) -> Result<String, FetchError> {
        let (outlet, portions) = Outlet::new(WAITING);
        let fetching = async {
            let fetched = self.outside.fetch(self.extent, cursor, &outlet).await;
            drop(outlet);
            fetched
        };
        self.running.set_done(0);
        let taking = async move {
            // Dropped when it ends, so that the fetch notices.
            let mut portions = portions;
            while let Some(portion) = portions.recv().await {
                if self.running.is_cancelled() {
                    return;
                }
                let people = portion.iter().filter(|said| matches!(said, Fetched::Person(_))).count();
                self.running.set_done(self.running.done() + people as u64);
                portion.into_iter().for_each(&mut take);
            }
        };
        let (fetched, ()) = tokio::join!(fetching, taking);
        Ok(fetched?.as_str().to_owned())
    }
}

impl Runs {
    /// Starts a run of a source.
    ///
    /// # Errors
    /// When the source is not connected, cannot be fetched, or a run is in progress already.
    pub async fn fetch(
        &self,
        tenant: &Arc<Tenant>,
        source: Source,
        how: StartRun,
        starter: Starter,
    ) -> Result<RunRecord, RunError> {
        let settings = self.0.store.source(&tenant.id, source).await?;
        match (how.clear, settings.state, source) {
            (true, SourceState::Off, _)
            | (false, SourceState::On | SourceState::Paused, Source::Entra | Source::Google) => {}
            (true, ..) => {
                return Err(RunError::Busy("this source is connected: disconnect it before you clear its values"));
            }
            (false, _, Source::Database) => {
                return Err(RunError::Busy(
                    "the connector queries the database: press Run now on the connector's own page",
                ));
            }
            (false, SourceState::Off, Source::Entra | Source::Google) => {
                return Err(RunError::Busy("this source is not connected: connect it first"));
            }
            (false, ..) => return Err(RunError::Busy("a file cannot be fetched again: upload it")),
        }
        // These can be repeated without effect; only the run must not be started again by a repeated request.
        let now_ms = self.0.clock.now_ms();
        store::aside(async {
            self.supersede(tenant, source).await?;
            Ok::<_, RunError>(self.tidy(&tenant.id, now_ms).await?)
        })
        .await?;
        let record = RunRecord {
            preview: how.preview,
            name: source.as_str().to_owned(),
            complete: how.whole || how.clear || settings.read_to.is_empty(),
            ..new_record(source, starter.cause, RunState::Fetching, By::new(starter.actor, now_ms))
        };
        self.0.store.insert_run(&tenant.id, &record, None).await?;
        self.0.leases.wake();
        Ok(record)
    }

    /// Checks our permissions at a source.
    ///
    /// # Errors
    /// When the source cannot be reached.
    pub async fn permissions(&self, tenant: &Tenant, source: Source) -> Result<Permissions, RunError> {
        let record = self.0.store.source(&tenant.id, source).await?;
        let extent = Extent::from(&record.settings);
        let asked = async { Outside::new(&self.0.directories, tenant, &record)?.permissions(extent).await };
        asked.await.map_err(|error| RunError::Source(error.to_string()))
    }

    pub(super) async fn fetch_and_plan(&self, work: &Work<'_>) -> Result<After, Failure> {
        let (tenant, running, mut record) = (work.tenant, work.running, work.record.clone());
        let settings = self.0.store.source(&tenant.id, record.source).await?;
        if settings.state == SourceState::Off {
            // A source that is not connected has no values any more.
            let planned = self.plan_people(&Work { record: &record, ..*work }, &settings, Came::default()).await?;
            let Some(planned) = planned else { return Ok(After::Nothing) };
            return Ok(self.finish_plan(&Work { record: &record, ..*work }, planned).await?);
        }
        let outside = Outside::new(&self.0.directories, tenant, &settings)?;
        let asked = Asked { outside: &outside, extent: Extent::from(&settings.settings), running };
        let cursor = (!settings.read_to.is_empty()).then(|| Cursor::new(settings.read_to.clone()));
        let (mut came, read_to) = match asked.whole_or_changed(&mut record, cursor.as_ref()).await {
            Err(FetchError::Cancelled) => return Ok(After::Nothing),
            came => came?,
        };
        if settings.settings.photos {
            self.add_photos(&Work { record: &record, ..*work }, &outside, &mut came.people).await?;
        }
        let planned = self.plan_people(&Work { record: &record, ..*work }, &settings, came).await?;
        let Some(planned) = planned else { return Ok(After::Nothing) };
        let read_to = if record.preview { String::new() } else { read_to };
        let planned = Planned { read_to, complete: Some(record.complete), ..planned };
        Ok(self.finish_plan(&Work { record: &record, ..*work }, planned).await?)
    }

    /// Plans the collected entries and stages the steps; `None` if the run was stopped.
    async fn plan_people(
        &self,
        work: &Work<'_>,
        settings: &SourceRecord,
        Came { people: came, told }: Came,
    ) -> Result<Option<Planned>, store::Error> {
        let (key, record, tenant) = (work.key(), work.record, work.tenant);
        let store = &self.0.store;
        if !self.move_held(work, RunState::Fetching, RunState::Planning).await? {
            return Ok(None);
        }
        store.clear_plan(key).await?;
        let tenant = self.now_of(tenant).await?;
        let version = tenant.version;
        let present = store.present_of(&tenant.id, record.source).await?;
        let values = if record.complete {
            store.source_values(&tenant.id, record.source).await?
        } else {
            let touched = people::touched(&tenant, record.source, &present, &came);
            store.source_values_of(&tenant.id, record.source, &touched).await?
        };
        let rows = i64::try_from(came.here()).unwrap_or(i64::MAX);
        let (send, steps) = mpsc::channel(super::planning::WAITING);
        let (source, whole, settings) = (record.source, record.complete, settings.settings.clone());
        let planning = tokio::task::spawn_blocking(move || {
            let present = Present { tenant: &tenant, source, record: &present, values: &values };
            let kept: &[&str] = if settings.photos { &["photo"] } else { &[] };
            let how = How { whole, mapping: &settings.mapping, kept, told: told.as_ref() };
            people::plan(&present, &came, &how, random::id, |batch, done| send.blocking_send((batch, done)).is_ok())
        });
        if !self.stage(work, steps).await? {
            return Ok(None);
        }
        let plan = planning.await.map_err(|_| store::Error::Unavailable("planning stopped".into()))?;
        let Some((mut plan, lost)) = plan else { return Ok(None) };
        plan.reasons = self.reasons(key.tenant, record.source, &lost).await?;
        Ok(Some(Planned { plan: Some(plan), version, rows: Some(rows), ..Planned::default() }))
    }
}
