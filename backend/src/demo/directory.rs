//! The demo's Entra ID: a neighbour on loopback that knows the people and groups of the company, connected as a source. An
//! admin fetches from it as from the real one.

use super::{CLIENT_ID, TENANT};
use crate::app::App;
use crate::clock::Clock;
use crate::directory::{connected, default_mapping};
use crate::store::{By, Company, CompanyPerson, Deed, Mapped, Source, SourceRecord};
use anyhow::Context as _;
use email_signature::Address;
use neighbours::Now;
use neighbours::graph::{FakeGraph, Registration};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Starts it with the company's people.
pub(super) async fn open(company: &Company, mapping: &[Mapped], clock: &Clock) -> FakeGraph {
    let clock = clock.clone();
    let registration =
        Registration { tenant: TENANT.into(), client_id: CLIENT_ID.into(), secret: "of the demo".into() };
    let graph = FakeGraph::start(registration, Now::new(move || clock.now_ms())).await;
    for group in &company.groups {
        graph.set_group(&group.id, &group.name);
        graph.set_group_addresses(&group.id, &group.addresses.iter().map(Address::as_str).collect::<Vec<_>>());
    }
    for (number, person) in company.people.iter().enumerate() {
        // Shared mailboxes have an account there, with which nobody signs in.
        let oid = person.oid.clone().unwrap_or_else(|| format!("b0000000-0000-4000-8000-{number:012x}"));
        graph.add_user(&oid, &properties(person, mapping).into());
        for group in &person.groups {
            graph.set_member(group, "user", &oid, true);
        }
    }
    graph
}

/// Connects it. It is fetched from when an admin asks for it, and not by itself: the demo shows what its document says.
pub(super) async fn connect(app: &App, mapping: Vec<Mapped>) -> anyhow::Result<()> {
    let tenant = app.tenants.of_entra(TENANT).await?.context("the demo has no company")?;
    let now_ms = app.clock.now_ms();
    let mut record = connected(SourceRecord::new(Source::Entra), CLIENT_ID.into(), now_ms);
    record.settings.mapping = mapping;
    record.next_ms = None;
    let deed = Deed { action: "connect_source", detail: json!({ "account": record.account }) };
    Ok(app.store.put_source(&tenant.id, &record, deed, By::new("demo", now_ms)).await?)
}

/// Where each of the company's values is in Entra ID: where it usually is, else in an extension attribute.
pub(super) fn mapping(company: &Company) -> Vec<Mapped> {
    let mut mapping = default_mapping(Source::Entra);
    let fields: BTreeSet<&str> =
        company.people.iter().flat_map(|person| person.fields.keys()).map(String::as_str).collect();
    let others = fields.into_iter().filter(|field| mapping.iter().all(|mapped| mapped.field != *field));
    let numbered = (1..=15).map(|number| format!("extensionAttribute{number}"));
    let more: Vec<Mapped> =
        others.zip(numbered).map(|(field, attribute)| Mapped { attribute, field: field.to_owned() }).collect();
    mapping.extend(more);
    mapping
}

/// A person as Graph has them.
fn properties(person: &CompanyPerson, mapping: &[Mapped]) -> Map<String, Value> {
    let aliases = person.aliases.iter().map(|alias| format!("smtp:{alias}"));
    let addresses: Vec<String> = std::iter::once(format!("SMTP:{}", person.address)).chain(aliases).collect();
    let mut properties = Map::new();
    let mut extensions = Map::new();
    properties.insert("mail".into(), json!(person.address));
    properties.insert("userPrincipalName".into(), json!(person.address));
    properties.insert("proxyAddresses".into(), json!(addresses));
    properties.insert("accountEnabled".into(), json!(!person.shared));
    for Mapped { attribute, field } in mapping {
        let Some(value) = person.fields.get(field) else { continue };
        if attribute.starts_with("extensionAttribute") {
            extensions.insert(attribute.clone(), json!(value));
        } else {
            let value = if attribute == "businessPhones" { json!([value]) } else { json!(value) };
            properties.insert(attribute.clone(), value);
        }
    }
    properties.insert("onPremisesExtensionAttributes".into(), extensions.into());
    properties
}
