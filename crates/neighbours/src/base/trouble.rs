//! Troubles: faults of answers, as data, for the next requests or until lifted.

use std::collections::VecDeque;
use std::time::Duration;

/// A fault that replaces or changes the answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No fault: the normal answer.
    Fine,
    /// 429, with this `Retry-After`: seconds or a date.
    Throttled(Option<String>),
    /// This status, in the system's error format.
    Status(u16),
    /// This status, with this code and message in the system's error format.
    Refused(u16, &'static str, &'static str),
    /// The first half of the answer; then the connection is closed.
    Cut,
    /// This much of the answer (bytes of a body, or rows of a table); then the connection is closed.
    CutAfter(usize),
    /// The first half of the answer, as if it were complete.
    Half,
    /// The connection is closed before the request is processed.
    Closed,
    /// The request is processed, but the connection is closed without an answer.
    Unheard,
    /// An HTML page, such as of a network with a captive portal.
    Html,
    /// Never an answer.
    Silent,
    /// The answer after the troubles are lifted.
    Held,
    /// The answer, after this time.
    Slow(Duration),
    /// An endless answer, with a byte or a row after each of these intervals.
    Drip(Duration),
    /// An endless answer at full speed.
    Endless,
    /// A redirect to another address.
    Redirect(String),
    /// All issued access tokens become invalid.
    TokensExpire,
    /// A fault of a list's page; no effect on other answers.
    Page(Paging),
}

/// A fault of a list's page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Paging {
    /// An empty page that links to the requested one.
    Empty,
    /// The requested page, which links to itself under another token before it continues.
    Replay,
    /// A page that links to itself.
    Circle,
    /// A page that links to this other host.
    Elsewhere(String),
    /// A page without a link.
    DeadEnd,
}

/// Pending troubles.
#[derive(Default)]
pub(crate) struct Troubles {
    next: VecDeque<At>,
    standing: Vec<At>,
}

struct At {
    door: Option<&'static str>,
    trouble: Trouble,
}

impl Troubles {
    pub(crate) fn then(&mut self, door: Option<&'static str>, troubles: impl IntoIterator<Item = Trouble>) {
        self.next.extend(troubles.into_iter().map(|trouble| At { door, trouble }));
    }

    pub(crate) fn until_lifted(&mut self, door: Option<&'static str>, trouble: Trouble) {
        self.standing.retain(|at| at.door != door);
        self.standing.push(At { door, trouble });
    }

    pub(crate) fn lift(&mut self) {
        self.next.clear();
        self.standing.clear();
    }

    /// Takes the trouble for a request at this endpoint.
    pub(crate) fn take(&mut self, door: &str, gives_tokens: bool) -> Trouble {
        if let Some(at) = self.standing.iter().find(|at| at.door.is_none_or(|name| name == door)) {
            return at.trouble.clone();
        }
        let meets = |at: &At| at.door.map_or(!gives_tokens, |name| name == door);
        let place = self.next.iter().position(meets);
        place.and_then(|place| self.next.remove(place)).map_or(Trouble::Fine, |at| at.trouble)
    }
}
