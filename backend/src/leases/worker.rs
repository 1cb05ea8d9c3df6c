//! Workers: claim → run → settle, with the number of slots of a lane.

use super::{Held, Inner, Leases, Outcome};
use crate::store::{Due, Error, Lease, Settled};
use futures_util::future::BoxFuture;
use metrics::{counter, histogram};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};

/// How long a finished task waits for others that are returned together with it.
const TOGETHER: Duration = Duration::from_millis(2);
/// How long a worker waits after the database failed.
const PAUSE: Duration = Duration::from_secs(1);
/// Number of attempts to return leases.
const SETTLE_ATTEMPTS: u32 = 5;

/// Tasks of one kind with their own slots, so that slow tasks do not delay quick ones.
#[derive(Clone, Copy, Debug)]
pub struct Lane {
    /// Name, see [`crate::store::Wanted::lane`].
    pub name: &'static str,
    /// Number of tasks that a node runs at a time. One tenant gets at most half of them.
    pub places: usize,
    /// Time limit of a task.
    pub limit: Duration,
    /// Whether tasks are due only by a settled clock ([`crate::clock::Clock::settled_ms`]), so that irreversible tasks do not
    /// follow a clock that is temporarily wrong.
    pub careful: bool,
}

/// Runs the task of a lease.
pub type Run = Arc<dyn Fn(Held) -> BoxFuture<'static, Outcome> + Send + Sync>;

/// What the workers of a process are there for.
#[derive(Clone, Copy)]
pub struct Duties<'a> {
    /// In which lanes they work.
    pub lanes: &'a [Lane],
    /// What they do.
    pub run: &'a Run,
    /// How often they look for due tasks; `None`: only when this process is told that something is due.
    pub poll: Option<Duration>,
}

/// The workers of this process.
pub struct Workers {
    tasks: JoinSet<()>,
    leases: Leases,
}

/// The running tasks of a lane.
struct Worker {
    leases: Leases,
    lane: Lane,
    run: Run,
    tasks: JoinSet<Outcome>,
    held: HashMap<Id, (Lease, Instant)>,
}

/// How a task ended.
type Joined = Result<(Id, Outcome), JoinError>;

impl Workers {
    /// Starts a worker for each lane.
    #[must_use]
    pub fn start(leases: &Leases, duties: Duties<'_>, stopped: &watch::Receiver<bool>) -> Self {
        let Duties { lanes, run, poll } = duties;
        let mut tasks = JoinSet::new();
        for lane in lanes {
            let worker = Worker::new(leases.clone(), *lane, Arc::clone(run));
            tasks.spawn(worker.work(poll, stopped.clone()));
        }
        Self { tasks, leases: leases.clone() }
    }

    /// Waits until all running tasks have ended, but no longer than `limit`; then this process is removed from the
    /// list. Another node takes over tasks that have not ended by then.
    pub async fn finish(mut self, limit: Duration) {
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(limit, all).await.is_err() {
            self.tasks.abort_all();
        }
        if tokio::time::timeout(limit.max(PAUSE), self.leases.node().leave()).await.is_err() {
            tracing::debug!("this server could not unregister: other servers notice later that it has stopped");
        }
    }
}

impl Leases {
    /// Runs all due tasks of these lanes in the current task until there are none; returns their number.
    ///
    /// # Errors
    /// Errors of the database.
    pub async fn drain(&self, lanes: &[Lane], run: &Run) -> Result<usize, Error> {
        let mut all = 0;
        loop {
            let mut here = 0;
            for lane in lanes {
                let mut worker = Worker::new(self.clone(), *lane, Arc::clone(run));
                here += worker.claim().await?;
                while worker.settle_next().await.is_some() {}
            }
            all += here;
            if here == 0 {
                return Ok(all);
            }
        }
    }

    /// Runs one task now, whether due or not; `None` if it does not exist, or if a node is running it.
    ///
    /// # Errors
    /// Errors of the database.
    pub async fn do_one(&self, key: &crate::store::LeaseKey, lane: Lane, run: &Run) -> Result<Option<Outcome>, Error> {
        let Inner { store, node, .. } = &*self.0;
        let Some((id, lost)) = node.life().await? else { return Ok(None) };
        let Some(lease) = store.claim_one(&id, key).await? else { return Ok(None) };
        let mut worker = Worker::new(self.clone(), lane, Arc::clone(run));
        worker.start(lease, lost);
        Ok(worker.settle_next().await)
    }
}

impl Worker {
    fn new(leases: Leases, lane: Lane, run: Run) -> Self {
        Self { leases, lane, run, tasks: JoinSet::new(), held: HashMap::new() }
    }

    async fn work(mut self, poll: Option<Duration>, mut stopped: watch::Receiver<bool>) {
        let mut wake = self.leases.0.wake.subscribe();
        while !*stopped.borrow() {
            // Before asking: what is due from here on wakes us.
            wake.mark_unchanged();
            let pause = match self.claim().await {
                Ok(claimed) if claimed > 0 && self.has_place() => continue,
                Ok(_) => poll,
                Err(error) => {
                    tracing::debug!(%error, lane = self.lane.name, "due tasks cannot be read");
                    Some(PAUSE)
                }
            };
            let timed = async {
                match pause {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => std::future::pending().await,
                }
            };
            let has_place = self.has_place();
            let ended = tokio::select! {
                _ = stopped.wait_for(|stopped| *stopped) => break,
                _ = wake.changed(), if has_place => None,
                () = timed, if has_place => None,
                ended = self.tasks.join_next_with_id(), if !self.tasks.is_empty() => ended,
            };
            if let Some(ended) = ended {
                self.settle(ended).await;
            }
        }
        while self.settle_next().await.is_some() {}
    }

