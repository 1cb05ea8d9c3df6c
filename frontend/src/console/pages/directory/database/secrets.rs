//! The connector's secrets: API tokens that may do nothing but send a database's rows.

use crate::api::console::{get, path};
use crate::console::pages::directory::sources::Desk;
use crate::console::pages::tenant::token_acts::{TokenActs, named};
use crate::console::pages::tenant::tokens::Making;
use crate::console::session;
use crate::ui::{
    Button, Cell, Column, Copy, Icon, Listing, Loaded, Look, Notice, Row, Table, TextField, Tone, Value, date,
};
use ::api::console::{MAX_NAME, MAX_TOKEN_DAYS, NewToken, Role, Scope, Token, Tokens, paths};
use leptos::prelude::*;

/// The list of secrets, for who may see them.
pub(crate) fn secrets(tenant: &str, desk: Desk) -> AnyView {
    if !session::may(tenant, Role::Admin) {
        return view! { <Notice>"Admins of this tenant can create secrets for the connector."</Notice> }.into_any();
    }
    let own = path(paths::TOKENS, &[tenant]);
    let making = RwSignal::new(false);
    let found = Loaded::new(move || {
        let path = own.clone();
        async move { get::<Tokens>(&path).await }
    });
    // The source's card says which secrets are refused.
    let acts = TokenActs::new(move || {
        found.retry();
        desk.found.retry();
    });
    let rows = found.map(move |found| {
        let ours = |token: &&Token| token.scopes.contains(&Scope::DatabaseUpload);
        let rows: Vec<Row> = found.tokens.iter().filter(ours).map(|token| row(token, acts)).collect();
        Listing { total: rows.len() as u64, rows }
    });
    let columns = vec![
        Column::new("name", "Name"),
        Column::new("made", "Made"),
        Column::new("used", "Last used"),
        Column::new("expires", "Expires"),
        Column::new("acts", "Actions"),
    ];
    view! {
        <section class="stack">
            <div class="head above">
                <h2 class="grow">"Secrets"</h2>
                <Button look=Look::Primary icon=Icon::ADD on_press=move |()| making.set(true)>
                    "Create a secret"
                </Button>
            </div>
            <Table
                id="secrets"
                what="secrets"
                columns=Signal::stored(columns)
                rows
                icon=Icon::KEY
                hint="The connector signs in with a secret. Create one when you set up the connector."
            />
            <p class="quiet">
                "To change a secret without interruption: create a new one, give it to the connector, wait until it \
                 has been used, then revoke the old one. A secret that is in use does not expire."
            </p>
        </section>
        {make(making, found, tenant)}
        {acts.dialogs(tenant)}
    }
    .into_any()
}

fn row(token: &Token, acts: TokenActs) -> Row {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
    let is_over = token.expires_ms < js_sys::Date::now() as i64;
    let expires = if is_over { ("Expired on ", Tone::Error) } else { ("", Tone::Info) };
    let used = token.used_ms.map_or_else(|| Cell::Text("never".into()), |used| Cell::Ago(Some(used)));
    let cells = vec![
        ("name".to_owned(), named(token)),
        ("made".to_owned(), Cell::Twice(date(token.created_ms), token.created_by.clone())),
        ("used".to_owned(), used),
        ("expires".to_owned(), Cell::Pills(vec![(expires.0.to_owned() + &date(token.expires_ms), expires.1)])),
        ("acts".to_owned(), acts.buttons(token)),
    ];
    Row { key: token.id.clone(), href: String::new(), cells }
}

fn make(open: RwSignal<bool>, found: Loaded<Tokens>, tenant: &str) -> AnyView {
    let name = Value::new("Connector");
    let making = Making::new(open, name, found, tenant);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !name.required("Enter which connector the secret is for.") || making.busy.get_untracked() {
            return;
        }
        let token = NewToken { name: name.trimmed(), scopes: vec![Scope::DatabaseUpload], days: MAX_TOKEN_DAYS };
        making.send(token, [("name", name)]);
    };
    let form = move || {
        view! {
            <form novalidate on:submit=submit>
                <TextField
                    label="Which connector is it for?"
                    value=name
                    longest=MAX_NAME
                    hint="A name that you will recognize, such as HR database."
                    focus=true
                />
                {making.buttons("Create the secret")}
            </form>
        }
        .into_any()
    };
    making.dialog("New secret", form, made)
}

/// The secret, this once, and where it goes.
fn made(secret: String) -> AnyView {
    let address = window().location().origin().unwrap_or_default();
    view! {
        <p>"Give both to the connector, with " <code>"paraph-connector configure"</code> ":"</p>
        <h3>"Address of this server"</h3>
        <Copy value=address what="the address" />
        <h3>"Secret"</h3>
        <Copy value=secret what="the secret" />
    }
    .into_any()
}
