//! What was changed and is not published: looked at, compared for everybody, published.

mod compared;
mod list;
mod publish;
mod ready;

use super::simulation::comparison::Comparing;
use super::simulation::occasion::Asked;
use crate::api::console::{Tagged, get_tagged, path};
use crate::console::pages::{at, page, tenant_crumb};
use crate::console::session;
use crate::ui::{Button, Empty, Icon, Loaded, Look, Query, changing, effect, when};
use ::api::console::pages::{Designs, Rules};
use ::api::console::{Changes, CheckReady, Picked, paths};
use leptos::prelude::*;
use ready::Checking;
use std::collections::BTreeSet;

/// Stands for the rules among what is picked; no template has this id.
const RULES: &str = "~rules";
/// Stands for the brands in the same way.
const BRANDS: &str = "~brands";

/// The page while it is open.
#[derive(Clone, Copy)]
struct Publishing {
    tenant: StoredValue<String>,
    may: bool,
    found: Loaded<Tagged<Changes>>,
    /// Ids of templates, and [`RULES`].
    picked: RwSignal<BTreeSet<String>>,
    comparing: Comparing,
    checking: Checking,
    /// What the comparison compares.
    compared: RwSignal<Option<Picked>>,
    query: StoredValue<Query>,
    asked: StoredValue<Asked>,
    open: RwSignal<bool>,
}

impl Publishing {
    fn wanted(self) -> Picked {
        self.picked.with(|picked| Picked {
            templates: picked.iter().filter(|id| *id != RULES && *id != BRANDS).cloned().collect(),
            rules: picked.contains(RULES),
            brands: picked.contains(BRANDS),
        })
    }

    fn compare(self) {
        let changes = untrack(move || self.wanted());
        self.compared.set(Some(changes.clone()));
        for stale in ["person", "gets", "in"] {
            self.query.get_value().filter(stale).set(String::new());
        }
        self.comparing.start(untrack(move || self.asked.get_value().compare(changes)));
    }

    /// Whether what is picked is what was compared, to the end.
    fn is_compared(self) -> bool {
        let same = self.compared.with(|compared| compared.as_ref() == Some(&self.wanted()));
        same && self.comparing.finished().is_some()
    }
}

/// Whether one may publish changes of brands; to an editor of some brands, the server shows the changes of these alone.
pub(super) fn may_publish_brands(tenant: &str) -> bool {
    session::folders(tenant).is_none() || !session::limited_to_brands(tenant).is_empty()
}

/// Ids of the changes that one may publish, or of all for a viewer, who looks at them.
fn ids(tenant: &str, changes: &Changes) -> Vec<String> {
    let all = session::folders(tenant).is_none();
    let rules = changes.rules.as_ref().filter(|_| all).map(|_| RULES.to_owned());
    let templates = changes.templates.iter().filter(|one| all || session::may_change(tenant, &one.folder));
    let brands = changes.brands.as_ref().filter(|_| may_publish_brands(tenant)).map(|_| BRANDS.to_owned());
    templates.map(|one| one.id.clone()).chain(rules).chain(brands).collect()
}

/// `/console/tenants/TENANT/changes`.
pub(crate) fn changes(tenant: &str) -> AnyView {
    let own = path(paths::CHANGES, &[tenant]);
    let tenant_ = StoredValue::new(tenant.to_owned());
    let query =
        Query::new(&["scope", "kind", "to", "subject", "format", "at", "group", "gets", "in", "person", "look"]);
    let publishing = Publishing {
        tenant: tenant_,
        may: session::folder_to_make_in(tenant).is_some() || !session::limited_to_brands(tenant).is_empty(),
        found: Loaded::new(move || {
            let path = own.clone();
            async move { get_tagged::<Changes>(&path).await }
        }),
        picked: RwSignal::new(BTreeSet::new()),
        comparing: Comparing::new(tenant_),
        checking: Checking::new(tenant_),
        compared: RwSignal::new(None),
        query: StoredValue::new(query),
        asked: StoredValue::new(Asked::new(query)),
        open: RwSignal::new(false),
    };
    let known = StoredValue::new(BTreeSet::<String>::new());
    effect(move || {
        let all = publishing.found.read(|found| publishing.tenant.with_value(|tenant| ids(tenant, &found.value)));
        // What is new is picked; what somebody left out stays left out.
        publishing.picked.update(|picked| {
            known.update_value(|known| {
                picked.retain(|id| all.contains(id));
                for id in all {
                    if known.insert(id.clone()) {
                        picked.insert(id);
                    }
                }
            });
        });
    });
    let looked_at = StoredValue::new(String::new());
    effect(move || {
        // What was compared is not what there is now.
        let etag = publishing.found.read(|found| found.etag.clone());
        let before = looked_at.get_value();
        if !before.is_empty() && before != etag {
            publishing.comparing.cancel();
        }
        looked_at.set_value(etag);
    });
    effect(move || {
        // Whenever something else is picked, or what is picked changes.
        publishing.found.read(|found| found.etag.clone());
        let changes = publishing.wanted();
        if changes == Picked::default() {
            publishing.checking.clear();
        } else {
            publishing.checking.start(CheckReady { changes, at_ms: None });
        }
    });
    let none = when(move || publishing.picked.with(BTreeSet::is_empty));
    let actions = publishing.may.then(|| {
        view! {
            <Button look=Look::Primary icon=Icon::PUBLISH idle=none on_press=move |()| publishing.open.set(true)>
                "Publish …"
            </Button>
        }
    });
    let content = view! {
        <p class="lead">
            "Changes to templates, rules and brands that affect no mail yet. Compare to see who would get something \
             different, then publish the changes that you picked together, now or at a set time."
        </p>
        {publishing.found.view(move || body(publishing))}
        {publish::publish(publishing)}
    };
    page(&tenant_crumb(tenant), "Unpublished changes", actions.into_any(), content.into_any())
}

fn body(publishing: Publishing) -> AnyView {
    let empty = Memo::new(move |_| publishing.found.read(|found| found.value.is_empty()));
    changing(move || {
        if empty.get() {
            let tenant = publishing.tenant.get_value();
            return view! {
                <Empty title="Everything is published" icon=Icon::CHECK>
                    <p>"Your changes to templates, rules and brands wait here until you publish them."</p>
                    <div class="row wrap">
                        <a class="button" href=at(&tenant, Designs::Templates)>
                            "Templates"
                        </a>
                        <a class="button" href=at(&tenant, Rules::Rules)>
                            "Rules"
                        </a>
                    </div>
                </Empty>
            }
            .into_any();
        }
        view! {
            {list::list(publishing)}
            {ready::ready(publishing)}
            {compared::compared(publishing)}
        }
        .into_any()
    })
}
