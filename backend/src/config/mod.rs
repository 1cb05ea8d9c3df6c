//! Every setting: defaults, then the TOML file, then the environment (`PARAPH_SECTION__KEY`).

mod load;
mod check;
mod listen;
mod networks;
mod nightly;
/// The log's level.
pub mod log_level;

pub use check::is_guid;
pub use networks::Networks;
pub use nightly::Nightly;

use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddr};

/// The commented file that the repository ships; a test checks that it equals the defaults.
pub const EXAMPLE: &str = include_str!("../../config.example.toml");

/// The file that is read when no other is named.
pub const DEFAULT_FILE: &str = "paraph.toml";

/// Microsoft's own applications that ask for an add-in's token: Office, Office on the web, Outlook on the web and mobile.
/// <https://learn.microsoft.com/office/dev/add-ins/develop/register-sso-add-in-aad-v2>
const OFFICE_CLIENTS: [&str; 6] = [
    "d3590ed6-52b3-4102-aeff-aad2292ab01c",
    "93d53678-613d-4013-afc1-62e9e444a0a5",
    "bc59ab01-8403-45c6-8796-ac3ef710b3e3",
    "57fb890c-0dab-4253-a5e0-7188c88b2bb4",
    "08e18876-6177-487e-b8b5-cf950c1e598c",
    "27922004-5251-4030-b22d-91ecd9a37ea4",
];

/// Every setting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The HTTP server.
    pub server: Server,
    /// The database.
    pub database: Database,
    /// How people prove who they are.
    pub identity: Identity,
    /// The add-in.
    pub outlook: Outlook,
    /// The console.
    pub console: Console,
    /// Where people come from.
    pub directory: Directory,
    /// What this server may connect to.
    pub outbound: Outbound,
    /// The key that seals secrets in the database.
    pub secrets: Secrets,
    /// The log.
    pub log: Log,
}

/// The HTTP server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Where to listen, address and port.
    #[serde(deserialize_with = "listen::one")]
    pub listen: SocketAddr,
    /// The origin at which Outlook reaches this server, without a trailing slash.
    pub public_url: String,
    /// Where Prometheus metrics are served; `None` (an empty string): nowhere.
    #[serde(serialize_with = "listen::or_empty", deserialize_with = "listen::maybe")]
    pub metrics_listen: Option<SocketAddr>,
    /// How long running requests get to finish at shutdown, in seconds.
    pub shutdown_seconds: u64,
    /// Proxies whose `X-Forwarded-*` and `Forwarded` headers are trusted.
    pub trusted_proxies: Networks,
    /// How long a new connection may take to send a request, and a request's headers to arrive, in seconds.
    pub header_seconds: u64,
    /// After how many seconds without traffic a connection is closed.
    pub idle_seconds: u64,
}

/// The database.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `sqlite:FILE` or `postgres://USER:PASSWORD@HOST/DATABASE`. A secret when it holds a password.
    pub url: String,
    /// Most connections at once; SQLite has one more, for writing.
    pub max_connections: u32,
    /// How long a call waits for a connection or a lock before it fails, in milliseconds.
    pub timeout_ms: u64,
}

/// How people prove who they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Identity {
    /// The application (client) id of the app registration in Entra, a GUID.
    pub client_id: String,
    /// Where the add-in gets its tokens.
    pub authority: String,
    /// Where this server looks up issuers and signing keys: the host of `authority`, without a path.
    pub authority_host: String,
    /// Whether a person's first sign-in may be matched with the directory by address.
    pub link_by_address: bool,
    /// Applications other than the add-in that a token may have been issued to: Outlook and Office, by application id.
    pub office_clients: Vec<String>,
    /// After how many seconds the signing keys are fetched again.
    pub keys_refresh_seconds: u64,
    /// Fewest seconds between two fetches that an unknown key causes.
    pub keys_retry_seconds: u64,
    /// How many seconds clocks may differ when a token's times are checked.
    pub leeway_seconds: u64,
}

/// The add-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Outlook {
    /// The address of Office.js.
    pub office_js: String,
    /// Sites that may show the add-in's pages in a frame.
    pub frame_ancestors: Vec<String>,
    /// Sites other than our own that the pages may load scripts from.
    pub script_hosts: Vec<String>,
    /// Sites other than our own that the pages may connect to.
    pub connect_hosts: Vec<String>,
    /// The add-in's id in the manifest, a GUID; give every deployment its own.
    pub addin_id: String,
    /// The add-in's name, as Outlook shows it.
    pub name: String,
    /// Who provides it, as Outlook shows it.
    pub provider: String,
    /// Where people find help.
    pub support_url: String,
}

/// The console.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Console {
    /// The origin at which admins reach the console; empty: `server.public_url`.
    pub public_url: String,
    /// After how many minutes without a request a user must sign in again.
    pub idle_minutes: u32,
    /// After how many hours a user must sign in again in any case.
    pub session_hours: u32,
    /// The identity provider's issuer (OpenID Connect); empty: only local accounts.
    pub oidc_issuer: String,
    /// Our client id there.
    pub oidc_client_id: String,
    /// Our client secret there. A secret.
    pub oidc_client_secret: String,
    /// The provider's name on the sign-in button.
    pub oidc_name: String,
    /// How long each request to the provider may take, in milliseconds.
    pub oidc_timeout_ms: u64,
}

