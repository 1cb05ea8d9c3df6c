//! SQLite. The file is opened read-only.

use super::cell::{self, Cell};
use super::trouble::{Cannot, Trouble, Wrong, connect, in_time, query};
use super::{Outlet, Settings, Wanted};
use futures_util::TryStreamExt as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions as _, Connection as _, Executor as _, Row as _, SqlSafeStr as _,
    SqliteConnection, Statement as _, TypeInfo as _, ValueRef as _,
};
use std::path::Path;
use std::time::Instant;

pub(super) async fn read(settings: &Settings, outlet: &mut Outlet) -> Result<(), Trouble> {
    let file = Path::new(&settings.database.file);
    let connection = in_time(&settings.database, open(file)).await?;
    read_from(connection, settings, &settings.sql, outlet).await
}

/// Runs the query on an open database.
pub(super) async fn read_from(
    mut connection: SqliteConnection,
    settings: &Settings,
    sql: &str,
    outlet: &mut Outlet,
) -> Result<(), Trouble> {
    stop_in_time(&mut connection, settings).await?;
    let wrong = |error| wrong(&error, settings.minutes);
    let sql = AssertSqlSafe(sql.to_owned()).into_sql_str();
    let statement = connection.prepare(sql.clone()).await.map_err(wrong)?;
    let columns = statement.columns().iter().map(|column| column.name().to_owned()).collect();
    let truths: Vec<bool> = statement.columns().iter().map(|column| column.type_info().name() == "BOOLEAN").collect();
    if let Wanted::No = outlet.columns(columns, Vec::new()).await {
        return Ok(());
    }
    let mut rows = sqlx::query(sql).fetch(&mut connection);
    while let Some(row) = rows.try_next().await.map_err(wrong)? {
        if let Wanted::No = outlet.row(|column| value(&row, column, truths.get(column) == Some(&true))).await {
            return Ok(());
        }
    }
    drop(rows);
    let _ = connection.close().await;
    Ok(())
}

async fn open(file: &Path) -> Result<SqliteConnection, Trouble> {
    let name = file.display();
    // SQLite only reports that it could not open the file; this error says why.
    if let Err(error) = std::fs::File::open(file) {
        return Err(connect(Cannot::File, format!("{name}: {error}")));
    }
    let options = SqliteConnectOptions::new()
        .filename(file)
        .read_only(true)
        .pragma("query_only", "on")
        .pragma("trusted_schema", "off")
        .disable_statement_logging();
    let mut connection = SqliteConnection::connect_with(&options)
        .await
        .map_err(|error| connect(Cannot::File, format!("{name}: {error}")))?;
    // SQLite opens any file and reads it only with the first statement.
    sqlx::query("select count(*) from sqlite_schema")
        .execute(&mut connection)
        .await
        .map_err(|error| connect(Cannot::File, format!("{name} is not a SQLite database: {error}")))?;
    Ok(connection)
}

/// Stops the query at its time limit: it runs on its own thread, which cannot be stopped otherwise.
async fn stop_in_time(connection: &mut SqliteConnection, settings: &Settings) -> Result<(), Trouble> {
    /// SQLite virtual machine steps between two checks of the clock: well under a millisecond.
    const STEPS: i32 = 10_000;
    let end = Instant::now() + settings.time();
    let mut handle = connection.lock_handle().await.map_err(|error| Trouble::Lost(error.to_string()))?;
    handle.set_progress_handler(STEPS, move || Instant::now() < end);
    Ok(())
}

fn value(row: &SqliteRow, column: usize, truth: bool) -> Cell {
    let Ok(raw) = row.try_get_raw(column) else { return Some(cell::no_text()) };
    if raw.is_null() {
        return None;
    }
    let kind = raw.type_info().name().to_owned();
    let bytes = || row.try_get_unchecked::<&[u8], _>(column).unwrap_or_default();
    Some(match kind.as_str() {
        "INTEGER" | "BOOLEAN" => {
            let number = row.try_get_unchecked::<i64, _>(column).unwrap_or_default();
            if truth { (number != 0).to_string() } else { number.to_string() }
        }
        "REAL" => row.try_get_unchecked::<f64, _>(column).unwrap_or_default().to_string(),
        "BLOB" => cell::binary(bytes()),
        _ => cell::bytes(bytes()),
    })
}

/// Classifies an error by its message, because SQLite has one code for nearly everything.
fn wrong(error: &sqlx::Error, minutes: u32) -> Trouble {
    /// `SQLITE_INTERRUPT`, caused by the progress handler.
    const INTERRUPT: &str = "9";
    let sqlx::Error::Database(error) = error else { return Trouble::Lost(error.to_string()) };
    if error.code().as_deref() == Some(INTERRUPT) {
        return Trouble::Slow(minutes);
    }
    let text = error.message();
    let what = match text {
        _ if text.contains("no such table") => Wrong::Table,
        _ if text.contains("no such column") => Wrong::Column,
        _ if text.contains("syntax error") => Wrong::Syntax,
        _ => Wrong::Other,
    };
    query(what, text)
}
