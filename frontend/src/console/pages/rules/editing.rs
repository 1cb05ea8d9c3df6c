//! The list of rules being edited. Each change goes to the server at once, where it stays unpublished; what somebody else
//! changed meanwhile is brought together with it, or both versions are shown.

use super::compare::Keep;
use super::merge::{conflicts, merge};
use super::words::Names;
use crate::api::console::{Failure, Tagged, get_tagged, path, send_tagged};
use crate::console::{router, session};
use crate::ui::{Difference, Loaded, effect, tell, tell_error, tell_with, when};
use ::api::ErrorDetail;
use ::api::console::{Role, RuleList, UnpublishedRules, paths};
use email_signature::Rule;
use js_sys::Promise;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

/// How long somebody must have stopped typing before it is saved.
const PAUSE: Duration = Duration::from_millis(600);
/// How often an undo is tried again when somebody else was faster.
const ATTEMPTS: u32 = 3;

thread_local! {
    /// What is on its way to the server.
    static PENDING: RefCell<Option<Promise>> = const { RefCell::new(None) };
}

/// Does it, whether or not somebody stays on the page.
fn go_on(sending: impl Future<Output = ()> + 'static) {
    let promise = future_to_promise(async move {
        sending.await;
        Ok(JsValue::UNDEFINED)
    });
    PENDING.set(Some(promise));
}

/// Ends once nothing is on its way to the server.
async fn settle() {
    if let Some(pending) = PENDING.take() {
        drop(JsFuture::from(pending).await);
    }
}

/// How far saving is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Saving {
    /// The server has all of it.
    Saved,
    /// Something was changed just now, or is on its way.
    Busy,
    /// The server does not take it, and why.
    Refused(Vec<ErrorDetail>),
    /// Somebody else changed the same: both versions are shown.
    Conflict,
}

/// The list being edited.
#[derive(Clone, Copy)]
pub(crate) struct Editing {
    /// The tenant.
    pub(crate) tenant: StoredValue<String>,
    /// What the server said first.
    pub(crate) found: Loaded<Tagged<RuleList>>,
    /// What the server said last: words and oddities.
    pub(crate) said: RwSignal<Option<RuleList>>,
    /// The rules as they stand here.
    pub(crate) rules: RwSignal<Vec<Rule>>,
    /// How far saving is.
    pub(crate) saving: RwSignal<Saving>,
    /// What both changed.
    pub(crate) differences: RwSignal<Vec<Difference>>,
    /// Whether one may change them.
    pub(crate) may: bool,
    /// Names of what they name.
    pub(crate) names: RwSignal<Names>,
    /// Counts how often a rule became something else than what was typed here.
    pub(crate) replaced: RwSignal<u32>,
    kept: StoredValue<Kept>,
}

/// What saving needs to remember.
#[derive(Default)]
struct Kept {
    /// The rules as the server has them.
    base: Vec<Rule>,
    /// For `If-Match`.
    etag: String,
    /// What somebody else saved, while both versions are shown.
    theirs: Option<Tagged<RuleList>>,
    timer: Option<TimeoutHandle>,
    in_flight: bool,
}

impl Editing {
    /// Asks for the list.
    pub(crate) fn new(tenant: &str) -> Self {
        let own = path(paths::RULES, &[tenant]);
        let found = Loaded::new(move || {
            let path = own.clone();
            async move {
                // What the page before has just changed must be in the list.
                settle().await;
                get_tagged::<RuleList>(&path).await
            }
        });
        let editing = Self {
            tenant: StoredValue::new(tenant.to_owned()),
            found,
            said: RwSignal::new(None),
            rules: RwSignal::new(Vec::new()),
            saving: RwSignal::new(Saving::Saved),
            differences: RwSignal::new(Vec::new()),
            may: session::may(tenant, Role::Editor),
            names: RwSignal::new(Names::default()),
            replaced: RwSignal::new(0),
            kept: StoredValue::new(Kept::default()),
        };
        effect(move || {
            if let Some(found) = found.value.get()
                && !editing.is_dirty()
            {
                editing.take(&found);
                editing.rules.set(rules_of(&found.value));
            }
        });
        router::keep(when(move || matches!(editing.saving.get(), Saving::Refused(_) | Saving::Conflict)));
        on_cleanup(move || editing.flush());
        editing
    }

    /// Whether the server lacks something of what stands here.
    fn is_dirty(self) -> bool {
        self.rules.with_untracked(|rules| self.kept.with_value(|kept| *rules != kept.base))
    }

