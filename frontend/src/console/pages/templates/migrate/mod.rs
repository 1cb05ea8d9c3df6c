//! A signature from another program, made into a template: files or pasted HTML, the plan with its placeholders, and then
//! the template and who gets it.

mod files;
mod found;
mod placeholders;

use super::{crumbs, page, part_named, part_options};
use crate::api::console::{path, send};
use crate::console::pages::at;
use crate::console::pages::rules::list::GIVE;
use crate::console::{router, session};
use crate::ui::{
    Button, Choice, Icon, Loaded, Look, Notice, Select, TextField, Tone, Value, changing, effect, form_error,
    place_errors, text, when,
};
use ::api::console::pages::{Designs, Rules};
use ::api::console::{
    ApplyMigration, MAX_NAME, MigrationPlan, MigrationSource, PlaceholderUse, PlanMigration, Role, TemplateDetail,
    paths,
};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::BTreeMap;

/// What the parts of the page share.
#[derive(Clone, Copy)]
struct Desk {
    tenant: StoredValue<String>,
    /// The files; a new number whenever there are others.
    source: StoredValue<MigrationSource>,
    turn: RwSignal<u32>,
    /// Path of the HTML file, if there are several.
    page: RwSignal<String>,
    /// What somebody chose for placeholders, by how they are written.
    mapping: RwSignal<BTreeMap<String, PlaceholderUse>>,
    person: RwSignal<Option<Choice>>,
    plan: Loaded<Option<MigrationPlan>>,
    name: Value,
    part: Value,
    /// Whether it is being created.
    busy: RwSignal<bool>,
    error: RwSignal<String>,
}

/// `/console/tenants/TENANT/migrate`.
pub(crate) fn migrate(tenant: &str) -> AnyView {
    if session::folder_to_make_in(tenant).is_none() {
        let content = view! { <Notice tone=Tone::Info>"Your role can view templates but not create them."</Notice> };
        return page(&crumbs(tenant), "Migrate a signature", ().into_any(), content.into_any());
    }
    let desk = Desk::new(tenant);
    let ready = Memo::new(move |_| desk.ready());
    let none = when(move || !ready.get());
    let content = view! {
        <p class="lead">
            "Bring a signature from Word, Outlook or another signature program. Nothing is stored until you create the \
             template, and no mail changes until you publish it."
        </p>
        {files::files(desk)}
        <div aria-live="polite">
            {changing(move || {
                desk.plan.failure.get().map(|failure| view! { <Notice tone=Tone::Error>{failure.text()}</Notice> })
            })}
        </div>
        <div class="stack migration" hidden=none class:stale=desk.plan.busy>
            {changing(move || ready.get().then(|| planned(desk)))}
        </div>
    };
    page(&crumbs(tenant), "Migrate a signature", ().into_any(), content.into_any())
}

impl Desk {
    fn new(tenant: &str) -> Self {
        let source = StoredValue::new(MigrationSource::default());
        let (turn, page) = (RwSignal::new(0_u32), RwSignal::new(String::new()));
        let mapping = RwSignal::new(BTreeMap::new());
        let person = RwSignal::new(None::<Choice>);
        let own = path(paths::MIGRATION_PLAN, &[tenant]);
        let plan = Loaded::new(move || {
            let (turn, page, path) = (turn.get(), page.get(), own.clone());
            let mapping = mapping.get();
            let person = person.get().map(|person| person.id);
            async move {
                if turn == 0 {
                    return Ok(None);
                }
                let page = Some(page).filter(|page| !page.is_empty());
                let source = MigrationSource { page, ..source.get_value() };
                send::<MigrationPlan>("POST", &path, &PlanMigration { source, mapping, person }).await.map(Some)
            }
        });
        let desk = Self {
            tenant: StoredValue::new(tenant.to_owned()),
            source,
            turn,
            page,
            mapping,
            person,
            plan,
            name: Value::new(""),
            part: Value::new("signature"),
            busy: RwSignal::new(false),
            error: RwSignal::new(String::new()),
        };
        let named = StoredValue::new(0_u32);
        effect(move || {
            let name = desk.plan.value.with(|plan| plan.as_ref()?.as_ref().map(|plan| plan.name.clone()));
            let turn = desk.turn.get_untracked();
            // Once for each upload: what somebody typed stays.
            if let Some(name) = name.filter(|_| named.get_value() != turn) {
                named.set_value(turn);
                desk.name.text.set(name);
            }
        });
        desk
    }

