//! What settings must be beyond their types.

use super::{Config, ConfigError, Console, Directory, Identity, Log, Nightly, Outbound, Outlook, Server, log_level};
use reqwest::Url;

impl Config {
    /// Brings addresses to their canonical form and refuses what could never work.
    pub(super) fn checked(mut self) -> Result<Self, ConfigError> {
        self.server.public_url = origin("server.public_url", &self.server.public_url)?;
        if !self.console.public_url.is_empty() {
            self.console.public_url = origin("console.public_url", &self.console.public_url)?;
        }
        self.server.check()?;
        self.log.check()?;
        self.console.check()?;
        self.directory = self.directory.checked()?;
        self.outbound.check()?;
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
        check_database(&self.database.url)?;
        if self.database.max_connections == 0 {
            return Err(ConfigError("database.max_connections is 0: write 1 or more".into()));
        }
        Ok(self)
    }
}

/// A password may hold characters that end it in an address (RFC 3986 §3.2): the driver would look for another host or
/// database, and name that. What is written is never shown: it is a secret.
fn check_database(url: &str) -> Result<(), ConfigError> {
    const ESCAPES: &str = "write / as %2F, ? as %3F, # as %23, @ as %40 and % as %25 in the password";
    let Some(rest) = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://")) else {
        return if url.starts_with("postgres") {
            Err(ConfigError(
                "database.url lacks // before the host: write postgres://USER:PASSWORD@HOST/DATABASE".into(),
            ))
        } else {
            Ok(())
        };
    };
    let path_and_query = rest.find(['/', '?']).map_or("", |end| &rest[end..]);
    let path = path_and_query.split('?').next().unwrap_or_default();
    // A user and a password end at an @ before the first / or ?: one that comes later follows a password that holds these.
    let has_user = rest.len() > path_and_query.len() && rest[..rest.len() - path_and_query.len()].contains('@');
    if rest.contains('#') || path.contains('@') || (!has_user && path_and_query.starts_with('?') && rest.contains('@'))
    {
        return Err(ConfigError(format!(
            "database.url contains a character that ends the password too early: {ESCAPES}"
        )));
    }
    match Url::parse(url) {
        Ok(_) => Ok(()),
        Err(error) => Err(ConfigError(format!(
            "database.url is not an address ({error}): write postgres://USER:PASSWORD@HOST:PORT/DATABASE, and {ESCAPES}"
        ))),
    }
}

impl Server {
    fn check(&self) -> Result<(), ConfigError> {
        for (key, seconds) in [("header_seconds", self.header_seconds), ("idle_seconds", self.idle_seconds)] {
            if !(1..=3_600).contains(&seconds) {
                return Err(ConfigError(format!("server.{key} is {seconds}: write 1 to 3600")));
            }
        }
        Ok(())
    }
}

impl Log {
    fn check(&self) -> Result<(), ConfigError> {
        log_level::check(&self.level).map_err(|error| ConfigError(format!("log.level {error}")))
    }
}

impl Console {
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
            return wrong(
                "console.oidc_issuer is set but console.oidc_client_id is empty: write the client id that the \
                 provider gave you there",
            );
        }
        Ok(())
    }
}

impl Directory {
    /// Tokens and everybody's data go to these addresses.
    fn checked(mut self) -> Result<Self, ConfigError> {
        self.graph_url = origin("directory.graph_url", &self.graph_url)?;
        self.google_url = origin("directory.google_url", &self.google_url)?;
        for (key, url) in [
            ("directory.graph_url", &self.graph_url),
            ("directory.google_url", &self.google_url),
            ("directory.google_token_url", &self.google_token_url),
        ] {
            check_protected(key, url)?;
        }
        if !(100..=300_000).contains(&self.timeout_ms) {
            return Err(ConfigError("directory.timeout_ms is out of range: write 100 to 300000".into()));
        }
        if Nightly::parse(&self.reconcile_hours).is_none() {
            return Err(ConfigError(format!(
                "directory.reconcile_hours is {:?}: write two hours of the day such as 0-5 or 22-4, or \"\" for never",
                self.reconcile_hours
            )));
        }
        Ok(self)
    }
}

impl Outbound {
    /// What is written is never shown: it may hold a password.
    fn check(&self) -> Result<(), ConfigError> {
        let is_proxy = |url: Url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
        if self.proxy.is_empty() || Url::parse(&self.proxy).is_ok_and(is_proxy) {
            return Ok(());
        }
        Err(ConfigError("outbound.proxy is not an address: write one such as http://proxy.example.com:3128".into()))
    }
}

/// An address that nobody can listen to or stand in for: https, or this very machine (demo, tests).
fn check_protected(key: &str, text: &str) -> Result<(), ConfigError> {
    let url = Url::parse(text).ok().filter(|url| (url.username(), url.password()) == ("", None));
    let is_protected = url.is_some_and(|url| match url.scheme() {
        "https" => true,
        scheme => scheme == "http" && matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]")),
    });
    if is_protected { Ok(()) } else { Err(ConfigError(format!("{key} is {text:?}: write an https address"))) }
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

/// Whether `text` is a GUID in its usual form: 8-4-4-4-12 hexadecimal digits.
pub fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
