//! Filling the database from a complete copy, in one transaction. It commits only after all rows were read back and compared.

use super::catalog::{self, Kind, Table};
use super::snapshot::{self, FullRow, Value};
use crate::store::{Engine, Error, MIGRATIONS, MIGRATIONS_TABLE, Store, Write};
use futures_util::TryStreamExt as _;
use sha2::{Digest as _, Sha256};
use sqlx::AssertSqlSafe;
use sqlx::migrate::Migrate as _;
use std::collections::BTreeMap;

/// Maximum number of parameters of a statement: below both databases' limits (32,766 and 65,535).
const PARAMETERS: usize = 30_000;
/// Maximum number of rows of a statement.
const ROWS: usize = 200;
/// A statement is sent once its values have this many bytes.
const BYTES: usize = 1024 * 1024;

/// A database that is being filled. If this is dropped without [`Fill::finish`], the database is unchanged.
pub struct Fill {
    write: Write,
    tables: BTreeMap<String, Table>,
    /// Rows of the current table that are not sent yet.
    waiting: Vec<FullRow>,
    waiting_bytes: usize,
    /// For each filled table, in order: number of rows and hash of all rows.
    filled: Vec<(String, u64, Sha256)>,
    collate: bool,
}

impl Store {
    /// Row counts by table if the database has a tenant or an account; otherwise empty.
    pub async fn contents(&self) -> Result<Vec<(String, i64)>, Error> {
        let applied = self.applied().await?;
        let mut counts = Vec::new();
        let mut is_used = false;
        for table in catalog::tables(&applied).await? {
            let sql = format!("select count(*) from \"{}\"", table.name);
            let count: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(self.reader()?).await?;
            is_used |= count > 0 && ["tenants", "accounts"].contains(&table.name.as_str());
            if count > 0 {
                counts.push((table.name, count));
            }
        }
        Ok(if is_used { counts } else { Vec::new() })
    }

    /// Drops our tables and recreates them with these migrations, to be filled by the caller.
    pub async fn begin_fill(&self, migrations: &[i64]) -> Result<Fill, Error> {
        let (old, new) = (catalog::tables(&self.applied().await?).await?, catalog::tables(migrations).await?);
        let migrator = catalog::migrator(migrations)?;
        let mut write = self.begin().await?;
        for table in old.iter().rev() {
            let sql = format!("drop table \"{}\"", table.name);
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *write).await?;
        }
        let sql = format!("drop table if exists {MIGRATIONS_TABLE}");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *write).await?;
        migrator.run_direct(None, &mut *write, false).await?;
        // Rows that migrations write are among those to come.
        for table in new.iter().rev() {
            let sql = format!("delete from \"{}\"", table.name);
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *write).await?;
        }
        Ok(Fill {
            write,
            tables: new.into_iter().map(|table| (table.name.clone(), table)).collect(),
            waiting: Vec::new(),
            waiting_bytes: 0,
            filled: Vec::new(),
            collate: matches!(self.engine, Engine::Postgres),
        })
    }

    /// The migrations that were applied to the database.
    async fn applied(&self) -> Result<Vec<i64>, Error> {
        self.pending().await?;
        let mut connection = self.readers.acquire().await?;
        let done = match connection.list_applied_migrations(MIGRATIONS_TABLE).await {
            Err(error) if crate::store::error::is_missing_table(&error) => Vec::new(),
            done => done?,
        };
        Ok(done.into_iter().map(|migration| migration.version).collect())
    }
}

impl Fill {
    /// Starts a table; the next rows belong to it. [`Error::Corrupt`] for a table or columns that the migrations do not
    /// create.
    pub fn begin_table(&mut self, name: &str, columns: &[String]) -> Result<(), Error> {
        let known = self.tables.get(name).is_some_and(|table| {
            table.columns.len() == columns.len()
                && table.columns.iter().zip(columns).all(|(own, other)| own.name == *other)
        });
        if !known || self.filled.iter().any(|(filled, ..)| filled == name) {
            return Err(Error::Corrupt(format!("it has a table {name}, which this version does not know")));
        }
        self.filled.push((name.to_owned(), 0, Sha256::new()));
        Ok(())
    }

