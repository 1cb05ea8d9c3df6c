//! A comparison that runs on the server: started, followed until it is finished, ended when nobody looks any more.

use super::cells;
use super::outcome::in_a_line;
use crate::api::console::{Failure, delete, get, path, send, with_query};
use crate::console::pages::rules::put;
use crate::ui::{
    Button, Cell, Column, Icon, Listing, Loaded, Notice, Progress, Query, Row, Table, Tone, changing, effect, text,
};
use ::api::console::{
    BeforeAfter, Combination, Compare, Compared, ComparedCellQuery, ComparedOutcome, ComparedPeople, ComparedQuery,
    Comparison, MatrixCell, PartNames, paths,
};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// How often it is asked how far it is.
const OFTEN: Duration = Duration::from_millis(300);

/// A comparison, or why there is none.
#[derive(Clone, Copy)]
pub(in crate::console::pages) struct Comparing {
    /// The tenant.
    pub(in crate::console::pages) tenant: StoredValue<String>,
    /// How far it is, and what came out.
    pub(in crate::console::pages) now: RwSignal<Option<Comparison>>,
    /// Why there is none.
    pub(in crate::console::pages) failure: RwSignal<Option<Failure>>,
    /// Counts the starts: a late answer to an earlier one is not looked at.
    turn: StoredValue<u32>,
}

impl Comparing {
    /// None yet.
    pub(in crate::console::pages) fn new(tenant: StoredValue<String>) -> Self {
        let comparing =
            Self { tenant, now: RwSignal::new(None), failure: RwSignal::new(None), turn: StoredValue::new(0) };
        on_cleanup(move || comparing.forget());
        comparing
    }

    /// Whether it is at work.
    pub(in crate::console::pages) fn runs(self) -> bool {
        self.now.with(|now| now.as_ref().is_some_and(|now| !now.finished))
    }

    /// Its id, once everybody was looked at.
    pub(in crate::console::pages) fn finished(self) -> Option<String> {
        self.now.with(|now| now.as_ref().filter(|now| now.finished).map(|now| now.id.clone()))
    }

    /// Starts another one.
    pub(in crate::console::pages) fn start(self, wanted: Compare) {
        self.cancel();
        self.failure.set(None);
        let mine = self.turn.get_value();
        let list = self.tenant.with_value(|tenant| path(paths::COMPARISONS, &[tenant]));
        spawn_local(async move {
            let started = send::<Comparison>("POST", &list, &wanted).await;
            self.take(mine, started);
        });
    }

    fn take(self, mine: u32, answer: Result<Comparison, Failure>) {
        if self.turn.try_get_value() != Some(mine) {
            return;
        }
        match answer {
            Ok(now) => {
                let again = !now.finished;
                self.now.set(Some(now));
                if again {
                    set_timeout(move || self.follow(mine), OFTEN);
                }
            }
            Err(failure) => {
                self.now.set(None);
                self.failure.set(Some(failure));
            }
        }
    }

    fn follow(self, mine: u32) {
        let Some(own) = self.path_now(paths::COMPARISON) else { return };
        spawn_local(async move {
            let answer = get::<Comparison>(&own).await;
            self.take(mine, answer);
        });
    }

    fn path_now(self, pattern: &str) -> Option<String> {
        let id = self.now.try_with_untracked(|now| now.as_ref().map(|now| now.id.clone()))??;
        let tenant = self.tenant.try_get_value()?;
        Some(path(pattern, &[&tenant, &id]))
    }

    /// Ends it, and shows none.
    pub(in crate::console::pages) fn cancel(self) {
        self.forget();
        let _ = self.now.try_set(None);
    }

    fn forget(self) {
        let _ = self.turn.try_update_value(|turn| *turn = turn.wrapping_add(1));
        if let Some(own) = self.path_now(paths::COMPARISON) {
            spawn_local(async move { drop(delete(&own).await) });
        }
    }

