//! Who gets what on a date, and why: for one person, or for everyone before and after unpublished changes.

use crate::clock::DAY_MS;
use crate::design::changes;
use crate::design::compared::Row;
use crate::design::comparisons::Run;
use crate::design::matrix;
use crate::http::AppState;
use crate::http::addin::signature;
use crate::http::api::doc;
use crate::http::console::people::directory::{check_search, page_size};
use crate::http::request::access::{Access, ReadDesign};
use crate::http::request::io::{Created, Query};
use crate::http::{Body, Error};
use crate::random;
use crate::signing::{read_draft, select_for};
use crate::store::{DesignState, PersonRecord};
use crate::tenant::{Search, Tenant};
use ::api::Recipient;
use ::api::console::{
    BeforeAfter, Compare, Compared, ComparedCellQuery, ComparedPeople, ComparedQuery, Comparison, MatrixCell, Occasion,
    Picked, Simulate, Simulated, paths,
};
use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::Json;
use axum::extract::State;
use axum::response::NoContent;
use email_signature::{Draft, Person, RecipientType};
use std::sync::Arc;
use std::time::Duration;

/// Most recipients to look at: more change nothing that fewer do not.
const MAX_RECIPIENTS: usize = 100;
/// How long a page waits for its comparison: 100,000 people take some seconds.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// How far from now one may look, in milliseconds: ten years.
const MAX_AWAY_MS: u64 = 10 * 366 * DAY_MS.unsigned_abs();

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "Who gets what";
    ApiRouter::new()
        .api_route(paths::SIMULATION, post_with(simulate, doc(tag, "What a person gets, and why")))
        .api_route(paths::COMPARISONS, post_with(start, doc(tag, "Asks what everyone gets, before and after changes")))
        .api_route(
            paths::COMPARISON,
            get_with(show, doc(tag, "A comparison, with its progress")).delete_with(end, doc(tag, "Ends a comparison")),
        )
        .api_route(paths::COMPARISON_PEOPLE, get_with(people, doc(tag, "A comparison's people, a page at a time")))
        .api_route(paths::COMPARISON_PERSON, get_with(person, doc(tag, "What a person gets, before and after")))
}

async fn simulate(
    State(app): State<Arc<AppState>>,
    access: Access<ReadDesign>,
    Body(wanted): Body<Simulate>,
) -> Result<Json<Simulated>, Error> {
    let tenant = with_changes(&app, &access, wanted.changes).await?;
    let person =
        tenant.record(&wanted.person).ok_or_else(|| Error::invalid("person", "there is no person with this id"))?;
    let person = person.person();
    let now_ms = app.clock.now_ms();
    let at_ms = time("occasion.at_ms", wanted.occasion.at_ms, now_ms)?;
    let draft = draft(&tenant, &person, wanted.occasion, wanted.from)?;
    Ok(Json(app.work.run(move || outcome(&tenant, &person, &draft, at_ms)).await??))
}

/// The tenant as it would be with the picked changes.
async fn with_changes<P>(app: &AppState, access: &Access<P>, picked: Picked) -> Result<Arc<Tenant>, Error> {
    let tenant = &access.tenant;
    if picked == Picked::default() {
        return Ok(Arc::clone(tenant));
    }
    let state: DesignState = app.store.design_state(&tenant.id).await?;
    let (tenant, picked) = (Arc::clone(tenant), access.picked(picked));
    app.work.run(move || Arc::new(tenant.trying(changes::picked(&state, &picked)))).await
}

fn time(field: &str, at_ms: Option<i64>, now_ms: i64) -> Result<i64, Error> {
    let at_ms = at_ms.unwrap_or(now_ms);
    if now_ms.abs_diff(at_ms) > MAX_AWAY_MS {
        return Err(Error::invalid(field, "choose a time at most ten years from now"));
    }
    Ok(at_ms)
}

