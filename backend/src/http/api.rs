//! The API: every route with its document, which is generated from what the handlers take and give.

use super::AppState;
use super::addin::{choices, me, me_fields, signature};
use super::request::access;
use super::request::io::{header_parameter, text_parameter};
use super::{User, connector, console};
use ::api::console::{CSRF_HEADER, IDEMPOTENCY_HEADER};
use aide::OperationInput;
use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, patch_with, post_with};
use aide::generate::GenContext;
use aide::openapi::{Info, OpenApi, Operation, Parameter, ReferenceOr, SecurityScheme};
use aide::transform::TransformOperation;
use axum::Router;
use serde_json::json;
use std::sync::{Arc, OnceLock};

/// Who may call an operation, in the document: `public`, `person` (the add-in's user), `account`, `connector`, or a role.
pub(crate) const WHO: &str = "x-who";

/// The API's document as JSON, kept when the first router is made.
static DOCUMENT: OnceLock<String> = OnceLock::new();

/// The API's router; `console` puts its layers around the console's part.
pub(super) fn routes(
    console: impl FnOnce(ApiRouter<Arc<AppState>>) -> ApiRouter<Arc<AppState>>,
) -> Router<Arc<AppState>> {
    let mut document = OpenApi {
        info: Info {
            title: "Paraph".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            description: Some(
                "Everything that the add-in and the console can do. All errors have the same form. Writes that could \
                 overwrite another admin's change take If-Match, and a POST with an Idempotency-Key is safe to send \
                 twice."
                    .into(),
            ),
            ..Info::default()
        },
        ..OpenApi::default()
    };
    aide::generate::extract_schemas(true);
    let parts = ApiRouter::new().merge(add_in()).merge(console(console::routes())).merge(connector::routes());
    let router = parts.finish_api(&mut document);
    DOCUMENT.get_or_init(|| {
        finish(&mut document);
        let mut document = serde_json::to_value(document).unwrap_or_default();
        without_links(&mut document);
        super::document::complete(&mut document);
        document.to_string()
    });
    router
}

/// What the add-in asks, with a person's token.
fn add_in() -> ApiRouter<Arc<AppState>> {
    use ::api::paths;
    ApiRouter::new()
        .api_route(paths::SIGNATURE, post_with(signature::handle, doc("Add-in", "The signature for a draft")))
        .api_route(
            paths::CHOICES,
            post_with(choices::handle, doc("Add-in", "The signatures that the person can choose")),
        )
        .api_route(paths::ME, get_with(me::handle, doc("Add-in", "The signed-in person")))
        .api_route(paths::ME_FIELDS, patch_with(me_fields::handle, doc("Add-in", "Changes the person's own values")))
}

/// An operation's place and one-line description.
pub(super) fn doc(
    tag: &'static str,
    summary: &'static str,
) -> impl FnOnce(TransformOperation<'_>) -> TransformOperation<'_> {
    move |operation| operation.tag(tag).summary(summary)
}

/// What the extractors do not say: path parameters, security schemes, who may call what no extractor guards.
fn finish(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    for (name, scheme) in [
        ("session", json!({ "type": "apiKey", "in": "cookie", "name": access::COOKIE })),
        ("token", json!({ "type": "http", "scheme": "bearer", "description": "An API token" })),
        ("person", json!({ "type": "http", "scheme": "bearer", "description": "An access token of Entra ID" })),
    ] {
        if let Ok(scheme) = serde_json::from_value::<SecurityScheme>(scheme) {
            components.security_schemes.insert(name.into(), ReferenceOr::Item(scheme));
        }
    }
    let Some(paths) = &mut document.paths else { return };
    for (path, item) in &mut paths.paths {
        let ReferenceOr::Item(item) = item else { continue };
        if let Some(get) = &mut item.get {
            // Reading takes no proof of where the page comes from.
            get.parameters.retain(|one| one.as_item().is_none_or(|one| one.parameter_data_ref().name != CSRF_HEADER));
        }
        // What the add-in asks changes nothing, and the connector's uploads have ids of their own.
        let takes_keys = |post: &&mut Operation| {
            let who = post.extensions.get(WHO).and_then(|who| who.as_str()).unwrap_or_default();
            !post.security.is_empty() && !["person", "connector"].contains(&who)
        };
        if let Some(post) = item.post.as_mut().filter(takes_keys) {
            let description = "Makes this request safe to repeat: within a day it is carried out only once, and a \
                               repeated request gets the first answer. The answer is 409 if the first answer held a \
                               secret, was lost, or is not ready yet.";
            post.parameters.push(ReferenceOr::Item(header_parameter(IDEMPOTENCY_HEADER, description, false)));
        }
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            for name in path.split(['{', '}']).skip(1).step_by(2) {
                let schema = schemars::json_schema!({ "type": "string", "minLength": 1 });
                let parameter_data = text_parameter(name, "", true, schema);
                let parameter = Parameter::Path { parameter_data, style: aide::openapi::PathStyle::Simple };
                operation.parameters.push(ReferenceOr::Item(parameter));
            }
            operation.extensions.entry(WHO.into()).or_insert(json!("public"));
        }
    }
}

impl OperationInput for User {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        guarded(operation, "person", [("person", Vec::new())]);
    }
}

/// Notes who may call an operation and how they prove it.
pub(super) fn guarded<const N: usize>(operation: &mut Operation, who: &str, schemes: [(&str, Vec<String>); N]) {
    operation.extensions.insert(WHO.into(), json!(who));
    operation.security =
        schemes.into_iter().map(|(name, scopes)| [(name.to_owned(), scopes)].into_iter().collect()).collect();
}

/// Descriptions come from doc comments, whose links lead nowhere here: their words stay.
fn without_links(value: &mut serde_json::Value) {
    use serde_json::Value;
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "description" => {
                        *text = text.replace("[`", "`").replace("`]", "`");
                        for prefix in ["crate::console::", "crate::", "super::", "Self::"] {
                            *text = text.replace(&format!("`{prefix}"), "`");
                        }
                    }
                    member => without_links(member),
                }
            }
        }
        Value::Array(all) => all.iter_mut().for_each(without_links),
        _ => {}
    }
}

/// `GET /api/v1/openapi.json`.
pub(super) async fn handle() -> impl axum::response::IntoResponse {
    ([(axum::http::header::CONTENT_TYPE, "application/json")], DOCUMENT.get().map_or("", String::as_str))
}

/// The document.
#[cfg(test)]
pub(super) fn document() -> serde_json::Value {
    DOCUMENT.get().and_then(|document| serde_json::from_str(document).ok()).unwrap_or_default()
}

/// Method and path of every route of the API with who may call it, as its document says.
pub fn api_routes() -> Vec<(String, String, String)> {
    let _ = routes(|console| console);
    let document: serde_json::Value =
        DOCUMENT.get().and_then(|document| serde_json::from_str(document).ok()).unwrap_or_default();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let who = operation[WHO].as_str().unwrap_or_default().to_owned();
            routes.push((method.to_uppercase(), path.clone(), who));
        }
    }
    routes
}
