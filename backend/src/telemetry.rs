//! Logs and metrics. Neither ever holds addresses, subjects, bodies or tokens.

use crate::config::{Log, LogFormat};
use crate::{log_level, series};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::io::IsTerminal as _;
use std::sync::OnceLock;
use std::time::Duration;

/// Upper bounds of the duration buckets, in seconds.
const BUCKETS: [f64; 12] = [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 2.0, 10.0];

/// Starts the log, on standard error.
///
/// # Errors
/// When `log.level` is no level, or a log runs already.
pub fn init(log: &Log) -> anyhow::Result<()> {
    let log_lines = tracing_subscriber::fmt()
        .with_env_filter(log_level::filter(&log.level)?)
        .with_writer(std::io::stderr)
        .with_ansi(is_coloured());
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
    result.map_err(|error| anyhow::anyhow!("the log cannot be started: {error}"))
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
    use metrics::{describe_counter, describe_gauge, describe_histogram};
    describe_counter!("paraph_http_requests_total", "Requests by method, route and status");
    describe_histogram!("paraph_http_request_seconds", "How long requests took, by route");
    describe_counter!("paraph_signatures_total", "Signatures by kind of draft, platform and outcome");
    describe_histogram!("paraph_signature_seconds", "How long signing took, without HTTP");
    describe_counter!("paraph_sign_in_refusals_total", "Requests refused for their token, by reason");
    describe_counter!("paraph_key_fetch_failures_total", "Failed look-ups of the sign-in authority's keys");
    describe_counter!("paraph_problems_total", "Problems met while signing: something that an admin should mend");
    describe_gauge!("paraph_build_info", "1, with the version as a label");
}

/// How often recorded samples have to be folded together; without it they pile up.
pub const UPKEEP_EVERY: Duration = Duration::from_secs(5);
