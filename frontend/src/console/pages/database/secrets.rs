//! The connector's secrets: API tokens that may do nothing but send a database's rows.

use crate::api::console::{get, path, send};
use crate::console::pages::tokens::revoke;
use crate::console::session;
use crate::ui::{
    Button, Cell, Column, Copy, Dialog, Icon, Listing, Loaded, Look, Notice, Row, Table, TextField, Tone, Value, date,
    effect, form_error, place_errors,
};
use ::api::console::{CreatedToken, MAX_NAME, MAX_TOKEN_DAYS, NewToken, Role, Scope, Token, Tokens, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The list of secrets, for who may see them.
pub(super) fn secrets(tenant: &str) -> AnyView {
    if !session::may(tenant, Role::Admin) {
        return view! { <Notice>"Secrets for the connector are made by admins of this tenant."</Notice> }.into_any();
    }
    let own = path(paths::TOKENS, &[tenant]);
    let (making, revoking) = (RwSignal::new(false), RwSignal::new(None::<Token>));
    let found = Loaded::new(move || {
        let path = own.clone();
        async move { get::<Tokens>(&path).await }
    });
    let rows = found.map(move |found| {
        let ours = |token: &&Token| token.scopes.contains(&Scope::DatabaseUpload);
        let rows: Vec<Row> = found.tokens.iter().filter(ours).map(|token| row(token, revoking)).collect();
        Listing { total: rows.len() as u64, rows }
    });
    let columns = vec![
        Column::new("name", "Name"),
        Column::new("made", "Made"),
        Column::new("used", "Last used"),
        Column::new("expires", "Runs out"),
        Column::new("revoke", "Revoke"),
    ];
    view! {
        <section class="stack">
            <div class="head above">
                <h2 class="grow">"Secrets"</h2>
                <Button look=Look::Primary icon=Icon::ADD on_press=move |()| making.set(true)>
                    "Make a secret"
                </Button>
            </div>
            <Table
                id="secrets"
                what="secrets"
                columns=Signal::stored(columns)
                rows
                icon=Icon::KEY
                hint="The connector signs in with one. Make it when you set the connector up."
            />
            <p class="quiet">
                "To change a secret without a gap: make a new one, give it to the connector, wait until it was used, and revoke the old one. A secret that is used does not run out."
            </p>
        </section>
        {make(making, found, tenant)}
        {revoke(revoking, found, tenant.to_owned())}
    }
    .into_any()
}

fn row(token: &Token, revoking: RwSignal<Option<Token>>) -> Row {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
    let is_over = token.expires_ms < js_sys::Date::now() as i64;
    let expires = if is_over { ("Ran out on ", Tone::Error) } else { ("", Tone::Info) };
    let revoke = {
        let token = token.clone();
        let label = "Revoke ".to_owned() + &token.name;
        move || {
            let token = token.clone();
            let press = move |()| revoking.set(Some(token.clone()));
            view! { <Button look=Look::Subtle icon=Icon::DELETE label=label.clone() on_press=press /> }.into_any()
        }
    };
    let used = token.used_ms.map_or_else(|| Cell::Text("never".into()), |used| Cell::Ago(Some(used)));
    let cells = vec![
        ("name".to_owned(), Cell::Twice(token.name.clone(), token.start.clone() + "…")),
        ("made".to_owned(), Cell::Twice(date(token.created_ms), token.created_by.clone())),
        ("used".to_owned(), used),
        ("expires".to_owned(), Cell::Pills(vec![(expires.0.to_owned() + &date(token.expires_ms), expires.1)])),
        ("revoke".to_owned(), Cell::view(revoke)),
    ];
    Row { key: token.id.clone(), href: String::new(), cells }
}

fn make(open: RwSignal<bool>, found: Loaded<Tokens>, tenant: &str) -> AnyView {
    let name = Value::new("");
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let secret = RwSignal::new(None::<String>);
    let path = StoredValue::new(path(paths::TOKENS, &[tenant]));
    effect(move || {
        if !open.get() {
            secret.set(None);
            name.text.set("Connector".to_owned());
            error.set(String::new());
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !name.required("Say which connector it is for.") || busy.get_untracked() {
            return;
        }
        let body = NewToken { name: name.trimmed(), scopes: vec![Scope::DatabaseUpload], days: MAX_TOKEN_DAYS };
        busy.set(true);
        error.set(String::new());
        spawn_local(async move {
            match send::<CreatedToken>("POST", &path.get_value(), &body).await {
                Ok(created) => {
                    secret.set(Some(created.secret));
                    found.retry();
                }
                Err(failure) => error.set(place_errors(failure.errors(), &[("name", name)])),
            }
            busy.set(false);
        });
    };
    let form = move || {
        view! {
            <form novalidate on:submit=submit>
                <TextField
                    label="Which connector is it for?"
                    value=name
                    longest=MAX_NAME
                    hint="A name that you will know again, such as HR database."
                    focus=true
                />
                {form_error(error.into())}
                <div class="row end">
                    <Button on_press=move |()| open.set(false)>"Cancel"</Button>
                    <Button look=Look::Primary busy>
                        "Make the secret"
                    </Button>
                </div>
            </form>
        }
    };
    let inside = move || match secret.get() {
        Some(secret) => made(secret, open),
        None => form().into_any(),
    };
    view! {
        <Dialog open title="New secret">
            {inside}
        </Dialog>
    }
    .into_any()
}

/// The secret, this once.
fn made(secret: String, open: RwSignal<bool>) -> AnyView {
    let address = window().location().origin().unwrap_or_default();
    view! {
        <Notice tone=Tone::Warning>"Copy the secret now. It is shown this once, and nobody can look it up."</Notice>
        <p>"Give both to the connector, with " <code>"paraph-connector configure"</code> ":"</p>
        <h3>"Address of this server"</h3>
        <Copy value=address what="the address" />
        <h3>"Secret"</h3>
        <Copy value=secret what="the secret" />
        <div class="row end">
            <Button look=Look::Primary on_press=move |()| open.set(false)>
                "I have copied it"
            </Button>
        </div>
    }
    .into_any()
}