    /// The current time for this lane.
    fn now_ms(&self) -> i64 {
        let clock = &self.leases.0.clock;
        if self.lane.careful { clock.settled_ms() } else { clock.now_ms() }
    }

    fn has_place(&self) -> bool {
        self.tasks.len() < self.lane.places
    }

    /// Claims tasks for free slots and starts them; returns their number.
    async fn claim(&mut self) -> Result<usize, Error> {
        let Inner { store, node, .. } = &*self.leases.0;
        let free = self.lane.places.saturating_sub(self.tasks.len());
        if free == 0 {
            return Ok(0);
        }
        let Some((id, lost)) = node.life().await? else { return Ok(0) };
        // A tenant with many tasks must leave slots to others: it gets a quarter at a time, and no more while it has that.
        let share = (self.lane.places / 4).max(1);
        let mut busy: HashMap<&str, usize> = HashMap::new();
        self.held.values().for_each(|(lease, _)| *busy.entry(&lease.key.tenant).or_default() += 1);
        let busy: Vec<String> =
            busy.into_iter().filter(|(_, count)| *count >= share).map(|(tenant, _)| tenant.to_owned()).collect();
        let due = Due { lane: self.lane.name, now_ms: self.now_ms(), limit: free.min(share), without: &busy };
        let claimed = store.claim(&id, due).await?;
        let count = claimed.len();
        for lease in claimed {
            self.start(lease, lost.clone());
        }
        Ok(count)
    }

    fn start(&mut self, lease: Lease, lost: watch::Receiver<bool>) {
        let held = Held { lease: lease.clone(), lost };
        let (run, limit) = (Arc::clone(&self.run), self.lane.limit);
        let work = async move {
            let gone = held.clone();
            tokio::select! {
                ended = tokio::time::timeout(limit, run(held)) => {
                    ended.unwrap_or_else(|_| Outcome::Retry("it took too long and was stopped".into()))
                }
                () = gone.lost() => Outcome::Cancelled,
            }
        };
        self.leases.0.running.fetch_add(1, Ordering::SeqCst);
        let id = self.tasks.spawn(work).id();
        self.held.insert(id, (lease, Instant::now()));
    }

    /// Waits for the next task to end, returns its lease, and gives the outcome; `None` if no task is running.
    async fn settle_next(&mut self) -> Option<Outcome> {
        let ended = self.tasks.join_next_with_id().await?;
        Some(self.settle(ended).await)
    }

    /// Returns the leases of ended tasks together; gives the outcome of the first.
    async fn settle(&mut self, first: Joined) -> Outcome {
        let mut ended = vec![self.ended(first)];
        if self.tasks.len() > 1 {
            // A transaction for many costs little more than one for each would.
            tokio::time::sleep(TOGETHER).await;
        }
        while let Some(next) = self.tasks.try_join_next_with_id() {
            ended.push(self.ended(next));
        }
        self.give_back(&ended).await;
        self.leases.0.running.fetch_sub(ended.len(), Ordering::SeqCst);
        ended.swap_remove(0).1
    }

    /// Outcome of a task, including a panic.
    fn ended(&mut self, task: Joined) -> (Lease, Outcome) {
        let (id, outcome) = match task {
            Ok(ended) => ended,
            Err(error) => {
                let outcome = if error.is_panic() {
                    counter!("paraph_job_panics_total").increment(1);
                    Outcome::Retry("Paraph had an internal error: see its log".into())
                } else {
                    Outcome::Cancelled
                };
                (error.id(), outcome)
            }
        };
        let (lease, began) = self.held.remove(&id).unwrap_or_else(|| unreachable!("every task has a lease"));
        note(&lease, &outcome, began.elapsed());
        (lease, outcome)
    }

    async fn give_back(&self, ended: &[(Lease, Outcome)]) {
        let Inner { store, node, .. } = &*self.leases.0;
        let now_ms = self.now_ms();
        let settled: Vec<(Lease, Settled)> =
            ended.iter().map(|(lease, outcome)| (lease.clone(), outcome.settled(lease, now_ms))).collect();
        for attempt in 1..=SETTLE_ATTEMPTS {
            match store.settle(&settled).await {
                Ok(held) => {
                    let lost = held.iter().filter(|held| !**held).count();
                    if lost > 0 {
                        tracing::debug!(lost, "leases were lost before they were returned");
                    }
                    return;
                }
                Err(error) if attempt == SETTLE_ATTEMPTS => {
                    tracing::warn!(%error, leases = settled.len(), "leases could not be returned");
                    node.lose();
                }
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }
}

fn note(lease: &Lease, outcome: &Outcome, took: Duration) {
    let kind = lease.key.kind.clone();
    histogram!("paraph_job_seconds", "job" => kind.clone()).record(took.as_secs_f64());
    counter!("paraph_leases_total", "job" => kind.clone(), "outcome" => outcome.as_str()).increment(1);
    if let Some(reason) = outcome.reason() {
        counter!("paraph_job_failures_total", "job" => kind.clone()).increment(1);
        let (tenant, attempt) = (&lease.key.tenant, lease.attempt + 1);
        tracing::warn!(job = kind, tenant, attempt, reason, "a job failed");
    }
}
