//! The pages, rendered from the templates.

use super::forms::MAPPING;
use super::work::State;
use crate::config::{Config, EVERY_MINUTES, Kind, QUERY_MINUTES};
use crate::journal::{Journal, Outcome};
use crate::mapping;
use crate::run::Step;
use crate::show;
use crate::source::Look;
use api::connector::{ADDRESS, TargetField};
use axum::response::Html;
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Paraph's own styles, and additions for this page.
pub(super) const STYLE: &str = concat!(
    include_str!("../../../../frontend/styles/base.css"),
    include_str!("../../../../frontend/styles/console.css"),
    include_str!("style.css")
);
/// Shows only the fields that the chosen type needs; without it, all are shown.
pub(super) const SCRIPT: &str = include_str!("script.js");

/// Paraph's logo.
pub(super) const ICON: &str = include_str!("icon.svg");

/// The pages in the navigation: path, name.
const STEPS: &[(&str, &str)] = &[
    ("/", "Overview"),
    ("/paraph", "1. Secret"),
    ("/database", "2. Database and query"),
    ("/mappings", "3. Field mappings"),
    ("/schedule", "4. Schedule"),
    ("/preview", "5. Preview"),
];

/// Values that every page needs.
#[derive(Default)]
pub(super) struct Page {
    pub(super) config: Config,
    pub(super) told: Told,
    pub(super) work: State,
}

/// The message at the top of a page.
#[derive(Default)]
pub(super) struct Told {
    kind: &'static str,
    text: String,
}

impl Told {
    pub(super) fn nothing() -> Self {
        Self::default()
    }

    pub(super) fn good(text: String) -> Self {
        Self { kind: "success", text }
    }

    pub(super) fn wrong(text: &str) -> Self {
        Self { kind: "error", text: sentence(text) }
    }
}

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    for (name, text) in [
        ("layout.html", include_str!("templates/layout.html")),
        ("overview.html", include_str!("templates/overview.html")),
        ("paraph.html", include_str!("templates/paraph.html")),
        ("database.html", include_str!("templates/database.html")),
        ("mappings.html", include_str!("templates/mappings.html")),
        ("schedule.html", include_str!("templates/schedule.html")),
        ("preview.html", include_str!("templates/preview.html")),
        ("failed.html", include_str!("templates/failed.html")),
    ] {
        // The templates are part of the program; a test renders each of them.
        let _ = environment.add_template(name, text);
    }
    environment
});

fn fill(name: &str, path: &str, page: &Page, values: Value) -> Html<String> {
    let steps: Vec<_> =
        STEPS.iter().map(|(to, label)| context! { path => *to, label => *label, current => *to == path }).collect();
    let values = context! {
        steps,
        told => context! { kind => page.told.kind, text => page.told.text.clone() },
        version => env!("CARGO_PKG_VERSION"),
        ..values
    };
    let html = TEMPLATES.get_template(name).and_then(|template| template.render(values));
    Html(html.unwrap_or_else(|error| {
        tracing::error!("{name} cannot be rendered: {error:#}");
        String::new()
    }))
}

/// A serializable value for the templates.
fn filled(of: impl Serialize) -> Value {
    Value::from(Serde(of))
}

/// The page for an error.
pub(super) fn failed(text: &str) -> Html<String> {
    fill("failed.html", "", &Page::default(), context! { text })
}

pub(super) fn overview(page: &Page, journal: &Journal, now_ms: i64) -> Html<String> {
    let config = &page.config;
    let todo = [
        ("/paraph", "Paraph’s address and the secret", config.check_paraph().err()),
        ("/database", "Database and query", config.check_source().err()),
        ("/mappings", "Field mappings", mapped(config)),
    ];
    let todo: Vec<_> = todo.into_iter().map(|(path, label, missing)| context! { path, label, missing }).collect();
    let runs: Vec<_> = journal
        .runs
        .iter()
        .map(|run| {
            let kind = match run.outcome {
                Outcome::Applied => "success",
                Outcome::Waiting | Outcome::Away => "warning",
                Outcome::Cancelled | Outcome::Failed => "error",
            };
            let seconds = run.ended_ms.saturating_sub(run.began_ms) / 1000;
            context! { at => show::time(run.began_ms), seconds, kind, text => show::entry(run), warnings => run.warnings.clone() }
        })
        .collect();
    fill(
        "overview.html",
        "/",
        page,
        context! {
            todo,
            ready => config.check().is_ok(),
            runs,
            running => journal.running_ms.map(show::time),
            going => going(&page.work),
            stopped => stopped(&page.work),
            next => journal.next_ms.filter(|next| *next > now_ms).map(show::time),
            away => journal.away_since_ms.map(show::time),
            warnings => config.warnings(),
        },
    )
}

fn mapped(config: &Config) -> Option<String> {
    (!config.mappings.contains_key(ADDRESS)).then(|| "choose the column with the e-mail address".into())
}

pub(super) fn paraph(page: &Page) -> Html<String> {
    let values = context! { paraph => context! { secret => "", ..filled(&page.config.paraph) }, is_set => !page.config.paraph.secret.is_empty() };
    fill("paraph.html", "/paraph", page, values)
}

