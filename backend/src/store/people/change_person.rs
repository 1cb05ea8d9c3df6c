//! Changes to one person by an admin or editor: each in one transaction, with one audit entry.

use super::own_fields::no_such_person;
use super::person_detail;
use super::values;
use crate::store::audit::{self, By, Deed};
use crate::store::tenants::changes::About;
use crate::store::tenants::record;
use crate::store::{Error, PersonData, Source, Store, Write};
use email_signature::Address;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A change to a person; `None` leaves a property unchanged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonChange {
    /// Values entered by hand, by token; `None` restores the values from other sources.
    pub fields: BTreeMap<String, Option<ByHand>>,
    /// The other addresses, in order.
    pub aliases: Option<Vec<Address>>,
    /// Ids of the people who can send from this mailbox.
    pub senders: Option<Vec<String>>,
    /// Ids of their groups.
    pub groups: Option<Vec<String>>,
}

/// A value entered by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByHand {
    /// The value; empty to show nothing.
    pub value: String,
    /// Whether it also takes precedence over the person's own value.
    pub locked: bool,
}

/// Which person of which tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonKey<'a> {
    /// The tenant's id.
    pub tenant: &'a str,
    /// The person's id.
    pub person: &'a str,
}

/// Somebody to be added by hand.
#[derive(Clone, Copy, Debug)]
pub struct NewPerson<'a> {
    /// Their id from now on.
    pub id: &'a str,
    /// Their primary address.
    pub address: &'a Address,
    /// Whether they are a shared mailbox.
    pub shared: bool,
    /// Their values by token.
    pub fields: &'a BTreeMap<String, String>,
}

/// Why a person was not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// The address belongs to another person.
    #[error("{address} belongs to {owner}: remove it from them first, or enter another one")]
    Taken {
        /// The address.
        address: String,
        /// Primary address of its owner.
        owner: String,
    },
    /// There is no group with this id.
    #[error("there is no group with the id {0}: GET the groups to list their ids")]
    NoGroup(String),
    /// There is no person with this id.
    #[error("there is no person with the id {0}: search the people to find the right id")]
    NoSender(String),
    /// An error of the database.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Store {
    /// Deletes people of a tenant who were removed before this time, with all values entered by hand; returns their number.
    pub async fn delete_gone_people(&self, tenant: &str, before_ms: i64, now_ms: i64) -> Result<u64, Error> {
        let mut write = self.begin().await?;
        let version = record::next_version(&mut write, tenant).await?;
        let delete = sqlx::query("delete from people where tenant = $1 and gone_ms < $2");
        let deleted = delete.bind(tenant).bind(before_ms).execute(&mut *write).await?.rows_affected();
        if deleted == 0 {
            return Ok(0);
        }
        audit::note(
            &mut write,
            audit::Entry {
                tenant,
                version,
                about: About::Nothing,
                by: By::new("tidy", now_ms),
                action: "delete_gone_people",
                subject: tenant,
                detail: json!({ "people": deleted }),
            },
        )
        .await?;
        write.commit().await?;
        Ok(deleted)
    }

    /// Changes a person if `check` accepts their current state. Values that are the same already are not changed.
    ///
    /// # Errors
    /// The error of `check`, and [`ChangeError`].
    pub async fn change_person<E: From<ChangeError>>(
        &self,
        key: PersonKey<'_>,
        change: &PersonChange,
        check: impl FnOnce(&PersonData) -> Result<(), E>,
        by: By,
    ) -> Result<(), E> {
        let mut write = self.begin().await.map_err(ChangeError::from)?;
        let version = record::next_version(&mut write, key.tenant).await.map_err(ChangeError::from)?;
        let found = person_detail::read(&mut *write, key.tenant, key.person).await.map_err(ChangeError::from)?;
        let before = found.ok_or_else(|| ChangeError::from(no_such_person()))?;
        check(&before)?;
        let who = Who { key, before: &before };
        let detail = who.change(&mut write, change).await?;
        if detail.is_empty() {
            return Ok(());
        }
        let deed = Deed { action: "change_person", detail: detail.into() };
        who.note(&mut write, version, by, deed).await.map_err(ChangeError::from)?;
        Ok(write.commit().await.map_err(Error::from).map_err(ChangeError::from)?)
    }

    /// Adds a person by hand, with values of source `manual`.
    ///
    /// # Errors
    /// [`ChangeError::Taken`] when the address belongs to another person.
    pub async fn add_person(&self, tenant: &str, new: NewPerson<'_>, by: By) -> Result<(), ChangeError> {
        let NewPerson { id, address, shared, fields } = new;
        let mut write = self.begin().await?;
        let version = record::next_version(&mut write, tenant).await?;
        sqlx::query("insert into people (tenant, id, oid, shared) values ($1, $2, null, $3)")
            .bind(tenant)
            .bind(id)
            .bind(i64::from(shared))
            .execute(&mut *write)
            .await
            .map_err(Error::from)?;
        let nobody = PersonData::default();
        let who = Who { key: PersonKey { tenant, person: id }, before: &nobody };
        who.put_address(&mut write, address.as_str(), 0).await?;
        let values = |value: &String| Some(ByHand { value: value.clone(), locked: false });
        let fields = fields.iter().map(|(token, value)| (token.clone(), values(value))).collect();
        let mut detail = who.change(&mut write, &PersonChange { fields, ..PersonChange::default() }).await?;
        detail.insert("address".into(), json!({ "from": null, "to": address.as_str() }));
        who.note(&mut write, version, by, Deed { action: "add_person", detail: detail.into() }).await?;
        Ok(write.commit().await.map_err(Error::from)?)
    }

    /// Deletes a person with all their values.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the person does not exist.
    pub async fn delete_person(&self, key: PersonKey<'_>, by: By) -> Result<(), Error> {
        let mut write = self.begin().await?;
        let version = record::next_version(&mut write, key.tenant).await?;
        let before = person_detail::read(&mut *write, key.tenant, key.person).await?.ok_or_else(no_such_person)?;
        // Rows that reference them are deleted with them.
        sqlx::query("delete from people where tenant = $1 and id = $2")
            .bind(key.tenant)
            .bind(key.person)
            .execute(&mut *write)
            .await?;
        let mut fields = Map::new();
        for value in before.values.iter().filter(|value| before.effective(&value.token) == Some(value)) {
            fields.insert(value.token.clone(), json!({ "from": value.value, "to": null }));
        }
        let mut detail = Map::new();
        detail.insert("address".into(), json!({ "from": before.addresses.first(), "to": null }));
        if before.addresses.len() > 1 {
            detail.insert("aliases".into(), json!({ "from": before.addresses[1..], "to": null }));
        }
        detail.insert("fields".into(), fields.into());
        let who = Who { key, before: &before };
        who.note(&mut write, version, by, Deed { action: "delete_person", detail: detail.into() }).await?;
        Ok(write.commit().await?)
    }
}

