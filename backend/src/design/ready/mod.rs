//! The gate before publishing: unpublished changes rendered for everybody whom they concern, and what is wrong with that.

mod gate;
mod look;
mod tally;
mod told;

pub use gate::{Refused, gate};

use crate::store::{DesignState, Picked};
use crate::tenant::{self, Tenant};
use ::api::console::Readiness;
use email_signature::{Draft, Part, Template, blocks_of};
use look::{Looker, occasions};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use tally::Tally;
use tokio::sync::watch;

/// Most outcomes of a tenant in memory; the oldest goes.
const MAX_KEPT: usize = 3;
/// How long an outcome holds in milliseconds: rules begin and end with the clock.
const FRESH_MS: i64 = 10 * 60_000;
/// People that a thread takes at once.
const PORTION: usize = 128;

/// The checks whose outcomes are in memory.
#[derive(Default)]
pub struct Readies(Mutex<HashMap<String, Kept>>);

/// A check, and what it is of.
struct Kept {
    tenant: String,
    started_ms: i64,
    run: Arc<Run>,
}

/// What is checked.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The tenant as it is published.
    pub before: Arc<Tenant>,
    /// The changes.
    pub changes: tenant::Changes,
    /// When they will be published, in milliseconds UTC; `None`: now.
    pub at_ms: Option<i64>,
}

impl Wanted {
    /// Stands for the tenant, the changes and the time.
    fn key(&self) -> String {
        let changes = (&self.changes.templates, &self.changes.rules, &self.changes.brands, self.at_ms);
        let changes = serde_json::to_vec(&changes).unwrap_or_default();
        format!("{} {} {}", self.before.id, self.before.version, hash(&changes))
    }
}

