//! Details of one person, with the values from all sources.

use super::fields;
use super::load_people::rank;
use super::own_fields::source;
use super::values::Said;
use crate::store::tenants::load;
use crate::store::{Error, FieldDefinition, Source, Store};
use futures_util::TryStreamExt;
use sqlx::any::AnyRow;
use sqlx::{Any, Executor, Row};

/// Details of one person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonData {
    /// Their id.
    pub id: String,
    /// Entra object id, if the person is linked.
    pub oid: Option<String>,
    /// Whether this is a shared mailbox.
    pub shared: bool,
    /// The primary address, then the aliases.
    pub addresses: Vec<String>,
    /// Their groups, by name.
    pub groups: Vec<GroupData>,
    /// Mailboxes that they can send from, sorted by address.
    pub may_send_as: Vec<LinkData>,
    /// People who can send from this mailbox, sorted by address.
    pub senders: Vec<LinkData>,
    /// Values from all sources, sorted by token, then highest precedence first.
    pub values: Vec<ValueData>,
    /// The tenant's fields in the admin's order.
    pub fields: Vec<FieldDefinition>,
}

/// A group of the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupData {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Number of members.
    pub members: i64,
}

/// A linked person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkData {
    /// Their id.
    pub id: String,
    /// Display name; empty when there is none.
    pub name: String,
    /// Primary address.
    pub address: String,
}

/// A field's value from one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueData {
    /// The field.
    pub token: String,
    /// Source of the value.
    pub source: Source,
    /// The value.
    pub value: String,
    /// Whether it also takes precedence over the person's own value.
    pub locked: bool,
    /// Precedence, the lowest wins; `None` if it is ignored.
    pub rank: Option<usize>,
}

impl PersonData {
    /// A field's values from all sources, highest precedence first.
    pub fn values_of(&self, token: &str) -> impl Iterator<Item = &ValueData> {
        self.values.iter().filter(move |value| value.token == token)
    }

    /// The value in effect, which may be an empty one entered by hand.
    pub fn effective(&self, token: &str) -> Option<&ValueData> {
        self.values_of(token).filter(|value| value.rank.is_some()).min_by_key(|value| value.rank)
    }

    /// Display name, or the address if there is none.
    pub fn name(&self) -> &str {
        let name = self.effective(NAME).map(|value| value.value.as_str()).filter(|name| !name.is_empty());
        name.unwrap_or_else(|| self.addresses.first().map_or("", String::as_str))
    }

    /// All values from one source.
    pub(in crate::store) fn said(&self, source: Source) -> Said {
        let mut said = Said::default();
        for value in self.values.iter().filter(|value| value.source == source) {
            said.set(&value.token, Some((&value.value, value.locked)));
        }
        said
    }

    fn field(&self, token: &str) -> Option<&FieldDefinition> {
        self.fields.iter().find(|field| field.token == token)
    }
}

/// The field with the display name.
const NAME: &str = "display_name";

/// One statement, so that all data is from the same moment.
const READ: &str = "
    select 0 as part, shared as n, oid as a, '' as b, '' as c, '' as d from people where tenant = $1 and id = $2 and gone_ms is null
    union all
    select 1, position, address, '', '', '' from addresses where tenant = $1 and person = $2
    union all
    select 2, (select count(*) from memberships o where o.tenant = m.tenant and o.group_id = m.group_id),
        g.id, g.name, '', ''
    from memberships m join directory_groups g on g.tenant = m.tenant and g.id = m.group_id
    where m.tenant = $1 and m.person = $2
    union all
    select 3, 0, s.mailbox, a.address, '', ''
    from send_as s join addresses a on a.tenant = s.tenant and a.person = s.mailbox and a.position = 0
    where s.tenant = $1 and s.person = $2
    union all
    select 4, 0, s.person, a.address, '', ''
    from send_as s join addresses a on a.tenant = s.tenant and a.person = s.person and a.position = 0
    where s.tenant = $1 and s.mailbox = $2
    union all
    select 5, 0, person, source, fields, locked from person_values where tenant = $1 and person = $2
    union all
    select 6, 0, person, source, fields, locked from person_values
    where tenant = $1 and person in (
        select mailbox from send_as where tenant = $1 and person = $2
        union select person from send_as where tenant = $1 and mailbox = $2)
    union all
    select 7, position, token, label, edited_by, precedence from fields where tenant = $1 and removed = 0";

impl Store {
    /// Reads a person's details; `None` if the person does not exist.
    pub async fn person_data(&self, tenant: &str, person: &str) -> Result<Option<PersonData>, Error> {
        self.bounded(read(self.reader()?, tenant, person)).await
    }
}

