//! THE verb: the signature for a draft. Add-in, relay, console, comparisons and command line all come through here.

mod draft;
mod others;
mod typed;

use crate::tenant::{Changes, Prepared, Tenant, VCARD_QR};
use draft::sender_of;
use email_signature::{
    Choice, CompiledTemplate, Draft, Kind, Part, Person, Problem, Selection, Signature, Template, explain, is_offered,
    render_leading, select,
};
use std::borrow::Cow;
use std::sync::Arc;

pub use draft::read_draft;
pub use others::preview_person;
pub use typed::breaks_link;

/// The name under which templates look at the draft's kind.
const KIND: &str = "kind";

/// A signature, with what the wire needs beyond the core's.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The core's answer; `because` filled by [`Selected::fill_explained`] alone.
    pub signature: Signature,
    /// The templates that it is made of, by id.
    pub choice: Choice,
    /// Name of the signature template in use.
    pub name: Option<String>,
    /// The images that the HTML uses as `cid:`.
    pub images: Vec<SignedImage>,
}

/// An image to attach.
#[derive(Clone, Debug)]
pub struct SignedImage {
    /// The name behind `cid:`.
    pub cid: String,
    /// Its hosted address.
    pub url: String,
    /// The file.
    pub bytes: Arc<[u8]>,
}

/// Why a person gets no signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The address in From is another person's, a mailbox that they may not send from, or made up in one of our domains.
    #[error("you may not send from this address: ask your administrator to let you send as it")]
    NotYours,
}

/// The signature for a draft of `user`. A `choice` takes the signature part's place when it is offered to the sender, and
/// is ignored otherwise.
///
/// # Errors
/// As [`select_for`].
pub fn signature_for(
    tenant: &Tenant,
    user: &Person,
    draft: &Draft,
    choice: Option<&str>,
    now_ms: i64,
) -> Result<Signed, Refusal> {
    Ok(select_for(tenant, user, draft, choice, now_ms)?.fill())
}

/// The first half of [`signature_for`]: the sender and the templates that a draft of `user` gets. Callers that need
/// only the choice, or render it differently, use this too.
///
/// # Errors
/// [`Refusal::NotYours`], also for an address of the tenant's domains that nobody has. An address of another domain gives
/// the user's own signature, as from their own address.
pub fn select_for<'a>(
    tenant: &'a Tenant,
    user: &'a Person,
    draft: &'a Draft,
    choice: Option<&str>,
    now_ms: i64,
) -> Result<Selected<'a>, Refusal> {
    let (sender, draft) = sender_of(tenant, user, draft)?;
    let mut selection = select(&sender, &draft, tenant.rules(), tenant.organisation(), now_ms);
    let chosen = choice.and_then(|id| tenant.template(id)).filter(|chosen| offered(chosen, &sender, &draft));
    if let Some(chosen) = chosen {
        selection.choice.signature = Some(chosen.compiled.id().to_owned());
    }
    Ok(Selected { tenant, user: Cow::Borrowed(user), sender, draft, selection, now_ms })
}

/// The sender of a draft, and the templates that it gets.
#[derive(Clone, Debug)]
pub struct Selected<'a> {
    tenant: &'a Tenant,
    /// Who is signed in.
    user: Cow<'a, Person>,
    sender: Cow<'a, Person>,
    draft: Cow<'a, Draft>,
    selection: Selection,
    now_ms: i64,
}

impl Selected<'_> {
    /// The templates, by id.
    pub fn choice(&self) -> &Choice {
        &self.selection.choice
    }

    /// Id of the rule that added the campaign.
    pub fn campaign(&self) -> Option<&str> {
        self.selection.campaign.as_deref()
    }

    /// Whether one of the templates looks at the draft's kind.
    pub fn depends_on_kind(&self) -> bool {
        let choice = &self.selection.choice;
        let mut templates = Part::ALL.into_iter().filter_map(|part| self.tenant.template(choice.part(part)?));
        templates.any(|template| template.compiled.uses(KIND))
    }

    /// Whether the sender's brand is the same in two states of the tenant, as far as the templates ask for it.
    pub(crate) fn has_same_brand(&self, one: &Tenant, other: &Tenant) -> bool {
        one.same_brand(other, &self.selection.choice, &self.sender, &self.draft.from)
    }

    /// The same templates for the same draft of another kind.
    #[must_use]
    pub fn for_kind(&self, kind: Kind) -> Self {
        let mut other = self.clone();
        if other.draft.kind != kind {
            other.draft.to_mut().kind = kind;
        }
        other
    }

    /// The signature; images that templates attach are attached.
    pub fn fill(&self) -> Signed {
        let (mut signature, name) = fill(self);
        let images = attachments(self.tenant, &mut signature);
        Signed { signature, choice: self.selection.choice.clone(), name, images }
    }

    /// [`Selected::fill`], saying for each rule why it does or does not apply, and which brand was chosen: with many rules
    /// that is most of the work.
    pub fn fill_explained(&self) -> Signed {
        let mut signed = self.fill();
        let (tenant, now_ms) = (self.tenant, self.now_ms);
        let (sender, draft, organisation) = (&self.sender, &self.draft, tenant.organisation());
        signed.signature.because = explain(sender, draft, tenant.rules(), organisation, now_ms).1;
        signed.signature.because.extend(tenant.brands().explain(sender, &draft.from, organisation));
        signed
    }
}

impl Signed {
    /// The same with only hosted images, for display in a browser.
    #[must_use]
    pub fn hosted(mut self) -> Self {
        host_images(&mut self.signature, |_| false);
        self.images.clear();
        self
    }
}

