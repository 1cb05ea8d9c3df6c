//! Importing a document's people and their details in batches: all at once would take hundreds of megabytes.

use super::document::People;
use super::wanted::{ImportError, Named, PeopleRows};
use super::{GROUPS, Import, text};
use crate::store::rows::{Cell, Counts, Difference, Rows, Table};
use crate::store::{CompanyPerson, Error, Source, Write};
use email_signature::Address;
use futures_util::TryStreamExt;
use std::collections::{BTreeMap, BTreeSet};

const PEOPLE: Table = Table { name: "people", key: &["id"], values: &["oid", "shared"], keep: true };
const ADDRESSES: Table = Table { name: "addresses", key: &["address"], values: &["person", "position"], keep: false };
const MEMBERSHIPS: Table = Table { name: "memberships", key: &["person", "group_id"], values: &[], keep: false };
const VALUES: Table = Table { name: "person_values", key: &["person", "source"], values: &["fields"], keep: true };
const SEND_AS: Table = Table { name: "send_as", key: &["mailbox", "person"], values: &[], keep: false };

/// The batches of a document while they are written, and their changes so far.
struct Packs<'a> {
    tenant: &'a str,
    named: &'a Named,
    /// Object ids that were taken from their holders, by holder.
    released: BTreeMap<String, String>,
    people: Counts,
    details: Counts,
    /// Addresses that one batch removed from a person and a later batch adds to another.
    moved: usize,
}

impl<P: People> Import<'_, P> {
    /// Imports all people of the document; returns the counts of people and of their details.
    pub(super) async fn everybody(&self, write: &mut Write, tenant: &str) -> Result<(Counts, Counts), ImportError> {
        let released = self.release_oids(write, tenant).await?;
        let (people, details) = (Counts::default(), Counts::default());
        let mut packs = Packs { tenant, named: &self.rows.named, released, people, details, moved: 0 };
        let groups = GROUPS.read(write, tenant).await?;
        for pack in self.company.people.packs() {
            let rows = PeopleRows::of(&pack?);
            check_groups(&rows.memberships, &groups)?;
            packs.write(write, rows).await?;
        }
        // A person with an address exists, even if all sources had lost them before.
        sqlx::query(
            "update people set gone_ms = null where tenant = $1 and gone_ms is not null
                 and id in (select person from addresses where tenant = $1)",
        )
        .bind(tenant)
        .execute(&mut **write)
        .await
        .map_err(Error::from)?;
        for pack in self.company.people.packs() {
            packs.details += grants(write, tenant, &pack?).await?;
        }
        let Packs { people, mut details, moved, .. } = packs;
        details.added -= moved;
        details.removed -= moved;
        details.changed += moved;
        Ok((people, details))
    }

    /// Removes object ids from their current holders before their new holders get them, because object ids are unique at all
    /// times. Returns the removed ids by holder.
    async fn release_oids(&self, write: &mut Write, tenant: &str) -> Result<BTreeMap<String, String>, ImportError> {
        let named = &self.rows.named;
        let mut released = BTreeMap::new();
        {
            let select = sqlx::query_as("select id, oid from people where tenant = $1 and oid is not null");
            let mut holders = select.bind(tenant).fetch(&mut **write);
            while let Some((holder, oid)) = holders.try_next().await.map_err(Error::from)? {
                let (holder, oid): (String, String) = (holder, oid);
                let Some(claimant) = named.oids.get(oid.as_str()).filter(|claimant| ***claimant != *holder) else {
                    continue;
                };
                if !named.ids.contains(holder.as_str()) {
                    return Err(ImportError::Document(format!(
                        "people {claimant:?}: the oid belongs to {holder:?}, who is not in the document: add them, or \
                         correct the oid"
                    )));
                }
                released.insert(holder, oid);
            }
        }
        for holder in released.keys() {
            let clear = sqlx::query("update people set oid = null where tenant = $1 and id = $2");
            clear.bind(tenant).bind(holder).execute(&mut **write).await.map_err(Error::from)?;
        }
        Ok(released)
    }
}

