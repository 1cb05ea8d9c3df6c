//! Tables whose rows the server finds, sorts and cuts into pages. What a page gives is data, so that there is one table
//! in the program, whatever the rows are of.

mod tools;

use self::tools::{chosen_columns, pager, toolbar};
use crate::ui::load::Loaded;
use crate::ui::{Empty, Failed, Icon, Pill, Skeleton, Tone, address, ago, changing, text, when};
use leptos::prelude::*;
use std::sync::Arc;

/// What stands in one place of a table.
#[derive(Clone)]
pub enum Cell {
    /// Words.
    Text(String),
    /// Several words on one line each; the second is quiet.
    Twice(String, String),
    /// A few words each, with their urgency.
    Pills(Vec<(String, Tone)>),
    /// How long ago; nothing where it never was.
    Ago(Option<i64>),
    /// Anything.
    View(Arc<dyn Fn() -> AnyView + Send + Sync>),
}

impl Cell {
    /// Anything.
    pub fn view(view: impl Fn() -> AnyView + Send + Sync + 'static) -> Self {
        Self::View(Arc::new(view))
    }

    fn draw(&self) -> AnyView {
        match self {
            Self::Text(text) => text.clone().into_any(),
            Self::Twice(first, second) => {
                view! { <span class="twice"><span>{first.clone()}</span><span class="quiet">{second.clone()}</span></span> }
                    .into_any()
            }
            Self::Pills(pills) => {
                let pills = pills.iter().cloned().map(|(text, tone)| view! { <Pill text tone /> });
                view! { <span class="row wrap">{pills.collect_view()}</span> }.into_any()
            }
            Self::Ago(at) => at.map(ago).into_any(),
            Self::View(view) => view(),
        }
    }
}

/// One row.
#[derive(Clone)]
pub struct Row {
    /// Names it among the others.
    pub key: String,
    /// Where it leads; empty: nowhere.
    pub href: String,
    /// What stands in it, by column.
    pub cells: Vec<(String, Cell)>,
}

/// A page of rows.
#[derive(Clone, Default)]
pub struct Listing {
    /// The rows.
    pub rows: Vec<Row>,
    /// How many there are in all.
    pub total: u64,
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Names it; what the server sorts by.
    pub key: String,
    /// What people read.
    pub label: String,
    /// Whether rows can be sorted by it.
    pub sorts: bool,
    /// Whether it is there unless somebody chose otherwise.
    pub shown: bool,
}

impl Column {
    /// A column that is there.
    pub fn new(key: &str, label: &str) -> Self {
        Self { key: key.to_owned(), label: label.to_owned(), sorts: false, shown: true }
    }

    /// One that rows can be sorted by.
    pub fn sorted(key: &str, label: &str) -> Self {
        Self { sorts: true, ..Self::new(key, label) }
    }

    /// One that is there once somebody chose it.
    #[must_use]
    pub fn hidden(self) -> Self {
        Self { shown: false, ..self }
    }
}

