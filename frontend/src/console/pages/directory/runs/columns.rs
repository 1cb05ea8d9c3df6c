//! A file's columns: the field for each, before the plan is shown.

use super::run::{Desk, cancel};
use crate::api::console::{get, path, send};
use crate::ui::{Button, Check, Icon, Loaded, Look, Radios, Select, Value, form_error};
use ::api::console::{Fields, FileColumn, FileMapping, Run, Source, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The field for each column, and the precedence of the values.
pub(super) fn columns(desk: Desk) -> AnyView {
    let fields = {
        let path = path(paths::FIELDS, &[&desk.tenant.get_value()]);
        Loaded::new(move || {
            let path = path.clone();
            async move { get::<Fields>(&path).await }
        })
    };
    fields.view(move || {
        let mut options = vec![
            (String::new(), "Ignore".to_owned()),
            ("address".to_owned(), "Address (identifies the person)".to_owned()),
        ];
        let known = fields.peek(|found| found.fields.clone());
        options.extend(known.into_iter().map(|field| (field.token, field.label)));
        form(desk, options)
    })
}

fn form(desk: Desk, options: Vec<(String, String)>) -> AnyView {
    let Some((source, file)) = desk.found.peek(|run| run.file.clone().map(|file| (run.source, file))) else {
        return ().into_any();
    };
    let all: Vec<FileColumn> = file.columns;
    let before: Vec<Option<String>> = all.iter().map(|column| column.field.clone()).collect();
    let chosen: Vec<Value> = all.iter().map(|column| Value::new(column.field.as_deref().unwrap_or(""))).collect();
    let options = Signal::stored(options);
    let counts = (source, file.complete);
    let (source, complete) = (RwSignal::new(counts.0.as_str().to_owned()), RwSignal::new(counts.1));
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let delimiter =
        if file.delimiter == "\t" { "a tab".to_owned() } else { "“".to_owned() + &file.delimiter + "”" };
    let one = |(column, value): (FileColumn, Value)| {
        let hint = "Such as ".to_owned() + &column.samples.join(", ");
        view! { <Select label=column.name value options hint /> }
    };
    let rows = all.into_iter().zip(chosen.clone()).map(one).collect_view();
    let next = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let fields: Vec<Option<String>> =
            chosen.iter().map(|value| Some(value.text.get_untracked()).filter(|field| !field.is_empty())).collect();
        if !fields.iter().any(|field| field.as_deref() == Some("address")) {
            error.set("One column must be the address: it identifies the person.".into());
            return;
        }
        let source = source.with_untracked(|source| Source::parse(source)).unwrap_or(Source::Csv);
        if fields == before && (source, complete.get_untracked()) == counts {
            desk.mapping.set(false);
            return;
        }
        let body = FileMapping { fields, source, complete: complete.get_untracked() };
        busy.set(true);
        error.set(String::new());
        spawn_local(async move {
            match send::<Run>("PATCH", &desk.path.get_value(), &body).await {
                Ok(run) => {
                    desk.mapping.set(false);
                    desk.put(run);
                }
                Err(failure) => error.set(failure.text()),
            }
            busy.set(false);
        });
    };
    view! {
        <section class="card narrow-card">
            <h2>"Fields for the columns"</h2>
            <p class="quiet">
                {"Read as ".to_owned() + &file.encoding + ", with " + &delimiter + " between columns. If this is \
                    wrong, upload the file again and choose both."}
            </p>
            <form novalidate on:submit=next>
                {rows}
                <Radios
                    label="Precedence of the values"
                    value=source
                    options=vec![
                        ("csv", "Like values from a directory", "Values from people, admins, databases and Entra ID \
                            take precedence."),
                        ("manual", "Like values from an admin", "They take precedence over every directory."),
                    ]
                />
                <Check
                    label="The file is complete"
                    checked=complete
                    hint="People who are not in it lose the values from earlier files."
                />
                {form_error(error.into())}
                <div class="row wrap">
                    <Button look=Look::Primary icon=Icon::FORWARD busy>
                        "Show the plan"
                    </Button>
                    {desk.may().then(|| cancel(desk))}
                </div>
            </form>
        </section>
    }
    .into_any()
}
