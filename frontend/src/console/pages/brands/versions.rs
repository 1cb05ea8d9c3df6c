//! Brands as they were: what is different now, and restoring a version.

use super::Branding;
use super::card::audience;
use crate::api::console::{get, path};
use crate::console::pages::rules::words::Names;
use crate::console::pages::versions::{self, Difference};
use crate::ui::{Dialog, Loaded, changing};
use ::api::console::{BrandsVersion, paths};
use email_signature::Brand;
use leptos::prelude::*;

/// The dialog that lists them.
pub(crate) fn versions(open: RwSignal<bool>, branding: Branding) -> AnyView {
    let all = move || {
        let one = move |version| one(version, branding, open);
        branding.tenant.with_value(|tenant| versions::list(tenant, paths::BRANDS_VERSIONS, one))
    };
    view! {
        <Dialog open title="Versions of the brands" wide=true>
            {all}
        </Dialog>
    }
    .into_any()
}

fn one(version: i64, branding: Branding, open: RwSignal<bool>) -> AnyView {
    let own = branding.tenant.with_value(|tenant| path(paths::BRANDS_VERSION, &[tenant, &version.to_string()]));
    let found = Loaded::new(move || {
        let path = own.clone();
        async move { get::<BrandsVersion>(&path).await }
    });
    let restore = move |()| {
        let brands = found.peek(|found| found.brands.clone());
        branding.change(versions::restored(version), String::new(), move |all| all.clone_from(&brands));
        open.set(false);
    };
    let inside = move || {
        let now: Vec<Brand> =
            branding.found.read(|found| found.value.brands.iter().map(|entry| entry.brand.clone()).collect());
        let then = found.read(|found| found.brands.clone());
        let differences = branding.names.with(|names| differences(&then, &now, names));
        versions::beside(version, "brands", differences, branding.may.then_some(restore))
    };
    found.view(move || changing(inside))
}

fn differences(then: &[Brand], now: &[Brand], names: &Names) -> Vec<Difference> {
    let find = |brands: &'_ [Brand], id: &str| brands.iter().find(|brand| brand.id == id).cloned();
    let lines = |brand: Option<Brand>| brand.map(|brand| lines(&brand, names)).unwrap_or_default();
    let gone = then.iter().filter(|brand| find(now, &brand.id).is_none());
    let mut all: Vec<_> = now
        .iter()
        .chain(gone)
        .map(|brand| (brand.name.clone(), find(then, &brand.id), find(now, &brand.id)))
        .filter(|(_, before, after)| before != after)
        .map(|(name, before, after)| Difference { name, then: lines(before), now: lines(after) })
        .collect();
    let kept_then: Vec<&Brand> = then.iter().filter(|brand| find(now, &brand.id).is_some()).collect();
    let kept_now: Vec<&Brand> = now.iter().filter(|brand| find(then, &brand.id).is_some()).collect();
    if !kept_then.iter().map(|brand| &brand.id).eq(kept_now.iter().map(|brand| &brand.id)) {
        let order = |brands: &[&Brand]| brands.iter().map(|brand| brand.name.clone()).collect();
        all.push(Difference { name: "The order".to_owned(), then: order(&kept_then), now: order(&kept_now) });
    }
    all
}

/// The settings of a brand, one per line.
fn lines(brand: &Brand, names: &Names) -> Vec<String> {
    let mut all = vec!["Name: ".to_owned() + &brand.name, audience(&brand.senders, names)];
    let (logo, colours) = (&brand.logo, &brand.colours);
    if !logo.image.is_empty() {
        let size = logo.width.to_string() + " × " + &logo.height.to_string();
        all.push("Logo: ".to_owned() + &logo.image + ", " + &size);
    }
    let own = brand.values.iter().map(|(token, value)| (token.as_str(), value));
    let known = [
        ("Logo in dark mode", &logo.dark),
        ("Primary colour", &colours.primary),
        ("Accent colour", &colours.accent),
        ("Text colour", &colours.text),
        ("Background colour", &colours.background),
        ("Legal text", &brand.legal),
    ];
    let values = known.into_iter().chain(own).filter(|(_, value)| !value.is_empty());
    all.extend(values.map(|(name, value)| name.to_owned() + ": " + value));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brand(id: &str, legal: &str) -> Brand {
        let document = serde_json::json!({ "id": id, "name": id.to_uppercase(), "legal": legal });
        serde_json::from_value(document).expect("a brand")
    }

    #[test]
    fn changed_new_and_removed_brands_differ_and_so_does_their_order() {
        let then = [brand("a", "A plc"), brand("b", ""), brand("c", "C")];
        let now = [brand("b", ""), brand("a", "A Ltd"), brand("d", "D")];
        let found = differences(&then, &now, &Names::default());
        let names: Vec<_> = found.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["A", "D", "C", "The order"]);
        assert_eq!(found[0].then, ["Name: A", "For everyone else", "Legal text: A plc"]);
        assert_eq!(found[0].now, ["Name: A", "For everyone else", "Legal text: A Ltd"]);
        assert_eq!((found[1].then.len(), found[2].now.len()), (0, 0));
        assert_eq!(
            (&found[3].then, &found[3].now),
            (&vec!["A".to_owned(), "B".to_owned()], &vec!["B".to_owned(), "A".to_owned()])
        );
        assert!(differences(&now, &now, &Names::default()).is_empty());
    }
}
