//! Coming in: with a local account, with the set-up link, with an invitation; and going out.

use super::attempts::Attempt;
use super::device;
use super::session::{self, Begun, start};
use crate::http::AppState;
use crate::http::api::doc;
use crate::http::request::access::check_origin;
use crate::http::request::{access, failed_sign_in};
use crate::http::{Body, Error};
use crate::identity::{digest, password, totp};
use crate::random;
use crate::store::{Accepting, AccountRecord, InvitationRecord, VOID_INVITATION};
use ::api::console::{
    Accept, DemoAccount, Invitation, InvitationCode, MAX_PASSWORD, MIN_PASSWORD, Setup, SignIn, SignInOptions, paths,
};
use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::Json;
use axum::extract::State;
use axum::http::request::Parts;
use email_signature::Address;
use std::sync::Arc;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "Sign-in";
    ApiRouter::new()
        .api_route(
            paths::SIGN_IN,
            get_with(options, doc(tag, "The ways to sign in here"))
                .post_with(sign_in, doc(tag, "Signs in with a local account")),
        )
        .api_route(paths::SETUP, post_with(set_up, doc(tag, "Creates the first account, with the set-up link")))
        .api_route(paths::INVITATION, post_with(invitation, doc(tag, "What an invitation is for")))
        .api_route(paths::ACCEPT, post_with(accept, doc(tag, "Accepts an invitation")))
}

/// The request's head: headers, and where it comes from.
pub(in crate::http::console) struct Head(pub(in crate::http::console) Parts);

impl<S: Sync> axum::extract::FromRequestParts<S> for Head {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(parts.clone()))
    }
}

impl aide::OperationInput for Head {}

async fn options(State(app): State<Arc<AppState>>) -> Result<Json<SignInOptions>, Error> {
    let console = &app.config.console;
    Ok(Json(SignInOptions {
        provider: (!console.oidc_issuer.is_empty()).then(|| console.oidc_name.clone()),
        needs_setup: !app.store.has_accounts().await?,
        demo: app.demo.as_ref().map(|_| DemoAccount {
            email: crate::demo::CONSOLE_EMAIL.into(),
            password: crate::demo::CONSOLE_PASSWORD.into(),
        }),
    }))
}

async fn sign_in(State(app): State<Arc<AppState>>, Head(head): Head, Body(body): Body<SignIn>) -> Result<Begun, Error> {
    check_origin(&head.headers, &app)?;
    let email = body.email.trim().to_lowercase();
    let account = app.store.account_by_email(&email).await?;
    let device = account.as_ref().and_then(|account| device::known(&app, &head.headers, account));
    let attempt = Attempt::sign_in(&app, &head, &email, device.as_deref()).await?;
    let stored = account.as_ref().and_then(|account| account.password.clone());
    let right = match is_password(&body.password, stored).await {
        Ok(right) => right,
        Err(error) => return Err(attempt.none(&app, error).await),
    };
    let Some(account) = account.filter(|_| right) else {
        failed_sign_in::log(access::peer(&head, &app), &email, "password");
        return Err(attempt.wrong(Error::WrongPassword));
    };
    if account.totp.is_some() {
        let Some(code) = body.code.filter(|code| !code.trim().is_empty()) else {
            let missing = Error::invalid("code", "enter the six digits of your authenticator app, or a recovery code");
            return Err(attempt.none(&app, missing).await);
        };
        if !second_factor(&app, &account, &code).await? {
            failed_sign_in::log(access::peer(&head, &app), &email, "second_factor");
            let wrong = Error::invalid("code", "this code is wrong or was already used: wait for the next six digits");
            return Err(attempt.wrong(wrong));
        }
    }
    attempt.right(&app).await?;
    start(&app, &head, &account).await
}

/// Whether the code is the app's or a recovery code; each is good once.
pub(in crate::http::console) async fn second_factor(
    app: &AppState,
    account: &AccountRecord,
    code: &str,
) -> Result<bool, Error> {
    let place = session::totp_place(&account.id);
    let secret = account.totp.as_deref().and_then(|sealed| app.sealer.open(sealed, &place));
    if let Some(step) = secret.as_ref().and_then(|secret| totp::check(secret, code, app.clock.now_ms())) {
        return Ok(app.store.use_totp_step(&account.id, step).await?);
    }
    // Recovery codes are hashed, not sealed: they let in whose app cannot be checked any more.
    if app.store.use_recovery_code(&account.id, &digest(&totp::plain_code(code))).await? {
        return Ok(true);
    }
    if secret.is_none() {
        tracing::error!(
            "an authenticator app's secret does not open with this server's key: `paraph doctor` says what to do"
        );
        let detail = "your authenticator app can no longer be checked because the server's key was lost: enter a \
                      recovery code, or ask the administrator of the server to run `paraph recover`";
        return Err(Error::invalid("code", detail));
    }
    Ok(false)
}

