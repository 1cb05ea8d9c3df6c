//! What can go wrong with an answer on its way, or with whoever gives it: as data, for the next requests or until lifted.

use std::collections::VecDeque;
use std::time::Duration;

/// What one request gets instead of, or around, its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// None: the usual answer.
    Fine,
    /// 429, with this `Retry-After`: seconds or a date.
    Throttled(Option<String>),
    /// This status, in the system's form of errors.
    Status(u16),
    /// This status, with this code and message in the system's form of errors.
    Refused(u16, &'static str, &'static str),
    /// The answer's first half, and the connection is closed.
    Cut,
    /// So much of the answer, and the connection is closed: bytes of a body, or rows of a table.
    CutAfter(usize),
    /// The answer's first half as if it were all.
    Half,
    /// The connection is closed before anything is done.
    Closed,
    /// Everything is done, and the connection is closed without an answer.
    Unheard,
    /// A page of something else, as of a network that wants a sign-in.
    Html,
    /// No answer, ever.
    Silent,
    /// The answer, once the troubles are lifted.
    Held,
    /// The answer, after this time.
    Slow(Duration),
    /// An answer that goes on for ever, a byte or a row each time this has passed.
    Drip(Duration),
    /// More than anybody can take.
    Endless,
    /// A redirect to another address.
    Redirect(String),
    /// Access tokens given so far are not accepted any more.
    TokensExpire,
    /// A list's page that is not as it should be; elsewhere nothing.
    Page(Paging),
}

/// What can go wrong with a page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Paging {
    /// An empty page that leads to the one that was asked for.
    Empty,
    /// The page, which leads to itself by another name before it goes on.
    Replay,
    /// A page that leads to this very page.
    Circle,
    /// A page that leads to this other host.
    Elsewhere(String),
    /// A page that leads nowhere.
    DeadEnd,
}

/// The troubles that are to come.
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

    /// What a request at this door gets.
    pub(crate) fn take(&mut self, door: &str, gives_tokens: bool) -> Trouble {
        if let Some(at) = self.standing.iter().find(|at| at.door.is_none_or(|name| name == door)) {
            return at.trouble.clone();
        }
        let meets = |at: &At| at.door.map_or(!gives_tokens, |name| name == door);
        let place = self.next.iter().position(meets);
        place.and_then(|place| self.next.remove(place)).map_or(Trouble::Fine, |at| at.trouble)
    }
}
