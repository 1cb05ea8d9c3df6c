//! Reconciling a table's rows with the wanted ones: compare, delete, insert. Unchanged rows are not written.

use super::{Error, Write};
use futures_util::TryStreamExt;
use sqlx::any::{AnyRow, AnyTypeInfoKind};
use sqlx::{AssertSqlSafe, Row, ValueRef};
use std::collections::{BTreeMap, BTreeSet};

/// One value of a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cell {
    /// `null`, of a text column.
    Null,
    /// Text.
    Text(String),
    /// An integer, a time or a boolean.
    Int(i64),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// Description of a table, without the tenant, which is the first column of every table.
pub(super) struct Table {
    pub(super) name: &'static str,
    /// Columns of the primary key after the tenant.
    pub(super) key: &'static [&'static str],
    /// The other columns.
    pub(super) values: &'static [&'static str],
    /// Whether a changed row is updated in place because other rows reference it. Otherwise it is deleted and inserted again,
    /// which allows rows to swap a unique value.
    pub(super) keep: bool,
}

/// Rows by primary key, without the tenant.
pub(super) type Rows = BTreeMap<Vec<Cell>, Vec<Cell>>;

/// How many rows of a table changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows that were added.
    pub added: usize,
    /// Rows that were changed.
    pub changed: usize,
    /// Rows that were removed.
    pub removed: usize,
}

impl Counts {
    /// Whether any row changed.
    pub fn any(self) -> bool {
        self != Self::default()
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.added += other.added;
        self.changed += other.changed;
        self.removed += other.removed;
    }
}

/// The difference between stored and wanted rows.
pub(super) struct Difference<'a> {
    stored: &'a Rows,
    wanted: &'a Rows,
    removed: Vec<&'a Vec<Cell>>,
    changed: BTreeSet<&'a Vec<Cell>>,
}

impl<'a> Difference<'a> {
    /// Selects the stored rows that are removed if they are not wanted; the others stay.
    pub(super) fn new(stored: &'a Rows, wanted: &'a Rows, ours: impl Fn(&[Cell], &[Cell]) -> bool) -> Self {
        let is_removed = |key: &Vec<Cell>, values: &[Cell]| !wanted.contains_key(key) && ours(key, values);
        let removed = stored.iter().filter(|(key, values)| is_removed(key, values)).map(|(key, _)| key).collect();
        let is_changed = |key: &Vec<Cell>, values: &Vec<Cell>| stored.get(key).is_some_and(|old| old != values);
        let changed = wanted.iter().filter(|(key, values)| is_changed(key, values)).map(|(key, _)| key).collect();
        Self { stored, wanted, removed, changed }
    }
}

/// Rows per statement: enough to write 10,000 people in about a second, and far below both databases' limits for parameters
/// (32,766 and 65,535).
const BATCH: usize = 100;

/// Texts per reading statement; below the same limits.
const READ_BATCH: usize = 500;

impl Table {
    /// All rows of the tenant.
    pub(super) async fn read(&self, write: &mut Write, tenant: &str) -> Result<Rows, Error> {
        let sql = format!("select {} from {} where tenant = $1", columns(self), self.name);
        let mut all = Rows::new();
        collect(write, self, sqlx::query(AssertSqlSafe(sql)).bind(tenant), &mut all).await?;
        Ok(all)
    }

    /// The tenant's rows that have one of these texts in a column.
    pub(super) async fn read_with(
        &self,
        write: &mut Write,
        tenant: &str,
        column: &str,
        texts: &[&str],
    ) -> Result<Rows, Error> {
        let mut all = Rows::new();
        for texts in texts.chunks(READ_BATCH) {
            let numbers: Vec<_> = (2..2 + texts.len()).map(|number| format!("${number}")).collect();
            let sql = format!(
                "select {} from {} where tenant = $1 and {column} in ({})",
                columns(self),
                self.name,
                numbers.join(", ")
            );
            let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(texts.len() == READ_BATCH).bind(tenant);
            for text in texts {
                query = query.bind(*text);
            }
            collect(write, self, query, &mut all).await?;
        }
        Ok(all)
    }

