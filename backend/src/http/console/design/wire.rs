//! Picked changes, converted from JSON.

use crate::store::Picked;

impl From<::api::console::Picked> for Picked {
    fn from(picked: ::api::console::Picked) -> Self {
        Self { templates: picked.templates, rules: picked.rules, brands: picked.brands }
    }
}
