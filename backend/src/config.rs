//! Every setting: defaults, then the TOML file, then the environment (`PARAPH_SECTION__KEY`).

use figment::Figment;
use figment::providers::{Format, Serialized, Toml};
use reqwest::Url;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// The commented file that the repository ships; a test proves that it equals the defaults.
pub const EXAMPLE: &str = include_str!("../config.example.toml");

/// Where the file is looked for when nobody names one.
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
    /// What seals secrets in the database.
    pub secrets: Secrets,
    /// The log.
    pub log: Log,
}

/// The HTTP server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Where to listen, address and port.
    pub listen: SocketAddr,
    /// The origin under which Outlook reaches this server, without a trailing slash.
    pub public_url: String,
    /// Where Prometheus metrics are served; `None` (an empty text): nowhere.
    #[serde(with = "maybe_socket")]
    pub metrics_listen: Option<SocketAddr>,
    /// How long running requests may take to finish at shutdown.
    pub shutdown_seconds: u64,
    /// Addresses of proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
}

/// The database.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `sqlite:FILE` or `postgres://USER:PASSWORD@HOST/DATABASE`. A secret when it holds a password.
    pub url: String,
    /// Most connections that read; SQLite has one more that writes.
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
    /// Whether somebody's first sign-in may be matched with the directory by address.
    pub link_by_address: bool,
    /// Applications besides the add-in that a token may have been issued to: Outlook and Office, by application id.
    pub office_clients: Vec<String>,
    /// After how long the signing keys are fetched again.
    pub keys_refresh_seconds: u64,
    /// How long at least between two fetches because of an unknown key.
    pub keys_retry_seconds: u64,
    /// By how much clocks may differ when a token's times are checked.
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
    /// Sites besides our own that the pages may load scripts from.
    pub script_hosts: Vec<String>,
    /// Sites besides our own that the pages may talk to.
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
    /// The origin under which admins reach the console; empty: `server.public_url`.
    pub public_url: String,
    /// After how many minutes without a request one must sign in again.
    pub idle_minutes: u32,
    /// After how many hours one must sign in again whatever one does.
    pub session_hours: u32,
    /// The identity provider's issuer (OpenID Connect); empty: local accounts alone.
    pub oidc_issuer: String,
    /// Our client id there.
    pub oidc_client_id: String,
    /// Our client secret there. A secret.
    pub oidc_client_secret: String,
    /// What the provider is called on the button.
    pub oidc_name: String,
    /// How long each request to the provider may take, in milliseconds.
    pub oidc_timeout_ms: u64,
}

/// What seals secrets in the database.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Secrets {
    /// 32 bytes in base64; empty: in the file `paraph.key` beside the SQLite database, made at first start. A secret.
    pub key: String,
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
            trusted_proxies: Vec::new(),
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

impl Console {
    /// The origin under which admins reach the console.
    pub fn url<'a>(&'a self, server: &'a Server) -> &'a str {
        if self.public_url.is_empty() { &server.public_url } else { &self.public_url }
    }

