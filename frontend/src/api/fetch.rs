//! One request over the browser's `fetch`, through gloo-net.

use gloo_net::http::{Method, RequestBuilder, Response};
use web_sys::AbortSignal;

/// A request. It fails without an answer where the server, or the way to it, is down.
#[derive(Clone, Copy)]
pub(super) struct Request<'a> {
    /// `GET` and the others.
    pub(super) method: &'a str,
    /// Its path on the origin that served the page.
    pub(super) path: &'a str,
    /// The JSON that it carries.
    pub(super) body: Option<&'a str>,
    /// Its headers; those with an empty value are left out.
    pub(super) headers: &'a [(&'a str, &'a str)],
    /// How long the answer may take.
    pub(super) timeout_ms: u32,
}

/// What the server answers; `None` where it does not.
pub(super) async fn fetch(request: Request<'_>) -> Option<Response> {
    let Request { method, path, body, headers, timeout_ms } = request;
    let signal = AbortSignal::timeout_with_u32(timeout_ms);
    let mut builder = RequestBuilder::new(path).method(Method::from_bytes(method.as_bytes()).ok()?);
    for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
        builder = builder.header(name, value);
    }
    builder = builder.abort_signal(Some(&signal));
    let built = match body {
        Some(body) => builder.header("content-type", "application/json").body(body),
        None => builder.build(),
    };
    built.ok()?.send().await.ok()
}