/// The draft that somebody is taken to write.
pub(in crate::http::console) fn draft(
    tenant: &Tenant,
    person: &Person,
    occasion: Occasion,
    from: Option<String>,
) -> Result<Draft, Error> {
    if occasion.recipients.len() > MAX_RECIPIENTS {
        return Err(Error::invalid("occasion.recipients", format!("write at most {MAX_RECIPIENTS} addresses")));
    }
    let recipient = |address| Recipient { address, kind: RecipientType::default() };
    let wire = ::api::Draft {
        kind: occasion.kind,
        from,
        recipients: occasion.recipients.into_iter().map(recipient).collect(),
        recipients_unread: false,
        format: occasion.format,
        subject: occasion.subject,
        time_zone: None,
        platform: None,
        version: None,
        choice: None,
        explain: true,
        weather: Vec::new(),
    };
    read_draft(tenant, person, &wire).map_err(|mut errors| {
        for error in &mut errors {
            let field = error.field.take().unwrap_or_default();
            let field = field.trim_end_matches(".address");
            error.field = Some(if field == "from" { field.to_owned() } else { format!("occasion.{field}") });
        }
        Error::Invalid(errors)
    })
}

fn outcome(tenant: &Tenant, person: &Person, draft: &Draft, at_ms: i64) -> Result<Simulated, Error> {
    let signed = select_for(tenant, person, draft, None, at_ms)?.fill_explained().hosted();
    let (parts, problems) = (tenant.names(&signed.choice), signed.signature.problems.clone());
    Ok(Simulated { signature: signature::to_wire(signed), parts, problems })
}

async fn start(
    State(app): State<Arc<AppState>>,
    access: Access<ReadDesign>,
    Body(mut wanted): Body<Compare>,
) -> Result<Created<Comparison>, Error> {
    let now_ms = app.clock.now_ms();
    match &mut wanted.occasion {
        Some(occasion) if wanted.at_ms.is_none() => occasion.at_ms.get_or_insert(now_ms),
        Some(_) => return Err(Error::invalid("at_ms", "write the time into the occasion")),
        None => wanted.at_ms.get_or_insert(now_ms),
    };
    let request = serde_json::to_string(&wanted).map_err(|_| Error::Internal)?;
    let run = run(&app, &access, wanted).await?;
    let id = random::id();
    app.store.insert_comparison(&access.tenant.id, &id, &request, now_ms).await?;
    Ok(Created(app.comparisons.start(&id, run, app.clock.passed_ms()).describe(id)))
}

/// A comparison that has not begun.
async fn run<P>(app: &AppState, access: &Access<P>, wanted: Compare) -> Result<Arc<Run>, Error> {
    let now_ms = app.clock.now_ms();
    let at_ms = match &wanted.occasion {
        Some(occasion) => time("occasion.at_ms", occasion.at_ms, now_ms)?,
        None => time("at_ms", wanted.at_ms, now_ms)?,
    };
    let before = Arc::clone(&access.tenant);
    let after = with_changes(app, access, wanted.changes).await?;
    // From is everybody's own: whose this one is does not matter.
    let Some(anybody) = before.records().next().map(|record| record.person()) else {
        return Err(Error::Conflict("there are no people yet: import or add some first".into()));
    };
    let cases = match wanted.occasion {
        Some(occasion) => matrix::one(draft(&after, &anybody, occasion, None)?),
        None => matrix::matrix(&before, &after, &anybody),
    };
    Ok(Run::new(before, after, cases, at_ms))
}

async fn find<P>(app: &AppState, access: &Access<P>) -> Result<Arc<Run>, Error> {
    let (tenant, id) = (&access.tenant, access.part("comparison"));
    let Some(request) = app.store.comparison(&tenant.id, id).await? else {
        app.comparisons.end(&tenant.id, id);
        return Err(Error::NotFound);
    };
    if let Some(run) = app.comparisons.get(&tenant.id, id, app.clock.passed_ms()) {
        return Ok(run);
    }
    // Another node began it, or this one did long ago: everybody is looked at here, too.
    let wanted = serde_json::from_str(&request).map_err(|_| Error::NotFound)?;
    let run = run(app, access, wanted).await?;
    Ok(app.comparisons.start(id, run, app.clock.passed_ms()))
}

async fn show(State(app): State<Arc<AppState>>, access: Access<ReadDesign>) -> Result<Json<Comparison>, Error> {
    let run = find(&app, &access).await?;
    let id = access.part("comparison").to_owned();
    Ok(Json(app.work.run(move || run.describe(id)).await?))
}

