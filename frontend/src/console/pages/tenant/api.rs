//! The API's document, to read.

use super::api_document::{Fact, Part, Route, routes};
use crate::api::console::get_json;
use crate::console::pages::{at, page, tenant_crumb};
use crate::console::session;
use crate::ui::{Icon, Loaded, Pill, Tone, changing, count, icon};
use ::api::console::pages::Tenant;
use ::api::console::paths;
use leptos::prelude::*;

/// `/console/tenants/TENANT/api`.
pub(crate) fn api(tenant: &str) -> AnyView {
    let found = Loaded::new(|| async { get_json(paths::OPENAPI).await.map(routes) });
    let search = RwSignal::new(String::new());
    let token = if session::may(tenant, Tenant::Tokens.about().least) {
        view! { <a href=at(tenant, Tenant::Tokens)>"API token"</a> }.into_any()
    } else {
        "API token".into_any()
    };
    let list = found.view(move || changing(move || found.read(|found| Some(groups(found, &search.get())))));
    let actions = view! {
        <a class="button" href=paths::OPENAPI download="openapi.json">
            {icon(Icon::DOWNLOAD)}
            "OpenAPI document"
        </a>
    };
    let content = view! {
        <p class="lead">
            "Everything that this console does goes through this API. Programs sign in with an " {token} ", as " <code>"Authorization: Bearer …"</code> "."
        </p>
        <div class="toolbar">
            <div class="search" role="search">
                {icon(Icon::SEARCH)}
                <input
                    type="search"
                    aria-label="Search routes"
                    placeholder="Search routes"
                    prop:value=search
                    on:input=move |event| search.set(event_target_value(&event))
                />
            </div>
        </div>
        {list}
    };
    page(&tenant_crumb(tenant), "API", actions.into_any(), content.into_any())
}

fn groups(routes: &[Route], search: &str) -> AnyView {
    let search = search.trim().to_lowercase();
    let mut tags: Vec<(&str, Vec<AnyView>)> = Vec::new();
    for route in routes {
        let text = (route.method.to_owned() + " " + &route.path + " " + &route.summary).to_lowercase();
        if !search.split_whitespace().all(|word| text.contains(word)) {
            continue;
        }
        let view = shown(route);
        match tags.iter_mut().find(|(name, _)| *name == route.tag) {
            Some((_, views)) => views.push(view),
            None => tags.push((&route.tag, vec![view])),
        }
    }
    if tags.is_empty() {
        return view! { <p class="quiet">"No route matches."</p> }.into_any();
    }
    let group = |(name, views): (&str, Vec<AnyView>)| {
        let number = count(views.len() as u64, "route");
        view! {
            <section class="stack">
                <h2>{name.to_owned()} " " <span class="quiet">{number}</span></h2>
                {views}
            </section>
        }
        .into_any()
    };
    tags.into_iter().map(group).collect_view().into_any()
}

fn shown(route: &Route) -> AnyView {
    let tone = match route.method {
        "get" => Tone::Info,
        "delete" => Tone::Error,
        _ => Tone::Success,
    };
    // Built when somebody looks: there are dozens of routes, and each has lists of lists.
    let open = RwSignal::new(false);
    let parts = route.parts.clone();
    let content = move || open.get().then(|| parts.iter().map(part).collect::<Vec<_>>());
    view! {
        <details class="fold" on:toggle=move |_| open.set(true)>
            <summary>
                <span class="row wrap grow">
                    <span class="method">
                        <Pill text=route.method.to_uppercase() tone />
                    </span>
                    <code>{route.path.clone()}</code>
                    <span class="quiet">{route.summary.clone()}</span>
                </span>
                {icon(Icon::CHEVRON)}
            </summary>
            <p>{route.who.clone()}</p>
            {content}
        </details>
    }
    .into_any()
}

fn part(part: &Part) -> AnyView {
    let facts: Vec<AnyView> = part.facts.iter().map(fact).collect();
    view! {
        <div>
            <h3>{part.title.clone()}</h3>
            <p>{prose(&part.about)}</p>
            <dl class="facts-list">{facts}</dl>
        </div>
    }
    .into_any()
}

fn fact(fact: &Fact) -> AnyView {
    let needed = fact.required.then(|| view! { <Pill text="required" /> }.into_any());
    view! {
        <dt>
            <code>{fact.name.clone()}</code>
        </dt>
        <dd>
            <code class="quiet">{fact.kind.clone()}</code>
            " "
            {prose(&fact.about)}
            " "
            {needed}
        </dd>
    }
    .into_any()
}

/// Words, with what stands between backticks as code.
fn prose(text: &str) -> Vec<AnyView> {
    let piece = |(at, piece): (usize, &str)| {
        let piece = piece.to_owned();
        if at % 2 == 1 { view! { <code>{piece}</code> }.into_any() } else { piece.into_any() }
    };
    text.split('`').enumerate().map(piece).collect()
}