    /// Adds a row to the table.
    pub async fn push(&mut self, row: FullRow) -> Result<(), Error> {
        let (name, count, hash) =
            self.filled.last_mut().ok_or_else(|| Error::Corrupt("a row without a table".into()))?;
        let table = &self.tables[name.as_str()];
        let fits = |(value, kind): (&Value, Kind)| {
            matches!(
                (value, kind),
                (Value::Null, _)
                    | (Value::Text(_), Kind::Text)
                    | (Value::Int(_), Kind::Int)
                    | (Value::Bytes(_), Kind::Bytes)
            )
        };
        if row.len() != table.columns.len() || !row.iter().zip(table.columns.iter().map(|column| column.kind)).all(fits)
        {
            return Err(Error::Corrupt(format!("row {} of {name} is not a row of this table", *count + 1)));
        }
        *count += 1;
        add(hash, &row);
        self.waiting_bytes += row.iter().map(length).sum::<usize>();
        self.waiting.push(row);
        let most = ROWS.min(PARAMETERS / table.columns.len());
        if self.waiting.len() >= most || self.waiting_bytes >= BYTES {
            self.flush().await?;
        }
        Ok(())
    }

    /// Completes the table and returns its number of rows.
    pub async fn end_table(&mut self) -> Result<u64, Error> {
        self.flush().await?;
        Ok(self.filled.last().map_or(0, |(_, count, _)| *count))
    }

    async fn flush(&mut self) -> Result<(), Error> {
        let Some((name, count, _)) = self.filled.last().filter(|_| !self.waiting.is_empty()) else { return Ok(()) };
        let table = &self.tables[name.as_str()];
        let width = table.columns.len();
        let row = |row: usize| {
            let numbers: Vec<_> = (1..=width).map(|column| format!("${}", row * width + column)).collect();
            format!("({})", numbers.join(", "))
        };
        let rows: Vec<_> = (0..self.waiting.len()).map(row).collect();
        let sql = format!("insert into \"{name}\" ({}) values {}", table.column_list(), rows.join(", "));
        let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(self.waiting.len() == ROWS);
        for row in self.waiting.drain(..) {
            for (value, column) in row.into_iter().zip(&table.columns) {
                query = match (value, column.kind) {
                    (Value::Text(text), _) => query.bind(text),
                    (Value::Int(number), _) => query.bind(number),
                    (Value::Bytes(bytes), _) => query.bind(bytes),
                    (Value::Null, Kind::Text) => query.bind(None::<String>),
                    (Value::Null, Kind::Int) => query.bind(None::<i64>),
                    (Value::Null, Kind::Bytes) => query.bind(None::<Vec<u8>>),
                };
            }
        }
        self.waiting_bytes = 0;
        let inserted = query.execute(&mut *self.write).await.map_err(Error::from);
        inserted.map_err(|error| in_table(error, &format!("{name}, up to row {count}")))?;
        Ok(())
    }

    /// Reads all rows back and compares them with the inserted ones, migrates the tables and commits. `look` is called with
    /// each compared table.
    pub async fn finish(mut self, mut look: impl FnMut(&str)) -> Result<u64, Error> {
        let mut total = 0;
        for (name, table) in &self.tables {
            let (count, hash) = match self.filled.iter().find(|(filled, ..)| filled == name) {
                Some((_, count, hash)) => (*count, hash.clone()),
                None => (0, Sha256::new()),
            };
            let (mut found, mut found_hash) = (0, Sha256::new());
            let mut rows = snapshot::rows(&mut self.write, table, self.collate);
            while let Some(row) = rows.try_next().await? {
                found += 1;
                add(&mut found_hash, &row);
            }
            if found != count || found_hash.finalize() != hash.finalize() {
                return Err(Error::Corrupt(format!(
                    "{name} has {found} rows after {count} were inserted, or different ones: nothing was changed"
                )));
            }
            total += count;
            look(name);
        }
        MIGRATIONS.run_direct(None, &mut *self.write, false).await?;
        self.write.commit().await?;
        Ok(total)
    }
}

/// Adds a row to a hash, each value with its type and length, so that different rows cannot have the same text.
fn add(hash: &mut Sha256, row: &[Value]) {
    for value in row {
        let (kind, bytes): (u8, &[u8]) = match value {
            Value::Null => (0, &[]),
            Value::Text(text) => (1, text.as_bytes()),
            Value::Int(number) => (2, &number.to_be_bytes()),
            Value::Bytes(bytes) => (3, bytes),
        };
        hash.update([kind]);
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    }
}

fn length(value: &Value) -> usize {
    match value {
        Value::Null | Value::Int(_) => 8,
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
    }
}

/// Adds the table and row to an error.
fn in_table(error: Error, place: &str) -> Error {
    let with = |text: String| format!("{place}: {text}");
    match error {
        Error::Unavailable(text) => Error::Unavailable(with(text)),
        Error::Conflict(text) => Error::Conflict(with(text)),
        Error::NotFound(text) => Error::NotFound(with(text)),
        Error::Value(text) => Error::Value(with(text)),
        Error::Corrupt(text) => Error::Corrupt(with(text)),
        Error::LeaseLost => Error::LeaseLost,
    }
}
