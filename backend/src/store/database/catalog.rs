//! The database's tables. There is no list to maintain: the migrations are run on an empty database in memory, whose catalog
//! is read.

use crate::store::{Error, MIGRATIONS, options};
use sqlx::migrate::Migrator;
use sqlx::{AnyConnection, AssertSqlSafe, ConnectOptions as _, Row};
use std::collections::{BTreeMap, BTreeSet};

/// A table as the migrations create it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, in the database's order.
    pub columns: Vec<Column>,
    /// The columns of its primary key.
    pub key: Vec<String>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
}

/// Type of a column; our tables use no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `text`.
    Text,
    /// `bigint`.
    Int,
    /// `bytea`.
    Bytes,
}

impl Table {
    /// The columns' names for a statement.
    pub(in crate::store) fn column_list(&self) -> String {
        let names: Vec<_> = self.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
        names.join(", ")
    }
}

/// The migrations with these versions.
///
/// # Errors
/// When one is unknown because it comes from a newer Paraph.
pub(in crate::store) fn migrator(versions: &[i64]) -> Result<Migrator, Error> {
    if let Some(newer) = versions.iter().find(|version| !MIGRATIONS.version_exists(**version)) {
        return Err(sqlx::migrate::MigrateError::VersionMissing(*newer).into());
    }
    let known = MIGRATIONS.iter().filter(|migration| versions.contains(&migration.version));
    Ok(Migrator::with_migrations(known.cloned().collect()))
}

/// The versions of all migrations.
pub(in crate::store) fn versions() -> Vec<i64> {
    MIGRATIONS.iter().map(|migration| migration.version).collect()
}

/// The tables that these migrations create, each after the tables that it references.
pub(in crate::store) async fn tables(versions: &[i64]) -> Result<Vec<Table>, Error> {
    let mut scratch = options("sqlite::memory:")?.connect().await?;
    migrator(versions)?.run_direct(None, &mut scratch, false).await?;
    let mut tables = read_tables(&mut scratch).await?;
    let parents = read_parents(&mut scratch).await?;
    let mut ordered: Vec<Table> = Vec::with_capacity(tables.len());
    let mut placed = BTreeSet::new();
    while !tables.is_empty() {
        let is_next = |name: &String| {
            let needs = parents.get(name).into_iter().flatten();
            needs.into_iter().all(|parent| parent == name || placed.contains(parent))
        };
        let next = tables.keys().find(|name| is_next(name)).cloned();
        let next = next.ok_or_else(|| Error::Corrupt("tables reference each other in a cycle".into()))?;
        ordered.extend(tables.remove(&next));
        placed.insert(next);
    }
    Ok(ordered)
}

async fn read_tables(scratch: &mut AnyConnection) -> Result<BTreeMap<String, Table>, Error> {
    let rows = sqlx::query(AssertSqlSafe(format!(
        "select m.name, c.name, lower(c.type), c.pk from sqlite_master m join pragma_table_info(m.name) c
         where m.type = 'table' and m.name not like 'sqlite\\_%' escape '\\' and m.name <> '{}'
         order by m.name, c.cid",
        crate::store::MIGRATIONS_TABLE
    )))
    .fetch_all(scratch)
    .await?;
    let mut tables: BTreeMap<String, (Table, BTreeMap<i64, String>)> = BTreeMap::new();
    for row in &rows {
        let (table, name): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let kind = match row.try_get::<String, _>(2)?.as_str() {
            "text" => Kind::Text,
            "bigint" => Kind::Int,
            "bytea" => Kind::Bytes,
            other => return Err(Error::Corrupt(format!("the column {table}.{name} has the unknown type {other}"))),
        };
        let place: i64 = row.try_get(3)?;
        let (entry, key) = tables
            .entry(table.clone())
            .or_insert_with(|| (Table { name: table, columns: Vec::new(), key: Vec::new() }, BTreeMap::new()));
        if place > 0 {
            key.insert(place, name.clone());
        }
        entry.columns.push(Column { name, kind });
    }
    let with_key = |(name, (table, key)): (String, (Table, BTreeMap<i64, String>))| {
        (name, Table { key: key.into_values().collect(), ..table })
    };
    Ok(tables.into_iter().map(with_key).collect())
}

/// For each table, the tables that its foreign keys reference.
async fn read_parents(scratch: &mut AnyConnection) -> Result<BTreeMap<String, BTreeSet<String>>, Error> {
    let rows = sqlx::query(
        "select m.name, f.\"table\" from sqlite_master m join pragma_foreign_key_list(m.name) f where m.type = 'table'",
    )
    .fetch_all(scratch)
    .await?;
    let mut parents: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in &rows {
        parents.entry(row.try_get(0)?).or_default().insert(row.try_get(1)?);
    }
    Ok(parents)
}
