//! A field that one picks from, while it is used: what was typed, asked and found, and what each key does.

use super::pause::Pause;
use super::pick::{Choice, Finder, Found, Picks};
use super::pick_list::{follow, reveal};
use crate::ui::{Loaded, count, effect, new_id};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

/// What was found, and for which words; none before anything was asked.
#[derive(Clone, Default)]
pub(crate) struct Answer {
    pub(crate) words: Option<String>,
    pub(crate) found: Found,
}

/// One such field while it is used.
#[derive(Clone, Copy)]
pub(crate) struct Picker {
    pub(crate) picks: Picks,
    pub(crate) typed: RwSignal<String>,
    /// The words that are looked for.
    asked: RwSignal<Option<String>>,
    pub(crate) found: Loaded<Answer>,
    pub(crate) open: RwSignal<bool>,
    /// The choice that the arrow keys led to.
    pub(crate) active: RwSignal<Option<usize>>,
    /// What a screen reader is told.
    pub(crate) said: RwSignal<String>,
    pause: Pause,
    pub(crate) input: NodeRef<leptos::html::Input>,
    pub(crate) panel: NodeRef<leptos::html::Div>,
    pub(crate) list: StoredValue<String>,
}

impl Picker {
    pub(crate) fn new(find: Finder, picks: Picks) -> Self {
        let asked = RwSignal::new(None::<String>);
        let found = Loaded::new(move || {
            let words = asked.get();
            let finding = words.clone().map(|words| (find.0)(words));
            async move {
                let Some(finding) = finding else { return Ok(Answer::default()) };
                Ok(Answer { words, found: finding.await? })
            }
        });
        let picker = Self {
            picks,
            typed: RwSignal::new(picks.name()),
            asked,
            found,
            open: RwSignal::new(false),
            active: RwSignal::new(None),
            said: RwSignal::new(String::new()),
            pause: Pause::new(),
            input: NodeRef::new(),
            panel: NodeRef::new(),
            list: StoredValue::new(new_id("choices")),
        };
        effect(move || picker.hear());
        effect(move || {
            let Some(panel) = picker.panel.get() else { return };
            if picker.open.get() {
                drop(panel.show_popover());
                follow(picker);
            } else {
                drop(panel.hide_popover());
            }
        });
        if let Picks::One(chosen) = picks {
            effect(move || picker.typed.set(chosen.get().map(|chosen| chosen.name).unwrap_or_default()));
        }
        picker
    }

    pub(crate) fn option_id(self, at: usize) -> String {
        self.list.get_value() + "-" + &at.to_string()
    }

    /// The words to look for: the name of what is picked is none.
    fn words(self) -> String {
        let typed = self.typed.get_untracked();
        if typed == self.picks.name() { String::new() } else { typed.trim().to_owned() }
    }

    /// Whether the list is not yet that of what was typed; follows changes of the list.
    pub(crate) fn waits(self) -> bool {
        let words = self.found.read(|answer| answer.words.clone());
        self.found.busy.get() || words.is_none_or(|words| words != self.words())
    }

    /// Takes a new answer in.
    fn hear(self) {
        if let Some(failure) = self.found.failure.get() {
            self.said.set(failure.text());
            return;
        }
        let answer = self.found.read(|answer| answer.words.clone().map(|words| (words, answer.found.clone())));
        let (Some((words, found)), true) = (answer, self.open.get_untracked()) else { return };
        // Who types a name and presses Enter, or came with the arrow keys, wants the first; who only looks wants none yet.
        let wants = !words.is_empty() || self.active.get_untracked().is_some();
        self.active.set((wants && !found.choices.is_empty()).then_some(0));
        let said = if found.choices.is_empty() { "No match".to_owned() } else { count(found.total, "match/matches") };
        self.said.set(said);
    }

    fn ask(self) {
        self.pause.stop();
        let words = Some(self.words());
        if self.asked.get_untracked() != words || self.found.failure.with_untracked(Option::is_some) {
            self.asked.set(words);
        }
    }

    pub(crate) fn type_in(self, text: String) {
        self.typed.set(text);
        self.open.set(true);
        self.active.set(None);
        self.pause.then(move || {
            if self.open.try_get_untracked() == Some(true) {
                self.ask();
            }
        });
    }

