//! Compares what everyone gets before and after unpublished changes, on separate threads, with progress.

use crate::signing::{Refusal, select_for};
use crate::tenant::Tenant;
use ::api::console::{AffectedGroup, Combination, Comparison, PartNames};
use email_signature::{Choice, Draft};
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
/// Most combinations, and most groups, that are told of.
const MAX_LISTED: usize = 100;

/// The comparisons whose results are in memory, by id. Others run again when a user opens them.
#[derive(Default)]
pub struct Comparisons(Mutex<HashMap<String, Arc<Run>>>);

/// One comparison.
pub struct Run {
    /// As it is published.
    pub before: Arc<Tenant>,
    /// With the changes; the same when there are none.
    pub after: Arc<Tenant>,
    /// The draft to evaluate for everyone, each from their own address.
    pub draft: Draft,
    /// When, in milliseconds UTC.
    pub at_ms: i64,
    done: AtomicUsize,
    cancelled: AtomicBool,
    looked_ms: AtomicI64,
    found: OnceLock<Found>,
    ended: watch::Sender<bool>,
}

/// What everybody gets.
#[derive(Debug, Default)]
struct Found {
    /// Combinations of templates.
    choices: Vec<Choice>,
    /// By the person's place among the tenant's records.
    people: Vec<Row>,
}

