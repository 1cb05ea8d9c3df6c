//! The views in which the template is changed: the visual one and its HTML. One of them is open at a time.

use super::document::{Editing, Placeholder};
use super::parts::{Calls, Changed, Local, Parts, View};
use crate::api::console::{path, send};
use crate::ui::{Button, Icon, Notice, Skeleton, Tone, changing, effect, tell, tell_error};
use ::api::console::{Cleaned, Pasted, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;
use std::collections::BTreeMap;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::future_to_promise;

/// What the visual view needs to show placeholders and images.
#[derive(Serialize)]
struct Context {
    placeholders: Vec<Placeholder>,
    images: BTreeMap<String, String>,
    may: bool,
}

/// What is open.
#[derive(Clone, Copy)]
pub(crate) struct Views {
    editing: Editing,
    /// `visual` or `html`.
    pub(crate) which: RwSignal<String>,
    /// The open one.
    pub(crate) open: Local<Option<View>>,
    /// Why the visual view is not there.
    refused: RwSignal<Option<String>>,
    /// What somebody asked for inside the visual view, such as `image`.
    pub(crate) asked: RwSignal<Option<String>>,
    host: NodeRef<leptos::html::Div>,
    calls: StoredValue<Option<Calls>, LocalStorage>,
    turn: StoredValue<u32>,
}

impl Views {
    /// None is open yet.
    pub(crate) fn new(editing: Editing, which: RwSignal<String>) -> Self {
        Self {
            editing,
            which,
            open: RwSignal::new_local(None),
            refused: RwSignal::new(None),
            asked: RwSignal::new(None),
            host: NodeRef::new(),
            calls: StoredValue::new_local(None),
            turn: StoredValue::new(0),
        }
    }

    /// Where they are.
    pub(crate) fn view(self) -> AnyView {
        let editing = self.editing;
        let seen = StoredValue::new((String::new(), 0_u32));
        effect(move || {
            let (Some(Some(parts)), Some(_)) = (editing.parts.get(), self.host.get()) else { return };
            // The visual view draws them once.
            if editing.images.value.with(Option::is_none) && editing.images.failure.with(Option::is_none) {
                return;
            }
            let now = (self.which.get(), editing.replaced.get());
            let before = seen.get_value();
            if now.0 == "html" && before.0 == "html" && self.open.with_untracked(Option::is_some) {
                // The cursor stays where it is.
                let html = editing.doc.with_untracked(|doc| doc.html.clone());
                self.open.with_untracked(|view| view.as_ref().map(|view| view.set(&html)));
            } else if now != before {
                self.begin(&parts, &now.0);
            }
            seen.set_value(now);
        });
        effect(move || {
            let (findings, placeholders) = (editing.findings.get(), editing.offered());
            let images = editing.image_urls();
            self.open.with(|view| {
                if let Some(view) = view {
                    view.mark(&findings);
                    view.offer(&placeholders, &images);
                }
            });
        });
        on_cleanup(move || self.end());
        let waiting = move || {
            if let Some(why) = self.refused.get() {
                let to_html = move |()| self.which.set("html".into());
                return view! {
                    <Notice tone=Tone::Warning>
                        <p>{why}</p>
                        <Button icon=Icon::BRACES on_press=to_html>
                            "Edit the HTML"
                        </Button>
                    </Notice>
                }
                .into_any();
            }
            match (editing.parts.get(), self.open.with(Option::is_some)) {
                (Some(None), _) => {
                    let again = |()| drop(window().location().reload());
                    view! {
                        <Notice tone=Tone::Error>
                            <p>"The editor could not be loaded. Check the connection, then load the page again."</p>
                            <Button icon=Icon::REFRESH on_press=again>
                                "Load again"
                            </Button>
                        </Notice>
                    }
                    .into_any()
                }
                (_, false) => view! { <Skeleton lines=8 /> }.into_any(),
                _ => ().into_any(),
            }
        };
        view! {
            {changing(waiting)}
            <div class="editor-host" node_ref=self.host></div>
        }
        .into_any()
    }

    fn begin(self, parts: &Parts, which: &str) {
        self.end();
        self.refused.set(None);
        let turn = self.turn.get_value().wrapping_add(1);
        self.turn.set_value(turn);
        let Some(host) = self.host.get_untracked() else { return };
        let (parts, which, editing) = (parts.clone(), which.to_owned(), self.editing);
        let changed = Changed::new(move |html: String| {
            if editing.may && editing.doc.with_untracked(|doc| doc.html != html) {
                editing.doc.update(|doc| doc.html = html);
            }
        });
        let act = Changed::new(move |what: String| self.asked.set(Some(what)));
        let tenant = editing.tenant.get_value();
        let clean = Closure::new(move |html: String| future_to_promise(cleaned(tenant.clone(), html)));
        let calls = Calls { changed, act, clean };
        let html = editing.doc.with_untracked(|doc| doc.html.clone());
        spawn_local(async move {
            let opened = if which == "html" {
                let failed = "The editor could not be loaded. Check the connection.";
                parts.open_source(&host, &html, !editing.may, &calls).await.ok_or_else(|| failed.to_owned())
            } else {
                let context = untrack(|| Context {
                    placeholders: editing.offered(),
                    images: editing.image_urls(),
                    may: editing.may,
                });
                parts.open_visual(&host, &html, &context, &calls).await
            };
            let is_mine = self.turn.try_get_value() == Some(turn);
            match opened {
                Ok(view) if is_mine => {
                    self.calls.set_value(Some(calls));
                    self.open.set(Some(view));
                }
                Ok(view) => view.close(),
                Err(why) if is_mine => self.refused.set(Some(why)),
                Err(_) => {}
            }
        });
    }

    fn end(self) {
        if let Some(Some(view)) = self.open.try_update_untracked(Option::take) {
            view.close();
        }
        let _ = self.calls.try_update_value(Option::take);
    }

    /// Puts text into the open view.
    pub(crate) fn insert(self, before: &str, after: &str) {
        self.open.with_untracked(|view| view.as_ref().map(|view| view.insert(before, after)));
    }

    /// Shows a place of the HTML.
    pub(crate) fn go(self, from: u32, to: u32) {
        let selected = move || {
            let _ = self.open.try_with_untracked(|view| view.as_ref().map(|view| view.select(from, to)));
        };
        if self.which.with_untracked(|which| which == "html") && self.open.with_untracked(Option::is_some) {
            selected();
            return;
        }
        self.which.set("html".into());
        // Once it is there.
        let waiting = StoredValue::new(true);
        effect(move || {
            if self.open.with(Option::is_some) && waiting.try_get_value() == Some(true) {
                waiting.set_value(false);
                request_animation_frame(selected);
            }
        });
    }
}

/// What was pasted, made a template's; says what was changed. Nothing, where the server refuses it.
async fn cleaned(tenant: String, html: String) -> Result<JsValue, JsValue> {
    match send::<Cleaned>("POST", &path(paths::CLEAN, &[&tenant]), &Pasted { html }).await {
        Ok(cleaned) => {
            if !cleaned.notes.is_empty() {
                tell("Cleaned: ".to_owned() + &cleaned.notes.join(" "));
            }
            Ok(cleaned.html.into())
        }
        Err(failure) => {
            tell_error(failure.text());
            Ok("".into())
        }
    }
}
