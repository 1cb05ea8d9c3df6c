//! Microsoft Graph: tokens and the meaning of errors.

use crate::outbound::{Answer, AppOnly, Failure, Grantor, Request, Session, Verdict, quote};
use serde::Deserialize;

/// Parts of error codes, in lower case, for delta or page links that are no longer valid, with any status:
/// `syncStateNotFound`, `resyncRequired`, `resyncChangesApplyDifferences`, `Directory_ExpiredPageToken` …
const LOST: [&str; 5] = ["syncstate", "resync", "directory_expired", "deltatoken", "deltalink"];

/// Name for people.
pub(super) const NAME: &str = "Microsoft Graph";
/// Name of the token issuer for people.
pub(super) const TOKENS: &str = "Entra ID";

/// A session with Graph, authenticated as the app registration.
pub(super) type GraphSession = Session<AppOnly<Graph>>;

/// Connection settings of Graph.
pub(super) struct Graph {
    /// URL of the tenant's token endpoint.
    pub(super) token_url: String,
    /// Graph's origin.
    pub(super) url: String,
    /// Client id of the app registration.
    pub(super) client_id: String,
    /// Client secret of the app registration.
    pub(super) secret: String,
    /// The Entra tenant id, lower case.
    pub(super) tenant: String,
    /// Comma-separated properties to select for each user, besides `manager`.
    pub(super) selected: String,
}

#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    error: Error,
}

#[derive(Default, Deserialize)]
struct Error {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

#[derive(Default, Deserialize)]
struct TokenRefusal {
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_description: String,
    #[serde(default)]
    error_codes: Vec<u32>,
}

impl Grantor for Graph {
    fn request(&self, _now_ms: i64) -> Result<Request, Failure> {
        let scope = format!("{}/.default", self.url);
        Ok(Request::post(&self.token_url).form([
            ("grant_type", "client_credentials"),
            ("client_id", self.client_id.as_str()),
            ("client_secret", self.secret.as_str()),
            ("scope", scope.as_str()),
        ]))
    }

