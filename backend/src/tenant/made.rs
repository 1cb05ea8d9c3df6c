//! What the server creates for signatures in addition to directory data: QR codes, and counted links.

use crate::clicks::links::Signer;
use crate::clicks::qr;
use email_signature::{Address, Person};
use std::borrow::Cow;
use std::sync::Arc;

/// Name of the value with the address of a QR code image of the person's vCard.
pub(crate) const VCARD_QR: &str = "vcard_qr";

/// Creates these values for one tenant.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    origin: Arc<str>,
    tenant: Arc<str>,
    /// Signer of addresses; without it, as on the command line, nothing is created.
    signer: Option<Arc<Signer>>,
    /// Whether links of campaigns lead through this server.
    count_clicks: bool,
}

impl Made {
    pub(super) fn new(origin: &str, tenant: &str, signer: Option<Arc<Signer>>, count_clicks: bool) -> Self {
        Self { origin: origin.into(), tenant: tenant.into(), signer, count_clicks }
    }

    /// The address of a hosted image.
    pub(super) fn image(&self, hash: &str, name: &str) -> String {
        format!("{}/images/{}/{hash}/{name}", self.origin, self.tenant)
    }

    /// The person with all created values, for a draft from `from`.
    pub(crate) fn with_values<'a>(&self, person: &'a Person, from: &Address) -> Cow<'a, Person> {
        let Some(signer) = &self.signer else { return Cow::Borrowed(person) };
        let name = signer.qr(&self.tenant, &qr::packed(&qr::vcard(person, from.as_str())));
        let mut person = person.clone();
        person.fields.insert(VCARD_QR.to_owned(), format!("{}/images/{}/qr/{name}", self.origin, self.tenant));
        Cow::Owned(person)
    }

    /// The counted address for a link of a campaign's banner; `None` to keep the link.
    pub(crate) fn counted_link(&self, campaign: &str, template: &str, url: &str) -> Option<String> {
        let signer = self.signer.as_ref().filter(|_| self.count_clicks)?;
        Some(format!("{}{}", self.origin, signer.link(&self.tenant, campaign, template, url)?))
    }
}
