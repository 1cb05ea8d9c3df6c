//! Which brand a mail gets: the first in order that fits the sender, else the default.

use super::Organisation;
use super::conditions::{Sender, values};
use super::sentences::push_senders;
use crate::{Address, Because, Brand, Person};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A tenant's brands in order, made ready. The last one is the default.
#[derive(Clone, Debug, Default)]
pub struct Brands {
    brands: Vec<CompiledBrand>,
    /// The fields that their conditions compare.
    fields: Vec<String>,
}

/// One brand with what choosing it needs.
#[derive(Clone, Debug)]
pub struct CompiledBrand {
    brand: Brand,
    any_of: Vec<Sender>,
    values: Arc<BTreeMap<String, String>>,
}

impl CompiledBrand {
    /// The brand as it was given.
    pub fn brand(&self) -> &Brand {
        &self.brand
    }

    /// What templates see of it, by names such as `brand.primary`, with the default's values for those that it lacks.
    pub fn values(&self) -> &Arc<BTreeMap<String, String>> {
        &self.values
    }
}

impl Brands {
    /// Makes brands ready, given in order with the default last.
    pub fn compile(brands: Vec<Brand>) -> Self {
        let mut fields = Vec::new();
        let default = brands.last().cloned().unwrap_or_default();
        let brands = brands.into_iter().map(|brand| {
            let any_of = brand.senders.iter().map(|one| Sender::new(one, &mut fields)).collect();
            let mut values: BTreeMap<String, String> =
                brand.effective(&default).into_iter().map(|(token, value)| (format!("brand.{token}"), value)).collect();
            // What `{{ brand }}` by itself writes.
            values.insert("brand.display_name".into(), brand.name.clone());
            CompiledBrand { brand, any_of, values: Arc::new(values) }
        });
        let brands = brands.collect();
        Self { brands, fields }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.brands.is_empty()
    }

    /// The brands in order.
    pub fn iter(&self) -> impl Iterator<Item = &CompiledBrand> {
        self.brands.iter()
    }

    /// The tokens of all brands' own values.
    pub fn tokens(&self) -> BTreeSet<&str> {
        self.brands.iter().flat_map(|one| one.brand.values.keys()).map(String::as_str).collect()
    }

    /// The brand for a mail of `person` from the address `from`; `None`: there are no brands.
    pub fn choose(&self, person: &Person, from: &Address) -> Option<&CompiledBrand> {
        self.fitting(person, from).next()
    }

    /// The brand, and why; also which others fit.
    pub fn explain(&self, person: &Person, from: &Address, organisation: &Organisation) -> Option<Because> {
        let mut fitting = self.fitting(person, from);
        let chosen = &fitting.next()?.brand;
        let mut reason = if chosen.senders.is_empty() {
            let others = if self.brands.len() > 1 { ": no other brand fits the sender." } else { "." };
            format!("This is the default brand{others}")
        } else {
            let mut text = "This brand is for mail from ".to_owned();
            push_senders(&mut text, &chosen.senders, organisation);
            text + "."
        };
        let others: Vec<String> = fitting
            .filter(|other| !other.brand.senders.is_empty())
            .map(|other| format!("“{}”", other.brand.name))
            .collect();
        let verbs = if others.len() == 1 { "fits, too, but comes" } else { "fit, too, but come" };
        if !others.is_empty() {
            reason = [reason, others.join(", "), format!("{verbs} later in the order.")].join(" ");
        }
        Some(Because { rule: String::new(), name: format!("Brand “{}”", chosen.name), applied: true, reason })
    }

    /// The brands that fit, in order, the default last.
    pub fn fitting<'a, 'p>(
        &'a self,
        person: &'p Person,
        from: &'p Address,
    ) -> impl Iterator<Item = &'a CompiledBrand> + use<'a, 'p> {
        let values = values(&self.fields, person, from);
        let last = self.brands.len().saturating_sub(1);
        self.brands.iter().enumerate().filter_map(move |(at, one)| {
            (at == last || one.any_of.iter().any(|condition| condition.holds(person, from, &values))).then_some(one)
        })
    }
}