    fn judge(&self, answer: &Answer) -> Verdict {
        if let Some(verdict) = Verdict::usual(answer, TOKENS) {
            return verdict;
        }
        let refusal: TokenRefusal = serde_json::from_slice(&answer.body).unwrap_or_default();
        if refusal.error == "temporarily_unavailable" {
            let otherwise = Failure::away("Entra ID is not issuing tokens right now");
            return Verdict::Later { after: answer.after, otherwise };
        }
        let said = quote(&refusal.error_description);
        let detail = match advice(&refusal.error_codes) {
            Some(advice) => format!("{advice} ({said})"),
            None if said.is_empty() => format!("Entra ID refused to issue a token (HTTP {})", answer.status),
            None => format!("Entra ID refused to issue a token: {said}"),
        };
        Verdict::Fail(Failure::refused(detail))
    }
}

impl Graph {
    /// Classifies an answer of Graph. `needs`: the permission that the request needs.
    pub(super) fn judge_answer(answer: &Answer, needs: &str) -> Verdict {
        if answer.is_success() {
            return Verdict::Ok;
        }
        let Error { code, message } = serde_json::from_slice::<Refusal>(&answer.body).unwrap_or_default().error;
        let lower = code.to_lowercase();
        if answer.status == 410 || LOST.iter().any(|lost| lower.contains(lost)) {
            return Verdict::Fail(Failure::Gone);
        }
        if let Some(verdict) = Verdict::usual(answer, NAME) {
            return verdict;
        }
        let said = quote(&format!("{code}: {message}"));
        let failure = match answer.status {
            401 => {
                let detail = format!("Microsoft Graph does not accept the token from Entra ID: {said}");
                return Verdict::Renew(Failure::refused(detail));
            }
            403 => Failure::refused(format!(
                "Microsoft Graph denied access: the application permission {needs} is missing. Add it to the app \
                 registration \
                 and grant admin consent ({said})"
            )),
            status => Failure::wrong(format!("Microsoft Graph rejected the request (HTTP {status}, {said})")),
        };
        Verdict::Fail(failure)
    }
}

/// What to do about errors of Entra's token endpoint.
/// <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>
fn advice(codes: &[u32]) -> Option<&'static str> {
    codes.iter().find_map(|code| {
        Some(match code {
            7_000_222 => {
                "The client secret has expired: create a new one in Entra (App registrations → yours → Certificates & \
                 secrets) and put its value into directory.entra_client_secret"
            }
            7_000_215 => {
                "The client secret is wrong: put the value of a client secret, not its id, into \
                 directory.entra_client_secret"
            }
            700_016 | 7_000_229 => {
                "This Entra tenant does not know the app registration: ask a Microsoft 365 admin to grant consent, and \
                 check identity.client_id"
            }
            7_000_112 | 7_000_218 => {
                "The app registration is disabled or does not accept client secrets: check it in Entra (Enterprise \
                 applications)"
            }
            90_002 | 900_023 => "This Entra tenant does not exist: correct this tenant's Entra tenant id",
            53_003 | 53_000 => {
                "A Conditional Access policy of this Entra tenant blocks the app registration: add an exception for it"
            }
            500_011 | 70_011 | 1_002_012 => {
                "Entra ID does not know Microsoft Graph under directory.graph_url: correct it for your national cloud"
            }
            _ => return None,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn graph() -> Graph {
        let [token_url, url, client_id, secret, tenant] = ["", "", "", "", ""].map(str::to_owned);
        Graph { token_url, url, client_id, secret, tenant, selected: String::new() }
    }

    fn answer(status: u16, body: &serde_json::Value) -> Answer {
        Answer::new(status, body.to_string().into_bytes())
    }

    #[test]
    fn a_link_that_is_not_known_any_more_is_a_cursor_that_is_gone_whatever_its_status() {
        for (status, code) in [
            (410, "anything"),
            (400, "syncStateNotFound"),
            (404, "SyncStateNotFound"),
            (400, "Directory_ExpiredPageToken"),
            (403, "Directory_ExpiredToken"),
            (400, "resyncChangesUploadDifferences"),
            (500, "Directory_ResyncRequired"),
        ] {
            let answer = answer(status, &json!({ "error": { "code": code, "message": "" } }));
            let Verdict::Fail(error) = Graph::judge_answer(&answer, "") else { panic!("{status} {code}") };
            assert_eq!(error, Failure::Gone, "{status} {code}");
        }
    }

    #[test]
    fn what_is_refused_along_a_link_is_the_link_unless_it_is_about_who_asks_or_how_often() {
        let along = |status, code: &str| {
            let answer = answer(status, &json!({ "error": { "code": code, "message": "" } }));
            Graph::judge_answer(&answer, "").of_link(status)
        };
        for (status, code) in
            [(400, "Request_UnsupportedQuery"), (400, "BadRequest"), (404, "ResourceNotFound"), (412, ""), (422, "")]
        {
            assert!(matches!(along(status, code), Verdict::Fail(Failure::Gone)), "{status} {code}");
        }
        assert!(matches!(along(401, "InvalidAuthenticationToken"), Verdict::Renew(Failure::Refused { .. })));
        assert!(matches!(along(403, "Authorization_RequestDenied"), Verdict::Fail(Failure::Refused { .. })));
        for status in [408, 429, 500, 503] {
            assert!(matches!(along(status, "Anything"), Verdict::Later { .. }), "{status}");
        }
    }

    #[test]
    fn a_refusal_names_the_missing_permission_and_what_was_said() {
        let body = json!({ "error": { "code": "Authorization_RequestDenied",
            "message": "Insufficient privileges to complete the operation.\nTrace: 1" } });
        let Verdict::Fail(Failure::Refused { detail }) = Graph::judge_answer(&answer(403, &body), "User.Read.All")
        else {
            panic!("not refused")
        };
        assert!(detail.contains("User.Read.All is missing") && detail.contains("Insufficient privileges"), "{detail}");
        assert!(!detail.contains("Trace"), "{detail}");
    }

    #[test]
    fn an_error_without_its_usual_body_is_an_error_all_the_same() {
        let html = Answer::new(400, b"<html>".to_vec());
        assert!(matches!(Graph::judge_answer(&html, ""), Verdict::Fail(Failure::Wrong { .. })));
        assert!(matches!(graph().judge(&html), Verdict::Fail(Failure::Refused { .. })));
    }

    #[test]
    fn each_known_refusal_of_a_token_says_what_to_do() {
        for (code, part) in [
            (7_000_222, "create a new one"),
            (7_000_215, "not its id"),
            (700_016, "consent"),
            (90_002, "tenant id"),
            (53_003, "Conditional Access"),
            (500_011, "graph_url"),
        ] {
            let text = format!("AADSTS{code}: Something.\r\nTrace ID: 1");
            let body = json!({ "error": "invalid_client", "error_description": text, "error_codes": [code] });
            let Verdict::Fail(Failure::Refused { detail }) = graph().judge(&answer(401, &body)) else {
                panic!("{code} is not refused")
            };
            assert!(detail.contains(part) && detail.contains(&format!("AADSTS{code}")), "{detail}");
        }
    }
}
