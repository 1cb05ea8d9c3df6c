//! What somebody picks, as it is sent.

use crate::store::Picked;

impl From<::api::console::Picked> for Picked {
    fn from(picked: ::api::console::Picked) -> Self {
        Self { templates: picked.templates, rules: picked.rules }
    }
}
