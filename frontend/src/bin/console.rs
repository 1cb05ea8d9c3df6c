//! The console: what is there from the start, and the areas that are loaded when one of their pages is first opened.

#![expect(clippy::unnecessary_wraps, reason = "what loads a part may fail, and says so with the type of what it loads")]

use api::console::pages::{Brands, Designs, Directory, Outlook, Page, Place, Rules, Signatures, Tenant};
use frontend::console::part::{Build, Loading, SplitLoaderError, part};
use frontend::console::{Program, invitation, pages, setup, start};
use leptos::prelude::{AnyView, IntoAny};
use leptos::wasm_split::wasm_split;
use std::sync::Arc;

fn main() {
    start(Program { page });
}

fn page(place: &Place) -> AnyView {
    match place {
        Place::Setup(code) => setup::setup(code),
        Place::Invitation(code) => invitation::invitation(code),
        Place::Home => pages::home(),
        Place::Tenants => pages::tenants(),
        Place::Account => pages::account(),
        Place::In(tenant, page) => in_tenant(tenant, page),
        // Has no place inside the frame.
        Place::SignIn => ().into_any(),
        Place::Missing => pages::missing(),
    }
}

fn in_tenant(tenant: &str, page: &Page) -> AnyView {
    match page {
        Page::Overview => pages::overview(tenant),
        Page::Designs(of) => part(tenant, page, drawn(designs, tenant, of)),
        Page::Brands(of) => part(tenant, page, drawn(brands, tenant, of)),
        Page::Rules(of) => part(tenant, page, drawn(rules, tenant, of)),
        Page::Signatures(of) => part(tenant, page, drawn(signatures, tenant, of)),
        Page::Directory(of) => part(tenant, page, drawn(directory, tenant, of)),
        Page::Outlook(of) => part(tenant, page, drawn(outlook, tenant, of)),
        Page::Tenant(of) => part(tenant, page, drawn(tenant_area, tenant, of)),
    }
}

/// What a part gives: the function that draws its pages.
type Draw<P> = fn(&str, &P) -> AnyView;

/// Loads a part, and builds one of its pages with it.
fn drawn<P, F>(load: fn() -> F, tenant: &str, page: &P) -> impl Fn() -> Loading + Send + Sync + 'static
where
    P: Clone + Send + Sync + 'static,
    F: Future<Output = Result<Draw<P>, SplitLoaderError>> + 'static,
{
    let (tenant, page) = (tenant.to_owned(), page.clone());
    move || {
        let (tenant, page, draw) = (tenant.clone(), page.clone(), load());
        Box::pin(async move {
            let draw = draw.await?;
            Ok(Arc::new(move || draw(&tenant, &page)) as Build)
        })
    }
}

#[wasm_split(designs, fallible, wasm_split_path = leptos::wasm_split)]
fn designs() -> Result<Draw<Designs>, SplitLoaderError> {
    Ok(pages::templates::draw)
}

#[wasm_split(signatures, fallible, wasm_split_path = leptos::wasm_split)]
fn brands() -> Result<Draw<Brands>, SplitLoaderError> {
    Ok(pages::brands::draw)
}

#[wasm_split(rules, fallible, wasm_split_path = leptos::wasm_split)]
fn rules() -> Result<Draw<Rules>, SplitLoaderError> {
    Ok(pages::rules::draw)
}

#[wasm_split(signatures, fallible, wasm_split_path = leptos::wasm_split)]
fn signatures() -> Result<Draw<Signatures>, SplitLoaderError> {
    Ok(pages::signatures::draw)
}

#[wasm_split(directory, fallible, wasm_split_path = leptos::wasm_split)]
fn directory() -> Result<Draw<Directory>, SplitLoaderError> {
    Ok(pages::directory::draw)
}

#[wasm_split(administration, fallible, wasm_split_path = leptos::wasm_split)]
fn outlook() -> Result<Draw<Outlook>, SplitLoaderError> {
    Ok(pages::outlook::draw)
}

#[wasm_split(administration, fallible, wasm_split_path = leptos::wasm_split)]
fn tenant_area() -> Result<Draw<Tenant>, SplitLoaderError> {
    Ok(pages::tenant::draw)
}
