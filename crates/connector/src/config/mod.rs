//! The settings, in one TOML file; `connector.example.toml` describes them.

mod edit;
mod place;

pub use edit::set;
pub use place::{Place, SERVICE_FOLDER, SERVICE_KEY};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Initial content of a new settings file.
pub const EXAMPLE: &str = include_str!("../../connector.example.toml");
/// Allowed interval between runs, in minutes.
pub const EVERY_MINUTES: RangeInclusive<u32> = 5..=1440;
/// Allowed time limit of a query, in minutes.
pub const QUERY_MINUTES: RangeInclusive<u32> = 1..=120;

/// All settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The Paraph server that rows go to.
    pub paraph: Paraph,
    /// The database that rows come from.
    pub database: Database,
    /// The query.
    pub query: Query,
    /// Column for each field, by the field's token.
    pub mappings: BTreeMap<String, String>,
    /// When runs start.
    pub schedule: Schedule,
    /// The configuration page.
    pub web: Web,
}

/// The Paraph server that rows go to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Paraph {
    /// Address of the server.
    pub url: String,
    /// Secret from Paraph's Database page, sealed.
    pub secret: String,
    /// File with certificates that are trusted in addition to the machine's.
    pub ca_file: String,
}

/// The database that rows come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// Kind of database.
    pub kind: Kind,
    /// Host name, address, or path of a socket.
    pub host: String,
    /// Port; 0 means the kind's default.
    pub port: u16,
    /// Instance name (SQL Server).
    pub instance: String,
    /// Name of the database.
    pub name: String,
    /// How to sign in.
    pub login: Login,
    /// User name.
    pub user: String,
    /// Password, sealed.
    pub password: String,
    /// Whether the connection is encrypted.
    pub tls: Tls,
    /// File with certificates that are trusted instead of the machine's.
    pub ca_file: String,
    /// Path of the file (SQLite, Access).
    pub file: String,
    /// Connection string (ODBC).
    pub connection: String,
}

/// A kind of database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Microsoft SQL Server.
    #[default]
    SqlServer,
    /// PostgreSQL.
    Postgres,
    /// `MySQL` and `MariaDB`.
    MySql,
    /// A SQLite file.
    Sqlite,
    /// An Access file.
    Access,
    /// Any database with an ODBC driver.
    Odbc,
}

impl Kind {
    /// All kinds, in the order in which they are offered.
    pub const ALL: [Self; 6] = [Self::SqlServer, Self::Access, Self::Postgres, Self::MySql, Self::Sqlite, Self::Odbc];

    /// Spelling in the settings.
    pub fn token(self) -> &'static str {
        match self {
            Self::SqlServer => "sqlserver",
            Self::Postgres => "postgres",
            Self::MySql => "mysql",
            Self::Sqlite => "sqlite",
            Self::Access => "access",
            Self::Odbc => "odbc",
        }
    }

    /// Name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::SqlServer => "SQL Server",
            Self::Postgres => "PostgreSQL",
            Self::MySql => "MySQL or MariaDB",
            Self::Sqlite => "SQLite file",
            Self::Access => "Access file",
            Self::Odbc => "other, with an ODBC driver",
        }
    }

    /// Default port; 0 if the kind has none.
    pub fn usual_port(self) -> u16 {
        match self {
            Self::SqlServer => 1433,
            Self::Postgres => 5432,
            Self::MySql => 3306,
            Self::Sqlite | Self::Access | Self::Odbc => 0,
        }
    }

    /// Whether this is a server that is reached over the network, with a user and a password.
    pub fn is_server(self) -> bool {
        self.usual_port() > 0
    }
}

/// How to sign in to the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Login {
    /// User and password.
    #[default]
    Password,
    /// With the account that this program runs as (SQL Server).
    Integrated,
}

/// Whether the connection to the database is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// Encrypted, with a trusted certificate.
    #[default]
    Required,
    /// Encrypted, with any certificate.
    Any,
    /// Not encrypted.
    Off,
}

/// The query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Query {
    /// One SELECT.
    pub sql: String,
    /// Time limit in minutes, within [`QUERY_MINUTES`].
    pub minutes: u32,
}

impl Default for Query {
    fn default() -> Self {
        Self { sql: String::new(), minutes: 10 }
    }
}

/// When runs start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Schedule {
    /// Interval in minutes, counted from start-up, within [`EVERY_MINUTES`].
    pub minutes: u32,
}

impl Default for Schedule {
    fn default() -> Self {
        Self { minutes: 60 }
    }
}

/// The configuration page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Web {
    /// Port on loopback; 0 turns the page off.
    pub port: u16,
}

impl Default for Web {
    fn default() -> Self {
        Self { port: 4780 }
    }
}

