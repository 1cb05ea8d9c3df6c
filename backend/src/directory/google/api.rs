//! Google's Directory API: its tokens, and what its refusals mean.

use super::key::ServiceAccount;
use crate::outbound::{Answer, AppOnly, Failure, Grantor, Request, Session, Verdict, quote};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// By how many seconds our clock may be ahead of Google's.
const AHEAD: i64 = 60;
/// How many seconds a signed request for a token holds: the most that Google takes.
const HOLDS: i64 = 3_600;
/// When to come back after a day's quota is used up.
const DAILY: Duration = Duration::from_hours(1);

/// What people call it, and the place that its tokens come from.
pub(super) const NAME: &str = "Google Workspace";

/// Asks Google as a service account.
pub(super) type GoogleSession = Session<AppOnly<Api>>;

/// As whom we ask, and whose Directory API.
pub(super) struct Api {
    pub(super) account: Arc<ServiceAccount>,
    /// The admin whom the service account stands for.
    pub(super) admin: String,
    /// The API's origin.
    pub(super) url: String,
    /// Where tokens come from.
    pub(super) token_url: String,
    /// What tokens are good for, separated by spaces.
    pub(super) scopes: String,
}

#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    error: Error,
}

#[derive(Default, Deserialize)]
struct Error {
    #[serde(default)]
    message: String,
    #[serde(default)]
    errors: Vec<Reason>,
    #[serde(default)]
    details: Vec<Reason>,
}

#[derive(Default, Deserialize)]
struct Reason {
    #[serde(default)]
    reason: String,
}

/// What the token endpoint says (RFC 6749 §5.2).
#[derive(Default, Deserialize)]
struct TokenRefusal {
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_description: String,
}

impl Api {
    /// Where an admin lets the service account do what we need.
    fn delegation(&self) -> String {
        format!(
            "in Google's admin console, under Security → API controls → Domain-wide delegation, add for the client id {} the \
             scopes {}",
            self.account.client_id,
            self.scopes.replace(' ', ",")
        )
    }

    fn explain(&self, refusal: &TokenRefusal) -> String {
        let text = &refusal.error_description;
        let advice = match refusal.error.as_str() {
            "unauthorized_client" | "access_denied" | "invalid_scope" => {
                format!("The service account may not read this: {}", self.delegation())
            }
            "invalid_grant" if text.contains("reasonable timeframe") || text.contains("iat") => {
                "Google finds our time wrong: set this server's clock".to_owned()
            }
            "invalid_grant" if text.contains("Signature") => {
                "The service account's key was deleted or replaced: send a new key file".to_owned()
            }
            "invalid_grant" if text.to_lowercase().contains("account not found") => {
                format!("The service account {} does not exist any more: make another one", self.account.email)
            }
            "invalid_grant" => format!(
                "{} is no user of this Google Workspace, or the service account is none that it knows: correct the admin's \
                 address",
                self.admin
            ),
            "disabled_client" | "deleted_client" => {
                format!("The service account {} is disabled: enable it in Google Cloud", self.account.email)
            }
            _ => "Google gives no token".to_owned(),
        };
        format!("{advice} ({}: {})", quote(&refusal.error), quote(text))
    }

    fn refused(&self, reasons: &[&str], said: &str) -> Failure {
        let has = |reason: &str| reasons.contains(&reason);
        let advice = if has("insufficientPermissions") || has("ACCESS_TOKEN_SCOPE_INSUFFICIENT") {
            format!("The service account may not read this: {}", self.delegation())
        } else if has("accessNotConfigured") || has("SERVICE_DISABLED") {
            "The Admin SDK API is not enabled in the service account's project: enable it in Google Cloud under APIs & \
             Services"
                .to_owned()
        } else if has("domainCannotUseApis") {
            "This Google Workspace lets nobody use the API: allow it under Security → API controls".to_owned()
        } else {
            format!(
                "{} may not read users and groups: give them an admin role with these privileges, or name another admin",
                self.admin
            )
        };
        Failure::refused(format!("{advice} ({said})"))
    }
}

/// Whether a token is refused because the service account may not have it, rather than because something is broken.
pub(super) fn is_unauthorized(answer: &Answer) -> bool {
    let refusal: TokenRefusal = serde_json::from_slice(&answer.body).unwrap_or_default();
    matches!(refusal.error.as_str(), "unauthorized_client" | "access_denied" | "invalid_scope")
}

impl Grantor for Api {
    /// RFC 7523, as <https://developers.google.com/identity/protocols/oauth2/service-account> has it.
    fn request(&self, now_ms: i64) -> Result<Request, Failure> {
        let issued = now_ms.div_euclid(1_000) - AHEAD;
        let claims = json!({
            "iss": self.account.email,
            "sub": self.admin,
            "scope": self.scopes,
            "aud": self.token_url,
            "iat": issued,
            "exp": issued + HOLDS,
        });
        let assertion = self.account.sign(&claims).ok_or_else(|| Failure::wrong("a token could not be signed"))?;
        let form = [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", assertion.as_str())];
        Ok(Request::post(&self.token_url).form(form))
    }

    fn judge(&self, answer: &Answer) -> Verdict {
        if let Some(verdict) = Verdict::usual(answer, NAME) {
            return verdict;
        }
        let refusal: TokenRefusal = serde_json::from_slice(&answer.body).unwrap_or_default();
        Verdict::Fail(Failure::refused(self.explain(&refusal)))
    }
}

impl Api {
    /// What an answer of the Directory API means.
    pub(super) fn judge_answer(&self, answer: &Answer) -> Verdict {
        if let Some(verdict) = Verdict::usual(answer, NAME) {
            return verdict;
        }
        let error = serde_json::from_slice::<Refusal>(&answer.body).unwrap_or_default().error;
        let reasons: Vec<&str> =
            error.errors.iter().chain(&error.details).map(|reason| reason.reason.as_str()).collect();
        let said = quote(&error.message);
        match answer.status {
            403 if reasons.contains(&"dailyLimitExceeded") => {
                Verdict::Later { after: Some(DAILY), otherwise: Failure::Throttled { retry_ms: 0 } }
            }
            403 if reasons.iter().any(|reason| is_too_much(reason)) => {
                Verdict::Later { after: answer.after, otherwise: Failure::Throttled { retry_ms: 0 } }
            }
            401 => Verdict::Renew(Failure::refused(format!("Google does not accept the token that it gave: {said}"))),
            403 => Verdict::Fail(self.refused(&reasons, &said)),
            status => {
                let detail = format!("Google Workspace refuses the request (HTTP {status}, {said})");
                Verdict::Fail(Failure::wrong(detail))
            }
        }
    }
}

/// <https://developers.google.com/workspace/admin/directory/v1/limits>
fn is_too_much(reason: &str) -> bool {
    matches!(reason, "rateLimitExceeded" | "userRateLimitExceeded" | "quotaExceeded" | "RATE_LIMIT_EXCEEDED")
}
