//! Fresh proof of identity, since a session may have been taken over at an unlocked computer. Changing how an account
//! signs in requires its password again and, if it has one, its second factor. An account without a password signs in
//! at the identity provider again.

use super::attempts::Attempt;
use super::sign_in::{is_password, second_factor};
use crate::http::AppState;
use crate::http::Error;
use crate::http::request::access::SignedIn;
use crate::store::{AccountRecord, By, Securing};
use ::api::console::Confirmation;

/// How long a session counts as proven after its person signed in at the identity provider again.
const PROVEN_MS: i64 = 5 * 60_000;

/// What somebody typed to prove that it is them.
pub(in crate::http::console) struct Proof<'a> {
    /// The field of the password, for errors.
    pub(in crate::http::console) field: &'static str,
    pub(in crate::http::console) password: &'a str,
    /// Six digits, or a recovery code.
    pub(in crate::http::console) code: Option<&'a str>,
}

impl<'a> From<&'a Confirmation> for Proof<'a> {
    fn from(typed: &'a Confirmation) -> Self {
        Self { field: "password", password: &typed.password, code: typed.code.as_deref() }
    }
}

/// That whoever has the session knows the account's password and has its second factor. Failures count as those of signing
/// in do, for this account.
pub(in crate::http::console) async fn prove(
    app: &AppState,
    account: &AccountRecord,
    proof: Proof<'_>,
) -> Result<(), Error> {
    if account.password.is_none() {
        return Err(Error::Conflict("this account has no password: choose one first".into()));
    }
    let attempt = Attempt::confirmation(app, &account.id).await?;
    match is_password(proof.password, account.password.clone()).await {
        Ok(true) => {}
        Ok(false) => return Err(attempt.wrong(Error::invalid(proof.field, "this is not your password"))),
        Err(error) => return Err(attempt.none(app, error).await),
    }
    if account.totp.is_some() {
        let Some(code) = proof.code.filter(|code| !code.trim().is_empty()) else {
            let missing = Error::invalid("code", "enter the six digits of your authenticator app, or a recovery code");
            return Err(attempt.none(app, missing).await);
        };
        if !second_factor(app, account, code).await? {
            let wrong = Error::invalid("code", "this code is wrong or was already used: wait for the next six digits");
            return Err(attempt.wrong(wrong));
        }
    }
    attempt.right(app).await
}

/// Whether the session's person signed in at the identity provider again just now.
pub(in crate::http::console) async fn is_proven(app: &AppState, who: &SignedIn) -> Result<bool, Error> {
    let now_ms = app.clock.now_ms();
    let proven = app.store.proven_ms(&who.session.account, &who.session.id).await?;
    // A time in the future is of a clock that was wrong.
    Ok(proven.is_some_and(|proven_ms| (0..PROVEN_MS).contains(&(now_ms - proven_ms))))
}

/// A change by whoever is signed in, whose session stays.
pub(in crate::http::console) fn securing<'a>(app: &AppState, who: &'a SignedIn) -> Securing<'a> {
    tracing::info!(account = who.session.account, "an account's sign-in is being changed");
    Securing {
        account: &who.session.account,
        keep: &who.session.id,
        by: By::new(who.actor.clone(), app.clock.now_ms()),
    }
}
