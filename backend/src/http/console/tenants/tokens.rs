//! API tokens.

use crate::clock::DAY_MS;
use crate::http::AppState;
use crate::http::api::doc;
use crate::http::console::account::session::checked_name;
use crate::http::request::access::{Access, ManageTenant, TOKEN_START};
use crate::http::request::io::{Created, ShownOnce};
use crate::http::{Body, Error};
use crate::identity::digest;
use crate::random;
use crate::store::{By, KnownToken, Maker, Scope, TokenRecord};
use ::api::console::{CreatedToken, MAX_TOKEN_DAYS, NewToken, Token, Tokens, paths};
use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with, post_with};
use axum::Json;
use axum::extract::State;
use axum::response::NoContent;
use std::sync::Arc;

/// So many characters of a secret are shown to tell tokens apart.
const SHOWN: usize = 12;
/// Most tokens of a tenant.
const MAX_TOKENS: usize = 100;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "API tokens";
    ApiRouter::new()
        .api_route(
            paths::TOKENS,
            get_with(list, doc(tag, "The tenant's tokens, without their secrets"))
                .post_with(create, doc(tag, "Creates a token; its secret is shown once")),
        )
        .api_route(paths::TOKEN, delete_with(revoke, doc(tag, "Revokes a token")))
        .api_route(
            paths::TAKE_OVER_TOKEN,
            post_with(take_over, doc(tag, "Takes over a token with the user's own role; its secret stays the same")),
        )
}

fn token(known: KnownToken) -> Token {
    let (lost, trouble) = (known.lost(), known.trouble());
    let TokenRecord { id, start, name, scopes, created_by, created_ms, expires_ms, used_ms, .. } = known.record;
    let wire = |scopes: Vec<Scope>| scopes.into_iter().map(Into::into).collect();
    let (scopes, lost) = (wire(scopes), wire(lost));
    Token { id, name, start, scopes, created_by, lost, trouble, created_ms, expires_ms, used_ms }
}

async fn list(State(app): State<Arc<AppState>>, access: Access<ManageTenant>) -> Result<Json<Tokens>, Error> {
    let tokens = app.store.list_tokens(&access.tenant.id).await?;
    Ok(Json(Tokens { tokens: tokens.into_iter().map(token).collect() }))
}

async fn create(
    State(app): State<Arc<AppState>>,
    access: Access<ManageTenant>,
    Body(new): Body<NewToken>,
) -> Result<ShownOnce<Created<CreatedToken>>, Error> {
    let name = checked_name(&new.name)?;
    if new.scopes.is_empty() {
        return Err(Error::invalid("scopes", "choose at least one: a token without scopes can do nothing"));
    }
    if !(1..=MAX_TOKEN_DAYS).contains(&new.days) {
        return Err(Error::invalid("days", format!("write 1 to {MAX_TOKEN_DAYS}")));
    }
    if app.store.list_tokens(&access.tenant.id).await?.len() >= MAX_TOKENS {
        return Err(Error::Conflict(format!("a tenant has at most {MAX_TOKENS} tokens: revoke one first")));
    }
    let secret = format!("{TOKEN_START}{}", random::secret());
    let now_ms = app.clock.now_ms();
    let mut scopes: Vec<Scope> = new.scopes.into_iter().map(Into::into).collect();
    scopes.sort_unstable();
    scopes.dedup();
    let account = access.account.ok_or(Error::Internal)?;
    let record = TokenRecord {
        tenant: access.tenant.id.clone(),
        entra_id: access.tenant.entra_id.clone(),
        id: random::id(),
        start: secret[..SHOWN].to_owned(),
        name,
        scopes,
        account: account.clone(),
        created_by: access.actor.name.clone(),
        created_ms: now_ms,
        expires_ms: now_ms + i64::from(new.days) * DAY_MS,
        used_ms: None,
    };
    let maker = Maker { account, name: access.actor.name.clone(), role: Some(access.role), limits: None };
    app.store.insert_token(&record, &digest(&secret), access.actor).await?;
    let note = format!(
        "the token “{}” was created (id {}) and its secret is shown once: if you do not have it, revoke the token and \
         create another one with a new idempotency key",
        record.name, record.id
    );
    let token = token(KnownToken { record, maker });
    Ok(ShownOnce { answer: Created(CreatedToken { token, secret }), note })
}

async fn take_over(State(app): State<Arc<AppState>>, access: Access<ManageTenant>) -> Result<Json<Token>, Error> {
    let (tenant, id) = (access.tenant.id.clone(), access.part("token").to_owned());
    let account = access.account.ok_or(Error::Internal)?;
    app.store.take_over_token(&tenant, &id, &account, By::new(access.actor, app.clock.now_ms())).await?;
    let tokens = app.store.list_tokens(&tenant).await?;
    let found = tokens.into_iter().find(|known| known.record.id == id).ok_or(Error::NotFound)?;
    Ok(Json(token(found)))
}

async fn revoke(State(app): State<Arc<AppState>>, access: Access<ManageTenant>) -> Result<NoContent, Error> {
    let id = access.part("token").to_owned();
    app.store.delete_token(&access.tenant.id, &id, access.by(&app)).await?;
    Ok(NoContent)
}
