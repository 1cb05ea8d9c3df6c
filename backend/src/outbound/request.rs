//! Requests and answers: bytes in, bytes out.

use reqwest::Method;
use reqwest::header::{
    AUTHORIZATION, CONTENT_TYPE, COOKIE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH,
    PROXY_AUTHORIZATION,
};
use serde::de::DeserializeOwned;
use std::time::Duration;

/// A request that can be sent any number of times.
#[derive(Clone)]
pub struct Request {
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
    is_repeatable: bool,
    /// Whether a header was invalid.
    pub(super) is_broken: bool,
}

#[derive(Clone)]
pub(super) enum Body {
    None,
    Bytes(Vec<u8>),
    /// Announces this many bytes but never sends all of them.
    Announced(u64),
}

impl std::fmt::Debug for Request {
    /// Leaves out headers, body and query, which may contain secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let url = self.url.split(['?', '#']).next().unwrap_or_default();
        f.debug_struct("Request").field("method", &self.method).field("url", &url).finish_non_exhaustive()
    }
}

impl Request {
    /// A request of any method. GET, HEAD, PUT and DELETE can be repeated (RFC 9110 §9.2.2).
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        let is_repeatable = method.is_idempotent();
        let (headers, body) = (HeaderMap::new(), Body::None);
        Self { method, url: url.into(), headers, body, is_repeatable, is_broken: false }
    }

    /// `GET url`.
    pub fn get(url: impl Into<String>) -> Self {
        Self::new(Method::GET, url)
    }

    /// `POST url`.
    pub fn post(url: impl Into<String>) -> Self {
        Self::new(Method::POST, url)
    }

    /// Adds a header. Mark secrets with [`HeaderValue::set_sensitive`]: they are sent to no other origin.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(self, body: &serde_json::Value) -> Self {
        self.bytes("application/json", body.to_string().into_bytes())
    }

    /// With an XML body in UTF-8, as SOAP 1.1 requires.
    #[must_use]
    pub fn xml(self, body: impl Into<Vec<u8>>) -> Self {
        self.bytes("text/xml; charset=utf-8", body.into())
    }

    /// With a form as its body.
    #[must_use]
    pub fn form<'a>(self, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.bytes("application/x-www-form-urlencoded", body.into_bytes())
    }

    /// With a body; its type is not set.
    #[must_use]
    pub fn body(mut self, body: Vec<u8>) -> Self {
        self.body = Body::Bytes(body);
        self
    }

    fn bytes(self, content_type: &'static str, body: Vec<u8>) -> Self {
        self.body(body).header(CONTENT_TYPE, HeaderValue::from_static(content_type))
    }

    /// Announces a body of this many bytes and never sends all of it: proxies in between refuse it because of the
    /// announcement.
    #[must_use]
    pub fn announcing(mut self, content_type: &'static str, bytes: u64) -> Self {
        self.body = Body::Announced(bytes);
        self.header(CONTENT_TYPE, HeaderValue::from_static(content_type))
    }

    /// Makes the request conditional on this version; otherwise the answer is [`super::Failure::Changed`].
    #[must_use]
    pub fn if_match(self, etag: &str) -> Self {
        self.versioned(IF_MATCH, etag)
    }

    /// Requests a body only if this version has changed (304 otherwise).
    #[must_use]
    pub fn if_none_match(self, etag: &str) -> Self {
        self.versioned(IF_NONE_MATCH, etag)
    }

    /// Marks the request as repeatable: sending it twice has the same effect as once, with any method.
    #[must_use]
    pub fn repeatable(mut self) -> Self {
        self.is_repeatable = true;
        self
    }

    pub(super) fn is_repeatable(&self) -> bool {
        self.is_repeatable
    }

    fn versioned(mut self, name: HeaderName, etag: &str) -> Self {
        if let Ok(value) = HeaderValue::try_from(etag) {
            return self.header(name, value);
        }
        self.is_broken = true;
        self
    }

    pub(super) fn has_secrets(&self) -> bool {
        !matches!(self.body, Body::None) || self.headers.iter().any(|(name, value)| is_secret(name, value))
    }

    /// Removes secrets, because they are for one origin only.
    pub(super) fn drop_secrets(&mut self) {
        let secrets = self.headers.iter().filter(|(name, value)| is_secret(name, value));
        let secrets: Vec<HeaderName> = secrets.map(|(name, _)| name.clone()).collect();
        for name in secrets {
            self.headers.remove(name);
        }
    }
}

