//! The area of brands: the list in order, and one in a dialog.
#![expect(clippy::large_types_passed_by_value, reason = "what a page shares are handles, copied once when it is made")]

mod card;
mod edit;
mod look;
mod people;
mod values;
mod versions;

use self::card::card;
use self::edit::{Form, editor};
use self::people::people;
use self::versions::versions;
use super::{page, tenant_crumb};
use crate::api::console::{Failure, Tagged, get, get_tagged, path, send_tagged, with_query};
use crate::console::pages::at;
use crate::console::pages::rules::words::Names;
use crate::console::{session, shell};
use crate::ui::{Button, Confirm, Empty, Icon, Loaded, Look, Notice, changing, icon, tell, tell_error, when};
use ::api::console::pages::{self, Signatures};
use ::api::console::{
    BrandList, BrandPeople, BrandPeopleQuery, Fields, Groups, GroupsQuery, Images, MAX_PAGE, Role, UnpublishedBrands,
    paths,
};
use email_signature::Brand;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// How often a change is tried again when somebody else was faster.
const ATTEMPTS: u32 = 3;

/// What the parts of the page share.
#[derive(Clone, Copy)]
pub(crate) struct Branding {
    pub(crate) tenant: StoredValue<String>,
    pub(crate) found: Loaded<Tagged<BrandList>>,
    pub(crate) images: Loaded<Images>,
    pub(crate) people: Loaded<BrandPeople>,
    /// Whose people are listed; nobody's while it is empty.
    pub(crate) listed: RwSignal<String>,
    /// Names of what conditions name.
    pub(crate) names: RwSignal<Names>,
    /// The brand in the dialog.
    pub(crate) form: RwSignal<Option<Form>>,
    pub(crate) may: bool,
}

/// A page of this area.
pub fn draw(tenant: &str, page: &pages::Brands) -> AnyView {
    match page {
        pages::Brands::Brands => brands(tenant),
    }
}

/// `/console/tenants/TENANT/brands`.
fn brands(tenant: &str) -> AnyView {
    let branding = Branding::new(tenant);
    let (discarding, looking_back) = (RwSignal::new(false), RwSignal::new(false));
    let title = Signal::stored("Discard changes of the brands?".to_owned());
    let discard = move |()| {
        discarding.set(false);
        branding.discard();
    };
    let content = view! {
        <p class="lead">
            "One template for several companies or brands: it asks for the logo, colours and texts of the sender’s \
             brand. The first brand that fits the sender is used, and the default for everyone else."
        </p>
        {branding.found.view(move || listing(branding))}
        {editor(branding)}
        {people(branding)}
        {versions(looking_back, branding)}
        <Confirm open=discarding title action="Discard" on_confirm=discard>
            <p>
                {if branding.may {
                    "Changes since the brands were last published are lost."
                } else {
                    "Changes of your brands since they were last published are lost."
                }}
            </p>
        </Confirm>
    };
    page(&tenant_crumb(tenant), "Brands", actions(branding, discarding, looking_back), content.into_any())
}

fn actions(branding: Branding, discarding: RwSignal<bool>, looking_back: RwSignal<bool>) -> AnyView {
    let changes = branding.tenant.with_value(|tenant| at(tenant, Signatures::Changes));
    changing(move || {
        let new = branding.may.then(|| {
            view! {
                <Button icon=Icon::ADD on_press=move |()| branding.form.set(Some(Form::new(branding)))>
                    "New brand"
                </Button>
            }
        });
        let unpublished = branding.has_own_changes().then(|| {
            view! {
                <Button icon=Icon::UNDO on_press=move |()| discarding.set(true)>
                    "Discard changes"
                </Button>
                <a class="button primary" href=changes.clone()>
                    {icon(Icon::PUBLISH)}
                    "Publish …"
                </a>
            }
        });
        view! {
            <Button icon=Icon::HISTORY on_press=move |()| looking_back.set(true)>
                "Versions"
            </Button>
            {new}
            {unpublished}
        }
    })
}

fn listing(branding: Branding) -> AnyView {
    let empty = when(move || branding.found.read(|found| found.value.brands.is_empty()));
    let rows = move || {
        let brands = branding.found.read(|found| found.value.brands.clone());
        let last = brands.len().saturating_sub(1);
        brands.into_iter().enumerate().map(|(at, entry)| card(branding, entry, at, last)).collect_view()
    };
    changing(move || {
        if empty.get() {
            return view! {
                <Empty title="No brands yet" icon=Icon::BUILDING>
                    <p>
                        "A brand has a name, a logo, colours, a legal text and values of your own. Templates use them as \
                         placeholders, such as {{ brand.name }} and {{ brand.primary }}. The first brand that you \
                         create is the default."
                    </p>
                    {branding
                        .may
                        .then(|| {
                            view! {
                                <Button
                                    look=Look::Primary
                                    icon=Icon::ADD
                                    on_press=move |()| branding.form.set(Some(Form::new(branding)))
                                >
                                    "Create the first brand"
                                </Button>
                            }
                        })}
                </Empty>
            }
            .into_any();
        }
        let hint = branding.found.read(|found| found.value.changed).then(|| {
            view! { <Notice>"There are unpublished changes, which affect no mail yet."</Notice> }
        });
        view! {
            {hint}
            <ol class="brands">{rows()}</ol>
        }
        .into_any()
    })
}

