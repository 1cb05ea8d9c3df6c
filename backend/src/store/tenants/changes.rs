//! What each version of a tenant is about. Written in the transaction of the change itself, so a node that knows an older
//! version reads again what changed, and nothing else.

use crate::store::{Error, Store, Write};
use sqlx::Row;
use std::collections::{BTreeSet, HashSet};

/// More changes than these are not worth finding out about one by one.
const MAX_CHANGED: i64 = 20;
/// More people than these are read faster with everybody else.
const MAX_PEOPLE: usize = 500;
/// How many versions back it is known; a node that is further behind reads everything.
const KEPT: i64 = 1_000;

/// What a change is about, as far as signatures show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum About<'a> {
    /// Nothing that a signature shows.
    Nothing,
    /// What [`Store::load_design`] gives, and nobody.
    Design,
    /// These people and nothing else.
    People(&'a [&'a str]),
    /// More than that.
    Everything,
}

/// What changed between two versions of a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Ids of the people whom changes were about.
    pub people: BTreeSet<String>,
    /// Whether a change was about what [`Store::load_design`] gives.
    pub design: bool,
}

/// Writes down what a version is about.
pub(in crate::store) async fn note(
    write: &mut Write,
    tenant: &str,
    version: i64,
    about: About<'_>,
) -> Result<(), Error> {
    let (what, people): (_, &[&str]) = match about {
        About::Nothing | About::People([]) => ("nothing", &[""]),
        About::Design => ("design", &[""]),
        About::People(people) if people.len() <= MAX_PEOPLE => ("person", people),
        About::People(_) | About::Everything => ("everything", &[""]),
    };
    for person in people {
        sqlx::query("insert into changes (tenant, version, what, person) values ($1, $2, $3, $4)")
            .bind(tenant)
            .bind(version)
            .bind(what)
            .bind(*person)
            .execute(&mut **write)
            .await?;
    }
    Ok(())
}

impl Store {
    /// What all changes behind the version `after` up to `until` were about; `None`: about more than the design and a few
    /// people, or nobody knows what, and the whole tenant is to be read again.
    pub async fn changed(&self, tenant: &str, after: i64, until: i64) -> Result<Option<Changed>, Error> {
        if until - after > MAX_CHANGED {
            return Ok(None);
        }
        let rows = sqlx::query(
            "select version, what, person from changes where tenant = $1 and version > $2 and version <= $3",
        )
        .bind(tenant)
        .bind(after)
        .bind(until)
        .fetch_all(self.reader()?)
        .await?;
        let mut changed = Changed::default();
        let mut versions = HashSet::new();
        for row in &rows {
            versions.insert(row.try_get::<i64, _>(0)?);
            match row.try_get::<String, _>(1)?.as_str() {
                "nothing" => {}
                "design" => changed.design = true,
                "person" => drop(changed.people.insert(row.try_get(2)?)),
                _ => return Ok(None),
            }
        }
        // Every version must be accounted for, or something else changed too.
        let all = changed.people.len() <= MAX_PEOPLE && i64::try_from(versions.len()) == Ok(until - after);
        Ok(all.then_some(changed))
    }

    /// Forgets what versions of long ago were about.
    pub async fn forget_changes(&self, tenant: &str) -> Result<(), Error> {
        let old = "delete from changes where tenant = $1
            and version < (select version from tenants where id = $1) - $2";
        sqlx::query(old).bind(tenant).bind(KEPT).execute(self.writer()?).await?;
        Ok(())
    }
}
