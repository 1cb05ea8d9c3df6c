//! Every setting, in one TOML file; `connector.example.toml` describes them.

mod edit;
mod place;

pub use edit::set;
pub use place::{Place, SERVICE_FOLDER, SERVICE_KEY};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// What a new settings file begins as.
pub const EXAMPLE: &str = include_str!("../../connector.example.toml");
/// How often a run may begin, in minutes.
pub const EVERY_MINUTES: RangeInclusive<u32> = 5..=1440;
/// How long a query may take, in minutes.
pub const QUERY_MINUTES: RangeInclusive<u32> = 1..=120;

/// Every setting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where rows go.
    pub paraph: Paraph,
    /// Where rows come from.
    pub database: Database,
    /// Which rows.
    pub query: Query,
    /// The column of each field, by the field's token.
    pub mappings: BTreeMap<String, String>,
    /// When.
    pub schedule: Schedule,
    /// The configuration page.
    pub web: Web,
}

/// Where rows go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Paraph {
    /// Its origin.
    pub url: String,
    /// Sealed.
    pub secret: String,
    /// Certificates besides the machine's.
    pub ca_file: String,
}

/// Where rows come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// Which kind of database.
    pub kind: Kind,
    /// Its name, address, or socket.
    pub host: String,
    /// 0: the kind's usual one.
    pub port: u16,
    /// SQL Server's.
    pub instance: String,
    /// The database there.
    pub name: String,
    /// How to sign in.
    pub login: Login,
    /// As whom.
    pub user: String,
    /// Sealed.
    pub password: String,
    /// Whether the connection is encrypted.
    pub tls: Tls,
    /// Certificates instead of the machine's.
    pub ca_file: String,
    /// SQLite's and Access's.
    pub file: String,
    /// ODBC's.
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
    /// Whatever has an ODBC driver.
    Odbc,
}

impl Kind {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 6] = [Self::SqlServer, Self::Access, Self::Postgres, Self::MySql, Self::Sqlite, Self::Odbc];

    /// As the settings spell it.
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

    /// As people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::SqlServer => "SQL Server",
            Self::Postgres => "PostgreSQL",
            Self::MySql => "MySQL or MariaDB",
            Self::Sqlite => "SQLite file",
            Self::Access => "Access file",
            Self::Odbc => "another, with an ODBC driver",
        }
    }

    /// The port where it usually listens; 0: it has none.
    pub fn usual_port(self) -> u16 {
        match self {
            Self::SqlServer => 1433,
            Self::Postgres => 5432,
            Self::MySql => 3306,
            Self::Sqlite | Self::Access | Self::Odbc => 0,
        }
    }

    /// Whether it is a server that is reached over the network, with a user and a password.
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
    /// As the account that this program runs as (SQL Server).
    Integrated,
}

/// Whether the connection to the database is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// With a certificate that is trusted.
    #[default]
    Required,
    /// With whatever certificate.
    Any,
    /// Not.
    Off,
}

/// Which rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Query {
    /// One SELECT.
    pub sql: String,
    /// How long it may take, within [`QUERY_MINUTES`].
    pub minutes: u32,
}

impl Default for Query {
    fn default() -> Self {
        Self { sql: String::new(), minutes: 10 }
    }
}

/// When runs begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Schedule {
    /// Counted from the start, within [`EVERY_MINUTES`].
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
    /// On loopback; 0: it is not served.
    pub port: u16,
}

impl Default for Web {
    fn default() -> Self {
        Self { port: 4780 }
    }
}

impl Config {
    /// What is missing or wrong before rows can be fetched: the first that the admin should look at.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub fn check_source(&self) -> Result<(), String> {
        let database = &self.database;
        let missing = match database.kind {
            kind if kind.is_server() && database.host.is_empty() => Some("database.host: the server's name"),
            kind if kind.is_server() && database.login == Login::Password && database.user.is_empty() => {
                Some("database.user: a login that may only read")
            }
            Kind::Postgres | Kind::MySql | Kind::SqlServer if database.name.is_empty() => {
                Some("database.name: the database's name")
            }
            Kind::Sqlite | Kind::Access if database.file.is_empty() => Some("database.file: the file"),
            Kind::Odbc if database.connection.is_empty() => Some("database.connection: the ODBC connection string"),
            // As in every step before this one: a connection is tested with the query that it is for.
            _ if self.query.sql.trim().is_empty() => Some("query.sql: one SELECT that gives one row for each person"),
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

    /// The same before rows can be sent.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub fn check_paraph(&self) -> Result<(), String> {
        if self.paraph.url.is_empty() {
            return Err("not set yet: paraph.url: the address of your Paraph server".into());
        }
        if self.paraph.secret.is_empty() {
            return Err("not set yet: the secret. Make one on Paraph's Database page".into());
        }
        if !EVERY_MINUTES.contains(&self.schedule.minutes) {
            return Err(outside("schedule.minutes", &EVERY_MINUTES, self.schedule.minutes));
        }
        Ok(())
    }

    /// Whatever a run needs.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub fn check(&self) -> Result<(), String> {
        self.check_paraph()?;
        self.check_source()?;
        if !self.mappings.contains_key(api::connector::ADDRESS) {
            return Err(format!(
                "no column is mapped to {}: say which one holds the e-mail address, by which people are found",
                api::connector::ADDRESS
            ));
        }
        Ok(())
    }

    /// What may be read along the way between here and there; nothing is refused for it.
    pub fn warnings(&self) -> Vec<String> {
        let database = &self.database;
        let near =
            database.host.starts_with('/') || ["localhost", "127.0.0.1", "::1"].contains(&database.host.as_str());
        match database.tls {
            Tls::Off if database.kind.is_server() && !near => {
                vec!["the connection to the database is not encrypted (database.tls = \"off\")".into()]
            }
            Tls::Any if database.kind.is_server() => vec![
                "whoever stands between here and the database could pose as it (database.tls = \"any\"): put its \
                 authority's certificate into database.ca_file and set \"required\""
                    .into(),
            ],
            _ => Vec::new(),
        }
    }
}

fn outside(setting: &str, range: &RangeInclusive<u32>, is: u32) -> String {
    format!("{setting} is {is}: it goes from {} to {}", range.start(), range.end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_says_the_defaults() {
        assert_eq!(toml::from_str::<Config>(EXAMPLE).unwrap(), Config::default());
        let every = toml::Table::try_from(Config::default()).unwrap();
        let shown: toml::Table = toml::from_str(EXAMPLE).unwrap();
        assert_eq!(shown, every, "every setting stands in the example");
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
