//! What is done with a rule in the list: moved, switched, copied, put into a folder, deleted. The list hears for its rows.

use crate::console::pages::rules::at;
use crate::console::pages::rules::editing::Editing;
use crate::console::router;
use ::api::console::pages::Rules;
use leptos::ev::{Event, KeyboardEvent, MouseEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Room between a button and what it opens, and between that and the window's edge.
const GAP: f64 = 4.0;

/// What is asked in a dialog.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Which place it shall have.
    Place,
    /// Which folder it shall be in.
    Folder,
}

/// The acts, and what they need to remember.
#[derive(Clone, Copy)]
pub(crate) struct Acts {
    /// The list.
    pub(crate) editing: Editing,
    /// Ids of the rules in sight.
    shown: Memo<Vec<String>>,
    /// The rule that the menu or a dialog is about.
    pub(crate) of: RwSignal<Option<String>>,
    dragged: RwSignal<Option<String>>,
    /// What a screen reader is told.
    pub(crate) said: RwSignal<String>,
    /// What is asked now.
    pub(crate) asked: RwSignal<Option<Asked>>,
    /// The menu, one for all rows.
    pub(crate) menu: NodeRef<leptos::html::Div>,
}

impl Acts {
    /// On the rules of this list.
    pub(crate) fn new(editing: Editing, shown: Memo<Vec<String>>) -> Self {
        Self {
            editing,
            shown,
            of: RwSignal::new(None),
            dragged: RwSignal::new(None),
            said: RwSignal::new(String::new()),
            asked: RwSignal::new(None),
            menu: NodeRef::new(),
        }
    }

    /// The list with its rows.
    pub(crate) fn around(self, rows: AnyView) -> AnyView {
        view! {
            <ol
                class="rule-list"
                aria-label="Rules"
                on:click=move |event| self.pressed(&event)
                on:keydown=move |event| self.key(&event)
                on:dragstart=move |event| self.drag(&event)
                on:dragover=move |event| self.over(&event)
                on:drop=move |event| self.dropped(&event)
                on:dragend=move |_| self.end_drag()
            >
                {rows}
            </ol>
        }
        .into_any()
    }

    fn pressed(self, event: &MouseEvent) {
        let Some((act, element, id)) = act_of(event) else { return };
        match act.as_str() {
            "toggle" => {
                // What is ticked follows what stands in the list.
                if self.editing.may {
                    self.toggle(&id);
                } else {
                    event.prevent_default();
                }
            }
            "more" => self.open_menu(&element, id),
            "jump" => self.jump(&element.get_attribute("data-to").unwrap_or_default()),
            _ => {}
        }
    }

    fn key(self, event: &KeyboardEvent) {
        let Some(id) = row_of(event).filter(|_| event.alt_key() && self.editing.may) else { return };
        let to = match event.key().as_str() {
            "ArrowUp" => self.beside(&id, false),
            "ArrowDown" => self.beside(&id, true),
            _ => return,
        };
        event.prevent_default();
        let Some(to) = to else {
            self.said.set("It cannot be moved further.".to_owned());
            return;
        };
        let act = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let act = act.and_then(|element| element.get_attribute("data-act")).unwrap_or_else(|| "grip".to_owned());
        self.editing.change_quietly(|rules| shift(rules, &id, to));
        self.say_place(&id);
        focus(&id, &act);
    }

    /// The place of the rule in sight before or behind this one.
    fn beside(self, id: &str, behind: bool) -> Option<usize> {
        let shown = self.shown.get_untracked();
        let at = shown.iter().position(|own| own == id)?;
        let other = shown.get(if behind { at + 1 } else { at.checked_sub(1)? })?;
        self.place(other)
    }

    /// Counts from 0.
    pub(crate) fn place(self, id: &str) -> Option<usize> {
        self.editing.rules.with_untracked(|rules| rules.iter().position(|rule| rule.id == id))
    }

