//! A request for a page of a list.

use super::Paging;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Query};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use std::collections::HashMap;

/// What is asked of a list.
pub(crate) struct Listing {
    pub(crate) query: HashMap<String, String>,
    pub(crate) headers: HeaderMap,
    /// How its page is not as it should be.
    pub(crate) paging: Option<Paging>,
}

impl<S: Sync> FromRequestParts<S> for Listing {
    type Rejection = QueryRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, QueryRejection> {
        let Query(query) = Query::try_from_uri(&parts.uri)?;
        Ok(Self { query, headers: parts.headers.clone(), paging: parts.extensions.get().cloned() })
    }
}
