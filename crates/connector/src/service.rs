//! The program as a service: a run at start, then one at each interval and whenever somebody asks, never two at once.

use crate::files::{self, Lock};
use crate::journal::{Entry, Journal};
use crate::run::{self, Done, Needs, Purpose, Stopped};
use crate::schedule;
use std::time::Duration;
use tokio::sync::mpsc;

/// How long is waited at most before the clock is looked at again: it may have been set, or the machine may have slept.
const LOOK: Duration = Duration::from_mins(1);

/// Asks for a run now; one at most waits.
#[derive(Clone)]
pub struct RunNow(mpsc::Sender<()>);

/// Where such wishes arrive.
pub struct Wishes(mpsc::Receiver<()>);

/// The two ends of a wish for a run.
pub fn wishes() -> (RunNow, Wishes) {
    let (ask, asked) = mpsc::channel(1);
    (RunNow(ask), Wishes(asked))
}

impl RunNow {
    /// Asks. Whoever asks while another wish waits gets the same run.
    pub fn ask(&self) {
        let _ = self.0.try_send(());
    }
}

/// Takes the data folder for one program.
///
/// # Errors
/// When another program has it, or the folder cannot be written to.
pub fn take(needs: &Needs) -> anyhow::Result<Lock> {
    files::make_folder(needs.place.folder())?;
    let lock = files::lock(&needs.place.lock())?;
    let lock = lock.ok_or_else(|| {
        anyhow::anyhow!(
            "another paraph-connector works in {}: stop it first, or ask it for a run (systemctl kill --signal=USR1 paraph-connector)",
            needs.place.folder().display()
        )
    })?;
    run::clear(&needs.place);
    Ok(lock)
}

/// Runs until it is told to stop.
pub async fn serve(needs: &Needs, mut wishes: Wishes, stop: impl Future<Output = ()>) {
    let started_ms = needs.clock.now_ms();
    note(needs, |journal| journal.started_ms = Some(started_ms));
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = once(needs) => {}
            () = &mut stop => break,
        }
        // A wish that came while it ran wants what has changed since then.
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

/// One run, written down and logged.
async fn once(needs: &Needs) {
    let began_ms = needs.clock.now_ms();
    note(needs, |journal| journal.running_ms = Some(began_ms));
    let ended = run::run(needs, Purpose::Apply, &mut |_| ()).await;
    log(&ended);
    let entry = Entry::new(began_ms, needs.clock.now_ms(), &ended);
    note(needs, |journal| journal.add(entry));
}

/// Waits for the next run. The interval is looked up again and again: it may be changed meanwhile.
async fn wait(needs: &Needs, until: impl Fn() -> i64) {
    let mut next_ms = until();
    loop {
        note(needs, |journal| journal.next_ms = Some(next_ms));
        let left = next_ms - needs.clock.now_ms();
        let Some(left) = u64::try_from(left).ok().filter(|left| *left > 0).map(Duration::from_millis) else { return };
        needs.clock.sleep(left.min(LOOK)).await;
        // Counted from now it would be the one after this, once its time has come.
        next_ms = if needs.clock.now_ms() < next_ms { until() } else { next_ms };
    }
}

/// Writes a run down that somebody ran by hand.
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
        tracing::error!("the status cannot be written down: {error:#}");
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
