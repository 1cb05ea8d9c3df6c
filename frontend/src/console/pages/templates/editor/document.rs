//! The template being edited: what it says now, what the server has, and how the one becomes the other.

use super::parts::{Local, Parts};
use super::said::said;
use crate::api::console::{Failure, Tagged, get, get_tagged, path, send_tagged, with_query};
use crate::ui::{Conflict, Loaded, differences, effect, text};
use ::api::console::{
    Blocks, FieldDefinition, Fields, Images, People, PeopleQuery, PersonKind, PersonRow, PreviewPerson, TemplateDetail,
    TemplateState, UnpublishedTemplate, paths,
};
use email_signature::{BRAND_TOKENS, BUILT_IN_FIELDS, ImageMode, Part, Template};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long somebody must have stopped before what they typed is saved.
const PAUSE: Duration = Duration::from_millis(900);
/// Before it is tried again where the server did not answer.
const AGAIN: Duration = Duration::from_secs(8);

/// How far saving is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Saving {
    /// The server has all of it.
    Saved,
    /// Something was typed just now, or is on its way.
    Busy,
    /// The server does not take it, and why.
    Refused(String),
    /// Somebody else was faster: both versions are shown.
    Conflict,
}

/// A placeholder that templates can have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Placeholder {
    /// Its name in templates.
    pub(crate) token: String,
    /// What people call it.
    pub(crate) label: String,
    /// What it is for the person that the template is shown for.
    pub(crate) value: String,
}

/// Something wrong, or that could be better, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Finding {
    /// `problem`, `advice`, or `value`: wrong for the person that it is shown for.
    pub(crate) level: String,
    /// Names the rule that it breaks.
    pub(crate) rule: String,
    /// What is wrong and what to do.
    pub(crate) detail: String,
    /// Where in the HTML, in UTF-16 units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<(u32, u32)>,
}

/// Everything that the parts of the editor share.
#[derive(Clone, Copy)]
pub(crate) struct Editing {
    /// The tenant.
    pub(crate) tenant: StoredValue<String>,
    /// The template's id.
    pub(crate) id: StoredValue<String>,
    /// What the server said last.
    pub(crate) found: Loaded<Tagged<TemplateDetail>>,
    /// How it stands.
    pub(crate) state: RwSignal<TemplateState>,
    /// What the template says now.
    pub(crate) doc: RwSignal<UnpublishedTemplate>,
    /// What of that the server has.
    pub(crate) saved: RwSignal<UnpublishedTemplate>,
    /// For `If-Match`.
    pub(crate) etag: StoredValue<String>,
    /// How far saving is.
    pub(crate) saving: RwSignal<Saving>,
    /// Counts how often the document was replaced by something that no view knows yet.
    pub(crate) replaced: RwSignal<u32>,
    /// Both versions, where somebody else changed it meanwhile.
    pub(crate) conflict: Conflict<TemplateDetail>,
    /// Whether it may be changed.
    pub(crate) may: bool,
    /// The editor's own parts, once they are loaded; `Some(None)`: they could not be.
    #[expect(clippy::option_option, reason = "not yet, not at all, or there")]
    pub(crate) parts: Local<Option<Option<Parts>>>,
    /// For whom it is shown.
    pub(crate) person: RwSignal<Option<PreviewPerson>>,
    /// The tenant's fields.
    pub(crate) fields: Loaded<Vec<FieldDefinition>>,
    /// The tenant's images.
    pub(crate) images: Loaded<Images>,
    /// The tenant's blocks.
    pub(crate) blocks: Loaded<Blocks>,
    /// What is wrong with it.
    pub(crate) findings: RwSignal<Vec<Finding>>,
    timer: StoredValue<Option<TimeoutHandle>>,
    in_flight: StoredValue<bool>,
}

impl Editing {
    /// Asks for all that is needed to edit it.
    pub(crate) fn new(tenant: &str, id: &str, may: bool) -> Self {
        let own = path(paths::TEMPLATE, &[tenant, id]);
        let found = Loaded::new(move || {
            let path = own.clone();
            async move { get_tagged::<TemplateDetail>(&path).await }
        });
        let fields = path(paths::FIELDS, &[tenant]);
        let fields = Loaded::new(move || {
            let path = fields.clone();
            async move { Ok(get::<Fields>(&path).await?.fields) }
        });
        let images = path(paths::IMAGES, &[tenant]);
        let images = Loaded::new(move || {
            let path = images.clone();
            async move { get::<Images>(&path).await }
        });
        let blocks = path(paths::BLOCKS, &[tenant]);
        let blocks = Loaded::new(move || {
            let path = blocks.clone();
            async move { get::<Blocks>(&path).await }
        });
        let editing = Self {
            tenant: StoredValue::new(tenant.to_owned()),
            id: StoredValue::new(id.to_owned()),
            found,
            state: RwSignal::new(TemplateState { version: None, published_ms: None, changed: false, publish_ms: None }),
            doc: RwSignal::new(nothing()),
            saved: RwSignal::new(nothing()),
            etag: StoredValue::new(String::new()),
            saving: RwSignal::new(Saving::Saved),
            replaced: RwSignal::new(0),
            conflict: Conflict::default(),
            may,
            parts: RwSignal::new_local(None),
            person: RwSignal::new(None),
            fields,
            images,
            blocks,
            findings: RwSignal::new(Vec::new()),
            timer: StoredValue::new(None),
            in_flight: StoredValue::new(false),
        };
        editing.follow();
        editing
    }

