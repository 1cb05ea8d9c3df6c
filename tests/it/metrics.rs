//! Numbers about the server, on a listener of their own.

use api::paths::{ME, SIGNATURE};
use axum::http::StatusCode;
use serde_json::json;
use tests::app::{ADA, GRACE, TestApp};

#[tokio::test]
async fn metrics_are_on_their_own_listener_and_nowhere_else() {
    let app = TestApp::start().await;
    for path in ["/metrics", "/api/v1/metrics", "/api/metrics"] {
        assert_eq!(app.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(app.metrics().await.contains("paraph_build_info{version=\""));
}

#[tokio::test]
async fn requests_signatures_and_refusals_are_counted_without_naming_anybody() {
    let app = TestApp::start().await;
    let draft = json!({ "kind": "reply", "subject": "Quarterly secrets", "platform": "OfficeOnline" });
    assert_eq!(app.post(SIGNATURE, GRACE, &draft).await.status, StatusCode::OK);
    let made_up = json!({ "kind": "reply", "platform": "made-up-platform" });
    assert_eq!(app.post(SIGNATURE, GRACE, &made_up).await.status, StatusCode::OK);
    app.get_with(ME, "x").await;
    app.get("/made-up-path").await;
    app.send(app.request("MADE-UP-METHOD", "/health")).await;
    let metrics = app.metrics().await;
    for expected in [
        "paraph_http_requests_total{method=\"POST\",route=\"/api/v1/signature\",status=\"200\"}",
        "paraph_http_request_seconds_bucket{route=\"/api/v1/signature\",le=\"",
        "paraph_signatures_total{kind=\"reply\",platform=\"officeonline\",outcome=\"signed\"}",
        "paraph_signatures_total{kind=\"reply\",platform=\"other\",outcome=\"signed\"}",
        "paraph_sign_in_refusals_total{reason=\"malformed\"}",
        "paraph_http_requests_total{method=\"other\",route=\"none\",status=\"404\"}",
        "paraph_http_requests_total{method=\"other\",route=\"/health\",status=\"405\"}",
    ] {
        assert!(metrics.contains(expected), "{expected} is not in {metrics}");
    }
    for secret in ["made-up", "MADE-UP", "Quarterly", ADA.address, GRACE.address, GRACE.oid, GRACE.tid] {
        assert!(!metrics.contains(secret), "{secret} is in the metrics");
    }
}

#[tokio::test]
async fn every_series_is_there_before_its_first_event() {
    let app = TestApp::start().await;
    let metrics = app.metrics().await;
    for expected in [
        "paraph_signatures_total{kind=\"forward\",platform=\"ios\",outcome=\"none\"} ",
        "paraph_http_requests_total{method=\"POST\",route=\"/api/v1/signature\",status=\"503\"} ",
        "paraph_sign_in_refusals_total{reason=\"expired\"} ",
        "paraph_console_sign_in_failures_total ",
        "paraph_key_fetch_failures_total ",
        "paraph_problems_total ",
        "paraph_directory_runs_total{source=\"entra\",outcome=\"failed\"} ",
        "paraph_database_errors_total ",
        "paraph_database_probe_failures_total{reason=\"read_only\"} ",
        "paraph_database_connections{pool=\"write\",state=\"idle\"} ",
        "paraph_stale_tenants ",
        "paraph_stale_seconds ",
        "paraph_http_connections ",
        "paraph_http_connections_closed_total{reason=\"silent\"} ",
        "process_cpu_seconds_total ",
        "process_resident_memory_bytes ",
        "process_open_fds ",
        "process_start_time_seconds ",
    ] {
        assert!(metrics.lines().any(|line| line.starts_with(expected)), "{expected} is not in {metrics}");
    }
}

#[tokio::test]
async fn methods_jobs_and_runs_have_series_of_their_own() {
    let app = TestApp::start().await;
    for method in ["PUT", "DELETE", "PATCH"] {
        app.send(app.request(method, "/api/v1/tenants/x/people/y")).await;
    }
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let jobs = paraph::jobs::start(&app.app, &stopped);
    let ended = [
        "paraph_database_writable 1",
        "paraph_job_seconds_count{job=\"tidy\"}",
        "paraph_job_seconds_count{job=\"clicks\"}",
    ];
    let all = async {
        while !{
            let metrics = app.metrics().await;
            ended.iter().all(|series| metrics.contains(series))
        } {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_mins(1), all).await.expect("each is done at once");
    stop.send(true).unwrap();
    jobs.finish(std::time::Duration::from_secs(20)).await;
    let metrics = app.metrics().await;
    for expected in [
        "paraph_http_requests_total{method=\"PUT\",",
        "paraph_http_requests_total{method=\"DELETE\",",
        "paraph_job_last_run_timestamp_seconds{job=\"clients\"} ",
        "paraph_job_last_success_timestamp_seconds{job=\"clicks\"} ",
        "paraph_job_failures_total{job=\"clients\"} ",
        "paraph_job_failures_total{job=\"source\"} ",
        "paraph_job_seconds_count{job=\"tidy\"} ",
        "paraph_leases_total{job=\"publish\",outcome=\"failed\"} ",
        "paraph_job_panics_total ",
        "paraph_database_readable 1",
        "paraph_database_writable 1",
        "paraph_database_probe_seconds_count ",
    ] {
        assert!(metrics.lines().any(|line| line.starts_with(expected)), "{expected} is not in {metrics}");
    }
}