    /// Takes in what the server says, and leaves alone what stands here.
    fn take(self, found: &Tagged<RuleList>) {
        self.kept.update_value(|kept| {
            kept.etag.clone_from(&found.etag);
            kept.base = rules_of(&found.value);
        });
        self.said.set(Some(found.value.clone()));
    }

    /// The rule with this id, as it stands here; follows changes.
    pub(crate) fn rule(self, id: &str) -> Option<Rule> {
        self.rules.with(|rules| rules.iter().find(|rule| rule.id == id).cloned())
    }

    /// Changes something at once, says so, and offers to undo it.
    pub(crate) fn change(self, words: String, edit: impl FnOnce(&mut Vec<Rule>)) {
        let before = self.rules.get_untracked();
        self.edit(edit);
        self.save();
        let after = self.rules.get_untracked();
        let list = path(paths::RULES, &[&self.tenant.get_value()]);
        tell_with(words, "Undo", move || self.undo(list.clone(), before.clone(), after.clone()));
    }

    /// Changes something at once that says itself.
    pub(crate) fn change_quietly(self, edit: impl FnOnce(&mut Vec<Rule>)) {
        self.edit(edit);
        self.save();
    }

    /// Changes something that is being typed: it is saved after a pause.
    pub(crate) fn type_in(self, edit: impl FnOnce(&mut Vec<Rule>)) {
        self.edit(edit);
        self.saving.set(Saving::Busy);
        self.stop();
        let save = move || {
            if self.kept.try_update_value(|kept| kept.timer = None).is_some() {
                self.save();
            }
        };
        self.kept.update_value(|kept| kept.timer = set_timeout_with_handle(save, PAUSE).ok());
    }

    fn edit(self, edit: impl FnOnce(&mut Vec<Rule>)) {
        self.rules.update(edit);
    }

    fn stop(self) {
        if let Some(Some(timer)) = self.kept.try_update_value(|kept| kept.timer.take()) {
            timer.clear();
        }
    }

    /// Sends what the server lacks, one request after the other.
    pub(crate) fn save(self) {
        self.stop();
        self.saving.set(Saving::Busy);
        if self.kept.try_update_value(|kept| std::mem::replace(&mut kept.in_flight, true)) != Some(false) {
            return;
        }
        go_on(async move {
            while let Some((list, wanted, etag)) = self.wanted() {
                let answer =
                    send_tagged::<RuleList>("PUT", &list, &UnpublishedRules { rules: wanted.clone() }, &etag).await;
                if !self.heard(&list, &wanted, answer).await {
                    break;
                }
            }
            let _ = self.kept.try_update_value(|kept| kept.in_flight = false);
        });
    }

    /// What the server lacks; says that it lacks nothing where that is so, and gives nothing once the page is left.
    fn wanted(self) -> Option<(String, Vec<Rule>, String)> {
        let wanted = self.rules.try_get_untracked()?;
        if self.kept.try_with_value(|kept| kept.base == wanted)? {
            self.saving.try_set(Saving::Saved);
            return None;
        }
        let list = path(paths::RULES, &[&self.tenant.try_get_value()?]);
        Some((list, wanted, self.kept.try_with_value(|kept| kept.etag.clone())?))
    }

    /// Takes an answer in; whether to go on.
    async fn heard(self, list: &str, wanted: &[Rule], answer: Result<Tagged<RuleList>, Failure>) -> bool {
        match answer {
            Ok(now) => {
                let Some(same) = self.rules.try_with_untracked(|rules| rules == wanted) else { return false };
                self.take(&now);
                if same {
                    // The server may have trimmed a name.
                    self.rules.set(rules_of(&now.value));
                }
                true
            }
            Err(Failure::Changed) => match get_tagged::<RuleList>(list).await {
                Ok(theirs) => self.meet(theirs),
                Err(failure) => self.refuse(&failure),
            },
            Err(failure) => self.refuse(&failure),
        }
    }

    fn refuse(self, failure: &Failure) -> bool {
        // Who is elsewhere by now must hear of it, too.
        if self.saving.try_set(Saving::Refused(failure.errors())).is_some() {
            tell_error("The last change of the rules could not be saved: ".to_owned() + &failure.text());
        }
        false
    }

