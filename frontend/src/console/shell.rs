//! What is around every page: the bar at the top, the navigation, and where the page goes.

use super::app::app;
use super::pages;
use super::place::{self, at};
use super::router;
use super::session;
use crate::api::console::delete;
use crate::ui::{Icon, Menu, changing, icon, keep, new_id, text, when};
use ::api::console::pages::{Designs, Directory, Outlook, Page, Place, Rules, Signatures, Tenant};
use ::api::console::paths;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// The shell with the page that the address names.
pub fn shell() -> AnyView {
    let app = app();
    let open = RwSignal::new(false);
    let tenant = Memo::new(move |_| app.place.with(|place| place.tenant().map(str::to_owned)));
    // The focus goes to the new page's heading, so that who does not see it is told.
    Effect::new(move |before: Option<Place>| {
        let place = app.place.get();
        open.set(false);
        if before.is_some_and(|before| before != place) {
            request_animation_frame(|| focus("main h1"));
        }
        place
    });
    view! {
        <a class="skip" href="#main" on:click=|event| {
            event.prevent_default();
            focus("main h1");
        }>
            "Skip to the content"
        </a>
        <header class="bar">
            <button
                type="button"
                class="subtle square menu-button"
                aria-label="Navigation"
                aria-expanded=text(move || open.get().to_string())
                aria-controls="navigation"
                hidden=when(move || app.place.with(|place| place.tenant().is_none()))
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {icon(Icon::MENU)}
            </button>
            <a class="product" href="/console/tenants" aria-label="Paraph: all tenants">
                {crate::ui::logo()}
                <span>"Paraph"</span>
            </a>
            {tenant_menu()}
            <span class="grow"></span>
            {account_menu()}
        </header>
        <div class="frame">
            {changing(move || tenant.get().map(|tenant| navigation(tenant, open)))}
            // Not anew because the session is: what was typed would be gone.
            <main id="main">
                {changing(move || {
                    let place = app.place.get();
                    untrack(|| page(&place))
                })}
            </main>
        </div>
    }
    .into_any()
}

/// Says in the window's title where one is.
pub fn set_title(place: &Place) {
    let tenant = untrack(|| place.tenant().map(session::tenant_name)).filter(|name| !name.is_empty());
    name_page(place.title(), tenant.as_deref());
}

/// Says in the window's title what the page is about.
pub fn name_page(title: &str, tenant: Option<&str>) {
    let tenant = tenant.map(|tenant| " · ".to_owned() + tenant).unwrap_or_default();
    document().set_title(&(title.to_owned() + &tenant + " · Paraph"));
}

/// Gives the focus to the first element that the selector finds.
pub fn focus(selector: &str) {
    let found = document().query_selector(selector).ok().flatten();
    if let Some(element) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
        drop(element.focus());
    }
}

fn page(place: &Place) -> AnyView {
    match place {
        Place::In(tenant, _) if session::role(tenant).is_none() => pages::missing(),
        Place::In(tenant, page) if !session::may(tenant, page.about().least) => pages::not_yours(tenant, page),
        place => (app().program.page)(place),
    }
}

fn page_icon(page: &Page) -> Icon {
    match page {
        Page::Overview => Icon::HOME,
        Page::Designs(Designs::Templates | Designs::Template(_) | Designs::Gallery | Designs::Migration) => {
            Icon::INSERT
        }
        Page::Brands(_) => Icon::BUILDING,
        Page::Rules(Rules::Rules | Rules::Rule(_)) => Icon::RULES,
        Page::Rules(Rules::Campaigns) => Icon::MEGAPHONE,
        Page::Signatures(Signatures::Simulation) => Icon::SEARCH,
        Page::Signatures(Signatures::Changes) => Icon::PUBLISH,
        Page::Directory(Directory::People | Directory::Person(_) | Directory::Numbers) => Icon::PERSON,
        Page::Directory(Directory::Groups) => Icon::GROUP,
        Page::Directory(Directory::Fields) => Icon::LIST,
        Page::Directory(Directory::Sources) => Icon::REFRESH,
        Page::Directory(Directory::Runs | Directory::Run(_)) => Icon::IMPORT,
        Page::Directory(Directory::Database) => Icon::DATABASE,
        Page::Outlook(Outlook::Deployment) => Icon::PLUG,
        Page::Outlook(Outlook::Clients) => Icon::DEVICE,
        Page::Outlook(Outlook::Weather | Outlook::Version(_)) => Icon::WEATHER,
        Page::Tenant(Tenant::Audit) => Icon::HISTORY,
        Page::Tenant(Tenant::Members) => Icon::LOCK,
        Page::Tenant(Tenant::Tokens) => Icon::KEY,
        Page::Tenant(Tenant::Api) => Icon::BOOK,
        Page::Tenant(Tenant::Settings) => Icon::SETTINGS,
    }
}

