//! Brands: the ordered list, its versions, and who gets which.

use super::rules::{check_sender_sizes, tidy_domains};
use super::templates::{list_versions, version_in};
use crate::http::AppState;
use crate::http::api::doc;
use crate::http::console::account::session::checked_text;
use crate::http::request::access::{Access, ReadDesign, WriteWithinLimits};
use crate::http::request::io::{IfMatch, Query, Tagged, etag_of};
use crate::http::{Body, Error, Place};
use crate::store::{DesignState, check_token};
use crate::tenant::Tenant;
use ::api::console::{
    BrandCount, BrandEntry, BrandList, BrandPeople, BrandPeopleQuery, BrandPerson, BrandsVersion, MAX_BRAND_TEXT,
    MAX_BRAND_VALUES, MAX_BRANDS, MAX_CONDITIONS, MAX_LOGO, RuleChange, UnpublishedBrands, Versions, paths,
};
use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with};
use axum::Json;
use axum::extract::State;
use email_signature::{BRAND_TOKENS, Brand, Brands, brand_advice, mail_colour};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Longest id of a brand.
const MAX_ID: usize = 100;
/// Most versions that are listed.
const MAX_VERSIONS: u32 = 200;
/// Most people of a brand that are listed.
const MAX_PEOPLE: usize = 100;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "Brands";
    ApiRouter::new()
        .api_route(
            paths::BRANDS,
            get_with(show, doc(tag, "The brands with their unpublished changes"))
                .put_with(save, doc(tag, "Saves the brands' unpublished version")),
        )
        .api_route(paths::UNPUBLISHED_BRANDS, delete_with(discard, doc(tag, "Discards unpublished changes")))
        .api_route(paths::BRAND_PEOPLE, get_with(people, doc(tag, "How many people get each brand, and who gets one")))
        .api_route(paths::BRANDS_VERSIONS, get_with(versions, doc(tag, "Published versions of the brands")))
        .api_route(paths::BRANDS_VERSION, get_with(version, doc(tag, "A published version of the brands")))
}

async fn show(State(app): State<Arc<AppState>>, access: Access<ReadDesign>) -> Result<Tagged<BrandList>, Error> {
    list(&app, &access.tenant, app.work.place()?).await
}

async fn list(app: &AppState, tenant: &Tenant, place: Place) -> Result<Tagged<BrandList>, Error> {
    let state = app.store.design_state(&tenant.id).await?;
    place.run(move || Tagged::by(to_wire(&state), &tag(&state))).await
}

/// What the `ETag` is made from.
fn tag(state: &DesignState) -> (Vec<Brand>, Option<i64>) {
    let publish = state.brands.unpublished.as_ref().and_then(|unpublished| unpublished.publish.as_ref());
    (state.brands.current().to_vec(), publish.map(|planned| planned.at_ms))
}

fn to_wire(state: &DesignState) -> BrandList {
    let brands = state.brands.current();
    let published = &state.brands.published;
    let default = brands.last();
    let entry = |brand: &Brand| BrandEntry {
        brand: brand.clone(),
        change: match published.iter().find(|before| before.id == brand.id) {
            None => Some(RuleChange::Added),
            Some(before) => (before != brand).then_some(RuleChange::Changed),
        },
        advice: default.map(|default| brand_advice(brand, default)).unwrap_or_default(),
    };
    let unpublished = state.brands.unpublished.as_ref();
    let stamp = state.brands.stamp.as_ref();
    BrandList {
        brands: brands.iter().map(entry).collect(),
        version: stamp.map_or(0, |stamp| stamp.version),
        changed: unpublished.is_some(),
        publish_ms: unpublished.and_then(|unpublished| unpublished.publish.as_ref()).map(|planned| planned.at_ms),
        changed_ms: unpublished.map(|unpublished| unpublished.changed_ms).or(stamp.map(|stamp| stamp.at_ms)),
        changed_by: unpublished.map(|unpublished| unpublished.by.clone()).or(stamp.map(|stamp| stamp.by.clone())),
    }
}