    pub(crate) fn show(self) {
        self.open.set(true);
        self.ask();
    }

    fn close(self) {
        self.pause.stop();
        self.open.set(false);
        self.active.set(None);
    }

    pub(crate) fn focus(self) {
        if let Some(input) = self.input.get_untracked() {
            drop(input.focus());
        }
    }

    pub(crate) fn select(self) {
        if let Some(input) = self.input.get_untracked() {
            input.select();
        }
    }

    /// Somebody goes elsewhere: what was typed and not picked is gone.
    pub(crate) fn leave(self) {
        // The field may be gone before it loses the focus, with the dialog around it.
        if self.open.try_get_untracked().is_none() {
            return;
        }
        self.close();
        if let Picks::One(chosen) = self.picks
            && self.typed.with_untracked(|typed| typed.trim().is_empty())
            && chosen.read_untracked().is_some()
        {
            chosen.set(None);
        }
        self.typed.set(self.picks.name());
        self.said.set(String::new());
    }

    /// Picks it; where many may be, a second time takes it away again.
    pub(crate) fn pick(self, choice: Choice) {
        match self.picks {
            Picks::One(chosen) => {
                self.close();
                self.typed.set(choice.name.clone());
                // At once, so that typing replaces it.
                if let Some(input) = self.input.get_untracked() {
                    input.set_value(&choice.name);
                    input.select();
                }
                chosen.set(Some(choice));
            }
            Picks::Many(chosen) if chosen.with_untracked(|all| all.iter().any(|one| one.id == choice.id)) => {
                self.take_away(chosen, &choice);
            }
            Picks::Many(chosen) => {
                self.said.set(choice.name.clone() + " added");
                chosen.update(|all| all.push(choice));
                self.select();
            }
            Picks::Each(run) => {
                self.close();
                self.typed.set(String::new());
                self.asked.set(None);
                run.run(choice);
            }
        }
    }

    pub(crate) fn take_away(self, chosen: RwSignal<Vec<Choice>>, choice: &Choice) {
        self.said.set(choice.name.clone() + " removed");
        chosen.update(|all| all.retain(|one| one.id != choice.id));
    }

    /// The choice after or before the active one; around the ends.
    fn step(self, forward: bool) {
        if !self.open.get_untracked() {
            self.active.set(Some(0));
            self.show();
            return;
        }
        let all = self.found.peek(|answer| answer.found.choices.len());
        if all == 0 {
            return;
        }
        let now = self.active.get_untracked();
        let next = match now {
            None if forward => 0,
            None => all - 1,
            Some(at) if forward => (at + 1) % all,
            Some(at) => (at + all - 1) % all,
        };
        self.active.set(Some(next));
        reveal(self, next);
    }

    pub(crate) fn press(self, event: &KeyboardEvent) {
        // Letters that are still being composed, as in Japanese, belong to whatever composes them.
        if event.is_composing() {
            return;
        }
        let open = self.open.get_untracked();
        let typed = self.typed.with_untracked(|typed| *typed != self.picks.name());
        match event.key().as_str() {
            "ArrowDown" => self.step(true),
            "ArrowUp" if event.alt_key() => self.close(),
            "ArrowUp" => self.step(false),
            "Enter" if open || typed => self.enter(),
            "Escape" if open => self.close(),
            "Escape" if typed => self.typed.set(self.picks.name()),
            "Backspace" if self.typed.with_untracked(String::is_empty) => {
                let Picks::Many(chosen) = self.picks else { return };
                if let Some(last) = chosen.with_untracked(|all| all.last().cloned()) {
                    self.take_away(chosen, &last);
                }
            }
            _ => return,
        }
        // Nothing around it, such as a dialog that Escape closes, hears of what it did.
        event.prevent_default();
        event.stop_propagation();
    }

    fn enter(self) {
        let at = self.active.get_untracked();
        let choice = at.and_then(|at| self.found.peek(|answer| answer.found.choices.get(at).cloned()));
        match choice {
            Some(choice) => self.pick(choice),
            None => self.show(),
        }
    }
}