    fn follow(self) {
        effect(move || {
            if let Some(found) = self.found.value.get() {
                self.take(&found);
            }
        });
        effect(move || {
            let changed = self.doc.with(|doc| self.saved.with_untracked(|saved| doc != saved));
            if changed && self.may && self.saving.get_untracked() != Saving::Conflict {
                self.saving.set(Saving::Busy);
                self.save_after(PAUSE);
            }
        });
        spawn_local(async move {
            let loaded = super::parts::load().await;
            let _ = self.parts.try_set(Some(loaded));
        });
        self.somebody();
        on_cleanup(move || self.stop());
    }

    /// Whom it is shown for until somebody is chosen.
    fn somebody(self) {
        let tenant = self.tenant.get_value();
        spawn_local(async move {
            let query = PeopleQuery { limit: Some(50), ..PeopleQuery::default() };
            let people = with_query(&path(paths::PEOPLE, &[&tenant]), &query);
            let all = get::<People>(&people).await.map(|all| all.people).unwrap_or_default();
            // Somebody with much to show.
            let filled = |row: &PersonRow| row.fields.values().filter(|value| !value.is_empty()).count();
            if let Some(first) = all.into_iter().rev().max_by_key(|row| (row.kind == PersonKind::Person, filled(row))) {
                self.show_for(&first.id);
            }
        });
    }

    /// Shows it for that person from now on.
    pub(crate) fn show_for(self, id: &str) {
        let path = path(paths::PREVIEW_PERSON, &[&self.tenant.get_value(), id]);
        spawn_local(async move {
            match get::<PreviewPerson>(&path).await {
                Ok(person) => drop(self.person.try_set(Some(person))),
                Err(failure) => crate::ui::tell_error(failure.text()),
            }
        });
    }

    /// Takes what the server says in the place of everything here.
    pub(crate) fn take(self, found: &Tagged<TemplateDetail>) {
        let content = content(&found.value);
        self.etag.set_value(found.etag.clone());
        self.state.set(found.value.state.clone());
        self.saved.set(content.clone());
        if self.doc.with_untracked(|doc| *doc != content) {
            self.doc.set(content);
            self.replaced.update(|replaced| *replaced += 1);
        }
        self.saving.set(Saving::Saved);
    }

    /// Changes the template otherwise than in a view of its HTML, which is told.
    pub(crate) fn replace(self, change: impl FnOnce(&mut UnpublishedTemplate)) {
        self.doc.update(change);
        self.replaced.update(|replaced| *replaced += 1);
    }

    /// Placeholders, with the values of the person that the template is shown for.
    pub(crate) fn placeholders(self) -> Vec<Placeholder> {
        let person = self.person.get();
        let value = |token: &str| {
            let person = person.as_ref().map(|one| &one.person);
            match token {
                "email" => person.map(|one| one.address.to_string()),
                "kind" => Some("new".to_owned()),
                _ => person.and_then(|one| one.fields.get(token).cloned()),
            }
            .unwrap_or_default()
        };
        let one = |token: &str, label: &str| Placeholder {
            token: token.to_owned(),
            label: label.to_owned(),
            value: value(token),
        };
        let mut all: Vec<Placeholder> =
            self.fields.read(|fields| fields.iter().map(|field| one(&field.token, &field.label)).collect());
        for (token, label) in BUILT_IN_FIELDS.iter().chain(&[
            ("vcard_qr", "Contact as a QR code"),
            ("kind", "Kind of draft: new, reply, forward or appointment"),
            ("today", "Today’s date"),
            ("sender.display_name", "Person signed in: display name"),
            ("sender.title", "Person signed in: job title"),
            ("sender.email", "Person signed in: e-mail"),
            ("sender.phone", "Person signed in: phone"),
            ("manager.display_name", "Manager: display name"),
            ("manager.title", "Manager: job title"),
            ("manager.email", "Manager: e-mail"),
            ("manager.phone", "Manager: phone"),
        ]) {
            if !all.iter().any(|known| known.token == *token) {
                all.push(one(token, label));
            }
        }
        if person.as_ref().is_some_and(|shown| shown.person.fields.contains_key("brand.name")) {
            let named = BRAND_TOKENS.iter().map(|(token, label)| one(&brand(token), &("Brand: ".to_owned() + label)));
            all.extend(named);
            let own = person.iter().flat_map(|shown| &shown.brand_tokens);
            all.extend(own.map(|token| one(&brand(token), &("Brand: ".to_owned() + token))));
        }
        all
    }

    /// Placeholders, and blocks as `block:ID`, for views that show what stands for both.
    pub(crate) fn offered(self) -> Vec<Placeholder> {
        let mut all = self.placeholders();
        let block = |block: Template| Placeholder {
            token: "block:".to_owned() + &block.id,
            label: block.name,
            value: String::new(),
        };
        all.extend(self.usable_blocks().into_iter().map(block));
        all
    }

