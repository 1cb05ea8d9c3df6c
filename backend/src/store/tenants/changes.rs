//! What each version of a tenant changed. It is written in the transaction of the change, so a node with an older version
//! reloads only what changed.

use crate::store::{Error, Store, Write};
use sqlx::Row;
use std::collections::{BTreeSet, HashSet};

/// Maximum number of changes to process one by one; beyond it, everything is reloaded.
const MAX_CHANGED: i64 = 20;
/// Maximum number of changed people; beyond it, reloading everyone is faster.
const MAX_PEOPLE: usize = 500;
/// Number of versions that are kept; a node that is further behind reloads everything.
const KEPT: i64 = 1_000;

/// Scope of a change, as far as it affects signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum About<'a> {
    /// Nothing that affects signatures.
    Nothing,
    /// Only data of [`Store::load_design`].
    Design,
    /// Only these people.
    People(&'a [&'a str]),
    /// More than that: everything is reloaded.
    Everything,
}

/// What changed between two versions of a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Ids of changed people.
    pub people: BTreeSet<String>,
    /// Whether data of [`Store::load_design`] changed.
    pub design: bool,
}

/// Records the scope of a version.
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
    /// Combined scope of the changes after the version `after` up to `until`; `None` if it is unknown or larger than the
    /// design and a few people, so that the complete tenant must be reloaded.
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

    /// Deletes the scopes of old versions.
    pub async fn forget_changes(&self, tenant: &str) -> Result<(), Error> {
        let old = "delete from changes where tenant = $1
            and version < (select version from tenants where id = $1) - $2";
        sqlx::query(old).bind(tenant).bind(KEPT).execute(self.writer()?).await?;
        Ok(())
    }
}
