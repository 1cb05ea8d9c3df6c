//! Whether a rule can concern somebody: what it says of senders, whatever it says of recipients, kinds and times.

use crate::api::console::{get, path};
use crate::ui::{Choice, Loaded};
use ::api::console::{PreviewPerson, paths};
use email_signature::{Comparison, DomainPattern, Rule, SenderCondition};
use leptos::prelude::*;

/// Somebody whose rules are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Concerned(PreviewPerson);

/// The person with this id; nobody while it is empty.
pub(crate) fn concerned(tenant: StoredValue<String>, id: RwSignal<String>) -> Loaded<Option<Concerned>> {
    Loaded::new(move || {
        let id = id.get();
        let path = path(paths::PREVIEW_PERSON, &[&tenant.get_value(), &id]);
        async move { if id.is_empty() { Ok(None) } else { Ok(Some(Concerned(get(&path).await?))) } }
    })
}

impl Concerned {
    /// As it is picked.
    pub(crate) fn choice(&self) -> Choice {
        let person = &self.0.person;
        let address = person.address.to_string();
        let name = person.fields.get("display_name").cloned().unwrap_or_else(|| address.clone());
        Choice { id: person.id.clone(), name, hint: address }
    }

    /// Whether the rule can apply to mail of theirs.
    pub(crate) fn is_meant_by(&self, rule: &Rule) -> bool {
        let holds = |condition: &SenderCondition| self.meets(condition);
        (rule.senders.any_of.is_empty() || rule.senders.any_of.iter().any(holds))
            // An address that they may choose in From decides of a domain only then.
            && !rule.senders.except.iter().any(|one| !matches!(one, SenderCondition::Domain { .. }) && holds(one))
    }

    fn meets(&self, condition: &SenderCondition) -> bool {
        let person = &self.0.person;
        match condition {
            SenderCondition::Person { address } => person.address == *address || person.aliases.contains(address),
            SenderCondition::Group { id } => person.groups.contains(id),
            SenderCondition::Domain { domain } => {
                let domains = DomainPattern::read(domain);
                let ends =
                    |address: &str| address.rsplit('@').next().is_some_and(|own| domains.holds(&own.to_lowercase()));
                ends(person.address.as_str()) || self.0.senders.iter().any(|address| ends(address))
            }
            SenderCondition::Field { field, comparison, value } => {
                let own =
                    if field == "email" { Some(person.address.to_string()) } else { person.fields.get(field).cloned() };
                compare(&own.unwrap_or_default(), *comparison, value)
            }
        }
    }
}

/// A text as the server compares it, as far as a browser can fold case: capital letters tell `ß` from `ss` no longer.
fn folded(text: &str) -> String {
    let composed = String::from(js_sys::JsString::from(text.trim()).normalize("NFC"));
    composed.to_uppercase().to_lowercase()
}

fn compare(own: &str, comparison: Comparison, value: &str) -> bool {
    let (own, value) = (folded(own), folded(value));
    match comparison {
        Comparison::Equals => own == value,
        Comparison::NotEquals => own != value,
        Comparison::Contains => !value.is_empty() && own.contains(&value),
        Comparison::StartsWith => !value.is_empty() && own.starts_with(&value),
        Comparison::EndsWith => !value.is_empty() && own.ends_with(&value),
        Comparison::IsEmpty => own.is_empty(),
        Comparison::IsNotEmpty => !own.is_empty(),
    }
}