/// Which rows, in which order. It stands in the address, so that going back finds the same page.
#[derive(Clone, Copy)]
pub struct Query {
    /// What is looked for.
    pub search: RwSignal<String>,
    /// The column that rows are sorted by; empty: the server's order.
    pub sort: RwSignal<String>,
    /// Whether the last comes first.
    pub descending: RwSignal<bool>,
    /// How many rows come before.
    pub offset: RwSignal<u32>,
    /// How many rows at most.
    pub limit: RwSignal<u32>,
    /// Whether rows can be searched.
    pub searches: bool,
    /// Other conditions, by name.
    pub filters: StoredValue<Vec<(&'static str, RwSignal<String>)>>,
}

impl Query {
    /// As the address says; `filters` names other conditions.
    pub fn new(filters: &[&'static str]) -> Self {
        let number = |name: &str, otherwise: u32| address::query(name).parse().unwrap_or(otherwise);
        let filters = filters.iter().map(|name| (*name, RwSignal::new(address::query(name)))).collect();
        let query = Self {
            search: RwSignal::new(address::query("search")),
            sort: RwSignal::new(address::query("sort")),
            descending: RwSignal::new(address::query("order") == "descending"),
            offset: RwSignal::new(number("offset", 0)),
            limit: RwSignal::new(number("limit", 50)),
            searches: true,
            filters: StoredValue::new(filters),
        };
        let path = address::path();
        Effect::new(move |before: Option<String>| {
            let conditions = query.conditions();
            // Another search begins on its first page.
            if before.is_some_and(|before| before != conditions) {
                query.offset.set(0);
            }
            let mut pairs = conditions.clone();
            for (name, value, otherwise) in [("offset", query.offset.get(), 0), ("limit", query.limit.get(), 50)] {
                if value != otherwise {
                    pairs = pairs + "&" + name + "=" + &value.to_string();
                }
            }
            let query = pairs.trim_start_matches('&');
            let to = if query.is_empty() { path.clone() } else { path.clone() + "?" + query };
            address::rewrite(&to);
            conditions
        });
        query
    }

    /// The same for rows that the server does not search.
    #[must_use]
    pub fn unsearched(self) -> Self {
        Self { searches: false, ..self }
    }

    /// One of the other conditions.
    pub fn filter(self, name: &str) -> RwSignal<String> {
        let found = self.filters.with_value(|all| all.iter().find(|(own, _)| *own == name).map(|(_, value)| *value));
        found.unwrap_or_else(|| RwSignal::new(String::new()))
    }

    /// Whether anything is left out.
    pub fn is_narrowed(self) -> bool {
        !self.search.with(String::is_empty)
            || self.filters.with_value(|all| all.iter().any(|(_, value)| !value.with(String::is_empty)))
    }

    /// Leaves nothing out.
    pub fn widen(self) {
        self.search.set(String::new());
        self.filters.with_value(|all| all.iter().for_each(|(_, value)| value.set(String::new())));
    }

    fn conditions(self) -> String {
        let order = if self.descending.get() { "descending" } else { "" };
        let mut pairs = vec![("search", self.search.get()), ("sort", self.sort.get()), ("order", order.to_owned())];
        self.filters.with_value(|all| pairs.extend(all.iter().map(|(name, value)| (*name, value.get()))));
        let filled = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        filled.map(|(name, value)| "&".to_owned() + name + "=" + &crate::api::console::encode(&value)).collect()
    }
}

/// What an empty table says to do.
#[derive(Clone)]
pub struct Hint(Arc<dyn Fn() -> AnyView + Send + Sync>);

impl Hint {
    /// What `draw` draws.
    pub fn new(draw: impl Fn() -> AnyView + Send + Sync + 'static) -> Self {
        Self(Arc::new(draw))
    }
}

/// A table.
#[component]
pub fn Table(
    /// Names it, for the columns that somebody chose.
    id: &'static str,
    /// What its rows are, such as `people`.
    what: &'static str,
    /// Its columns; the first is always there, and leads where the row does.
    #[prop(into)]
    columns: Signal<Vec<Column>>,
    /// Its rows.
    rows: Loaded<Listing>,
    /// What is asked for; without it everything is on one page, and nothing can be searched.
    #[prop(optional, into)]
    query: Option<Query>,
    /// More to filter by.
    #[prop(optional, into)]
    filters: Option<AnyView>,
    /// What can be done with the whole.
    #[prop(optional, into)]
    actions: Option<AnyView>,
    /// The picture where there are none.
    #[prop(default = Icon::LIST)]
    icon: Icon,
    /// What to do where there are none.
    #[prop(optional, into)]
    hint: String,
    /// The same where it is more than words.
    #[prop(optional, into)]
    empty: Option<Hint>,
) -> impl IntoView {
    let chosen = chosen_columns(id);
    let shown = Memo::new(move |_| {
        let chosen = chosen.get();
        let is_shown = |index: usize, column: &Column| {
            index == 0 || chosen.iter().find(|(key, _)| *key == column.key).map_or(column.shown, |(_, shown)| *shown)
        };
        let all = columns.get().into_iter().enumerate();
        all.filter(|(index, column)| is_shown(*index, column)).map(|(_, column)| column).collect::<Vec<_>>()
    });
    let state = Memo::new(move |_| {
        (rows.value.with(|rows| rows.as_ref().map(|rows| rows.rows.is_empty())), rows.failure.get())
    });
    let hint = empty.unwrap_or_else(|| Hint::new(move || view! { <p>{hint.clone()}</p> }.into_any()));
    let body = move || match state.get() {
        (_, Some(failure)) => view! { <Failed failure retry=move |()| rows.retry() /> }.into_any(),
        (None, None) => view! { <Skeleton lines=8 /> }.into_any(),
        (Some(true), None) => nothing(what, icon, query, &hint),
        (Some(false), None) => grid(what, shown, rows, query),
    };
    view! {
        <section class="listing" aria-busy=text(move || rows.busy.get().to_string())>
            {toolbar(what, columns, chosen, shown, query, filters, actions)} {body}
            {query.map(|query| pager(what, rows, query))}
        </section>
    }
    .into_any()
}

fn nothing(what: &'static str, icon: Icon, query: Option<Query>, hint: &Hint) -> AnyView {
    if let Some(query) = query.filter(|query| query.is_narrowed()) {
        let widen = move |()| query.widen();
        return view! {
            <Empty title="Nothing found".to_owned() icon=Icon::SEARCH>
                <p>{"No ".to_owned() + what + " match this search and these filters."}</p>
                <crate::ui::Button on_press=widen>"Show all"</crate::ui::Button>
            </Empty>
        }
        .into_any();
    }
    let hint = (hint.0)();
    view! {
        <Empty title="No ".to_owned() + what + " yet" icon>
            {hint}
        </Empty>
    }
    .into_any()
}

fn grid(what: &'static str, shown: Memo<Vec<Column>>, rows: Loaded<Listing>, query: Option<Query>) -> AnyView {
    let all = move || rows.read(|listing| listing.rows.clone());
    let head = move || shown.get().into_iter().map(|column| head(column, query)).collect_view();
    let body = move || {
        let columns = shown.get();
        all().into_iter().map(|one| row(&one, &columns)).collect_view()
    };
    around(what, when(move || rows.busy.get()), head.into_any(), body.into_any())
}

/// A table of what is there already: neither searched nor cut into pages. The first cell of each row names it.
pub fn sheet(what: &'static str, columns: &[&'static str], rows: Vec<Vec<AnyView>>) -> AnyView {
    let head = columns.iter().map(|label| head(Column::new("", label), None)).collect_view();
    let row = |cells: Vec<AnyView>| line(String::new(), columns.iter().map(|label| (*label).to_owned()).zip(cells));
    around(what, Signal::stored(false), head.into_any(), rows.into_iter().map(row).collect_view().into_any())
}

fn around(what: &'static str, stale: Signal<bool>, head: AnyView, body: AnyView) -> AnyView {
    view! {
        // What scrolls must be reachable with the keyboard.
        <div class="scroll" tabindex="0" role="region" aria-label=what class:stale=stale>
            <table role="table">
                <caption class="hidden">{what}</caption>
                <thead role="rowgroup">
                    <tr role="row">{head}</tr>
                </thead>
                <tbody role="rowgroup">{body}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn head(column: Column, query: Option<Query>) -> AnyView {
    let Column { key, label, sorts, .. } = column;
    let Some(query) = query.filter(|_| sorts) else {
        return view! {
            <th role="columnheader" scope="col">
                {label}
            </th>
        }
        .into_any();
    };
    let own = key.clone();
    let order = Memo::new(move |_| {
        (query.sort.with(|sort| *sort == own)).then(|| if query.descending.get() { "descending" } else { "ascending" })
    });
    let press = move |_| {
        let again = order.get_untracked() == Some("ascending");
        query.sort.set(key.clone());
        query.descending.set(again);
    };
    view! {
        <th role="columnheader" scope="col" aria-sort=move || order.get()>
            <button type="button" class="sort" on:click=press>
                {label}
                {changing(move || {
                    order
                        .get()
                        .map(|order| crate::ui::icon(if order == "ascending" { Icon::UP } else { Icon::DOWN }))
                })}
            </button>
        </th>
    }
    .into_any()
}

fn row(row: &Row, columns: &[Column]) -> AnyView {
    let cells = columns.iter().enumerate().map(|(index, column)| {
        let drawn = row.cells.iter().find(|(key, _)| *key == column.key).map(|(_, cell)| cell.draw());
        let leads = index == 0 && !row.href.is_empty();
        let inner = if leads {
            view! { <a class="whole" href=row.href.clone()>{drawn}</a> }.into_any()
        } else {
            drawn.into_any()
        };
        (column.label.clone(), inner)
    });
    line(row.key.clone(), cells)
}

/// A row of cells, each with its column's label.
fn line(key: String, cells: impl Iterator<Item = (String, AnyView)>) -> AnyView {
    let cell = |(index, (label, inner)): (usize, (String, AnyView))| {
        if index == 0 {
            view! {
                <th role="rowheader" scope="row">
                    {inner}
                </th>
            }
            .into_any()
        } else {
            view! {
                <td role="cell" data-label=label>
                    {inner}
                </td>
            }
            .into_any()
        }
    };
    view! {
        <tr role="row" data-key=key>
            {cells.enumerate().map(cell).collect_view()}
        </tr>
    }
    .into_any()
}
