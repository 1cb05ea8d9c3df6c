//! A private PostgreSQL in a temporary folder, and tests that run on both databases.

use paraph::config::Database;
use paraph::store::Store;
use sqlx::{AnyConnection, AssertSqlSafe, Connection};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;

/// Starts the server, waits until the tests are gone, stops it and clears up.
///
/// The tests' end closes standard input however they end, also when they are killed. Signals from the terminal go to
/// the tests alone, and nobody may be left to read `ready`. The server listens on a socket in its own folder, so no port can be taken.
const KEEPER: &str = r#"
trap '' INT TERM HUP PIPE
cd "$FOLDER" || exit 1
{ initdb -D data -U paraph -A trust -E UTF8 --locale=C --no-sync &&
  printf '%s\n' "$SETTINGS" "unix_socket_directories = '$FOLDER'" 'fsync = off' >>data/postgresql.conf &&
  pg_ctl -D data -w -t 60 -l server.log start; } >start.log 2>&1 || {
    tr '\n' ' ' <start.log; [ -f server.log ] && tr '\n' ' ' <server.log; echo; exit 1; }
echo ready
cat >/dev/null
server=$(head -n 1 data/postmaster.pid 2>/dev/null)
[ -n "$server" ] && for process in $server $(pgrep -P "$server"); do kill -CONT "$process"; done
pg_ctl -D data -m immediate stop >/dev/null 2>&1
cd / && rm -rf "$FOLDER"
"#;

/// The running server: one for the whole test program.
struct Server {
    folder: PathBuf,
    /// Its standard input is open for as long as the tests live.
    _keeper: Child,
}

/// What the shared server is told besides.
const SHARED: &str = "listen_addresses = ''\nmax_connections = 200";

static SERVER: OnceLock<Server> = OnceLock::new();
static DATABASES: AtomicUsize = AtomicUsize::new(0);

/// The address of a new, empty database.
///
/// # Panics
/// With an instruction when PostgreSQL is not installed: a test that does not run must not look like one that passed.
pub async fn new_database() -> String {
    let server = tokio::task::spawn_blocking(|| SERVER.get_or_init(|| start(SHARED))).await.unwrap();
    let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let mut connection = connect(&server.url("postgres")).await;
    sqlx::raw_sql(AssertSqlSafe(format!("create database {name}"))).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    server.url(&name)
}

/// Drops a database of [`new_database`] under the feet of whoever uses it.
pub async fn drop_database(url: &str) {
    let name = url.rsplit_once("/test_").and_then(|(_, rest)| rest.split('?').next()).unwrap();
    let mut connection = connect(&SERVER.get().unwrap().url("postgres")).await;
    let drop = format!("drop database test_{name} with (force)");
    sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut connection).await.unwrap();
}

/// A connection of the test's own.
pub async fn connect(url: &str) -> AnyConnection {
    sqlx::any::install_default_drivers();
    AnyConnection::connect(url).await.unwrap()
}

/// A database under test.
pub struct Place {
    /// Migrated and empty.
    pub store: Store,
    /// The settings that it was opened with.
    pub database: Database,
    folder: TempDir,
}

impl Place {
    /// Whether it is SQLite.
    pub fn is_sqlite(&self) -> bool {
        self.database.url.starts_with("sqlite:")
    }

    /// A second store on the same database, as another node has one.
    pub async fn second_store(&self) -> Store {
        Store::connect(&self.database).await.unwrap()
    }

    /// Takes the database away.
    pub async fn vanish(&self) {
        if self.is_sqlite() {
            std::fs::remove_file(self.folder.path().join("test.db")).unwrap();
        } else {
            drop_database(&self.database.url).await;
        }
    }
}

/// An empty SQLite database.
pub async fn sqlite() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    open(url, folder).await
}

/// Runs `test` on an empty SQLite and then on an empty PostgreSQL.
pub async fn for_each_engine(test: impl AsyncFn(&Place)) {
    test(&sqlite().await).await;
    let place = open(new_database().await, tempfile::tempdir().unwrap()).await;
    test(&place).await;
    place.store.close().await;
}

async fn open(url: String, folder: TempDir) -> Place {
    let database = Database { url, timeout_ms: 250, ..Database::default() };
    // Opening may take longer on a busy machine than waiting for a lock may in a test.
    let patient = Database { timeout_ms: 10_000, ..database.clone() };
    let store = Store::connect(&patient).await.unwrap();
    store.migrate().await.unwrap();
    store.close().await;
    let store = Store::connect(&database).await.unwrap();
    Place { store, database, folder }
}

impl Server {
    fn url(&self, database: &str) -> String {
        format!("postgres://paraph@localhost/{database}?host={}", self.folder.display())
    }
}

