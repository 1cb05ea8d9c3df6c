//! A real `MariaDB`.

use crate::fake::FakeParaph;
use crate::here::connector;
use crate::keeper::{self, Keeper};
use paraph_connector::config::{Database, Kind, Tls};
use paraph_connector::source::{self, Cannot, Settings, Trouble, Wrong};
use std::sync::OnceLock;

/// With TLS by a certificate of its own making.
const SCRIPT: &str = r#"
trap '' INT TERM HUP PIPE
cd "$FOLDER" || exit 1
{ openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -addext basicConstraints=critical,CA:FALSE -keyout key.pem -out cert.pem &&
  openssl rsa -in key.pem -out server.key && chmod 600 server.key &&
  mariadb-install-db --no-defaults --datadir="$FOLDER/data" --auth-root-authentication-method=normal \
    --skip-test-db --skip-name-resolve; } >start.log 2>&1 || { tr '\n' ' ' <start.log; echo; exit 1; }
mariadbd --no-defaults --datadir="$FOLDER/data" --socket="$FOLDER/socket" --port="$PORT" --bind-address=127.0.0.1 \
  --pid-file="$FOLDER/pid" --skip-name-resolve --innodb-flush-log-at-trx-commit=0 --max-allowed-packet=64M \
  --ssl-cert="$FOLDER/cert.pem" --ssl-key="$FOLDER/server.key" >server.log 2>&1 &
server=$!
tries=0
until mariadb --no-defaults -S "$FOLDER/socket" -u root -e 'select 1' >/dev/null 2>&1; do
  tries=$((tries + 1)); [ $tries -gt 600 ] && { tail -5 server.log | tr '\n' ' '; echo; exit 1; }; sleep 0.1
done
mariadb --no-defaults -S "$FOLDER/socket" -u root >start.log 2>&1 <<'SQL' || { tr '\n' ' ' <start.log; echo; kill $server; exit 1; }
create database hr character set latin1;
create user reader@'%' identified by 'reader-password';
create user writer@'%' identified by 'writer-password';
use hr;
create table staff (mail varchar(100), name varchar(50) character set latin1, title text, boss boolean, salary decimal(10,2),
  born date, changed datetime, stamp timestamp null, flags bit(3), extra json, photo blob, score double, mood enum('glad','sad'),
  code varbinary(20), hours time) character set latin1;
set names utf8mb4;
insert into staff values
  ('ada@example.com', 'Ada Räksmörgås', 'Countess, "of"\nLovelace', true, 1234.50, '1815-12-10', '2026-01-02 03:04:05', null,
   b'101', '{"a": 1}', x'0102', 0.1, 'glad', 'text', '08:10:00'),
  ('grace@example.com', 'Grace', null, false, null, null, null, null, null, null, null, null, null, null, null);
create table secrets (x text);
create table huge (mail text, name longtext);
insert into huge values ('ada@example.com', repeat('x', 10485760));
SQL
mariadb --no-defaults -S "$FOLDER/socket" -u root >start.log 2>&1 <<'SQL' || { tr '\n' ' ' <start.log; echo; kill $server; exit 1; }
delimiter //
create function hr.innocent() returns int modifies sql data begin insert into hr.secrets values ('x'); return 1; end//
delimiter ;
grant select on hr.staff to reader@'%';
grant select on hr.huge to reader@'%';
grant select, insert, execute on hr.* to writer@'%';
SQL
echo ready "$PORT"
cat >/dev/null
kill -9 $server
cd / && rm -rf "$FOLDER"
"#;

static SERVER: OnceLock<Keeper> = OnceLock::new();

fn server() -> &'static Keeper {
    SERVER.get_or_init(|| {
        keeper::needs("mariadbd", "mariadb-server");
        keeper::needs("openssl", "openssl");
        let port = keeper::free_port().to_string();
        keeper::start("paraph-maria-", &["mysql", "nobody"], SCRIPT, &[("PORT", &port)])
    })
}

/// As somebody who may only read, with TLS that is checked.
fn database() -> Database {
    let server = server();
    Database {
        kind: Kind::MySql,
        host: "localhost".into(),
        port: server.said.parse().unwrap(),
        name: "hr".into(),
        user: "reader".into(),
        ca_file: server.folder.join("cert.pem").to_str().unwrap().into(),
        ..Database::default()
    }
}

const STAFF: &str = "SELECT mail, name, title FROM staff ORDER BY mail";

