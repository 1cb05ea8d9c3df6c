//! Databases that are files: SQLite, Access, and SQLite once more by its ODBC driver.

use crate::fake::FakeParaph;
use crate::here::{Connector, connector};
use crate::keeper;
use flate2::read::GzDecoder;
use paraph_connector::config::{Database, Kind};
use paraph_connector::source::{self, Cannot, Settings, Trouble, Wrong};
use std::io::Read;

const MDB: &[u8] = include_bytes!("../data/staff.mdb.gz");
const ACCDB: &[u8] = include_bytes!("../data/staff.accdb.gz");

/// A connector that asks this Access file.
fn access(name: &str, compressed: &[u8], sql: &str) -> Connector {
    keeper::needs("mdb-export", "mdbtools");
    let connector = connector();
    let mut content = Vec::new();
    GzDecoder::new(compressed).read_to_end(&mut content).unwrap();
    let file = connector.folder.path().join(name);
    std::fs::write(&file, content).unwrap();
    let database = Database { kind: Kind::Access, file: file.to_str().unwrap().into(), ..Database::default() };
    connector.from(database, "", sql);
    connector
}

#[tokio::test]
async fn access_files_old_and_new_are_read() {
    let sql = "SELECT TOP 1 s.[E-Mail], [First Name] & ' ' & [Last Name] AS full, Nz([Job Title], '-') AS job, d.Name, \
               IIf(s.Active, 'here', 'gone') AS present, Salary, Born, Notes, Photo \
               FROM [Staff List] AS s INNER JOIN Departments AS d ON s.Department = d.ID WHERE s.Active = True";
    for (name, file) in [("staff.mdb", MDB), ("staff.accdb", ACCDB)] {
        let connector = access(name, file, sql);
        assert_eq!(
            connector.first().await,
            [
                "ada@example.com",
                "Ada Räksmörgås",
                "Countess",
                "Analytical Engines",
                "here",
                "1234.5",
                "1915-12-10T08:10:00",
                "Said: \"hello\",\r\nand left",
                "010203",
            ],
            "{name}"
        );
        assert_eq!(std::fs::read_dir(connector.place.spool()).unwrap().count(), 0, "the copy is gone");
    }
}

#[tokio::test]
async fn rows_go_from_access_to_paraph() {
    let connector =
        access("staff.accdb", ACCDB, "SELECT [E-Mail], [Last Name] & ', ' & [First Name] AS n FROM [Staff List]");
    let paraph = FakeParaph::start().await;
    connector.to(&paraph).map(&[("address", "E-Mail"), ("display_name", "n")]);
    connector.run().await.unwrap();
    let applied = paraph.applied().unwrap();
    assert_eq!(
        applied,
        "ada@example.com,\"Räksmörgås, Ada\"\r\ngrace@example.com,\", Grace\"\r\nempty@example.com,\", \"\r\n"
    );
}

#[tokio::test]
async fn what_is_wrong_with_an_access_file_is_told() {
    let connector = access("staff.mdb", MDB, "SELECT x FROM Nowhere");
    let trouble = connector.look().await.unwrap_err();
    assert!(matches!(trouble, Trouble::Query { what: Wrong::Table, .. }), "{trouble}");
    let connector = access("staff.mdb", MDB, "SELECT Nickname FROM Departments");
    let trouble = connector.look().await.unwrap_err();
    assert!(matches!(trouble, Trouble::Query { what: Wrong::Column, .. }), "{trouble}");
    std::fs::write(connector.folder.path().join("staff.mdb"), "no Access file").unwrap();
    let trouble = connector.look().await.unwrap_err();
    assert!(matches!(trouble, Trouble::Connect { what: Cannot::File, .. }), "{trouble}");
    std::fs::remove_file(connector.folder.path().join("staff.mdb")).unwrap();
    let trouble = connector.look().await.unwrap_err();
    assert!(matches!(trouble, Trouble::Connect { what: Cannot::File, .. }), "{trouble}");
}

#[tokio::test]
async fn sqlite_values_become_text() {
    let connector = connector();
    connector
        .sqlite(
            "create table staff (mail text, old text, boss boolean, n integer, r real, b blob, x);
             insert into staff values ('ada@example.com', cast(x'52e46b736df67267e573' as text), 1, 42, 1.5, x'ff00', null)",
            "SELECT *, upper(mail) FROM staff;",
        )
        .await;
    assert_eq!(
        connector.first().await,
        [
            "ada@example.com",
            "R\u{fffd}ksm\u{fffd}rg\u{fffd}s",
            "true",
            "42",
            "1.5",
            "\u{fffd}",
            "NULL",
            "ADA@EXAMPLE.COM"
        ]
    );
}

