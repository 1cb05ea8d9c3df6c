//! What can go wrong between here and the rows, as sentences that say what to do. Whether the connection or the query is at
//! fault is always told apart, and of a connection, what of it.

use crate::config::Database;
use crate::statement::Refused;
use sqlx::error::DatabaseError;
use std::io::ErrorKind;

/// Why there are no rows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The settings do not say enough.
    #[error("{0}")]
    Settings(String),
    /// The statement is not run at all.
    #[error("the query was not run: {0}")]
    Refused(Refused),
    /// No connection.
    #[error("could not connect: {}: {detail}. {}", .what.claim(), .what.advice())]
    Connect {
        /// What of it.
        what: Cannot,
        /// The database's or the system's own words.
        detail: String,
    },
    /// A connection, and a query that the database does not take.
    #[error("connected, but the query is invalid: {detail}. {}", .what.advice())]
    Query {
        /// What of it.
        what: Wrong,
        /// The database's own words.
        detail: String,
    },
    /// It takes too long.
    #[error(
        "the query did not end within {0} minutes and was stopped. Add conditions or an index, or raise query.minutes"
    )]
    Slow(u32),
    /// More than may be sent.
    #[error(
        "the query gives more than {0}. Select only people who need a signature, and only the columns that they need"
    )]
    Much(String),
    /// The connection broke while rows came.
    #[error("the connection to the database was lost: {0}. The next run tries again")]
    Lost(String),
    /// Something on this machine is missing.
    #[error("{0}")]
    Machine(String),
}

impl From<Refused> for Trouble {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

/// What of a connection is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cannot {
    /// User or password.
    SignIn,
    /// There is no such database, or it is not for this user.
    Database,
    /// The host's name is not known.
    Name,
    /// Nothing listens there.
    Refused,
    /// Nobody answers.
    Silent,
    /// The certificate is not trusted.
    Certificate,
    /// The server does not encrypt.
    NoTls,
    /// The file is not there or cannot be read.
    File,
    /// Something else.
    Other,
}

impl Cannot {
    fn claim(self) -> &'static str {
        match self {
            Self::SignIn => "user or password is wrong",
            Self::Database => "the database is not there, or not for this user",
            Self::Name => "the host name is not known",
            Self::Refused => "nothing listens at that host and port",
            Self::Silent => "the host does not answer",
            Self::Certificate => "TLS: the server's certificate is not trusted",
            Self::NoTls => "TLS: the server does not encrypt",
            Self::File => "the file cannot be read",
            Self::Other => "the server ended it",
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::SignIn => {
                "Check database.user, enter the password again, and ask the database's admin whether this login may come from here"
            }
            Self::Database => "Check database.name, and that the login may connect to it",
            Self::Name => "Check database.host and this machine's DNS",
            Self::Refused => {
                "Check database.host and database.port, that the server runs, and that it listens on the network"
            }
            Self::Silent => "Check database.host and database.port, and the firewalls between here and there",
            Self::Certificate => {
                "Put its authority's certificate into database.ca_file and write database.host as the certificate names it, or set database.tls = \"any\" where nobody else can reach the network between"
            }
            Self::NoTls => {
                "Turn TLS on at the server, or set database.tls = \"off\" where nobody else can reach the network between"
            }
            Self::File => "Check database.file, and that the account of this program may read it and its folder",
            Self::Other => "Check the settings under [database]; the server's own log often says more",
        }
    }
}

/// What of a query is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// A table or view.
    Table,
    /// A column.
    Column,
    /// Its grammar.
    Syntax,
    /// What the login may read.
    Permission,
    /// Something else.
    Other,
}

impl Wrong {
    fn advice(self) -> &'static str {
        match self {
            Self::Table => "Check the table's name and its schema, such as dbo.staff",
            Self::Column => "Check the column's name; write it in the quotes of the database where it has spaces",
            Self::Syntax => "Correct the query where the database points at; try it in the database's own tool",
            Self::Permission => "Let the database's admin grant SELECT on it to this login, and nothing else",
            Self::Other => "Try the query in the database's own tool with the same login",
        }
    }
}

