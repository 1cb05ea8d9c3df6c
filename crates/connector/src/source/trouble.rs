//! Errors of reading from a database, as sentences that say what to do. They always distinguish between connection and query,
//! and name the part of the connection that failed.

use crate::config::Database;
use crate::statement::Refused;
use sqlx::error::DatabaseError;
use std::io::ErrorKind;

/// Why reading failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Settings are missing or do not fit together.
    #[error("{0}")]
    Settings(String),
    /// The statement was refused before it was sent.
    #[error("the query was not run: {0}")]
    Refused(Refused),
    /// The connection failed.
    #[error("could not connect: {}: {detail}. {}", .what.claim(), .what.advice())]
    Connect {
        /// Which part failed.
        what: Cannot,
        /// Message of the database or the system.
        detail: String,
    },
    /// The database rejected the query.
    #[error("connected, but the query is invalid: {detail}. {}", .what.advice())]
    Query {
        /// Which part is wrong.
        what: Wrong,
        /// Message of the database.
        detail: String,
    },
    /// The query took too long.
    #[error(
        "the query did not end within {0} minutes and was stopped. Add conditions or an index, or raise query.minutes"
    )]
    Slow(u32),
    /// The result is larger than the limits of an upload.
    #[error(
        "the query returns more than {0}. Select only people who need a signature, and only the columns that they need"
    )]
    Much(String),
    /// The connection was lost while rows were read.
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

/// Which part of a connection failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cannot {
    /// User or password.
    SignIn,
    /// The database does not exist, or this user has no access to it.
    Database,
    /// The host name cannot be resolved.
    Name,
    /// Nothing listens at the address.
    Refused,
    /// The host does not answer.
    Silent,
    /// The certificate is not trusted.
    Certificate,
    /// The server does not support TLS.
    NoTls,
    /// The file does not exist or cannot be read.
    File,
    /// Any other problem.
    Other,
}

impl Cannot {
    fn claim(self) -> &'static str {
        match self {
            Self::SignIn => "the user or password is wrong",
            Self::Database => "the database does not exist, or this user has no access to it",
            Self::Name => "the host name cannot be resolved",
            Self::Refused => "nothing listens at that host and port",
            Self::Silent => "the host does not answer",
            Self::Certificate => "TLS: the server's certificate is not trusted",
            Self::NoTls => "TLS: the server does not support encryption",
            Self::File => "the file cannot be read",
            Self::Other => "the server closed the connection",
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::SignIn => {
                "Check database.user, enter the password again, and ask the database's admin whether this login is \
                 allowed from this machine"
            }
            Self::Database => "Check database.name, and that the login is allowed to connect to it",
            Self::Name => "Check database.host and this machine's DNS",
            Self::Refused => {
                "Check database.host and database.port, that the server is running, and that it listens on the network"
            }
            Self::Silent => "Check database.host and database.port, and the firewalls in between",
            Self::Certificate => {
                "Put its CA certificate into database.ca_file and set database.host to the name in the certificate, or \
                 set database.tls = \"any\" if you trust everyone on the network in between"
            }
            Self::NoTls => {
                "Turn on TLS on the server, or set database.tls = \"off\" if you trust everyone on the network in \
                 between"
            }
            Self::File => "Check database.file, and that this program's account can read the file and its folder",
            Self::Other => "Check the settings under [database]; the server's log often has details",
        }
    }
}

/// Which part of a query is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// A table or view.
    Table,
    /// A column.
    Column,
    /// The syntax.
    Syntax,
    /// The login's permissions.
    Permission,
    /// Any other problem.
    Other,
}

impl Wrong {
    fn advice(self) -> &'static str {
        match self {
            Self::Table => "Check the table's name and its schema, such as dbo.staff",
            Self::Column => "Check the column's name; if it contains spaces, quote it as this database requires",
            Self::Syntax => {
                "Correct the query at the position that the database names; try it in the database's own tool"
            }
            Self::Permission => "Ask the database's admin to grant this login SELECT on it, and nothing else",
            Self::Other => "Try the query in the database's own tool with the same login",
        }
    }
}

/// A connection error of the operating system.
pub(super) fn connect_io(error: &std::io::Error) -> Trouble {
    let what = match error.kind() {
        ErrorKind::ConnectionRefused | ErrorKind::NotFound => Cannot::Refused,
        ErrorKind::TimedOut | ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => Cannot::Silent,
        // rustls reports its errors as this kind.
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

/// A connection error of sqlx; `of` classifies the server's error.
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

/// Meaning of a database's error during a query.
pub(super) enum Said {
    /// The query is invalid.
    Wrong(Wrong),
    /// The query was stopped by its time limit.
    Slow,
    /// The server is shutting down.
    Lost,
}

/// A query error of sqlx; `of` classifies the server's error.
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

/// A database's message for use in a sentence: one line, without its full stop, of limited length.
fn sentence(text: &str) -> String {
    const LONGEST: usize = 500;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.trim_end_matches('.');
    if line.chars().count() <= LONGEST { line.to_owned() } else { line.chars().take(LONGEST).chain(['…']).collect() }
}

/// Time limit for connecting.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(15);

/// Resolves the host's name, then connects, each within a time limit.
///
/// # Errors
/// The driver's error; or that the name cannot be resolved, or that the host does not answer.
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
            connect.starts_with("could not connect: the user or password is wrong: Login failed for user 'x'. "),
            "{connect}"
        );
    }

    #[test]
    fn endless_messages_are_cut() {
        let Trouble::Query { detail, .. } = query(Wrong::Other, "x".repeat(10_000)) else { panic!() };
        assert_eq!(detail.chars().count(), 501);
    }
}