async fn end(State(app): State<Arc<AppState>>, access: Access<ReadDesign>) -> Result<NoContent, Error> {
    let (tenant, id) = (&access.tenant.id, access.part("comparison"));
    app.comparisons.end(tenant, id);
    if app.store.delete_comparison(tenant, id).await? { Ok(NoContent) } else { Err(Error::NotFound) }
}

async fn people(
    State(app): State<Arc<AppState>>,
    access: Access<ReadDesign>,
    Query(query): Query<ComparedQuery>,
) -> Result<Json<ComparedPeople>, Error> {
    let limit = page_size(query.limit)?;
    check_search(&query.search)?;
    let run = find(&app, &access).await?;
    // On a node that did not begin it, or after a while without a look, it runs again for this page.
    let _ = tokio::time::timeout(LONGEST_WAIT, run.ended()).await;
    if !run.is_finished() {
        return Err(Error::Conflict("the comparison is still running: ask again when it is finished".into()));
    }
    Ok(Json(app.work.run(move || page(&run, &query, limit)).await??))
}

fn page(run: &Run, query: &ComparedQuery, limit: usize) -> Result<ComparedPeople, Error> {
    let wrong = || Error::invalid("gets", "write an index into the comparison's combinations, from 0");
    let gets = query.gets.map(|place| run.gets(place).ok_or_else(wrong)).transpose()?;
    let tenant = &run.before;
    let search = Search { words: &query.search, group: query.group.as_deref(), limit: usize::MAX, ..Search::default() };
    let found = tenant.index().search(&search).people;
    let rows = found.iter().filter_map(|record| Some((record, run.row_at(tenant.place(&record.id)?)?)));
    let in_some_cell = query.kind.is_some() || query.recipients.is_some();
    if in_some_cell && run.cases.iter().any(|case| case.cell.is_none()) {
        let field = if query.kind.is_some() { "kind" } else { "recipients" };
        return Err(Error::invalid(field, "this comparison is of one draft: leave it out"));
    }
    let changes = run.changes(query.kind, query.recipients);
    let fits = |row: &Row| {
        (row.is_affected() || !query.affected)
            && (changes(row) || !in_some_cell)
            && gets.as_ref().is_none_or(|gets| gets(row))
    };
    let wanted: Vec<_> = rows.filter(|(_, row)| fits(row)).collect();
    let compared = |(record, row): &(&Arc<PersonRecord>, Row)| {
        let outcomes = run.outcomes(*row);
        // The first outcome that changes is that of the first cell that does.
        let shown = outcomes.iter().find(|outcome| outcome.affected).or(outcomes.first());
        Compared {
            id: record.id.to_string(),
            name: record.name().to_owned(),
            address: record.address().to_owned(),
            before: shown.map(|outcome| outcome.before.clone()).unwrap_or_default(),
            after: shown.map(|outcome| outcome.after.clone()).unwrap_or_default(),
            affected: row.is_affected(),
            outcomes,
        }
    };
    Ok(ComparedPeople {
        people: wanted.iter().skip(query.offset as usize).take(limit).map(compared).collect(),
        total: wanted.len() as u64,
    })
}

async fn person(
    State(app): State<Arc<AppState>>,
    access: Access<ReadDesign>,
    Query(query): Query<ComparedCellQuery>,
) -> Result<Json<BeforeAfter>, Error> {
    let run = find(&app, &access).await?;
    let record = run.before.record(access.part("person")).ok_or(Error::NotFound)?;
    let (person, place) = (record.person(), run.before.place(&record.id));
    let row = place.and_then(|place| run.row_at(place)).unwrap_or_default();
    let first = &run.cases[Run::first_case(row)];
    let wanted = first.cell.map(|first| MatrixCell {
        kind: query.kind.unwrap_or(first.kind),
        recipients: query.recipients.unwrap_or(first.recipients),
    });
    let case = run.cases.iter().find(|case| case.cell == wanted).unwrap_or(first);
    let draft = Draft { from: person.address.clone(), ..case.draft.clone() };
    let outcomes = run.outcomes(row);
    let both = move || -> Result<BeforeAfter, Error> {
        Ok(BeforeAfter {
            cell: wanted,
            outcomes,
            before: outcome(&run.before, &person, &draft, run.at_ms)?,
            after: outcome(&run.after, &person, &draft, run.at_ms)?,
        })
    };
    app.work.run(both).await?.map(Json)
}