    pub(crate) fn name(self, id: &str) -> String {
        self.editing.rules.with_untracked(|rules| {
            rules.iter().find(|rule| rule.id == id).map(|rule| rule.name.clone()).unwrap_or_default()
        })
    }

    fn say_place(self, id: &str) {
        let of = self.editing.rules.with_untracked(Vec::len).to_string();
        let place = self.place(id).map_or(0, |at| at + 1).to_string();
        self.said.set(self.name(id) + " is number " + &place + " of " + &of + " now.");
    }

    fn toggle(self, id: &str) {
        let on = self.editing.rules.with_untracked(|rules| rules.iter().any(|rule| rule.id == id && !rule.enabled));
        let words = "“".to_owned() + &self.name(id) + if on { "” is on." } else { "” is off." };
        self.editing.change(words, |rules| {
            rules.iter_mut().filter(|rule| rule.id == id).for_each(|rule| rule.enabled = on);
        });
    }

    fn jump(self, id: &str) {
        // It may be hidden by a filter: then its own page is the place.
        if self.shown.with_untracked(|shown| shown.iter().any(|own| own == id)) {
            let row = find(id, "");
            if let Some(row) = row {
                row.scroll_into_view();
            }
            focus(id, "");
        } else {
            router::go(&self.editing.tenant.with_value(|tenant| at(tenant, Rules::Rule(id.to_owned()))));
        }
    }

    fn open_menu(self, button: &Element, id: String) {
        self.of.set(Some(id));
        let Some(menu) = self.menu.get_untracked() else { return };
        drop(menu.show_popover());
        let (at, size) = (button.get_bounding_client_rect(), menu.get_bounding_client_rect());
        let root = document().document_element();
        let (width, height) =
            root.map_or((0.0, 0.0), |root| (f64::from(root.client_width()), f64::from(root.client_height())));
        let left = (at.right() - size.width()).min(width - size.width() - GAP).max(GAP);
        let below = at.bottom() + GAP;
        let top = if below + size.height() > height { (at.top() - size.height() - GAP).max(GAP) } else { below };
        let style = web_sys::HtmlElement::style(&menu);
        drop(style.set_property("left", &(left.to_string() + "px")));
        drop(style.set_property("top", &(top.to_string() + "px")));
        if let Ok(Some(first)) = menu.query_selector("button")
            && let Ok(first) = first.dyn_into::<HtmlElement>()
        {
            drop(first.focus());
        }
    }

    /// One of the menu's.
    pub(crate) fn choose(self, act: &str) {
        if let Some(menu) = self.menu.get_untracked() {
            drop(menu.hide_popover());
        }
        let Some(id) = self.of.get_untracked() else { return };
        let last = self.editing.rules.with_untracked(Vec::len).saturating_sub(1);
        match act {
            "up" => self.move_to(&id, self.beside(&id, false)),
            "down" => self.move_to(&id, self.beside(&id, true)),
            "first" => self.move_to(&id, Some(0)),
            "last" => self.move_to(&id, Some(last)),
            "place" => self.asked.set(Some(Asked::Place)),
            "folder" => self.asked.set(Some(Asked::Folder)),
            "duplicate" => self.duplicate(&id),
            "delete" => self.delete(&id),
            _ => {}
        }
    }

    pub(crate) fn move_to(self, id: &str, to: Option<usize>) {
        let Some(to) = to.filter(|to| self.place(id) != Some(*to)) else { return focus(id, "more") };
        let words = "“".to_owned() + &self.name(id) + "” is number " + &(to + 1).to_string() + " now.";
        self.editing.change(words, |rules| shift(rules, id, to));
        focus(id, "more");
    }

