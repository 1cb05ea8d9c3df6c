//! The service: one run at start-up, then one at each interval and on request, never two at once.

use crate::files::{self, Lock};
use crate::journal::{Entry, Journal};
use crate::run::{self, Done, Needs, Purpose, Stopped};
use crate::schedule;
use std::time::Duration;
use tokio::sync::mpsc;

/// Longest wait before the clock is read again: it may have been set, or the machine may have been suspended.
const LOOK: Duration = Duration::from_mins(1);

/// Requests a run; at most one request waits.
#[derive(Clone)]
pub struct RunNow(mpsc::Sender<()>);

/// Receives the requests.
pub struct Wishes(mpsc::Receiver<()>);

/// A channel for requests to run.
pub fn wishes() -> (RunNow, Wishes) {
    let (ask, asked) = mpsc::channel(1);
    (RunNow(ask), Wishes(asked))
}

impl RunNow {
    /// Requests a run. A request made while another one waits shares its run.
    pub fn ask(&self) {
        let _ = self.0.try_send(());
    }
}

/// Locks the data folder for this program.
///
/// # Errors
/// When another program has locked it, or the folder cannot be written to.
pub fn take(needs: &Needs) -> anyhow::Result<Lock> {
    files::make_folder(needs.place.folder())?;
    let lock = files::lock(&needs.place.lock())?;
    let lock = lock.ok_or_else(|| {
        anyhow::anyhow!(
            "another paraph-connector is running in {}: stop it first, or request a run from it (systemctl reload \
             paraph-connector)",
            needs.place.folder().display()
        )
    })?;
    run::clear(&needs.place);
    Ok(lock)
}

/// Runs on schedule until `stop`.
pub async fn serve(needs: &Needs, mut wishes: Wishes, stop: impl Future<Output = ()>) {
    let started_ms = needs.clock.now_ms();
    note(needs, |journal| journal.started_ms = Some(started_ms));
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = once(needs) => {}
            () = &mut stop => break,
        }
        // A request that came during the run gets another run: the data may have changed since.
        let until = || {
            let minutes = needs.place.load().map_or(60, |config| config.schedule.minutes);
            schedule::next(started_ms, minutes, needs.clock.now_ms())
        };
        tokio::select! {
            () = wait(needs, until) => {}
            _ = wishes.0.recv() => {}
            () = &mut stop => break,
        }
    }
    note(needs, |journal| {
        journal.next_ms = None;
        journal.running_ms = None;
    });
}

/// Runs once, records the result and logs it.
async fn once(needs: &Needs) {
    let began_ms = needs.clock.now_ms();
    note(needs, |journal| journal.running_ms = Some(began_ms));
    let ended = run::run(needs, Purpose::Apply, &mut |_| ()).await;
    log(&ended);
    let entry = Entry::new(began_ms, needs.clock.now_ms(), &ended);
    note(needs, |journal| journal.add(entry));
}

/// Waits for the next run. The interval is read again regularly because the settings can change.
async fn wait(needs: &Needs, until: impl Fn() -> i64) {
    let mut next_ms = until();
    loop {
        note(needs, |journal| journal.next_ms = Some(next_ms));
        let left = next_ms - needs.clock.now_ms();
        let Some(left) = u64::try_from(left).ok().filter(|left| *left > 0).map(Duration::from_millis) else { return };
        needs.clock.sleep(left.min(LOOK)).await;
        // Once the time has come, counting from now would give the run after this one.
        next_ms = if needs.clock.now_ms() < next_ms { until() } else { next_ms };
    }
}

/// Records a run that was started by hand.
pub fn note_run(needs: &Needs, began_ms: i64, ended: &Result<Done, Stopped>) {
    let entry = Entry::new(began_ms, needs.clock.now_ms(), ended);
    note(needs, |journal| journal.add(entry));
}

fn note(needs: &Needs, change: impl FnOnce(&mut Journal)) {
    let path = needs.place.status();
    let before = Journal::load(&path);
    let mut journal = before.clone();
    change(&mut journal);
    if journal != before
        && let Err(error) = journal.save(&path)
    {
        tracing::error!("the status file cannot be written: {error:#}");
    }
}

fn log(ended: &Result<Done, Stopped>) {
    match ended {
        Ok(done) => {
            let plan = done.upload.plan.clone().unwrap_or_default();
            tracing::info!(
                rows = done.upload.rows,
                added = plan.added,
                changed = plan.changed,
                cleared = plan.cleared,
                wrong = plan.wrong,
                outcome = ?Entry::new(0, 0, ended).outcome,
                "run ended"
            );
            for warning in &done.warnings {
                tracing::warn!("{warning}");
            }
            if let Some(failure) = &done.upload.failure {
                tracing::warn!("{failure}");
            }
        }
        Err(stopped) => tracing::error!("run stopped, nothing was changed: {stopped:#}"),
    }
}
