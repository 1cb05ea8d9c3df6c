//! Why a request got no answer, and what to do about it.

use crate::outbound::{Cause, SendError, Unreachable};

pub(super) fn unreachable(error: &SendError, origin: &str, setting: &str) -> String {
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    let reason = reason(error, origin);
    let advice = match cause(error) {
        Some(Cause::Name) => format!("make a DNS entry for {host}, or correct {setting}"),
        Some(Cause::Refused) => "start the proxy, and allow this machine to reach it".to_owned(),
        Some(Cause::Timeout(_)) => "allow this machine to reach it: a firewall may be dropping the packets".to_owned(),
        Some(Cause::Certificate(_)) => "correct the certificate in the proxy".to_owned(),
        Some(Cause::Other(_)) | None => format!("correct the proxy or {setting}"),
    };
    format!("{reason}: {advice}")
}

fn cause(error: &SendError) -> Option<&Cause> {
    match error {
        SendError::Unreachable(Unreachable { cause, .. }) => Some(cause),
        _ => None,
    }
}

pub(super) fn reason(error: &SendError, url: &str) -> String {
    match cause(error) {
        Some(Cause::Name) => format!("the name in {url} cannot be resolved here"),
        Some(Cause::Refused) => format!("nothing listens at {url}"),
        Some(Cause::Timeout(limit)) => format!("{url} does not answer in {} seconds", limit.as_secs()),
        Some(Cause::Certificate(what)) => {
            format!("the certificate of {url} is refused, as Outlook refuses it: {what}")
        }
        Some(Cause::Other(text)) => format!("{url} does not answer ({text})"),
        None => format!("{url} cannot be used ({error})"),
    }
}