    /// Changes the stored rows to the wanted ones.
    pub(super) async fn reconcile(
        &self,
        write: &mut Write,
        tenant: &str,
        difference: &Difference<'_>,
    ) -> Result<Counts, Error> {
        let Difference { stored, wanted, removed, changed } = difference;
        for key in removed.iter().chain(changed.iter().filter(|_| !self.keep)) {
            self.delete(write, tenant, key).await?;
        }
        let is_new = |key: &Vec<Cell>| !stored.contains_key(key);
        let rows = wanted.iter().filter(|(key, _)| changed.contains(key) || is_new(key));
        self.upsert(write, tenant, rows.map(|(key, values)| [key.as_slice(), values].concat())).await?;
        let added = wanted.keys().filter(|key| is_new(key)).count();
        Ok(Counts { added, changed: changed.len(), removed: removed.len() })
    }

    /// Deletes the row with this key.
    async fn delete(&self, write: &mut Write, tenant: &str, key: &[Cell]) -> Result<(), Error> {
        let keys: Vec<_> = (2..).zip(self.key).map(|(number, column)| format!(" and {column} = ${number}")).collect();
        let sql = format!("delete from {} where tenant = $1{}", self.name, keys.concat());
        let mut query = sqlx::query(AssertSqlSafe(sql)).bind(tenant);
        for cell in key {
            query = bind(query, cell);
        }
        query.execute(&mut **write).await?;
        Ok(())
    }

    /// Inserts rows of key and values; with `keep`, updates existing ones.
    pub(super) async fn upsert(
        &self,
        write: &mut Write,
        tenant: &str,
        rows: impl Iterator<Item = Vec<Cell>>,
    ) -> Result<(), Error> {
        let mut rows = rows.peekable();
        while rows.peek().is_some() {
            let batch: Vec<Vec<Cell>> = rows.by_ref().take(BATCH).collect();
            // Statements with a rare length are not cached as prepared statements.
            let mut query = sqlx::query(AssertSqlSafe(upsert_sql(self, batch.len()))).persistent(batch.len() == BATCH);
            for row in &batch {
                query = query.bind(tenant);
                for cell in row {
                    query = bind(query, cell);
                }
            }
            query.execute(&mut **write).await?;
        }
        Ok(())
    }
}

fn columns(table: &Table) -> String {
    [table.key, table.values].concat().join(", ")
}

async fn collect(write: &mut Write, table: &Table, query: Query<'_>, all: &mut Rows) -> Result<(), Error> {
    let mut rows = query.fetch(&mut **write);
    while let Some(row) = rows.try_next().await? {
        let mut cells = (0..row.len()).map(|at| cell(&row, at)).collect::<Result<Vec<_>, Error>>()?;
        let values = cells.split_off(table.key.len());
        all.insert(cells, values);
    }
    Ok(())
}

fn cell(row: &AnyRow, at: usize) -> Result<Cell, Error> {
    let raw = row.try_get_raw(at)?;
    if raw.is_null() {
        return Ok(Cell::Null);
    }
    Ok(match raw.type_info().kind() {
        AnyTypeInfoKind::SmallInt | AnyTypeInfoKind::Integer | AnyTypeInfoKind::BigInt => Cell::Int(row.try_get(at)?),
        _ => Cell::Text(row.try_get(at)?),
    })
}

fn upsert_sql(table: &Table, rows: usize) -> String {
    let width = 1 + table.key.len() + table.values.len();
    let row = |row: usize| {
        let numbers: Vec<_> = (1..=width).map(|column| format!("${}", row * width + column)).collect();
        format!("({})", numbers.join(", "))
    };
    let rows: Vec<_> = (0..rows).map(row).collect();
    let columns = columns(table);
    let insert = format!("insert into {} (tenant, {columns}) values {}", table.name, rows.join(", "));
    if !table.keep {
        return insert;
    }
    let key = table.key.join(", ");
    let set: Vec<_> = table.values.iter().map(|column| format!("{column} = excluded.{column}")).collect();
    format!("{insert} on conflict (tenant, {key}) do update set {}", set.join(", "))
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Any, sqlx::any::AnyArguments>;

fn bind<'q>(query: Query<'q>, cell: &'q Cell) -> Query<'q> {
    match cell {
        Cell::Null => query.bind(None::<String>),
        Cell::Text(text) => query.bind(text.as_str()),
        Cell::Int(number) => query.bind(*number),
    }
}
