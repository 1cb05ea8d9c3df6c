//! A tenant as it would be with unpublished changes.

use super::Tenant;
use api::console::PartNames;
use email_signature::{Blocks, Choice, CompiledTemplate, Part, Person, Problem, Rule, Template};
use std::sync::Arc;

/// Unpublished changes.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// New or changed templates and blocks.
    pub templates: Vec<Template>,
    /// The rules, if they change.
    pub rules: Option<Vec<Rule>>,
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

    /// Whether a template is the same in both.
    pub fn same_template(&self, other: &Self, id: &str) -> bool {
        match (self.prepared(id), other.prepared(id)) {
            (Some(one), Some(two)) => Arc::ptr_eq(one, two),
            (None, None) => true,
            _ => false,
        }
    }
}
