//! SQL Server: speaks TDS 7.4 on loopback and runs what it is told on an SQLite in memory, with SQL Server's errors.
//!
//! Tables are declared with SQL Server's types, which decide what their columns are on the wire. There is one
//! database, one schema `dbo`, no stored procedure, and no `ntext`, `xml`, `time` or `datetimeoffset`; an expression's
//! type follows from its first value.

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

/// What the server says of encryption.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encryption {
    /// It cannot. Only a client that cannot either, or that asks for none as `tsql` does, gets in.
    NotSupported,
    /// For the login alone, unless the client wants more.
    Off,
    /// For everything.
    #[default]
    Required,
}

/// How to start.
#[derive(Clone, Copy, Debug)]
pub struct TdsOptions<'a> {
    /// Who gets in: names, which ignore case, and passwords.
    pub users: &'a [(&'a str, &'a str)],
    /// The one database.
    pub database: &'a str,
    /// Whether connections are encrypted.
    pub encryption: Encryption,
    /// Run before anybody gets in: T-SQL, separated by semicolons.
    pub setup_sql: &'a str,
    /// Tables that nobody may touch.
    pub denied: &'a [&'a str],
}

impl Default for TdsOptions<'_> {
    fn default() -> Self {
        let users = &[(USER, PASSWORD)];
        Self { users, database: DATABASE, encryption: Encryption::default(), setup_sql: "", denied: &[] }
    }
}

/// What a client said when it logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The user's name.
    pub user: String,
    /// The password, readable.
    pub password: String,
    /// The database, or nothing for the default one.
    pub database: String,
    /// What the client calls itself.
    pub application: String,
    /// What it calls its computer.
    pub host: String,
    /// Whether it said that it will only read (`ApplicationIntent=ReadOnly`). Its writes are executed all the same.
    pub is_read_only: bool,
    /// Whether it said all this inside TLS.
    pub was_encrypted: bool,
    /// Whether it got in.
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

    /// Where it listens, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its certificate, for `localhost` and `127.0.0.1`: who trusts it can connect.
    pub fn certificate_pem(&self) -> &str {
        &self.shared.identity.pem
    }

    /// What every answer meets until [`TdsServer::lift`]: [`Trouble::Silent`] or [`Trouble::Slow`] from the first packet on,
    /// [`Trouble::Drip`] or [`Trouble::CutAfter`] in rows of a result.
    pub fn until_lifted(&self, trouble: Trouble) {
        let is_known = matches!(trouble, Trouble::Silent | Trouble::Slow(_) | Trouble::Drip(_) | Trouble::CutAfter(_));
        assert!(is_known, "a database has no such trouble: {trouble:?}");
        self.shared.troubles.lock().unwrap().until_lifted(None, trouble);
    }

    /// Ends the trouble.
    pub fn lift(&self) {
        self.shared.troubles.lock().unwrap().lift();
    }

    /// Every login that was tried.
    pub fn logins(&self) -> Vec<Login> {
        self.shared.logins.lock().unwrap().clone()
    }

    /// Every statement that was to be executed, as it was written, also those that failed.
    pub fn statements(&self) -> Vec<String> {
        self.shared.statements.lock().unwrap().clone()
    }
}

impl Shared {
    fn trouble(&self) -> Trouble {
        self.troubles.lock().unwrap().take("", false)
    }

    /// Waits as long as an answer is to be late; whoever gets none, waits until they go away.
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

/// Fills the database, which lasts as long as the connection that is returned.
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

/// Serves a connection until one side has had enough of it, with an error or not.
async fn attend(tcp: TcpStream, shared: Arc<Shared>) {
    let mut wire = Wire::new(tcp);
    if let Ok(login) = login::accept(&mut wire, &shared).await {
        let _ = Session::new(wire, shared, login).await.run().await;
    }
}
