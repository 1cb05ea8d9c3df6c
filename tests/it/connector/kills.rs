//! Server and connector as programs of their own, each ended with SIGKILL in the middle of a run.

use super::configured;
use clap::Parser as _;
use paraph_connector::config::{Database, Kind, Place};
use serde_json::Value;
use sqlx::Connection as _;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tests::app::CLIENT_ID;
use tests::connected::{self, SECRET};
use tests::postgres::{connect, new_database};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// Enough for a run to take a while in small steps.
const PEOPLE: usize = 1_000;
/// So often each of the two is killed. On PostgreSQL a killed server is missed only once it has been silent for a while.
const KILLS: [u32; 2] = [10, 3];
/// After this something hangs.
const LONGEST: Duration = Duration::from_mins(2);

/// What the programs are told.
const ARGUMENTS: &str = "PARAPH_TEST_ARGUMENTS";

/// No test but the server, when [`Here::program`] starts this program once more.
#[tokio::test]
#[ignore = "it is the server of the other test"]
async fn server() {
    let Ok(arguments) = std::env::var(ARGUMENTS) else { return };
    paraph::cli::run(paraph::cli::Cli::parse_from(arguments.split('\n'))).await.unwrap();
}

/// The same for the connector, which has a runtime of its own.
#[test]
#[ignore = "it is the connector of the other test"]
fn connector() {
    let Ok(arguments) = std::env::var(ARGUMENTS) else { return };
    let code = paraph_connector::cli::main(paraph_connector::cli::Cli::parse_from(arguments.split('\n')));
    assert_eq!(format!("{code:?}"), format!("{:?}", std::process::ExitCode::SUCCESS));
}

/// Both programs, their databases and their settings.
struct Here {
    folder: tempfile::TempDir,
    database: String,
    place: Place,
    server: Child,
}

impl Here {
    async fn start(database: String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let listen = listener.local_addr().unwrap().to_string();
        drop(listener);
        let database = if database.is_empty() {
            format!("sqlite:{}", folder.path().join("paraph.db").display())
        } else {
            database
        };
        connected::company(&database, PEOPLE).await;
        let source = folder.path().join("staff.db");
        let staff = Database { kind: Kind::Sqlite, file: source.display().to_string(), ..Database::default() };
        let url = format!("http://{listen}");
        let place = configured(folder.path(), staff, "", |config, sealed| {
            config.paraph.url.clone_from(&url);
            config.paraph.secret = sealed(SECRET, "paraph.secret");
            config.query.sql = "SELECT mail, title FROM staff".into();
            config.mappings = [("address", "mail"), ("title", "title")].map(|(a, b)| (a.into(), b.into())).into();
        });
        let settings = format!(
            "[server]\nlisten = \"{listen}\"\npublic_url = \"{url}\"\nmetrics_listen = \"\"\n[database]\nurl = \"{database}\"\n\
             timeout_ms = 10000\n[identity]\nclient_id = \"{CLIENT_ID}\"\n[secrets]\nkey = \"{}=\"\n",
            "A".repeat(43)
        );
        std::fs::write(folder.path().join("paraph.toml"), settings).unwrap();
        let server = serve(folder.path()).await;
        Self { folder, database, place, server }
    }

    /// What the company's own database says from now on.
    async fn says(&self, title: &str) {
        let file = self.folder.path().join("staff.db");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).create_if_missing(true);
        let mut staff = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
        let statements = format!(
            "create table if not exists staff (mail text primary key, title text);
             with recursive n(i) as (select 0 union all select i + 1 from n where i < {PEOPLE} - 1)
             insert into staff select 'p' || i || '@example.com', '{title}' from n where true
                 on conflict (mail) do update set title = excluded.title"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(statements)).execute(&mut staff).await.unwrap();
        staff.close().await.unwrap();
    }

    /// A run that begins now.
    fn run(&self) -> Child {
        let config = self.place.config().display().to_string();
        let arguments = ["paraph-connector", "--config", &config, "run", "--once"];
        program("connector", &arguments, self.folder.path()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// A run as soon as it can be: while the server goes on with what an earlier one began, it says to come again.
    async fn run_to_its_end(&self) {
        // Each is a program that starts, asks and ends, which takes long enough.
        let ends = async { while !self.run().wait().await.unwrap().success() {} };
        tokio::time::timeout(LONGEST, ends).await.expect("no run after a kill goes well");
    }

    /// Every title that the database source gives, and how many people have one.
    async fn titles(&self) -> (Vec<String>, usize) {
        let mut database = connect(&self.database).await;
        let values = sqlx::query_scalar("select fields from person_values where source = 'database'");
        let values: Vec<String> = values.fetch_all(&mut database).await.unwrap();
        let title =
            |values: &String| serde_json::from_str::<Value>(values).unwrap()["title"].as_str().unwrap().to_owned();
        let titles: BTreeSet<_> = values.iter().map(title).collect();
        (titles.into_iter().collect(), values.len())
    }
}

fn program(test: &str, arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", &format!("connector::kills::{test}"), "--ignored", "--nocapture"])
        .env(ARGUMENTS, arguments.join("\n"))
        .env_remove("CREDENTIALS_DIRECTORY")
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true);
    command
}

/// The server, once it says that it is ready.
async fn serve(folder: &Path) -> Child {
    let config = folder.join("paraph.toml").display().to_string();
    let mut server = program("server", &["paraph", "--config", &config, "serve"], folder);
    let mut server = server.stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(server.stderr.take().unwrap()).lines();
    let ready = async {
        while let Some(line) = log.next_line().await.unwrap() {
            if line.contains("ready") {
                return;
            }
        }
        panic!("the server ended before it was ready");
    };
    tokio::time::timeout(LONGEST, ready).await.expect("the server does not start");
    // What it says from now on must not fill the pipe.
    tokio::spawn(async move { while let Ok(Some(_)) = log.next_line().await {} });
    server
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_killed_in_the_middle_of_a_run_the_next_one_ends_as_if_nothing_had_been() {
    for (database, kills) in [String::new(), new_database().await].into_iter().zip(KILLS) {
        let mut here = Here::start(database).await;
        here.says("title -1").await;
        let started = Instant::now();
        here.run_to_its_end().await;
        // An undisturbed run takes as long; the kills are spread over it.
        let takes = started.elapsed();
        assert_eq!(here.titles().await, (vec!["title -1".to_owned()], PEOPLE));
        for point in 0..kills * 2 {
            let (before, after) = (format!("title {}", i64::from(point) - 1), format!("title {point}"));
            here.says(&after).await;
            let mut run = here.run();
            let jitter = u32::from(paraph::random::bytes::<1>()[0]);
            tokio::time::sleep(takes * (point / 2 * 256 + jitter) / (kills * 256)).await;
            if point % 2 == 0 {
                run.kill().await.unwrap();
            } else {
                here.server.kill().await.unwrap();
                run.kill().await.unwrap();
                here.server = serve(here.folder.path()).await;
            }
            let (titles, count) = here.titles().await;
            let whole = titles == [before] || titles == [after.clone()];
            assert!(whole && count == PEOPLE, "half a run is applied at point {point}: {titles:?}, {count}");
            here.run_to_its_end().await;
            assert_eq!(here.titles().await, (vec![after], PEOPLE), "after point {point}");
        }
    }
}
