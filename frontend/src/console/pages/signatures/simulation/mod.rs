//! Who gets what on which date, and why: somebody, or everybody.

pub(crate) mod cells;
pub(crate) mod comparison;
mod everybody;
mod night;
pub(crate) mod occasion;
pub(crate) mod outcome;
mod somebody;

use crate::api::console::{get, path};
use crate::console::pages::{at, page, tenant_crumb};
use crate::ui::{Choose, Loaded, Notice, Query, Tabs, changing, effect};
use ::api::console::{Changes, Picked, paths};
use leptos::prelude::*;
use occasion::Asked;

/// What the page asks for, as its address says.
#[derive(Clone, Copy)]
struct Simulation {
    tenant: StoredValue<String>,
    query: Query,
    asked: StoredValue<Asked>,
    /// What is not published; for whoever looks at it with that.
    changes: Loaded<Changes>,
}

impl Simulation {
    /// The unpublished changes to look at it with; nothing while they are not known.
    fn picked(self) -> Option<Picked> {
        if self.query.filter("with").with(|with| with != "changes") {
            return Some(Picked::default());
        }
        self.changes.value.with(|changes| changes.as_ref().map(all_of))
    }
}

/// All of the changes.
pub(crate) fn all_of(changes: &Changes) -> Picked {
    Picked {
        templates: changes.templates.iter().map(|one| one.id.clone()).collect(),
        rules: changes.rules.is_some(),
        brands: changes.brands.is_some(),
    }
}

/// `/console/tenants/TENANT/simulation`.
pub(crate) fn simulation(tenant: &str) -> AnyView {
    let query = Query::new(&[
        "who", "person", "from", "kind", "to", "subject", "format", "at", "with", "look", "group", "gets", "scope",
    ]);
    let own = path(paths::CHANGES, &[tenant]);
    let changes = Loaded::new(move || {
        let path = own.clone();
        async move { get::<Changes>(&path).await }
    });
    let asked = StoredValue::new(Asked::new(query));
    let simulation = Simulation { tenant: StoredValue::new(tenant.to_owned()), query, asked, changes };
    let who = RwSignal::new(if query.filter("who").get_untracked() == "all" { "all" } else { "one" }.to_owned());
    effect(move || {
        let all = who.with(|who| who == "all");
        query.filter("who").set(if all { "all".to_owned() } else { String::new() });
    });
    let with = query.filter("with");
    let options = [("", "As published"), ("changes", "With unpublished changes")];
    let options = options.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec();
    let actions = view! { <Choose label="Show" value=with options=Signal::stored(options) /> };
    // Who has just changed something looks for it here.
    let without = move || {
        let any = changes.read(|changes| !changes.is_empty());
        (any && with.with(String::is_empty)).then(|| {
            view! {
                <Notice>
                    <p>
                        "There are unpublished changes, which are not included here. "
                        <button type="button" class="link" on:click=move |_| with.set("changes".to_owned())>
                            "Include them"
                        </button>
                    </p>
                </Notice>
            }
        })
    };
    let tabs = vec![("one".to_owned(), "One person".to_owned()), ("all".to_owned(), "Everybody".to_owned())];
    let content = view! {
        <p class="lead">
            "Who gets which signature, campaign and disclaimer, on any date, and why. Nothing is sent or changed here."
        </p>
        {changing(without)}
        <Tabs label="Whose" tabs chosen=who>
            {changing(move || {
                if who.with(|who| who == "all") {
                    everybody::everybody(simulation)
                } else {
                    somebody::somebody(simulation)
                }
            })}
        </Tabs>
    };
    page(&tenant_crumb(tenant), "Who gets what", actions.into_any(), content.into_any())
}