impl Config {
    /// Checks the settings that fetching rows needs.
    ///
    /// # Errors
    /// The first problem, as a sentence that says what to do.
    pub fn check_source(&self) -> Result<(), String> {
        let database = &self.database;
        let missing = match database.kind {
            kind if kind.is_server() && database.host.is_empty() => Some("database.host: the server's name"),
            kind if kind.is_server() && database.login == Login::Password && database.user.is_empty() => {
                Some("database.user: a login that can only read")
            }
            Kind::Postgres | Kind::MySql | Kind::SqlServer if database.name.is_empty() => {
                Some("database.name: the database's name")
            }
            Kind::Sqlite | Kind::Access if database.file.is_empty() => Some("database.file: the file"),
            Kind::Odbc if database.connection.is_empty() => Some("database.connection: the ODBC connection string"),
            // A connection is tested together with its query.
            _ if self.query.sql.trim().is_empty() => Some("query.sql: one SELECT that returns one row per person"),
            _ => None,
        };
        if let Some(missing) = missing {
            return Err(format!("not set yet: {missing}"));
        }
        if !QUERY_MINUTES.contains(&self.query.minutes) {
            return Err(outside("query.minutes", &QUERY_MINUTES, self.query.minutes));
        }
        if database.login == Login::Integrated && database.kind != Kind::SqlServer {
            return Err(format!(
                "database.login = \"integrated\" is for SQL Server, not for {}",
                database.kind.label()
            ));
        }
        Ok(())
    }

    /// Checks the settings that sending rows needs.
    ///
    /// # Errors
    /// The first problem, as a sentence that says what to do.
    pub fn check_paraph(&self) -> Result<(), String> {
        if self.paraph.url.is_empty() {
            return Err("not set yet: paraph.url: the address of your Paraph server".into());
        }
        if self.paraph.secret.is_empty() {
            return Err("not set yet: the secret. Create one on Paraph's Database page".into());
        }
        if !EVERY_MINUTES.contains(&self.schedule.minutes) {
            return Err(outside("schedule.minutes", &EVERY_MINUTES, self.schedule.minutes));
        }
        Ok(())
    }

    /// Checks the settings that a run needs.
    ///
    /// # Errors
    /// The first problem, as a sentence that says what to do.
    pub fn check(&self) -> Result<(), String> {
        self.check_paraph()?;
        self.check_source()?;
        if !self.mappings.contains_key(api::connector::ADDRESS) {
            return Err(format!(
                "no column is mapped to {}: choose the one with the e-mail address, which identifies people",
                api::connector::ADDRESS
            ));
        }
        Ok(())
    }

    /// Warnings about a connection that others could read; they do not stop a run.
    pub fn warnings(&self) -> Vec<String> {
        let database = &self.database;
        let near =
            database.host.starts_with('/') || ["localhost", "127.0.0.1", "::1"].contains(&database.host.as_str());
        match database.tls {
            Tls::Off if database.kind.is_server() && !near => {
                vec!["the connection to the database is not encrypted (database.tls = \"off\")".into()]
            }
            Tls::Any if database.kind.is_server() => vec![
                "the database's certificate is not checked, so an attacker in the network could pose as the database \
                 (database.tls = \"any\"): put its CA certificate into database.ca_file and set \"required\""
                    .into(),
            ],
            _ => Vec::new(),
        }
    }
}

fn outside(setting: &str, range: &RangeInclusive<u32>, is: u32) -> String {
    format!("{setting} is {is}: it must be from {} to {}", range.start(), range.end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_says_the_defaults() {
        assert_eq!(toml::from_str::<Config>(EXAMPLE).unwrap(), Config::default());
        let every = toml::Table::try_from(Config::default()).unwrap();
        let shown: toml::Table = toml::from_str(EXAMPLE).unwrap();
        assert_eq!(shown, every, "the example has every setting");
    }

    #[test]
    fn the_query_must_be_set_before_a_connection_is_tested() {
        let mut config = Config::default();
        config.database.kind = Kind::Sqlite;
        assert!(config.check_source().unwrap_err().contains("database.file"));
        config.database.file = "staff.db".into();
        assert!(config.check_source().unwrap_err().contains("query.sql"));
        config.query.sql = "select 1".into();
        assert_eq!(config.check_source(), Ok(()));
        config.query.minutes = 0;
        assert!(config.check_source().unwrap_err().contains("1 to 120"));
    }

    #[test]
    fn a_run_needs_a_column_for_the_address() {
        let mut config = Config {
            paraph: Paraph { url: "https://x.example".into(), secret: "1.x".into(), ca_file: String::new() },
            database: Database { kind: Kind::Sqlite, file: "x.db".into(), ..Database::default() },
            query: Query { sql: "select 1".into(), ..Query::default() },
            ..Config::default()
        };
        assert!(config.check().unwrap_err().contains("address"));
        config.mappings.insert("address".into(), "mail".into());
        assert_eq!(config.check(), Ok(()));
    }

    #[test]
    fn kinds_are_spelled_as_in_the_file() {
        for kind in Kind::ALL {
            assert_eq!(toml::Value::try_from(kind).unwrap().as_str(), Some(kind.token()));
        }
    }
}
