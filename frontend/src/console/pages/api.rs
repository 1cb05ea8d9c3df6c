//! The API's document, to read.

use super::{at, page, tenant_crumb};
use crate::api::console::get;
use crate::console::place::Page;
use crate::ui::{Icon, Loaded, Pill, Tone, count, icon, text};
use ::api::console::paths;
use leptos::prelude::*;
use serde_json::Value as Json;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// `/console/tenants/TENANT/api`.
pub fn api(tenant: &str) -> AnyView {
    let found = Loaded::new(|| get::<Json>(paths::OPENAPI));
    let search = RwSignal::new(String::new());
    let tokens = at(tenant, Page::Tokens);
    let list = found.view(move || (move || found.value.with(|found| routes(found.as_ref(), &search.get()))).into_any());
    let actions = view! {
        <a class="button" href=paths::OPENAPI download="openapi.json">
            {icon(Icon::DOWNLOAD)}
            "OpenAPI document"
        </a>
    };
    let content = view! {
        <p class="lead">
            "Everything that this console does goes through this API. Programs sign in with an " <a href=tokens>"API token"</a>
            ", as " <code>"Authorization: Bearer …"</code> "."
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

/// One method of one path.
struct Route<'a> {
    method: &'static str,
    path: &'a str,
    operation: &'a Json,
}

fn routes(document: Option<&Json>, search: &str) -> AnyView {
    let Some(document) = document else { return ().into_any() };
    let search = search.trim().to_lowercase();
    let mut tags: Vec<(String, Vec<AnyView>)> = Vec::new();
    let paths = document["paths"].as_object().into_iter().flatten();
    let all = paths.flat_map(|(path, item)| {
        METHODS.into_iter().filter_map(move |method| Some(Route { method, path, operation: item.get(method)? }))
    });
    for route in all {
        let summary = route.operation["summary"].as_str().unwrap_or_default();
        let text = (route.method.to_owned() + " " + route.path + " " + summary).to_lowercase();
        if !search.split_whitespace().all(|word| text.contains(word)) {
            continue;
        }
        let tag = route.operation["tags"][0].as_str().unwrap_or("Other").to_owned();
        let view = shown(document, &route);
        match tags.iter_mut().find(|(name, _)| *name == tag) {
            Some((_, views)) => views.push(view),
            None => tags.push((tag, vec![view])),
        }
    }
    if tags.is_empty() {
        return view! { <p class="quiet">"No route matches."</p> }.into_any();
    }
    let group = |(name, views): (String, Vec<AnyView>)| {
        let number = count(views.len() as u64, "route");
        view! {
            <section class="stack">
                <h2>{name} " " <span class="quiet">{number}</span></h2>
                {views}
            </section>
        }
    };
    tags.into_iter().map(group).collect_view().into_any()
}

fn shown(document: &Json, route: &Route) -> AnyView {
    let tone = match route.method {
        "get" => Tone::Info,
        "delete" => Tone::Error,
        _ => Tone::Success,
    };
    let operation = route.operation;
    let words = |key: &str| operation[key].as_str().unwrap_or_default().to_owned();
    let parameters: Vec<AnyView> = operation["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| {
            let one = resolve(document, one);
            let name = one["name"].as_str().unwrap_or_default().to_owned();
            let place = one["in"].as_str().unwrap_or_default().to_owned();
            let about =
                one["description"].as_str().or(one["schema"]["description"].as_str()).unwrap_or_default().to_owned();
            view! {
                <dt>
                    <code>{name}</code>
                    " "
                    <span class="quiet">{place}</span>
                </dt>
                <dd>{about}</dd>
            }
            .into_any()
        })
        .collect();
    let body =
        resolve(document, &operation["requestBody"])["content"].as_object().and_then(|content| content.values().next());
    let body = body.map(|content| schema("Body", document, &content["schema"]));
    let answers: Vec<AnyView> = operation["responses"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(status, answer)| {
            let answer = resolve(document, answer);
            let about = answer["description"].as_str().unwrap_or_default().to_owned();
            let content = answer["content"].as_object().and_then(|content| content.values().next());
            let name = content.and_then(|content| name_of(&content["schema"])).unwrap_or_default();
            view! {
                <dt>{status.clone()}</dt>
                <dd>{about} " " <code>{name}</code></dd>
            }
            .into_any()
        })
        .collect();
    let has_parameters = !parameters.is_empty();
    let success =
        operation["responses"].as_object().and_then(|all| all.iter().find(|(status, _)| status.starts_with('2')));
    let answer = success.and_then(|(_, answer)| answer["content"].as_object()?.values().next());
    let answer = answer.map(|content| schema("Answer", document, &content["schema"]));
    view! {
        <details class="fold">
            <summary>
                <span class="row wrap grow">
                    <span class="method">
                        <Pill text=route.method.to_uppercase() tone />
                    </span>
                    <code>{route.path.to_owned()}</code>
                    <span class="quiet">{words("summary")}</span>
                </span>
                {icon(Icon::CHEVRON)}
            </summary>
            <p>{words("description")}</p>
            {has_parameters
                .then(|| {
                    view! {
                        <div>
                            <h3>"Parameters"</h3>
                            <dl class="facts-list">{parameters}</dl>
                        </div>
                    }
                })}
            {body}
            {answer}
            <div>
                <h3>"Statuses"</h3>
                <dl class="facts-list">{answers}</dl>
            </div>
        </details>
    }
    .into_any()
}

/// What a `$ref` leads to, or the thing itself.
fn resolve<'a>(document: &'a Json, thing: &'a Json) -> &'a Json {
    let target = thing["$ref"].as_str().and_then(|to| to.strip_prefix('#'));
    target.and_then(|pointer| document.pointer(pointer)).unwrap_or(thing)
}

fn name_of(schema: &Json) -> Option<String> {
    schema["$ref"].as_str()?.rsplit('/').next().map(str::to_owned)
}

fn schema(title: &'static str, document: &Json, schema: &Json) -> AnyView {
    let name = name_of(schema).unwrap_or_default();
    let schema = resolve(document, schema);
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    let property = |(key, value): (&String, &Json)| {
        let kind = kind_of(value);
        let about = value["description"].as_str().unwrap_or_default().to_owned();
        let needed = required.contains(&key.as_str()).then(|| view! { <Pill text="required" /> });
        view! {
            <dt>
                <code>{key.clone()}</code>
            </dt>
            <dd>
                <code class="quiet">{kind}</code>
                " "
                {about}
                " "
                {needed}
            </dd>
        }
        .into_any()
    };
    let properties: Vec<AnyView> = schema["properties"].as_object().into_iter().flatten().map(property).collect();
    let heading = text(move || title.to_owned() + " " + &name);
    view! {
        <div>
            <h3>{heading}</h3>
            <dl class="facts-list">{properties}</dl>
        </div>
    }
    .into_any()
}

fn kind_of(value: &Json) -> String {
    if let Some(name) = name_of(value) {
        return name;
    }
    if let Some(of) = value["anyOf"].as_array().or(value["oneOf"].as_array()) {
        return of.iter().map(kind_of).collect::<Vec<_>>().join(" or ");
    }
    match &value["type"] {
        Json::String(kind) if kind == "array" => "list of ".to_owned() + &kind_of(&value["items"]),
        Json::String(kind) => kind.clone(),
        Json::Array(kinds) => kinds.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(" or "),
        _ => "any".to_owned(),
    }
}
