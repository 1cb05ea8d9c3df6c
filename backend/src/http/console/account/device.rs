//! Devices that a user has signed in from before: strangers who guess the password do not lock the user out there.

use crate::clock::DAY_MS;
use crate::http::AppState;
use crate::http::request::access;
use crate::identity::digest;
use crate::random;
use crate::store::AccountRecord;
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// As long as browsers keep a cookie at most (RFC 6265bis, 5.5).
const KEPT_DAYS: i64 = 400;

/// Marks the device as one of the account's. `None`: an account without a password has none to guess.
pub(in crate::http::console) fn cookie(
    app: &AppState,
    headers: &HeaderMap,
    account: &AccountRecord,
) -> Option<HeaderValue> {
    let place = place(account)?;
    let id = known(app, headers, account).unwrap_or_else(random::id);
    let sealed = app.sealer.seal(format!("{} {id}", app.clock.now_ms()).as_bytes(), &place);
    let value = URL_SAFE_NO_PAD.encode(sealed);
    Some(access::set_cookie(&name(app, account), &value, Some(KEPT_DAYS * DAY_MS / 1_000)))
}

/// The device's id, when it is one of the account's.
pub(in crate::http::console) fn known(app: &AppState, headers: &HeaderMap, account: &AccountRecord) -> Option<String> {
    let value = access::named_cookie(headers, &name(app, account))?;
    let sealed = String::from_utf8(URL_SAFE_NO_PAD.decode(value).ok()?).ok()?;
    let opened = String::from_utf8(app.sealer.open(&sealed, &place(account)?)?).ok()?;
    let (since_ms, id) = opened.split_once(' ')?;
    let age_ms = app.clock.now_ms() - since_ms.parse::<i64>().ok()?;
    (age_ms < KEPT_DAYS * DAY_MS).then(|| id.to_owned())
}

/// One for each account, for several people may share a browser.
fn name(app: &AppState, account: &AccountRecord) -> String {
    let account = digest(&format!("device {}", account.id));
    format!("{}-device-{}", access::cookie_name(app), &account[..16])
}

/// Where the cookie belongs: with another password it opens no more.
fn place(account: &AccountRecord) -> Option<String> {
    Some(format!("cookie.device/{}/{}", account.id, digest(account.password.as_deref()?)))
}
