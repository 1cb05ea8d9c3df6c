//! One's own account: name, password, authenticator app.

use super::attempts::Attempt;
use super::proof::{Proof, is_proven, prove, securing};
use super::session::{Remembered, checked_name, internal, known_device, totp_place};
use super::sign_in::check_password;
use crate::http::AppState;
use crate::http::api::doc;
use crate::http::request::access::SignedIn;
use crate::http::request::io::ShownOnce;
use crate::http::{Body, Error};
use crate::identity::{digest, password, totp};
use crate::store::AccountRecord;
use ::api::console::{
    Account, AccountChanges, Confirmation, PasswordChange, RecoveryCodes, TotpCode, TotpSetup, paths,
};
use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with, put_with};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::NoContent;
use std::sync::Arc;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "Account";
    ApiRouter::new()
        .api_route(
            paths::ACCOUNT,
            get_with(show, doc(tag, "The user's own account"))
                .patch_with(change, doc(tag, "Changes the user's own account")),
        )
        .api_route(paths::PASSWORD, put_with(change_password, doc(tag, "Sets a new password")))
        .api_route(
            paths::TOTP,
            post_with(begin_totp, doc(tag, "Begins to set up an authenticator app"))
                .put_with(confirm_totp, doc(tag, "Confirms the authenticator app, which is required from then on"))
                .delete_with(remove_totp, doc(tag, "Removes the authenticator app")),
        )
        .api_route(paths::RECOVERY_CODES, post_with(recovery_codes, doc(tag, "Creates new recovery codes")))
}

/// The account of whoever is signed in.
pub(in crate::http::console) async fn own(app: &AppState, who: &SignedIn) -> Result<AccountRecord, Error> {
    app.store.account(&who.session.account).await?.ok_or(Error::SignedOut)
}

async fn describe(app: &AppState, who: &SignedIn) -> Result<Account, Error> {
    let account = own(app, who).await?;
    let console = &app.config.console;
    let linked = app.store.linked_identity(&account.id, &console.oidc_issuer).await?;
    let (name, offered) = (console.oidc_name.clone(), !console.oidc_issuer.is_empty());
    let codes = app.store.recovery_codes(&account.id).await?;
    Ok(Account {
        id: account.id,
        email: account.email,
        name: account.name,
        has_password: account.password.is_some(),
        has_totp: account.totp.is_some(),
        recovery_codes: u32::try_from(codes).unwrap_or_default(),
        provider: linked.as_ref().map(|_| name.clone()),
        linkable: (offered && linked.is_none()).then_some(name),
        provider_account: linked.filter(|label| !label.is_empty()),
        proven: is_proven(app, who).await?,
    })
}

async fn show(State(app): State<Arc<AppState>>, who: SignedIn) -> Result<Json<Account>, Error> {
    Ok(Json(describe(&app, &who).await?))
}

async fn change(
    State(app): State<Arc<AppState>>,
    who: SignedIn,
    Body(changes): Body<AccountChanges>,
) -> Result<Json<Account>, Error> {
    app.store.rename_account(&who.session.account, &checked_name(&changes.name)?).await?;
    show(State(app), who).await
}

async fn change_password(
    State(app): State<Arc<AppState>>,
    who: SignedIn,
    headers: HeaderMap,
    Body(body): Body<PasswordChange>,
) -> Result<Remembered, Error> {
    let account = own(&app, &who).await?;
    check_password("new", &body.new)?;
    if account.password.is_some() {
        let current = body.current.as_deref().unwrap_or_default();
        prove(&app, &account, Proof { field: "current", password: current, code: body.code.as_deref() }).await?;
    } else if !is_proven(&app, &who).await? {
        let detail = "first sign in with the identity provider again, to confirm that it is you".into();
        return Err(Error::Forbidden { detail, field: Some("current".into()) });
    }
    let hashed = password::hash(body.new).await.map_err(internal)?;
    app.store.set_password(&securing(&app, &who), &hashed).await?;
    Ok(known_device(&app, &headers, &AccountRecord { password: Some(hashed), ..account }))
}

async fn begin_totp(
    State(app): State<Arc<AppState>>,
    who: SignedIn,
    Body(body): Body<Confirmation>,
) -> Result<ShownOnce<Json<TotpSetup>>, Error> {
    let account = own(&app, &who).await?;
    prove(&app, &account, Proof::from(&body)).await?;
    let secret = totp::secret();
    let setup = totp::setup(secret, &account.email).ok_or(Error::Internal)?;
    app.store.begin_totp(&account.id, &app.sealer.seal(&secret, &pending_place(&who))).await?;
    let note = "the authenticator app's secret is shown once: start again with a new idempotency key".into();
    Ok(ShownOnce { answer: Json(setup), note })
}

/// Where a secret belongs that is not proven yet: to the session that gave the password for it.
fn pending_place(who: &SignedIn) -> String {
    format!("accounts.totp_pending/{}/{}", who.session.account, who.session.id)
}

async fn confirm_totp(
    State(app): State<Arc<AppState>>,
    who: SignedIn,
    Body(body): Body<TotpCode>,
) -> Result<Json<RecoveryCodes>, Error> {
    let account = own(&app, &who).await?;
    let pending = account.totp_pending.as_deref();
    let secret = pending.and_then(|sealed| app.sealer.open(sealed, &pending_place(&who)));
    let secret = secret.ok_or_else(|| Error::Conflict("start again: no authenticator app is being set up".into()))?;
    let attempt = Attempt::confirmation(&app, &account.id).await?;
    let Some(step) = totp::check(&secret, &body.code, app.clock.now_ms()) else {
        let detail = "these digits are wrong: check your phone's clock, then enter the next ones";
        return Err(attempt.wrong(Error::invalid("code", detail)));
    };
    attempt.right(&app).await?;
    let codes = totp::recovery_codes();
    let sealed = app.sealer.seal(&secret, &totp_place(&account.id));
    app.store.confirm_totp(&securing(&app, &who), &sealed, step, &hashed(&codes)).await?;
    Ok(Json(RecoveryCodes { codes }))
}

fn hashed(codes: &[String]) -> Vec<String> {
    codes.iter().map(|code| digest(&totp::plain_code(code))).collect()
}

async fn remove_totp(
    State(app): State<Arc<AppState>>,
    who: SignedIn,
    Body(body): Body<Confirmation>,
) -> Result<NoContent, Error> {
    let account = own(&app, &who).await?;
    if account.totp.is_none() {
        return Err(Error::Conflict("no authenticator app is set up".into()));
    }
    prove(&app, &account, Proof::from(&body)).await?;
    app.store.remove_totp(&securing(&app, &who)).await?;
    Ok(NoContent)
}

async fn recovery_codes(
    State(app): State<Arc<AppState>>,
    who: SignedIn,
    Body(body): Body<Confirmation>,
) -> Result<ShownOnce<Json<RecoveryCodes>>, Error> {
    let account = own(&app, &who).await?;
    if account.totp.is_none() {
        return Err(Error::Conflict("recovery codes replace an authenticator app: set one up first".into()));
    }
    prove(&app, &account, Proof::from(&body)).await?;
    let codes = totp::recovery_codes();
    app.store.set_recovery_codes(&securing(&app, &who), &hashed(&codes)).await?;
    let note = "the recovery codes were created and are shown once: create new ones with a new idempotency key".into();
    Ok(ShownOnce { answer: Json(RecoveryCodes { codes }), note })
}
