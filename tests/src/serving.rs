//! `paraph serve` as its own process with its own folder: killed, frozen, started again.

use anyhow::{Context as _, ensure};
use paraph::clock::Clock;
use std::fs::File;
use std::net::TcpListener;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a server may take to start on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Settings of a server, its folder, and its process while one runs. Dropping it ends the process.
#[derive(Debug)]
pub struct Serving {
    /// Where it answers, such as `http://127.0.0.1:34567`.
    pub url: String,
    /// Where its metrics are.
    pub metrics_url: String,
    /// Holds the SQLite database `paraph.db`, the log `log` and standard output `out`.
    pub folder: TempDir,
    settings: Vec<(String, String)>,
    child: Option<Child>,
}

impl Serving {
    /// A server on free ports with an empty SQLite database in a folder of its own; not started yet.
    ///
    /// # Panics
    /// When the machine has no folder or port to give.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (listen, metrics) = (free_address(), free_address());
        let url = format!("http://{listen}");
        let mut serving = Self {
            metrics_url: format!("http://{metrics}/metrics"),
            settings: Vec::new(),
            child: None,
            url: url.clone(),
            folder,
        };
        let database = format!("sqlite:{}", serving.folder.path().join("paraph.db").display());
        serving.set("database.url", &database);
        serving.set("server.listen", &listen);
        serving.set("server.metrics_listen", &metrics);
        serving.set("server.public_url", &url);
        serving.set("identity.client_id", crate::app::CLIENT_ID);
        serving
    }

    /// Changes a setting, such as `server.shutdown_seconds`, from the next start on. What is set twice counts last.
    pub fn set(&mut self, key: &str, value: &str) {
        let variable = format!("PARAPH_{}", key.to_uppercase().replace('.', "__"));
        self.settings.push((variable, value.to_owned()));
    }

    /// The program with these arguments and this server's settings, in its folder.
    ///
    /// # Panics
    /// When the program does not build.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary().unwrap());
        command.current_dir(self.folder.path()).args(arguments).stdin(Stdio::null());
        command.envs(self.settings.iter().map(|(variable, value)| (variable, value)));
        command
    }

    /// Runs another command of the program to its end.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Starts the server and waits until it answers; its log is appended to the file `log`.
    ///
    /// # Panics
    /// With its log, when it does not.
    pub async fn start(&mut self) {
        self.start_with(|_| {}).await;
    }

    /// The same, after `change` to the command, such as another standard error.
    ///
    /// # Panics
    /// As [`Serving::start`].
    pub async fn start_with(&mut self, change: impl FnOnce(&mut Command)) {
        let append =
            |name: &str| File::options().create(true).append(true).open(self.folder.path().join(name)).unwrap();
        let mut command = self.command(&["serve"]);
        command.stdout(append("out")).stderr(append("log"));
        change(&mut command);
        self.child = Some(command.spawn().unwrap());
        let client = crate::http::builder().timeout(Duration::from_secs(5)).build().unwrap();
        let start = Instant::now();
        while client.get(format!("{}/health", self.url)).send().await.is_err() {
            let child = self.child.as_mut().unwrap();
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none() && start.elapsed() < PATIENCE, "no server ({ended:?}): {}", self.log());
            Clock::system().sleep(Duration::from_millis(20)).await;
        }
    }

    /// The server's process id.
    ///
    /// # Panics
    /// When none was started.
    pub fn id(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// Sends the process a signal, such as `TERM`, `STOP` or `HUP`.
    ///
    /// # Panics
    /// When there is no such process.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Ends the process with SIGKILL, in whatever it does.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Ends the process with SIGTERM and waits for it.
    ///
    /// # Panics
    /// When it does not end by itself with success.
    pub fn stop(&mut self) {
        self.signal("TERM");
        self.stop_told();
    }

    /// Waits for the end of a process that has got its SIGTERM.
    ///
    /// # Panics
    /// As [`Serving::stop`].
    pub fn stop_told(&mut self) {
        let status = self.child.take().unwrap().wait().unwrap();
        assert!(status.success(), "{status}: {}", self.log());
    }

    /// What the server has logged, and every one before it in this folder.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// What stands on standard output: the set-up link.
    pub fn out(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("out")).unwrap_or_default()
    }
}

impl Default for Serving {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Ports that the system gives to nobody by itself: one stays free while a server is stopped and started again.
const PORTS: Range<u32> = 20_000..32_000;

/// An address on loopback that nobody listens on, and no other test of this program will.
///
/// # Panics
/// When there is none.
pub fn free_address() -> String {
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    let ports = PORTS.end - PORTS.start;
    // Programs that run side by side begin at different places.
    let first = std::process::id() * 100;
    let tries = (0..ports).map(|_| first.wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed)) % ports + PORTS.start);
    let mut addresses = tries.map(|port| format!("127.0.0.1:{port}"));
    addresses.find(|address| TcpListener::bind(address).is_ok()).expect("a free port")
}

/// The program `paraph`: `PARAPH_BIN`, or the one of this profile, built once for all tests.
///
/// # Errors
/// When it does not build.
pub fn binary() -> anyhow::Result<&'static Path> {
    static BINARY: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let built = BINARY.get_or_init(|| build().map_err(|error| format!("{error:#}")));
    built.as_deref().map_err(|error| anyhow::anyhow!("{error}"))
}

fn build() -> anyhow::Result<PathBuf> {
    if let Some(file) = std::env::var_os("PARAPH_BIN") {
        return Ok(file.into());
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // No package, and a test program beside it: with the features that all of them together ask for, nothing is compiled
    // twice.
    let arguments = ["build", "--quiet", "--bin", "paraph", "--test", "it"];
    let built = Command::new(cargo).current_dir(crate::root()).args(arguments).status()?;
    ensure!(built.success(), "the server does not build");
    // target/debug/deps/it-HASH
    let this = std::env::current_exe()?;
    let folder = this.parent().and_then(|deps| deps.parent()).context("no target folder")?;
    Ok(folder.join("paraph"))
}
