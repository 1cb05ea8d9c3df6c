//! The configuration page, for this machine only: the same steps as in the terminal. Server-rendered HTML, opened with a
//! one-time link from the program.

mod forms;
mod guard;
mod pages;
mod work;

pub use guard::Guard;

use crate::config::{Config, Place};
use crate::journal::Journal;
use crate::paraph::{self, Client};
use crate::run::{Needs, Purpose};
use crate::service::RunNow;
use crate::show;
use crate::source::{self, Look, Settings};
use api::connector::Target;
use axum::extract::{Form, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use pages::{Page, Told};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use work::Work;

/// Form data.
type Sent = Form<Vec<(String, String)>>;

/// The page of one data folder.
#[derive(Clone)]
pub struct Web {
    needs: Needs,
    guard: Guard,
    /// Requests a run from the service; without a service, the page runs by itself.
    run_now: Option<RunNow>,
    /// A run that was started here.
    running: Work,
    previewing: Work,
    /// The query's columns, from the last test.
    columns: Arc<Mutex<Vec<String>>>,
}

impl Web {
    /// Creates the page, protected by this guard.
    pub fn new(needs: Needs, guard: Guard, run_now: Option<RunNow>) -> Self {
        Self { needs, guard, run_now, running: Work::default(), previewing: Work::default(), columns: Arc::default() }
    }

    fn place(&self) -> &Place {
        &self.needs.place
    }

    fn columns(&self) -> Vec<String> {
        self.columns.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Serves the page until `stop`.
pub async fn serve(listener: TcpListener, web: Web, stop: impl Future<Output = ()> + Send + 'static) {
    let router = Router::new()
        .route("/", get(overview))
        .route("/run", post(run))
        .route("/paraph", get(paraph_page).post(save_paraph))
        .route("/database", get(database_page).post(save_database))
        .route("/mappings", get(mappings_page).post(save_mappings))
        .route("/schedule", get(schedule_page).post(save_schedule))
        .route("/preview", get(preview_page).post(preview))
        .route_layer(middleware::from_fn_with_state(web.guard.clone(), guard::only_invited))
        .route("/style.css", get(|| async { ([(header::CONTENT_TYPE, "text/css")], pages::STYLE) }))
        .route("/script.js", get(|| async { ([(header::CONTENT_TYPE, "text/javascript")], pages::SCRIPT) }))
        .route("/icon.svg", get(|| async { ([(header::CONTENT_TYPE, "image/svg+xml")], pages::ICON) }))
        .layer(middleware::from_fn_with_state(web.guard.clone(), guard::only_this_machine))
        .with_state(web);
    if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stop).await {
        tracing::error!("the configuration page is not served: {error}");
    }
}

/// Why a page cannot be shown: the settings file or the disk cannot be read or written.
struct Failed(anyhow::Error);

impl<E: Into<anyhow::Error>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        pages::failed(&format!("{:#}", self.0)).into_response()
    }
}

type Shown = Result<Html<String>, Failed>;

async fn overview(State(web): State<Web>) -> Shown {
    let journal = Journal::load(&web.place().status());
    let page = Page { config: web.place().load()?, work: web.running.state(), ..Page::default() };
    Ok(pages::overview(&page, &journal, web.needs.clock.now_ms()))
}

async fn run(State(web): State<Web>) -> Redirect {
    match &web.run_now {
        Some(run_now) => run_now.ask(),
        None => web.running.begin(&web.needs, Purpose::Apply),
    }
    Redirect::to("/")
}

async fn paraph_page(State(web): State<Web>) -> Shown {
    Ok(pages::paraph(&Page { config: web.place().load()?, ..Page::default() }))
}

async fn save_paraph(State(web): State<Web>, Form(sent): Sent) -> Shown {
    let (config, wrong) = forms::paraph(web.place().load()?, &web.place().sealer()?, &sent);
    if let Some(wrong) = wrong {
        return Ok(pages::paraph(&Page { config, told: Told::wrong(&wrong), ..Page::default() }));
    }
    web.place().save(&config)?;
    let told = match target(&web, &config).await {
        Ok(target) => Told::good(format!("Saved. Rows go to {}, with the secret “{}”.", target.tenant, target.secret)),
        Err(trouble) => Told::wrong(&format!("Saved, but {trouble}")),
    };
    Ok(pages::paraph(&Page { config, told, ..Page::default() }))
}