    /// Somebody else was faster. Where both changed different things, both stay.
    fn meet(self, theirs: Tagged<RuleList>) -> bool {
        let Some(mine) = self.rules.try_get_untracked() else { return false };
        let other = rules_of(&theirs.value);
        let names = self.names.get_untracked();
        let found = self
            .kept
            .with_value(|kept| conflicts(&kept.base, &mine, &other, |rule| full_words(&names, rule).join("\n")));
        if found.is_empty() {
            let merged = self.kept.with_value(|kept| merge(&kept.base, &mine, &other, &BTreeMap::new()));
            let who = theirs.value.changed_by.clone().unwrap_or_else(|| "Another user".to_owned());
            self.take(&theirs);
            self.rules.set(merged);
            tell(who + " changed rules in the meantime. The list contains both changes.");
            return true;
        }
        self.kept.update_value(|kept| kept.theirs = Some(theirs));
        self.saving.set(Saving::Conflict);
        self.differences.set(found);
        false
    }

    /// Takes the choice between both versions.
    pub(crate) fn resolve(self, keep: &BTreeMap<String, Keep>) {
        let Some(Some(theirs)) = self.kept.try_update_value(|kept| kept.theirs.take()) else { return };
        let mine = self.rules.get_untracked();
        let merged = self.kept.with_value(|kept| merge(&kept.base, &mine, &rules_of(&theirs.value), keep));
        self.take(&theirs);
        self.rules.set(merged);
        self.differences.set(Vec::new());
        self.replaced.update(|count| *count += 1);
        self.save();
    }

    /// Opens the two versions again.
    pub(crate) fn ask_again(self) {
        self.differences.update(|_| {});
    }

    /// Sends what was typed and not sent yet, once the page is left.
    fn flush(self) {
        self.stop();
        let ready = self.saving.try_with_untracked(|saving| *saving == Saving::Busy) == Some(true);
        let Some((list, wanted, _)) = ready.then(|| self.wanted()).flatten() else { return };
        let Some(base) = self.kept.try_with_value(|kept| kept.base.clone()) else { return };
        // What is on its way already comes first.
        let before = PENDING.take();
        go_on(async move {
            if let Some(before) = before {
                drop(JsFuture::from(before).await);
            }
            if let Err(failure) = undo_elsewhere(&list, &wanted, &base).await {
                tell_error("The last change of the rules could not be saved: ".to_owned() + &failure.text());
            }
        });
    }

    /// Takes one change back, whatever was changed since, here or elsewhere.
    fn undo(self, list: String, before: Vec<Rule>, after: Vec<Rule>) {
        let nothing = BTreeMap::new();
        let here = self.rules.try_update(|rules| *rules = merge(&after, &before, rules, &nothing));
        if here.is_some() {
            self.replaced.update(|count| *count += 1);
            self.save();
            return;
        }
        spawn_local(async move {
            match undo_elsewhere(&list, &before, &after).await {
                Ok(()) => tell("Undone."),
                Err(failure) => tell_error(failure.text()),
            }
        });
    }

    /// Takes in a list that the server gave for something else than a change here.
    pub(crate) fn replace(self, now: &Tagged<RuleList>) {
        self.stop();
        self.take(now);
        self.rules.set(rules_of(&now.value));
        self.replaced.update(|count| *count += 1);
        self.saving.set(Saving::Saved);
    }
}

/// Does to the list what leads from `after` to `before`, whatever else was changed in it.
async fn undo_elsewhere(list: &str, before: &[Rule], after: &[Rule]) -> Result<(), Failure> {
    for _ in 0..ATTEMPTS {
        let now = get_tagged::<RuleList>(list).await?;
        let rules = merge(after, before, &rules_of(&now.value), &BTreeMap::new());
        match send_tagged::<RuleList>("PUT", list, &UnpublishedRules { rules }, &now.etag).await {
            Err(Failure::Changed) => {}
            answer => return answer.map(drop),
        }
    }
    Err(Failure::Changed)
}

/// The documents of a list.
pub(crate) fn rules_of(list: &RuleList) -> Vec<Rule> {
    list.rules.iter().map(|entry| entry.rule.clone()).collect()
}

/// All that a rule says, its name, folder and switch included, for who compares two versions of it.
pub(crate) fn full_words(names: &Names, rule: &Rule) -> Vec<String> {
    let mut all = vec![rule.name.clone()];
    if !rule.folder.is_empty() {
        all.push("Folder “".to_owned() + &rule.folder + "”.");
    }
    if !rule.enabled {
        all.push("Switched off.".to_owned());
    }
    all.extend(names.rule(rule));
    all
}
