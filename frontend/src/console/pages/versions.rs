//! Published versions of a list, such as the rules: one of them beside what there is now, and restoring it.

use crate::api::console::{get, path};
use crate::ui::{Button, Icon, Loaded, Look, Notice, ago, changing, text};
use ::api::console::{VersionRow, Versions};
use leptos::prelude::*;

/// How something differs between a version and now; a side is empty where it was not there.
pub(crate) struct Difference {
    pub(crate) name: String,
    pub(crate) then: Vec<String>,
    pub(crate) now: Vec<String>,
}

/// The versions at the path `route` of a tenant; `one` shows the chosen one.
pub(crate) fn list(tenant: &str, route: &str, one: impl Fn(i64) -> AnyView + Copy + Send + Sync + 'static) -> AnyView {
    let own = path(route, &[tenant]);
    let all = Loaded::new(move || {
        let path = own.clone();
        async move { get::<Versions>(&path).await }
    });
    let chosen = RwSignal::new(None::<i64>);
    let row = move |row: VersionRow| {
        let (version, by) = (row.version, row.by);
        view! {
            <li>
                <button
                    type="button"
                    class="version-row"
                    aria-pressed=text(move || (chosen.get() == Some(version)).to_string())
                    on:click=move |_| chosen.set(Some(version))
                >
                    <strong>"Version " {version}</strong>
                    <span class="quiet">{ago(row.at_ms)} ", " {by}</span>
                </button>
            </li>
        }
    };
    let rows = move || {
        let rows = all.read(|all| all.versions.clone());
        if rows.is_empty() {
            return view! { <Notice>"Nothing has been published here yet. Each time you publish, a version is created."</Notice> }
            .into_any();
        }
        view! { <ul class="version-list">{rows.into_iter().map(row).collect_view()}</ul> }.into_any()
    };
    all.view(move || {
        view! {
            <div class="version-pair">
                {changing(rows)} <div class="stack">{changing(move || chosen.get().map(one))}</div>
            </div>
        }
        .into_any()
    })
}

/// A version beside what there is now. `noun`: what the list contains, such as rules. `restore`: for those who may.
pub(crate) fn beside(
    version: i64,
    noun: &'static str,
    differences: Vec<Difference>,
    restore: Option<impl Fn(()) + Send + Sync + 'static>,
) -> AnyView {
    let restore = restore.filter(|_| !differences.is_empty()).map(|restore| {
        view! {
            <Button look=Look::Primary icon=Icon::UNDO on_press=restore>
                "Restore this version"
            </Button>
        }
    });
    let list = if differences.is_empty() {
        view! { <Notice>"The " {noun} " are the same as in this version."</Notice> }.into_any()
    } else {
        view! { <ul class="plain-list">{differences.into_iter().map(row).collect_view()}</ul> }.into_any()
    };
    view! {
        <div class="row wrap">
            <h3 class="grow">"Version " {version} " and now"</h3>
            {restore}
        </div>
        {list}
    }
    .into_any()
}

/// What is told after restoring.
pub(crate) fn restored(version: i64) -> String {
    "Version ".to_owned() + &version.to_string() + " is restored, but not published yet."
}

fn row(difference: Difference) -> AnyView {
    let Difference { name, then, now } = difference;
    let side = |words: &'static str, lines: Vec<String>| {
        let lines = if lines.is_empty() { vec!["Not there.".to_owned()] } else { lines };
        view! {
            <div class="side-of">
                <p class="quiet">{words}</p>
                {lines.into_iter().map(|line| view! { <p>{line}</p> }).collect_view()}
            </div>
        }
    };
    view! {
        <li class="both">
            <h4>{name}</h4>
            {side("Then", then)}
            {side("Now", now)}
        </li>
    }
    .into_any()
}
