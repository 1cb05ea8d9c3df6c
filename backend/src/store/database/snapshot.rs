//! A consistent snapshot of the complete database, row by row, while other connections keep writing.

use super::catalog::{self, Kind, Table};
use crate::store::{Engine, Error, Store, Write};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _};
use serde_json::Value as Json;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

/// A value of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `null`.
    Null,
    /// Of a `text` column.
    Text(String),
    /// Of a `bigint` column.
    Int(i64),
    /// Of a `bytea` column.
    Bytes(Vec<u8>),
}

/// A row, in the order of its table's columns.
pub type FullRow = Vec<Value>;

impl Value {
    /// The value as JSON: a string, an integer, null, or bytes as `{"base64": …}`.
    pub fn to_json(&self) -> Json {
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;
        match self {
            Self::Null => Json::Null,
            Self::Text(text) => Json::from(text.as_str()),
            Self::Int(number) => Json::from(*number),
            Self::Bytes(bytes) => serde_json::json!({ "base64": STANDARD.encode(bytes) }),
        }
    }

    /// Reads the output of [`Value::to_json`]; `None` for anything else.
    pub fn from_json(json: Json) -> Option<Self> {
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;
        Some(match json {
            Json::Null => Self::Null,
            Json::String(text) => Self::Text(text),
            Json::Number(number) => Self::Int(number.as_i64()?),
            Json::Object(bytes) => Self::Bytes(STANDARD.decode(bytes.get("base64")?.as_str()?).ok()?),
            _ => return None,
        })
    }
}

/// A snapshot of the database. It holds a read transaction, so drop it soon after the last row.
pub struct Snapshot {
    read: Write,
    tables: Vec<Table>,
    /// Whether queries must request sorting by bytes, which is SQLite's default.
    collate: bool,
}

impl Store {
    /// Takes a snapshot of the tables that this program's migrations create.
    pub async fn snapshot(&self) -> Result<Snapshot, Error> {
        let begin = match self.engine {
            Engine::Sqlite(_) => "begin",
            Engine::Postgres => "begin isolation level repeatable read read only",
        };
        let mut read = self.reader()?.begin_with(begin).await?;
        // The moment is that of the first statement.
        sqlx::query("select id from tenants limit 1").fetch_optional(&mut *read).await?;
        let tables = catalog::tables(&catalog::versions()).await?;
        Ok(Snapshot { read, tables, collate: matches!(self.engine, Engine::Postgres) })
    }
}

impl Snapshot {
    /// The tables, each after the tables that it references.
    pub fn tables(&self) -> Vec<Table> {
        self.tables.clone()
    }

    /// The migrations that created the tables.
    pub fn migrations(&self) -> Vec<i64> {
        catalog::versions()
    }

    /// Streams a table's rows, sorted by primary key.
    pub fn rows<'a>(&'a mut self, table: &'a Table) -> BoxStream<'a, Result<FullRow, Error>> {
        rows(&mut self.read, table, self.collate)
    }

    /// The known value that identifies the key of the secrets in this snapshot.
    pub async fn key_check(&mut self) -> Result<Option<String>, Error> {
        let check = sqlx::query_scalar("select sealed from secret_keys where name = $1").bind(crate::store::CHECK);
        Ok(check.fetch_optional(&mut *self.read).await?)
    }
}

/// Streams a table's rows, sorted by primary key, in the same order on both engines. Only a few are in memory at a time.
pub(in crate::store) fn rows<'a>(
    read: &'a mut Write,
    table: &'a Table,
    collate: bool,
) -> BoxStream<'a, Result<FullRow, Error>> {
    let column = |name: &String| {
        let is_text = table.columns.iter().any(|column| column.name == *name && column.kind == Kind::Text);
        format!("\"{name}\"{}", if collate && is_text { " collate \"C\"" } else { "" })
    };
    let order: Vec<_> = table.key.iter().map(column).collect();
    let sql = format!("select {} from \"{}\" order by {}", table.column_list(), table.name, order.join(", "));
    let rows = sqlx::query(AssertSqlSafe(sql)).persistent(false).fetch(&mut **read);
    rows.map_err(Error::from).and_then(|row| std::future::ready(full_row(&row, table))).boxed()
}

fn full_row(row: &AnyRow, table: &Table) -> Result<FullRow, Error> {
    let value = |(at, kind): (usize, Kind)| {
        Ok(match kind {
            Kind::Text => row.try_get::<Option<String>, _>(at)?.map_or(Value::Null, Value::Text),
            Kind::Int => row.try_get::<Option<i64>, _>(at)?.map_or(Value::Null, Value::Int),
            Kind::Bytes => row.try_get::<Option<Vec<u8>>, _>(at)?.map_or(Value::Null, Value::Bytes),
        })
    };
    table.columns.iter().map(|column| column.kind).enumerate().map(value).collect()
}
