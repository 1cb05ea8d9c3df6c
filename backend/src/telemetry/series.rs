//! Every metric by name. Counters are there, at 0, before their first event: an alert on what never happened yet would
//! otherwise watch nothing.

use crate::identity::Refusal;
use crate::store::{Job, Source, Trouble};
use email_signature::Kind;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_process::Collector;

/// Sources that runs read.
const SOURCES: [Source; 4] = [Source::Entra, Source::Google, Source::Database, Source::Csv];

/// Platforms that have a series of their own in the metrics.
pub(crate) const PLATFORMS: [&str; 9] =
    ["pc", "officeonline", "mac", "ios", "android", "universal", "web", "classic", "mobile"];

/// How runs end: applied, failed, cancelled by a user, or waiting for confirmation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// Applied, changes or none.
    Applied,
    /// Failed; nothing was changed.
    Failed,
    /// Cancelled by somebody.
    Cancelled,
    /// Waiting for somebody's confirmation.
    Waiting,
}

impl RunEnd {
    const ALL: [Self; 4] = [Self::Applied, Self::Failed, Self::Cancelled, Self::Waiting];

    fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Waiting => "waiting",
        }
    }
}

/// Counts how a directory run ended.
pub(crate) fn run_ended(source: Source, end: RunEnd) {
    counter!("paraph_directory_runs_total", "source" => source.as_str(), "outcome" => end.as_str()).increment(1);
}

/// Describes every metric and makes every series whose labels are known beforehand.
pub(crate) fn begin() {
    describe();
    Collector::default().describe();
    for kind in [Kind::New, Kind::Reply, Kind::Forward, Kind::Appointment] {
        for platform in PLATFORMS.into_iter().chain(["other"]) {
            for outcome in ["signed", "none"] {
                let labels = [("kind", kind.as_str()), ("platform", platform), ("outcome", outcome)];
                counter!("paraph_signatures_total", &labels).increment(0);
            }
        }
    }
    for status in ["200", "401", "403", "500", "503"] {
        let labels = [("method", "POST"), ("route", ::api::paths::SIGNATURE), ("status", status)];
        counter!("paraph_http_requests_total", &labels).increment(0);
    }
    for reason in Refusal::ALL.into_iter().map(Refusal::reason).chain(["not_in_directory"]) {
        counter!("paraph_sign_in_refusals_total", "reason" => reason).increment(0);
    }
    for reason in Trouble::ALL {
        counter!("paraph_database_probe_failures_total", "reason" => reason.as_str()).increment(0);
    }
    for reason in ["silent", "idle", "evicted"] {
        counter!("paraph_http_connections_closed_total", "reason" => reason).increment(0);
    }
    for source in SOURCES {
        for end in RunEnd::ALL {
            let labels = [("source", source.as_str()), ("outcome", end.as_str())];
            counter!("paraph_directory_runs_total", &labels).increment(0);
        }
    }
    for job in Job::ALL.map(Job::as_str) {
        for outcome in ["done", "snoozed", "retried", "failed", "cancelled"] {
            counter!("paraph_leases_total", "job" => job, "outcome" => outcome).increment(0);
        }
        counter!("paraph_job_failures_total", "job" => job).increment(0);
    }
    counter!("paraph_job_panics_total").increment(0);
    for name in [
        "paraph_key_fetch_failures_total",
        "paraph_problems_total",
        "paraph_served_stale_total",
        "paraph_database_errors_total",
        "paraph_console_sign_in_failures_total",
    ] {
        counter!(name).increment(0);
    }
    gauge!("paraph_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
}

fn describe() {
    describe_gauge!("paraph_stale_tenants", "Tenants served from memory because the database does not confirm them");
    describe_gauge!("paraph_stale_seconds", "How long ago the database confirmed the oldest of these tenants");
    describe_counter!("paraph_served_stale_total", "Requests answered from memory because the database failed");
    describe_gauge!("paraph_tenants_in_memory", "Tenants in memory");
    describe_gauge!("paraph_database_readable", "1 when the database can be read, else 0");
    describe_gauge!("paraph_database_writable", "1 when the database can be written, else 0");
    describe_histogram!("paraph_database_probe_seconds", "How long the database took to answer a small question");
    describe_counter!("paraph_database_probe_failures_total", "Times that the database was found unusable, by reason");
    describe_counter!("paraph_database_errors_total", "Database calls that failed for a reason of the database's own");
    describe_gauge!("paraph_database_connections", "Open connections to the database, by pool and state");
    describe_counter!("paraph_directory_runs_total", "Directory runs that this node has ended, by source and outcome");
    describe_gauge!("paraph_directory_last_success_timestamp_seconds", "When a source was last applied, by tenant");
    describe_gauge!("paraph_directory_failures", "Failures of a source since it was last applied, by tenant");
    describe_gauge!("paraph_job_last_run_timestamp_seconds", "When a job last ended, by job");
    describe_gauge!("paraph_job_last_success_timestamp_seconds", "When a job last succeeded, by job");
    describe_counter!("paraph_leases_total", "Jobs for tenants that this node has ended, by job and outcome");
    describe_counter!("paraph_job_panics_total", "Jobs that ended with an internal error of Paraph");
    describe_gauge!("paraph_leases_overdue", "Jobs for tenants that are due, by lane");
    describe_gauge!("paraph_leases_held", "Jobs for tenants that a node is running, by lane");
    describe_counter!("paraph_job_failures_total", "Jobs that failed, by job");
    describe_histogram!("paraph_job_seconds", "How long jobs took, by job");
    describe_gauge!("paraph_http_connections", "Open connections of clients");
    describe_counter!("paraph_http_connections_closed_total", "Connections closed because they were silent, by reason");
    describe_counter!("paraph_console_sign_in_failures_total", "Failed attempts to sign in to the console");
}