pub(super) fn database(page: &Page, look: Option<&Look>) -> Html<String> {
    let database = &page.config.database;
    let kinds: Vec<_> = Kind::ALL
        .into_iter()
        .map(|kind| {
            context! { token => kind.token(), label => kind.label(), port => kind.usual_port(), chosen => kind == database.kind }
        })
        .collect();
    let sample: Option<Vec<_>> = look.map(|look| {
        let cells = |row: &Vec<Option<String>>| row.iter().map(|cell| cell.as_deref().map(clipped)).collect::<Vec<_>>();
        look.sample.iter().map(cells).collect()
    });
    let values = context! {
        kinds,
        // Without the sealed secrets, which a browser does not need.
        database => context! { password => "", ..filled(database) },
        has_password => !database.password.is_empty(),
        query => filled(&page.config.query),
        least => QUERY_MINUTES.start(),
        most => QUERY_MINUTES.end(),
        columns => look.map(|look| look.columns.clone()),
        sample,
        warnings => look.map(|look| [look.warnings.clone(), page.config.warnings()].concat()),
    };
    fill("database.html", "/database", page, values)
}

fn clipped(text: &str) -> String {
    const LONGEST: usize = 80;
    if text.chars().count() <= LONGEST { text.to_owned() } else { text.chars().take(LONGEST).chain(['…']).collect() }
}

pub(super) fn mappings(page: &Page, fields: &[TargetField], columns: &[String]) -> Html<String> {
    let mapped = &page.config.mappings;
    let suggested = if columns.is_empty() { BTreeMap::new() } else { mapping::suggest(columns, fields) };
    let rows: Vec<_> = fields
        .iter()
        .map(|field| {
            let own = mapped.get(&field.token);
            // Suggestions are made only until the first mapping is saved.
            let offered = suggested.get(&field.token).filter(|_| mapped.is_empty());
            let column = own.or(offered);
            let is_gone = own.is_some_and(|own| !columns.iter().any(|column| column.eq_ignore_ascii_case(own)));
            context! {
                name => format!("{MAPPING}{}", field.token), token => field.token.clone(), label => field.label.clone(), column,
                suggested => own.is_none() && offered.is_some(), gone => is_gone && !columns.is_empty(),
                needed => field.token == ADDRESS,
            }
        })
        .collect();
    fill(
        "mappings.html",
        "/mappings",
        page,
        context! { rows, columns => columns.to_vec(), unknown => filled(mapping::unknown(mapped, fields)) },
    )
}

pub(super) fn schedule(page: &Page) -> Html<String> {
    let minutes = page.config.schedule.minutes;
    let values = context! { minutes, least => EVERY_MINUTES.start(), most => EVERY_MINUTES.end() };
    fill("schedule.html", "/schedule", page, values)
}

pub(super) fn preview(page: &Page) -> Html<String> {
    let done = match &page.work {
        State::Ended(Ok(done)) => Some(done),
        _ => None,
    };
    let values = context! {
        ready => page.config.check().err(),
        going => going(&page.work),
        stopped => stopped(&page.work),
        rows => done.map(|done| show::count(done.upload.rows, "row")),
        upload => done.map(|done| filled(&done.upload)),
        counts => done.and_then(|done| done.upload.plan.as_ref()).map(show::counts),
        warnings => done.map(|done| done.warnings.clone()),
    };
    fill("preview.html", "/preview", page, values)
}

/// Progress as a sentence.
fn going(work: &State) -> Option<String> {
    let State::Going(step) = work else { return None };
    Some(match step {
        Step::Querying(rows) => format!("Querying the database: {} so far.", show::count(*rows, "row")),
        Step::Sending(part, parts) => format!("Sending part {} of {parts}.", part + 1),
        Step::Waiting(..) => "Paraph is processing the rows.".into(),
        Step::Away => "Paraph does not answer; retrying.".into(),
    })
}

fn stopped(work: &State) -> Option<String> {
    match work {
        State::Ended(Err(why)) => Some(sentence(why)),
        _ => None,
    }
}

/// Capitalizes a message: messages start in lower case because other text precedes them in a terminal.
fn sentence(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_can_be_rendered_and_shows_no_secret() {
        let mut page = Page { told: Told::wrong("<b>wrong</b>"), ..Page::default() };
        page.config.paraph.secret = "1.sealed".into();
        page.config.database.password = "1.sealed".into();
        page.config.query.sql = "SELECT '</textarea><script>'".into();
        let look = Look {
            columns: vec!["<i>mail</i>".into()],
            warnings: vec!["careful".into()],
            sample: vec![vec![Some("<script>".into())], vec![None]],
        };
        let fields = [TargetField { token: "address".into(), label: "E-mail".into(), usual: vec!["mail".into()] }];
        for Html(html) in [
            overview(&page, &Journal::default(), 0),
            paraph(&page),
            database(&page, Some(&look)),
            mappings(&page, &fields, &look.columns),
            schedule(&page),
            preview(&page),
            failed("text"),
        ] {
            assert!(html.contains("</html>"), "{html}");
            assert!(!html.contains("1.sealed"), "{html}");
            assert!(!html.contains("<b>wrong") && !html.contains("<script>") && !html.contains("<i>mail"), "{html}");
        }
    }
}
