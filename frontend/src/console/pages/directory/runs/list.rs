//! The list of runs, of one source or of all.

use crate::api::console::{get, path, with_query};
use crate::console::pages::at;
use crate::console::pages::directory::sources::{Desk, words};
use crate::ui::{Cell, Choose, Column, Icon, Listing, Loaded, Query, Row, Table, Tone, effect, moment};
use ::api::console::pages::Directory;
use ::api::console::{Run, Runs, RunsQuery, Source, SourceDetail, paths};
use leptos::prelude::*;

/// The runs of one source, or of all with a choice between them. `desk`: the sources, whose news change the
/// list.
pub(crate) fn list(tenant: &str, desk: Desk, only: Option<Source>) -> AnyView {
    let query = Query::new(&["source"]).unsearched();
    let (own, id) = (path(paths::RUNS, &[tenant]), tenant.to_owned());
    let rows = Loaded::new(move || {
        let source = only.or_else(|| Source::parse(&query.filter("source").get()));
        let asked = RunsQuery {
            // A file is one, too, whose values count as an admin's.
            files: source == Some(Source::Csv),
            source: source.filter(|source| *source != Source::Csv),
            offset: query.offset.get(),
            limit: Some(query.limit.get()),
        };
        let (path, id) = (with_query(&own, &asked), id.clone());
        async move {
            let found = get::<Runs>(&path).await?;
            Ok(Listing {
                total: found.total,
                rows: found.runs.iter().map(|run| row(&id, run, only.is_some())).collect(),
            })
        }
    });
    follow(desk, rows);
    let choices = [Source::Entra, Source::Google, Source::Database, Source::Csv];
    let mut options = vec![(String::new(), "All".to_owned())];
    options.extend(choices.map(|source| (source.as_str().to_owned(), words::name(source).to_owned())));
    let filters = only.is_none().then(|| {
        view! { <Choose label="Source" value=query.filter("source") options=Signal::stored(options) /> }
    });
    let columns = vec![
        Column::new("source", "Run"),
        Column::new("state", "State"),
        Column::new("changes", "Changes"),
        Column::new("who", "Started by"),
        Column::new("when", "When"),
    ];
    view! {
        <h2 class="above">"Runs"</h2>
        <Table
            id="runs"
            what="runs"
            columns=Signal::stored(columns)
            rows
            query
            filters=filters.into_any()
            icon=Icon::HISTORY
            hint="Runs are listed for 7 days, with what they changed. A file changes nothing until you have seen its preview."
        />
    }
    .into_any()
}

/// Asks again when a run begins or ends: then the list is another.
fn follow(desk: Desk, rows: Loaded<Listing>) {
    let news = Memo::new(move |_| {
        desk.found.read(|all| {
            let one = |run: &Run| (run.id.clone(), run.state);
            let of = |source: &SourceDetail| (source.last.as_ref().map(one), source.waiting.as_ref().map(one));
            all.sources.iter().map(of).collect::<Vec<_>>()
        })
    });
    let mut first = true;
    effect(move || {
        if !news.with(Vec::is_empty) && !std::mem::take(&mut first) {
            rows.retry();
        }
    });
}

/// A row; where all are of one source, their moments tell them apart.
fn row(tenant: &str, run: &Run, only: bool) -> Row {
    let (words, tone) = words::state(run);
    let mut pills = vec![(words.to_owned(), tone)];
    let wrong = run.plan.as_ref().map_or(0, |plan| plan.wrong);
    if wrong > 0 {
        pills.push((crate::ui::count(wrong, "issue"), Tone::Warning));
    }
    let changes = run.plan.as_ref().map(words::summary).or_else(|| run.failure.clone()).unwrap_or_default();
    let named = match &run.file {
        Some(file) => file.name.clone(),
        None if only => moment(run.created_ms),
        None => words::name(run.source).to_owned(),
    };
    let cells = [
        ("source", Cell::Text(named)),
        ("state", Cell::Pills(pills)),
        ("changes", Cell::Text(changes)),
        ("who", Cell::Twice(words::cause(run.cause).to_owned(), run.actor.clone())),
        ("when", Cell::Ago(Some(run.created_ms))),
    ];
    Row {
        key: run.id.clone(),
        href: at(tenant, Directory::Run(run.id.clone())),
        cells: cells.into_iter().map(|(key, cell)| (key.to_owned(), cell)).collect(),
    }
}
