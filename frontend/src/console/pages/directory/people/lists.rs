//! The lists of a person that are edited as a whole, in a dialog: other addresses, and groups.

use super::person::Person;
use crate::api::console::{Failure, encode, get_tagged, path, send_tagged};
use crate::console::pages::{at, finders};
use crate::console::session;
use crate::ui::{
    Button, Choice, Dialog, Icon, Look, Notice, Pick, Picks, TextField, Tone, Value, changing, form_error,
    place_errors, tell, text,
};
use ::api::console::pages::Directory;
use ::api::console::{Group, PersonChanges, PersonDetail, Role, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// One list of somebody's that is edited as a whole.
#[derive(Clone, Copy)]
struct Edited {
    person: Person,
    path: StoredValue<String>,
    open: RwSignal<bool>,
    busy: RwSignal<bool>,
    error: RwSignal<String>,
    /// That somebody else changed the person meanwhile: what is there now is shown beside.
    changed: RwSignal<bool>,
}

impl Edited {
    fn new(person: Person, tenant: &str, id: &str) -> Self {
        Self {
            person,
            path: StoredValue::new(path(paths::PERSON, &[tenant, id])),
            open: RwSignal::new(false),
            busy: RwSignal::new(false),
            error: RwSignal::new(String::new()),
            changed: RwSignal::new(false),
        }
    }

    fn begin(self) {
        self.error.set(String::new());
        self.changed.set(false);
        self.open.set(true);
    }

    fn save(self, changes: PersonChanges, field: &'static str, value: Value) {
        let etag = self.person.peek(|found| found.etag.clone());
        self.busy.set(true);
        spawn_local(async move {
            let path = self.path.get_value();
            match send_tagged::<PersonDetail>("PATCH", &path, &changes, &etag).await {
                Ok(now) => {
                    self.person.value.set(Some(now));
                    self.changed.set(false);
                    self.open.set(false);
                    tell("Saved.");
                }
                Err(Failure::Changed) => {
                    if let Ok(now) = get_tagged::<PersonDetail>(&path).await {
                        self.person.value.set(Some(now));
                        self.changed.set(true);
                    }
                }
                Err(failure) => self.error.set(place_errors(failure.errors(), &[(field, value)])),
            }
            self.busy.set(false);
        });
    }

    /// What is saved now, where somebody else saved it while this was being edited.
    fn theirs(self, now: Signal<String>) -> AnyView {
        changing(move || {
            self.changed.get().then(|| {
                view! {
                    <Notice tone=Tone::Warning>
                        <p>"Another user changed this in the meantime. The saved version is:"</p>
                        <p class="said">{now}</p>
                        <p>"Your version is below. Saving again replaces the saved version with yours."</p>
                    </Notice>
                }
            })
        })
    }

    /// A card with the list, and the dialog that edits it.
    fn card(self, list: AnyView, edit: Edit) -> AnyView {
        let Edit { title, button, may, begin, now, inside, save } = edit;
        let start = move |()| {
            begin.run(());
            self.begin();
        };
        view! {
            <section class="card">
                <div class="row">
                    <h2 class="grow">{title}</h2>
                    {may.then(|| view! { <Button look=Look::Subtle icon=Icon::EDIT label=button on_press=start /> })}
                </div>
                {list}
                <Dialog open=self.open title=Signal::stored(title.to_owned())>
                    <form
                        novalidate
                        on:submit=move |event| {
                            event.prevent_default();
                            if !self.busy.get_untracked() {
                                save.run(());
                            }
                        }
                    >
                        {self.theirs(now)}
                        {inside.run(())}
                        {form_error(self.error.into())}
                        <div class="row end">
                            <Button on_press=move |()| self.open.set(false)>"Cancel"</Button>
                            <Button look=Look::Primary busy=self.busy>
                                "Save"
                            </Button>
                        </div>
                    </form>
                </Dialog>
            </section>
        }
        .into_any()
    }
}

/// How a list is edited.
#[derive(Clone, Copy)]
struct Edit {
    title: &'static str,
    /// The label of the button that begins.
    button: &'static str,
    /// Whether one may.
    may: bool,
    /// Puts what is there into the form.
    begin: Callback<()>,
    /// What is saved, in words.
    now: Signal<String>,
    /// The form's fields.
    inside: Callback<(), AnyView>,
    save: Callback<()>,
}

/// A short list, or that there is nothing in it.
pub(crate) fn listed(lines: impl Fn() -> Vec<AnyView> + Send + Sync + 'static) -> AnyView {
    changing(move || {
        let lines = lines();
        if lines.is_empty() {
            return view! { <p class="quiet">"None."</p> }.into_any();
        }
        let one = |line: AnyView| view! { <li>{line}</li> };
        view! { <ul class="plain-list">{lines.into_iter().map(one).collect_view()}</ul> }.into_any()
    })
}

/// Other addresses.
pub(crate) fn addresses(person: Person, tenant: &str, id: &str) -> AnyView {
    let edited = Edited::new(person, tenant, id);
    let typed = Value::new("");
    let aliases = move || person.read(|found| found.value.aliases.clone());
    let save = move |()| {
        let aliases = typed.text.with_untracked(|text| {
            text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
        });
        edited.save(PersonChanges { aliases: Some(aliases), ..PersonChanges::default() }, "aliases", typed);
    };
    let inside = move |()| {
        view! { <TextField label="Other addresses" value=typed rows=5 optional=true hint="One per line." /> }.into_any()
    };
    let edit = Edit {
        title: "Aliases",
        button: "Edit aliases",
        may: session::may(tenant, Role::Editor),
        begin: Callback::new(move |()| {
            typed.error.set(String::new());
            typed.text.set(person.peek(|found| found.value.aliases.join("\n")));
        }),
        now: text(move || aliases().join("\n")),
        inside: Callback::new(inside),
        save: Callback::new(save),
    };
    edited.card(listed(move || aliases().into_iter().map(IntoAny::into_any).collect()), edit)
}

/// Groups.
pub(crate) fn groups(person: Person, tenant: &str, id: &str) -> AnyView {
    let edited = Edited::new(person, tenant, id);
    let (chosen, error) = (RwSignal::new(Vec::<Choice>::new()), Value::new(""));
    let own = move || person.read(|found| found.value.groups.clone());
    let find = finders::groups(tenant);
    let save = move |()| {
        let groups = Some(chosen.with_untracked(|all| all.iter().map(|one| one.id.clone()).collect()));
        edited.save(PersonChanges { groups, ..PersonChanges::default() }, "groups", error);
    };
    let inside = move |()| {
        let find = find.clone();
        view! { <Pick label="Their groups" placeholder="Search groups" find picks=Picks::Many(chosen) error=error.error /> }.into_any()
    };
    let edit = Edit {
        title: "Groups",
        button: "Edit groups",
        may: session::may(tenant, Role::Editor),
        begin: Callback::new(move |()| {
            error.error.set(String::new());
            chosen.set(person.peek(|found| found.value.groups.iter().cloned().map(finders::group).collect()));
        }),
        now: text(move || own().into_iter().map(|one| one.name).collect::<Vec<_>>().join(", ")),
        inside: Callback::new(inside),
        save: Callback::new(save),
    };
    let people = at(tenant, Directory::People);
    let one = move |group: Group| {
        let href = people.clone() + "?group=" + &encode(&group.id);
        view! { <a href=href>{group.name}</a> }.into_any()
    };
    edited.card(listed(move || own().into_iter().map(&one).collect()), edit)
}