/// The statements that unlink somebody from an id and link them with one.
#[derive(Clone, Copy)]
struct Links {
    delete: &'static str,
    insert: &'static str,
}

/// The person of a change.
struct Who<'a> {
    key: PersonKey<'a>,
    before: &'a PersonData,
}

impl Who<'_> {
    async fn note(&self, write: &mut Write, version: i64, by: By, mut deed: Deed<'_>) -> Result<(), Error> {
        // In words, for when they are gone.
        if !self.before.addresses.is_empty() {
            deed.detail["name"] = self.before.name().into();
        }
        audit::note(
            write,
            audit::Entry {
                tenant: self.key.tenant,
                version,
                about: About::People(&[self.key.person]),
                by,
                action: deed.action,
                subject: self.key.person,
                detail: deed.detail,
            },
        )
        .await
    }

    /// Applies the changes and returns those that had an effect.
    async fn change(&self, write: &mut Write, change: &PersonChange) -> Result<Map<String, Value>, ChangeError> {
        let mut detail = Map::new();
        let fields = self.fields(write, &change.fields).await?;
        if !fields.is_empty() {
            detail.insert("fields".into(), fields.into());
        }
        if let Some(aliases) = &change.aliases {
            let old: Vec<_> = self.before.addresses.iter().skip(1).map(String::as_str).collect();
            let new: Vec<_> = aliases.iter().map(Address::as_str).collect();
            if old != new {
                self.aliases(write, &new).await?;
                detail.insert("aliases".into(), json!({ "from": old, "to": new }));
            }
        }
        if let Some(senders) = &change.senders
            && let Some(change) = self.senders(write, senders).await?
        {
            detail.insert("senders".into(), change);
        }
        if let Some(groups) = &change.groups
            && let Some(change) = self.groups(write, groups).await?
        {
            detail.insert("groups".into(), change);
        }
        Ok(detail)
    }

    async fn fields(
        &self,
        write: &mut Write,
        fields: &BTreeMap<String, Option<ByHand>>,
    ) -> Result<Map<String, Value>, Error> {
        let mut changed = Map::new();
        let mut said = self.before.said(Source::Manual);
        for (token, new) in fields {
            let old = said.fields.get(token);
            let old = old.map(|value| ByHand { value: value.clone(), locked: said.locked.contains(token) });
            if old == *new {
                continue;
            }
            said.set(token, new.as_ref().map(|new| (new.value.as_str(), new.locked)));
            let value = |side: &Option<ByHand>| side.as_ref().map(|side| side.value.clone());
            let mut note = json!({ "from": value(&old), "to": value(new) });
            let locked = |side: &Option<ByHand>| side.as_ref().is_some_and(|side| side.locked);
            if locked(&old) != locked(new) {
                note["locked"] = locked(new).into();
            }
            changed.insert(token.clone(), note);
        }
        if !changed.is_empty() {
            values::put(write, self.key, Source::Manual, &said).await?;
        }
        Ok(changed)
    }

    async fn aliases(&self, write: &mut Write, new: &[&str]) -> Result<(), ChangeError> {
        sqlx::query("delete from addresses where tenant = $1 and person = $2 and position > 0")
            .bind(self.key.tenant)
            .bind(self.key.person)
            .execute(&mut **write)
            .await
            .map_err(Error::from)?;
        for (position, address) in (1_i64..).zip(new) {
            self.put_address(write, address, position).await?;
        }
        Ok(())
    }

    async fn put_address(&self, write: &mut Write, address: &str, position: i64) -> Result<(), ChangeError> {
        let owner: Option<String> = sqlx::query_scalar(
            "select p.address from addresses a
             join addresses p on p.tenant = a.tenant and p.person = a.person and p.position = 0
             where a.tenant = $1 and a.address = $2",
        )
        .bind(self.key.tenant)
        .bind(address)
        .fetch_optional(&mut **write)
        .await
        .map_err(Error::from)?;
        if let Some(owner) = owner {
            return Err(ChangeError::Taken { address: address.to_owned(), owner });
        }
        sqlx::query("insert into addresses (tenant, address, person, position) values ($1, $2, $3, $4)")
            .bind(self.key.tenant)
            .bind(address)
            .bind(self.key.person)
            .bind(position)
            .execute(&mut **write)
            .await
            .map_err(Error::from)?;
        Ok(())
    }

    async fn senders(&self, write: &mut Write, wanted: &[String]) -> Result<Option<Value>, ChangeError> {
        let find = "select address from addresses where tenant = $1 and person = $2 and position = 0";
        let mut new = BTreeMap::new();
        for id in wanted {
            let address = self.text(write, find, id).await?.ok_or_else(|| ChangeError::NoSender(id.clone()))?;
            new.insert(id.clone(), address);
        }
        let old = self.before.senders.iter().map(|link| (link.id.clone(), link.address.clone())).collect();
        let delete = "delete from send_as where tenant = $1 and mailbox = $2 and person = $3";
        let insert = "insert into send_as (tenant, mailbox, person) values ($1, $2, $3)";
        self.set(write, Links { delete, insert }, &old, &new).await
    }

    async fn groups(&self, write: &mut Write, wanted: &[String]) -> Result<Option<Value>, ChangeError> {
        let find = "select name from directory_groups where tenant = $1 and id = $2";
        let mut new = BTreeMap::new();
        for id in wanted {
            let name = self.text(write, find, id).await?.ok_or_else(|| ChangeError::NoGroup(id.clone()))?;
            new.insert(id.clone(), name);
        }
        let old = self.before.groups.iter().map(|group| (group.id.clone(), group.name.clone())).collect();
        let delete = "delete from memberships where tenant = $1 and person = $2 and group_id = $3";
        let insert = "insert into memberships (tenant, person, group_id) values ($1, $2, $3)";
        self.set(write, Links { delete, insert }, &old, &new).await
    }

    async fn text(&self, write: &mut Write, find: &'static str, id: &str) -> Result<Option<String>, Error> {
        Ok(sqlx::query_scalar(find).bind(self.key.tenant).bind(id).fetch_optional(&mut **write).await?)
    }

    /// Changes a set of ids with their names from `old` to `new`; `None` if they are equal.
    async fn set(
        &self,
        write: &mut Write,
        links: Links,
        old: &BTreeMap<String, String>,
        new: &BTreeMap<String, String>,
    ) -> Result<Option<Value>, ChangeError> {
        let gone = old.keys().filter(|id| !new.contains_key(*id)).map(|id| (links.delete, id));
        let added = new.keys().filter(|id| !old.contains_key(*id)).map(|id| (links.insert, id));
        let mut any = false;
        for (sql, id) in gone.chain(added) {
            let query = sqlx::query(sql).bind(self.key.tenant).bind(self.key.person).bind(id);
            query.execute(&mut **write).await.map_err(Error::from)?;
            any = true;
        }
        let names = |side: &BTreeMap<String, String>| side.values().cloned().collect::<Vec<_>>();
        Ok(any.then(|| json!({ "from": names(old), "to": names(new) })))
    }
}