    fn check(&self) -> Result<(), ConfigError> {
        let wrong = |text: &str| Err(ConfigError(text.into()));
        if !(1..=1_440).contains(&self.idle_minutes) {
            return wrong("console.idle_minutes is out of range: write 1 to 1440");
        }
        if !(1..=168).contains(&self.session_hours) {
            return wrong("console.session_hours is out of range: write 1 to 168");
        }
        if !(100..=60_000).contains(&self.oidc_timeout_ms) {
            return wrong("console.oidc_timeout_ms is out of range: write 100 to 60000");
        }
        if !self.oidc_issuer.is_empty() && self.oidc_client_id.is_empty() {
            return wrong("console.oidc_issuer is set but console.oidc_client_id is empty: write our client id there");
        }
        Ok(())
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

impl std::fmt::Debug for Secrets {
    /// Without any.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Text, level: "info".into() }
    }
}

/// Why there is no configuration, as an instruction: which key, from where, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl Config {
    /// Reads `path`, else the file that `PARAPH_CONFIG` names, else `./paraph.toml` if there is one; then the environment.
    pub fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        Self::from_parts(path, std::env::vars())
    }

    /// As [`Config::load`], with the environment given: what tests call.
    pub fn from_parts(
        path: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let environment: BTreeMap<String, String> = environment.into_iter().collect();
        let path = match (path, environment.get("PARAPH_CONFIG")) {
            (Some(path), _) => Some(path.to_owned()),
            (None, Some(named)) => Some(PathBuf::from(named)),
            (None, None) => Some(PathBuf::from(DEFAULT_FILE)).filter(|path| path.exists()),
        };
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        if let Some(path) = &path {
            let text = std::fs::read_to_string(path).map_err(|error| {
                ConfigError(format!(
                    "cannot read the configuration file {}: {error}. Name an existing file with --config or \
                     PARAPH_CONFIG; config.example.toml shows every setting",
                    path.display()
                ))
            })?;
            figment = figment.merge(Toml::string(&text));
        }
        let mut names = BTreeMap::new();
        for (variable, value) in &environment {
            let Some((key, value)) = setting(variable, value)? else { continue };
            names.insert(key.clone(), variable.clone());
            figment = figment.merge(Serialized::default(&key, value));
        }
        let config: Self = figment.extract().map_err(|error| explain(&error, path.as_deref(), &names))?;
        config.checked()
    }

    /// Brings addresses to their canonical form and refuses what could never work.
    fn checked(mut self) -> Result<Self, ConfigError> {
        self.server.public_url = origin("server.public_url", &self.server.public_url)?;
        if !self.console.public_url.is_empty() {
            self.console.public_url = origin("console.public_url", &self.console.public_url)?;
        }
        self.console.check()?;
        self.identity.authority_host = origin("identity.authority_host", &self.identity.authority_host)?;
        self.identity.authority = self.identity.authority.trim_end_matches('/').to_owned();
        let Identity { client_id, office_clients, .. } = &self.identity;
        check_guid("identity.client_id", client_id)?;
        check_guid("outlook.addin_id", &self.outlook.addin_id)?;
        for client in office_clients {
            check_guid("identity.office_clients", client)?;
        }
        let Outlook { frame_ancestors, script_hosts, connect_hosts, .. } = &self.outlook;
        check_sources("outlook.frame_ancestors", frame_ancestors)?;
        check_sources("outlook.script_hosts", script_hosts)?;
        check_sources("outlook.connect_hosts", connect_hosts)?;
        if !["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| self.database.url.starts_with(scheme)) {
            return Err(ConfigError(
                "database.url starts with neither sqlite: nor postgres: : write sqlite:FILE or \
                 postgres://USER:PASSWORD@HOST/DATABASE"
                    .into(),
            ));
        }
        if self.database.max_connections == 0 {
            return Err(ConfigError("database.max_connections is 0: write 1 or more".into()));
        }
        Ok(self)
    }
}

/// The key and value that one variable of the environment sets; `None` when it is not about us.
///
/// Variables without `__` are left alone: Kubernetes sets `PARAPH_PORT` and the like for a service of our name.
fn setting(variable: &str, value: &str) -> Result<Option<(String, figment::value::Value)>, ConfigError> {
    let Some(rest) = variable.strip_prefix("PARAPH_").filter(|rest| rest.contains("__")) else {
        return Ok(None);
    };
    let key = rest.to_lowercase().replace("__", ".");
    match key.strip_suffix("_file") {
        Some(key) => {
            let text = std::fs::read_to_string(value).map_err(|error| {
                ConfigError(format!("cannot read the file {value} that {variable} names for {key}: {error}"))
            })?;
            Ok(Some((key.to_owned(), text.trim_end().into())))
        }
        // Figment's own reading of variables: numbers, truth values and ["lists"] are such, the rest is text.
        None => match value.parse() {
            Ok(value) => Ok(Some((key, value))),
            Err(impossible) => match impossible {},
        },
    }
}

