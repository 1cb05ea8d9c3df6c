//! Who is signed in. The secret is a cookie that no script can read; what stands here is what the server tells of it.

use super::app::{Phase, app};
use crate::api::console::{Failure, get_open};
use ::api::console::{Role, Session, TenantRole, paths};
use js_sys::{Function, Promise};
use leptos::prelude::*;
use std::cell::RefCell;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

thread_local! {
    /// Requests that wait until somebody has signed in again.
    static WAITING: RefCell<Vec<Function>> = const { RefCell::new(Vec::new()) };
}

/// Asks the server who is signed in.
pub async fn open() {
    let app = app();
    match get_open::<Session>(paths::SESSION).await {
        Ok(session) => enter(session),
        Err(Failure::SignedOut(_)) => app.phase.set(Phase::SignedOut),
        Err(failure) => app.phase.set(Phase::Failed(failure)),
    }
}

/// Somebody signed in; requests that waited for it go on.
pub fn enter(session: Session) {
    let app = app();
    let same = app.session.with_untracked(|old| old.as_ref().is_none_or(|old| old.account == session.account));
    app.session.set(Some(session));
    app.lost.set(false);
    if same {
        app.phase.set(Phase::In);
        for resolve in WAITING.take() {
            drop(resolve.call0(&JsValue::NULL));
        }
    } else {
        // Somebody else's page must not show what the one before saw.
        drop(window().location().reload());
    }
}

/// Asks for the session again; whether it is another one now.
pub async fn refresh() -> bool {
    let before = csrf();
    if let Ok(session) = get_open::<Session>(paths::SESSION).await {
        enter(session);
    }
    csrf() != before
}

/// Ends once somebody signed in again.
pub async fn again() {
    let waiting = Promise::new(&mut |resolve, _| WAITING.with_borrow_mut(|all| all.push(resolve)));
    app().lost.set(true);
    drop(JsFuture::from(waiting).await);
}

/// What every request but `GET` has to carry; empty while nobody is signed in.
pub fn csrf() -> String {
    app().session.with_untracked(|session| session.as_ref().map(|session| session.csrf.clone())).unwrap_or_default()
}

/// The role in that tenant; `None` where there is none. An editor who is limited to folders is a viewer elsewhere.
pub fn role(tenant: &str) -> Option<Role> {
    find(tenant).map(|found| if found.limits.is_some() { Role::Viewer } else { found.role })
}

/// The folders whose templates one may change there, where one is limited to some, or to brands.
pub fn folders(tenant: &str) -> Option<Vec<String>> {
    Some(find(tenant)?.limits?.folders)
}

/// Whether one may change a brand's look and texts.
pub fn may_change_brand(tenant: &str, brand: &str) -> bool {
    may(tenant, Role::Editor) || limited_to_brands(tenant).iter().any(|one| one == brand)
}

/// Ids of the brands that one is limited to there.
pub fn limited_to_brands(tenant: &str) -> Vec<String> {
    find(tenant).and_then(|found| found.limits).map(|limits| limits.brands).unwrap_or_default()
}

/// Whether one may change and publish the templates of a folder.
pub fn may_change(tenant: &str, folder: &str) -> bool {
    may(tenant, Role::Editor) || folders(tenant).is_some_and(|folders| folders.iter().any(|one| one == folder))
}

/// The folder in which one makes templates, which may be none; `None` where one may make none.
pub fn folder_to_make_in(tenant: &str) -> Option<String> {
    if may(tenant, Role::Editor) { Some(String::new()) } else { folders(tenant)?.into_iter().next() }
}

/// What that tenant is called; empty where one may not see it.
pub fn tenant_name(tenant: &str) -> String {
    find(tenant).map(|found| found.name).unwrap_or_default()
}

/// Whether one may do there what takes `least`.
pub fn may(tenant: &str, least: Role) -> bool {
    role(tenant).is_some_and(|role| role >= least)
}

fn find(tenant: &str) -> Option<TenantRole> {
    app().session.with(|session| session.as_ref()?.tenants.iter().find(|one| one.id == tenant).cloned())
}