    /// How far it is, or what went wrong.
    pub(in crate::console::pages) fn progress(self) -> AnyView {
        let runs = Memo::new(move |_| self.runs());
        let done = Signal::derive(move || self.now.read().as_ref().map_or(0, |now| now.done));
        let of = Signal::derive(move || self.now.read().as_ref().map_or(0, |now| now.total));
        let label = text(|| "Comparing everyone".to_owned());
        view! {
            {changing(move || {
                runs.get()
                    .then(|| {
                        view! {
                            <div class="card">
                                <Progress label done of unit="people".to_owned() />
                                <div class="row">
                                    <Button on_press=move |()| self.cancel()>"Cancel"</Button>
                                </div>
                            </div>
                        }
                    })
            })}
            {changing(move || {
                self.failure.get().map(|failure| view! { <Notice tone=Tone::Error>{failure.text()}</Notice> })
            })}
        }
        .into_any()
    }

    /// Whether all kinds of messages were compared.
    pub(in crate::console::pages) fn is_matrix(self) -> bool {
        self.now.with(|now| now.as_ref().is_some_and(|now| !now.cells.is_empty()))
    }

    /// Its people, a page at a time, as [`Query`] says: `group`, `gets` and `in`; `chosen` for whom to show.
    pub(in crate::console::pages) fn people(self, query: Query, affected: bool, chosen: RwSignal<String>) -> AnyView {
        let rows = Loaded::new(move || {
            let ready = self.finished();
            let cell = query.filter("in").with(|number| cells::numbered(number));
            let asked = ComparedQuery {
                kind: cell.map(|cell| cell.kind),
                recipients: cell.map(|cell| cell.recipients),
                affected,
                group: Some(query.filter("group").get()).filter(|group| !group.is_empty()),
                gets: query.filter("gets").with(|place| place.parse().ok()),
                search: query.search.get(),
                offset: query.offset.get(),
                limit: Some(query.limit.get()),
            };
            let path = ready.map(|id| {
                let tenant = self.tenant.get_value();
                with_query(&path(paths::COMPARISON_PEOPLE, &[&tenant, &id]), &asked)
            });
            async move {
                let Some(path) = path else { return Ok(Listing::default()) };
                let found = get::<ComparedPeople>(&path).await?;
                let row = |one: &Compared| row(one, affected, chosen);
                Ok(Listing { total: found.total, rows: found.people.iter().map(row).collect() })
            }
        });
        effect(move || {
            // The server keeps no more than the last ones.
            if rows.failure.get().is_some_and(|failure| failure.is_missing()) {
                self.now.set(None);
            }
        });
        let name = Column::new("name", "Name");
        let columns = match (affected, untrack(move || self.is_matrix())) {
            (true, true) => vec![name, Column::new("changes", "What changes")],
            (true, false) => vec![name, Column::new("before", "Gets now"), Column::new("after", "Would get")],
            (false, _) => vec![name, Column::new("gets", "Gets")],
        };
        view! {
            <Table
                id="compared"
                what="people"
                columns=Signal::stored(columns)
                rows
                query
                filters=self.filters(query, affected)
                icon=Icon::PERSON
                hint="Nobody is affected."
            />
        }
        .into_any()
    }

    /// What somebody of it gets, before and after, in the cell of this number; without one in the first that changes.
    pub(in crate::console::pages) fn person(
        self,
        id: RwSignal<String>,
        cell: RwSignal<String>,
    ) -> Loaded<Option<BeforeAfter>> {
        let before = StoredValue::new(String::new());
        Loaded::new(move || {
            let id = id.get();
            // Somebody else's begins with what changes for them.
            if before.with_value(|before| *before != id) {
                before.set_value(id.clone());
                put(cell, String::new());
            }
            let shown = cell.with(|number| cells::numbered(number));
            let query =
                ComparedCellQuery { kind: shown.map(|cell| cell.kind), recipients: shown.map(|cell| cell.recipients) };
            let own = self.finished().filter(|_| !id.is_empty()).map(|run| {
                let own = self.tenant.with_value(|tenant| path(paths::COMPARISON_PERSON, &[tenant, &run, &id]));
                with_query(&own, &query)
            });
            async move {
                match own {
                    Some(own) => get::<BeforeAfter>(&own).await.map(Some),
                    None => Ok(None),
                }
            }
        })
    }

