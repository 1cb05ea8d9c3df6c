//! A connector in a folder of its own.

use crate::fake::{FakeParaph, SECRET};
use paraph_connector::clock::Clock;
use paraph_connector::config::{Config, Database, Kind, Place};
use paraph_connector::run::{self, Done, Needs, Purpose, Stopped};
use paraph_connector::sealed::Secret;
use paraph_connector::source::{self, Look, Settings, Trouble};
use std::time::Duration;
use tempfile::TempDir;

/// The program, without its command line.
pub(crate) struct Connector {
    /// Where its things are.
    pub(crate) place: Place,
    /// What it runs with.
    pub(crate) needs: Needs,
    /// The folder, as long as the test lives.
    pub(crate) folder: TempDir,
}

/// One that has no settings yet.
pub(crate) fn connector() -> Connector {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(Some(folder.path().join("data/paraph-connector.toml")));
    let clock = Clock::mock(1_800_000_000_000);
    let needs = Needs { place: place.clone(), clock, patience: Duration::from_mins(10) };
    Connector { place, needs, folder }
}

impl Connector {
    /// Changes the settings.
    pub(crate) fn set(&self, change: impl FnOnce(&mut Config)) -> &Self {
        let mut config = self.place.load().unwrap();
        change(&mut config);
        self.place.save(&config).unwrap();
        self
    }

    /// Sends to this server, as who has this secret.
    pub(crate) fn to_with(&self, paraph: &FakeParaph, secret: &str) -> &Self {
        let sealed = self.place.sealer().unwrap().seal(&Secret::new(secret), "paraph.secret");
        self.set(|config| {
            config.paraph.url.clone_from(&paraph.url);
            config.paraph.secret = sealed;
        })
    }

    /// Sends to this server.
    pub(crate) fn to(&self, paraph: &FakeParaph) -> &Self {
        self.to_with(paraph, SECRET)
    }

    /// Asks this database.
    pub(crate) fn from(&self, database: Database, password: &str, sql: &str) -> &Self {
        let sealed = self.place.sealer().unwrap().seal(&Secret::exact(password.into()), "database.password");
        self.set(|config| {
            config.database = Database { password: sealed, ..database };
            config.query.sql = sql.into();
        })
    }

    /// Asks a SQLite database that these statements make.
    pub(crate) async fn sqlite(&self, statements: &str, sql: &str) -> &Self {
        let file = self.folder.path().join("staff.db");
        make_sqlite(&file, statements).await;
        let database = Database { kind: Kind::Sqlite, file: file.to_str().unwrap().into(), ..Database::default() };
        self.from(database, "", sql)
    }

    /// Maps fields to columns.
    pub(crate) fn map(&self, pairs: &[(&str, &str)]) -> &Self {
        self.set(|config| {
            config.mappings = pairs.iter().map(|(field, column)| ((*field).into(), (*column).into())).collect();
        })
    }

    /// Runs once.
    pub(crate) async fn run(&self) -> Result<Done, Stopped> {
        run::run(&self.needs, Purpose::Apply, &mut |_| ()).await
    }

    /// Runs once for a look.
    pub(crate) async fn preview(&self) -> Result<Done, Stopped> {
        run::run(&self.needs, Purpose::Preview, &mut |_| ()).await
    }

    /// The query's columns and first rows.
    pub(crate) async fn look(&self) -> Result<Look, Trouble> {
        let settings = Settings::new(&self.place.load().unwrap(), &self.place.sealer().unwrap(), self.place.spool())?;
        source::look(&settings, 5).await
    }

    /// The first row's values; `NULL` where there is none.
    pub(crate) async fn first(&self) -> Vec<String> {
        let look = self.look().await.unwrap();
        look.sample[0].iter().map(|cell| cell.clone().unwrap_or_else(|| "NULL".into())).collect()
    }
}

/// Makes a SQLite database.
pub(crate) async fn make_sqlite(file: &std::path::Path, statements: &str) {
    use sqlx::Connection as _;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).create_if_missing(true);
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(statements.to_owned())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}
