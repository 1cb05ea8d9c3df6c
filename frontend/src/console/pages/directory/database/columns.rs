//! The columns that the connector sent last, where each goes, and the fields that none fills.

use crate::api::console::{get, path};
use crate::console::pages::at;
use crate::console::pages::directory::sources::Desk;
use crate::ui::{Loaded, Pill, Tone, changing, sheet};
use ::api::connector::ADDRESS;
use ::api::console::pages::Directory;
use ::api::console::{FieldDefinition, Fields, Source, paths};
use leptos::prelude::*;

/// The table of columns, and what is left over.
pub(crate) fn columns(tenant: &str, desk: Desk) -> AnyView {
    let own = path(paths::FIELDS, &[tenant]);
    let fields = Loaded::new(move || {
        let path = own.clone();
        async move { get::<Fields>(&path).await }
    });
    let to_fields = at(tenant, Directory::Fields);
    let sent = Memo::new(move |_| desk.read(Source::Database, |one| one.database.clone().map(|sent| sent.columns)));
    let content = fields.view(move || {
        let (known, to_fields) = (fields.peek(|found| found.fields.clone()), to_fields.clone());
        changing(move || {
            let sent = sent.get().unwrap_or_default();
            let pairs: Vec<(String, String)> = sent.into_iter().map(|one| (one.name, one.field)).collect();
            view! {
                {table(&pairs, &known)}
                {rest(&pairs, &known, &to_fields)}
            }
            .into_any()
        })
    });
    view! {
        <section class="stack">
            <h2 class="above">"Columns"</h2>
            {content}
        </section>
    }
    .into_any()
}

fn table(pairs: &[(String, String)], known: &[FieldDefinition]) -> AnyView {
    if pairs.is_empty() {
        return view! { <p class="quiet">"The connector has not sent anything yet."</p> }.into_any();
    }
    let row = |(column, field): &(String, String)| {
        let found = known.iter().find(|one| one.token == *field);
        let label = match found {
            Some(found) => found.label.clone(),
            None if field == ADDRESS => "E-mail address, which identifies the person".to_owned(),
            None => "This field no longer exists: map the column again in the connector".to_owned(),
        };
        let custom = found.is_some_and(|found| !found.built_in);
        vec![
            column.clone().into_any(),
            view! {
                <span class="row wrap">
                    {label}
                    {custom.then(|| view! { <Pill text="Custom" tone=Tone::Info /> })}
                </span>
            }
            .into_any(),
            view! { <code>{field.clone()}</code> }.into_any(),
        ]
    };
    sheet("Columns", &["Column", "Goes into", "Token"], pairs.iter().map(row).collect())
}

/// Fields that no column fills, custom ones first: those were mostly made for the database.
fn rest(pairs: &[(String, String)], known: &[FieldDefinition], to_fields: &str) -> AnyView {
    let mut free: Vec<&FieldDefinition> =
        known.iter().filter(|one| !pairs.iter().any(|(_, field)| *field == one.token)).collect();
    free.sort_by_key(|one| one.built_in);
    let one = |field: &FieldDefinition| {
        view! {
            <li class="chip">
                {field.label.clone()} " " <code>{field.token.clone()}</code>
                {(!field.built_in).then(|| view! { <Pill text="Custom" tone=Tone::Info /> })}
            </li>
        }
    };
    let list = if free.is_empty() {
        view! { <p class="quiet">"Every field has a column."</p> }.into_any()
    } else {
        view! {
            <h3>"Fields that no column fills"</h3>
            <ul class="chips tokens">{free.into_iter().map(one).collect_view()}</ul>
        }
        .into_any()
    };
    view! {
        <section class="card">
            {list}
            <p class="quiet">
                "You map columns to fields in the connector, which reads the list of fields from here. For a column \
                 without a field, add a custom field in "
                <a href=to_fields.to_owned()>"Fields"</a> "; the connector offers it immediately."
            </p>
        </section>
    }
    .into_any()
}
