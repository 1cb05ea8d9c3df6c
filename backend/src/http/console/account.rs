//! One's own account: name, password, authenticator app.

use super::attempts::Attempt;
use super::session::{Remembered, checked_name, internal, known_device, totp_place};
use super::sign_in::{check_password, is_password};
use crate::app::App;
use crate::http::access::SignedIn;
use crate::http::api::doc;
use crate::http::io::ShownOnce;
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

pub(super) fn routes() -> ApiRouter<Arc<App>> {
    let tag = "Account";
    ApiRouter::new()
        .api_route(
            paths::ACCOUNT,
            get_with(show, doc(tag, "One's own account")).patch_with(change, doc(tag, "Changes one's own account")),
        )
        .api_route(paths::PASSWORD, put_with(change_password, doc(tag, "Sets another password")))
        .api_route(
            paths::TOTP,
            post_with(begin_totp, doc(tag, "Begins to set an authenticator app up"))
                .put_with(confirm_totp, doc(tag, "Proves that the app has the secret; it is asked for from then on"))
                .delete_with(remove_totp, doc(tag, "Removes the authenticator app")),
        )
        .api_route(paths::RECOVERY_CODES, post_with(recovery_codes, doc(tag, "Makes other recovery codes")))
}

async fn own(app: &App, who: &SignedIn) -> Result<AccountRecord, Error> {
    app.store.account(&who.session.account).await?.ok_or(Error::SignedOut)
}

async fn describe(app: &App, account: AccountRecord) -> Result<Account, Error> {
    let console = &app.config.console;
    let linked = app.store.has_identity(&account.id, &console.oidc_issuer).await?;
    let codes = app.store.recovery_codes(&account.id).await?;
    Ok(Account {
        id: account.id,
        email: account.email,
        name: account.name,
        has_password: account.password.is_some(),
        has_totp: account.totp.is_some(),
        recovery_codes: u32::try_from(codes).unwrap_or_default(),
        provider: linked.then(|| console.oidc_name.clone()),
    })
}

async fn show(State(app): State<Arc<App>>, who: SignedIn) -> Result<Json<Account>, Error> {
    Ok(Json(describe(&app, own(&app, &who).await?).await?))
}

async fn change(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Body(changes): Body<AccountChanges>,
) -> Result<Json<Account>, Error> {
    app.store.rename_account(&who.session.account, &checked_name(&changes.name)?).await?;
    show(State(app), who).await
}

/// That whoever has the session knows the password too.
async fn confirm(app: &App, account: &AccountRecord, field: &str, password: &str) -> Result<(), Error> {
    let attempt = Attempt::confirmation(app, &account.id).await?;
    match is_password(password, account.password.clone()).await {
        Ok(true) => attempt.right(app).await,
        Ok(false) => Err(attempt.wrong(Error::invalid(field, "this is not your password"))),
        Err(error) => Err(attempt.none(app, error).await),
    }
}

async fn change_password(
    State(app): State<Arc<App>>,
    who: SignedIn,
    headers: HeaderMap,
    Body(body): Body<PasswordChange>,
) -> Result<Remembered, Error> {
    let account = own(&app, &who).await?;
    check_password("new", &body.new)?;
    if account.password.is_some() {
        confirm(&app, &account, "current", &body.current.unwrap_or_default()).await?;
    }
    let hashed = password::hash(body.new).await.map_err(internal)?;
    app.store.set_password(&account.id, &hashed, &who.session.id).await?;
    Ok(known_device(&app, &headers, &AccountRecord { password: Some(hashed), ..account }))
}

async fn begin_totp(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Body(body): Body<Confirmation>,
) -> Result<ShownOnce<Json<TotpSetup>>, Error> {
    let account = own(&app, &who).await?;
    confirm(&app, &account, "password", &body.password).await?;
    let secret = totp::secret();
    let setup = totp::setup(secret, &account.email).ok_or(Error::Internal)?;
    app.store.begin_totp(&account.id, &app.sealer.seal(&secret, &pending_place(&account.id))).await?;
    let note = "the authenticator app's secret was shown once: begin again with a new idempotency key".into();
    Ok(ShownOnce { answer: Json(setup), note })
}

/// Where a secret belongs that is not proven yet.
fn pending_place(account: &str) -> String {
    format!("accounts.totp_pending/{account}")
}

async fn confirm_totp(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Body(body): Body<TotpCode>,
) -> Result<Json<RecoveryCodes>, Error> {
    let account = own(&app, &who).await?;
    let pending = account.totp_pending.as_deref();
    let secret = pending.and_then(|sealed| app.sealer.open(sealed, &pending_place(&account.id)));
    let secret = secret.ok_or_else(|| Error::Conflict("begin again: no authenticator app is being set up".into()))?;
    let attempt = Attempt::confirmation(&app, &account.id).await?;
    let Some(step) = totp::check(&secret, &body.code, app.clock.now_ms()) else {
        let detail = "these are not the app's digits: check the clock of your phone, and type the next ones";
        return Err(attempt.wrong(Error::invalid("code", detail)));
    };
    attempt.right(&app).await?;
    let codes = totp::recovery_codes();
    let sealed = app.sealer.seal(&secret, &totp_place(&account.id));
    app.store.confirm_totp(&account.id, (&sealed, step), &hashed(&codes), &who.session.id).await?;
    Ok(Json(RecoveryCodes { codes }))
}

fn hashed(codes: &[String]) -> Vec<String> {
    codes.iter().map(|code| digest(&totp::plain_code(code))).collect()
}

async fn remove_totp(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Body(body): Body<Confirmation>,
) -> Result<NoContent, Error> {
    let account = own(&app, &who).await?;
    confirm(&app, &account, "password", &body.password).await?;
    app.store.remove_totp(&account.id).await?;
    Ok(NoContent)
}

async fn recovery_codes(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Body(body): Body<Confirmation>,
) -> Result<ShownOnce<Json<RecoveryCodes>>, Error> {
    let account = own(&app, &who).await?;
    confirm(&app, &account, "password", &body.password).await?;
    if account.totp.is_none() {
        return Err(Error::Conflict("recovery codes stand in for an authenticator app: set one up first".into()));
    }
    let codes = totp::recovery_codes();
    app.store.set_recovery_codes(&account.id, &hashed(&codes)).await?;
    let note = "the recovery codes were made and shown once: make others with a new idempotency key".into();
    Ok(ShownOnce { answer: Json(RecoveryCodes { codes }), note })
}