/// What a person gets now and afterwards, as indexes into the combinations.
#[derive(Clone, Copy, Debug, Default)]
pub struct Row {
    before: u32,
    after: u32,
    /// Whether they get something else.
    pub affected: bool,
    new_problems: bool,
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

/// What one thread found: combinations in its own order, and a row each with the person's place.
#[derive(Default)]
struct Part {
    places: HashMap<Choice, u32>,
    rows: Vec<(usize, Row)>,
}

impl Part {
    fn place(&mut self, choice: Choice) -> u32 {
        let next = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        *self.places.entry(choice).or_insert(next)
    }
}

impl Run {
    /// One that has not begun. Both tenants have the same people.
    pub fn new(before: Arc<Tenant>, after: Arc<Tenant>, draft: Draft, at_ms: i64) -> Arc<Self> {
        Arc::new(Self {
            before,
            after,
            draft,
            at_ms,
            done: AtomicUsize::new(0),
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
        loop {
            let from = next.fetch_add(PORTION, Ordering::Relaxed);
            if from >= self.total() || self.cancelled.load(Ordering::Relaxed) {
                return part;
            }
            for place in from..self.total().min(from + PORTION) {
                let Some(record) = self.before.record_at(place) else { continue };
                let person = record.person();
                let draft = Draft { from: person.address.clone(), ..self.draft.clone() };
                // Nobody is refused their own address.
                if let Ok(row) = self.row(&mut part, &person, &draft) {
                    part.rows.push((place, row));
                }
            }
            self.done.fetch_add(PORTION.min(self.total() - from), Ordering::Relaxed);
        }
    }

    fn row(&self, part: &mut Part, person: &email_signature::Person, draft: &Draft) -> Result<Row, Refusal> {
        let selected = |tenant| select_for(tenant, person, draft, None, self.at_ms);
        let (before, after) = (selected(&self.before)?, selected(&self.after)?);
        if Arc::ptr_eq(&self.before, &self.after) {
            let place = part.place(before.choice().clone());
            return Ok(Row { before: place, after: place, ..Row::default() });
        }
        // The same templates filled with the same values: nothing to render.
        let is_same = before.choice() == after.choice() && self.before.same_templates(&self.after, before.choice());
        let (mut affected, mut new_problems) = (false, false);
        if !is_same {
            let (old, new) = (before.fill().signature, after.fill().signature);
            affected = old.fingerprint != new.fingerprint;
            new_problems = new.problems.iter().any(|problem| !old.problems.contains(problem));
        }
        Ok(Row {
            before: part.place(before.choice().clone()),
            after: part.place(after.choice().clone()),
            affected,
            new_problems,
        })
    }

    fn total(&self) -> usize {
        self.before.records().len()
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

    /// The present state of the comparison, under this id.
    pub fn describe(&self, id: String) -> Comparison {
        let mut comparison = Comparison {
            id,
            done: self.done.load(Ordering::Relaxed) as u64,
            total: self.total() as u64,
            finished: self.is_finished(),
            affected: 0,
            new_problems: 0,
            combinations: Vec::new(),
            groups: Vec::new(),
        };
        if let Some(found) = self.found.get() {
            let count = |is: fn(&Row) -> bool| found.people.iter().filter(|row| is(row)).count() as u64;
            comparison.affected = count(|row| row.affected);
            comparison.new_problems = count(|row| row.new_problems);
            comparison.combinations = self.combinations(found);
            comparison.groups = self.groups(found);
        }
        comparison
    }

    fn combinations(&self, found: &Found) -> Vec<Combination> {
        let mut counts = vec![(0, 0); found.choices.len()];
        for row in &found.people {
            counts[row.before as usize].0 += 1;
            counts[row.after as usize].1 += 1;
        }
        // Two choices can have the same names.
        let mut named: HashMap<PartNames, (u64, u64)> = HashMap::new();
        for (choice, (before, after)) in found.choices.iter().zip(counts) {
            let counts = named.entry(self.after.names(choice)).or_default();
            (counts.0, counts.1) = (counts.0 + before, counts.1 + after);
        }
        let mut all: Vec<_> =
            named.into_iter().map(|(parts, (before, after))| Combination { parts, before, after }).collect();
        all.sort_by(|a, b| (b.after.max(b.before), &a.parts).cmp(&(a.after.max(a.before), &b.parts)));
        all.truncate(MAX_LISTED);
        all
    }

    /// Whether a row gets the templates at this index of [`Comparison::combinations`] afterwards; `None`: there is no
    /// such index.
    pub fn gets(&self, place: u32) -> Option<impl Fn(&Row) -> bool> {
        let found = self.found.get()?;
        let parts = self.combinations(found).into_iter().nth(place as usize)?.parts;
        // Two choices can have the same names.
        let same: Vec<bool> = found.choices.iter().map(|choice| self.after.names(choice) == parts).collect();
        Some(move |row: &Row| same[row.after as usize])
    }

    fn groups(&self, found: &Found) -> Vec<AffectedGroup> {
        let mut counts: HashMap<&str, u64> = HashMap::new();
        for (record, row) in self.before.records().zip(&found.people) {
            if row.affected {
                record.groups.iter().for_each(|group| *counts.entry(group).or_default() += 1);
            }
        }
        let group = |(id, affected): (&str, u64)| AffectedGroup {
            id: id.to_owned(),
            name: self.before.group_name(id).unwrap_or(id).to_owned(),
            affected,
        };
        let mut all: Vec<_> = counts.into_iter().map(group).collect();
        all.sort_by(|a, b| (b.affected, &a.name).cmp(&(a.affected, &b.name)));
        all.truncate(MAX_LISTED);
        all
    }

    /// What a person gets, by their index among the records; `None` until the comparison is finished.
    pub fn row_at(&self, place: usize) -> Option<Row> {
        self.found.get()?.people.get(place).copied()
    }

    /// The templates of a row, now and afterwards.
    pub fn names(&self, row: Row) -> (PartNames, PartNames) {
        let names = |tenant: &Tenant, place: u32| {
            let choice = self.found.get().and_then(|found| found.choices.get(place as usize));
            choice.map(|choice| tenant.names(choice)).unwrap_or_default()
        };
        (names(&self.before, row.before), names(&self.after, row.after))
    }
}

/// Every thread's part in one, rows in the order of the records.
fn together(parts: Vec<Part>, total: usize) -> Found {
    let mut all: HashMap<Choice, u32> = HashMap::new();
    let mut found = Found { choices: Vec::new(), people: vec![Row::default(); total] };
    for part in parts {
        let mut here: Vec<(Choice, u32)> = part.places.into_iter().collect();
        here.sort_by_key(|(_, place)| *place);
        let to_all: Vec<u32> = here
            .into_iter()
            .map(|(choice, _)| {
                *all.entry(choice).or_insert_with_key(|choice| {
                    found.choices.push(choice.clone());
                    u32::try_from(found.choices.len() - 1).unwrap_or(u32::MAX)
                })
            })
            .collect();
        for (place, row) in part.rows {
            found.people[place] = Row { before: to_all[row.before as usize], after: to_all[row.after as usize], ..row };
        }
    }
    found
}
