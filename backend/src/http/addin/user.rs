//! The signed-in person as a parameter.

use crate::http::AppState;
use crate::http::Error;
use crate::identity::{Refusal, Subject, VerifyError, bearer};
use crate::store::{self, PersonRecord};
use crate::tenant::Tenant;
use axum::extract::FromRequestParts;
use axum::http::{HeaderValue, header, request::Parts};
use email_signature::Person;
use std::sync::Arc;
use std::time::Duration;

/// What the add-in is told by a server that knows no app registration.
const NO_CLIENT_ID: &str = "this server cannot check sign-ins yet: an administrator must register an app in Entra, \
                            set identity.client_id and restart";

/// A person in the directory whose token is valid.
pub struct User {
    /// Their tenant, as it is now, or as it was when the database was last there.
    pub tenant: Arc<Tenant>,
    record: Arc<PersonRecord>,
}

/// How long a signature waits for its person to be linked.
const LINK_PATIENCE: Duration = Duration::from_secs(1);

impl User {
    /// Who they are in the directory.
    pub fn person(&self) -> Person {
        self.record.person()
    }

    /// The same person in the tenant as it is after a write of their own.
    pub async fn reload(self, app: &AppState) -> Result<Self, Error> {
        let tenant = reload(app, &self.tenant).await?;
        let record = tenant.record(&self.record.id).cloned().ok_or(Error::NotInDirectory)?;
        Ok(Self { tenant, record })
    }
}

async fn reload(app: &AppState, tenant: &Tenant) -> Result<Arc<Tenant>, Error> {
    app.tenants.forget(tenant);
    Ok(app.tenants.get(&tenant.id).await?.ok_or(Refusal::UnknownTenant)?)
}

impl FromRequestParts<Arc<AppState>> for User {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<AppState>) -> Result<Self, Error> {
        let header = parts.headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
        sign_in(header, app).await.inspect_err(count)
    }
}

async fn sign_in(header: Option<&[u8]>, app: &AppState) -> Result<User, Error> {
    let token = bearer(header)?;
    let verifier = app.verifier.as_ref().ok_or(Error::Unavailable(NO_CLIENT_ID))?;
    let subject = verifier.verify(token, &app.clock).await.inspect_err(|error| {
        if let VerifyError::Refused(refusal) = error {
            tracing::debug!(reason = refusal.reason(), "token refused");
        }
    })?;
    let tenant = app.tenants.of_entra_or_kept(&subject.tid).await?.ok_or(Refusal::UnknownTenant)?;
    match tenant.record_by_oid(&subject.oid).cloned() {
        Some(record) => Ok(User { tenant, record }),
        None => link(app, tenant, &subject).await,
    }
}

/// The first sign-in of somebody whom the directory knows by address only, where the admin allows that.
async fn link(app: &AppState, tenant: Arc<Tenant>, subject: &Subject) -> Result<User, Error> {
    if !app.config.identity.link_by_address {
        return Err(Error::NotInDirectory);
    }
    let record = subject.username.as_deref().and_then(|address| tenant.unlinked_record_by_address(address));
    let record = record.cloned().ok_or(Error::NotInDirectory)?;
    let linking = app.store.link_oid(&tenant.id, &record.id, &subject.oid, app.clock.now_ms());
    let linked = tokio::time::timeout(LINK_PATIENCE, linking).await;
    match linked.unwrap_or_else(|_| Err(store::Error::Unavailable("the database is busy".into()))) {
        Ok(()) => tracing::info!(tenant = tenant.id, person = &*record.id, "linked at first sign-in"),
        // Somebody was faster: a second request of the same person finds them below, anybody else nobody.
        Err(store::Error::Conflict(_)) => {}
        // A signature does not wait for the database: the next sign-in links them.
        Err(store::Error::Unavailable(reason)) => {
            tracing::debug!(tenant = tenant.id, person = &*record.id, reason, "not linked yet");
            return Ok(User { tenant, record });
        }
        Err(error) => return Err(error.into()),
    }
    let tenant = reload(app, &tenant).await?;
    let record = tenant.record_by_oid(&subject.oid).cloned().ok_or(Error::NotInDirectory)?;
    Ok(User { tenant, record })
}

fn count(error: &Error) {
    let reason = match error {
        Error::Refused(refusal) => refusal.reason(),
        Error::NotInDirectory => "not_in_directory",
        _ => return,
    };
    metrics::counter!("paraph_sign_in_refusals_total", "reason" => reason).increment(1);
}
