//! THE verb: the signature for a draft. Add-in, relay, simulator and command line all come through here.

mod tenant;

pub use tenant::Tenant;

use crate::clock::Clock;
use crate::store::{self, Store};
use email_signature::{Draft, Person, Signature};
use std::sync::Arc;

/// The tenants in memory, each following its version in the database.
#[derive(Clone, Debug)]
pub struct Signing {}

impl Signing {
    /// `origin` is what hosted images' addresses begin with, such as `https://paraph.example.com`.
    pub fn new(store: Store, clock: Clock, origin: String) -> Self {
        let _ = (store, clock, origin);
        Self {}
    }

    /// The tenant with this Entra id, as it was at most a second ago; `None` when we do not know it.
    ///
    /// # Errors
    /// When the database does not answer; a failure stands for a second, so that a dead database is not asked for every draft.
    pub async fn tenant(&self, entra_id: &str) -> Result<Option<Arc<Tenant>>, store::Error> {
        let _ = entra_id;
        todo!()
    }

    /// After a write of our own: the next [`Signing::tenant`] shows it.
    pub fn forget(&self, tenant: &Tenant) {
        let _ = tenant;
    }
}

/// A signature, with what the wire needs beyond the core's.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The core's answer, `because` filled.
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
    /// The address in From is another person's, or a mailbox that they may not send from.
    #[error("you may not send from this address: ask your administrator to let you send as it")]
    NotYours,
}

/// The signature for a draft of `user`. A `choice` takes the signature part's place when it is offered to the sender, and
/// is ignored otherwise.
///
/// # Errors
/// [`Refusal::NotYours`]. An address that nobody in the directory has gives the user's own signature.
pub fn signature_for(
    tenant: &Tenant,
    user: &Person,
    draft: &Draft,
    choice: Option<&str>,
    now_ms: i64,
) -> Result<Signed, Refusal> {
    let _ = (tenant, user, draft, choice, now_ms);
    todo!()
}

/// The signatures that `user` may choose from for a draft, in the order of their names, without the one that the rules
/// give; with hosted images.
///
/// # Errors
/// As [`signature_for`].
pub fn choices_for(
    tenant: &Tenant,
    user: &Person,
    draft: &Draft,
    now_ms: i64,
) -> Result<Vec<api::Offered>, Refusal> {
    let _ = (tenant, user, draft, now_ms);
    todo!()
}