fn is_secret(name: &HeaderName, value: &HeaderValue) -> bool {
    value.is_sensitive() || [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION].contains(name)
}

/// A completely read answer.
#[derive(Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Vec<u8>,
    /// The pause that the server asks for.
    pub after: Option<Duration>,
    /// The server's certificate in DER; `None` without TLS.
    pub certificate: Option<Vec<u8>>,
}

impl std::fmt::Debug for Answer {
    /// Leaves out headers and body, which may contain people's data and tokens.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}

/// Why a body is not as expected; contains nothing from the body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Nonsense(String);

impl Answer {
    /// An answer without headers, such as one inside a batch answer.
    pub fn new(status: u16, body: Vec<u8>) -> Self {
        Self { status, headers: HeaderMap::new(), body, after: None, certificate: None }
    }

    /// Whether the status means success.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether the status is a redirect; 304 is not.
    pub fn is_redirect(&self) -> bool {
        matches!(self.status, 300..=303 | 307 | 308)
    }

    /// A header, if it is text.
    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The `ETag`, for [`Request::if_match`].
    pub fn etag(&self) -> Option<&str> {
        self.header(&ETAG)
    }

    /// Parses the body, which must be labelled as JSON and have the expected form.
    ///
    /// # Errors
    /// What the body is instead.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Nonsense> {
        self.expect("JSON", |kind| kind == "application/json" || kind.ends_with("+json"))?;
        serde_json::from_slice(&self.body)
            .map_err(|error| Nonsense(format!("line {} column {}", error.line(), error.column())))
    }

    /// The body, which must be labelled as XML; it is not parsed.
    ///
    /// # Errors
    /// What the body is instead.
    pub fn xml(&self) -> Result<&[u8], Nonsense> {
        self.expect("XML", |kind| matches!(kind, "text/xml" | "application/xml") || kind.ends_with("+xml"))?;
        Ok(&self.body)
    }

    fn expect(&self, name: &str, is_right: impl Fn(&str) -> bool) -> Result<(), Nonsense> {
        let kind = self.header(&CONTENT_TYPE).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if is_right(&kind) {
            return Ok(());
        }
        let instead = if kind.is_empty() { "something without a type".to_owned() } else { super::quote(&kind) };
        Err(Nonsense(format!("{instead} instead of {name}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn answer(kind: &str, body: &str) -> Answer {
        let mut answer = Answer::new(200, body.as_bytes().to_vec());
        answer.headers.insert(CONTENT_TYPE, HeaderValue::try_from(kind).unwrap());
        answer
    }

    #[test]
    fn a_body_is_read_as_what_it_says_it_is() {
        for kind in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/json;odata.metadata=minimal",
            "application/problem+json",
        ] {
            assert_eq!(answer(kind, "{}").json::<Value>(), Ok(json!({})), "{kind}");
        }
        for kind in ["text/xml; charset=utf-8", "application/xml", "application/soap+xml"] {
            assert_eq!(answer(kind, "<a/>").xml(), Ok(b"<a/>".as_slice()), "{kind}");
        }
        let error = answer("text/html", "{}").json::<Value>().unwrap_err().to_string();
        assert_eq!(error, "text/html instead of JSON");
        assert!(answer("application/json", "<a/>").xml().is_err());
        assert!(Answer::new(200, b"{}".to_vec()).json::<Value>().is_err());
        assert_eq!(
            answer("application/json", "{\n secret").json::<Value>().unwrap_err().to_string(),
            "line 2 column 2"
        );
    }

    #[test]
    fn debug_shows_no_secret() {
        let mut secret = HeaderValue::from_static("Bearer s3cret");
        secret.set_sensitive(true);
        let request = Request::post("https://example.com/token?code=s3cret#s3cret").form([("password", "s3cret")]);
        let request = request.header(AUTHORIZATION, secret);
        let answer = answer("application/json", "s3cret");
        let text = format!("{request:?} {answer:?}");
        assert!(text.contains("https://example.com/token") && !text.contains("s3cret"), "{text}");
    }
}