/// A connection that the system did not make.
pub(super) fn connect_io(error: &std::io::Error) -> Trouble {
    let what = match error.kind() {
        ErrorKind::ConnectionRefused | ErrorKind::NotFound => Cannot::Refused,
        ErrorKind::TimedOut | ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => Cannot::Silent,
        // rustls' errors come as these.
        ErrorKind::InvalidData => Cannot::Certificate,
        _ => Cannot::Other,
    };
    connect(what, error.to_string())
}

pub(super) fn connect(what: Cannot, detail: impl Into<String>) -> Trouble {
    Trouble::Connect { what, detail: sentence(&detail.into()) }
}

pub(super) fn query(what: Wrong, detail: impl Into<String>) -> Trouble {
    Trouble::Query { what, detail: sentence(&detail.into()) }
}

/// A connection that sqlx did not make; `of` says what the server's error means.
pub(super) fn connect_sqlx(error: sqlx::Error, of: impl Fn(&dyn DatabaseError) -> Cannot) -> Trouble {
    match error {
        sqlx::Error::Database(error) => connect(of(&*error), error.message()),
        sqlx::Error::Io(error) => connect_io(&error),
        sqlx::Error::Tls(error) => {
            let detail = error.to_string();
            let what = if detail.contains("does not support TLS") { Cannot::NoTls } else { Cannot::Certificate };
            connect(what, detail)
        }
        error => connect(Cannot::Other, error.to_string()),
    }
}

/// What a database's error means while it ran the query.
pub(super) enum Said {
    /// The query is invalid.
    Wrong(Wrong),
    /// It was stopped because its time was over.
    Slow,
    /// The server ends.
    Lost,
}

/// A query that sqlx did not bring to its end.
pub(super) fn query_sqlx(error: sqlx::Error, minutes: u32, of: impl Fn(&dyn DatabaseError) -> Said) -> Trouble {
    match error {
        sqlx::Error::Database(error) => match of(&*error) {
            Said::Wrong(what) => query(what, error.message()),
            Said::Slow => Trouble::Slow(minutes),
            Said::Lost => Trouble::Lost(sentence(error.message())),
        },
        error => Trouble::Lost(sentence(&error.to_string())),
    }
}

/// A database's words as a part of a sentence of ours: one line, without its full stop, of bounded length.
fn sentence(text: &str) -> String {
    const LONGEST: usize = 500;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.trim_end_matches('.');
    if line.chars().count() <= LONGEST { line.to_owned() } else { line.chars().take(LONGEST).chain(['…']).collect() }
}

/// How long a connection may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(15);

/// Makes a connection, once the host's name is known to be one.
///
/// # Errors
/// The driver's trouble; or that the name is not known, or that nobody answers.
pub(super) async fn in_time<T>(
    database: &Database,
    connecting: impl Future<Output = Result<T, Trouble>>,
) -> Result<T, Trouble> {
    if database.kind.is_server() && !database.host.starts_with('/') {
        let port = if database.port == 0 { database.kind.usual_port() } else { database.port };
        match tokio::time::timeout(PATIENCE, tokio::net::lookup_host((database.host.as_str(), port))).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return Err(connect(Cannot::Name, format!("{}: {error}", database.host))),
            Err(_) => return Err(connect(Cannot::Name, format!("{}: the name server does not answer", database.host))),
        }
    }
    let seconds = PATIENCE.as_secs();
    tokio::time::timeout(PATIENCE, connecting)
        .await
        .unwrap_or_else(|_| Err(connect(Cannot::Silent, format!("no answer within {seconds} seconds"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_query_and_a_wrong_connection_read_differently() {
        let query = query(Wrong::Table, "relation \"staf\"\n does not exist.").to_string();
        assert!(
            query.starts_with("connected, but the query is invalid: relation \"staf\" does not exist. Check"),
            "{query}"
        );
        let connect = connect(Cannot::SignIn, "Login failed for user 'x'.").to_string();
        assert!(
            connect.starts_with("could not connect: user or password is wrong: Login failed for user 'x'. "),
            "{connect}"
        );
    }

    #[test]
    fn endless_messages_are_cut() {
        let Trouble::Query { detail, .. } = query(Wrong::Other, "x".repeat(10_000)) else { panic!() };
        assert_eq!(detail.chars().count(), 501);
    }
}