/// The signatures that `user` may choose from for a draft, in the order of their names, without the one that the rules
/// give; with hosted images.
///
/// # Errors
/// As [`select_for`].
pub fn choices_for(tenant: &Tenant, user: &Person, draft: &Draft, now_ms: i64) -> Result<Vec<Offered>, Refusal> {
    let given = select_for(tenant, user, draft, None, now_ms)?;
    let mut choices = Vec::new();
    for template in tenant.templates().filter(|template| offered(template, &given.sender, &given.draft)) {
        let id = template.compiled.id();
        if given.choice().signature.as_deref() == Some(id) {
            continue;
        }
        let mut wanted = given.clone();
        wanted.selection.choice.signature = Some(id.to_owned());
        let (template, name) = (id.to_owned(), template.compiled.name().to_owned());
        choices.push(Offered { template, name, signature: wanted.fill().hosted().signature });
    }
    choices.sort_by(|a, b| (a.name.to_lowercase(), &a.template).cmp(&(b.name.to_lowercase(), &b.template)));
    Ok(choices)
}

/// A signature that a person can choose.
#[derive(Clone, Debug)]
pub struct Offered {
    /// The template's id.
    pub template: String,
    /// Its name.
    pub name: String,
    /// With hosted images.
    pub signature: Signature,
}

/// One template or block filled by itself, with hosted images, as if the rules gave nothing else.
pub fn fill_one(tenant: &Tenant, template: &Template, person: &Person, draft: &Draft, now_ms: i64) -> Signature {
    let part = if template.part == Part::Block { Part::Signature } else { template.part };
    let template = Template { part, ..template.clone() };
    let tenant = tenant.trying(Changes { templates: vec![template.clone()], ..Changes::default() });
    let mut choice = Choice::default();
    *choice.part_mut(template.part) = Some(template.id.clone());
    let selection = Selection { choice, ..Selection::default() };
    let (user, sender, draft) = (Cow::Borrowed(person), Cow::Borrowed(person), Cow::Borrowed(draft));
    Selected { tenant: &tenant, user, sender, draft, selection, now_ms }.fill().hosted().signature
}

/// One published or tried template of the tenant filled by itself, as part of what a person gets; images that it
/// attaches are left as they are.
pub fn fill_part(tenant: &Tenant, template: &str, person: &Person, draft: &Draft, now_ms: i64) -> Signature {
    let mut choice = Choice::default();
    let part = tenant.template(template).map_or(Part::Signature, |template| template.compiled.part());
    *choice.part_mut(part) = Some(template.to_owned());
    let selection = Selection { choice, ..Selection::default() };
    let (user, sender, draft) = (Cow::Borrowed(person), Cow::Borrowed(person), Cow::Borrowed(draft));
    fill(&Selected { tenant, user, sender, draft, selection, now_ms }).0
}

/// Only signatures can be chosen, and only where the template is offered to whom the draft comes from.
fn offered(template: &Prepared, sender: &Person, draft: &Draft) -> bool {
    template.compiled.part() == Part::Signature && is_offered(template.offered_to.as_deref(), sender, &draft.from)
}

/// The signature with the selected parts, and the name of its signature template.
fn fill(selected: &Selected<'_>) -> (Signature, Option<String>) {
    let Selected { tenant, sender, draft, selection, .. } = selected;
    let mut templates: Vec<&CompiledTemplate> = Vec::with_capacity(Part::ALL.len());
    let mut missing = Vec::new();
    for id in Part::ALL.into_iter().filter_map(|part| selection.choice.part(part)) {
        match tenant.template(id) {
            Some(template) => templates.push(&template.compiled),
            None => missing.push(Problem {
                source: id.to_owned(),
                detail: format!(
                    "A rule uses the template {id:?}, which does not exist: correct the rule, or add the template."
                ),
            }),
        }
    }
    let made = tenant.made();
    let with_values = templates.iter().any(|template| template.uses(VCARD_QR));
    let sender = if with_values { made.with_values(sender, &draft.from) } else { Cow::Borrowed(&**sender) };
    let sender = others::with_others(selected, sender, &templates);
    let campaign = selection.campaign.as_deref().zip(selection.choice.campaign.as_deref());
    let lead = |url: &str| campaign.and_then(|(rule, template)| made.counted_link(rule, template, url));
    let mut signature = render_leading(&templates, &sender, draft, &lead);
    signature.problems.extend(missing);
    let name =
        templates.iter().find(|template| template.part() == Part::Signature).map(|template| template.name().to_owned());
    (signature, name)
}

/// The files behind `cid:`; an image whose file is not at hand becomes a hosted one.
fn attachments(tenant: &Tenant, signature: &mut Signature) -> Vec<SignedImage> {
    host_images(signature, |image| tenant.image_file(&image.name).is_some());
    let attached = signature.images.iter().filter_map(|image| {
        let bytes = tenant.image_file(&image.name)?;
        Some(SignedImage { cid: image.cid.clone()?, url: image.url.clone(), bytes })
    });
    attached.collect()
}

/// Turns `cid:` images into links, but for those to `keep`.
fn host_images(signature: &mut Signature, keep: impl Fn(&email_signature::Image) -> bool) {
    for image in &mut signature.images {
        if image.cid.is_some()
            && !keep(image)
            && let Some(cid) = image.cid.take()
        {
            signature.html = signature.html.replace(&format!("\"cid:{cid}\""), &format!("\"{}\"", image.url));
        }
    }
}
