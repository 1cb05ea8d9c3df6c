//! Who changed what.

use crate::api::console::{Failure, get, path, with_query};
use crate::console::pages::{page, tenant_crumb};
use crate::ui::{
    Button, Cell, Choose, Column, Icon, Listing, Loaded, Row, Table, Value, address, ago, icon, tell_error, text, when,
};
use ::api::console::{Audit, AuditChange, AuditEntry, AuditQuery, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// `/console/tenants/TENANT/audit`.
pub(crate) fn audit(tenant: &str) -> AnyView {
    let own = path(paths::AUDIT, &[tenant]);
    let export = path(paths::AUDIT_EXPORT, &[tenant]);
    let search = RwSignal::new(address::query("search"));
    let action = RwSignal::new(String::new());
    let (from, until) = (Value::new(""), Value::new(""));
    let asked = move || AuditQuery {
        search: search.get(),
        action: Some(action.get()).filter(|action| !action.is_empty()),
        from_ms: from.text.with(|day| day_ms(day, 0.0)),
        until_ms: until.text.with(|day| day_ms(day, 1.0)),
        ..AuditQuery::default()
    };
    let older = RwSignal::new(Vec::<AuditEntry>::new());
    let next = RwSignal::new(None::<i64>);
    let found = {
        let own = own.clone();
        Loaded::new(move || {
            let path = with_query(&own, &asked());
            async move {
                let first = get::<Audit>(&path).await?;
                older.set(Vec::new());
                next.set(first.next);
                Ok::<_, Failure>(first)
            }
        })
    };
    let rows = found.map(move |first| {
        let rows: Vec<Row> = older.with(|older| first.entries.iter().chain(older).map(row).collect());
        Listing { total: rows.len() as u64, rows }
    });
    let busy = RwSignal::new(false);
    let more = move |()| {
        let path = with_query(&own, &AuditQuery { before: next.get_untracked(), ..untracked(asked) });
        busy.set(true);
        spawn_local(async move {
            match get::<Audit>(&path).await {
                Ok(page) => {
                    next.set(page.next);
                    older.update(|older| older.extend(page.entries));
                }
                Err(failure) => tell_error(failure.text()),
            }
            busy.set(false);
        });
    };
    let actions = view! {
        <a class="button" href=text(move || with_query(&export, &asked())) download="audit.csv">
            {icon(Icon::DOWNLOAD)}
            "Export"
        </a>
    };
    let columns = vec![
        Column::new("what", "What"),
        Column::new("when", "When"),
        Column::new("who", "Who"),
        Column::new("changes", "Before and after"),
    ];
    let content = view! {
        <p class="lead">"Every change, with who made it and from where. Nobody can edit or delete entries."</p>
        <Table
            id="audit"
            what="changes"
            columns=Signal::stored(columns)
            rows
            filters=filters(search, action, from, until, found)
            icon=Icon::HISTORY
            hint="There are no changes, or none that match these filters."
        />
        <div class="row" hidden=when(move || next.get().is_none())>
            <Button busy on_press=more>
                "Show older changes"
            </Button>
        </div>
    };
    page(&tenant_crumb(tenant), "Audit", actions.into_any(), content.into_any())
}

fn untracked(asked: impl Fn() -> AuditQuery) -> AuditQuery {
    leptos::prelude::untrack(asked)
}

/// The beginning of a day of somebody's own time zone, `days` later.
fn day_ms(day: &str, days: f64) -> Option<i64> {
    if day.is_empty() {
        return None;
    }
    let at = js_sys::Date::new(&wasm_bindgen::JsValue::from_str(&(day.to_owned() + "T00:00:00"))).get_time();
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
    (!at.is_nan()).then_some((at + days * 86_400_000.0) as i64)
}

fn filters(
    search: RwSignal<String>,
    action: RwSignal<String>,
    from: Value,
    until: Value,
    found: Loaded<Audit>,
) -> AnyView {
    let options = Signal::derive(move || {
        let mut options = vec![(String::new(), "Everything".to_owned())];
        options.extend(found.read(|found| {
            found.actions.iter().map(|action| (action.clone(), action_words(action))).collect::<Vec<_>>()
        }));
        options
    });
    let day = |label: &'static str, value: Value| {
        let id = crate::ui::new_id("day");
        view! {
            <div class="choose">
                <label for=id.clone()>{label}</label>
                <input
                    id=id
                    type="date"
                    prop:value=value.text
                    on:change=move |event| value.text.set(event_target_value(&event))
                />
            </div>
        }
    };
    view! {
        <div class="search" role="search">
            {icon(Icon::SEARCH)}
            <input
                type="search"
                aria-label="Search changes"
                placeholder="Search changes"
                maxlength="200"
                prop:value=search
                on:change=move |event| search.set(event_target_value(&event))
            />
        </div>
        <Choose label="Action" value=action options />
        {day("From", from)}
        {day("To", until)}
    }
    .into_any()
}

/// `set_values` as people read it.
fn action_words(action: &str) -> String {
    let words = action.replace(['_', '.'], " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}

fn row(entry: &AuditEntry) -> Row {
    let (address, changes) = (entry.address.clone(), entry.changes.clone());
    let cells = vec![
        ("what".to_owned(), Cell::Twice(entry.subject.clone(), action_words(&entry.action))),
        ("when".to_owned(), Cell::Ago(Some(entry.at_ms))),
        ("who".to_owned(), Cell::Twice(entry.actor.clone(), address)),
        (
            "changes".to_owned(),
            Cell::view(move || view! { <div>{changes.iter().map(change).collect_view()}</div> }.into_any()),
        ),
    ];
    Row { key: entry.at_ms.to_string(), href: String::new(), cells }
}

fn change(change: &AuditChange) -> AnyView {
    view! {
        <div>
            <span class="quiet">{change.what.clone()} ": "</span>
            {change.from.clone().map(|from| view! { <del class="before">{from}</del> " " })}
            {change.to.clone().map(|to| view! { <ins class="after">{to}</ins> })}
        </div>
    }
    .into_any()
}

/// One change in a line.
pub(crate) fn entry(entry: &AuditEntry) -> AnyView {
    view! {
        <li>
            <div>
                {action_words(&entry.action)} " · " <strong>{entry.subject.clone()}</strong>
            </div>
            <div class="quiet">{entry.actor.clone()} ", " {ago(entry.at_ms)}</div>
        </li>
    }
    .into_any()
}