    fn duplicate(self, id: &str) {
        let Some(at) = self.place(id) else { return };
        let mut copy = self.editing.rules.with_untracked(|rules| rules[at].clone());
        let words = "“".to_owned() + &copy.name + "” was copied. The copy is off.";
        copy.id = super::blank("", "").id;
        copy.name = "Copy of ".to_owned() + &copy.name;
        copy.enabled = false;
        let own = copy.id.clone();
        self.editing.change(words, |rules| rules.insert(at + 1, copy));
        focus(&own, "more");
    }

    fn delete(self, id: &str) {
        let next = self.shown.with_untracked(|shown| {
            let at = shown.iter().position(|own| own == id)?;
            shown.get(at + 1).or_else(|| shown.get(at.checked_sub(1)?)).cloned()
        });
        let words = "“".to_owned() + &self.name(id) + "” was deleted.";
        self.editing.change(words, |rules| rules.retain(|rule| rule.id != id));
        match next {
            Some(next) => focus(&next, "more"),
            None => crate::console::shell::focus("h1"),
        }
    }

    fn drag(self, event: &web_sys::DragEvent) {
        if let Some(id) = row_of(event).filter(|_| self.editing.may) {
            if let Some(data) = event.data_transfer() {
                data.set_effect_allowed("move");
                drop(data.set_data("text/plain", &self.name(&id)));
            }
            self.dragged.set(Some(id));
        }
    }

    fn over(self, event: &web_sys::DragEvent) {
        let (Some(id), Some(dragged)) = (row_of(event), self.dragged.get_untracked()) else { return };
        event.prevent_default();
        mark(Some(&id), self.place(&dragged) < self.place(&id));
    }

    fn dropped(self, event: &web_sys::DragEvent) {
        let (Some(id), Some(dragged)) = (row_of(event), self.dragged.get_untracked()) else { return };
        event.prevent_default();
        self.end_drag();
        if id != dragged {
            self.move_to(&dragged, self.place(&id));
        }
    }

    fn end_drag(self) {
        self.dragged.set(None);
        mark(None, false);
    }
}

/// Takes the rule out and puts it where it has this place then.
fn shift(rules: &mut Vec<email_signature::Rule>, id: &str, to: usize) {
    if let Some(at) = rules.iter().position(|rule| rule.id == id) {
        let rule = rules.remove(at);
        rules.insert(to.min(rules.len()), rule);
    }
}

fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()
}

fn row_of(event: &Event) -> Option<String> {
    target(event)?.closest("[data-rule]").ok()??.get_attribute("data-rule")
}

fn act_of(event: &Event) -> Option<(String, Element, String)> {
    let element = target(event)?.closest("[data-act]").ok()??;
    Some((element.get_attribute("data-act")?, element, row_of(event)?))
}

fn find(id: &str, act: &str) -> Option<Element> {
    let mut selector = "[data-rule=\"".to_owned() + id + "\"]";
    if !act.is_empty() {
        selector = selector + " [data-act=" + act + "]";
    }
    document().query_selector(&selector).ok()?
}

/// Moving a row takes the focus off it, and so does a menu that closes: it goes back once that is done.
pub(crate) fn focus(id: &str, act: &str) {
    let (id, act) = (id.to_owned(), if act.is_empty() { "more" } else { act }.to_owned());
    request_animation_frame(move || {
        let found = find(&id, &act).or_else(|| find(&id, "toggle"));
        if let Some(found) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
            drop(found.focus());
        }
    });
}

/// Shows where what is dragged would go.
fn mark(id: Option<&str>, behind: bool) {
    if let Ok(marked) = document().query_selector_all(".rule.before-me, .rule.behind-me") {
        for at in 0..marked.length() {
            if let Some(one) = marked.get(at).and_then(|one| one.dyn_into::<Element>().ok()) {
                drop(one.class_list().remove_2("before-me", "behind-me"));
            }
        }
    }
    if let Some(row) = id.and_then(|id| find(id, "")) {
        drop(row.class_list().add_1(if behind { "behind-me" } else { "before-me" }));
    }
}