async fn save(
    State(app): State<Arc<AppState>>,
    access: Access<WriteWithinLimits>,
    version: IfMatch,
    Body(wanted): Body<UnpublishedBrands>,
) -> Result<Tagged<BrandList>, Error> {
    let images = access.tenant.image_urls().0.keys().cloned().collect();
    let brands = app.work.run(move || checked(wanted.brands, &images)).await??;
    let check = |state: &DesignState| {
        access.may_change_brands(state.brands.current(), &brands)?;
        may_cancel_plan(&access, state)?;
        if version.names(&etag_of(&tag(state))) { Ok(()) } else { Err(Error::Changed) }
    };
    let place = app.work.place()?;
    app.store.save_brands(&access.tenant.id, &brands, check, &access.by(&app)).await?;
    list(&app, &access.tenant, place).await
}

/// Refuses saving and discarding that would cancel planned publishing of brands outside an editor's limits.
fn may_cancel_plan(access: &Access<WriteWithinLimits>, state: &DesignState) -> Result<(), Error> {
    if state.brands.unpublished.as_ref().is_some_and(|unpublished| unpublished.publish.is_some()) {
        access.may_change_brands(&state.brands.published, state.brands.current())?;
    }
    Ok(())
}

/// Brands whose every part is within its limits. `images`: the names of the tenant's images.
fn checked(mut brands: Vec<Brand>, images: &BTreeSet<String>) -> Result<Vec<Brand>, Error> {
    if brands.len() > MAX_BRANDS {
        return Err(Error::invalid("brands", format!("write at most {MAX_BRANDS} brands")));
    }
    let last = brands.len().saturating_sub(1);
    let mut ids = BTreeSet::new();
    for (at, brand) in brands.iter_mut().enumerate() {
        let field = |part: &str| format!("brands[{at}].{part}");
        let is_id = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        if brand.id.is_empty() || brand.id.len() > MAX_ID || !brand.id.chars().all(is_id) {
            return Err(Error::invalid(field("id"), format!("write 1 to {MAX_ID} letters, digits, - and _")));
        }
        if !ids.insert(brand.id.clone()) {
            return Err(Error::invalid(field("id"), "another brand already has this id: write a different one"));
        }
        brand.name = checked_text(&field("name"), &brand.name)?;
        check_senders(brand, at == last).map_err(|detail| Error::invalid(field("senders"), detail))?;
        check_look(brand, images).map_err(|(part, detail)| Error::invalid(field(&part), detail))?;
        check_values(brand).map_err(|(part, detail)| Error::invalid(field(&part), detail))?;
    }
    Ok(brands)
}

fn check_senders(brand: &mut Brand, is_default: bool) -> Result<(), String> {
    match (is_default, brand.senders.is_empty()) {
        (true, false) => Err("the last brand is the default, for everyone else: remove its conditions".into()),
        (false, true) => Err("write at least one condition; only the last brand is for everyone else".into()),
        _ if brand.senders.len() > MAX_CONDITIONS => Err(format!("write at most {MAX_CONDITIONS}")),
        _ => {
            check_sender_sizes(&brand.senders)?;
            tidy_domains(&mut brand.senders)
        }
    }
}

fn check_look(brand: &mut Brand, images: &BTreeSet<String>) -> Result<(), (String, String)> {
    let logo = &brand.logo;
    for (part, image) in [("logo.image", &logo.image), ("logo.dark", &logo.dark)] {
        if !image.is_empty() && !images.contains(image) {
            return Err((part.into(), format!("there is no image “{image}”: upload it, or choose another one")));
        }
    }
    if logo.width.max(logo.height) > MAX_LOGO {
        let part = if logo.width > MAX_LOGO { "logo.width" } else { "logo.height" };
        return Err((part.into(), format!("write at most {MAX_LOGO} pixels")));
    }
    let colours = &mut brand.colours;
    for (name, colour) in [
        ("primary", &mut colours.primary),
        ("accent", &mut colours.accent),
        ("text", &mut colours.text),
        ("background", &mut colours.background),
    ] {
        *colour = colour.trim().to_owned();
        if !colour.is_empty() && mail_colour(colour).is_none() {
            let detail =
                "this is not a colour that every mail program knows: write it as #rrggbb, or a name such as navy";
            return Err((format!("colours.{name}"), detail.into()));
        }
    }
    Ok(())
}

