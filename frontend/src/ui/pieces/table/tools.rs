//! What stands above and below a table: search, filters, columns, pages.

use super::{Column, Listing, Query};
use crate::ui::form::pause::Pause;
use crate::ui::load::Loaded;
use crate::ui::search;
use crate::ui::time::{count, grouped};
use crate::ui::{Button, Icon, Look, Menu, changing, effect, icon, keep, kept, text, when};
use leptos::prelude::*;

type Chosen = RwSignal<Vec<(String, bool)>>;

/// The columns that somebody chose in this browser, by key, and whether they are there.
pub(crate) fn chosen_columns(id: &'static str) -> Chosen {
    let name = "columns-".to_owned() + id;
    let stored = kept(&name).unwrap_or_default();
    let read = |entry: &str| entry.split_once('=').map(|(key, shown)| (key.to_owned(), shown == "1"));
    let chosen = RwSignal::new(stored.split('&').filter_map(read).collect::<Vec<_>>());
    Effect::new(move |before: Option<()>| {
        let entry = |(key, shown): &(String, bool)| key.clone() + if *shown { "=1" } else { "=0" };
        let entries: Vec<String> = chosen.with(|all| all.iter().map(entry).collect());
        if before.is_some() {
            keep(&name, &entries.join("&"));
        }
    });
    chosen
}

/// What stands above a table.
pub(crate) fn toolbar(
    what: &'static str,
    columns: Signal<Vec<Column>>,
    chosen: Chosen,
    shown: Memo<Vec<Column>>,
    query: Option<Query>,
    filters: Option<AnyView>,
    actions: Option<AnyView>,
) -> AnyView {
    if query.is_none() && filters.is_none() && actions.is_none() {
        return ().into_any();
    }
    let choice = move || {
        let optional = columns.with(|all| all.len() > 2);
        optional.then(|| column_menu(columns, chosen, shown))
    };
    view! {
        <div class="toolbar">
            {query.filter(|query| query.searches).map(|query| paused_search(what, query))} {filters} {query.map(|query| order(columns, query))}
            <span class="grow"></span> {query.is_some().then(|| choice.into_any())} {actions}
        </div>
    }
    .into_any()
}

/// What is looked for, once somebody who types stops.
fn paused_search(what: &'static str, query: Query) -> AnyView {
    let typed = RwSignal::new(query.search.get_untracked());
    let pause = Pause::new();
    // Also when somebody takes every filter away.
    effect(move || typed.set(query.search.get()));
    let input = Callback::new(move |text| {
        typed.set(text);
        pause.then(move || {
            if let Some(typed) = typed.try_get_untracked() {
                query.search.set(typed);
            }
        });
    });
    search(what, typed, input)
}

/// At phone width there is no head whose buttons sort.
fn order(columns: Signal<Vec<Column>>, query: Query) -> AnyView {
    let options = Signal::derive(move || {
        let sorted = columns.get().into_iter().filter(|column| column.sorts);
        let mut options = vec![(String::new(), "Default order".to_owned())];
        options.extend(sorted.map(|column| (column.key, column.label)));
        options
    });
    view! {
        <div class="narrow" hidden=when(move || options.with(|options| options.len() < 2))>
            <crate::ui::Choose label="Sort by" value=query.sort options />
        </div>
    }
    .into_any()
}

fn column_menu(columns: Signal<Vec<Column>>, chosen: Chosen, shown: Memo<Vec<Column>>) -> AnyView {
    let one = move |column: Column| {
        let Column { key, label, .. } = column;
        let own = key.clone();
        let is_shown = when(move || shown.with(|shown| shown.iter().any(|column| column.key == own)));
        let change = move |event| {
            let now = event_target_checked(&event);
            chosen.update(|chosen| {
                chosen.retain(|(other, _)| *other != key);
                chosen.push((key.clone(), now));
            });
        };
        view! {
            <label class="tick">
                <input type="checkbox" prop:checked=is_shown on:change=change />
                {label}
            </label>
        }
    };
    let face = view! {
        {icon(Icon::COLUMNS)}
        <span>"Columns"</span>
    };
    view! {
        <Menu label="Choose" class="" face=face.into_any()>
            <div class="ticks">
                {changing(move || columns.get().into_iter().skip(1).map(one).collect_view())}
            </div>
        </Menu>
    }
    .into_any()
}

/// What stands below a table.
pub(crate) fn pager(what: &'static str, rows: Loaded<Listing>, query: Query) -> AnyView {
    let total = Memo::new(move |_| rows.read(|listing| listing.total));
    let limit = move || u64::from(query.limit.get().max(1));
    let range = move || {
        let (from, total) = (u64::from(query.offset.get()), total.get());
        if total == 0 {
            return String::new();
        }
        grouped(from + 1) + "–" + &grouped((from + limit()).min(total)) + " of " + &grouped(total)
    };
    let said = move || if total.get() == 1 { "1 found".to_owned() } else { found(total.get(), what) };
    let first = when(move || query.offset.get() == 0);
    let last = when(move || u64::from(query.offset.get()) + limit() >= total.get());
    let go = move |to: u64| query.offset.set(u32::try_from(to).unwrap_or(0));
    let now = move || u64::from(query.offset.get_untracked());
    let size = move || u64::from(query.limit.get_untracked().max(1));
    let sizes = RwSignal::new(query.limit.get_untracked().to_string());
    Effect::new(move |before: Option<()>| {
        let limit = sizes.get().parse().unwrap_or(50);
        if before.is_some() {
            query.offset.set(0);
            query.limit.set(limit);
        }
    });
    let options = ["25", "50", "100", "200"].map(|size| (size.to_owned(), size.to_owned())).to_vec();
    view! {
        <nav class="pager" aria-label="Pages" hidden=when(move || total.get() == 0)>
            <p class="quiet grow">{text(range)}</p>
            <p class="hidden" role="status">{text(said)}</p>
            <crate::ui::Choose label="Rows" value=sizes options=Signal::stored(options) />
            <div class="row" hidden=when(move || first.get() && last.get())>
                <Button look=Look::Subtle icon=Icon::FIRST label="First page" idle=first on_press=move |()| go(0) />
                <Button
                    look=Look::Subtle
                    icon=Icon::BACK
                    label="Previous page"
                    idle=first
                    on_press=move |()| go(now().saturating_sub(size()))
                />
                <Button
                    look=Look::Subtle
                    icon=Icon::FORWARD
                    label="Next page"
                    idle=last
                    on_press=move |()| go(now() + size())
                />
                <Button
                    look=Look::Subtle
                    icon=Icon::LAST
                    label="Last page"
                    idle=last
                    on_press=move |()| go((total.get_untracked().saturating_sub(1)) / size() * size())
                />
            </div>
        </nav>
    }
    .into_any()
}

fn found(total: u64, what: &str) -> String {
    count(total, &(what.to_owned() + "/" + what)) + " found"
}
