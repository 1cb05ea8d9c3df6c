//! A real PostgreSQL.

use crate::fake::FakeParaph;
use crate::here::connector;
use crate::keeper::{self, Keeper};
use paraph_connector::config::{Database, Kind, Tls};
use paraph_connector::source::{Cannot, Trouble, Wrong};
use std::sync::OnceLock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// With TLS by a certificate of its own making, and passwords over TCP.
const SCRIPT: &str = r#"
trap '' INT TERM HUP PIPE
cd "$FOLDER" || exit 1
{ openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -addext basicConstraints=critical,CA:FALSE -keyout server.key -out server.crt && chmod 600 server.key &&
  echo admin-password >password && initdb -D data -U admin --pwfile=password -A scram-sha-256 -E UTF8 --locale=C --no-sync &&
  pg_ctl -D data -w -t 60 -l server.log -o "-c listen_addresses=127.0.0.1 -p $PORT -k $FOLDER -c fsync=off \
    -c ssl=on -c ssl_cert_file=$FOLDER/server.crt -c ssl_key_file=$FOLDER/server.key" start &&
  PGPASSWORD=admin-password psql -v ON_ERROR_STOP=1 -h "$FOLDER" -p "$PORT" -U admin -d postgres -f - ; } >start.log 2>&1 <<'SQL' || {
create role reader login password 'reader-password';
create database hr;
\c hr
create type mood as enum ('glad', 'sad');
create table staff (mail text, name varchar(50), title text, boss boolean, salary numeric(10,2), born date,
    changed timestamptz, id uuid, extra jsonb, photo bytea, score double precision, mood mood, tags text[], at time);
insert into staff values
  ('ada@example.com', 'Ada Räksmörgås', E'Countess, "of"\nLovelace', true, 1234.50, '1815-12-10',
   '2026-01-02 03:04:05+00', '00000000-0000-4000-8000-000000000001', '{"a": 1}', '\x0102', 0.1, 'glad', '{x,y}', '08:10'),
  ('grace@example.com', 'Grace', null, false, null, null, null, null, null, null, null, null, null, null);
create table secrets (x text);
create table big (mail text);
insert into big select 'p' || n || '@example.com' from generate_series(1, 20000) n;
grant select on staff, big to reader;
create function innocent() returns text language sql volatile as $$ insert into secrets values ('x') returning x $$;
create function innocent_end() returns void language plpgsql as $$ begin execute 'commit'; end $$;
SQL
    tr '\n' ' ' <start.log; [ -f server.log ] && tr '\n' ' ' <server.log; echo; exit 1; }
echo ready "$PORT"
cat >/dev/null
pg_ctl -D data -m immediate stop >/dev/null 2>&1
cd / && rm -rf "$FOLDER"
"#;

static SERVER: OnceLock<Keeper> = OnceLock::new();

fn server() -> &'static Keeper {
    SERVER.get_or_init(|| {
        keeper::needs("initdb", "postgresql");
        keeper::needs("openssl", "openssl");
        let port = keeper::free_port().to_string();
        keeper::start("paraph-pg-", &["postgres", "nobody"], SCRIPT, &[("PORT", &port)])
    })
}

/// As somebody who may only read, with TLS that is checked.
pub(crate) fn database() -> Database {
    let server = server();
    Database {
        kind: Kind::Postgres,
        host: "localhost".into(),
        port: server.said.parse().unwrap(),
        name: "hr".into(),
        user: "reader".into(),
        ca_file: server.folder.join("server.crt").to_str().unwrap().into(),
        ..Database::default()
    }
}

const STAFF: &str = "SELECT mail, name, title FROM staff ORDER BY mail";

#[tokio::test]
async fn rows_go_from_postgres_to_paraph() {
    let (paraph, connector) = (FakeParaph::start().await, connector());
    connector.to(&paraph).from(database(), "reader-password", STAFF);
    connector.map(&[("address", "mail"), ("title", "title")]);
    let done = connector.run().await.unwrap();
    assert_eq!(done.warnings, [""; 0]);
    assert_eq!(
        paraph.applied().unwrap(),
        "ada@example.com,\"Countess, \"\"of\"\"\nLovelace\"\r\ngrace@example.com,\r\n"
    );
    assert_eq!(paraph.columns(), [("mail".into(), "address".into()), ("title".into(), "title".into())]);
    assert_eq!(std::fs::read_dir(connector.place.spool()).unwrap().count(), 0, "the rows are gone");
}

