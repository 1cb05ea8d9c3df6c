//! Reading all people of a tenant, or one.

use super::own_fields::{by_hand, source};
use super::packed::{Fields, PersonRecord, Shared};
use super::values::Said;
use crate::store::{Error, FieldDefinition, Source, Store};
use email_signature::Address;
use futures_util::TryStreamExt;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A query on people.
struct Select {
    sql: &'static str,
    /// The column with the person's id, to read one.
    person: &'static str,
    order: &'static str,
}

const PEOPLE: Select = Select {
    sql: "select p.id, a.address, p.oid, p.shared from people p
          join addresses a on a.tenant = p.tenant and a.person = p.id and a.position = 0 where p.tenant = $1",
    person: "p.id",
    order: "",
};
const ALIASES: Select = Select {
    sql: "select person, address from addresses where tenant = $1 and position > 0",
    person: "person",
    order: "order by person, position",
};
const GROUPS: Select =
    Select { sql: "select person, group_id from memberships where tenant = $1", person: "person", order: "" };
const SEND_AS: Select =
    Select { sql: "select mailbox, person from send_as where tenant = $1", person: "mailbox", order: "" };
const MANAGERS: Select = Select {
    sql: "select s.person, m.person from source_people s
          join source_people m on m.tenant = s.tenant and m.source = s.source and m.external = s.manager
          where s.tenant = $1 and s.manager <> ''",
    person: "s.person",
    order: "order by s.person, s.source",
};
/// Of Google, which names managers by their address.
const MANAGERS_BY_ADDRESS: Select = Select {
    sql: "select s.person, a.person from source_people s
          join addresses a on a.tenant = s.tenant and a.address = s.manager
          where s.tenant = $1 and s.manager <> ''",
    person: "s.person",
    order: "order by s.person, s.source",
};
const VALUES: Select = Select {
    sql: "select person, source, fields, locked from person_values where tenant = $1",
    person: "person",
    order: "order by person",
};

impl Store {
    /// Loads one person as [`Store::load_tenant`] does. `fields`: the tenant's fields.
    pub async fn load_person(
        &self,
        tenant: &str,
        person: &str,
        fields: &[FieldDefinition],
    ) -> Result<Option<PersonRecord>, Error> {
        Ok(self.load_people(tenant, Some(person), fields).await?.pop())
    }

    /// Loads all people of a tenant, or the one with the id `only`, sorted by id.
    pub(in crate::store) async fn load_people(
        &self,
        tenant: &str,
        only: Option<&str>,
        fields: &[FieldDefinition],
    ) -> Result<Vec<PersonRecord>, Error> {
        let mut people = People::default();
        let fields = fields.iter().map(|field| (field.token.as_str(), field)).collect();
        self.select(&PEOPLE, tenant, only, |row| people.add(row)).await?;
        self.select(&ALIASES, tenant, only, |row| {
            people.with(row, |partial, alias, _| {
                partial.addresses.push(address(alias)?);
                Ok(())
            })
        })
        .await?;
        self.select(&GROUPS, tenant, only, |row| {
            people.with(row, |partial, group, shared| {
                partial.groups.push(shared.share(group));
                Ok(())
            })
        })
        .await?;
        people.nesting = self.nesting(tenant).await?;
        self.select(&SEND_AS, tenant, only, |row| {
            people.with(row, |partial, person, _| {
                partial.send_as.push(person.into());
                Ok(())
            })
        })
        .await?;
        for managers in [&MANAGERS, &MANAGERS_BY_ADDRESS] {
            self.select(managers, tenant, only, |row| {
                people.with(row, |partial, manager, _| {
                    // The first source's stays.
                    partial.manager.get_or_insert(manager.into());
                    Ok(())
                })
            })
            .await?;
        }
        // Values of removed fields are ignored.
        let removed = sqlx::query_scalar("select token from fields where tenant = $1 and removed = 1");
        let removed: Vec<String> = removed.bind(tenant).fetch_all(self.reader()?).await?;
        let mut values = Values { fields, removed, ..Values::default() };
        self.select(&VALUES, tenant, only, |row| values.take(row, &mut people)).await?;
        values.next_person(String::new(), &mut people);
        Ok(people.pack())
    }

    /// Parent groups of each group.
    async fn nesting(&self, tenant: &str) -> Result<HashMap<String, Vec<String>>, Error> {
        let mut rows = sqlx::query("select member, group_id from group_nesting where tenant = $1")
            .bind(tenant)
            .fetch(self.reader()?);
        let mut nesting: HashMap<String, Vec<String>> = HashMap::new();
        while let Some(row) = rows.try_next().await? {
            nesting.entry(row.try_get(0)?).or_default().push(row.try_get(1)?);
        }
        Ok(nesting)
    }

    /// Runs `read` on every row, without keeping the rows.
    async fn select(
        &self,
        select: &Select,
        tenant: &str,
        only: Option<&str>,
        mut read: impl FnMut(&AnyRow) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Select { sql, person, order } = select;
        let filter = if only.is_some() { format!("and {person} = $2") } else { String::new() };
        let mut query = sqlx::query(AssertSqlSafe(format!("{sql} {filter} {order}"))).bind(tenant);
        if let Some(only) = only {
            query = query.bind(only);
        }
        let mut rows = query.fetch(self.reader()?);
        while let Some(row) = rows.try_next().await? {
            read(&row)?;
        }
        Ok(())
    }
}

/// A person whose rows are being read.
struct Partial {
    id: String,
    addresses: Vec<Address>,
    groups: Vec<Arc<str>>,
    oid: Option<String>,
    shared: bool,
    own: BTreeMap<String, String>,
    send_as: Vec<Box<str>>,
    manager: Option<Box<str>>,
    fields: Fields,
}

