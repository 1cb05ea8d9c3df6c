//! Logs and metrics. Neither ever holds addresses, subjects, bodies or tokens.

mod log_lines;
/// Every metric by name.
pub mod series;

use crate::config::{Log, LogFormat, log_level};
use anyhow::Context as _;
use log_lines::LogLines;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{IsTerminal as _, Write as _};
use std::sync::OnceLock;
use std::time::Duration;

/// Upper bounds of the duration buckets, in seconds.
const BUCKETS: [f64; 12] = [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 2.0, 10.0];

/// Starts the log, on standard error; panics are part of it. A log that cannot be written stops nothing.
///
/// # Errors
/// When `log.level` is not a level, or a log is already running.
pub fn init(log: &Log) -> anyhow::Result<()> {
    let lines = LogLines::of_standard_error().context("the log cannot be started")?;
    let log_lines = tracing_subscriber::fmt()
        .with_env_filter(log_level::filter(&log.level)?)
        .with_ansi(is_coloured())
        .with_writer(lines.clone())
        // On standard error, which would end the request when it cannot be written.
        .log_internal_errors(false);
    let result = match log.format {
        LogFormat::Text => {
            let log_lines = log_lines.with_filter_reloading();
            let handle = log_lines.reload_handle();
            log_level::remember(Box::new(move |filter| Ok(handle.reload(filter)?)));
            log_lines.try_init()
        }
        LogFormat::Json => {
            let log_lines = log_lines.json().flatten_event(true).with_filter_reloading();
            let handle = log_lines.reload_handle();
            log_level::remember(Box::new(move |filter| Ok(handle.reload(filter)?)));
            log_lines.try_init()
        }
    };
    result.map_err(|error| anyhow::anyhow!("the log cannot be started: {error}"))?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let trace = Backtrace::capture();
        let trace = (trace.status() == BacktraceStatus::Captured).then(|| trace.to_string());
        tracing::error!(place, trace, "panic: {}", panic.payload_as_str().unwrap_or_default());
    }));
    Ok(())
}

/// Writes what a program says when it fails, as a line of its own on standard error; a second at most.
pub fn complain(text: &str) {
    if let Ok(mut lines) = LogLines::of_standard_error() {
        let _ = lines.write_all(format!("{text}\n").as_bytes());
    }
}

/// Waits until logged lines are written, for a second at most: lines that are not written when the program ends are
/// lost.
pub fn flush() {
    if let Ok(lines) = LogLines::of_standard_error() {
        lines.flush();
    }
}

/// Colours are for people at a terminal who have not asked for none (<https://no-color.org>).
fn is_coloured() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// The metrics of this process, recorded from the first call on.
///
/// # Panics
/// Never: where another recorder is installed already, the handle is of one that nothing is recorded in.
pub fn metrics() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE
        .get_or_init(|| {
            let builder = PrometheusBuilder::new();
            let builder = builder
                .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &BUCKETS)
                .unwrap_or_else(|_| PrometheusBuilder::new());
            let recorder = builder.build_recorder();
            let handle = recorder.handle();
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::warn!("another metrics recorder is installed already");
            }
            describe();
            series::begin();
            handle
        })
        .clone()
}

fn describe() {
    use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge};
    describe_counter!("paraph_http_requests_total", "Requests by method, route and status");
    describe_histogram!("paraph_http_request_seconds", "How long requests took, by route");
    describe_counter!("paraph_signatures_total", "Signatures by kind of draft, platform and outcome");
    describe_histogram!("paraph_signature_seconds", "How long signing took, without HTTP");
    describe_counter!("paraph_sign_in_refusals_total", "Requests refused for their token, by reason");
    describe_counter!("paraph_key_fetch_failures_total", "Failed look-ups of the sign-in authority's keys");
    describe_counter!("paraph_problems_total", "Problems found while signing, which an admin should correct");
    describe_counter!(log_lines::LOST, "Log lines lost: the log could not be written, or nobody read it");
    counter!(log_lines::LOST).increment(0);
    describe_gauge!(
        "paraph_secrets_key_mismatch",
        "1 while the database is sealed with another key than this server's"
    );
    gauge!("paraph_secrets_key_mismatch").set(0.0);
    describe_gauge!("paraph_build_info", "1, with the version as a label");
}

/// How often recorded samples have to be folded together; without it they pile up.
pub const UPKEEP_EVERY: Duration = Duration::from_secs(5);