#[tokio::test]
async fn a_sqlite_file_is_never_made_or_written() {
    let connector = connector();
    connector.sqlite("create table staff (mail text)", "SELECT mail FROM staf").await;
    let trouble = connector.look().await.unwrap_err();
    assert!(matches!(trouble, Trouble::Query { what: Wrong::Table, .. }), "{trouble}");
    connector.set(|config| config.query.sql = "DELETE FROM staff".into());
    assert!(connector.look().await.unwrap_err().to_string().contains("more than read"));
    let missing = connector.folder.path().join("none.db");
    connector.set(|config| config.database.file = missing.to_str().unwrap().into());
    connector.set(|config| config.query.sql = "SELECT 1".into());
    let trouble = connector.look().await.unwrap_err();
    assert!(matches!(trouble, Trouble::Connect { what: Cannot::File, .. }), "{trouble}");
    assert!(!missing.exists());
    std::fs::write(&missing, "x".repeat(10_000)).unwrap();
    let trouble = connector.look().await.unwrap_err();
    assert!(trouble.to_string().contains("is not a SQLite database"), "{trouble}");
}

#[tokio::test]
async fn an_endless_query_on_sqlite_is_stopped() {
    let connector = connector();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS mail FROM n";
    connector.sqlite("create table staff (mail text)", endless).await;
    let config = connector.place.load().unwrap();
    let mut settings = Settings::new(&config, &connector.place.sealer().unwrap(), connector.place.spool()).unwrap();
    settings.minutes = 0;
    assert_eq!(source::look(&settings, 1).await.unwrap_err(), Trouble::Slow(0));
}

#[tokio::test]
async fn fifty_columns_and_those_that_are_there_twice_are_no_trouble_unless_mapped() {
    let (paraph, connector) = (FakeParaph::start().await, connector());
    let many: Vec<String> = (0..50).map(|n| format!("{n} AS c{n}")).collect();
    let sql = format!("SELECT mail, 'x' AS twice, 'y' AS twice, {} FROM staff", many.join(", "));
    connector.sqlite("create table staff (mail text); insert into staff values ('a@example.com')", &sql).await;
    connector.to(&paraph).map(&[("address", "mail"), ("title", "c49")]);
    connector.run().await.unwrap();
    assert_eq!(paraph.applied().as_deref(), Some("a@example.com,49\r\n"));
    connector.map(&[("address", "mail"), ("title", "twice")]);
    let stopped = connector.run().await.unwrap_err().to_string();
    assert!(stopped.contains("twice more than once"), "{stopped}");
}

#[cfg(feature = "odbc")]
#[tokio::test]
async fn any_odbc_driver_will_do() {
    keeper::needs("odbcinst", "unixodbc");
    let connector = connector();
    let file = connector.folder.path().join("staff.db");
    crate::here::make_sqlite(
        &file,
        "create table staff (mail varchar(50), name text, boss bit, born timestamp);
         insert into staff values ('ada@example.com', 'Räksmörgås', 1, '2026-01-02 03:04:05'),
            ('grace@example.com', null, 0, null)",
    )
    .await;
    let connection = format!("Driver={{SQLite3}};Database={};Pwd={{password}}", file.display());
    let database = Database { kind: Kind::Odbc, connection, ..Database::default() };
    connector.from(database.clone(), "unused;", "SELECT * FROM staff ORDER BY mail");
    let look = connector.look().await.unwrap_or_else(|trouble| panic!("{trouble}: apt-get install libsqliteodbc"));
    assert_eq!(look.columns, ["mail", "name", "boss", "born"]);
    let cells: Vec<_> = look.sample[0].iter().map(Option::as_deref).collect();
    assert_eq!(cells, [Some("ada@example.com"), Some("Räksmörgås"), Some("true"), Some("2026-01-02T03:04:05")]);
    assert_eq!(look.sample[1][1..], [None, Some("false".into()), None]);

    connector.from(database.clone(), "", "SELECT * FROM nowhere");
    let trouble = connector.look().await.unwrap_err();
    assert!(trouble.to_string().starts_with("connected, but the query is invalid: no such table"), "{trouble}");

    let unknown = Database { connection: "Driver={Nobody's};Server=x".into(), ..database };
    connector.from(unknown, "", "SELECT 1");
    let trouble = connector.look().await.unwrap_err().to_string();
    assert!(trouble.contains("install the driver") && trouble.contains("SQLite3"), "{trouble}");
}
