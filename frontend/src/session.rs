//! Who is signed in. The token lives in this module's memory and nowhere else.

use crate::office::{self, Asking, Failure, Token};
use ::api::Settings;
use std::cell::RefCell;

/// A token is not used in the last minute of its life.
const SPARE_MS: f64 = 60_000.0;

thread_local! {
    static HELD: RefCell<Option<(String, f64)>> = const { RefCell::new(None) };
    static SETTINGS: RefCell<Option<Settings>> = const { RefCell::new(None) };
}

/// What the server wrote into the page; `None` when nobody did.
pub fn settings() -> Option<Settings> {
    if SETTINGS.with_borrow(Option::is_none) {
        let text = leptos::prelude::document().get_element_by_id("settings")?.text_content()?;
        let read = crate::json::from_js(&js_sys::JSON::parse(&text).ok()?)?;
        SETTINGS.set(Some(read));
    }
    SETTINGS.with_borrow(Clone::clone)
}

/// A token that can be used now, without asking the person anything.
pub async fn bearer() -> Result<String, Failure> {
    let held = HELD.with_borrow(Clone::clone);
    match held {
        Some((token, until)) if js_sys::Date::now() < until => Ok(token),
        _ => renew(Asking::Silently).await,
    }
}

/// Lets the person sign in; to be called from their click, or the browser blocks the window.
pub async fn sign_in() -> Result<(), Failure> {
    renew(Asking::SignIn).await.map(drop)
}

/// Lets the person sign in with another account; to be called from their click too.
pub async fn switch() -> Result<(), Failure> {
    renew(Asking::Switch).await.map(drop)
}

/// The server did not take the token.
pub fn forget() {
    HELD.set(None);
}

async fn renew(asking: Asking) -> Result<String, Failure> {
    let settings = settings().ok_or_else(|| Failure {
        code: "settings".into(),
        message: "the server did not include its settings in this page".into(),
    })?;
    if settings.client_id.is_empty() {
        return Err(Failure {
            code: "settings".into(),
            message: "this server has no app registration yet: an administrator must set identity.client_id".into(),
        });
    }
    let Token { token, seconds } = office::token(&settings, asking).await?;
    let until = js_sys::Date::now() + (seconds * 1000.0 - SPARE_MS).max(SPARE_MS);
    HELD.set(Some((token.clone(), until)));
    Ok(token)
}
