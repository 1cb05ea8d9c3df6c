//! Errors of the server or the network, as a decision and a sentence.

use api::Errors;
use jiff::fmt::rfc2822;
use reqwest::{Response, StatusCode, header};
use std::error::Error as _;
use std::time::Duration;

/// Another program answered.
pub(super) const NOT_PARAPH: &str =
    "the server at paraph.url is not Paraph, or an older version: check the address, and any proxy in between";
/// Longest wait that the server can ask for.
const LONGEST_WAIT: Duration = Duration::from_mins(15);
/// Maximum size of an error answer in bytes.
const MAX_TROUBLE: usize = 64 * 1024;

/// Why a request failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The server is unavailable or overloaded: retry later.
    #[error("{detail}")]
    Away {
        /// Why it is unavailable.
        detail: String,
        /// How long the server asks to wait.
        wait: Option<Duration>,
    },
    /// Retrying would not help.
    #[error("{0}")]
    Refused(String),
}

/// The error for a problem on the network.
pub(super) fn of_network(error: &reqwest::Error) -> Trouble {
    let mut words = Vec::new();
    let mut source = error.source();
    while let Some(cause) = source {
        words.push(cause.to_string());
        source = cause.source();
    }
    let cause = words.last().cloned().unwrap_or_else(|| error.to_string());
    let all = words.join(": ").to_lowercase();
    let detail = if error.is_timeout() {
        "Paraph does not answer in time: check the network and the firewalls in between".into()
    } else if all.contains("certificate") {
        return Trouble::Refused(format!(
            "Paraph's certificate is not trusted: {cause}. Put its CA certificate into paraph.ca_file, or correct \
             paraph.url \
             to match the name in the certificate"
        ));
    } else if all.contains("dns error") || all.contains("lookup address") {
        format!("the host name in paraph.url cannot be resolved: {cause}. Check it, and this machine's DNS")
    } else if all.contains("refused") {
        format!("nothing listens at paraph.url: {cause}. Check the address, and that Paraph is running")
    } else {
        format!("the connection to Paraph was lost: {cause}")
    };
    Trouble::Away { detail, wait: None }
}

/// The error for an answer.
pub(super) async fn of_answer(answer: Response) -> Trouble {
    let status = answer.status();
    let text = |name| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let wait = text(header::RETRY_AFTER).and_then(|wait| retry_after(wait, text(header::DATE)));
    let said = body(answer, MAX_TROUBLE).await.ok();
    let said = said.and_then(|body| serde_json::from_slice(&body).ok()).map(|errors| sentences(&errors));
    decide(status, wait.map(|wait| wait.min(LONGEST_WAIT)), said)
}

/// How long to wait: seconds, or a date relative to the answer's own (RFC 9110, section 10.2.3).
fn retry_after(wait: &str, date: Option<&str>) -> Option<Duration> {
    if let Ok(seconds) = wait.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let moment = |text: &str| rfc2822::parse(text).ok().map(|moment| moment.timestamp().as_second());
    u64::try_from(moment(wait)? - moment(date?)?).ok().map(Duration::from_secs)
}

fn decide(status: StatusCode, wait: Option<Duration>, said: Option<String>) -> Trouble {
    let said_or = |default: &str| said.clone().unwrap_or_else(|| default.to_owned());
    match status {
        StatusCode::UNAUTHORIZED => Trouble::Refused(
            "the secret is wrong or revoked: create a new one on Paraph's Database page and enter it here".into(),
        ),
        StatusCode::FORBIDDEN => Trouble::Refused(said_or("Paraph does not allow this secret to send rows")),
        StatusCode::PAYLOAD_TOO_LARGE => Trouble::Refused(said_or(
            "Paraph or a proxy in front of it refuses requests of one megabyte: raise the proxy's limit",
        )),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => {
            Trouble::Away { detail: said_or("Paraph is overloaded"), wait }
        }
        _ if status.is_server_error() => {
            Trouble::Away { detail: said_or(&format!("Paraph is not ready (status {status})")), wait }
        }
        _ if status.is_redirection() => {
            Trouble::Refused("paraph.url redirects to another address: set paraph.url to that address".into())
        }
        _ => Trouble::Refused(said.unwrap_or_else(|| format!("{NOT_PARAPH} (status {status})"))),
    }
}

/// The errors of an envelope, in one line.
fn sentences(errors: &Errors) -> String {
    let each = errors.errors.iter().map(|error| match &error.field {
        Some(field) => format!("{field}: {}", error.detail),
        None => error.detail.clone(),
    });
    each.collect::<Vec<_>>().join("; ")
}

/// Reads a body of limited size.
pub(super) async fn body(mut answer: Response, most: usize) -> Result<Vec<u8>, Trouble> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| of_network(&error))? {
        if body.len() + chunk.len() > most {
            return Err(Trouble::Refused(NOT_PARAPH.into()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_become_decisions() {
        let said = || Some("the upload is too large".to_owned());
        for (status, says) in
            [(401, "create a new one"), (403, "too large"), (409, "too large"), (413, "too large"), (422, "too large")]
        {
            let trouble = decide(StatusCode::from_u16(status).unwrap(), None, said());
            assert!(matches!(&trouble, Trouble::Refused(text) if text.contains(says)), "{status}: {trouble:?}");
        }
        for status in [408, 429, 500, 502, 503, 504] {
            let wait = Some(Duration::from_secs(7));
            let trouble = decide(StatusCode::from_u16(status).unwrap(), wait, None);
            assert!(matches!(trouble, Trouble::Away { wait: Some(_), .. }), "{status}");
        }
        for status in [301, 302, 404] {
            assert!(
                matches!(decide(StatusCode::from_u16(status).unwrap(), None, None), Trouble::Refused(_)),
                "{status}"
            );
        }
    }

    #[test]
    fn a_wait_is_so_many_seconds_or_until_a_date() {
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        for (wait, expected) in [
            ("7", Some(7)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", None),
            ("soon", None),
        ] {
            assert_eq!(retry_after(wait, date), expected.map(Duration::from_secs), "{wait}");
        }
    }

    #[test]
    fn every_error_of_an_envelope_is_told() {
        let errors =
            serde_json::from_str(r#"{"errors":[{"detail":"a","field":"columns[1]"},{"detail":"b"}]}"#).unwrap();
        assert_eq!(sentences(&errors), "columns[1]: a; b");
    }
}
