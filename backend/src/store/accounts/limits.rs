//! What an editor is limited to.

use crate::store::Error;
use email_signature::Brand;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::BTreeSet;

/// The part of a tenant's design that an editor can change. They see everything, as a viewer does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Folders whose templates and blocks they can change.
    #[serde(default)]
    pub folders: BTreeSet<String>,
    /// Ids of the brands that they can change.
    #[serde(default)]
    pub brands: BTreeSet<String>,
}

impl Limits {
    /// Whether they can change a template in all of these folders.
    pub fn cover<'a>(&self, folders: impl IntoIterator<Item = &'a str>) -> bool {
        folders.into_iter().all(|folder| self.folders.contains(folder))
    }

    /// Whether a change of brands stays within the limits: an editor can change what their own brands show, but neither the
    /// order of brands nor who gets which.
    pub fn cover_brands(&self, before: &[Brand], after: &[Brand]) -> bool {
        let covers = |(before, after): (&Brand, &Brand)| {
            before == after
                || before.id == after.id && before.senders == after.senders && self.brands.contains(&before.id)
        };
        before.len() == after.len() && before.iter().zip(after).all(covers)
    }

    /// `brands` with what their own brands show taken from `own`: all that they can publish or discard.
    pub fn with_own(&self, brands: &[Brand], own: &[Brand]) -> Vec<Brand> {
        let with_own = |brand: &Brand| match own.iter().find(|one| one.id == brand.id) {
            Some(own) if self.brands.contains(&brand.id) => Brand { senders: brand.senders.clone(), ..own.clone() },
            _ => brand.clone(),
        };
        brands.iter().map(with_own).collect()
    }

    /// The folders, as the end of a sentence.
    pub fn words(&self) -> String {
        let names: Vec<_> = self.folders.iter().map(|folder| format!("“{folder}”")).collect();
        match (names.as_slice(), self.brands.len()) {
            ([], 0) => "limited to no folder".to_owned(),
            ([], 1) => "limited to one brand".to_owned(),
            ([], brands) => format!("limited to {brands} brands"),
            ([one], 0) => format!("limited to the folder {one}"),
            (_, 0) => format!("limited to the folders {}", names.join(", ")),
            _ => format!("limited to {} and some brands", names.join(", ")),
        }
    }

    /// The stored form.
    pub(in crate::store) fn text(limits: Option<&Self>) -> Result<Option<String>, Error> {
        let text = limits.map(serde_json::to_string).transpose();
        text.map_err(|error| Error::Corrupt(format!("limits: {error}")))
    }

    /// Reads a row's column.
    pub(in crate::store) fn read(row: &AnyRow, at: usize) -> Result<Option<Self>, Error> {
        let text: Option<String> = row.try_get(at)?;
        let limits = text.as_deref().map(serde_json::from_str).transpose();
        limits.map_err(|error| Error::Corrupt(format!("limits: {error}")))
    }
}