#[tokio::test]
async fn every_type_becomes_text() {
    let connector = connector();
    connector.from(database(), "reader-password", "SELECT *, interval '1 day' FROM staff ORDER BY mail;");
    assert_eq!(
        connector.first().await,
        [
            "ada@example.com",
            "Ada Räksmörgås",
            "Countess, \"of\"\nLovelace",
            "true",
            "1234.50",
            "1815-12-10",
            "2026-01-02T03:04:05+00",
            "00000000-0000-4000-8000-000000000001",
            "{\"a\": 1}",
            "\u{fffd}",
            "0.1",
            "glad",
            "{x,y}",
            "08:10:00",
            "P1D",
        ]
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_connection_is_told_apart() {
    let right = database();
    for (database, password, expected) in [
        (right.clone(), "wrong", Cannot::SignIn),
        (Database { user: "nobody".into(), ..right.clone() }, "reader-password", Cannot::SignIn),
        (Database { name: "sales".into(), ..right.clone() }, "reader-password", Cannot::Database),
        (Database { host: "db.invalid".into(), ..right.clone() }, "reader-password", Cannot::Name),
        (Database { port: keeper::free_port(), ..right.clone() }, "reader-password", Cannot::Refused),
        (Database { ca_file: String::new(), ..right.clone() }, "reader-password", Cannot::Certificate),
        (Database { host: "127.0.0.1".into(), ..right.clone() }, "reader-password", Cannot::Certificate),
    ] {
        let connector = connector();
        connector.from(database.clone(), password, STAFF);
        let trouble = connector.look().await.unwrap_err();
        assert!(matches!(&trouble, Trouble::Connect { what, .. } if *what == expected), "{database:?}: {trouble}");
        assert!(trouble.to_string().starts_with("could not connect: "), "{trouble}");
    }
    let connector = connector();
    connector.from(Database { tls: Tls::Any, ca_file: String::new(), ..right }, "reader-password", STAFF);
    assert_eq!(connector.look().await.unwrap().columns, ["mail", "name", "title"]);
}

#[tokio::test]
async fn what_is_wrong_with_a_query_is_told_apart() {
    for (sql, expected) in [
        ("SELECT mail FROM staf", Wrong::Table),
        ("SELECT mail FROM nowhere.staff", Wrong::Table),
        ("SELECT email FROM staff", Wrong::Column),
        ("SELECT x FROM secrets", Wrong::Permission),
        ("SELECT mail FROM staff WHERE name LIKE", Wrong::Syntax),
        ("SELECT 1 / 0", Wrong::Other),
    ] {
        let connector = connector();
        connector.from(database(), "reader-password", sql);
        let trouble = connector.look().await.unwrap_err();
        match trouble {
            Trouble::Query { what, .. } => assert_eq!(what, expected, "{sql}"),
            // What our own parser does not take is not even sent.
            Trouble::Refused(_) => assert_eq!(expected, Wrong::Syntax, "{sql}"),
            other => panic!("{sql}: {other}"),
        }
    }
}

#[tokio::test]
async fn a_login_that_can_write_gets_a_warning() {
    let connector = connector();
    connector.from(Database { user: "admin".into(), ..database() }, "admin-password", STAFF);
    let warnings = connector.look().await.unwrap().warnings;
    assert!(warnings[0].contains("can change 3 tables"), "{warnings:?}");
}

#[tokio::test]
async fn a_function_that_writes_is_stopped_by_the_transaction() {
    for (sql, says) in [
        ("SELECT innocent()", "read-only transaction"),
        ("SELECT innocent_end()", "EXECUTE of transaction commands"),
        ("SELECT lo_creat(-1)", "lo_creat"),
    ] {
        let connector = connector();
        connector.from(Database { user: "admin".into(), ..database() }, "admin-password", sql);
        let trouble = connector.look().await.unwrap_err().to_string();
        assert!(trouble.contains(says), "{sql}: {trouble}");
    }
}

#[tokio::test]
async fn an_endless_query_is_stopped() {
    let connector = connector();
    connector.from(
        database(),
        "reader-password",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT max(i) AS mail FROM n",
    );
    let mut settings = paraph_connector::source::Settings::new(
        &connector.place.load().unwrap(),
        &connector.place.sealer().unwrap(),
        connector.place.spool(),
    )
    .unwrap();
    // No minutes at all: what a test has time for.
    settings.minutes = 0;
    let trouble = paraph_connector::source::look(&settings, 1).await.unwrap_err();
    assert_eq!(trouble, Trouble::Slow(0));
}

#[tokio::test]
async fn dropping_the_rows_ends_the_query() {
    let connector = connector();
    connector.from(database(), "reader-password", "SELECT a.mail FROM big a, big b");
    let look = connector.look().await.unwrap();
    assert_eq!(look.sample.len(), 5);
}

#[tokio::test]
async fn a_server_without_tls_is_reported() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    // It is asked for TLS with eight bytes, and says no with one.
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.read_exact(&mut [0; 8]).await.unwrap();
            stream.write_all(b"N").await.unwrap();
        }
    });
    let connector = connector();
    connector.from(Database { port, ..database() }, "reader-password", STAFF);
    let trouble = connector.look().await.unwrap_err();
    assert!(matches!(trouble, Trouble::Connect { what: Cannot::NoTls, .. }), "{trouble}");
    assert!(trouble.to_string().contains("database.tls = \"off\""), "{trouble}");
}
