//! What somebody gets, or would get with unpublished changes: looking at it, not sending it.

use super::{Refusal, Tenant, explain, fill, host_images, select};
use api::console::PartNames;
use email_signature::{Choice, CompiledTemplate, Draft, Part, Person, Problem, Rule, Selection, Signature, Template};
use std::sync::Arc;

/// Unpublished changes.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Templates that are new or say something else.
    pub templates: Vec<Template>,
    /// The rules, when they change.
    pub rules: Option<Vec<Rule>>,
}

/// What somebody gets.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// With hosted images.
    pub signature: Signature,
    /// The templates that it is made of, by id.
    pub choice: Choice,
}

impl Tenant {
    /// The same tenant as it would be with these changes.
    #[must_use]
    pub fn trying(&self, changes: Changes) -> Self {
        self.with_design(Arc::new(self.design().trying(changes)))
    }

    /// Of this tenant and the same with changes, the one that reads drafts with all that both ask for: recipients' groups are
    /// looked up only where some rule asks for them.
    #[must_use]
    pub fn reader<'a>(&'a self, changed: &'a Self) -> &'a Self {
        if changed.design().asks_groups { changed } else { self }
    }

    /// The templates of a choice by name.
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

    /// The templates that a draft of `user` gets, by id, without filling them.
    ///
    /// # Errors
    /// As [`super::signature_for`].
    pub fn choice_for(&self, user: &Person, draft: &Draft, now_ms: i64) -> Result<Choice, Refusal> {
        let (sender, draft) = self.sender(user, draft)?;
        Ok(select(&sender, &draft, self.rules(), self.organisation(), now_ms).choice)
    }

    /// What a draft of `user` gets, without saying why.
    ///
    /// # Errors
    /// As [`super::signature_for`].
    pub fn filled_for(&self, user: &Person, draft: &Draft, now_ms: i64) -> Result<Signature, Refusal> {
        let (sender, draft) = self.sender(user, draft)?;
        let selection = select(&sender, &draft, self.rules(), self.organisation(), now_ms);
        Ok(fill(self, &selection, &sender, &draft).0)
    }

    /// What a draft of `user` gets, to be looked at.
    ///
    /// # Errors
    /// As [`super::signature_for`].
    pub fn outcome_for(&self, user: &Person, draft: &Draft, now_ms: i64) -> Result<Outcome, Refusal> {
        let (sender, draft) = self.sender(user, draft)?;
        let (selection, because) = explain(&sender, &draft, self.rules(), self.organisation(), now_ms);
        let (mut signature, _) = fill(self, &selection, &sender, &draft);
        host_images(&mut signature, |_| false);
        signature.because = because;
        Ok(Outcome { signature, choice: selection.choice })
    }

    /// Somebody with the values that the server makes, for templates that are filled elsewhere.
    pub fn with_made_values(&self, person: &Person) -> Person {
        self.made().with_values(person, &person.address).into_owned()
    }

    /// What is wrong with a template, published or not.
    pub fn problems_of(&self, template: &Template) -> Vec<Problem> {
        CompiledTemplate::compile(template, self.image_urls()).1
    }

    /// One template filled by itself.
    pub fn fill_one(&self, template: &Template, person: &Person, draft: &Draft) -> Signature {
        let tenant = self.trying(Changes { templates: vec![template.clone()], rules: None });
        let mut choice = Choice::default();
        let id = Some(template.id.clone());
        match template.part {
            Part::Signature => choice.signature = id,
            Part::Campaign => choice.campaign = id,
            Part::Disclaimer => choice.disclaimer = id,
        }
        let selection = Selection { choice, ..Selection::default() };
        let (mut signature, _) = fill(&tenant, &selection, person, draft);
        host_images(&mut signature, |_| false);
        signature
    }

    /// Whether both fill these templates alike: neither was changed.
    pub fn same_templates(&self, other: &Self, choice: &Choice) -> bool {
        let same = |id: &str| match (self.prepared(id), other.prepared(id)) {
            (Some(one), Some(two)) => Arc::ptr_eq(one, two),
            (None, None) => true,
            _ => false,
        };
        Part::ALL.into_iter().filter_map(|part| choice.part(part)).all(same)
    }
}
