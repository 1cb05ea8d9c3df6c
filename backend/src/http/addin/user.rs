//! The signed-in person as a parameter.

use crate::http::AppState;
use crate::http::Error;
use crate::identity::{Refusal, Subject, VerifyError, bearer};
use crate::store;
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
    subject: Arc<Subject>,
    /// Their id where the database is away and cannot keep yet that the object id is theirs.
    unlinked: Option<String>,
}

/// How long a signature waits for its person to be linked.
const LINK_PATIENCE: Duration = Duration::from_secs(1);

impl User {
    /// Who they are in the directory.
    pub fn person(&self) -> Result<Person, Error> {
        let person = match &self.unlinked {
            Some(id) => self.tenant.record(id).map(|record| record.person()),
            None => self.tenant.person_by_oid(&self.subject.oid),
        };
        person.ok_or(Error::NotInDirectory)
    }

    /// The same person in the tenant as it is after a write of their own.
    pub async fn reload(self, app: &AppState) -> Result<Self, Error> {
        app.tenants.forget(&self.tenant);
        let tenant = app.tenants.get(&self.tenant.id).await?.ok_or(Refusal::UnknownTenant)?;
        Ok(Self { tenant, ..self })
    }
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
    if tenant.knows_oid(&subject.oid) {
        return Ok(User { tenant, subject, unlinked: None });
    }
    link(app, tenant, subject).await
}

/// The first sign-in of somebody whom the directory knows by address only, where the admin allows that.
async fn link(app: &AppState, tenant: Arc<Tenant>, subject: Arc<Subject>) -> Result<User, Error> {
    if !app.config.identity.link_by_address {
        return Err(Error::NotInDirectory);
    }
    let person = subject.username.as_deref().and_then(|address| tenant.unlinked_person_by_address(address));
    let person = person.ok_or(Error::NotInDirectory)?;
    let linking = app.store.link_oid(&tenant.id, &person.id, &subject.oid, app.clock.now_ms());
    let linked = tokio::time::timeout(LINK_PATIENCE, linking).await;
    match linked.unwrap_or_else(|_| Err(store::Error::Unavailable("the database is busy".into()))) {
        Ok(()) => tracing::info!(tenant = tenant.id, person = person.id, "linked at first sign-in"),
        // Somebody was faster: a second request of the same person finds them below, anybody else nobody.
        Err(store::Error::Conflict(_)) => {}
        // A signature does not wait for the database: the next sign-in links them.
        Err(store::Error::Unavailable(reason)) => {
            tracing::debug!(tenant = tenant.id, person = person.id, reason, "not linked yet");
            return Ok(User { tenant, subject, unlinked: Some(person.id) });
        }
        Err(error) => return Err(error.into()),
    }
    let user = User { tenant, subject, unlinked: None }.reload(app).await?;
    user.person()?;
    Ok(user)
}

fn count(error: &Error) {
    let reason = match error {
        Error::Refused(refusal) => refusal.reason(),
        Error::NotInDirectory => "not_in_directory",
        _ => return,
    };
    metrics::counter!("paraph_sign_in_refusals_total", "reason" => reason).increment(1);
}
