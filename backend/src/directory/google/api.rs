//! Google's Directory API: tokens and the meaning of errors.

use super::key::ServiceAccount;
use crate::outbound::{Answer, AppOnly, Failure, Grantor, Request, Session, Verdict, quote};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// Tolerated difference in seconds if our clock is ahead of Google's.
const AHEAD: i64 = 60;
/// Validity of a signed token request in seconds: the maximum that Google accepts.
const HOLDS: i64 = 3_600;
/// Wait after the daily quota is used up.
const DAILY: Duration = Duration::from_hours(1);

/// Name of the API and its token issuer for people.
pub(super) const NAME: &str = "Google Workspace";

/// A session with Google, authenticated as a service account.
pub(super) type GoogleSession = Session<AppOnly<Api>>;

/// Connection settings of the Directory API.
pub(super) struct Api {
    pub(super) account: Arc<ServiceAccount>,
    /// Address of the admin that the service account impersonates.
    pub(super) admin: String,
    /// The API's origin.
    pub(super) url: String,
    /// URL of the token endpoint.
    pub(super) token_url: String,
    /// Scopes of tokens, separated by spaces.
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

/// Error of the token endpoint (RFC 6749 §5.2).
#[derive(Default, Deserialize)]
struct TokenRefusal {
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_description: String,
}

impl Api {
    /// Instruction for granting the service account the scopes.
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
                format!("The service account is not allowed to read this: {}", self.delegation())
            }
            "invalid_grant" if text.contains("reasonable timeframe") || text.contains("iat") => {
                "Google rejected this server's time: correct this server's clock".to_owned()
            }
            "invalid_grant" if text.contains("Signature") => {
                "The service account's key was deleted or replaced: upload a new key file".to_owned()
            }
            "invalid_grant" if text.to_lowercase().contains("account not found") => {
                format!("The service account {} no longer exists: create another one", self.account.email)
            }
            "invalid_grant" => format!(
                "{} is not a user of this Google Workspace, or the Workspace does not know the service account: \
                 correct the admin's address",
                self.admin
            ),
            "disabled_client" | "deleted_client" => {
                format!("The service account {} is disabled: enable it in Google Cloud", self.account.email)
            }
            _ => "Google refused to issue a token".to_owned(),
        };
        format!("{advice} ({}: {})", quote(&refusal.error), quote(text))
    }

    fn refused(&self, reasons: &[&str], said: &str) -> Failure {
        let has = |reason: &str| reasons.contains(&reason);
        let advice = if has("insufficientPermissions") || has("ACCESS_TOKEN_SCOPE_INSUFFICIENT") {
            format!("The service account is not allowed to read this: {}", self.delegation())
        } else if has("accessNotConfigured") || has("SERVICE_DISABLED") {
            "The Admin SDK API is not enabled in the service account's project: enable it in Google Cloud under APIs & \
             Services"
                .to_owned()
        } else if has("domainCannotUseApis") {
            "This Google Workspace blocks all API access: allow it under Security → API controls".to_owned()
        } else {
            format!(
                "{} is not allowed to read users and groups: give them an admin role with these privileges, or enter \
                 another admin",
                self.admin
            )
        };
        Failure::refused(format!("{advice} ({said})"))
    }
}

/// Whether a token is refused because of missing permissions rather than another problem.
pub(super) fn is_unauthorized(answer: &Answer) -> bool {
    let refusal: TokenRefusal = serde_json::from_slice(&answer.body).unwrap_or_default();
    matches!(refusal.error.as_str(), "unauthorized_client" | "access_denied" | "invalid_scope")
}

impl Grantor for Api {
    /// Token request of RFC 7523, see <https://developers.google.com/identity/protocols/oauth2/service-account>.
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
    /// Classifies an answer of the Directory API.
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
            401 => Verdict::Renew(Failure::refused(format!("Google does not accept its own token: {said}"))),
            403 => Verdict::Fail(self.refused(&reasons, &said)),
            status => {
                let detail = format!("Google Workspace rejected the request (HTTP {status}, {said})");
                Verdict::Fail(Failure::wrong(detail))
            }
        }
    }
}

/// <https://developers.google.com/workspace/admin/directory/v1/limits>
fn is_too_much(reason: &str) -> bool {
    matches!(reason, "rateLimitExceeded" | "userRateLimitExceeded" | "quotaExceeded" | "RATE_LIMIT_EXCEEDED")
}
