//! `run` and `preview`.

use super::output;
use crate::journal::{Entry, Outcome};
use crate::run::{self, Needs, Purpose, Step};
use crate::service::{self, RunNow};
use crate::show;
use std::io::IsTerminal as _;
use std::process::ExitCode;

/// Exit code when an admin must confirm the run.
const WAITS: u8 = 3;

pub(super) async fn preview(needs: &Needs) -> anyhow::Result<ExitCode> {
    let done = run::run(needs, Purpose::Preview, &mut say).await;
    quiet();
    let done = done?;
    output::print(&(show::upload(&done.upload) + &show::warnings(&done.warnings)))?;
    let planned = done.upload.state == api::console::RunState::Planned;
    Ok(if planned { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(super) async fn once(needs: &Needs) -> anyhow::Result<ExitCode> {
    let _lock = service::take(needs)?;
    let began_ms = needs.clock.now_ms();
    let ended = run::run(needs, Purpose::Apply, &mut say).await;
    quiet();
    service::note_run(needs, began_ms, &ended);
    let entry = Entry::new(began_ms, began_ms, &ended);
    let done = ended?;
    // The run is over and the exit code reports it, even if nothing can be printed.
    let _ = output::print(&(show::upload(&done.upload) + &show::warnings(&done.warnings)));
    Ok(match entry.outcome {
        Outcome::Applied => ExitCode::SUCCESS,
        Outcome::Waiting => WAITS.into(),
        Outcome::Cancelled | Outcome::Away | Outcome::Failed => ExitCode::FAILURE,
    })
}

/// Runs as a service until `stop`.
pub(super) async fn serve(needs: &Needs, stop: impl Future<Output = ()>) -> anyhow::Result<ExitCode> {
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::INFO);
    // A log that cannot be written must not end the service: reporting that on the same standard error would.
    log.log_internal_errors(false).init();
    let _lock = service::take(needs)?;
    let (run_now, wishes) = service::wishes();
    listen(run_now.clone());
    let page = super::web::beside(needs, run_now).await;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), folder = %needs.place.folder().display(), "paraph-connector runs");
    service::serve(needs, wishes, stop).await;
    drop(page);
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// SIGUSR1 requests a run.
#[cfg(unix)]
fn listen(run_now: RunNow) {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::user_defined1()) {
        Ok(mut asked) => {
            tokio::spawn(async move {
                while asked.recv().await.is_some() {
                    run_now.ask();
                }
            });
        }
        Err(error) => tracing::warn!("SIGUSR1 cannot be handled: {error}"),
    }
}

#[cfg(not(unix))]
fn listen(_: RunNow) {}

/// Completes when the program is told to stop, with Ctrl+C or by the service manager.
#[cfg(unix)]
pub(super) async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminated) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = terminated.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

#[cfg(not(unix))]
pub(super) async fn stopped() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Progress, in one line that is overwritten.
fn say(step: Step) {
    if !std::io::stderr().is_terminal() {
        return;
    }
    let line = match step {
        Step::Querying(rows) => format!("querying the database: {rows} rows"),
        Step::Sending(part, parts) => format!("sending part {} of {parts}", part + 1),
        Step::Waiting(state, done, rows) => format!("Paraph: {state:?} {done} of {rows}").to_lowercase(),
        Step::Away => "Paraph does not answer; retrying".into(),
    };
    output::hint(&format!("\r\x1b[2K{line}"));
}

/// Clears the progress line.
fn quiet() {
    if std::io::stderr().is_terminal() {
        output::hint("\r\x1b[2K");
    }
}
