//! Common parts of all neighbours. A new system provides a router with a named endpoint (`door`) for each of its addresses,
//! its error format and its state; port, troubles, request log, counters, access tokens and shutdown are provided here.

mod door;
mod listen;
mod listing;
mod log;
mod now;
mod tokens;
mod trouble;

pub use log::Asked;
pub use now::Now;
pub use trouble::{Paging, Trouble};

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::MethodRouter;
pub(crate) use listen::{Listening, bind};
pub(crate) use listing::Listing;
use log::Log;
use std::sync::{Arc, Mutex};
use tokens::Tokens;
use tokio::net::TcpListener;
use tokio::sync::watch;
pub(crate) use trouble::Troubles;

/// Creates an error answer in a system's format. Code and message come from [`Trouble::Refused`]; without them, the system's
/// default is used.
pub(crate) type ErrorForm = fn(StatusCode, Option<(&str, &str)>) -> Response;

/// A system on loopback. Dropping it closes its port and all connections.
pub struct Neighbour {
    /// Its base URL, without a trailing slash.
    pub url: String,
    desk: Arc<Desk>,
    _listening: Listening,
}

/// A system that has a port but does not answer yet.
pub(crate) struct Opened {
    pub(crate) desk: Arc<Desk>,
    listener: TcpListener,
}

/// State that a system's endpoints share with the [`Neighbour`].
pub(crate) struct Desk {
    /// The base URL.
    pub(crate) url: String,
    pub(crate) now: Now,
    /// Issued access tokens.
    pub(crate) tokens: Tokens,
    error: ErrorForm,
    troubles: Mutex<Troubles>,
    /// Number of times that troubles were lifted; held answers wait for the next time.
    lifted: watch::Sender<u64>,
    log: Mutex<Log>,
}

impl Opened {
    /// Binds a free port.
    pub(crate) async fn new(now: Now, error: ErrorForm) -> Self {
        let (listener, address) = bind().await;
        let desk = Desk {
            url: format!("http://{address}"),
            now,
            tokens: Tokens::default(),
            error,
            troubles: Mutex::default(),
            lifted: watch::Sender::new(0),
            log: Mutex::default(),
        };
        Self { desk: Arc::new(desk), listener }
    }

    /// Starts answering. Every route of `router` must use an endpoint of the desk.
    pub(crate) fn serve(self, router: Router) -> Neighbour {
        let url = self.desk.url.clone();
        Neighbour { url, desk: self.desk, _listening: door::serve(self.listener, router) }
    }
}

impl Desk {
    /// An endpoint for requests with an access token or without authentication; troubles apply to them.
    pub(crate) fn door<S>(self: &Arc<Self>, name: &'static str, methods: MethodRouter<S>) -> MethodRouter<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        door::through(self, name, false, methods)
    }

    /// An endpoint for token requests, which [`Neighbour::then`] does not affect.
    pub(crate) fn token_door<S>(self: &Arc<Self>, name: &'static str, methods: MethodRouter<S>) -> MethodRouter<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        door::through(self, name, true, methods)
    }

    /// An error in this system's format.
    pub(crate) fn error(&self, status: StatusCode, code: &str, message: &str) -> Response {
        (self.error)(status, Some((code, message)))
    }
}

impl Neighbour {
    /// Sets troubles for the next requests, one each in order, except token requests.
    pub fn then(&self, troubles: impl IntoIterator<Item = Trouble>) {
        self.desk.troubles.lock().unwrap().then(None, troubles);
    }

    /// Sets troubles for the next requests at this endpoint, one each in order.
    pub fn then_at(&self, door: &'static str, troubles: impl IntoIterator<Item = Trouble>) {
        self.desk.troubles.lock().unwrap().then(Some(door), troubles);
    }

    /// Sets a trouble for all requests until [`Neighbour::lift`]; it takes precedence over [`Neighbour::then`].
    pub fn until_lifted(&self, trouble: Trouble) {
        self.desk.troubles.lock().unwrap().until_lifted(None, trouble);
    }

    /// Sets a trouble for all requests at this endpoint until [`Neighbour::lift`].
    pub fn until_lifted_at(&self, door: &'static str, trouble: Trouble) {
        self.desk.troubles.lock().unwrap().until_lifted(Some(door), trouble);
    }

    /// Ends all troubles and sends held answers.
    pub fn lift(&self) {
        self.desk.troubles.lock().unwrap().lift();
        self.desk.lifted.send_modify(|times| *times += 1);
    }

    /// Endpoints of the requests since the last call, in order.
    pub fn take_requests(&self) -> Vec<String> {
        self.take_log().into_iter().map(|asked| asked.door.to_owned()).collect()
    }

    /// Requests since the last call, in order: at most the last 10,000.
    pub fn take_log(&self) -> Vec<Asked> {
        self.desk.log.lock().unwrap().take()
    }

    /// Number of requests at this endpoint since the start.
    pub fn asked(&self, door: &str) -> usize {
        self.desk.log.lock().unwrap().count(door).asked
    }

    /// Number of successful requests at this endpoint.
    pub fn answered(&self, door: &str) -> usize {
        self.desk.log.lock().unwrap().count(door).answered
    }
}

#[cfg(test)]
mod tests;
