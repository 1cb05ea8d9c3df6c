//! A tenant as it would be with unpublished changes.

use super::Tenant;
use api::console::PartNames;
use email_signature::{
    Address, Blocks, Brand, Brands, Choice, CompiledTemplate, Part, Person, Problem, Rule, Template,
};
use std::sync::Arc;

/// The name under which templates look at the brand.
pub(crate) const BRAND: &str = "brand";

/// Unpublished changes.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// New or changed templates and blocks.
    pub templates: Vec<Template>,
    /// The rules, if they change.
    pub rules: Option<Vec<Rule>>,
    /// The brands, if they change.
    pub brands: Option<Vec<Brand>>,
}

impl Tenant {
    /// The tenant as it would be with these changes.
    #[must_use]
    pub fn trying(&self, changes: Changes) -> Self {
        self.with_design(Arc::new(self.design().trying(changes)))
    }

    /// Names of the templates of a choice.
    pub fn names(&self, choice: &Choice) -> PartNames {
        let name = |part: Part| {
            let id = choice.part(part)?;
            Some(self.template(id).map_or(id, |template| template.compiled.name()).to_owned())
        };
        PartNames {
            signature: name(Part::Signature),
            campaign: name(Part::Campaign),
            disclaimer: name(Part::Disclaimer),
        }
    }

    /// A person with the values that the server creates, for templates that are filled elsewhere.
    pub fn with_made_values(&self, person: &Person) -> Person {
        self.made().with_values(person, &person.address).into_owned()
    }

    /// Problems with a template, published or not, with these blocks.
    pub fn problems_of(&self, template: &Template, blocks: &Blocks) -> Vec<Problem> {
        CompiledTemplate::compile_with(template, blocks, self.image_urls()).1
    }

    /// The published blocks.
    pub fn blocks(&self) -> &Blocks {
        self.design().blocks.blocks()
    }

    /// Whether these templates are the same in both.
    pub fn same_templates(&self, other: &Self, choice: &Choice) -> bool {
        Part::ALL.into_iter().filter_map(|part| choice.part(part)).all(|id| self.same_template(other, id))
    }

    /// Whether a person's mail from this address shows the same brand in both, as far as these templates ask for it.
    pub fn same_brand(&self, other: &Self, choice: &Choice, person: &Person, from: &Address) -> bool {
        Part::ALL.into_iter().filter_map(|part| choice.part(part)).all(|id| self.same_brand_in(other, id, person, from))
    }

    /// The same of one template.
    pub fn same_brand_in(&self, other: &Self, template: &str, person: &Person, from: &Address) -> bool {
        if Arc::ptr_eq(self.brands(), other.brands()) {
            return true;
        }
        if !other.template(template).is_some_and(|prepared| prepared.compiled.uses(BRAND)) {
            return true;
        }
        let values = |tenant: &Self| tenant.brands().choose(person, from).map(|brand| Arc::clone(brand.values()));
        values(self) == values(other)
    }

    /// The published brands.
    pub fn brands(&self) -> &Arc<Brands> {
        &self.design().brands
    }

    /// Whether a template is the same in both.
    pub fn same_template(&self, other: &Self, id: &str) -> bool {
        match (self.prepared(id), other.prepared(id)) {
            (Some(one), Some(two)) => Arc::ptr_eq(one, two),
            (None, None) => true,
            _ => false,
        }
    }
}
