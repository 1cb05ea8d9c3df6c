//! Everybody in the directory.

mod groups;
mod lists;
mod numbers;
mod person;
mod senders;
mod signature;

pub(crate) use groups::groups;
pub(crate) use numbers::numbers;
pub(crate) use person::person;

use crate::api::console::{get, path, send, with_query};
use crate::console::pages::{at, page, tenant_crumb};
use crate::console::{router, session};
use crate::ui::{
    Button, Cell, Choose, Column, Dialog, Icon, Listing, Loaded, Look, Query, Radios, Row, Table, TextField, Tone,
    Value, form_error, icon, place_errors, tell, text,
};
use ::api::console::pages::Directory;
use ::api::console::{
    FieldDefinition, Fields, Groups, NewPerson, People, PeopleQuery, PersonDetail, PersonKind, PersonRow, Role, paths,
};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::BTreeMap;

/// Fields whose columns are there unless somebody chose otherwise.
const USUAL: [&str; 3] = ["title", "department", "phone"];

/// `/console/tenants/TENANT/people`.
pub(crate) fn people(tenant: &str) -> AnyView {
    let tenant = tenant.to_owned();
    let query = Query::new(&["group", "kind"]);
    let asked = move || PeopleQuery {
        search: query.search.get(),
        group: Some(query.filter("group").get()).filter(|group| !group.is_empty()),
        kind: kind(&query.filter("kind").get()),
        sort: Some(query.sort.get()).filter(|sort| !sort.is_empty()),
        descending: query.descending.get(),
        offset: query.offset.get(),
        limit: Some(query.limit.get()),
    };
    let rows = {
        let tenant = tenant.clone();
        Loaded::new(move || {
            let path = with_query(&path(paths::PEOPLE, &[&tenant]), &asked());
            let tenant = tenant.clone();
            async move {
                let people = get::<People>(&path).await?;
                Ok(Listing { total: people.total, rows: people.people.iter().map(|one| row(&tenant, one)).collect() })
            }
        })
    };
    let definitions = {
        let path = path(paths::FIELDS, &[&tenant]);
        Loaded::new(move || {
            let path = path.clone();
            async move { get::<Fields>(&path).await }
        })
    };
    let columns = Signal::derive(move || columns(&definitions.read(|fields| fields.fields.clone())));
    let adding = RwSignal::new(false);
    let may_add = session::may(&tenant, Role::Editor);
    let export = {
        let path = path(paths::PEOPLE_EXPORT, &[&tenant]);
        text(move || with_query(&path, &PeopleQuery { offset: 0, limit: None, ..asked() }))
    };
    let actions = view! {
        <a class="button" href=at(&tenant, Directory::Numbers)>"Phone numbers to correct"</a>
        <a class="button" href=export download="people.csv">
            {icon(Icon::DOWNLOAD)}
            "Export"
        </a>
        {may_add
            .then(|| {
                view! {
                    <a class="button" href=at(&tenant, Directory::Runs)>
                        {icon(Icon::IMPORT)}
                        "Import"
                    </a>
                    <Button look=Look::Primary icon=Icon::ADD on_press=move |()| adding.set(true)>
                        "Add a person"
                    </Button>
                }
            })}
    };
    let content = view! {
        <Table
            id="people"
            what="people"
            columns
            rows
            query
            filters=filters(&tenant, query)
            icon=Icon::PERSON
            hint="Import a CSV file, or add a person by hand."
        />
        {may_add.then(|| add(adding, tenant.clone()))}
    };
    page(&tenant_crumb(&tenant), "People", actions.into_any(), content.into_any())
}

/// What people read of a kind.
pub(crate) fn kind_words(kind: PersonKind) -> &'static str {
    match kind {
        PersonKind::Person => "Person",
        PersonKind::SharedMailbox => "Shared mailbox",
    }
}

fn kind(text: &str) -> Option<PersonKind> {
    match text {
        "person" => Some(PersonKind::Person),
        "shared_mailbox" => Some(PersonKind::SharedMailbox),
        _ => None,
    }
}