#[tokio::test]
async fn rows_go_from_mariadb_to_paraph() {
    let (paraph, connector) = (FakeParaph::start().await, connector());
    connector.to(&paraph).from(database(), "reader-password", STAFF);
    connector.map(&[("address", "mail"), ("display_name", "name")]);
    let done = connector.run().await.unwrap();
    assert_eq!(done.warnings, [""; 0]);
    assert_eq!(paraph.applied().unwrap(), "ada@example.com,Ada Räksmörgås\r\ngrace@example.com,Grace\r\n");
}

#[tokio::test]
async fn every_type_becomes_text() {
    let connector = connector();
    connector.from(database(), "reader-password", "SELECT * FROM staff ORDER BY mail");
    assert_eq!(
        connector.first().await,
        [
            "ada@example.com",
            "Ada Räksmörgås",
            "Countess, \"of\"\nLovelace",
            "true",
            "1234.50",
            "1815-12-10",
            "2026-01-02T03:04:05",
            "NULL",
            "5",
            "{\"a\": 1}",
            "\u{fffd}",
            "0.1",
            "glad",
            "text",
            "08:10:00",
        ]
    );
}

#[tokio::test]
async fn a_cell_of_ten_megabytes_is_cut_before_it_leaves() {
    let connector = connector();
    connector.from(database(), "reader-password", "SELECT mail, name FROM huge");
    assert_eq!(connector.first().await[1].len(), api::MAX_FIELD + 1);
}

#[tokio::test]
async fn what_is_wrong_with_a_connection_is_told_apart() {
    let right = database();
    for (database, password, expected) in [
        (right.clone(), "wrong", Cannot::SignIn),
        (Database { user: "stranger".into(), ..right.clone() }, "reader-password", Cannot::SignIn),
        (Database { name: "sales".into(), ..right.clone() }, "reader-password", Cannot::Database),
        (Database { host: "db.invalid".into(), ..right.clone() }, "reader-password", Cannot::Name),
        (Database { port: keeper::free_port(), ..right.clone() }, "reader-password", Cannot::Refused),
        (Database { ca_file: String::new(), ..right.clone() }, "reader-password", Cannot::Certificate),
    ] {
        let connector = connector();
        connector.from(database.clone(), password, STAFF);
        let trouble = connector.look().await.unwrap_err();
        assert!(matches!(&trouble, Trouble::Connect { what, .. } if *what == expected), "{database:?}: {trouble}");
    }
    for tls in [Tls::Any, Tls::Off] {
        let connector = connector();
        connector.from(Database { tls, ca_file: String::new(), ..right.clone() }, "reader-password", STAFF);
        assert_eq!(connector.look().await.unwrap().columns, ["mail", "name", "title"]);
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_query_is_told_apart() {
    for (sql, expected) in [
        ("SELECT email FROM staff", Wrong::Column),
        ("SELECT x FROM secrets", Wrong::Permission),
        ("SELECT mail FROM staff LEFT JOIN (SELECT 1) x", Wrong::Syntax),
    ] {
        let connector = connector();
        connector.from(database(), "reader-password", sql);
        let trouble = connector.look().await.unwrap_err();
        assert!(matches!(&trouble, Trouble::Query { what, .. } if *what == expected), "{sql}: {trouble:?}");
    }
    // Whoever may read everything is told that there is none; others that they may not.
    let connector = connector();
    let writer = Database { user: "writer".into(), ..database() };
    connector.from(writer, "writer-password", "SELECT mail FROM staf");
    let trouble = connector.look().await.unwrap_err();
    assert!(matches!(trouble, Trouble::Query { what: Wrong::Table, .. }), "{trouble:?}");
}

#[tokio::test]
async fn a_function_that_writes_is_stopped_by_the_transaction_and_its_login_warned_of() {
    let connector = connector();
    let writer = Database { user: "writer".into(), ..database() };
    connector.from(writer.clone(), "writer-password", "SELECT innocent()");
    let trouble = connector.look().await.unwrap_err();
    assert!(trouble.to_string().contains("READ ONLY transaction"), "{trouble}");
    connector.from(writer, "writer-password", STAFF);
    assert!(connector.look().await.unwrap().warnings[0].contains("more than read"));
}

#[tokio::test]
async fn an_endless_query_is_stopped() {
    let connector = connector();
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(a.i) AS mail FROM n a, n b, n c, n d";
    connector.from(database(), "reader-password", sql);
    let config = connector.place.load().unwrap();
    let mut settings = Settings::new(&config, &connector.place.sealer().unwrap(), connector.place.spool()).unwrap();
    // No minutes at all: what a test has time for.
    settings.minutes = 0;
    assert_eq!(source::look(&settings, 1).await.unwrap_err(), Trouble::Slow(0));
}
