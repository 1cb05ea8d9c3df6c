//! Faults injected for minutes, against the real server: `cargo xtask faults`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod database_away;

use tests::kills;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_outlives_fifty_kills() {
    kills::under_writes(50).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_that_was_killed_at_25_points_is_completed() {
    kills::while_migrating(25).await;
}