async fn database_page(State(web): State<Web>) -> Shown {
    Ok(pages::database(&Page { config: web.place().load()?, ..Page::default() }, None))
}

async fn save_database(State(web): State<Web>, Form(sent): Sent) -> Shown {
    let (config, wrong) = forms::database(web.place().load()?, &web.place().sealer()?, &sent);
    if let Some(wrong) = wrong {
        return Ok(pages::database(&Page { config, told: Told::wrong(&wrong), ..Page::default() }, None));
    }
    web.place().save(&config)?;
    if forms::value(&sent, "action") != "test" {
        return Ok(pages::database(&Page { config, told: Told::good("Saved.".into()), ..Page::default() }, None));
    }
    let (told, look) = match look(&web, &config).await {
        Ok(look) => (
            Told::good(format!(
                "Connected, and the query returns {}: {}.",
                show::count(look.columns.len(), "column"),
                look.columns.join(", ")
            )),
            Some(look),
        ),
        Err(trouble) => (Told::wrong(&trouble.to_string()), None),
    };
    Ok(pages::database(&Page { config, told, ..Page::default() }, look.as_ref()))
}

async fn mappings_page(State(web): State<Web>) -> Shown {
    let config = web.place().load()?;
    mappings(&web, config, Told::nothing()).await
}

async fn save_mappings(State(web): State<Web>, Form(sent): Sent) -> Shown {
    let config = forms::mappings(web.place().load()?, &sent);
    let told = if config.mappings.contains_key(api::connector::ADDRESS) {
        web.place().save(&config)?;
        Told::good("Saved.".into())
    } else {
        Told::wrong("Not saved: choose the column with the e-mail address. It identifies people.")
    };
    mappings(&web, config, told).await
}

/// The mappings page, with Paraph's fields and the query's columns.
async fn mappings(web: &Web, config: Config, mut told: Told) -> Shown {
    let fields = match target(web, &config).await {
        Ok(target) => target.fields,
        Err(trouble) => {
            told = Told::wrong(&format!("Paraph's fields cannot be fetched: {trouble}"));
            Vec::new()
        }
    };
    if web.columns().is_empty()
        && let Err(trouble) = look(web, &config).await
    {
        told = Told::wrong(&format!("The query's columns cannot be fetched: {trouble}"));
    }
    Ok(pages::mappings(&Page { config, told, ..Page::default() }, &fields, &web.columns()))
}

async fn schedule_page(State(web): State<Web>) -> Shown {
    Ok(pages::schedule(&Page { config: web.place().load()?, ..Page::default() }))
}

async fn save_schedule(State(web): State<Web>, Form(sent): Sent) -> Shown {
    let (config, wrong) = forms::schedule(web.place().load()?, &sent);
    let told = if let Some(wrong) = wrong {
        Told::wrong(&wrong)
    } else {
        web.place().save(&config)?;
        Told::good("Saved. The new interval applies within a minute.".into())
    };
    Ok(pages::schedule(&Page { config, told, ..Page::default() }))
}

async fn preview_page(State(web): State<Web>) -> Shown {
    let page = Page { config: web.place().load()?, work: web.previewing.state(), ..Page::default() };
    Ok(pages::preview(&page))
}

async fn preview(State(web): State<Web>) -> Redirect {
    web.previewing.begin(&web.needs, Purpose::Preview);
    Redirect::to("/preview")
}

async fn target(web: &Web, config: &Config) -> Result<Target, paraph::Trouble> {
    let sealer = web.place().sealer().map_err(|error| paraph::Trouble::Refused(format!("{error:#}")))?;
    Client::new(config, &sealer)?.target().await
}

/// Runs the query, and keeps its columns for the mappings.
async fn look(web: &Web, config: &Config) -> Result<Look, source::Trouble> {
    /// How many rows are shown.
    const ROWS: usize = 5;
    let sealer = web.place().sealer().map_err(|error| source::Trouble::Machine(format!("{error:#}")))?;
    let look = source::look(&Settings::new(config, &sealer, web.place().spool())?, ROWS).await?;
    web.columns.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&look.columns);
    Ok(look)
}
