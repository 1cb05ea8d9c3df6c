//! Reads the query's rows from a server that sqlx supports.

use super::cell::Cell;
use super::trouble::{Said, Trouble, query_sqlx};
use super::{Outlet, Settings, Wanted};
use futures_util::TryStreamExt as _;
use sqlx::error::DatabaseError;
use sqlx::{AssertSqlSafe, Column as _, Database, Executor, SqlSafeStr as _, Statement as _, Transaction};

/// Functions that differ between servers.
pub(super) struct Dialect<DB: Database> {
    /// Converts a value of a row to text.
    pub(super) value: fn(&DB::Row, usize) -> Cell,
    /// Classifies an error.
    pub(super) said: fn(&dyn DatabaseError) -> Said,
}

/// Reads the query's rows, and ends the transaction unless the receiver was dropped.
pub(super) async fn read<DB: Database>(
    mut reading: Transaction<'_, DB>,
    settings: &Settings,
    warnings: Vec<String>,
    outlet: &mut Outlet,
    dialect: &Dialect<DB>,
) -> Result<Wanted, Trouble>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    let wrong = |error| query_sqlx(error, settings.minutes, dialect.said);
    let sql = AssertSqlSafe(settings.sql.clone()).into_sql_str();
    let statement = reading.prepare(sql.clone()).await.map_err(wrong)?;
    let columns = statement.columns().iter().map(|column| column.name().to_owned()).collect();
    if let Wanted::No = outlet.columns(columns, warnings).await {
        return Ok(Wanted::No);
    }
    let mut rows = sqlx::raw_sql(sql).fetch(&mut *reading);
    while let Some(row) = rows.try_next().await.map_err(wrong)? {
        if let Wanted::No = outlet.row(|column| (dialect.value)(&row, column)).await {
            return Ok(Wanted::No);
        }
    }
    drop(rows);
    // The transaction only read, so the result of the rollback does not matter.
    let _ = reading.rollback().await;
    Ok(Wanted::Yes)
}
