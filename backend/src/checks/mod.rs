//! Proves from this machine that a deployment works as Outlook and browsers reach it, instead of trusting its settings:
//! what `paraph doctor` and the console's *Deployment* share. Each check says what to do where it fails.

mod certificate;
mod proofs;
mod reasons;

pub use certificate::Certificate;
pub use proofs::{Proofs, Proven};

use crate::clock::Clock;
use crate::config::Config;
use crate::outbound::{Answer, Client, Limits, Reach, Request, SendError, date_ms};
use reasons::{reason, unreachable};
use reqwest::header::{DATE, LOCATION};
use serde_json::Value;
use std::borrow::Cow;
use std::time::Duration;

/// What one answer may take.
const LIMITS: Limits = Limits { time: Duration::from_secs(5), bytes: 4 * 1024 * 1024, redirects: 0 };
/// How long a proxy may take to refuse a large body: it knows from the first line's headers.
const REFUSAL: Duration = Duration::from_secs(2);
/// Difference from the identity provider's clock in seconds from which on tokens are refused now and then.
const DRIFT_WARNING: i64 = 60;

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It holds; what was seen.
    Passed(String),
    /// It works, or could not be checked; what to look at.
    Warning(String),
    /// It does not work; what to do.
    Failed(String),
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What must hold, as a sentence.
    pub name: Cow<'static, str>,
    /// What was found.
    pub outcome: Outcome,
}

/// Whether a server answers on this machine at `server.listen`.
pub async fn is_serving(config: &Config) -> bool {
    let mut address = config.server.listen;
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    let client = Client::direct(&Clock::system());
    get(&client, &format!("http://{address}/health")).await.is_ok_and(|answer| answer.is_success())
}

/// Whether Outlook and browsers reach this server by its names, and for how long its certificates last. Takes some seconds
/// at most.
pub async fn ways_in(config: &Config, client: &Client) -> Proven {
    let ((manifest, first), body, (console, second)) = tokio::join!(
        manifest(client, config),
        body_limit(client, config.console.url(&config.server)),
        console_host(client, config),
    );
    let mut checks = vec![
        Checked { name: "The manifest is reached at server.public_url".into(), outcome: manifest },
        Checked { name: "The proxy lets large files through".into(), outcome: body },
    ];
    let name = "The console is reached at console.public_url";
    checks.extend(console.map(|outcome| Checked { name: name.into(), outcome }));
    let mut certificates: Vec<_> = first.into_iter().chain(second).collect();
    certificates.dedup();
    checks.extend(certificates.iter().map(|one| one.check(client.clock().now_ms())));
    Proven { checks, certificates }
}

/// Whether this server reaches those who say who people are. Takes some seconds at most.
pub async fn ways_out(config: &Config, client: &Client) -> Vec<Checked> {
    let (authority, provider) = tokio::join!(authority(client, config), provider(client, config));
    let name = "Microsoft's sign-in keys are reached, and the clocks agree";
    let mut all = vec![Checked { name: name.into(), outcome: authority }];
    let name = "The console's identity provider is reached";
    all.extend(provider.map(|outcome| Checked { name: name.into(), outcome }));
    all
}

/// Asks an address from the configuration, or one that a document found there names.
async fn get(client: &Client, url: &str) -> Result<Answer, SendError> {
    client.send(&Request::get(url), &Reach::fixed([url]), LIMITS).await
}

async fn manifest(client: &Client, config: &Config) -> (Outcome, Option<Certificate>) {
    let origin = &config.server.public_url;
    let url = format!("{origin}/manifest.xml");
    let answer = match get(client, &url).await {
        Ok(answer) => answer,
        Err(error) => return (Outcome::Failed(unreachable(&error, origin, "server.public_url")), None),
    };
    (is_manifest(&answer, &url, config), Certificate::of(&answer, origin))
}

fn is_manifest(answer: &Answer, url: &str, config: &Config) -> Outcome {
    if let Err(outcome) = expect_ok(answer, url) {
        return outcome;
    }
    let text = String::from_utf8_lossy(&answer.body);
    let ours = text.contains(&config.outlook.addin_id) && text.contains("<OfficeApp");
    if ours {
        Outcome::Passed(format!("{url} answers with this add-in"))
    } else {
        Outcome::Failed(format!(
            "{url} answers, but not with this add-in's manifest: configure the proxy for this name to pass requests \
             to server.listen ({})",
            config.server.listen
        ))
    }
}

/// A proxy that limits bodies refuses them by their announced length, so nothing large is sent.
async fn body_limit(client: &Client, origin: &str) -> Outcome {
    let largest = ::api::console::MAX_CSV;
    let megabytes = largest / 1024 / 1024;
    let url = format!("{origin}/api/v1/tenants/none/runs");
    let request = Request::post(url).announcing("text/csv", largest as u64);
    match client.send(&request, &Reach::fixed([origin]), Limits { time: REFUSAL, ..LIMITS }).await {
        Ok(answer) if answer.status == 413 => Outcome::Failed(format!(
            "the proxy refuses bodies of {megabytes} MiB, so CSV files and images fail with a bare \"413\": raise its limit \
             (nginx: client_max_body_size {megabytes}m)"
        )),
        Err(SendError::Unreachable(unreachable)) if unreachable.is_unsent => {
            Outcome::Warning(format!("not checked, because {origin} cannot be reached from here"))
        }
        // Waiting for the rest of the body, or an answer of our own that needs none of it.
        _ => Outcome::Passed(format!("bodies of {megabytes} MiB are accepted")),
    }
}