/// Turns figment's error into an instruction that names the key and where it stands.
fn explain(error: &figment::Error, path: Option<&Path>, variables: &BTreeMap<String, String>) -> ConfigError {
    use figment::error::Kind;
    let mut key = error.path.join(".");
    if let Kind::UnknownField(field, _) = &error.kind
        && error.path.last().is_none_or(|last| last != field)
    {
        key = if key.is_empty() { field.clone() } else { format!("{key}.{field}") };
    }
    let place = match (variables.get(&key), path) {
        (Some(variable), _) => format!("the environment variable {variable}"),
        (None, Some(path)) => path.display().to_string(),
        (None, None) => "the configuration".to_owned(),
    };
    ConfigError(match &error.kind {
        Kind::UnknownField(_, known) => format!(
            "unknown setting {key} in {place}: {}. Remove it or correct its name; config.example.toml shows every setting",
            if known.is_empty() {
                "there are none here".to_owned()
            } else {
                format!("known here are {}", known.join(", "))
            }
        ),
        _ if key.is_empty() => format!("{place} is not a configuration: {}. Correct it as TOML", error.kind),
        _ => format!("the setting {key} in {place} cannot be used: {}", error.kind),
    })
}

/// `text` as an origin in the form that browsers send: scheme and host in lower case, no usual port, no path, no slash.
fn origin(key: &str, text: &str) -> Result<String, ConfigError> {
    let is_plain = |url: &Url| {
        matches!(url.scheme(), "http" | "https")
            && (url.path(), url.query(), url.fragment()) == ("/", None, None)
            && (url.username(), url.password()) == ("", None)
    };
    let url = Url::parse(text.trim_end_matches('/')).ok();
    match url.filter(|url| is_plain(url) && !text.contains(char::is_whitespace)) {
        Some(url) => Ok(url.origin().ascii_serialization()),
        None => Err(ConfigError(format!(
            "{key} is {text:?}: write an origin without a path, such as https://signatures.example.com"
        ))),
    }
}

/// A GUID, or nothing.
fn check_guid(key: &str, value: &str) -> Result<(), ConfigError> {
    if value.is_empty() || is_guid(value) {
        return Ok(());
    }
    Err(ConfigError(format!("{key} has {value:?}: write a GUID such as 66666666-7777-4888-9999-aaaaaaaaaaaa")))
}

/// Sources of a `Content-Security-Policy`: what separates them, or ends a directive, would change the policy.
fn check_sources(key: &str, sources: &[String]) -> Result<(), ConfigError> {
    let is_one = |source: &String| {
        !source.is_empty() && !source.contains(|c: char| c.is_whitespace() || c.is_control() || c == ';' || c == ',')
    };
    match sources.iter().find(|source| !is_one(source)) {
        None => Ok(()),
        Some(source) => Err(ConfigError(format!(
            "{key} has {source:?}: write one site in each entry of the list, such as https://outlook.office.com"
        ))),
    }
}

/// Whether `text` is a GUID in its usual form.
pub fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// TOML has no null: an empty text stands for "nowhere".
mod maybe_socket {
    use super::{Deserialize, Deserializer, SocketAddr};
    use serde::de::Error;

    #[expect(clippy::ref_option, reason = "serde's `with` gives a reference to the field")]
    pub(super) fn serialize<S: serde::Serializer>(value: &Option<SocketAddr>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&value.map(|address| address.to_string()).unwrap_or_default())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SocketAddr>, D::Error> {
        let text = String::deserialize(from)?;
        if text.is_empty() {
            return Ok(None);
        }
        text.parse()
            .map(Some)
            .map_err(|_| D::Error::custom("write an address and a port such as 127.0.0.1:9464, or nothing"))
    }
}