/// Rows that are being read; the number in the first column is the row's type.
#[derive(Default)]
struct Parts {
    found: bool,
    data: PersonData,
    addresses: Vec<(i64, String)>,
    fields: Vec<(i64, FieldDefinition)>,
    /// Display names of other people: person id, source, value, locked.
    names: Vec<(String, Source, String, bool)>,
}

pub(in crate::store) async fn read<'c>(
    executor: impl Executor<'c, Database = Any>,
    tenant: &str,
    person: &str,
) -> Result<Option<PersonData>, Error> {
    let mut parts = Parts::default();
    let mut rows = sqlx::query(READ).bind(tenant).bind(person).fetch(executor);
    while let Some(row) = rows.try_next().await? {
        parts.take(&row)?;
    }
    Ok(parts.found.then(|| parts.finish(person)))
}

impl Parts {
    fn take(&mut self, row: &AnyRow) -> Result<(), Error> {
        let (part, number): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        let text = |column: usize| row.try_get::<String, _>(column);
        let data = &mut self.data;
        match part {
            0 => {
                self.found = true;
                data.shared = number != 0;
                data.oid = row.try_get(2)?;
            }
            1 => self.addresses.push((number, text(2)?)),
            2 => data.groups.push(GroupData { id: text(2)?, name: text(3)?, members: number }),
            3 => data.may_send_as.push(LinkData { id: text(2)?, name: String::new(), address: text(3)? }),
            4 => data.senders.push(LinkData { id: text(2)?, name: String::new(), address: text(3)? }),
            5 => {
                let (source, said) = (source(&text(3)?)?, Said::parse(&text(4)?, &text(5)?)?);
                let locked = said.locked;
                data.values.extend(said.fields.into_iter().map(|(token, value)| {
                    let locked = locked.contains(&token);
                    ValueData { token, source, value, locked, rank: None }
                }));
            }
            6 => {
                let (source, mut said) = (source(&text(3)?)?, Said::parse(&text(4)?, &text(5)?)?);
                if let Some(name) = said.fields.remove(NAME) {
                    self.names.push((text(2)?, source, name, said.locked.contains(NAME)));
                }
            }
            _ => {
                let field = FieldDefinition {
                    token: text(2)?,
                    label: text(3)?,
                    edited_by: load::edited_by(&text(4)?)?,
                    precedence: load::precedence(&text(5)?)?,
                };
                self.fields.push((number, field));
            }
        }
        Ok(())
    }

    /// Sorts everything, because databases sort differently.
    fn finish(mut self, person: &str) -> PersonData {
        self.addresses.sort();
        self.fields.sort_by(|a, b| (a.0, &a.1.token).cmp(&(b.0, &b.1.token)));
        let fields: Vec<_> = self.fields.into_iter().map(|(_, field)| field).collect();
        let mut data = self.data;
        person.clone_into(&mut data.id);
        data.addresses = self.addresses.into_iter().map(|(_, address)| address).collect();
        data.fields = fields::all_fields(&fields);
        for at in 0..data.values.len() {
            let value = &data.values[at];
            data.values[at].rank = rank(data.field(&value.token), value.source, &value.value, value.locked);
        }
        let names = &self.names;
        let definition = data.field(NAME).cloned();
        for link in data.may_send_as.iter_mut().chain(&mut data.senders) {
            let of_them = names.iter().filter(|(who, ..)| *who == link.id);
            let best = of_them
                .filter_map(|(_, source, value, locked)| {
                    Some((rank(definition.as_ref(), *source, value, *locked)?, value))
                })
                .min_by_key(|(rank, _)| *rank);
            let name = best.map(|(_, name)| name).filter(|name| !name.is_empty());
            link.name = name.unwrap_or(&link.address).to_owned();
        }
        data.groups.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        data.may_send_as.sort_by(|a, b| a.address.cmp(&b.address));
        data.senders.sort_by(|a, b| a.address.cmp(&b.address));
        let place = |value: &ValueData| {
            let order = data.fields.iter().find(|field| field.token == value.token);
            let order = order.map_or(Source::ALL.as_slice(), |field| field.precedence.as_slice());
            order.iter().position(|known| *known == value.source).unwrap_or(usize::MAX)
        };
        let mut values = std::mem::take(&mut data.values);
        values.sort_by(|a, b| (&a.token, !a.locked, place(a)).cmp(&(&b.token, !b.locked, place(b))));
        data.values = values;
        data
    }
}
