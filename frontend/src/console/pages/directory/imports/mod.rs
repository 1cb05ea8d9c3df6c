//! CSV imports: those of the last days, and a new one.

mod import;
mod plan;

pub(crate) use import::import;

use crate::api::console::{get, path, upload, with_query};
use crate::console::pages::{at, page, tenant_crumb};
use crate::console::{router, session};
use crate::ui::{
    Cell, Choose, Column, Icon, Listing, Loaded, Progress, Row, Table, Tone, form_error, icon, new_id, when,
};
use ::api::console::pages::Directory;
use ::api::console::{Import, ImportQuery, Imports, MAX_CSV, MAX_ROWS, Role, RunState, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{File, HtmlInputElement};

/// `/console/tenants/TENANT/imports`.
pub(crate) fn imports(tenant: &str) -> AnyView {
    let (own, id) = (path(paths::IMPORTS, &[tenant]), tenant.to_owned());
    let rows = Loaded::new(move || {
        let (path, id) = (own.clone(), id.clone());
        async move {
            let found = get::<Imports>(&path).await?;
            Ok(Listing {
                total: found.imports.len() as u64,
                rows: found.imports.iter().map(|import| row(&id, import)).collect(),
            })
        }
    });
    let columns = vec![
        Column::new("name", "File"),
        Column::new("state", "State"),
        Column::new("rows", "Rows"),
        Column::new("actor", "Who"),
        Column::new("created", "When"),
    ];
    let may = session::may(tenant, Role::Editor);
    let hint = if may {
        "Upload a CSV file: nothing changes before you have seen what would."
    } else {
        "What editors, admins and owners upload is listed here for some days."
    };
    let content = view! {
        {may.then(|| new(tenant))}
        <Table
            id="imports"
            what="imports"
            columns=Signal::stored(columns)
            rows
            icon=Icon::IMPORT
            hint
        />
    };
    page(&tenant_crumb(tenant), "Imports", ().into_any(), content.into_any())
}

/// What people read of a state.
pub(crate) fn state_words(state: RunState) -> (&'static str, Tone) {
    match state {
        RunState::Fetching => ("Being fetched", Tone::Info),
        RunState::Planning => ("Being compared", Tone::Info),
        RunState::Planned => ("To be looked at", Tone::Warning),
        RunState::Applying => ("Being applied", Tone::Info),
        RunState::Applied => ("Done", Tone::Success),
        RunState::Cancelled => ("Cancelled", Tone::Info),
        RunState::Failed => ("Failed", Tone::Error),
    }
}

fn row(tenant: &str, import: &Import) -> Row {
    let (words, tone) = state_words(import.state);
    let cells = [
        ("name", Cell::Text(import.name.clone())),
        ("state", Cell::Pills(vec![(words.to_owned(), tone)])),
        ("rows", Cell::Text(crate::ui::time::grouped(import.rows))),
        ("actor", Cell::Text(import.actor.clone())),
        ("created", Cell::Ago(Some(import.created_ms))),
    ];
    Row {
        key: import.id.clone(),
        href: at(tenant, Directory::Import(import.id.clone())),
        cells: cells.into_iter().map(|(key, cell)| (key.to_owned(), cell)).collect(),
    }
}

fn new(tenant: &str) -> AnyView {
    let (own, id) = (path(paths::IMPORTS, &[tenant]), tenant.to_owned());
    let (delimiter, encoding) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let sent = RwSignal::new(None::<u64>);
    let error = RwSignal::new(String::new());
    let over = RwSignal::new(false);
    let start = Callback::new(move |file: File| {
        if file.size() > f64::from(u32::try_from(MAX_CSV).unwrap_or(u32::MAX)) {
            error.set("The file is larger than 64 MB: split it.".into());
            return;
        }
        let query = ImportQuery {
            name: file.name().chars().take(200).collect(),
            delimiter: Some(delimiter.get_untracked()).filter(|chosen| !chosen.is_empty()),
            encoding: Some(encoding.get_untracked()).filter(|chosen| !chosen.is_empty()),
        };
        let (path, id) = (with_query(&own, &query), id.clone());
        error.set(String::new());
        sent.set(Some(0));
        spawn_local(async move {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 100")]
            let progress = move |share: f64| sent.set(Some((share * 100.0) as u64));
            match upload::<Import>(&path, &file, progress).await {
                Ok(import) => router::go(&at(&id, Directory::Import(import.id))),
                Err(failure) => error.set(failure.text()),
            }
            sent.set(None);
        });
    });
    let input_id = new_id("file");
    let chosen = move |event: leptos::ev::Event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if let Some(file) = input.and_then(|input| input.files()).and_then(|files| files.item(0)) {
            start.run(file);
        }
    };
    let dropped = move |event: leptos::ev::DragEvent| {
        event.prevent_default();
        over.set(false);
        if let Some(file) = event.data_transfer().and_then(|data| data.files()).and_then(|files| files.item(0)) {
            start.run(file);
        }
    };
    let pairs = |all: &[(&str, &str)]| all.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>();
    let delimiters = pairs(&[("", "Find out"), (",", "Comma"), (";", "Semicolon"), ("\t", "Tab"), ("|", "Bar")]);
    let encodings = pairs(&[
        ("", "Find out"),
        ("utf-8", "UTF-8"),
        ("utf-16le", "UTF-16 LE"),
        ("utf-16be", "UTF-16 BE"),
        ("windows-1252", "Windows-1252"),
    ]);
    let limits = "CSV with a line of column names, at most 64 MB and ".to_owned()
        + &crate::ui::time::grouped(MAX_ROWS as u64)
        + " rows. Nothing changes before you have seen what would.";
    view! {
        <section class="card">
            <h2>"New import"</h2>
            <div
                class="drop"
                class:over=over
                on:dragover=move |event| {
                    event.prevent_default();
                    over.set(true);
                }
                on:dragleave=move |_| over.set(false)
                on:drop=dropped
            >
                {icon(Icon::IMPORT)}
                <label for=input_id.clone()>"Drop a CSV file here, or choose one"</label>
                <input
                    id=input_id
                    type="file"
                    accept=".csv,.txt,.tsv,text/csv"
                    style="max-width: 320px"
                    on:change=chosen
                />
                <p class="quiet">{limits}</p>
            </div>
            <div class="toolbar">
                <Choose label="Delimiter" value=delimiter options=Signal::stored(delimiters) />
                <Choose label="Encoding" value=encoding options=Signal::stored(encodings) />
            </div>
            <div hidden=when(move || sent.get().is_none())>
                <Progress
                    label="Uploading".to_owned()
                    done=Signal::derive(move || sent.get().unwrap_or(0))
                    of=Signal::stored(100)
                />
            </div>
            {form_error(error.into())}
        </section>
    }
    .into_any()
}
