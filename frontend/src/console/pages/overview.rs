//! A tenant at a glance: what is to be done, how many there are, what happened last.

use super::audit::entry;
use super::people::source_words;
use super::tenants::{may_restore, state_words};
use super::{at, page};
use crate::api::console::{get, path, with_query};
use crate::console::place::Page;
use crate::console::session;
use crate::ui::{Icon, Loaded, Notice, Pill, Tone, changing, icon, sentence};
use ::api::console::{Audit, AuditQuery, Clients, ClientsQuery, SourceDetail, Sources, Tenant, TenantState, paths};
use leptos::prelude::*;

/// `/console/tenants/TENANT`.
pub fn overview(tenant: &str) -> AnyView {
    let id = tenant.to_owned();
    let own = path(paths::TENANT, &[tenant]);
    let found = Loaded::new(move || {
        let path = own.clone();
        async move { get::<Tenant>(&path).await }
    });
    let content = found.view(move || {
        let id = id.clone();
        let shown = move || found.value.get().map(|tenant| todo(&tenant, &id));
        shown.into_any()
    });
    let content = view! {
        {sources(tenant)}
        {content}
        <div class="columns">{clients(tenant)} {changes(tenant)}</div>
    };
    page(
        &[(String::from("/console/tenants"), "Tenants")],
        session::tenant_name(tenant),
        ().into_any(),
        content.into_any(),
    )
}

/// Sources that do not work, and runs that wait for somebody.
fn sources(tenant: &str) -> AnyView {
    let (own, href) = (path(paths::SOURCES, &[tenant]), at(tenant, Page::Sources));
    let found = Loaded::new(move || {
        let path = own.clone();
        async move { get::<Sources>(&path).await }
    });
    let one = move |source: SourceDetail| {
        let name = source_words(source.source).0.to_owned();
        let (tone, words) = match (source.waiting, source.problem) {
            (Some(_), _) => (Tone::Warning, name + ": a run waits until somebody has looked at what it takes away."),
            (None, Some(problem)) => (Tone::Error, name + ": " + &problem),
            (None, None) => return None,
        };
        let href = href.clone();
        Some(
            view! {
                <Notice tone>
                    <p>
                        {sentence(&words)} " " <a href=href>"Sources"</a>
                    </p>
                </Notice>
            }
            .into_any(),
        )
    };
    // Nothing while it loads: mostly there is nothing to say.
    changing(move || found.read(|all| all.sources.iter().cloned().filter_map(&one).collect::<Vec<_>>()))
}

fn todo(tenant: &Tenant, id: &str) -> AnyView {
    let one = |state: &TenantState| {
        let (words, tone) = state_words(*state, tenant);
        let (advice, to) = advice(*state);
        let href = at(id, to.clone());
        view! {
            <li class="row wrap">
                <Pill text=words tone />
                <span class="grow">{advice}</span>
                <a href=href>{to.title()}</a>
            </li>
        }
    };
    let list = if tenant.state.is_empty() {
        view! {
            <p class="row">
                <Pill text="Everything is set up" tone=Tone::Success />
            </p>
        }
        .into_any()
    } else {
        view! { <ul class="plain-list">{tenant.state.iter().map(one).collect_view()}</ul> }.into_any()
    };
    view! {
        <div class="columns">
            <section class="card">
                <h2>"What to do next"</h2>
                {list}
                {may_restore(tenant)}
            </section>
            <section class="card">
                <h2>"Directory"</h2>
                <a class="number-tile" href=at(id, Page::People)>
                    <strong>{crate::ui::time::grouped(tenant.people)}</strong>
                    <span>"people and shared mailboxes"</span>
                </a>
                <p class="quiet">{tenant.domains.join(", ")}</p>
            </section>
        </div>
    }
    .into_any()
}

fn advice(state: TenantState) -> (&'static str, Page) {
    match state {
        TenantState::Deleting => ("Restore it before that day to keep it.", Page::Settings),
        TenantState::NoPeople => ("Connect a directory or a database, or import a CSV file.", Page::Sources),
        TenantState::NoRules => ("Nobody gets a signature until a rule gives one.", Page::People),
        TenantState::NoClientId => {
            ("Register an app in Entra and put its client id into the configuration.", Page::Deployment)
        }
        TenantState::NoClients => ("Deploy the add-in to Outlook.", Page::Deployment),
        TenantState::ConnectorsPending => ("Needed only for signatures on phones and other apps.", Page::Deployment),
        TenantState::Problems => ("A person’s page says what is wrong with their signature.", Page::People),
    }
}

fn clients(tenant: &str) -> AnyView {
    let own = with_query(&path(paths::CLIENTS, &[tenant]), &ClientsQuery { limit: Some(1), ..ClientsQuery::default() });
    let href = at(tenant, Page::Clients);
    let found = Loaded::new(move || {
        let path = own.clone();
        async move { get::<Clients>(&path).await }
    });
    let content = found.view(move || {
        let platforms = found.peek(|found| found.platforms.clone());
        if platforms.is_empty() {
            return view! { <p class="quiet">"No Outlook has called in yet."</p> }.into_any();
        }
        let one = |platform: ::api::console::PlatformCount| {
            view! {
                <dt>{super::clients::platform_words(&platform.platform)}</dt>
                <dd>{crate::ui::time::grouped(platform.clients)}</dd>
            }
        };
        view! { <dl class="facts-list">{platforms.into_iter().map(one).collect_view()}</dl> }.into_any()
    });
    view! {
        <section class="card">
            <h2>"Clients"</h2>
            {content}
            <a class="row" href=href>
                {icon(Icon::FORWARD)}
                "All clients"
            </a>
        </section>
    }
    .into_any()
}

fn changes(tenant: &str) -> AnyView {
    let own = with_query(&path(paths::AUDIT, &[tenant]), &AuditQuery { limit: Some(5), ..AuditQuery::default() });
    let href = at(tenant, Page::Audit);
    let found = Loaded::new(move || {
        let path = own.clone();
        async move { get::<Audit>(&path).await }
    });
    let content = found.view(move || {
        let entries = found.peek(|found| found.entries.clone());
        if entries.is_empty() {
            return view! { <p class="quiet">"Nothing yet."</p> }.into_any();
        }
        view! { <ul class="plain-list">{entries.iter().map(entry).collect_view()}</ul> }.into_any()
    });
    view! {
        <section class="card">
            <h2>"Last changes"</h2>
            {content}
            <a class="row" href=href>
                {icon(Icon::FORWARD)}
                "Audit"
            </a>
        </section>
    }
    .into_any()
}
