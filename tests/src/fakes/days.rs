//! What can go wrong with an answer on its way, or with whoever gives it.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use futures_util::stream;
use std::convert::Infallible;

/// What one request gets instead of, or around, its answer. One is used up by each request but those for tokens.
#[derive(Clone, Debug)]
pub enum Bad {
    /// Nothing: the usual answer.
    Fine,
    /// 429, with this `Retry-After`.
    Throttled(Option<String>),
    /// Google: 403 for this reason.
    Forbidden(&'static str),
    /// This status.
    Status(u16),
    /// The answer's first half, and the connection is cut.
    Cut,
    /// The answer's first half as if it were all.
    Half,
    /// A page of something else.
    Html,
    /// No answer, ever.
    Silent,
    /// More than anybody can take.
    Endless,
    /// An empty page that leads to the one that was asked for.
    Empty,
    /// The page, which leads to itself by another name before it goes on.
    Replay,
    /// A page that leads to this very page.
    Circle,
    /// Graph: a page that leads to another host.
    Elsewhere(String),
    /// A redirect to another host.
    Redirect(String),
    /// Graph: a page that leads nowhere.
    DeadEnd,
    /// Access tokens given so far are not accepted any more.
    TokensExpire,
    /// Graph: 410, it does not know the link.
    Gone,
    /// This status, with this code and these words.
    Refused(u16, &'static str, &'static str),
}

impl Bad {
    /// The usual answer, or what the day makes of it. `error`: an error as this neighbour has them.
    pub(super) async fn around(self, usual: String, error: impl FnOnce(StatusCode) -> Response) -> Response {
        let json = [(header::CONTENT_TYPE, "application/json")];
        match self {
            Self::Throttled(after) => {
                let mut answer = error(StatusCode::TOO_MANY_REQUESTS);
                if let Some(after) = after {
                    if after.parse::<u64>().is_err() {
                        // A date is of the source's own clock, which shows the time at which tests begin.
                        let noon = "Sat, 21 Nov 2026 12:00:00 GMT".parse().unwrap();
                        answer.headers_mut().insert(header::DATE, noon);
                    }
                    answer.headers_mut().insert(header::RETRY_AFTER, after.parse().unwrap());
                }
                answer
            }
            Self::Status(status) => error(StatusCode::from_u16(status).unwrap()),
            Self::Cut => {
                let halves = [Ok(half(&usual)), Err(std::io::Error::other("cut"))];
                (json, Body::from_stream(stream::iter(halves))).into_response()
            }
            Self::Half => (json, half(&usual)).into_response(),
            Self::Html => Html("<h1>Sign in to this network</h1>").into_response(),
            Self::Silent => std::future::pending().await,
            Self::Endless => {
                let spaces = " ".repeat(1024 * 1024);
                (json, Body::from_stream(stream::repeat(Ok::<_, Infallible>(spaces)))).into_response()
            }
            Self::Redirect(to) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
            _ => (json, usual).into_response(),
        }
    }
}

fn half(text: &str) -> String {
    text[..text.len() / 2].to_owned()
}
