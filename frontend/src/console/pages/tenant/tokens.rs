//! API tokens: what programs sign in with.

use super::token_acts::{TokenActs, named};
use crate::api::console::{get, path, send};
use crate::console::pages::{at, page, tenant_crumb};
use crate::console::session;
use crate::ui::{
    Button, Cell, Check, Column, Copy, Dialog, Icon, Listing, Loaded, Look, Notice, Row, Select, Table, TextField,
    Tone, Value, date, effect, form_error, place_errors,
};
use ::api::console::pages::Directory;
use ::api::console::{CreatedToken, MAX_NAME, NewToken, Role, Scope, Token, Tokens, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// `/console/tenants/TENANT/tokens`.
pub(crate) fn tokens(tenant: &str) -> AnyView {
    let own = path(paths::TOKENS, &[tenant]);
    let may = session::may(tenant, Role::Admin);
    let creating = RwSignal::new(false);
    let found = Loaded::new(move || {
        let path = own.clone();
        async move { get::<Tokens>(&path).await }
    });
    let acts = TokenActs::new(move || found.retry());
    let rows = found.map(move |found| Listing {
        total: found.tokens.len() as u64,
        rows: found.tokens.iter().map(|token| row(token, may.then_some(acts))).collect(),
    });
    let columns = vec![
        Column::new("name", "Name"),
        Column::new("scopes", "May"),
        Column::new("made", "Made"),
        Column::new("used", "Last used"),
        Column::new("expires", "Expires"),
        Column::new("acts", if may { "Actions" } else { "" }),
    ];
    let actions = may.then(|| {
        view! {
            <Button look=Look::Primary icon=Icon::ADD on_press=move |()| creating.set(true)>
                "New token"
            </Button>
        }
    });
    let database = at(tenant, Directory::Database);
    let content = view! {
        <p class="lead">
            "With a token, a program can do what the token's scopes allow, only in this tenant. It can never manage \
             tenants, members or tokens. Tokens that can " <code>"database:upload"</code> " are the connector’s \
                  secrets: create those under " <a href=database>"Database"</a> "."
        </p>
        <Table
            id="tokens"
            what="tokens"
            columns=Signal::stored(columns)
            rows
            icon=Icon::KEY
            hint="Create a token for a program that reads or changes people, fields or the audit."
        />
        {may.then(|| create(creating, found, tenant))}
        {acts.dialogs(tenant)}
    };
    page(&tenant_crumb(tenant), "API tokens", actions.into_any(), content.into_any())
}

fn scope_words(scope: Scope) -> &'static str {
    match scope {
        Scope::PeopleRead => "Read people, groups and their signatures.",
        Scope::PeopleWrite => "Change people’s values; import CSV files.",
        Scope::FieldsRead => "Read field definitions.",
        Scope::FieldsWrite => "Change field definitions.",
        Scope::DesignRead => "Read templates, rules, images and campaigns.",
        Scope::DesignWrite => "Change templates, rules and images; publish them.",
        Scope::DeploymentRead => "Read the manifest and the clients.",
        Scope::AuditRead => "Read the audit.",
        Scope::DatabaseUpload => "Send a database’s rows: a secret for the connector.",
    }
}

/// `acts`: what may be done with it, where anything may.
fn row(token: &Token, acts: Option<TokenActs>) -> Row {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
    let is_over = token.expires_ms < js_sys::Date::now() as i64;
    let expires = if is_over { ("Expired on ", Tone::Error) } else { ("", Tone::Info) };
    let tone = |scope| if token.lost.contains(scope) { Tone::Error } else { Tone::Info };
    let scopes = token.scopes.iter().map(|scope| (scope.as_str().to_owned(), tone(scope))).collect();
    let mut cells = vec![
        ("name".to_owned(), named(token)),
        ("scopes".to_owned(), Cell::Pills(scopes)),
        ("made".to_owned(), Cell::Twice(date(token.created_ms), token.created_by.clone())),
        ("used".to_owned(), Cell::Ago(token.used_ms)),
        ("expires".to_owned(), Cell::Pills(vec![(expires.0.to_owned() + &date(token.expires_ms), expires.1)])),
    ];
    if let Some(acts) = acts {
        cells.push(("acts".to_owned(), acts.buttons(token)));
    }
    Row { key: token.id.clone(), href: String::new(), cells }
}

/// A token while it is made: asked for in a dialog, made, then shown this once.
#[derive(Clone, Copy)]
pub(crate) struct Making {
    open: RwSignal<bool>,
    found: Loaded<Tokens>,
    path: StoredValue<String>,
    pub(crate) busy: RwSignal<bool>,
    pub(crate) error: RwSignal<String>,
    secret: RwSignal<Option<String>>,
}

