//! Compares what everyone gets before and after unpublished changes, on separate threads, with progress.

use super::compared::{Found, Part, together};
use super::matrix::{Case, Sides, outcomes};
use crate::tenant::Tenant;
use email_signature::Draft;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use tokio::sync::watch;

/// Most comparisons of a tenant whose outcome is in memory; the oldest goes.
const MAX_KEPT: usize = 4;
/// How long an outcome is in memory after it was looked at.
const KEPT_MS: i64 = 30 * 60_000;
/// People that a thread takes at once.
const PORTION: usize = 256;

/// The comparisons whose results are in memory, by id. Others run again when a user opens them.
#[derive(Default)]
pub struct Comparisons(Mutex<HashMap<String, Arc<Run>>>);

/// One comparison.
pub struct Run {
    /// As it is published.
    pub before: Arc<Tenant>,
    /// With the changes; the same when there are none.
    pub after: Arc<Tenant>,
    /// The drafts to evaluate for everyone.
    pub cases: Vec<Case>,
    /// When, in milliseconds UTC.
    pub at_ms: i64,
    done: AtomicUsize,
    rendered: AtomicUsize,
    cancelled: AtomicBool,
    looked_ms: AtomicI64,
    found: OnceLock<Found>,
    ended: watch::Sender<bool>,
}

impl Comparisons {
    /// Starts one, unless one with this id is there already. `passed_ms`: by the clock that nobody sets.
    pub fn start(&self, id: &str, run: Arc<Run>, passed_ms: i64) -> Arc<Run> {
        let mut runs = self.lock();
        if let Some(run) = runs.get(id) {
            return Arc::clone(run);
        }
        run.looked_ms.store(passed_ms, Ordering::Relaxed);
        make_room(&mut runs, &run.before.id, passed_ms);
        runs.insert(id.to_owned(), Arc::clone(&run));
        let working = Arc::clone(&run);
        tokio::task::spawn_blocking(move || working.work());
        run
    }

    /// The tenant's comparison with this id.
    pub fn get(&self, tenant: &str, id: &str, passed_ms: i64) -> Option<Arc<Run>> {
        let run = self.lock().get(id).filter(|run| run.before.id == tenant).cloned()?;
        run.looked_ms.store(passed_ms, Ordering::Relaxed);
        Some(run)
    }

    /// Ends and forgets one.
    pub fn end(&self, tenant: &str, id: &str) {
        let mut runs = self.lock();
        if let Some(run) = runs.get(id).filter(|run| run.before.id == tenant) {
            run.cancelled.store(true, Ordering::Relaxed);
            runs.remove(id);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Run>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets what nobody looks at any more, and of the tenant's the oldest.
fn make_room(runs: &mut HashMap<String, Arc<Run>>, tenant: &str, passed_ms: i64) {
    runs.retain(|_, run| passed_ms - run.looked_ms.load(Ordering::Relaxed) < KEPT_MS);
    let ours = runs.iter().filter(|(_, run)| run.before.id == tenant);
    let mut ours: Vec<_> = ours.map(|(id, run)| (id.clone(), Arc::clone(run))).collect();
    ours.sort_by_key(|(_, run)| std::cmp::Reverse(run.looked_ms.load(Ordering::Relaxed)));
    for (id, old) in ours.iter().skip(MAX_KEPT - 1) {
        old.cancelled.store(true, Ordering::Relaxed);
        runs.remove(id);
    }
}

impl Run {
    /// One that has not begun. Both tenants have the same people.
    pub fn new(before: Arc<Tenant>, after: Arc<Tenant>, cases: Vec<Case>, at_ms: i64) -> Arc<Self> {
        Arc::new(Self {
            before,
            after,
            cases,
            at_ms,
            done: AtomicUsize::new(0),
            rendered: AtomicUsize::new(0),
            cancelled: AtomicBool::new(false),
            looked_ms: AtomicI64::new(0),
            found: OnceLock::new(),
            ended: watch::Sender::new(false),
        })
    }

    /// Compares everyone, on every core.
    pub fn work(&self) {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let next = AtomicUsize::new(0);
        let parts: Vec<Part> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| self.portions(&next))).collect();
            workers.into_iter().filter_map(|worker| worker.join().ok()).collect()
        });
        if !self.cancelled.load(Ordering::Relaxed) {
            drop(self.found.set(together(parts, self.total())));
        }
        self.ended.send_replace(true);
    }

    fn portions(&self, next: &AtomicUsize) -> Part {
        let mut part = Part::default();
        let mut drafts: Vec<Draft> = self.cases.iter().map(|case| case.draft.clone()).collect();
        let sides = Sides { before: &self.before, after: &self.after, at_ms: self.at_ms };
        loop {
            let from = next.fetch_add(PORTION, Ordering::Relaxed);
            if from >= self.total() || self.cancelled.load(Ordering::Relaxed) {
                return part;
            }
            for place in from..self.total().min(from + PORTION) {
                let Some(record) = self.before.record_at(place) else { continue };
                let person = record.person();
                for draft in &mut drafts {
                    draft.from.clone_from(&person.address);
                }
                let (outcomes, rendered) = outcomes(sides, &self.cases, &person, &drafts);
                self.rendered.fetch_add(rendered, Ordering::Relaxed);
                part.add(place, &outcomes);
            }
            self.done.fetch_add(PORTION.min(self.total() - from), Ordering::Relaxed);
        }
    }

    /// How many people and mailboxes have been compared.
    pub fn done(&self) -> usize {
        self.done.load(Ordering::Relaxed)
    }

    /// How many signatures were rendered so far: equal ones of a person count once.
    pub fn rendered(&self) -> usize {
        self.rendered.load(Ordering::Relaxed)
    }

    /// How many people and mailboxes there are.
    pub fn total(&self) -> usize {
        self.before.records().len()
    }

    pub(super) fn found(&self) -> Option<&Found> {
        self.found.get()
    }

    /// Whether the comparison is finished.
    pub fn is_finished(&self) -> bool {
        self.found.get().is_some()
    }

    /// Waits until everyone has been compared, or it was cancelled.
    pub async fn ended(&self) {
        let mut ended = self.ended.subscribe();
        // It cannot fail: the sender is in `self`.
        let _ = ended.wait_for(|ended| *ended).await;
    }
}