fn columns(fields: &[FieldDefinition]) -> Vec<Column> {
    let of_field = |field: &FieldDefinition| Column {
        shown: USUAL.contains(&field.token.as_str()),
        ..Column::sorted(&field.token, &field.label)
    };
    let mut columns = vec![Column::sorted("name", "Name")];
    columns.extend(fields.iter().filter(|field| field.token != "display_name").map(of_field));
    columns.push(Column::new("groups", "Groups"));
    columns.push(Column::new("kind", "Kind").hidden());
    columns
}

fn row(tenant: &str, person: &PersonRow) -> Row {
    let mut cells = vec![
        ("name".to_owned(), Cell::Twice(person.name.clone(), person.address.clone())),
        ("groups".to_owned(), Cell::Text(person.groups.join(", "))),
        ("kind".to_owned(), Cell::Text(kind_words(person.kind).to_owned())),
    ];
    cells.extend(person.fields.iter().map(|(token, value)| (token.clone(), Cell::Text(value.clone()))));
    Row { key: person.id.clone(), href: at(tenant, Directory::Person(person.id.clone())), cells }
}

fn filters(tenant: &str, query: Query) -> AnyView {
    let path = with_query(&path(paths::GROUPS, &[tenant]), &BTreeMap::from([("limit", 200)]));
    let groups = Loaded::new(move || {
        let path = path.clone();
        async move { get::<Groups>(&path).await }
    });
    let options = Signal::derive(move || {
        let mut options = vec![(String::new(), "All groups".to_owned())];
        options.extend(
            groups.read(|found| found.groups.iter().map(|one| (one.id.clone(), one.name.clone())).collect::<Vec<_>>()),
        );
        options
    });
    let kinds = [("", "All"), ("person", "People"), ("shared_mailbox", "Shared mailboxes")];
    let kinds = kinds.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec();
    view! {
        <Choose label="Group" value=query.filter("group") options />
        <Choose label="Kind" value=query.filter("kind") options=Signal::stored(kinds) />
    }
    .into_any()
}

fn add(open: RwSignal<bool>, tenant: String) -> AnyView {
    let (address, name) = (Value::new(""), Value::new(""));
    let kind_of = RwSignal::new("person".to_owned());
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !address.required("Enter the address.") || busy.get_untracked() {
            return;
        }
        let mut fields = BTreeMap::new();
        if !name.trimmed().is_empty() {
            fields.insert("display_name".to_owned(), name.trimmed());
        }
        let kind = kind_of.with_untracked(|text| kind(text)).unwrap_or(PersonKind::Person);
        let body = NewPerson { address: address.trimmed(), kind, fields };
        let tenant = tenant.clone();
        busy.set(true);
        spawn_local(async move {
            match send::<PersonDetail>("POST", &path(paths::PEOPLE, &[&tenant]), &body).await {
                Ok(person) => {
                    tell(person.name + " is in the directory.");
                    open.set(false);
                    router::go(&at(&tenant, Directory::Person(person.id)));
                }
                Err(failure) => {
                    let fields = [("address", address), ("fields.display_name", name)];
                    error.set(place_errors(failure.errors(), &fields));
                }
            }
            busy.set(false);
        });
    };
    let submit = StoredValue::new(submit);
    view! {
        <Dialog open title="Add a person">
            <form novalidate on:submit=move |event| submit.with_value(|submit| submit(event))>
                <TextField label="Address" value=address kind="email" />
                <TextField label="Display name" value=name optional=true />
                <Radios
                    label="Kind"
                    value=kind_of
                    options=vec![
                        ("person", "Person", "Someone who signs in to Outlook."),
                        ("shared_mailbox", "Shared mailbox", "A mailbox that people send from."),
                    ]
                />
                {form_error(error.into())}
                <div class="row end">
                    <Button on_press=move |()| open.set(false)>"Cancel"</Button>
                    <Button look=Look::Primary busy>
                        "Add"
                    </Button>
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}

/// How a source is shown.
pub(crate) fn source_words(source: ::api::console::Source) -> (&'static str, Tone) {
    use ::api::console::Source;
    match source {
        Source::Own => ("The person", Tone::Success),
        Source::Manual => ("Admin", Tone::Warning),
        Source::Database => ("Database", Tone::Info),
        Source::Entra => ("Entra ID", Tone::Info),
        Source::Google => ("Google", Tone::Info),
        Source::Csv => ("CSV file", Tone::Info),
    }
}