/// The content of picked changes, to tell whether these were checked.
pub fn content(state: &DesignState, picked: &Picked) -> String {
    let changes = super::changes::picked(state, picked);
    hash(&serde_json::to_vec(&(&changes.templates, &changes.rules, &changes.brands)).unwrap_or_default())
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes)[..16].iter().fold(String::new(), |mut hex, byte| {
        // Infallible: writing to a String.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

impl Readies {
    /// The check of these changes, which begins now unless it is under way or was done a short while ago. `now_ms`: what
    /// time it is.
    pub fn check(&self, wanted: Wanted, now_ms: i64) -> Arc<Run> {
        let key = wanted.key();
        let mut all = self.lock();
        all.retain(|_, kept| (0..FRESH_MS).contains(&(now_ms - kept.started_ms)));
        if let Some(kept) = all.get(&key) {
            return Arc::clone(&kept.run);
        }
        make_room(&mut all, &wanted.before.id);
        let tenant = wanted.before.id.clone();
        let run = Run::new(wanted, now_ms);
        all.insert(key, Kept { tenant, started_ms: now_ms, run: Arc::clone(&run) });
        let working = Arc::clone(&run);
        tokio::task::spawn_blocking(move || working.work());
        run
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets the tenant's oldest, and ends those under way that nobody waits for any more.
fn make_room(all: &mut HashMap<String, Kept>, tenant: &str) {
    let ours = all.iter().filter(|(_, kept)| kept.tenant == tenant);
    let mut ours: Vec<_> = ours.map(|(key, kept)| (kept.started_ms, key.clone())).collect();
    ours.sort_unstable();
    let too_many = (ours.len() + 1).saturating_sub(MAX_KEPT);
    for (_, key) in ours.into_iter().take(too_many) {
        if let Some(old) = all.remove(&key) {
            old.run.cancelled.store(true, Ordering::Relaxed);
        }
    }
}

/// The picked templates without blocks, and those that use a picked block.
fn concerned(after: &Tenant, picked: &[Template]) -> Vec<Template> {
    let (blocks, mut templates): (Vec<&Template>, Vec<&Template>) =
        picked.iter().partition(|one| one.part == Part::Block);
    for prepared in after.templates() {
        let using = blocks.iter().find_map(|block| prepared.using(&block.id));
        templates.extend(using.filter(|using| picked.iter().all(|one| one.id != using.id)));
    }
    templates.into_iter().cloned().collect()
}

/// One check.
pub struct Run {
    before: Arc<Tenant>,
    changes: tenant::Changes,
    at_ms: i64,
    done: AtomicUsize,
    cancelled: AtomicBool,
    found: OnceLock<Readiness>,
    ended: watch::Sender<bool>,
}

/// What the threads of a check share.
struct Checked<'a> {
    before: &'a Tenant,
    after: &'a Tenant,
    /// The picked templates and blocks.
    picked: &'a [Template],
    /// The picked templates, and those that use picked blocks.
    templates: &'a [Template],
    /// Whether the rules change.
    rules: bool,
    at_ms: i64,
    occasions: Vec<Draft>,
}

impl Run {
    fn new(wanted: Wanted, now_ms: i64) -> Arc<Self> {
        Arc::new(Self {
            before: wanted.before,
            changes: wanted.changes,
            at_ms: wanted.at_ms.unwrap_or(now_ms),
            done: AtomicUsize::new(0),
            cancelled: AtomicBool::new(false),
            found: OnceLock::new(),
            ended: watch::Sender::new(false),
        })
    }

    /// Looks at everybody, on every core.
    fn work(&self) {
        let after = self.before.trying(self.changes.clone());
        let picked = &self.changes.templates;
        let templates = concerned(&after, picked);
        let checked = Checked {
            before: &self.before,
            after: &after,
            picked,
            templates: &templates,
            rules: self.changes.rules.is_some(),
            at_ms: self.at_ms,
            occasions: occasions(&self.before),
        };
        let mut tally = self.everybody(&checked, Looker::person);
        // Templates that nobody gets on these occasions: offered ones, or those for certain subjects or recipients.
        let missed: Vec<&Template> = checked.templates.iter().filter(|one| !tally.has(&one.id)).collect();
        if !missed.is_empty() {
            let meant = look::meant(&checked, &missed);
            tally.add(self.everybody(&checked, |looker, place| looker.meant(place, &meant)));
        }
        for template in missed {
            if !tally.has(&template.id) {
                look::sample(&checked, template, &mut tally);
            }
        }
        for block in picked.iter().filter(|one| one.part == Part::Block) {
            if !templates.iter().any(|template| blocks_of(template).contains(&block.id)) {
                look::sample_block(&checked, block, &mut tally);
            }
        }
        if !self.cancelled.load(Ordering::Relaxed) {
            drop(self.found.set(told::told(&checked, &tally)));
        }
        self.ended.send_replace(true);
    }

    fn everybody<'a>(&self, checked: &'a Checked<'a>, look: impl Fn(&mut Looker<'a>, usize) + Sync) -> Tally {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let (next, total) = (AtomicUsize::new(0), self.total());
        let portions = || {
            let mut looker = Looker::new(checked);
            loop {
                let from = next.fetch_add(PORTION, Ordering::Relaxed);
                if from >= total || self.cancelled.load(Ordering::Relaxed) {
                    return looker.tally;
                }
                for place in from..total.min(from + PORTION) {
                    look(&mut looker, place);
                }
                self.done.fetch_add(PORTION.min(total - from), Ordering::Relaxed);
            }
        };
        let mut all = Tally::default();
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(portions)).collect();
            workers.into_iter().filter_map(|worker| worker.join().ok()).for_each(|tally| all.add(tally));
        });
        all
    }

    fn total(&self) -> usize {
        self.before.records().len()
    }

    /// Whether everybody has been looked at.
    pub fn is_finished(&self) -> bool {
        self.found.get().is_some()
    }

    /// Waits until everybody has been looked at, or it was cancelled.
    pub async fn ended(&self) {
        let mut ended = self.ended.subscribe();
        // It cannot fail: the sender is in `self`.
        let _ = ended.wait_for(|ended| *ended).await;
    }

    /// The present state.
    pub fn describe(&self) -> Readiness {
        let total = self.total() as u64;
        // A second look, at templates that the rules give to nobody, counts no further.
        let done = (self.done.load(Ordering::Relaxed) as u64).min(total);
        match self.found.get() {
            Some(found) => Readiness { done: total, total, finished: true, ..found.clone() },
            None => Readiness { done, total, ..Readiness::default() },
        }
    }
}