fn start(settings: &str) -> Server {
    let path = search_path();
    assert!(
        std::env::split_paths(&path).any(|folder| folder.join("initdb").exists()),
        "the store is tested on PostgreSQL too: install it (on Debian: apt-get install postgresql), or put initdb on PATH"
    );
    // The keeper clears up: a static is never dropped.
    let folder = tempfile::Builder::new().prefix("paraph-pg-").tempdir().unwrap().keep();
    let mut command = Command::new("sh");
    command.args(["-c", KEEPER]).env("PATH", path).env("FOLDER", &folder).env("SETTINGS", settings);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
    if let Some((user, group)) = unprivileged() {
        chown(&folder, Some(user), Some(group)).unwrap();
        command.uid(user).gid(group);
    }
    let mut keeper = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line.trim(), "ready", "PostgreSQL does not start");
    Server { folder, _keeper: keeper }
}

/// A PostgreSQL of one test's own, on a port of loopback, to be stopped, frozen and started again. Dropping it ends it.
pub struct Private {
    server: Option<Server>,
    folder: PathBuf,
    port: u16,
}

impl Private {
    /// Starts it with so many connections.
    ///
    /// # Panics
    /// As [`new_database`].
    pub async fn start(connections: u32) -> Self {
        let address: std::net::SocketAddr = crate::serving::free_address().parse().unwrap();
        let port = address.port();
        let settings = format!("listen_addresses = '127.0.0.1'\nport = {port}\nmax_connections = {connections}");
        let server = tokio::task::spawn_blocking(move || start(&settings)).await.unwrap();
        Self { folder: server.folder.clone(), server: Some(server), port }
    }

    /// The address of a new, empty database of this name.
    ///
    /// # Panics
    /// When there is one already, or the server does not run.
    pub async fn new_database(&self, name: &str) -> String {
        self.run(&format!("create database {name}")).await;
        self.url(name)
    }

    /// The address of a database.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://paraph@127.0.0.1:{}/{database}", self.port)
    }

    /// Runs statements as the superuser.
    ///
    /// # Panics
    /// When they fail.
    pub async fn run(&self, sql: &str) {
        let mut connection = connect(&self.url("postgres")).await;
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    /// Ends every connection and refuses new ones.
    ///
    /// # Panics
    /// When it does not run.
    pub fn stop(&self) {
        self.control(&["-m", "immediate", "-w", "stop"]);
    }

    /// Starts it again after [`Private::stop`].
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_again(&self) {
        self.control(&["-w", "-t", "60", "-l", "server.log", "start"]);
    }

    /// Lets it take connections and requests, and answer none.
    ///
    /// # Panics
    /// When it does not run.
    pub fn freeze(&self) {
        self.signal("STOP");
    }

    /// Lets it go on after [`Private::freeze`].
    ///
    /// # Panics
    /// When it does not run.
    pub fn thaw(&self) {
        self.signal("CONT");
    }

    /// The server's process id.
    ///
    /// # Panics
    /// When it does not run.
    pub fn id(&self) -> u32 {
        let file = std::fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap();
        file.lines().next().unwrap().trim().parse().unwrap()
    }

    /// Sends a signal to the server, and then to each process that it has started.
    fn signal(&self, name: &str) {
        let server = self.id().to_string();
        let kill =
            |id: &str| Command::new("kill").args([&format!("-{name}"), id]).stderr(Stdio::null()).status().unwrap();
        assert!(kill(&server).success());
        let children = Command::new("pgrep").args(["-P", &server]).output().unwrap();
        for child in String::from_utf8_lossy(&children.stdout).lines() {
            // One that has ended since is fine.
            kill(child);
        }
    }

    fn control(&self, arguments: &[&str]) {
        let mut command = Command::new("pg_ctl");
        command.args(["-D", "data"]).args(arguments).current_dir(&self.folder).env("PATH", search_path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        if let Some((user, group)) = unprivileged() {
            command.uid(user).gid(group);
        }
        assert!(command.status().unwrap().success(), "pg_ctl {arguments:?}");
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        // Closing its standard input ends the keeper, which stops the server and clears up.
        if let Some(Server { _keeper: mut keeper, .. }) = self.server.take() {
            drop(keeper.stdin.take());
            let _ = keeper.wait();
        }
    }
}

/// PATH, and where Debian keeps PostgreSQL's programs.
fn search_path() -> std::ffi::OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    std::env::join_paths(folders).unwrap()
}

/// PostgreSQL refuses to run as root: then the user and group to run as instead.
fn unprivileged() -> Option<(u32, u32)> {
    let id = Command::new("id").arg("-u").output().unwrap();
    if String::from_utf8_lossy(&id.stdout).trim() != "0" {
        return None;
    }
    let users = std::fs::read_to_string(Path::new("/etc/passwd")).unwrap();
    let find = |name: &str| {
        let fields: Vec<_> = users.lines().find(|line| line.starts_with(&format!("{name}:")))?.split(':').collect();
        Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
    };
    Some(
        find("postgres").or_else(|| find("nobody")).expect("root needs a user postgres or nobody to run PostgreSQL as"),
    )
}
