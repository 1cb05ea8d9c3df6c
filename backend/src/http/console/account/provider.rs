//! The identity provider and one's own account: linking, unlinking, proving to be there, and accepting an invitation with it.
//! Each begins with a request that no other site can make, and answers with the provider's address for the page to go to.

use super::oidc::{self, PROVIDER_AWAY};
use super::profile::own;
use super::proof::{Proof, prove, securing};
use super::sign_in::{Head, open_invitation};
use crate::http::AppState;
use crate::http::api::doc;
use crate::http::request::access::{SignedIn, check_origin};
use crate::http::{Body, Error};
use crate::identity::oidc::{OidcError, Purpose};
use ::api::console::{Confirmation, InvitationCode, ProviderPage, paths};
use aide::axum::ApiRouter;
use aide::axum::routing::post_with;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Answer};
use aide::operation::OperationOutput;
use axum::Json;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{NoContent, Response};
use std::sync::Arc;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "Account";
    ApiRouter::new()
        .api_route(
            paths::PROVIDER,
            post_with(link, doc(tag, "Links the account to the identity provider"))
                .delete_with(unlink, doc(tag, "Unlinks the account from the identity provider")),
        )
        .api_route(
            paths::PROVIDER_PROOF,
            post_with(begin_proof, doc(tag, "Asks the identity provider to confirm that the user is present")),
        )
        .api_route(
            paths::ACCEPT_WITH_PROVIDER,
            post_with(accept, doc("Sign-in", "Accepts an invitation with the identity provider")),
        )
}

/// The provider's page, with the cookie that makes the way back this browser's own.
struct Away {
    page: ProviderPage,
    cookie: HeaderValue,
}

impl axum::response::IntoResponse for Away {
    fn into_response(self) -> Response {
        let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        ([(header::SET_COOKIE, self.cookie), no_store], Json(self.page)).into_response()
    }
}

impl OperationOutput for Away {
    type Inner = ProviderPage;

    fn operation_response(ctx: &mut GenContext, operation: &mut Operation) -> Option<Answer> {
        Json::<ProviderPage>::operation_response(ctx, operation)
    }

    fn inferred_responses(ctx: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, Answer)> {
        Json::<ProviderPage>::inferred_responses(ctx, operation)
    }
}

async fn link(
    State(app): State<Arc<AppState>>,
    Head(head): Head,
    who: SignedIn,
    Body(typed): Body<Confirmation>,
) -> Result<Away, Error> {
    let account = own(&app, &who).await?;
    configured(&app)?;
    if app.store.linked_identity(&account.id, &app.config.console.oidc_issuer).await?.is_some() {
        return Err(Error::Conflict("this account is already linked: unlink it first".into()));
    }
    prove(&app, &account, Proof::from(&typed)).await?;
    away(&app, &head, Purpose::Link(who.session.id)).await
}

async fn unlink(
    State(app): State<Arc<AppState>>,
    who: SignedIn,
    Body(typed): Body<Confirmation>,
) -> Result<NoContent, Error> {
    let account = own(&app, &who).await?;
    if account.password.is_none() {
        let detail = "without a password you could no longer sign in to this account: choose one first";
        return Err(Error::Conflict(detail.into()));
    }
    prove(&app, &account, Proof::from(&typed)).await?;
    app.store.unlink_identities(&securing(&app, &who)).await?;
    Ok(NoContent)
}

async fn begin_proof(State(app): State<Arc<AppState>>, Head(head): Head, who: SignedIn) -> Result<Away, Error> {
    configured(&app)?;
    if app.store.linked_identity(&who.session.account, &app.config.console.oidc_issuer).await?.is_none() {
        return Err(Error::Conflict("this account is not linked to the identity provider".into()));
    }
    away(&app, &head, Purpose::Prove(who.session.id)).await
}

async fn accept(
    State(app): State<Arc<AppState>>,
    Head(head): Head,
    Body(body): Body<InvitationCode>,
) -> Result<Away, Error> {
    check_origin(&head.headers, &app)?;
    configured(&app)?;
    let code = body.code.trim().to_owned();
    open_invitation(&app, &head, &code).await?;
    away(&app, &head, Purpose::Accept(code)).await
}

fn configured(app: &AppState) -> Result<(), Error> {
    if app.config.console.oidc_issuer.is_empty() {
        return Err(Error::Conflict("this server has no identity provider: set console.oidc_issuer".into()));
    }
    Ok(())
}

async fn away(app: &AppState, head: &Parts, purpose: Purpose) -> Result<Away, Error> {
    let (url, cookie) = oidc::begin(app, &head.headers, purpose).await.map_err(|error: OidcError| {
        tracing::warn!(%error, "nobody can be sent to the identity provider");
        Error::Unavailable(PROVIDER_AWAY)
    })?;
    Ok(Away { page: ProviderPage { url }, cookie })
}
