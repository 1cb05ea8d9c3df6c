//! SQL Server: speaks TDS 7.4 on loopback and runs statements on an SQLite database in memory, with SQL Server's errors.
//!
//! Tables are declared with SQL Server's types, which determine their columns' types on the wire. There is one database, one
//! schema `dbo`, no stored procedure, and no `ntext`, `xml`, `time` or `datetimeoffset`; an expression's type follows from
//! its first value.

mod bytes;
mod packet;
mod tls;
mod login;
mod request;
mod session;
mod lexer;
mod statements;
mod translate;
mod errors;
mod tokens;
mod types;
mod values;

use crate::Trouble;
use crate::base::{Listening, Troubles, bind};
use packet::Wire;
use session::Session;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, SqliteConnection};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tls::Identity;
use tokio::net::TcpStream;

/// The user of [`TdsOptions::default`].
pub const USER: &str = "reader";
/// Their password.
pub const PASSWORD: &str = "only S€LECT";
/// The database of [`TdsOptions::default`].
pub const DATABASE: &str = "crm";

/// Encryption that the server offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encryption {
    /// Not supported. Only clients without encryption, such as `tsql`, can connect.
    NotSupported,
    /// Only for the login, unless the client requests more.
    Off,
    /// For the complete connection.
    #[default]
    Required,
}

/// Options of the server.
#[derive(Clone, Copy, Debug)]
pub struct TdsOptions<'a> {
    /// Users: case-insensitive names, and passwords.
    pub users: &'a [(&'a str, &'a str)],
    /// The one database.
    pub database: &'a str,
    /// Whether connections are encrypted.
    pub encryption: Encryption,
    /// T-SQL that runs before any client connects, separated by semicolons.
    pub setup_sql: &'a str,
    /// Tables without any permissions.
    pub denied: &'a [&'a str],
}

impl Default for TdsOptions<'_> {
    fn default() -> Self {
        let users = &[(USER, PASSWORD)];
        Self { users, database: DATABASE, encryption: Encryption::default(), setup_sql: "", denied: &[] }
    }
}

/// A client's login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The user's name.
    pub user: String,
    /// The password, readable.
    pub password: String,
    /// The database; empty for the default one.
    pub database: String,
    /// Name of the client program.
    pub application: String,
    /// Name of the client's computer.
    pub host: String,
    /// Whether the client requested a read-only connection (`ApplicationIntent=ReadOnly`). Its writes are executed in spite
    /// of that.
    pub is_read_only: bool,
    /// Whether the login was encrypted.
    pub was_encrypted: bool,
    /// Whether the login was accepted.
    pub is_accepted: bool,
}

/// The server. Dropping it closes its port and every connection.
pub struct TdsServer {
    port: u16,
    shared: Arc<Shared>,
    _listening: Listening,
}

struct Shared {
    users: Vec<(String, String)>,
    database: String,
    encryption: Encryption,
    denied: Vec<String>,
    identity: Identity,
    sqlite: SqliteConnectOptions,
    troubles: Mutex<Troubles>,
    logins: Mutex<Vec<Login>>,
    statements: Mutex<Vec<String>>,
}

/// SQLite names its databases in memory, so that connections can share one.
static DATABASES: AtomicUsize = AtomicUsize::new(0);

impl TdsServer {
    /// Starts on a free port.
    pub async fn start(options: TdsOptions<'_>) -> Self {
        let name = format!("/tds-{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        let shared = Arc::new(Shared {
            users: options.users.iter().map(|(user, password)| ((*user).to_owned(), (*password).to_owned())).collect(),
            database: options.database.to_owned(),
            encryption: options.encryption,
            denied: options.denied.iter().map(|table| (*table).to_owned()).collect(),
            identity: Identity::generate(),
            sqlite: SqliteConnectOptions::new()
                .filename(name)
                .vfs("memdb")
                .create_if_missing(true)
                .disable_statement_logging(),
            troubles: Mutex::default(),
            logins: Mutex::default(),
            statements: Mutex::default(),
        });
        let keeper = set_up(&shared, options.setup_sql).await;
        let (listener, address) = bind().await;
        let served = Arc::clone(&shared);
        let listening = Listening::new(listener, move |tcp| {
            // The database lasts as long as this connection to it.
            let _ = &keeper;
            attend(tcp, Arc::clone(&served))
        });
        Self { port: address.port(), shared, _listening: listening }
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its certificate for `localhost` and `127.0.0.1`, which clients have to trust.
    pub fn certificate_pem(&self) -> &str {
        &self.shared.identity.pem
    }

    /// Sets a trouble for all answers until [`TdsServer::lift`]: [`Trouble::Silent`] or [`Trouble::Slow`] from the first
    /// packet on, [`Trouble::Drip`] or [`Trouble::CutAfter`] in rows of a result.
    pub fn until_lifted(&self, trouble: Trouble) {
        let is_known = matches!(trouble, Trouble::Silent | Trouble::Slow(_) | Trouble::Drip(_) | Trouble::CutAfter(_));
        assert!(is_known, "a database has no such trouble: {trouble:?}");
        self.shared.troubles.lock().unwrap().until_lifted(None, trouble);
    }

    /// Ends the trouble.
    pub fn lift(&self) {
        self.shared.troubles.lock().unwrap().lift();
    }

    /// All login attempts.
    pub fn logins(&self) -> Vec<Login> {
        self.shared.logins.lock().unwrap().clone()
    }

    /// All executed statements as they were sent, including those that failed.
    pub fn statements(&self) -> Vec<String> {
        self.shared.statements.lock().unwrap().clone()
    }
}

impl Shared {
    fn trouble(&self) -> Trouble {
        self.troubles.lock().unwrap().take("", false)
    }

    /// Delays an answer; without an answer, waits until the client disconnects.
    async fn hesitate(&self, wire: &mut Wire) -> io::Result<()> {
        match self.trouble() {
            Trouble::Slow(delay) => tokio::time::sleep(delay).await,
            Trouble::Silent => loop {
                wire.packet().await?;
            },
            _ => {}
        }
        Ok(())
    }
}

/// Fills the database, which exists as long as the returned connection.
async fn set_up(shared: &Shared, setup_sql: &str) -> SqliteConnection {
    let mut keeper = shared.sqlite.connect().await.unwrap();
    let tokens = lexer::tokens(setup_sql).unwrap_or_else(|error| panic!("{}", error.message));
    let context = translate::Context { database: &shared.database, transactions: 0, parameters: &[] };
    for statement in statements::split(&tokens) {
        let sql = translate::translate(statement, &context).unwrap_or_else(|error| panic!("{}", error.message));
        let outcome = sqlx::raw_sql(AssertSqlSafe(sql.as_str())).execute(&mut keeper).await;
        outcome.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    keeper
}

/// Serves a connection until either side closes it.
async fn attend(tcp: TcpStream, shared: Arc<Shared>) {
    let mut wire = Wire::new(tcp);
    if let Ok(login) = login::accept(&mut wire, &shared).await {
        let _ = Session::new(wire, shared, login).await.run().await;
    }
}
