//! Logs and metrics. Neither ever holds addresses, subjects, bodies or tokens.

use crate::config::{Log, LogFormat};
use anyhow::Context as _;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;
use std::time::Duration;
use tracing_subscriber::EnvFilter;

/// Upper bounds of the duration buckets, in seconds.
const BUCKETS: [f64; 12] = [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 2.0, 10.0];

/// Starts the log, on standard error.
///
/// # Errors
/// When `log.level` is no level, or a log runs already.
pub fn init(log: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&log.level)
        .with_context(|| format!("log.level is {:?}: write error, warn, info, debug or trace", log.level))?
        // It warns of every tag in a template that stands where it should not; the editor's advice says so.
        .add_directive("html5ever=error".parse().context("a directive")?);
    let log_lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let result = match log.format {
        LogFormat::Text => log_lines.try_init(),
        LogFormat::Json => log_lines.json().flatten_event(true).try_init(),
    };
    result.map_err(|error| anyhow::anyhow!("the log cannot be started: {error}"))
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
            handle
        })
        .clone()
}

fn describe() {
    use metrics::{describe_counter, describe_gauge, describe_histogram, gauge};
    describe_counter!("paraph_http_requests_total", "Requests by method, route and status");
    describe_histogram!("paraph_http_request_seconds", "How long requests took, by route");
    describe_counter!("paraph_signatures_total", "Signatures by kind of draft, platform and outcome");
    describe_histogram!("paraph_signature_seconds", "How long signing took, without HTTP");
    describe_counter!("paraph_sign_in_refusals_total", "Requests refused for their token, by reason");
    describe_counter!("paraph_key_fetch_failures_total", "Failed look-ups of the sign-in authority's keys");
    describe_counter!("paraph_problems_total", "Problems met while signing: something that an admin should mend");
    describe_gauge!(
        "paraph_secrets_key_mismatch",
        "1 while the database is sealed with another key than this server's"
    );
    gauge!("paraph_secrets_key_mismatch").set(0.0);
    describe_gauge!("paraph_build_info", "1, with the version as a label");
    gauge!("paraph_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
}

/// How often recorded samples have to be folded together; without it they pile up.
pub const UPKEEP_EVERY: Duration = Duration::from_secs(5);
