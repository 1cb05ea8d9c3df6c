//! The access tokens that a neighbour has given.

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
    /// Gives a token for these scopes, good until then. `text` makes it of its number, which counts from 1.
    pub(crate) fn give(&self, scopes: Vec<String>, until_ms: i64, text: impl FnOnce(usize) -> String) -> String {
        let mut given = self.0.lock().unwrap();
        given.count += 1;
        let token = text(given.count);
        given.tokens.insert(token.clone(), Token { scopes, until_ms });
        token
    }

    /// The scopes of the bearer token that a request carries; `None` when that is not good now.
    pub(crate) fn scopes(&self, headers: &HeaderMap, now_ms: i64) -> Option<Vec<String>> {
        let bearer = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
        let given = self.0.lock().unwrap();
        given.tokens.get(bearer).filter(|token| token.until_ms > now_ms).map(|token| token.scopes.clone())
    }

    /// No token given so far is accepted any more.
    pub(crate) fn expire(&self) {
        self.0.lock().unwrap().tokens.clear();
    }
}
