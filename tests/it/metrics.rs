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