    /// Begins anew with another signature.
    fn take(self, source: MigrationSource) {
        self.source.set_value(source);
        self.mapping.set(BTreeMap::new());
        self.page.set(String::new());
        self.error.set(String::new());
        self.turn.update(|turn| *turn += 1);
    }

    /// Whether there is a plan.
    fn ready(self) -> bool {
        self.plan.value.with(|plan| matches!(plan, Some(Some(_))))
    }

    /// Reads something from the plan.
    fn read<T: Default>(self, read: impl Fn(&MigrationPlan) -> T) -> T {
        self.plan.value.with(|plan| plan.as_ref().and_then(Option::as_ref).map(read).unwrap_or_default())
    }

    fn create(self, gives: bool) {
        if self.busy.get_untracked() || !self.name.required("Enter a name.") {
            return;
        }
        let page = Some(self.page.get_untracked()).filter(|page| !page.is_empty());
        let body = ApplyMigration {
            source: MigrationSource { page, ..self.source.get_value() },
            mapping: self.mapping.get_untracked(),
            name: self.name.trimmed(),
            folder: session::folder_to_make_in(&self.tenant.get_value()).unwrap_or_default(),
            part: part_named(&self.part.trimmed()),
        };
        self.busy.set(true);
        self.error.set(String::new());
        spawn_local(async move {
            let tenant = self.tenant.get_value();
            match send::<TemplateDetail>("POST", &path(paths::MIGRATIONS, &[&tenant]), &body).await {
                Ok(made) if gives => {
                    router::go(&(at(&tenant, Rules::Rules) + "?" + GIVE + "=" + &made.template.id));
                }
                Ok(made) => router::go(&at(&tenant, Designs::Template(made.template.id))),
                Err(failure) => {
                    let fields = [("name", self.name), ("part", self.part)];
                    self.error.set(place_errors(failure.errors(), &fields));
                }
            }
            self.busy.set(false);
        });
    }
}

/// Everything about a plan.
fn planned(desk: Desk) -> AnyView {
    view! {
        {found::choices(desk)}
        {found::beside(desk)}
        {placeholders::placeholders(desk)}
        {found::images(desk)}
        {found::notes(desk)}
        {creating(desk)}
    }
    .into_any()
}

fn creating(desk: Desk) -> AnyView {
    // Who gets it is a rule, which editors who are limited to folders cannot change.
    let gives = desk.tenant.with_value(|tenant| session::may(tenant, Role::Editor));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        desk.create(gives);
    };
    let edit = gives.then(|| {
        view! {
            <Button icon=Icon::BRACES busy=desk.busy on_press=move |()| desk.create(false)>
                "Create and edit"
            </Button>
        }
    });
    let main = if gives { "Create and choose who gets it" } else { "Create and edit" };
    let problems = text(move || match desk.read(|plan| plan.problems.len()) {
        0 => String::new(),
        some => {
            "The template has ".to_owned()
                + &crate::ui::count(some as u64, "problem")
                + ", which the editor shows, too."
        }
    });
    view! {
        <section class="card narrow-card">
            <h2>"Template"</h2>
            <form novalidate on:submit=submit>
                <TextField label="Name" value=desk.name longest=MAX_NAME />
                <Select
                    label="Part"
                    value=desk.part
                    options=Signal::stored(part_options())
                    hint="A mail gets its signature first, then the campaign, then the disclaimer."
                />
                <p class="quiet" hidden=when(move || problems.with(String::is_empty))>{problems}</p>
                {form_error(desk.error.into())}
                <div class="row end wrap">
                    {edit}
                    <Button look=Look::Primary icon=Icon::FORWARD busy=desk.busy>
                        {main}
                    </Button>
                </div>
            </form>
        </section>
    }
    .into_any()
}
