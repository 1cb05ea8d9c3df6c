//! Access tokens issued by a neighbour.

use axum::http::{HeaderMap, header};
use std::collections::HashMap;
use std::sync::Mutex;

#[derive(Default)]
pub(crate) struct Tokens(Mutex<Given>);

#[derive(Default)]
struct Given {
    tokens: HashMap<String, Token>,
    count: usize,
}

#[derive(Clone)]
struct Token {
    scopes: Vec<String>,
    until_ms: i64,
}

impl Tokens {
    /// Issues a token with these scopes, valid until this time. `text` creates it from its number, counted from 1.
    pub(crate) fn give(&self, scopes: Vec<String>, until_ms: i64, text: impl FnOnce(usize) -> String) -> String {
        let mut given = self.0.lock().unwrap();
        given.count += 1;
        let token = text(given.count);
        given.tokens.insert(token.clone(), Token { scopes, until_ms });
        token
    }

    /// The scopes of a request's bearer token; `None` if it is not valid now.
    pub(crate) fn scopes(&self, headers: &HeaderMap, now_ms: i64) -> Option<Vec<String>> {
        let bearer = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
        let given = self.0.lock().unwrap();
        given.tokens.get(bearer).filter(|token| token.until_ms > now_ms).map(|token| token.scopes.clone())
    }

    /// Invalidates all issued tokens.
    pub(crate) fn expire(&self) {
        self.0.lock().unwrap().tokens.clear();
    }
}