fn check_values(brand: &Brand) -> Result<(), (String, String)> {
    let is_long = |text: &str| text.chars().count() > MAX_BRAND_TEXT;
    let long = || format!("write at most {MAX_BRAND_TEXT} characters");
    if is_long(&brand.legal) {
        return Err(("legal".into(), long()));
    }
    if brand.values.len() > MAX_BRAND_VALUES {
        return Err(("values".into(), format!("write at most {MAX_BRAND_VALUES} values")));
    }
    for (token, value) in &brand.values {
        let part = || format!("values.{token}");
        check_token(token).map_err(|detail| (part(), detail.to_owned()))?;
        if token.len() > MAX_ID {
            return Err((part(), format!("write a name of at most {MAX_ID} letters")));
        }
        if BRAND_TOKENS.iter().any(|(known, _)| known == token) || token == "display_name" {
            return Err((part(), "every brand has something of this name: choose another name".into()));
        }
        if is_long(value) {
            return Err((part(), long()));
        }
    }
    Ok(())
}

async fn people(
    State(app): State<Arc<AppState>>,
    access: Access<ReadDesign>,
    Query(query): Query<BrandPeopleQuery>,
) -> Result<Json<BrandPeople>, Error> {
    let place = app.work.place()?;
    let state = app.store.design_state(&access.tenant.id).await?;
    let tenant = Arc::clone(&access.tenant);
    let counted = place.run(move || counted(&tenant, state.brands.current().to_vec(), query.brand.as_deref()));
    Ok(Json(counted.await?))
}

fn counted(tenant: &Tenant, brands: Vec<Brand>, wanted: Option<&str>) -> BrandPeople {
    let brands = Brands::compile(brands);
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut people = Vec::new();
    for record in tenant.records() {
        let person = record.person();
        let mut fitting = brands.fitting(&person, &person.address);
        let Some(chosen) = fitting.next() else { break };
        let id = &chosen.brand().id;
        match counts.get_mut(id) {
            Some(count) => *count += 1,
            None => drop(counts.insert(id.clone(), 1)),
        }
        if wanted == Some(id) {
            let others = fitting.filter(|other| !other.brand().senders.is_empty());
            let also = others.map(|other| other.brand().name.clone()).collect();
            let (id, name) = (record.id.to_string(), record.name().to_owned());
            people.push(BrandPerson { id, name, address: person.address.to_string(), also });
        }
    }
    people.sort_by(|a, b| (a.name.to_lowercase(), &a.id).cmp(&(b.name.to_lowercase(), &b.id)));
    people.truncate(MAX_PEOPLE);
    let count = |id: &str| BrandCount { brand: id.to_owned(), people: counts.get(id).copied().unwrap_or_default() };
    BrandPeople { counts: brands.iter().map(|one| count(&one.brand().id)).collect(), people }
}

async fn discard(
    State(app): State<Arc<AppState>>,
    access: Access<WriteWithinLimits>,
) -> Result<Tagged<BrandList>, Error> {
    let place = app.work.place()?;
    let check = |state: &DesignState| may_cancel_plan(&access, state);
    app.store.discard_brands(&access.tenant.id, access.limits.as_ref(), check, &access.by(&app)).await?;
    list(&app, &access.tenant, place).await
}

async fn versions(State(app): State<Arc<AppState>>, access: Access<ReadDesign>) -> Result<Json<Versions>, Error> {
    Ok(Json(list_versions(app.store.list_brand_versions(&access.tenant.id, MAX_VERSIONS).await?)))
}

async fn version(State(app): State<Arc<AppState>>, access: Access<ReadDesign>) -> Result<Json<BrandsVersion>, Error> {
    let version = version_in(&access)?;
    let brands = app.store.brands_version(&access.tenant.id, version).await?.ok_or(Error::NotFound)?;
    Ok(Json(BrandsVersion { version, brands }))
}
