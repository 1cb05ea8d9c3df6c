//! What an editor is limited to: folders of templates, and brands.

use crate::api::console::{get, path, send};
use crate::ui::{
    Button, Dialog, Loaded, Look, Radios, TextField, Value, changing, count, effect, form_error, new_id, place_errors,
    tell, text, when,
};
use ::api::console::{BrandList, Limits, MAX_NAME, Member, MemberChanges, Members, Role, Templates, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::BTreeSet;

/// The choice of what an editor can change.
#[derive(Clone, Copy)]
pub(super) struct Limiting {
    /// `everything` or `some`.
    scope: RwSignal<String>,
    /// Folders that templates are in, and those that are chosen.
    known: RwSignal<BTreeSet<String>>,
    chosen: RwSignal<BTreeSet<String>>,
    /// A folder that has no template yet.
    another: Value,
    /// Id and name of each brand, and the ids of those that are chosen.
    brands: RwSignal<Vec<(String, String)>>,
    chosen_brands: RwSignal<BTreeSet<String>>,
}

impl Limiting {
    pub(super) fn new(tenant: &str) -> Self {
        let known = RwSignal::new(BTreeSet::new());
        let own = path(paths::TEMPLATES, &[tenant]);
        spawn_local(async move {
            let Ok(found) = get::<Templates>(&own).await else { return };
            let folders = found.templates.into_iter().map(|row| row.folder).filter(|folder| !folder.is_empty());
            let _ = known.try_update(|known| known.extend(folders));
        });
        let brands = RwSignal::new(Vec::new());
        let own = path(paths::BRANDS, &[tenant]);
        spawn_local(async move {
            let Ok(found) = get::<BrandList>(&own).await else { return };
            let _ = brands.try_set(found.brands.into_iter().map(|entry| (entry.brand.id, entry.brand.name)).collect());
        });
        let (chosen, chosen_brands) = (RwSignal::new(BTreeSet::new()), RwSignal::new(BTreeSet::new()));
        Self {
            brands,
            chosen_brands,
            scope: RwSignal::new("everything".into()),
            known,
            chosen,
            another: Value::new(""),
        }
    }

    /// Shows the present limits.
    pub(super) fn show(self, limits: Option<&Limits>) {
        let folders: BTreeSet<String> =
            limits.map(|limits| limits.folders.iter().cloned().collect()).unwrap_or_default();
        self.scope.set(if limits.is_some() { "some" } else { "everything" }.into());
        self.known.update(|known| known.extend(folders.iter().cloned()));
        self.chosen.set(folders);
        self.chosen_brands.set(limits.map(|limits| limits.brands.iter().cloned().collect()).unwrap_or_default());
        self.another.text.set(String::new());
    }

    /// What is chosen; an error, which is then in place, if nothing is.
    pub(super) fn limits(self) -> Result<Option<Limits>, ()> {
        if self.scope.with_untracked(|scope| scope == "everything") {
            return Ok(None);
        }
        let mut folders = self.chosen.get_untracked();
        folders.extend(Some(self.another.trimmed()).filter(|folder| !folder.is_empty()));
        let brands: Vec<String> = self.chosen_brands.get_untracked().into_iter().collect();
        if folders.is_empty() && brands.is_empty() {
            self.another.error.set("Choose at least one folder or brand, or enter a folder.".into());
            return Err(());
        }
        Ok(Some(Limits { folders: folders.into_iter().collect(), brands }))
    }

    pub(super) fn view(self) -> AnyView {
        let everything = when(move || self.scope.with(|scope| scope == "everything"));
        let folders = move || {
            self.known.get().into_iter().map(|folder| self.tick(self.chosen, folder.clone(), folder)).collect_view()
        };
        let brands = move || {
            self.brands.get().into_iter().map(|(id, name)| self.tick(self.chosen_brands, id, name)).collect_view()
        };
        view! {
            <Radios
                label="Can change"
                value=self.scope
                options=vec![
                    ("everything", "Everything that editors can", "Templates, rules, images and people."),
                    ("some", "Only some folders or brands", "They see the rest, but cannot change or publish it."),
                ]
            />
            <div class="fields" hidden=everything>
                <fieldset class="radios" hidden=when(move || self.known.with(BTreeSet::is_empty))>
                    <legend>"Folders"</legend>
                    {changing(folders)}
                </fieldset>
                <TextField
                    label="Another folder"
                    value=self.another
                    longest=MAX_NAME
                    optional=true
                    hint="One that has no template yet."
                />
                <fieldset class="radios" hidden=when(move || self.brands.with(Vec::is_empty))>
                    <legend>"Brands"</legend>
                    {changing(brands)}
                </fieldset>
            </div>
        }
        .into_any()
    }

    fn tick(self, among: RwSignal<BTreeSet<String>>, one: String, name: String) -> AnyView {
        let id = new_id("limit");
        let own = one.clone();
        let checked = when(move || among.with(|chosen| chosen.contains(&own)));
        let change = move |event| {
            let on = event_target_checked(&event);
            self.another.error.set(String::new());
            among.update(|chosen| {
                if on {
                    chosen.insert(one.clone());
                } else {
                    chosen.remove(&one);
                }
            });
        };
        view! {
            <div class="check">
                <input id=id.clone() type="checkbox" prop:checked=checked on:change=change />
                <label for=id>{name}</label>
            </div>
        }
        .into_any()
    }
}

/// What somebody can change, in a few words.
pub(super) fn limits_words(role: Role, limits: Option<&Limits>) -> String {
    match limits {
        _ if role < Role::Editor => "Nothing".into(),
        None => "Everything".into(),
        Some(limits) => {
            let folders = limits.folders.join(", ");
            match (limits.folders.len(), limits.brands.len()) {
                (0, brands) => count(brands as u64, "brand"),
                (1, 0) => "Folder ".to_owned() + &folders,
                (_, 0) => "Folders ".to_owned() + &folders,
                (_, brands) => folders + " and " + &count(brands as u64, "brand"),
            }
        }
    }
}

/// The dialog in which the limits of a member change.
pub(super) fn limit(limiting: RwSignal<Option<Member>>, found: Loaded<Members>, tenant: &str) -> AnyView {
    let (open, busy, error) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(String::new()));
    let choice = Limiting::new(tenant);
    effect(move || {
        let member = limiting.get();
        if let Some(member) = &member {
            choice.show(member.limits.as_ref());
            error.set(String::new());
        }
        open.set(member.is_some());
    });
    effect(move || {
        if !open.get() && limiting.with_untracked(Option::is_some) {
            limiting.set(None);
        }
    });
    let tenant = StoredValue::new(tenant.to_owned());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (Some(member), Ok(limits)) = (limiting.get_untracked(), choice.limits()) else { return };
        let path = path(paths::MEMBER, &[&tenant.get_value(), &member.account]);
        busy.set(true);
        spawn_local(async move {
            match send::<Member>("PATCH", &path, &MemberChanges { role: member.role, limits }).await {
                Ok(member) => {
                    let words = limits_words(member.role, member.limits.as_ref());
                    tell(member.name + " can change: " + &words + ".");
                    limiting.set(None);
                    found.retry();
                }
                Err(failure) => error.set(place_errors(failure.errors(), &[("limits.folders", choice.another)])),
            }
            busy.set(false);
        });
    };
    let title = text(move || {
        limiting
            .with(|member| member.as_ref().map(|member| "What can ".to_owned() + &member.name + " change?"))
            .unwrap_or_default()
    });
    view! {
        <Dialog open title>
            <form novalidate on:submit=submit>
                {choice.view()} {form_error(error.into())}
                <div class="row end">
                    <Button on_press=move |()| open.set(false)>"Cancel"</Button>
                    <Button look=Look::Primary busy>
                        "Save"
                    </Button>
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}
