//! What every neighbour is made of. A new system brings a router with a named door for each of its addresses, its form of
//! errors and its own state; port, troubles, request log, counters, access tokens and shutdown come from here.

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

/// An answer in the form in which a system reports errors. Code and message are those of [`Trouble::Refused`]; absent, the
/// system says what it says when it does not know better.
pub(crate) type ErrorForm = fn(StatusCode, Option<(&str, &str)>) -> Response;

/// A system on loopback. Dropping it closes its port and every connection.
pub struct Neighbour {
    /// Its base URL, without a trailing slash.
    pub url: String,
    desk: Arc<Desk>,
    _listening: Listening,
}

/// A system that has its port and does not answer yet.
pub(crate) struct Opened {
    pub(crate) desk: Arc<Desk>,
    listener: TcpListener,
}

/// What a system's doors share with whoever holds the [`Neighbour`].
pub(crate) struct Desk {
    /// The base URL.
    pub(crate) url: String,
    pub(crate) now: Now,
    /// The access tokens given so far.
    pub(crate) tokens: Tokens,
    error: ErrorForm,
    troubles: Mutex<Troubles>,
    /// Counts how often troubles were lifted: what is held waits for the next time.
    lifted: watch::Sender<u64>,
    log: Mutex<Log>,
}

impl Opened {
    /// Takes a free port.
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

    /// Begins to answer. Each route of `router` leads through a door of the desk.
    pub(crate) fn serve(self, router: Router) -> Neighbour {
        let url = self.desk.url.clone();
        Neighbour { url, desk: self.desk, _listening: door::serve(self.listener, router) }
    }
}

impl Desk {
    /// A door for requests that carry an access token, or need none: troubles meet them.
    pub(crate) fn door<S>(self: &Arc<Self>, name: &'static str, methods: MethodRouter<S>) -> MethodRouter<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        door::through(self, name, false, methods)
    }

    /// A door for requests that ask for tokens: [`Neighbour::then`] passes it by.
    pub(crate) fn token_door<S>(self: &Arc<Self>, name: &'static str, methods: MethodRouter<S>) -> MethodRouter<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        door::through(self, name, true, methods)
    }

    /// An error in this system's form.
    pub(crate) fn error(&self, status: StatusCode, code: &str, message: &str) -> Response {
        (self.error)(status, Some((code, message)))
    }
}

impl Neighbour {
    /// What the next requests get, in turn and one each, but for those that ask for tokens.
    pub fn then(&self, troubles: impl IntoIterator<Item = Trouble>) {
        self.desk.troubles.lock().unwrap().then(None, troubles);
    }

    /// What the next requests at this door get, in turn and one each.
    pub fn then_at(&self, door: &'static str, troubles: impl IntoIterator<Item = Trouble>) {
        self.desk.troubles.lock().unwrap().then(Some(door), troubles);
    }

    /// What every request gets until [`Neighbour::lift`], before anything that was set with [`Neighbour::then`].
    pub fn until_lifted(&self, trouble: Trouble) {
        self.desk.troubles.lock().unwrap().until_lifted(None, trouble);
    }

    /// What every request at this door gets until [`Neighbour::lift`].
    pub fn until_lifted_at(&self, door: &'static str, trouble: Trouble) {
        self.desk.troubles.lock().unwrap().until_lifted(Some(door), trouble);
    }

    /// Ends all troubles, and answers what is held.
    pub fn lift(&self) {
        self.desk.troubles.lock().unwrap().lift();
        self.desk.lifted.send_modify(|times| *times += 1);
    }

    /// The doors that were asked since the last call, in order.
    pub fn take_requests(&self) -> Vec<String> {
        self.take_log().into_iter().map(|asked| asked.door.to_owned()).collect()
    }

    /// What was asked since the last call, in order: the last 10,000 requests.
    pub fn take_log(&self) -> Vec<Asked> {
        self.desk.log.lock().unwrap().take()
    }

    /// How many requests there were at this door since the start.
    pub fn asked(&self, door: &str) -> usize {
        self.desk.log.lock().unwrap().count(door).asked
    }

    /// How many of them were answered with success.
    pub fn answered(&self, door: &str) -> usize {
        self.desk.log.lock().unwrap().count(door).answered
    }
}

#[cfg(test)]
mod tests;
