//! What the pane knows.

use crate::api::pane::Error;
use crate::office::Record;
use ::api::{BodyFormat, Draft, Me, Offered, Signature};
use leptos::prelude::*;

/// What the pane as a whole shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing is known yet.
    Loading,
    /// No mail or appointment is being written.
    Outside,
    /// The person has to sign in; with what became of their last try.
    SignedOut(String),
    /// Another account is signed in than the mailbox's; which.
    OtherAccount(String),
    /// The server does not answer; a signature that the handler kept may be there to show.
    Away,
    /// The server, or Outlook, refuses; with the reason.
    Failed(String),
    /// The signature, which may be empty, is there.
    Ready,
}

/// How a message looks and how urgently it is read out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Something worked.
    Success,
    /// Something that the person should know.
    Warning,
    /// Something went wrong.
    Error,
}

/// One message to the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How it looks.
    pub tone: Tone,
    /// What it says.
    pub text: String,
}

/// The pane's state: signals, so that whoever shows one is told of changes.
#[derive(Clone, Copy)]
pub struct State {
    /// What the pane as a whole shows.
    pub phase: RwSignal<Phase>,
    /// The draft that `signature` is for, with the person's choice.
    pub draft: RwSignal<Option<Draft>>,
    /// The signature that applies.
    pub signature: RwSignal<Option<Signature>>,
    /// The signature that the event handler kept, while the server is away.
    pub kept: RwSignal<Option<Signature>>,
    /// What the person may choose instead.
    pub choices: RwSignal<Vec<Offered>>,
    /// The signed-in person.
    pub me: RwSignal<Option<Me>>,
    /// What was done to this draft so far.
    pub record: RwSignal<Record>,
    /// Whether something is being fetched, saved or inserted.
    pub busy: RwSignal<bool>,
    /// What the person was told last.
    pub notice: RwSignal<Option<Notice>>,
    /// The last error, for diagnostics.
    pub last_error: RwSignal<String>,
    /// Counts loads, so that a late answer never replaces a newer one.
    pub(super) turn: StoredValue<u32>,
}

impl State {
    /// Nothing is known yet.
    pub fn new() -> Self {
        Self {
            phase: RwSignal::new(Phase::Loading),
            draft: RwSignal::new(None),
            signature: RwSignal::new(None),
            kept: RwSignal::new(None),
            choices: RwSignal::new(Vec::new()),
            me: RwSignal::new(None),
            record: RwSignal::new(Record::default()),
            busy: RwSignal::new(false),
            notice: RwSignal::new(None),
            last_error: RwSignal::new(String::new()),
            turn: StoredValue::new(0),
        }
    }

    /// Whether there is nothing to insert.
    pub fn empty(self) -> bool {
        self.signature.with(|found| found.as_ref().is_none_or(|found| found.html.is_empty()))
    }

    /// Whether the draft takes no HTML.
    pub fn plain(self) -> bool {
        self.draft.with(|draft| draft.as_ref().is_some_and(|draft| draft.format == BodyFormat::Text))
    }

    /// What the person chose, empty for the automatic signature.
    pub fn choice(self) -> String {
        self.draft.with(|draft| draft.as_ref().and_then(|draft| draft.choice.clone())).unwrap_or_default()
    }

    /// Tells the person.
    pub fn tell(self, tone: Tone, text: impl Into<String>) {
        let text = text.into();
        if tone == Tone::Error {
            self.last_error.set(text.clone());
        }
        self.notice.set(Some(Notice { tone, text }));
    }

    /// Whether Outlook would put the signature in the place of another one of ours.
    pub fn outdated(self) -> bool {
        self.record.with(|record| {
            let other = |found: &Option<Signature>| found.as_ref().is_some_and(|s| s.fingerprint != record.fingerprint);
            !record.fingerprint.is_empty() && !record.removed && !record.kept && self.signature.with(other)
        })
    }

    /// Begins a load: answers to earlier ones no longer count.
    pub(super) fn next_turn(self) -> u32 {
        let turn = self.turn.try_get_value().unwrap_or_default().wrapping_add(1);
        self.turn.set_value(turn);
        turn
    }

    /// Whether the answer to that load still counts: none came after it, and the pane is still in the page.
    pub(super) fn awaits(self, turn: u32) -> bool {
        self.turn.try_get_value() == Some(turn)
    }

    /// Whether that draft's signature is shown.
    pub(super) fn shows(self, draft: &Draft) -> bool {
        self.draft.try_with_untracked(|shown| shown.as_ref() == Some(draft)) == Some(true)
    }

    /// Shows what `error` means for the pane as a whole.
    pub(super) fn fail(self, error: &Error) {
        self.last_error.set(error.text());
        self.phase.set(match error {
            Error::SignedOut(_) => Phase::SignedOut(String::new()),
            Error::Away(_) => Phase::Away,
            Error::Refused(_) => Phase::Failed(error.text()),
        });
    }
}

impl Default for State {
    fn default() -> Self {
        Self::new()
    }
}