/// People whose rows are being read.
#[derive(Default)]
struct People {
    partials: Vec<Partial>,
    positions: HashMap<String, usize>,
    shared: Shared,
    /// Parent groups of each group.
    nesting: HashMap<String, Vec<String>>,
}

impl People {
    fn add(&mut self, row: &AnyRow) -> Result<(), Error> {
        let id: String = row.try_get(0)?;
        self.positions.insert(id.clone(), self.partials.len());
        self.partials.push(Partial {
            id,
            addresses: vec![address(row.try_get(1)?)?],
            groups: Vec::new(),
            oid: row.try_get(2)?,
            shared: row.try_get::<i64, _>(3)? != 0,
            own: BTreeMap::new(),
            send_as: Vec::new(),
            manager: None,
            fields: Fields::default(),
        });
        Ok(())
    }

    /// Passes the second column to the person with the id in the first one. People who were added after the people were read
    /// are skipped: the version shows that they are missing.
    fn with(
        &mut self,
        row: &AnyRow,
        put: impl FnOnce(&mut Partial, String, &mut Shared) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let id: String = row.try_get(0)?;
        match self.positions.get(&id).and_then(|at| self.partials.get_mut(*at)) {
            Some(partial) => put(partial, row.try_get(1)?, &mut self.shared),
            None => Ok(()),
        }
    }

    fn find(&mut self, id: &str) -> Option<&mut Partial> {
        self.positions.get(id).and_then(|at| self.partials.get_mut(*at))
    }

    fn pack(mut self) -> Vec<PersonRecord> {
        let pack = |mut partial: Partial| {
            let inherited = inherited(&self.nesting, &partial.groups, &mut self.shared);
            partial.groups.extend(inherited.iter().cloned());
            // Databases guarantee no order by default, and sort differently.
            partial.groups.sort();
            partial.send_as.sort();
            PersonRecord {
                id: partial.id.into(),
                addresses: partial.addresses.into(),
                groups: partial.groups.into(),
                inherited: inherited.into(),
                oid: partial.oid.map(String::into_boxed_str),
                shared: partial.shared,
                own: partial.own,
                send_as: partial.send_as.into(),
                manager: partial.manager,
                fields: partial.fields,
            }
        };
        let mut records: Vec<_> = std::mem::take(&mut self.partials).into_iter().map(pack).collect();
        records.sort_by(|a, b| a.id.cmp(&b.id));
        records
    }
}

/// The groups that a person is in only through another group, at any depth; groups can contain each other.
fn inherited(nesting: &HashMap<String, Vec<String>>, direct: &[Arc<str>], shared: &mut Shared) -> Vec<Arc<str>> {
    let mut inherited: Vec<Arc<str>> = Vec::new();
    let mut open: Vec<&str> = if nesting.is_empty() { Vec::new() } else { direct.iter().map(|id| &**id).collect() };
    while let Some(inner) = open.pop() {
        for outer in nesting.get(inner).into_iter().flatten() {
            if [direct, &inherited].iter().all(|known| known.iter().all(|known| **known != **outer)) {
                inherited.push(shared.share(outer.clone()));
                open.push(outer);
            }
        }
    }
    inherited
}

/// Values of the person whose rows are being read.
#[derive(Default)]
struct Values<'a> {
    fields: HashMap<&'a str, &'a FieldDefinition>,
    /// Tokens of removed fields.
    removed: Vec<String>,
    person: String,
    /// The best value of each field so far, by token.
    best: BTreeMap<String, (usize, String)>,
}

impl Values<'_> {
    fn take(&mut self, row: &AnyRow, people: &mut People) -> Result<(), Error> {
        let person: String = row.try_get(0)?;
        if person != self.person {
            self.next_person(person, people);
        }
        let source = source(row.try_get(1)?)?;
        let mut said = Said::parse(row.try_get(2)?, row.try_get(3)?)?;
        said.fields.retain(|token, _| !self.removed.contains(token));
        if source == Source::Own
            && let Some(partial) = people.find(&self.person)
        {
            partial.own.clone_from(&said.fields);
        }
        for (token, value) in said.fields {
            let locked = said.locked.contains(&token);
            if let Some(rank) = rank(self.fields.get(token.as_str()).copied(), source, &value, locked)
                && self.best.get(&token).is_none_or(|(best, _)| rank < *best)
            {
                self.best.insert(token, (rank, value));
            }
        }
        Ok(())
    }

    fn next_person(&mut self, person: String, people: &mut People) {
        let before = std::mem::replace(&mut self.person, person);
        let best = std::mem::take(&mut self.best).into_iter().filter(|(_, (_, value))| !value.is_empty());
        let fields = Fields::pack(best.map(|(token, (_, value))| (token, value)), &mut people.shared);
        if let Some(partial) = people.find(&before) {
            partial.fields = fields;
        }
    }
}

/// Precedence of a source's value of a field: the lowest wins; `None` if it is ignored. Without a definition, the field is a
/// built-in one with default settings.
pub(in crate::store) fn rank(
    field: Option<&FieldDefinition>,
    source: Source,
    value: &str,
    locked: bool,
) -> Option<usize> {
    if (source == Source::Own && !field.is_some_and(FieldDefinition::editable))
        || (value.is_empty() && !by_hand(source))
    {
        return None;
    }
    if locked {
        return Some(0);
    }
    let order = field.map_or(Source::ALL.as_slice(), |field| field.precedence.as_slice());
    order.iter().position(|known| *known == source).map(|at| at + 1)
}

fn address(text: String) -> Result<Address, Error> {
    Address::try_from(text).map_err(|error| Error::Corrupt(format!("a stored address is none: {error}")))
}