impl Making {
    /// `open`: the dialog, in which `name` begins as it is now; `found`: the tokens to read again.
    pub(crate) fn new(open: RwSignal<bool>, name: Value, found: Loaded<Tokens>, tenant: &str) -> Self {
        let called = name.text.get_untracked();
        let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
        let secret = RwSignal::new(None::<String>);
        effect(move || {
            if !open.get() {
                secret.set(None);
                name.text.set(called.clone());
                error.set(String::new());
            }
        });
        Self { open, found, path: StoredValue::new(path(paths::TOKENS, &[tenant])), busy, error, secret }
    }

    /// Has it made. `fields`: where errors are shown.
    pub(crate) fn send<const N: usize>(self, token: NewToken, fields: [(&'static str, Value); N]) {
        self.busy.set(true);
        self.error.set(String::new());
        spawn_local(async move {
            match send::<CreatedToken>("POST", &self.path.get_value(), &token).await {
                Ok(created) => {
                    self.secret.set(Some(created.secret));
                    self.found.retry();
                }
                Err(failure) => self.error.set(place_errors(failure.errors(), &fields)),
            }
            self.busy.set(false);
        });
    }

    /// The buttons under what is asked.
    pub(crate) fn buttons(self, make: &'static str) -> AnyView {
        let (open, busy) = (self.open, self.busy);
        view! {
            {form_error(self.error.into())}
            <div class="row end">
                <Button on_press=move |()| open.set(false)>"Cancel"</Button>
                <Button look=Look::Primary busy>
                    {make}
                </Button>
            </div>
        }
        .into_any()
    }

    /// The dialog: `form` until the secret is there, `made` with it.
    pub(crate) fn dialog(
        self,
        title: &'static str,
        form: impl Fn() -> AnyView + Clone + Send + Sync + 'static,
        made: fn(String) -> AnyView,
    ) -> AnyView {
        let (open, secret) = (self.open, self.secret);
        let inside = move || match secret.get() {
            Some(secret) => view! {
                <Notice tone=Tone::Warning>"Copy the secret now. It will not be shown again, and nobody can look it \
                                            up."</Notice>
                {made(secret)}
                <div class="row end">
                    <Button look=Look::Primary on_press=move |()| open.set(false)>
                        "I have copied it"
                    </Button>
                </div>
            }
            .into_any(),
            None => form(),
        };
        view! {
            <Dialog open title>
                {inside.clone()}
            </Dialog>
        }
        .into_any()
    }
}

fn create(open: RwSignal<bool>, found: Loaded<Tokens>, tenant: &str) -> AnyView {
    let (name, days) = (Value::new(""), Value::new("90"));
    let scopes = StoredValue::new(Scope::ALL.map(|scope| (scope, RwSignal::new(false))));
    let making = Making::new(open, name, found, tenant);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let chosen: Vec<Scope> =
            scopes.with_value(|all| all.iter().filter(|(_, on)| on.get_untracked()).map(|(scope, _)| *scope).collect());
        making.error.set(if chosen.is_empty() { "Choose at least one scope.".into() } else { String::new() });
        if !name.required("Enter what it is for.") || chosen.is_empty() || making.busy.get_untracked() {
            return;
        }
        let days_wanted = days.trimmed().parse().unwrap_or(90);
        let token = NewToken { name: name.trimmed(), scopes: chosen, days: days_wanted };
        making.send(token, [("name", name), ("days", days)]);
    };
    let periods = [("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("180", "180 days"), ("365", "A year")];
    let periods = periods.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec();
    let form = move || {
        let one = |(scope, checked): (Scope, RwSignal<bool>)| {
            view! { <Check label=scope.as_str() checked hint=scope_words(scope) /> }
        };
        view! {
            <form novalidate on:submit=submit>
                <TextField label="What is it for?" value=name longest=MAX_NAME />
                <fieldset class="radios">
                    <legend>"Scopes"</legend>
                    {scopes.with_value(|all| all.map(one).into_iter().collect_view())}
                </fieldset>
                <Select label="Expires after" value=days options=Signal::stored(periods.clone()) />
                {making.buttons("Create the token")}
            </form>
        }
        .into_any()
    };
    making.dialog("New token", form, |secret| {
        view! {
            <Copy value=secret what="the secret" />
            <p class="quiet">"Send it as " <code>"Authorization: Bearer …"</code> "."</p>
        }
        .into_any()
    })
}