    /// The blocks that this template can use: none if it is one.
    pub(crate) fn usable_blocks(self) -> Vec<Template> {
        if self.is_block() { Vec::new() } else { self.blocks.read(|found| found.blocks.clone()) }
    }

    /// Whether it is a block.
    pub(crate) fn is_block(self) -> bool {
        self.doc.with(|doc| doc.part == Part::Block)
    }

    /// Hosted addresses by name.
    pub(crate) fn image_urls(self) -> BTreeMap<String, String> {
        self.images.read(|found| found.images.iter().map(|image| (image.name.clone(), image.url.clone())).collect())
    }

    /// Whether something was typed that the server does not have.
    pub(crate) fn unsaved(self) -> Signal<bool> {
        crate::ui::when(move || self.may && self.saving.get() != Saving::Saved)
    }

    /// How far saving is, in words.
    pub(crate) fn saving_words(self) -> Signal<String> {
        text(move || match self.saving.get() {
            Saving::Saved if self.state.with(|state| state.changed) => "Saved, not published yet".into(),
            Saving::Saved => String::new(),
            Saving::Busy => "Saving…".into(),
            Saving::Refused(why) => "Not saved: ".to_owned() + &why,
            Saving::Conflict => "Not saved: another user changed it, too.".into(),
        })
    }

    fn stop(self) {
        if let Some(timer) = self.timer.try_get_value().flatten() {
            timer.clear();
        }
    }

    fn save_after(self, pause: Duration) {
        self.stop();
        self.timer.set_value(set_timeout_with_handle(move || self.save(), pause).ok());
    }

    /// Saves now what is not saved.
    pub(crate) fn save(self) {
        let Some(doc) = self.doc.try_get_untracked() else { return };
        if self.saved.with_untracked(|saved| *saved == doc) {
            self.saving.set(Saving::Saved);
            return;
        }
        if self.in_flight.get_value() {
            self.save_after(PAUSE);
            return;
        }
        self.in_flight.set_value(true);
        let path = path(paths::TEMPLATE, &[&self.tenant.get_value(), &self.id.get_value()]);
        let etag = self.etag.get_value();
        spawn_local(async move {
            let answer = send_tagged::<TemplateDetail>("PUT", &path, &doc, &etag).await;
            if self.in_flight.try_set_value(false).is_some() {
                return;
            }
            match answer {
                Ok(found) => self.took(doc, found),
                Err(Failure::Changed) => self.compare(&path).await,
                Err(Failure::Away) => {
                    self.saving.set(Saving::Refused("the server does not answer. Trying again.".into()));
                    self.save_after(AGAIN);
                }
                Err(failure) => self.saving.set(Saving::Refused(failure.text())),
            }
        });
    }

    fn took(self, sent: UnpublishedTemplate, found: Tagged<TemplateDetail>) {
        self.etag.set_value(found.etag.clone());
        self.saved.set(sent);
        // Not through `found`: what was typed meanwhile stays.
        self.state.set(found.value.state);
        if self.doc.with_untracked(|doc| self.saved.with_untracked(|saved| doc == saved)) {
            self.saving.set(Saving::Saved);
        } else {
            self.save_after(PAUSE);
        }
    }

    /// Somebody else was faster: shows both versions.
    async fn compare(self, path: &str) {
        let Ok(now) = get_tagged::<TemplateDetail>(path).await else {
            self.saving.set(Saving::Refused(Failure::Changed.text()));
            return;
        };
        let found = self.doc.with_untracked(|mine| differences(&said(&content(&now.value)), &said(mine)));
        match self.conflict.meet(now, found) {
            Some(same) => self.take(&same),
            None => self.saving.set(Saving::Conflict),
        }
    }

    /// Saves what was typed in the place of what somebody else saved.
    pub(crate) fn overwrite(self, theirs: Tagged<TemplateDetail>) {
        self.saved.set(content(&theirs.value));
        self.etag.set_value(theirs.etag);
        self.saving.set(Saving::Busy);
        self.save();
    }

    /// Shows both versions again after somebody put that off.
    pub(crate) fn ask_again(self) {
        self.saving.set(Saving::Busy);
        self.save();
    }
}

/// How templates name a value of the brand.
pub(crate) fn brand(token: &str) -> String {
    "brand.".to_owned() + token
}

/// What a change of it would say.
pub(crate) fn content(detail: &TemplateDetail) -> UnpublishedTemplate {
    let template = detail.template.clone();
    UnpublishedTemplate {
        name: template.name,
        folder: template.folder,
        part: template.part,
        html: template.html,
        text: template.text,
        images: template.images,
        offered_to: template.offered_to,
    }
}

fn nothing() -> UnpublishedTemplate {
    UnpublishedTemplate {
        name: String::new(),
        folder: String::new(),
        part: Part::Signature,
        html: String::new(),
        text: None,
        images: ImageMode::Hosted,
        offered_to: None,
    }
}
