//! JSON bodies in, with the field at fault when one is wrong.

use super::words;
use crate::http::Error;
use axum::body::{Bytes, HttpBody as _};
use axum::extract::{FromRequest, Request};
use axum::http::header;
use serde::de::{DeserializeOwned, IgnoredAny};

/// A JSON body of type `T`, of at most `MOST` bytes; a route that accepts more than others also lifts axum's own limit.
pub(crate) struct Body<T, const MOST: usize = { crate::http::MAX_BODY }>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync, const MOST: usize> FromRequest<S> for Body<T, MOST> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            return Err(Error::ContentType);
        }
        // Refused before it is read where the length is announced, while it is read where it is not.
        let too_large = || if MOST > crate::http::MAX_BODY { Error::FilesTooLarge } else { Error::TooLarge };
        if request.body().size_hint().lower() > MOST as u64 {
            return Err(too_large());
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|_| too_large())?;
        parse(&bytes).map(Self)
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let field = error.path().to_string();
        let inner = error.into_inner();
        // serde_json calls a number where an enum's name belongs a syntax error; the document itself tells.
        let is_json = inner.is_data() || serde_json::from_slice::<IgnoredAny>(bytes).is_ok();
        if is_json {
            let (field, detail) = words::explain(&field, &inner.to_string(), "body");
            Error::invalid(field, detail)
        } else {
            Error::Syntax(inner.to_string())
        }
    })?;
    deserializer.end().map_err(|error| Error::Syntax(error.to_string()))?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_at_fault_is_named() {
        let check = |body: &str, expected: &str| match parse::<api::Draft>(body.as_bytes()) {
            Err(Error::Invalid(details)) => assert_eq!(details[0].field.as_deref(), Some(expected), "{body}"),
            other => panic!("{body}: {other:?}"),
        };
        check(r#"{"kind":"letter"}"#, "kind");
        check(r#"{"kind":1}"#, "kind");
        check("{}", "kind");
        check(r#"{"kind":"new","recipients":[{"address":"a@b.c"},{"address":1}]}"#, "recipients[1].address");
        check(r#"{"kind":"new","recipients":[{}]}"#, "recipients[0].address");
        check("[]", "body");
    }

    #[test]
    fn what_is_no_json_is_a_syntax_error() {
        for body in ["", "{", "{\"kind\":\"new\"} x", "\u{0}"] {
            assert!(matches!(parse::<api::Draft>(body.as_bytes()), Err(Error::Syntax(_))), "{body}");
        }
    }
}