/// `None` where the console has no host name of its own.
async fn console_host(client: &Client, config: &Config) -> (Option<Outcome>, Option<Certificate>) {
    let origin = &config.console.public_url;
    if origin.is_empty() || *origin == config.server.public_url {
        return (None, None);
    }
    let url = format!("{origin}/console");
    match get(client, &url).await {
        Ok(answer) => (Some(is_console(&answer, &url)), Certificate::of(&answer, origin)),
        Err(error) => (Some(Outcome::Failed(unreachable(&error, origin, "console.public_url"))), None),
    }
}

fn is_console(answer: &Answer, url: &str) -> Outcome {
    let to = answer.header(&LOCATION).unwrap_or_default();
    if answer.is_redirect() && to.starts_with(url) {
        return Outcome::Failed(format!(
            "{url} leads to itself because the proxy does not pass on the host name that the browser asked for: \
             configure it to send Host (nginx: proxy_set_header Host $host), or X-Forwarded-Host with the proxy in \
             server.trusted_proxies"
        ));
    }
    match expect_ok(answer, url) {
        Ok(()) => Outcome::Passed(format!("{url} answers")),
        Err(outcome) => outcome,
    }
}

/// Discovery, keys, and the clock by the answer's `Date` (RFC 9110 §6.6.1).
async fn authority(client: &Client, config: &Config) -> Outcome {
    let host = &config.identity.authority_host;
    let url = format!("{host}/organizations/v2.0/.well-known/openid-configuration");
    let (discovery, date) = match document(client, &url).await {
        Ok(found) => found,
        Err(detail) => {
            return Outcome::Failed(format!(
                "{detail}. Allow this machine to reach {host}, or correct identity.authority_host"
            ));
        }
    };
    let Some(keys) = discovery["jwks_uri"].as_str() else {
        return Outcome::Failed(format!("{url} names no keys: correct identity.authority_host"));
    };
    let count = match document(client, keys).await {
        Ok((keys, _)) => keys["keys"].as_array().map_or(0, Vec::len),
        Err(detail) => return Outcome::Failed(format!("{detail}. Allow this machine to reach it")),
    };
    if count == 0 {
        return Outcome::Failed(format!("{keys} contains no key: correct identity.authority_host"));
    }
    let Some(theirs) = date else { return Outcome::Passed(format!("{count} keys from {host}")) };
    let seconds = (client.clock().now_ms() / 1000) - theirs;
    let leeway = i64::try_from(config.identity.leeway_seconds).unwrap_or(i64::MAX);
    let (amount, direction) = (seconds.abs(), if seconds > 0 { "ahead of" } else { "behind" });
    let text = format!(
        "this machine's clock is {amount} seconds {direction} {host}'s: set it, and keep it synchronized with NTP"
    );
    if amount > leeway {
        return Outcome::Failed(format!("{text}. Nobody can sign in: identity.leeway_seconds allows {leeway}"));
    }
    if amount > DRIFT_WARNING {
        return Outcome::Warning(text);
    }
    Outcome::Passed(format!("{count} keys from {host}, and its clock agrees"))
}

/// `None` where none is configured.
async fn provider(client: &Client, config: &Config) -> Option<Outcome> {
    let issuer = config.console.oidc_issuer.trim_end_matches('/');
    if issuer.is_empty() {
        return None;
    }
    let url = format!("{issuer}/.well-known/openid-configuration");
    Some(match document(client, &url).await {
        Err(detail) => {
            Outcome::Failed(format!("{detail}. Allow this machine to reach it, or correct console.oidc_issuer"))
        }
        // OpenID Connect Discovery §4.3: the two must be the same to the letter.
        Ok((found, _)) if found["issuer"].as_str() != Some(config.console.oidc_issuer.as_str()) => Outcome::Failed(
            format!("{url} names the issuer {}: write exactly that as console.oidc_issuer", found["issuer"]),
        ),
        Ok(_) => Outcome::Passed(format!("{issuer} answers")),
    })
}

/// A JSON document, and the answer's date in seconds since 1970.
async fn document(client: &Client, url: &str) -> Result<(Value, Option<i64>), String> {
    let answer = get(client, url).await.map_err(|error| reason(&error, url))?;
    // HTTP dates have no milliseconds.
    let date = answer.header(&DATE).and_then(date_ms).map(|date_ms| date_ms / 1_000);
    if !answer.is_success() {
        return Err(format!("{url} answers {}", answer.status));
    }
    let value = serde_json::from_slice(&answer.body).map_err(|_| format!("{url} does not answer with JSON"))?;
    Ok((value, date))
}

fn expect_ok(answer: &Answer, url: &str) -> Result<(), Outcome> {
    let status = answer.status;
    if answer.is_success() {
        return Ok(());
    }
    let to = answer.header(&LOCATION);
    Err(Outcome::Failed(match (status, to) {
        (_, Some(to)) => format!("{url} redirects to {to}: configure the proxy to answer at this address itself"),
        (502..=504, _) => {
            format!("{url} answers {status}: the proxy does not reach Paraph. Start it, and correct the proxy's target")
        }
        _ => format!("{url} answers {status}: configure the proxy to pass every path of this name to Paraph"),
    }))
}
