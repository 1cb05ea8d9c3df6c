//! A tenant in memory.

use crate::store::FieldDefinition;
use email_signature::{Address, Draft, Person};
use std::sync::Arc;

/// Everything of one tenant that signatures need, ready to use.
#[derive(Debug)]
pub struct Tenant {
    /// Our id: what image addresses and the store use.
    pub id: String,
    /// The Entra tenant id, lower case.
    pub entra_id: String,
    /// The organisation's name.
    pub name: String,
    /// Its mail domains, lower case.
    pub domains: Vec<String>,
    /// The version of the tenant that this is.
    pub version: i64,
}

impl Tenant {
    /// Who signed in with this Entra object id. Shared mailboxes do not sign in.
    pub fn person_by_oid(&self, oid: &str) -> Option<&Person> {
        let _ = oid;
        todo!()
    }

    /// Who, or which shared mailbox, has this primary or alias address; any case.
    pub fn person_by_address(&self, address: &str) -> Option<&Person> {
        let _ = address;
        todo!()
    }

    /// The person with this primary address who has no Entra object id yet, for the first sign-in by address.
    pub fn unlinked_person_by_address(&self, address: &str) -> Option<&Person> {
        let _ = address;
        todo!()
    }

    /// Everybody and every shared mailbox, sorted by id.
    pub fn people(&self) -> impl Iterator<Item = &Person> {
        std::iter::empty()
    }

    /// Whether this is a shared mailbox.
    pub fn is_shared(&self, person: &Person) -> bool {
        let _ = person;
        todo!()
    }

    /// The Entra object id, once they are linked.
    pub fn oid(&self, person: &Person) -> Option<&str> {
        let _ = person;
        todo!()
    }

    /// Name of a group.
    pub fn group_name(&self, id: &str) -> Option<&str> {
        let _ = id;
        todo!()
    }

    /// Every address that they may send from: their own, their aliases, mailboxes that let them.
    pub fn senders(&self, person: &Person) -> Vec<Address> {
        let _ = person;
        todo!()
    }

    /// Fields that are custom or editable, in the admin's order.
    pub fn fields(&self) -> &[FieldDefinition] {
        todo!()
    }

    /// The person's own value (source `self`) of a field, which removing would undo.
    pub fn own_value(&self, person: &Person, token: &str) -> Option<&str> {
        let _ = (person, token);
        todo!()
    }

    /// Bytes of an image that some template attaches.
    pub fn image_bytes(&self, hash: &str) -> Option<Arc<[u8]>> {
        let _ = hash;
        todo!()
    }

    /// What the core needs to know of a draft from the wire: From filled in, addresses parsed, recipients' groups looked up.
    ///
    /// # Errors
    /// Every field at fault, named as in the body: `recipients[3].address`.
    pub fn draft(&self, user: &Person, draft: &api::Draft) -> Result<Draft, Vec<api::ErrorDetail>> {
        let _ = (user, draft);
        todo!()
    }
}
