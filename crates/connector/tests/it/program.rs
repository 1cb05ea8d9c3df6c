//! The program itself, as an admin or a service manager starts it.

use crate::fake::{FakeParaph, Mood, SECRET};
use crate::here::{Connector, connector};
use api::console::RunState;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;

const STAFF: &str = "create table staff (\"E-Mail\" text, job_title text); \
    insert into staff values ('ada@example.com', 'Countess'), ('grace@example.com', null)";

fn program(connector: &Connector, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_paraph-connector"));
    command.arg("--config").arg(connector.place.config()).args(arguments).kill_on_drop(true);
    command.env_remove("CREDENTIALS_DIRECTORY");
    command
}

/// Its exit code and what it says.
async fn say(connector: &Connector, arguments: &[&str]) -> (i32, String) {
    let output = program(connector, arguments).stdin(Stdio::null()).output().await.unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

/// Configured as a script does it.
async fn ready() -> (FakeParaph, Connector) {
    let (paraph, connector) = (FakeParaph::start().await, connector());
    let database = connector.folder.path().join("staff.db");
    crate::here::make_sqlite(&database, STAFF).await;
    let secret = connector.folder.path().join("secret");
    std::fs::write(&secret, format!("{SECRET}\n")).unwrap();
    let (code, said) = say(
        &connector,
        &[
            "configure",
            "--set",
            &format!("paraph.url={}", paraph.url),
            "--set",
            "database.kind=sqlite",
            "--set",
            &format!("database.file={}", database.display()),
            "--set",
            "query.sql=SELECT * FROM staff",
            "--set",
            "mappings.address=E-Mail",
            "--set",
            "mappings.title=job_title",
            "--secret-file",
            secret.to_str().unwrap(),
        ],
    )
    .await;
    assert_eq!(code, 0, "{said}");
    (paraph, connector)
}

#[tokio::test]
async fn a_script_configures_it_and_no_secret_can_be_read_again() {
    let (_, connector) = ready().await;
    let mut files = std::fs::read_dir(connector.place.folder()).unwrap();
    assert!(files.all(|file| !std::fs::read_to_string(file.unwrap().path()).unwrap().contains(SECRET)));
    let (code, said) = say(&connector, &["configure", "--set", "database.kind=oracle"]).await;
    assert_eq!(code, 1);
    assert!(said.contains("database.kind"), "{said}");
}

#[tokio::test]
async fn a_test_says_what_it_found() {
    let (_, connector) = ready().await;
    let (code, said) = say(&connector, &["test"]).await;
    assert_eq!(code, 0, "{said}");
    assert!(said.starts_with("connected, and the query returns 2 columns: E-Mail, job_title\n"), "{said}");
    assert!(said.contains("rows go to Contoso"), "{said}");
    connector.set(|config| config.query.sql = "SELECT nothing_like_it FROM staff".into());
    let (code, said) = say(&connector, &["test"]).await;
    assert_eq!(code, 1);
    assert!(said.starts_with("connected, but the query is invalid: "), "{said}");
    connector.set(|config| config.database.file = "/nowhere".into());
    let (code, said) = say(&connector, &["test"]).await;
    assert_eq!(code, 1);
    assert!(said.starts_with("could not connect: the file cannot be read: "), "{said}");
    connector.set(|config| config.query.sql.clear());
    assert!(say(&connector, &["test"]).await.1.contains("not set yet: query.sql"));
}

#[tokio::test]
async fn a_preview_shows_the_difference_and_a_run_applies_it() {
    let (paraph, connector) = ready().await;
    let (code, said) = say(&connector, &["preview"]).await;
    assert_eq!(code, 0, "{said}");
    for line in [
        "2 rows: preview only; nothing was changed",
        "changed people: 1",
        "rows with an address that no person in Paraph has: 1",
        "    title: \"Engineer\" -> \"Countess\"",
        "row 2, mail: ada@ is no e-mail address",
    ] {
        assert!(said.contains(line), "{said}");
    }
    assert_eq!(paraph.applied(), None);
    let (code, said) = say(&connector, &["run", "--once"]).await;
    assert_eq!(code, 0, "{said}");
    assert_eq!(paraph.applied().as_deref(), Some("ada@example.com,Countess\r\ngrace@example.com,\r\n"));
    let (_, said) = say(&connector, &["status"]).await;
    assert!(said.contains("applied: 2 rows"), "{said}");
    let (_, said) = say(&connector, &["fields"]).await;
    assert!(said.contains("parking_space"), "{said}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn output_that_cannot_be_written_stops_no_run() {
    let (paraph, connector) = ready().await;
    let full = || Stdio::from(std::fs::File::options().write(true).open("/dev/full").unwrap());
    for arguments in [["status"].as_slice(), &["test"], &["fields"], &["preview"], &["install", "--print"]] {
        let started = program(&connector, arguments).stdout(full()).stderr(Stdio::piped()).spawn().unwrap();
        let ended = started.wait_with_output().await.unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains("standard output cannot be written"), "{arguments:?}: {said}");
        // Nor may the message itself end it otherwise.
        let ended = program(&connector, arguments).stdout(full()).stderr(full()).status().await.unwrap();
        assert_eq!(ended.code(), Some(1), "{arguments:?}");
        // Whoever reads no further has seen enough.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ended = program(&connector, arguments).stdout(writer).status().await.unwrap();
        assert_eq!(ended.code(), Some(0), "{arguments:?}");
    }
    let ended = program(&connector, &["run", "--once"]).stdout(full()).stderr(full()).status().await.unwrap();
    assert_eq!(ended.code(), Some(0));
    assert!(paraph.applied().is_some(), "the run itself is what counts");
}

#[tokio::test]
async fn the_exit_code_tells_how_a_run_ended() {
    let (paraph, connector) = ready().await;
    paraph.ends(RunState::Planned, "too much at once");
    assert_eq!(say(&connector, &["run", "--once"]).await.0, 3);
    paraph.ends(RunState::Failed, "it broke");
    assert_eq!(say(&connector, &["run", "--once"]).await.0, 1);
    paraph.mood("POST", Mood::Says(403, "this secret may not"));
    let (code, said) = say(&connector, &["run", "--once"]).await;
    assert_eq!((code, said.trim()), (1, "this secret may not"));
}

#[tokio::test]
async fn the_terminal_asks_step_by_step_and_suggests_columns() {
    let (paraph, connector) = (FakeParaph::start().await, connector());
    let database = connector.folder.path().join("staff.db");
    crate::here::make_sqlite(&database, STAFF).await;
    let answers = [
        "http://paraph.example.com",
        &paraph.url,
        "wrong",
        "y",
        "",
        SECRET,
        // A SQLite file, at first with a query that is wrong.
        "5",
        database.to_str().unwrap(),
        "SELECT * FROM stuff",
        "",
        "y",
        "",
        "",
        "SELECT *",
        "FROM staff",
        "",
        // Suggestions for address and title, none for the others; a column that is not there.
        "",
        "",
        "nobody",
        "",
        "",
        "",
        "4",
        "90",
    ];
    let mut child = program(&connector, &["configure"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all((answers.join("\n") + "\n").as_bytes()).await.unwrap();
    drop(input);
    let output = child.wait_with_output().await.unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let config = connector.place.load().unwrap();
    for part in
        ["use https", "wrong or revoked", "rows go to Contoso", "no such table: stuff", "from 5 to 1440", "Saved in"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(config.check(), Ok(()), "{said}");
    assert_eq!(config.query.sql, "SELECT *\nFROM staff");
    let mappings: Vec<_> = config.mappings.iter().map(|(field, column)| (field.as_str(), column.as_str())).collect();
    assert_eq!(mappings, [("address", "E-Mail"), ("title", "job_title")]);
    assert_eq!(config.schedule.minutes, 90);
    assert!(!said.contains(SECRET));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_hundred_thousand_rows_need_less_than_a_hundred_megabytes() {
    let (paraph, connector) = (FakeParaph::start().await, connector());
    let columns: Vec<String> = (1..20).map(|n| format!("'value {n} of row ' || n AS c{n}")).collect();
    let sql =
        format!("SELECT 'p' || n || '@example.com' AS mail, {} FROM generate_series(1, 100000) n", columns.join(", "));
    connector.to(&paraph).from(crate::postgres::database(), "reader-password", &sql);
    connector.set(|config| {
        config.mappings =
            (1..20).map(|n| (["phone", "title"][n % 2].to_owned() + &n.to_string(), format!("c{n}"))).collect();
        config.mappings.insert("address".into(), "mail".into());
    });
    paraph.takes_any_field();
    let mut child = program(&connector, &["run", "--once"]).stdout(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id().unwrap());
    let mut peak_kb = 0;
    let ended = loop {
        // The peak so far, as the kernel counts it.
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kb = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        peak_kb = peak_kb.max(kb.unwrap_or_default());
        if let Ok(ended) = tokio::time::timeout(std::time::Duration::from_millis(20), child.wait()).await {
            break ended.unwrap();
        }
    };
    assert!(ended.success());
    assert_eq!(paraph.applied().unwrap().lines().count(), 100_000);
    println!("peak: {peak_kb} KB");
    assert!((1..100_000).contains(&peak_kb), "{peak_kb} KB");
}

#[cfg(unix)]
#[tokio::test]
async fn a_service_runs_at_start_and_when_it_is_asked_and_stops_when_it_is_told() {
    let (paraph, connector) = ready().await;
    let port = crate::keeper::free_port();
    connector.set(|config| config.web.port = port);
    let mut child = program(&connector, &["run"]).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    let signal = |name: &'static str| {
        let id = child.id().unwrap().to_string();
        async move { Command::new("kill").args([name, &id]).status().await.unwrap() }
    };
    until(&mut log, "run ended").await;
    signal("-USR1").await;
    until(&mut log, "run ended").await;
    assert_eq!(paraph.count("POST"), 2);
    let (code, said) = say(&connector, &["run", "--once"]).await;
    assert_eq!(code, 1);
    assert!(said.contains("another paraph-connector is running in"), "{said}");
    let (_, said) = say(&connector, &["status"]).await;
    assert!(said.contains("next run: "), "{said}");
    let (_, said) = say(&connector, &["configure", "--web"]).await;
    let link = said.split_whitespace().last().unwrap();
    assert!(link.starts_with(&format!("http://127.0.0.1:{port}/?token=")), "{said}");
    #[expect(clippy::disallowed_methods, reason = "a browser is not the connector")]
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    assert_eq!(client.get(link).send().await.unwrap().status(), 303);
    assert_ne!(say(&connector, &["configure", "--web"]).await.1, said, "each link is good once");
    signal("-TERM").await;
    until(&mut log, "stopped").await;
    assert!(child.wait().await.unwrap().success());
    assert!(say(&connector, &["status"]).await.1.contains("the service is not running"));
}

async fn until(log: &mut tokio::io::Lines<BufReader<tokio::process::ChildStderr>>, what: &str) {
    while let Some(line) = log.next_line().await.unwrap() {
        assert!(!line.contains(SECRET), "{line}");
        if line.contains(what) {
            return;
        }
    }
    panic!("it ended before it said {what}");
}
