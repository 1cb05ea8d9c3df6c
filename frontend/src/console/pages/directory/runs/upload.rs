//! A new file: it begins a run, whose columns are looked at next.

use crate::api::console::{path, upload as send_file, with_query};
use crate::console::pages::at;
use crate::console::router;
use crate::ui::{Choose, Icon, Progress, form_error, icon, new_id, when};
use ::api::console::pages::Directory;
use ::api::console::{FileQuery, MAX_CSV, MAX_ROWS, Run, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{File, HtmlInputElement};

/// Where a file is dropped or chosen; its run opens when it is there.
pub(crate) fn upload(tenant: &str) -> AnyView {
    let (own, id) = (path(paths::RUNS, &[tenant]), tenant.to_owned());
    let (delimiter, encoding) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let sent = RwSignal::new(None::<u64>);
    let error = RwSignal::new(String::new());
    let over = RwSignal::new(false);
    let start = Callback::new(move |file: File| {
        if file.size() > f64::from(u32::try_from(MAX_CSV).unwrap_or(u32::MAX)) {
            error.set("The file is larger than 64 MB: split it.".into());
            return;
        }
        let query = FileQuery {
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
            match send_file::<Run>(&path, &file, progress).await {
                Ok(run) => router::go(&at(&id, Directory::Run(run.id))),
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
    let delimiters = pairs(&[("", "Detect"), (",", "Comma"), (";", "Semicolon"), ("\t", "Tab"), ("|", "Bar")]);
    let encodings = pairs(&[
        ("", "Detect"),
        ("utf-8", "UTF-8"),
        ("utf-16le", "UTF-16 LE"),
        ("utf-16be", "UTF-16 BE"),
        ("windows-1252", "Windows-1252"),
    ]);
    let limits = "CSV with column names in the first line, at most 64 MB and ".to_owned()
        + &crate::ui::time::grouped(MAX_ROWS as u64)
        + " rows. You see a preview before anything changes.";
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
