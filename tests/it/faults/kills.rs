//! Programs that are killed: a few times here, often in `cargo xtask faults`.

use tests::kills;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_outlives_a_kill() {
    kills::under_writes(5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_that_was_killed_is_completed() {
    kills::while_migrating(5).await;
}
