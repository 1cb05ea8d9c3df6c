//! `paraph` ended with SIGKILL in the middle of what it does, on both databases: `cargo xtask test` does it a few times,
//! `cargo xtask faults` often.

use crate::clerk::Clerk;
use crate::postgres::{connect, new_database};
use crate::serving::Serving;
use paraph::clock::Clock;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How many write at the same time.
const CLERKS: usize = 4;
/// A round lasts from this to twice this, so that kills come at any moment of a write.
const ROUND: Duration = Duration::from_millis(150);
/// After this something hangs.
const LONGEST: Duration = Duration::from_mins(1);

/// A kind of database.
#[derive(Clone, Copy, Debug)]
enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    const BOTH: [Self; 2] = [Self::Sqlite, Self::Postgres];

    /// A server with an empty database of this kind, and the database's address.
    async fn server(self) -> (Serving, String) {
        let mut serving = Serving::new();
        let url = match self {
            Self::Sqlite => format!("sqlite:{}", serving.folder.path().join("paraph.db").display()),
            Self::Postgres => new_database().await,
        };
        serving.set("database.url", &url);
        serving.set("secrets.key", &format!("{}=", "A".repeat(43)));
        (serving, url)
    }
}

/// Kills a server so many times while several people write, and starts it again: everybody who was acknowledged is there,
/// once.
///
/// # Panics
/// When somebody is not.
pub async fn under_writes(kills: usize) {
    for engine in Engine::BOTH {
        let (mut serving, url) = engine.server().await;
        serving.start().await;
        let clerk = Clerk::new(&serving).await;
        for kill in 0..kills {
            let before = clerk.acknowledged().await;
            let stop = Arc::new(AtomicBool::new(false));
            let mut writing = tokio::task::JoinSet::new();
            for _ in 0..CLERKS {
                let (clerk, stop) = (clerk.clone(), Arc::clone(&stop));
                writing.spawn(async move {
                    while !stop.load(Ordering::Relaxed) {
                        if clerk.add().await.is_none() {
                            return;
                        }
                    }
                });
            }
            let started = Instant::now();
            // In the middle of writing, not before it.
            while clerk.acknowledged().await == before {
                assert!(started.elapsed() < LONGEST, "nobody is acknowledged: {}", serving.log());
                Clock::system().sleep(Duration::from_millis(5)).await;
            }
            let jitter = u32::from(paraph::random::bytes::<1>()[0]);
            Clock::system().sleep(ROUND + ROUND * jitter / 256).await;
            serving.kill();
            stop.store(true, Ordering::Relaxed);
            writing.join_all().await;
            serving.start().await;
            clerk.check(&url).await;
            assert!(clerk.acknowledged().await > before, "kill {kill}");
        }
        clerk.must_add().await;
        clerk.check(&url).await;
        serving.stop();
    }
}

/// Kills `paraph migrate` at so many moments of an empty database's migration; then another one, or a server, completes it.
///
/// # Panics
/// When it does not, or the schema is another one than without a kill.
pub async fn while_migrating(points: u32) {
    for engine in Engine::BOTH {
        let (reference, url) = engine.server().await;
        let started = Instant::now();
        assert!(reference.run(&["migrate"]).status.success());
        let takes = started.elapsed();
        let expected = schema(&url).await;
        for point in 0..points {
            let (mut serving, url) = engine.server().await;
            let mut migrate = serving.command(&["migrate"]).spawn().unwrap();
            Clock::system().sleep(takes * point / points).await;
            let _ = migrate.kill();
            migrate.wait().unwrap();
            if point % 2 == 0 {
                let said = serving.run(&["migrate"]);
                assert!(said.status.success(), "point {point}: {}", String::from_utf8_lossy(&said.stderr));
            }
            serving.start().await;
            assert_eq!(schema(&url).await, expected, "point {point}");
            Clerk::new(&serving).await.must_add().await;
            serving.stop();
        }
    }
}

/// Every column of every table, and every migration that was run.
async fn schema(url: &str) -> Vec<String> {
    let mut database = connect(url).await;
    let columns = if url.starts_with("sqlite:") {
        "select t.name || '.' || c.name || ' ' || c.type from sqlite_master t, pragma_table_info(t.name) c
         where t.type = 'table' order by 1"
    } else {
        "select (table_name || '.' || column_name || ' ' || data_type)::text from information_schema.columns
         where table_schema = 'public' order by 1"
    };
    let mut all: Vec<String> = sqlx::query_scalar(columns).fetch_all(&mut database).await.unwrap();
    let migrations = "select version, cast(success as text) from _sqlx_migrations order by version";
    let migrations: Vec<(i64, String)> = sqlx::query_as(migrations).fetch_all(&mut database).await.unwrap();
    all.extend(migrations.into_iter().map(|(version, success)| format!("{version} {success}")));
    sqlx::Connection::close(database).await.unwrap();
    all
}