impl Branding {
    fn new(tenant: &str) -> Self {
        let own = path(paths::BRANDS, &[tenant]);
        let found = Loaded::new(move || {
            let path = own.clone();
            async move { get_tagged::<BrandList>(&path).await }
        });
        let images = path(paths::IMAGES, &[tenant]);
        let images = Loaded::new(move || {
            let path = images.clone();
            async move { get::<Images>(&path).await }
        });
        let listed = RwSignal::new(String::new());
        let people = path(paths::BRAND_PEOPLE, &[tenant]);
        let people = Loaded::new(move || {
            let brand = Some(listed.get()).filter(|brand| !brand.is_empty());
            let path = with_query(&people, &BrandPeopleQuery { brand });
            async move { get::<BrandPeople>(&path).await }
        });
        let branding = Self {
            tenant: StoredValue::new(tenant.to_owned()),
            found,
            images,
            people,
            listed,
            names: RwSignal::new(Names::default()),
            form: RwSignal::new(None),
            may: session::may(tenant, Role::Editor),
        };
        branding.name_all();
        branding
    }

    fn name_all(self) {
        let tenant = self.tenant.get_value();
        spawn_local(async move {
            if let Ok(found) = get::<Fields>(&path(paths::FIELDS, &[&tenant])).await {
                let fields = found.fields.into_iter().map(|field| (field.token, field.label)).collect();
                let _ = self.names.try_update(|names| names.fields = fields);
            }
            let query = GroupsQuery { limit: Some(MAX_PAGE), ..GroupsQuery::default() };
            if let Ok(found) = get::<Groups>(&with_query(&path(paths::GROUPS, &[&tenant]), &query)).await {
                let groups = found.groups.into_iter().map(|group| (group.id, group.name));
                let _ = self.names.try_update(|names| names.groups.extend(groups));
            }
        });
    }

    /// Changes the list on the server, whatever else was changed there meanwhile. `change` says whether the list was still
    /// as it expects; if not, nothing is saved.
    pub(crate) async fn save(self, change: impl Fn(&mut Vec<Brand>) -> bool) -> Result<(), Failure> {
        let list = self.tenant.with_value(|tenant| path(paths::BRANDS, &[tenant]));
        let mut now = self.found.value.get_untracked();
        for _ in 0..ATTEMPTS {
            let current = match now.take() {
                Some(current) => current,
                None => get_tagged::<BrandList>(&list).await?,
            };
            let mut brands: Vec<Brand> = current.value.brands.iter().map(|entry| entry.brand.clone()).collect();
            if !change(&mut brands) {
                self.found.value.set(Some(current));
                return Err(Failure::Changed);
            }
            match send_tagged::<BrandList>("PUT", &list, &UnpublishedBrands { brands }, &current.etag).await {
                Ok(saved) => {
                    self.found.value.set(Some(saved));
                    self.people.retry();
                    return Ok(());
                }
                Err(Failure::Changed) => {}
                Err(failure) => return Err(failure),
            }
        }
        Err(Failure::Changed)
    }

    /// Changes the list at once, and says so.
    pub(crate) fn change(self, words: String, focus: String, change: impl Fn(&mut Vec<Brand>) + 'static) {
        spawn_local(async move {
            let changed = self.save(move |brands| {
                change(brands);
                true
            });
            match changed.await {
                Ok(()) => {
                    tell(words);
                    // The list is drawn anew.
                    request_animation_frame(move || shell::focus(if focus.is_empty() { "main h1" } else { &focus }));
                }
                Err(failure) => tell_error(failure.text()),
            }
        });
    }

    /// Whether there are unpublished changes that one can discard and publish.
    fn has_own_changes(self) -> bool {
        let own = |id: &str| self.tenant.with_value(|tenant| session::may_change_brand(tenant, id));
        self.found.read(|found| {
            let changed = || found.value.brands.iter().any(|entry| entry.change.is_some() && own(&entry.brand.id));
            if self.may { found.value.changed } else { changed() }
        })
    }

    fn discard(self) {
        let own = self.tenant.with_value(|tenant| path(paths::UNPUBLISHED_BRANDS, &[tenant]));
        spawn_local(async move {
            match crate::api::console::delete(&own).await {
                Ok(()) if self.may => tell("The brands are as they were published."),
                Ok(()) => tell("Your brands are as they were published."),
                Err(failure) => tell_error(failure.text()),
            }
            self.found.retry();
            self.people.retry();
        });
    }
}
