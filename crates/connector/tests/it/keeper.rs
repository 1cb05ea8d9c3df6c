//! Private database servers in temporary folders, one of a kind for the whole test program.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A server that runs until the test program ends.
pub(crate) struct Keeper {
    /// Its folder, with its sockets.
    pub(crate) folder: PathBuf,
    /// What it said when it was ready: a port.
    pub(crate) said: String,
    /// Its standard input is open for as long as the tests live; then the script stops the server and clears up.
    _child: Child,
}

/// Starts a server with a script that says a line when it is ready, then waits for the end of its input, and clears up.
///
/// # Panics
/// When it does not start.
pub(crate) fn start(name: &str, users: &[&str], script: &str, environment: &[(&str, &str)]) -> Keeper {
    // The script clears up: a static is never dropped.
    let folder = tempfile::Builder::new().prefix(name).tempdir().unwrap().keep();
    let mut command = Command::new("sh");
    command.args(["-c", script]).env("PATH", search_path()).env("FOLDER", &folder).envs(environment.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
    if let Some((user, group)) = unprivileged(users) {
        chown(&folder, Some(user), Some(group)).unwrap();
        command.uid(user).gid(group);
    }
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said = line.trim().strip_prefix("ready ").unwrap_or_else(|| panic!("{name} does not start: {line}")).to_owned();
    Keeper { folder, said, _child: child }
}

/// A port that is free now. The servers cannot be told to choose one; nothing else on a test machine is likely to take it
/// within a second.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Fails with an instruction unless the program is there: a test that does not run must not look like one that passed.
///
/// # Panics
/// When it is not.
pub(crate) fn needs(program: &str, package: &str) {
    let there = std::env::split_paths(&search_path()).any(|folder| folder.join(program).exists());
    assert!(there, "{program} is missing: on Debian, apt-get install {package}");
}

/// PATH, and where Debian keeps what is not on it.
fn search_path() -> std::ffi::OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.push("/usr/sbin".into());
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    std::env::join_paths(folders).unwrap()
}

/// Servers refuse to run as root: then the user and group to run as instead.
fn unprivileged(users: &[&str]) -> Option<(u32, u32)> {
    let id = Command::new("id").arg("-u").output().unwrap();
    if String::from_utf8_lossy(&id.stdout).trim() != "0" {
        return None;
    }
    let known = std::fs::read_to_string(Path::new("/etc/passwd")).unwrap();
    let find = |name: &&str| {
        let fields: Vec<_> = known.lines().find(|line| line.starts_with(&format!("{name}:")))?.split(':').collect();
        Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
    };
    Some(users.iter().find_map(find).expect("root needs another user to run servers as"))
}