fn navigation(tenant: String, open: RwSignal<bool>) -> AnyView {
    let here = Memo::new(move |_| match app().place.get() {
        Place::In(_, page) => Some(page.link()),
        _ => None,
    });
    let role = session::role(&tenant);
    let may_see = move |page: &&Page| role.is_some_and(|role| role >= page.about().least);
    let link = move |page: &Page| {
        let page = page.clone();
        let drawn = icon(page_icon(&page));
        let words = page.about().title;
        let href = at(&tenant, page.clone());
        view! {
            <li>
                <a href=href aria-current=move || (here.get().as_ref() == Some(&page)).then_some("page")>
                    {drawn}
                    <span>{words}</span>
                </a>
            </li>
        }
    };
    let group = |(heading, pages): (&'static str, Vec<Page>)| {
        let id = new_id("pages");
        let named = (!heading.is_empty()).then(|| id.clone());
        view! {
            {(!heading.is_empty()).then(|| view! { <h2 id=id>{heading}</h2> })}
            <ul aria-labelledby=named>{pages.iter().filter(may_see).map(&link).collect_view()}</ul>
        }
    };
    view! {
        <nav id="navigation" class="side" aria-label="Tenant" class:open=open on:keydown=move |event| {
            if event.key() == "Escape" && open.get_untracked() {
                open.set(false);
                focus(".menu-button");
            }
        }>
            {Page::groups().into_iter().map(group).collect_view()}
        </nav>
    }
    .into_any()
}

fn tenant_menu() -> AnyView {
    let app = app();
    let name = text(move || {
        let id = app.place.with(|place| place.tenant().map(str::to_owned));
        id.map(|id| session::tenant_name(&id)).filter(|name| !name.is_empty()).unwrap_or_else(|| "All tenants".into())
    });
    let one = move |tenant: ::api::console::TenantRole| {
        let id = tenant.id.clone();
        let is_here = move || app.place.with(|place| place.tenant() == Some(id.as_str())).then_some("true");
        // The same page there.
        let href = move || {
            let page = match app.place.get() {
                Place::In(_, page) if page.about().least <= tenant.role => page.link(),
                _ => Page::Overview,
            };
            at(&tenant.id, page)
        };
        view! {
            <li>
                <a href=href aria-current=is_here>
                    <span class="grow clip">{tenant.name}</span>
                    <span class="quiet">{tenant.role.as_str()}</span>
                </a>
            </li>
        }
    };
    let tenants = move || app.session.with(|session| session.as_ref().map(|s| s.tenants.clone())).unwrap_or_default();
    let face = view! {
        {icon(Icon::BUILDING)}
        <span class="clip">{name}</span>
        {icon(Icon::CHEVRON)}
    };
    view! {
        <Menu label="Tenant" class="subtle tenant" face=face.into_any()>
            <ul>{changing(move || tenants().into_iter().map(one).collect_view())}</ul>
            <hr />
            <ul>
                <li>
                    <a href="/console/tenants">{icon(Icon::LIST)} <span>"All tenants"</span></a>
                </li>
            </ul>
        </Menu>
    }
    .into_any()
}

fn account_menu() -> AnyView {
    let app = app();
    let of = move |read: fn(&::api::console::Session) -> String| {
        text(move || app.session.with(|session| session.as_ref().map(read)).unwrap_or_default())
    };
    let initials = of(|session| {
        let letters = session.name.split_whitespace().filter_map(|word| word.chars().next());
        letters.take(2).collect::<String>().to_uppercase()
    });
    let sign_out = move |_| {
        spawn_local(async move {
            match delete(paths::SESSION).await {
                Ok(()) => drop(window().location().set_href(&place::path(&Place::SignIn))),
                Err(failure) => crate::ui::tell_error(failure.text()),
            }
        });
    };
    let face = view! { <span class="initials">{initials}</span> };
    view! {
        <Menu label="Account" class="subtle square" face=face.into_any()>
            <div class="who">
                <strong>{of(|session| session.name.clone())}</strong>
                <span class="quiet">{of(|session| session.email.clone())}</span>
            </div>
            <hr />
            <ul>
                <li>
                    <a href="/console/account">{icon(Icon::PERSON)} <span>"Your account"</span></a>
                </li>
            </ul>
            <hr />
            {themes()}
            <hr />
            <ul>
                <li>
                    <button type="button" on:click=sign_out>
                        {icon(Icon::UNPLUGGED)}
                        <span>"Sign out"</span>
                    </button>
                </li>
            </ul>
            <p class="quiet release">{of(|session| "Paraph ".to_owned() + &session.version)}</p>
        </Menu>
    }
    .into_any()
}

fn themes() -> AnyView {
    let theme = app().theme;
    let name = new_id("theme");
    Effect::new(move |before: Option<()>| {
        let theme = theme.get();
        if before.is_some() {
            keep("theme", &theme);
        }
        if let Some(root) = document().document_element() {
            drop(if theme.is_empty() {
                root.remove_attribute("data-theme")
            } else {
                root.set_attribute("data-theme", &theme)
            });
        }
    });
    let one = move |(value, words): (&'static str, &'static str)| {
        view! {
            <label class="tick">
                <input
                    type="radio"
                    name=name.clone()
                    prop:checked=when(move || theme.with(|theme| theme == value))
                    on:change=move |_| theme.set(value.to_owned())
                />
                {words}
            </label>
        }
    };
    let all = [("", "As the system"), ("light", "Light"), ("dark", "Dark")];
    view! {
        <fieldset class="ticks">
            <legend class="quiet">"Theme"</legend>
            {all.map(one).into_iter().collect_view()}
        </fieldset>
    }
    .into_any()
}

/// Goes where somebody belongs who named no page.
pub fn go_home() {
    let tenants =
        app().session.with_untracked(|session| session.as_ref().map(|s| s.tenants.clone())).unwrap_or_default();
    match tenants.as_slice() {
        [only] => router::replace(&at(&only.id, Page::Overview)),
        _ => router::replace(&place::path(&Place::Tenants)),
    }
}