async fn set_up(State(app): State<Arc<AppState>>, Head(head): Head, Body(body): Body<Setup>) -> Result<Begun, Error> {
    check_origin(&head.headers, &app)?;
    let attempt = Attempt::code(&app, &head, "set-up link").await?;
    let account = match new_account(&body.email, &body.name, body.password).await {
        Ok(account) => account,
        Err(error) => return Err(attempt.none(&app, error).await),
    };
    let result = app.store.set_up(&digest(body.code.trim()), &account, app.clock.now_ms()).await;
    if let Err(crate::store::Error::NotFound(_)) = result {
        failed_sign_in::log(access::peer(&head, &app), &account.email, "setup_code");
        let detail =
            "this set-up link has expired or was used: restart the server and open the new link that it prints";
        return Err(attempt.wrong(Error::invalid("code", detail)));
    }
    result?;
    attempt.right(&app).await?;
    tracing::info!("the first account was created");
    start(&app, &head, &account).await
}

/// An account from what somebody typed.
async fn new_account(email: &str, name: &str, password: String) -> Result<AccountRecord, Error> {
    let email = Address::parse(email.trim()).map_err(|error| Error::invalid("email", error.to_string()))?;
    let name = session::checked_name(name)?;
    check_password("password", &password)?;
    Ok(AccountRecord {
        id: random::id(),
        email: email.as_str().to_lowercase(),
        name,
        password: Some(password::hash(password).await.map_err(session::internal)?),
        totp: None,
        totp_pending: None,
        totp_step: 0,
    })
}

/// Length is what counts (NIST SP 800-63B): no rules about letters and digits.
pub(in crate::http::console) fn check_password(field: &str, password: &str) -> Result<(), Error> {
    let length = password.chars().count();
    if length < MIN_PASSWORD {
        let detail = format!("a password has at least {MIN_PASSWORD} characters: a few words are fine");
        return Err(Error::invalid(field, detail));
    }
    if length > MAX_PASSWORD {
        return Err(Error::invalid(field, format!("a password has at most {MAX_PASSWORD} characters")));
    }
    let first = password.chars().next();
    if password.chars().all(|c| Some(c) == first) {
        return Err(Error::invalid(field, "a repeated character is easy to guess: use a few words"));
    }
    Ok(())
}

/// Whether this is the stored password. Only as much of it is looked at as tells it from the longest one that there is.
pub(in crate::http::console) async fn is_password(typed: &str, stored: Option<String>) -> Result<bool, Error> {
    let typed = typed.chars().take(MAX_PASSWORD + 1).collect();
    password::verify(typed, stored).await.map_err(session::internal)
}

async fn invitation(
    State(app): State<Arc<AppState>>,
    Head(head): Head,
    Body(body): Body<InvitationCode>,
) -> Result<Json<Invitation>, Error> {
    check_origin(&head.headers, &app)?;
    let found = open_invitation(&app, &head, body.code.trim()).await?;
    let has_account = app.store.account_by_email(&found.email).await?.is_some();
    Ok(Json(Invitation {
        email: found.email,
        tenant: found.tenant_name,
        role: found.standing.role.into(),
        has_account,
    }))
}

/// What guesses at invitations are counted as.
const INVITATION: &str = "invitation";
/// The invitation with this code, as long as it can be accepted.
pub(in crate::http::console) async fn open_invitation(
    app: &AppState,
    head: &Parts,
    code: &str,
) -> Result<InvitationRecord, Error> {
    let attempt = Attempt::code(app, head, INVITATION).await?;
    let Some(found) = app.store.find_invitation(&digest(code), app.clock.now_ms()).await? else {
        failed_sign_in::log(access::peer(head, app), "", "invitation_code");
        return Err(attempt.wrong(gone()));
    };
    attempt.right(app).await?;
    if found.trouble().is_some() { Err(Error::invalid("code", VOID_INVITATION)) } else { Ok(found) }
}

fn gone() -> Error {
    Error::invalid(
        "code",
        "this invitation has been used or withdrawn, or has expired: ask the person who invited you for a new one",
    )
}

async fn accept(State(app): State<Arc<AppState>>, Head(head): Head, Body(body): Body<Accept>) -> Result<Begun, Error> {
    check_origin(&head.headers, &app)?;
    let now_ms = app.clock.now_ms();
    let code = digest(body.code.trim());
    let found = open_invitation(&app, &head, body.code.trim()).await?;
    let address = access::peer(&head, &app).to_string();
    let known = app.store.account_by_email(&found.email).await?;
    let (account, is_new) = if let Some(account) = known {
        // Whoever has the link alone does not become somebody who exists already.
        let who = access::signed_in(&head, &app).await?;
        if who.session.account != account.id {
            let detail = "this invitation is for another account: sign out, then sign in with that account".into();
            return Err(Error::Forbidden { detail, field: None });
        }
        (account, false)
    } else {
        let password = body.password.ok_or_else(|| Error::invalid("password", "choose a password"))?;
        (new_account(&found.email, body.name.as_deref().unwrap_or_default(), password).await?, true)
    };
    let accepting = Accepting { account: &account, new: is_new, identity: None, address: &address };
    match app.store.accept_invitation(&code, accepting, now_ms).await {
        Err(crate::store::Error::NotFound(_)) => Err(gone()),
        Err(error) => Err(error.into()),
        Ok(()) => start(&app, &head, &account).await,
    }
}