    fn filters(self, query: Query, affected: bool) -> AnyView {
        let options = Signal::derive(move || {
            cells::options(self.now.read().as_ref().map(|now| now.cells.as_slice()).unwrap_or_default())
        });
        let messages = (affected && untrack(move || self.is_matrix())).then(|| {
            view! { <crate::ui::Choose label="Message" value=query.filter("in") options /> }
        });
        let combinations = Signal::derive(move || {
            let now = self.now.read();
            let all = now.as_ref().map(|now| now.combinations.as_slice()).unwrap_or_default();
            let got = all.iter().enumerate().filter(|(_, one)| one.after > 0);
            let one = |(place, one): (usize, &Combination)| {
                (place.to_string(), in_a_line(&one.parts) + " (" + &crate::ui::time::grouped(one.after) + ")")
            };
            std::iter::once((String::new(), "Anything".to_owned())).chain(got.map(one)).collect::<Vec<_>>()
        });
        let options = Signal::derive(move || {
            let now = self.now.read();
            let groups = now.as_ref().map(|now| now.groups.as_slice()).unwrap_or_default();
            let one = |group: &::api::console::AffectedGroup| {
                (group.id.clone(), group.name.clone() + " (" + &crate::ui::time::grouped(group.affected) + ")")
            };
            std::iter::once((String::new(), "All".to_owned())).chain(groups.iter().map(one)).collect::<Vec<_>>()
        });
        view! {
            {messages}
            <crate::ui::Choose label="Gets" value=query.filter("gets") options=combinations />
            <crate::ui::Choose label="Group" value=query.filter("group") options />
        }
        .into_any()
    }
}

fn row(one: &Compared, affected: bool, chosen: RwSignal<String>) -> Row {
    let (id, name, address) = (one.id.clone(), one.name.clone(), one.address.clone());
    let cell = move || {
        let (own, pressed, name, address) = (id.clone(), id.clone(), name.clone(), address.clone());
        view! {
            <span class="twice">
                <button
                    type="button"
                    class="person-row"
                    aria-pressed=text(move || chosen.with(|chosen| *chosen == own).to_string())
                    on:click=move |_| chosen.set(pressed.clone())
                >
                    {name}
                </button>
                <span class="quiet">{address}</span>
            </span>
        }
        .into_any()
    };
    let mut cells = vec![("name".to_owned(), Cell::view(cell))];
    let all = one.outcomes.clone();
    if affected {
        let (before, after) = (in_a_line(&one.before), in_a_line(&one.after));
        let after = if before == after { SAME.to_owned() } else { after };
        cells
            .push(("changes".to_owned(), Cell::view(move || lines(all.iter().filter(|one| one.affected).map(change)))));
        cells.extend([("before".to_owned(), Cell::Text(before)), ("after".to_owned(), Cell::Text(after))]);
    } else {
        cells.push(("gets".to_owned(), Cell::view(move || gets(&all))));
    }
    Row { key: one.id.clone(), href: String::new(), cells }
}

/// Stands for templates whose content alone changes.
const SAME: &str = "The same templates, with different content";

/// The messages, and what changes in them.
fn change(one: &ComparedOutcome) -> (String, String) {
    let (before, after) = (in_a_line(&one.before), in_a_line(&one.after));
    let words = if before == after { SAME.to_owned() } else { after + " instead of " + &before };
    (words, cells::titled(&one.cells))
}

/// What somebody gets; in which messages where that differs.
fn gets(all: &[ComparedOutcome]) -> AnyView {
    let mut by_parts: Vec<(&PartNames, Vec<MatrixCell>)> = Vec::new();
    for one in all {
        match by_parts.iter_mut().find(|(parts, _)| **parts == one.after) {
            Some((_, cells)) => cells.extend(&one.cells),
            None => by_parts.push((&one.after, one.cells.clone())),
        }
    }
    let differ = by_parts.len() > 1;
    lines(
        by_parts
            .iter()
            .map(|(parts, cells)| (in_a_line(parts), if differ { cells::titled(cells) } else { String::new() })),
    )
}

fn lines(all: impl Iterator<Item = (String, String)>) -> AnyView {
    let line = |(words, quiet): (String, String)| {
        view! {
            <li class="twice">
                <span>{words}</span>
                {(!quiet.is_empty()).then(|| view! { <span class="quiet">{quiet}</span> })}
            </li>
        }
    };
    view! { <ul class="plain-list">{all.map(line).collect_view()}</ul> }.into_any()
}
