//! SQL Server, as our own test server speaks it: a real one was not there.

use super::configured;
use neighbours::tds::{DATABASE, Encryption, PASSWORD, TdsOptions, TdsServer, USER};
use paraph_connector::config::{Database, Kind, Tls};
use paraph_connector::source::{self, Cannot, Look, Settings, Trouble, Wrong};
use tempfile::TempDir;

const SETUP: &str = "
    create table staff (mail nvarchar(200) not null, [Job Title] nvarchar(100) null, is_boss bit not null,
        salary decimal(10, 2) null, started date null);
    insert into staff values (N'åsa@example.com', N'Räksmörgås', 1, 1234.5, '2026-11-22');
    insert into staff values (N'grace@example.com', null, 0, null, null);
    create table secrets (word nvarchar(20));";

/// A server, and what the connector has to know of it.
struct Here {
    server: TdsServer,
    folder: TempDir,
    right: Database,
}

async fn here(encryption: Encryption) -> Here {
    let options = TdsOptions { encryption, setup_sql: SETUP, denied: &["secrets"], ..TdsOptions::default() };
    let server = TdsServer::start(options).await;
    let folder = tempfile::tempdir().unwrap();
    let authority = folder.path().join("authority.pem");
    std::fs::write(&authority, server.certificate_pem()).unwrap();
    let right = Database {
        kind: Kind::SqlServer,
        host: "localhost".into(),
        port: server.port(),
        name: DATABASE.into(),
        user: USER.into(),
        tls: if encryption == Encryption::Required { Tls::Required } else { Tls::Off },
        ca_file: authority.display().to_string(),
        ..Database::default()
    };
    Here { server, folder, right }
}

impl Here {
    fn settings(&self, database: Database, password: &str, sql: &str) -> Result<Settings, Trouble> {
        let place = configured(self.folder.path(), database, password, |config, _| config.query.sql = sql.into());
        Settings::new(&place.load().unwrap(), &place.sealer().unwrap(), place.spool())
    }

    async fn look(&self, database: Database, password: &str, sql: &str) -> Result<Look, Trouble> {
        source::look(&self.settings(database, password, sql)?, 5).await
    }
}

#[tokio::test]
async fn rows_come_over_tls_and_without_and_the_session_says_that_it_reads() {
    for encryption in [Encryption::Required, Encryption::Off] {
        let here = here(encryption).await;
        let look = here.look(here.right.clone(), PASSWORD, "SELECT * FROM dbo.staff").await.unwrap();
        assert_eq!(look.columns, ["mail", "Job Title", "is_boss", "salary", "started"]);
        let row: Vec<_> = look.sample[0].iter().map(|cell| cell.as_deref().unwrap_or("NULL")).collect();
        assert_eq!(row, ["åsa@example.com", "Räksmörgås", "true", "1234.50", "2026-11-22"]);
        assert_eq!(look.sample[1][1], None);
        let login = here.server.logins().pop().unwrap();
        assert_eq!((login.is_read_only, login.was_encrypted), (true, true), "the password at least");
        let said = here.server.statements().join("\n").to_lowercase();
        assert!(!said.contains("commit"), "{said}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_connection_is_told_apart() {
    let here = here(Encryption::Required).await;
    let right = || here.right.clone();
    for (database, password, expected) in [
        (right(), "wrong", Cannot::SignIn),
        (Database { user: "nobody".into(), ..right() }, PASSWORD, Cannot::SignIn),
        (Database { name: "nowhere".into(), ..right() }, PASSWORD, Cannot::Database),
        (Database { host: "nowhere.invalid".into(), ..right() }, PASSWORD, Cannot::Name),
        (Database { ca_file: String::new(), ..right() }, PASSWORD, Cannot::Certificate),
    ] {
        let trouble = here.look(database.clone(), password, "SELECT mail FROM staff").await.unwrap_err();
        assert!(matches!(&trouble, Trouble::Connect { what, .. } if *what == expected), "{database:?}: {trouble}");
        assert!(trouble.to_string().starts_with("could not connect: "), "{trouble}");
    }
    let any = Database { tls: Tls::Any, ca_file: String::new(), ..right() };
    here.look(any, PASSWORD, "SELECT mail FROM staff").await.unwrap();
    let bare = self::here(Encryption::NotSupported).await;
    let wants_tls = Database { tls: Tls::Required, ..bare.right.clone() };
    let trouble = bare.look(wants_tls, PASSWORD, "SELECT mail FROM staff").await.unwrap_err();
    assert!(matches!(&trouble, Trouble::Connect { what: Cannot::NoTls, .. }), "{trouble}");
}

#[tokio::test]
async fn what_is_wrong_with_the_query_is_told_apart() {
    let here = here(Encryption::Required).await;
    for (sql, expected) in [
        ("SELECT mail FROM staf", Wrong::Table),
        ("SELECT email FROM staff", Wrong::Column),
        ("SELECT word FROM secrets", Wrong::Permission),
    ] {
        let trouble = here.look(here.right.clone(), PASSWORD, sql).await.unwrap_err();
        assert!(matches!(&trouble, Trouble::Query { what, .. } if *what == expected), "{sql}: {trouble}");
        assert!(trouble.to_string().starts_with("connected, but the query is invalid: "), "{trouble}");
    }
    for sql in ["DELETE FROM staff", "SELECT mail INTO copy FROM staff", "SELECT mail FROM staff; DROP TABLE staff"] {
        let trouble = here.look(here.right.clone(), PASSWORD, sql).await.unwrap_err();
        assert!(matches!(trouble, Trouble::Refused(_)), "{sql}: {trouble}");
    }
    assert!(here.server.statements().iter().all(|said| !said.to_lowercase().contains("drop")));
}

#[tokio::test]
async fn a_server_that_hangs_up_in_the_middle_is_no_end_of_the_rows() {
    let here = here(Encryption::Required).await;
    here.server.until_lifted(neighbours::Trouble::CutAfter(1));
    let settings = here.settings(here.right.clone(), PASSWORD, "SELECT mail FROM staff").unwrap();
    let mut rows = source::open(&settings).await.unwrap().rows(vec![0]);
    let trouble = loop {
        match rows.next().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("half the rows are taken for all of them"),
            Err(trouble) => break trouble,
        }
    };
    assert!(matches!(trouble, Trouble::Lost(_)), "{trouble}");
}
