//! THE verb: the signature for a draft. Add-in, relay, simulator and command line all come through here.

mod cache;
mod design;
mod draft;
mod images;
mod index;
mod made;
mod order;
mod stale;
mod tenant;
mod trial;

pub use cache::Signing;
pub use index::{Page, PeopleIndex, Search};
pub use order::fold;
pub use stale::Staleness;
pub use tenant::Tenant;
pub use trial::{Changes, Outcome};

use design::Prepared;
use email_signature::{
    CompiledTemplate, Draft, Part, Person, Problem, Selection, Signature, explain, is_offered, render_leading, select,
};
use std::borrow::Cow;
use std::sync::Arc;

/// A signature, with what the wire needs beyond the core's.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The core's answer; `because` filled by [`explained`] alone.
    pub signature: Signature,
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

/// Why somebody gets no signature.
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
/// [`Refusal::NotYours`], also for an address of the tenant's domains that nobody has. One of another domain gives the
/// user's own signature, as from their own address.
pub fn signature_for(
    tenant: &Tenant,
    user: &Person,
    draft: &Draft,
    choice: Option<&str>,
    now_ms: i64,
) -> Result<Signed, Refusal> {
    let (sender, draft) = tenant.sender(user, draft)?;
    let (sender, draft) = (&*sender, &*draft);
    let mut selection = select(sender, draft, tenant.rules(), tenant.organisation(), now_ms);
    if let Some(chosen) = choice.and_then(|id| tenant.template(id)).filter(|chosen| offered(chosen, sender, draft)) {
        selection.choice.signature = Some(chosen.compiled.id().to_owned());
    }
    let (mut signature, name) = fill(tenant, &selection, sender, draft);
    let images = attachments(tenant, &mut signature);
    Ok(Signed { signature, name, images })
}

/// [`signature_for`], saying for each rule why it does or does not apply: with many rules that is most of the work.
///
/// # Errors
/// As [`signature_for`].
pub fn explained(
    tenant: &Tenant,
    user: &Person,
    draft: &Draft,
    choice: Option<&str>,
    now_ms: i64,
) -> Result<Signed, Refusal> {
    let mut signed = signature_for(tenant, user, draft, choice, now_ms)?;
    let (sender, draft) = tenant.sender(user, draft)?;
    signed.signature.because = explain(&sender, &draft, tenant.rules(), tenant.organisation(), now_ms).1;
    Ok(signed)
}

/// The signatures that `user` may choose from for a draft, in the order of their names, without the one that the rules
/// give; with hosted images.
///
/// # Errors
/// As [`signature_for`].
pub fn choices_for(tenant: &Tenant, user: &Person, draft: &Draft, now_ms: i64) -> Result<Vec<api::Offered>, Refusal> {
    let (sender, draft) = tenant.sender(user, draft)?;
    let (sender, draft) = (&*sender, &*draft);
    let given = select(sender, draft, tenant.rules(), tenant.organisation(), now_ms);
    let mut choices = Vec::new();
    for template in tenant.templates().filter(|template| offered(template, sender, draft)) {
        let id = template.compiled.id();
        if given.choice.signature.as_deref() == Some(id) {
            continue;
        }
        let mut wanted = given.clone();
        wanted.choice.signature = Some(id.to_owned());
        let (mut signature, _) = fill(tenant, &wanted, sender, draft);
        host_images(&mut signature, |_| false);
        choices.push(api::Offered {
            template: id.to_owned(),
            name: template.compiled.name().to_owned(),
            html: signature.html,
            text: signature.text,
        });
    }
    choices.sort_by(|a, b| (a.name.to_lowercase(), &a.template).cmp(&(b.name.to_lowercase(), &b.template)));
    Ok(choices)
}

/// Only signatures can be chosen, and only where the template is offered to whom the draft comes from.
fn offered(template: &Prepared, sender: &Person, draft: &Draft) -> bool {
    template.compiled.part() == Part::Signature && is_offered(template.offered_to.as_deref(), sender, &draft.from)
}

/// The signature with the selected parts, and the name of its signature template.
fn fill(tenant: &Tenant, selection: &Selection, sender: &Person, draft: &Draft) -> (Signature, Option<String>) {
    let mut templates: Vec<&CompiledTemplate> = Vec::with_capacity(Part::ALL.len());
    let mut missing = Vec::new();
    for id in Part::ALL.into_iter().filter_map(|part| selection.choice.part(part)) {
        match tenant.template(id) {
            Some(template) => templates.push(&template.compiled),
            None => missing.push(Problem {
                source: id.to_owned(),
                detail: format!("A rule gives the template {id:?}, which does not exist: correct the rule, or add it."),
            }),
        }
    }
    let made = tenant.made();
    let with_values = templates.iter().any(|template| template.uses(made::VCARD_QR));
    let sender = if with_values { made.with_values(sender, &draft.from) } else { Cow::Borrowed(sender) };
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
