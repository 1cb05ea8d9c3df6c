//! Stored data of a source, for planning a run.

use crate::store::people::packed::Fields;
use crate::store::people::packed::Shared;
use crate::store::people::values::Said;
use crate::store::{Error, Source, Store};
use futures_util::TryStreamExt;
use sqlx::Row;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Link of a source's person to a person here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Person id.
    pub person: String,
    /// The source's id of their manager; empty if there is none.
    pub manager: String,
    /// Whether the source added the person: then the person is removed with it.
    pub made: bool,
}

/// Stored data that a plan of people and groups needs in addition to the tenant.
#[derive(Debug, Default)]
pub struct PresentRecord {
    /// Links of the source's people, by the source's id.
    pub links: HashMap<String, Link>,
    /// Ids of people who are also in another directory.
    pub elsewhere: HashSet<String>,
    /// Groups: name, and the source that they came from.
    pub groups: HashMap<String, (String, Option<Source>)>,
    /// Mail addresses of groups, in lower case: group, address.
    pub group_addresses: BTreeSet<(String, String)>,
    /// Addresses of members that are no people of the directory: group, address.
    pub group_outsiders: BTreeSet<(String, String)>,
    /// Groups within groups: outer, inner.
    pub nested: HashSet<(String, String)>,
    /// Members that the source has not returned yet, with their groups.
    pub waiting: HashMap<String, Vec<String>>,
}

impl PresentRecord {
    /// A group's mail addresses.
    pub fn addresses_of(&self, group: &str) -> impl Iterator<Item = &str> {
        let from = (group.to_owned(), String::new());
        let theirs = self.group_addresses.range(from..).take_while(move |(of, _)| of == group);
        theirs.map(|(_, address)| address.as_str())
    }
}

impl Store {
    /// Reads the stored data of a source.
    pub async fn present_of(&self, tenant: &str, source: Source) -> Result<PresentRecord, Error> {
        let mut present = PresentRecord::default();
        let sql = "select source, external, person, manager, made from source_people where tenant = $1";
        let mut rows = sqlx::query(sql).bind(tenant).fetch(self.reader()?);
        while let Some(row) = rows.try_next().await? {
            let (of, person): (String, String) = (row.try_get(0)?, row.try_get(2)?);
            if of == source.as_str() {
                let link = Link { person, manager: row.try_get(3)?, made: row.try_get::<i64, _>(4)? != 0 };
                present.links.insert(row.try_get(1)?, link);
            } else {
                present.elsewhere.insert(person);
            }
        }
        let sql = "select id, name, source from directory_groups where tenant = $1";
        let mut rows = sqlx::query(sql).bind(tenant).fetch(self.reader()?);
        while let Some(row) = rows.try_next().await? {
            let of: String = row.try_get(2)?;
            present.groups.insert(row.try_get(0)?, (row.try_get(1)?, Source::parse(&of)));
        }
        present.group_addresses =
            self.pairs("select group_id, address from group_addresses where tenant = $1", tenant).await?;
        present.group_outsiders =
            self.pairs("select group_id, address from group_outsiders where tenant = $1", tenant).await?;
        present.nested = self.pairs("select group_id, member from group_nesting where tenant = $1", tenant).await?;
        let sql = "select external, group_id from source_waiting where tenant = $1 and source = $2";
        let mut rows = sqlx::query(sql).bind(tenant).bind(source.as_str()).fetch(self.reader()?);
        while let Some(row) = rows.try_next().await? {
            present.waiting.entry(row.try_get(0)?).or_default().push(row.try_get(1)?);
        }
        Ok(present)
    }

    /// A source's values of all people.
    pub async fn source_values(&self, tenant: &str, source: Source) -> Result<HashMap<Box<str>, Fields>, Error> {
        let sql = "select person, fields from person_values where tenant = $1 and source = $2";
        let mut all = Packed::default();
        self.pack_values(sqlx::query(sql).bind(tenant).bind(source.as_str()), &mut all).await?;
        Ok(all.people)
    }

    /// A source's values of these people.
    pub async fn source_values_of(
        &self,
        tenant: &str,
        source: Source,
        people: &[&str],
    ) -> Result<HashMap<Box<str>, Fields>, Error> {
        let mut all = Packed::default();
        for people in people.chunks(ASKED) {
            let places: Vec<_> = (3..people.len() + 3).map(|number| format!("${number}")).collect();
            let sql = format!(
                "select person, fields from person_values where tenant = $1 and source = $2 and person in ({})",
                places.join(", ")
            );
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).persistent(false).bind(tenant).bind(source.as_str());
            for person in people {
                query = query.bind(*person);
            }
            self.pack_values(query, &mut all).await?;
        }
        Ok(all.people)
    }

    /// Packs the result of a query: person, and values as JSON.
    async fn pack_values(
        &self,
        query: sqlx::query::Query<'_, sqlx::Any, sqlx::any::AnyArguments>,
        all: &mut Packed,
    ) -> Result<(), Error> {
        let mut rows = query.fetch(self.reader()?);
        while let Some(row) = rows.try_next().await? {
            let said = Said::parse(row.try_get(1)?, "[]")?;
            let fields = Fields::pack(said.fields.into_iter(), &mut all.shared);
            all.people.insert(row.try_get::<&str, _>(0)?.into(), fields);
        }
        Ok(())
    }
}

/// Number of people read by one statement.
const ASKED: usize = 200;

/// A source's values by person, compressed.
#[derive(Default)]
struct Packed {
    people: HashMap<Box<str>, Fields>,
    shared: Shared,
}