impl Packs<'_> {
    /// Imports a batch of people, with their addresses, groups and values.
    async fn write(&mut self, write: &mut Write, mut rows: PeopleRows) -> Result<(), ImportError> {
        let tenant = self.tenant;
        let keys: Vec<Vec<Cell>> = rows.people.keys().cloned().collect();
        let ids: Vec<&str> = keys.iter().map(|key| text(&key[0])).collect();
        let mut stored = PEOPLE.read_with(write, tenant, "id", &ids).await?;
        for (key, old) in &mut stored {
            if let Some(oid) = self.released.get(text(&key[0])) {
                old[0] = oid.as_str().into();
            }
            // A linked person stays linked if the document has no object id for them and gives theirs to nobody else.
            if let Some(new) = rows.people.get_mut(key)
                && new[0] == Cell::Null
                && !self.named.oids.contains_key(text(&old[0]))
            {
                new[0] = old[0].clone();
            }
        }
        self.people += PEOPLE.reconcile(write, tenant, &Difference::new(&stored, &rows.people, |_, _| false)).await?;
        self.addresses(write, &rows, &ids).await?;
        let stored = MEMBERSHIPS.read_with(write, tenant, "person", &ids).await?;
        self.details += MEMBERSHIPS.reconcile(write, tenant, &Difference::new(&stored, &rows.memberships, all)).await?;
        let stored = VALUES.read_with(write, tenant, "person", &ids).await?;
        let ours = |key: &[Cell], _: &[Cell]| text(&key[1]) == Source::Entra.as_str();
        self.details += VALUES.reconcile(write, tenant, &Difference::new(&stored, &rows.values, ours)).await?;
        Ok(())
    }

    async fn addresses(&mut self, write: &mut Write, rows: &PeopleRows, ids: &[&str]) -> Result<(), ImportError> {
        let Self { tenant, named, .. } = *self;
        let addresses: Vec<&str> = rows.addresses.keys().map(|key| text(&key[0])).collect();
        let mut stored = ADDRESSES.read_with(write, tenant, "address", &addresses).await?;
        for (address, old) in &stored {
            let new = &rows.addresses[address];
            if old[0] != new[0] && !named.ids.contains(text(&old[0])) {
                return Err(ImportError::Document(format!(
                    "people {}: the address {} belongs to {}, who is not in the document: add them without this \
                     address",
                    text(&new[0]),
                    text(&address[0]),
                    text(&old[0])
                )));
            }
        }
        let theirs = ADDRESSES.read_with(write, tenant, "person", ids).await?;
        let goes = |key: &&Vec<Cell>| !rows.addresses.contains_key(*key) && named.addresses.contains(text(&key[0]));
        self.moved += theirs.keys().filter(goes).count();
        stored.extend(theirs);
        self.details += ADDRESSES.reconcile(write, tenant, &Difference::new(&stored, &rows.addresses, all)).await?;
        Ok(())
    }
}

/// All rows that were read belong to the document.
fn all(_: &[Cell], _: &[Cell]) -> bool {
    true
}

fn check_groups(memberships: &Rows, groups: &Rows) -> Result<(), ImportError> {
    match memberships.keys().find(|key| !groups.contains_key(&key[1..])) {
        None => Ok(()),
        Some(key) => Err(ImportError::Document(format!(
            "people {}: there is no group {}: add it to groups, or correct the id",
            text(&key[0]),
            text(&key[1])
        ))),
    }
}

/// Imports who can send from these mailboxes. All addresses are written already.
async fn grants(write: &mut Write, tenant: &str, mailboxes: &[CompanyPerson]) -> Result<Counts, ImportError> {
    let senders: BTreeSet<&str> = mailboxes.iter().flat_map(|mailbox| &mailbox.send_as).map(Address::as_str).collect();
    let senders: Vec<&str> = senders.into_iter().collect();
    let owners = ADDRESSES.read_with(write, tenant, "address", &senders).await?;
    let mut wanted = Rows::new();
    for mailbox in mailboxes {
        for address in &mailbox.send_as {
            let Some(owner) = owners.get(&vec![Cell::from(address.as_str())]) else {
                return Err(ImportError::Document(format!(
                    "people {:?}: no person has the address {address} in send_as: add them to people, or correct the \
                     address",
                    mailbox.id
                )));
            };
            wanted.insert(vec![mailbox.id.as_str().into(), owner[0].clone()], Vec::new());
        }
    }
    let ids: Vec<&str> = mailboxes.iter().map(|mailbox| mailbox.id.as_str()).collect();
    let stored = SEND_AS.read_with(write, tenant, "mailbox", &ids).await?;
    Ok(SEND_AS.reconcile(write, tenant, &Difference::new(&stored, &wanted, all)).await?)
}
