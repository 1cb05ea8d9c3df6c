//! The SQLite file: locked by another program, moved away, replaced, copied, opened by a second server.

use paraph::clock::Clock;
use sqlx::Connection as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tests::clerk::Clerk;
use tests::postgres::connect;
use tests::serving::Serving;

/// Longest until the server notices by itself.
const LONGEST: Duration = Duration::from_secs(40);

/// A server with an owner, and its database.
async fn ready() -> (Serving, Clerk, PathBuf, String) {
    let mut serving = Serving::new();
    serving.start().await;
    let clerk = Clerk::new(&serving).await;
    clerk.must_add().await;
    let file = serving.folder.path().join("paraph.db");
    let url = format!("sqlite:{}", file.display());
    (serving, clerk, file, url)
}

/// Adds people until one is taken.
async fn until_added(clerk: &Clerk) {
    let started = Instant::now();
    while clerk.add().await.is_none_or(|(status, _)| status != 201) {
        assert!(started.elapsed() < LONGEST, "nobody can be added any more");
        Clock::system().sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_locked_file_refuses_writes_and_nothing_else_until_it_is_free() {
    let (mut serving, clerk, _, url) = ready().await;
    let mut other = connect(&url).await;
    sqlx::raw_sql("begin immediate").execute(&mut other).await.unwrap();
    for _ in 0..2 {
        clerk.must_be_refused().await;
        assert_eq!(clerk.read().await, 200);
    }
    sqlx::raw_sql("rollback").execute(&mut other).await.unwrap();
    clerk.must_add().await;
    other.close().await.unwrap();
    clerk.check(&url).await;
    serving.stop();
}

#[tokio::test]
async fn a_file_that_was_moved_away_and_back_is_used_again() {
    let (mut serving, clerk, file, url) = ready().await;
    let away = file.with_extension("away");
    for _ in 0..3 {
        std::fs::rename(&file, &away).unwrap();
        clerk.must_be_refused().await;
        assert!(!file.exists(), "an empty database took its place");
        std::fs::rename(&away, &file).unwrap();
        until_added(&clerk).await;
        clerk.must_add().await;
    }
    clerk.check(&url).await;
    serving.stop();
}

#[tokio::test]
async fn a_file_that_comes_back_as_a_copy_is_opened_again() {
    let (mut serving, clerk, file, url) = ready().await;
    let away = file.with_extension("away");
    for _ in 0..2 {
        // As `mv` does between two disks.
        std::fs::rename(&file, &away).unwrap();
        clerk.must_be_refused().await;
        std::fs::copy(&away, &file).unwrap();
        std::fs::remove_file(&away).unwrap();
        until_added(&clerk).await;
        clerk.must_add().await;
        clerk.check(&url).await;
    }
    serving.stop();
    clerk.check(&url).await;
}

#[tokio::test]
async fn a_copy_of_the_file_alone_holds_everything_soon_and_after_every_command() {
    let (mut serving, clerk, file, url) = ready().await;
    let copy = serving.folder.path().join("copy.db");
    let copied = format!("sqlite:{}", copy.display());
    let people = async || {
        std::fs::copy(&file, &copy).unwrap();
        let mut database = connect(&copied).await;
        let count = sqlx::query_scalar("select count(*) from people").fetch_one(&mut database).await;
        database.close().await.unwrap();
        count.unwrap_or(0_i64)
    };
    let started = Instant::now();
    while people().await != 1 {
        assert!(started.elapsed() < LONGEST, "a copied file is out of date");
        Clock::system().sleep(Duration::from_millis(200)).await;
    }
    clerk.must_add().await;
    serving.stop();
    assert_eq!(people().await, 2, "after a stop");
    assert!(!file.with_extension("db-wal").exists());
    serving.start().await;
    clerk.must_add().await;
    serving.kill();
    assert!(serving.run(&["migrate"]).status.success());
    assert_eq!(people().await, 3, "after a kill and a command");
    clerk.check(&url).await;
}

#[tokio::test]
async fn nobody_but_its_owner_reads_the_database() {
    let mut serving = Serving::new();
    let file = serving.folder.path().join("paraph.db");
    // As an earlier version made it.
    std::fs::write(&file, "").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    for _ in 0..2 {
        serving.start().await;
        let mut looked = 0;
        for entry in std::fs::read_dir(serving.folder.path()).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if name.starts_with("paraph") {
                let mode = entry.metadata().unwrap().permissions().mode();
                assert_eq!(mode & 0o777, 0o600, "{name}");
                looked += 1;
            }
        }
        assert_eq!(looked, 5, "database, log, index, key and lock");
        serving.kill();
    }
}

#[tokio::test]
async fn a_second_server_on_the_same_file_is_refused_and_commands_are_not() {
    let (mut serving, clerk, _, url) = ready().await;
    let second = serving.run(&["serve"]);
    let text = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(1), "{text}");
    assert!(text.contains(&format!("(process {})", serving.id())) && text.contains("stop it first"), "{text}");
    assert!(serving.run(&["migrate"]).status.success());
    clerk.must_add().await;
    serving.kill();
    serving.start().await;
    clerk.must_add().await;
    clerk.check(&url).await;
    serving.stop();
}