/// Where people come from: Entra ID and Google Workspace.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Directory {
    /// The origin of Microsoft Graph.
    pub graph_url: String,
    /// The client secret of the app registration in Entra, used to fetch people. A secret.
    pub entra_client_secret: String,
    /// The origin of Google's Directory API.
    pub google_url: String,
    /// Where Google issues tokens.
    pub google_token_url: String,
    /// How long each request to a source may take, in milliseconds.
    pub timeout_ms: u64,
    /// Hours of the night (UTC), such as `0-5`, in which everyone is fetched again from Entra ID, each tenant at its own time;
    /// empty: only changes are fetched.
    pub reconcile_hours: String,
}

/// What this server may connect to.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Outbound {
    /// Addresses inside your own network that users may enter, such as an Exchange server's.
    pub allow: Networks,
    /// The HTTP proxy for the addresses in this configuration; empty: none. A secret when it holds a password.
    pub proxy: String,
}

/// The key that seals secrets in the database.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Secrets {
    /// 32 bytes in base64; empty: in the file `paraph.key`, created next to the SQLite database at first start. A secret.
    pub key: String,
    /// The previous key, which still opens what it sealed while `key` replaces it; empty: none. A secret.
    pub previous_key: String,
}

/// The log, on standard error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `text` or `json`.
    pub format: LogFormat,
    /// `error`, `warn`, `info`, `debug`, `trace`, or targets as in `info,paraph=debug`.
    pub level: String,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For machines: one JSON object per line.
    Json,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 4000)),
            public_url: "http://127.0.0.1:4000".into(),
            metrics_listen: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 9464))),
            shutdown_seconds: 10,
            trusted_proxies: Networks::default(),
            header_seconds: 10,
            idle_seconds: 130,
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self { url: "sqlite:paraph.db".into(), max_connections: 4, timeout_ms: 2_000 }
    }
}

impl std::fmt::Debug for Database {
    /// Without the address, which may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database")
            .field("max_connections", &self.max_connections)
            .field("timeout_ms", &self.timeout_ms)
            .finish_non_exhaustive()
    }
}

impl Default for Identity {
    fn default() -> Self {
        Self {
            client_id: String::new(),
            authority: "https://login.microsoftonline.com/organizations".into(),
            authority_host: "https://login.microsoftonline.com".into(),
            link_by_address: false,
            office_clients: OFFICE_CLIENTS.map(str::to_owned).to_vec(),
            keys_refresh_seconds: 86_400,
            keys_retry_seconds: 300,
            leeway_seconds: 300,
        }
    }
}

impl Default for Outlook {
    fn default() -> Self {
        let list = |items: &[&str]| items.iter().map(ToString::to_string).collect();
        Self {
            office_js: "https://appsforoffice.microsoft.com/lib/1/hosted/office.js".into(),
            frame_ancestors: list(&[
                "https://outlook.office.com",
                "https://outlook.office365.com",
                "https://outlook.live.com",
                "https://outlook.cloud.microsoft",
                "https://*.outlook.office.com",
                "https://*.officeapps.live.com",
                "https://*.office.com",
                "https://*.office.net",
            ]),
            script_hosts: list(&["https://appsforoffice.microsoft.com", "https://ajax.aspnetcdn.com"]),
            connect_hosts: list(&["https://login.microsoftonline.com", "https://*.pipe.aria.microsoft.com"]),
            addin_id: "5f1c1e6a-93f5-4f0b-9a3e-7d0c2b8e4a11".into(),
            name: "Paraph".into(),
            provider: "Paraph".into(),
            support_url: "https://example.com/support".into(),
        }
    }
}

impl Default for Console {
    fn default() -> Self {
        Self {
            public_url: String::new(),
            idle_minutes: 60,
            session_hours: 12,
            oidc_issuer: String::new(),
            oidc_client_id: String::new(),
            oidc_client_secret: String::new(),
            oidc_name: "Entra ID".into(),
            oidc_timeout_ms: 5_000,
        }
    }
}

impl Default for Directory {
    fn default() -> Self {
        Self {
            graph_url: "https://graph.microsoft.com".into(),
            entra_client_secret: String::new(),
            google_url: "https://admin.googleapis.com".into(),
            google_token_url: "https://oauth2.googleapis.com/token".into(),
            timeout_ms: 30_000,
            reconcile_hours: "0-5".into(),
        }
    }
}

impl Console {
    /// The origin at which admins reach the console.
    pub fn url<'a>(&'a self, server: &'a Server) -> &'a str {
        if self.public_url.is_empty() { &server.public_url } else { &self.public_url }
    }

    /// After how long without a request a session ends.
    pub fn idle_ms(&self) -> i64 {
        i64::from(self.idle_minutes) * 60_000
    }

    /// After how long a session ends.
    pub fn session_ms(&self) -> i64 {
        i64::from(self.session_hours) * 3_600_000
    }
}

impl std::fmt::Debug for Console {
    /// Without the client secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Console")
            .field("public_url", &self.public_url)
            .field("oidc_issuer", &self.oidc_issuer)
            .field("oidc_client_id", &self.oidc_client_id)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Directory {
    /// Without the client secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Directory")
            .field("graph_url", &self.graph_url)
            .field("google_url", &self.google_url)
            .field("google_token_url", &self.google_token_url)
            .field("timeout_ms", &self.timeout_ms)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Outbound {
    /// Without the proxy, whose address may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbound").field("allow", &self.allow).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Secrets {
    /// Without the keys.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Text, level: "info".into() }
    }
}

/// Why the configuration cannot be used, as an instruction: which key, where it is set, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);
