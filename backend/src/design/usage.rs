//! Which templates use which images.

use crate::store::DesignState;
use crate::tenant::Tenant;
use email_signature::Template;
use std::collections::{BTreeMap, BTreeSet};

/// Names of the templates and brands that use each image, by the image's name.
pub type Usage = BTreeMap<String, BTreeSet<String>>;

/// Which templates, published or not, use which of the images `names`: by name, or through a field that a person has a
/// value for (`image:{{ photo }}`).
pub fn usage(tenant: &Tenant, state: &DesignState, names: &BTreeSet<String>) -> Usage {
    let versions = state.templates.iter().flat_map(|entry| {
        let published = entry.published.as_ref().map(|(_, template)| template);
        published.into_iter().chain(entry.unpublished.as_ref().map(|unpublished| &unpublished.document))
    });
    let mut usage = Usage::new();
    for brand in state.brands.published.iter().chain(state.brands.current()) {
        let logos = [&brand.logo.image, &brand.logo.dark].into_iter().filter(|logo| names.contains(*logo));
        for logo in logos {
            usage.entry(logo.clone()).or_default().insert(format!("Brand {}", brand.name));
        }
    }
    let mut by_field = Vec::new();
    for template in versions {
        for written in addresses(&template.html) {
            if let Some((before, rest)) = written.split_once("{{") {
                let after = rest.rsplit_once("}}").map_or("", |(_, after)| after);
                by_field.push((template, before.to_owned(), after.to_owned()));
            } else if names.contains(written) {
                add(&mut usage, written, template);
            }
        }
    }
    if by_field.is_empty() {
        return usage;
    }
    let values = values(tenant, names, &by_field);
    for (template, before, after) in &by_field {
        let is_used = |name: &&String| middle(name, before, after).is_some_and(|value| values.contains(&value));
        names.iter().filter(is_used).for_each(|name| add(&mut usage, name, template));
    }
    usage
}

fn add(usage: &mut Usage, name: &str, template: &Template) {
    usage.entry(name.to_owned()).or_default().insert(template.name.clone());
}

/// What stands behind `image:` in a template, up to the end of the attribute.
fn addresses(html: &str) -> impl Iterator<Item = &str> {
    html.match_indices("image:").map(|(at, start)| {
        let rest = &html[at + start.len()..];
        let quote = html[..at].chars().next_back().filter(|quote| matches!(quote, '"' | '\''));
        let end = match quote {
            Some(quote) => rest.find(quote),
            None => rest.find(|c: char| c.is_whitespace() || c == '>'),
        };
        rest[..end.unwrap_or(rest.len())].trim()
    })
}

/// What of `name` stands between the two, in lower case.
fn middle(name: &str, before: &str, after: &str) -> Option<String> {
    let value = name.strip_prefix(before.trim_start())?.strip_suffix(after.trim_end())?;
    (!value.is_empty()).then(|| value.to_lowercase())
}

/// Which of the values that would name an image somebody has.
fn values(tenant: &Tenant, names: &BTreeSet<String>, by_field: &[(&Template, String, String)]) -> BTreeSet<String> {
    let mut wanted = BTreeSet::new();
    for (_, before, after) in by_field {
        wanted.extend(names.iter().filter_map(|name| middle(name, before, after)));
    }
    let mut found = BTreeSet::new();
    for record in tenant.records() {
        for (_, value) in record.fields.iter() {
            let value = value.trim().to_lowercase();
            if wanted.contains(&value) {
                found.insert(value);
            }
        }
    }
    found
}
