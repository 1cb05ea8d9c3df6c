//! Why a request got no answer, and what to do about it.

use super::TIMEOUT;
use std::error::Error as _;

pub(super) fn unreachable(error: &reqwest::Error, origin: &str, setting: &str) -> String {
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    let reason = reason(error, origin);
    let advice = match kind(error) {
        Kind::Name => format!("make a DNS entry for {host}, or correct {setting}"),
        Kind::Refused => "start the proxy, and let this machine reach it".to_owned(),
        Kind::Timeout => "let this machine reach it: a firewall may swallow what is sent".to_owned(),
        Kind::Certificate(_) => "correct the certificate in the proxy".to_owned(),
        Kind::Other => format!("correct the proxy or {setting}"),
    };
    format!("{reason}: {advice}")
}

enum Kind {
    Name,
    Refused,
    Timeout,
    Certificate(&'static str),
    Other,
}

/// Why there is no answer. The layers below give their reasons as texts alone.
fn kind(error: &reqwest::Error) -> Kind {
    if error.is_timeout() {
        return Kind::Timeout;
    }
    let texts = deepest(error);
    let has = |part: &str| texts.contains(part);
    match () {
        () if has("dns error") || has("failed to lookup") => Kind::Name,
        () if has("Connection refused") => Kind::Refused,
        () if has("NotValidForName") || has("not valid for name") => Kind::Certificate("it is for another name"),
        () if has("Expired") || has("expired") => Kind::Certificate("it has expired"),
        () if has("NotValidYet") || has("not valid yet") => Kind::Certificate("it is not valid yet"),
        () if has("UnknownIssuer") || has("CaUsedAsEndEntity") => Kind::Certificate(
            "this machine does not trust its issuer, or the proxy does not send the intermediate certificates",
        ),
        () if has("certificate") => Kind::Certificate("it cannot be used"),
        () => Kind::Other,
    }
}

pub(super) fn reason(error: &reqwest::Error, url: &str) -> String {
    match kind(error) {
        Kind::Name => format!("the name in {url} cannot be resolved here"),
        Kind::Refused => format!("nobody listens at {url}"),
        Kind::Timeout => format!("{url} does not answer in {} seconds", TIMEOUT.as_secs()),
        Kind::Certificate(what) => format!("the certificate of {url} is refused, as Outlook refuses it: {what}"),
        Kind::Other => format!("{url} does not answer ({})", deepest(error)),
    }
}

/// What all layers say, the outermost left out: it repeats the address.
fn deepest(error: &reqwest::Error) -> String {
    let mut texts = Vec::new();
    let mut source = error.source();
    while let Some(error) = source {
        texts.push(error.to_string());
        source = error.source();
    }
    texts.join(": ")
}
