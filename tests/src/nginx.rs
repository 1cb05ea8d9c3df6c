//! An nginx of a test's own: a folder of its own, one process, gone with the test program.

use crate::browser::Program;
use anyhow::{Context as _, ensure};
use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::path::Path;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

/// Where Debian's package puts it, which is not on everybody's `PATH`.
const PROGRAM: &str = "/usr/sbin/nginx";

/// A certificate that no authority has signed, in the files that nginx reads.
#[derive(Debug)]
pub struct Certificate {
    /// The certificate, as PEM.
    pub certificate: String,
    /// Its private key, as PEM.
    pub key: String,
    /// SHA-256 of its public key, base64: what Chromium's `--ignore-certificate-errors-spki-list` takes.
    pub spki: String,
}

impl Certificate {
    /// One for these host names.
    ///
    /// # Errors
    /// When a name cannot be a host's.
    pub fn new(hosts: &[&str]) -> anyhow::Result<Self> {
        Self::lasting(hosts, 60)
    }

    /// One that was made a month ago and lasts so many days from now.
    ///
    /// # Errors
    /// As [`Certificate::new`].
    pub fn lasting(hosts: &[&str], days: u64) -> anyhow::Result<Self> {
        let day = |days: u64| Duration::from_secs(days * 86_400);
        let mut parameters = rcgen::CertificateParams::new(hosts.iter().map(ToString::to_string).collect::<Vec<_>>())?;
        #[expect(clippy::disallowed_methods, reason = "nginx and browsers go by the system's clock")]
        let now = SystemTime::now();
        parameters.not_before = (now - day(30)).into();
        parameters.not_after = (now + day(days)).into();
        let key = rcgen::KeyPair::generate()?;
        let spki = digest::digest(&digest::SHA256, &rcgen::PublicKeyData::subject_public_key_info(&key));
        let certificate = parameters.self_signed(&key)?.pem();
        Ok(Self { certificate, key: key.serialize_pem(), spki: STANDARD.encode(spki) })
    }
}

/// A running nginx; dropping it stops it.
#[derive(Debug)]
pub struct Nginx {
    _program: Program,
    _folder: TempDir,
}

impl Nginx {
    /// Starts nginx with `servers`, which is what a distribution includes in the `http` block: `upstream` and `server`
    /// blocks. It listens when this returns.
    ///
    /// # Errors
    /// When it is not installed, or refuses the configuration.
    pub fn start(servers: &str) -> anyhow::Result<Self> {
        ensure!(
            Path::new(PROGRAM).is_file(),
            "nginx is not installed: run `cargo xtask setup`, or on Debian `apt-get install nginx-light`"
        );
        let folder = tempfile::tempdir()?;
        let main = format!(
            "daemon off; master_process off; pid nginx.pid; error_log /dev/stdout notice;
             events {{ worker_connections 256; }}
             http {{
                 access_log off;
                 client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
                 uwsgi_temp_path uwsgi; scgi_temp_path scgi;
                 {servers}
             }}"
        );
        std::fs::write(folder.path().join("nginx.conf"), main)?;
        let prefix = folder.path().display().to_string();
        let arguments = ["-p", prefix.as_str(), "-c", "nginx.conf", "-e", "/dev/stdout"];
        let listens = |line: &str| line.contains("event method").then_some(());
        let (program, ()) = Program::start(Path::new(PROGRAM), &arguments, None, listens).context("nginx")?;
        Ok(Self { _program: program, _folder: folder })
    }
}
