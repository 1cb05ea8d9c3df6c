//! Google Workspace: the steps in Google's consoles, the key file, and the admin for whom the service account stands.

use super::{Ask, Desk, opened};
use crate::api::console::{path, send};
use crate::ui::{
    Button, Copy, Dialog, Icon, Look, Notice, TextField, Tone, Value, changing, form_error, new_id, place_errors, tell,
    text,
};
use ::api::console::{GoogleKey, Source, SourceDetail, paths};
use js_sys::{JSON, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, HtmlInputElement};

/// Most bytes of a key file: Google's have some 2,400.
const MAX_KEY: f64 = 20_000.0;
/// What the service account needs, as Google's admin console takes it.
const SCOPES: &str = "https://www.googleapis.com/auth/admin.directory.user.readonly,https://www.googleapis.com/auth/admin.directory.group.readonly";

/// Whose key it is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Account {
    key: String,
    email: String,
    id: String,
}

/// The dialog that connects Google.
pub(crate) fn connect(desk: Desk) -> AnyView {
    let open = opened(desk, |ask, source| (ask, source) == (Ask::Connect, Source::Google));
    view! {
        <Dialog open title="Connect Google Workspace" wide=true>
            {form(desk)}
        </Dialog>
    }
    .into_any()
}

fn form(desk: Desk) -> AnyView {
    let account = RwSignal::new(None::<Account>);
    let (file_error, admin) = (RwSignal::new(String::new()), Value::new(""));
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let typed = admin.required("Enter the address of an admin of your Google Workspace.");
        let Some(chosen) = account.get_untracked() else {
            if file_error.with_untracked(String::is_empty) {
                file_error.set("Choose the key file.".into());
            }
            return;
        };
        if !typed || busy.get_untracked() {
            return;
        }
        let body = GoogleKey { key: chosen.key, admin: admin.trimmed() };
        let path = desk.tenant.with_value(|tenant| path(paths::GOOGLE_KEY, &[tenant]));
        busy.set(true);
        error.set(String::new());
        spawn_local(async move {
            match send::<SourceDetail>("PUT", &path, &body).await {
                Ok(now) => {
                    desk.put(now);
                    desk.open.set(None);
                    tell("Google Workspace is connected.");
                    desk.found.retry();
                }
                Err(failure) => error.set(place_errors(failure.errors(), &[("admin", admin)])),
            }
            busy.set(false);
        });
    };
    view! {
        {steps(account)}
        <form novalidate on:submit=submit>
            {picker(account, file_error)}
            <TextField
                label="An admin’s address"
                value=admin
                kind="email"
                inputmode="email"
                hint="The service account reads on behalf of this admin. A role that can read users and groups is \
                      enough."
            />
            {form_error(error.into())}
            <div class="row end">
                <Button on_press=move |()| desk.open.set(None)>"Cancel"</Button>
                <Button look=Look::Primary icon=Icon::PLUG busy>
                    "Connect"
                </Button>
            </div>
        </form>
    }
    .into_any()
}

fn steps(account: RwSignal<Option<Account>>) -> AnyView {
    let link = |href: &'static str, words: &'static str| {
        view! {
            <a href=href target="_blank" rel="noreferrer">
                {words}
            </a>
        }
    };
    let client = move || match account.get() {
        Some(account) => view! { <Copy value=account.id what="the client ID" /> }.into_any(),
        None => view! { <span class="quiet">" (appears here once you choose the key file below) "</span> }.into_any(),
    };
    view! {
        <ol class="plain steps">
            <li>
                {link("https://console.cloud.google.com/apis/library/admin.googleapis.com", "Google Cloud console › Admin SDK API")}
                ": choose or create a project, and press " <strong>"Enable"</strong> "."
            </li>
            <li>
                {link("https://console.cloud.google.com/iam-admin/serviceaccounts", "Service accounts")}
                ": " <strong>"Create service account"</strong> ", without any role; then Keys › Add key › "
                <strong>"JSON"</strong> ". The key file is downloaded."
            </li>
            <li>
                {link("https://admin.google.com/ac/owl/domainwidedelegation", "Google Admin console › Domain-wide delegation")}
                ": " <strong>"Add new"</strong> " with this client ID" {changing(client)} "and these scopes:"
                <Copy value=SCOPES what="the scopes" />
            </li>
            <li>"Choose the key file here. Paraph seals it and never shows it again; delete your copy."</li>
        </ol>
    }
    .into_any()
}

fn picker(account: RwSignal<Option<Account>>, error: RwSignal<String>) -> AnyView {
    let (id, wrong) = (new_id("key"), new_id("key-error"));
    let chosen = move |event: leptos::ev::Event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let file = input.and_then(|input| input.files()).and_then(|files| files.item(0));
        account.set(None);
        error.set(String::new());
        if let Some(file) = file {
            spawn_local(async move {
                match read(&file).await {
                    Ok(found) => account.set(Some(found)),
                    Err(said) => error.set(said.into()),
                }
            });
        }
    };
    let is_wrong = text(move || (!error.with(String::is_empty)).to_string());
    view! {
        <div class="field">
            <label for=id.clone()>"Key file"</label>
            <input
                id=id
                type="file"
                accept=".json,application/json"
                aria-invalid=is_wrong
                aria-describedby=wrong.clone()
                on:change=chosen
            />
            <p id=wrong class="wrong" aria-live="polite">
                {error}
            </p>
        </div>
        {changing(move || {
            account.get().map(|account| view! { <Notice tone=Tone::Success>{"Key of ".to_owned() + &account.email}</Notice> })
        })}
    }
    .into_any()
}

/// Reads a key file in the browser.
async fn read(file: &File) -> Result<Account, &'static str> {
    const NOT_A_KEY: &str = "This is not a service account’s key file. In Google’s console: Service accounts › yours › Keys › Add key › JSON.";
    if file.size() > MAX_KEY {
        return Err(NOT_A_KEY);
    }
    let text = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string()).ok_or(NOT_A_KEY)?;
    let parsed = JSON::parse(&text).map_err(|_| NOT_A_KEY)?;
    let part = |name: &str| Reflect::get(&parsed, &JsValue::from_str(name)).ok().and_then(|value| value.as_string());
    if part("type").as_deref() != Some("service_account") || part("private_key").is_none() {
        return Err(NOT_A_KEY);
    }
    let (email, id) = (part("client_email").ok_or(NOT_A_KEY)?, part("client_id").unwrap_or_default());
    Ok(Account { key: text, email, id })
}
