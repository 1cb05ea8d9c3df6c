//! The only place of the pane that knows Office.js, by way of `office.js` beside it. Everything here ends, with a value
//! or with a [`Failure`], whatever Outlook does: throw at once, never call back, call back twice.

use crate::json::{FromJs, ToJs, from_js, read, write};
use ::api::{Draft, Settings, Signature};
use wasm_bindgen::prelude::*;

/// Why Outlook did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Outlook's error code, or `timeout`, `unsupported`, `refused`, `thrown`, `no-item`.
    pub code: String,
    /// Outlook's own words.
    pub message: String,
}

/// What was done to the draft, as the event handler and the pane tell each other (`sessionData`, key `paraph`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// Of the signature in the draft; empty when there is none.
    pub fingerprint: String,
    /// The template that the person chose.
    pub choice: Option<String>,
    /// The template's name.
    pub name: Option<String>,
    /// Whether the person took the signature out.
    pub removed: bool,
    /// Whether the signature stands where the event handler has to leave it alone.
    pub kept: bool,
    /// Which event did it; `pane` for the person themself.
    pub event: String,
    /// When, in milliseconds since 1970.
    pub at: f64,
    /// `server`, `cache` or `pane`.
    pub source: String,
    /// What went wrong.
    pub error: Option<String>,
}

/// The draft as it is now, and what was done to it.
#[derive(Clone, Debug)]
pub struct Opened {
    /// What is being composed; `choice` is not filled in.
    pub draft: Draft,
    /// What was done to it; default when nothing was.
    pub record: Record,
}

/// A token for Paraph's server.
#[derive(Clone, Debug)]
pub struct Token {
    /// The bearer token.
    pub token: String,
    /// How long it can be used, in seconds.
    pub seconds: f64,
}

/// What Outlook says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Diagnostics {
    pub host: String,
    pub platform: String,
    pub version: String,
    pub language: String,
    /// The requirement sets that it supports.
    pub sets: Vec<String>,
    /// The last error without a code, in JavaScript's words; empty: none.
    pub exception: String,
}

/// Where a signature goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Where Outlook keeps signatures, instead of the one that is there.
    Signature,
    /// Where the cursor stands.
    Cursor,
}

struct Ready {
    compose: bool,
}

read!(Ready, o => { compose: o.yes("compose") });
read!(Failure, o => { code: o.text("code")?, message: o.text("message")? });
read!(Record, o => {
    fingerprint: o.text_or_empty("fingerprint"), choice: o.text("choice"), name: o.text("name"), removed: o.yes("removed"),
    kept: o.yes("kept"), event: o.text_or_empty("event"), at: o.number("at"), source: o.text_or_empty("source"), error: o.text("error"),
});
write!(Record {
    "fingerprint": fingerprint, "choice": choice, "name": name, "removed": removed, "event": event, "at": at,
    "source": source, "error": error, "kept": kept,
});
read!(Opened, o => { draft: o.object("draft")?, record: o.object("record")? });
read!(Token, o => { token: o.text("token")?, seconds: o.number("seconds") });
read!(Diagnostics, o => {
    host: o.text_or_empty("host"), platform: o.text_or_empty("platform"), version: o.text_or_empty("version"),
    language: o.text_or_empty("language"), sets: o.texts("sets"),
    exception: o.text_or_empty("exception"),
});

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = paraph, js_name = start, catch)]
    async fn js_start() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = paraph, js_name = open, catch)]
    async fn js_open() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = paraph, js_name = insert, catch)]
    async fn js_insert(signature: JsValue, draft: JsValue, entry: JsValue, at_cursor: bool)
    -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = paraph, js_name = token, catch)]
    async fn js_token(settings: JsValue, interactive: bool, switching: bool) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = paraph, js_name = watch, catch)]
    fn js_watch(changed: &js_sys::Function) -> Result<(), JsValue>;
    #[wasm_bindgen(js_namespace = paraph, js_name = diagnostics, catch)]
    fn js_diagnostics() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = paraph, js_name = user, catch)]
    fn js_user() -> Result<String, JsValue>;
    #[wasm_bindgen(js_namespace = paraph, js_name = kept, catch)]
    async fn js_kept(draft: JsValue) -> Result<JsValue, JsValue>;
}

/// Waits for `Office.onReady`, for as long as it takes; the page itself says so when that is long. Whether a draft is open.
pub async fn start() -> bool {
    js_start().await.ok().and_then(|ready| from_js::<Ready>(&ready)).is_some_and(|ready| ready.compose)
}

/// Reads the draft.
pub async fn open() -> Result<Opened, Failure> {
    answer(js_open().await)
}

/// Puts the signature into the draft, with its images, and notes `record` for the event handler.
pub async fn insert(signature: &Signature, draft: &Draft, record: &Record, place: Place) -> Result<(), Failure> {
    let at_cursor = place == Place::Cursor;
    js_insert(signature.to_js(), draft.to_js(), record.to_js(), at_cursor)
        .await
        .map(drop)
        .map_err(|error| failure(&error))
}

/// How a token is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// Without asking the person anything.
    Silently,
    /// The person may have to sign in.
    SignIn,
    /// The person is asked which account.
    Switch,
}

/// Asks for a token: the host's nested app authentication, else `getAccessToken`, else (interactively) a window.
pub async fn token(settings: &Settings, asking: Asking) -> Result<Token, Failure> {
    answer(js_token(settings.to_js(), asking != Asking::Silently, asking == Asking::Switch).await)
}

/// Calls `changed` soon after the draft may have changed, for as long as the pane is open; while it returns false, again
/// later.
pub fn watch(changed: impl Fn() -> bool + 'static) {
    let changed = Closure::<dyn Fn() -> bool>::new(changed).into_js_value();
    // Without events the person still has the Refresh button.
    drop(js_watch(changed.unchecked_ref()));
}

/// What Outlook says of itself.
pub fn diagnostics() -> Diagnostics {
    js_diagnostics().ok().and_then(|value| from_js(&value)).unwrap_or_default()
}

/// The address of the mailbox's owner; empty when Outlook does not say.
pub fn user() -> String {
    js_user().unwrap_or_default()
}

/// The last good signature that the event handler kept for such a draft.
pub async fn kept(draft: &Draft) -> Option<Signature> {
    js_kept(draft.to_js()).await.ok().and_then(|value| from_js(&value))
}

fn answer<T: FromJs>(result: Result<JsValue, JsValue>) -> Result<T, Failure> {
    from_js(&result.map_err(|error| failure(&error))?)
        .ok_or_else(|| Failure { code: "thrown".into(), message: "Outlook gave an unexpected answer".into() })
}

fn failure(error: &JsValue) -> Failure {
    from_js(error)
        .unwrap_or_else(|| Failure { code: "thrown".into(), message: "Outlook failed without giving a reason".into() })
}
