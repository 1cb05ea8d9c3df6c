//! PostgreSQL. Rows come through the simple protocol, in which the server converts every value to text.

use super::cell::{self, Cell};
use super::server::Dialect;
use super::trouble::{Cannot, Said, Trouble, Wrong, connect_sqlx, in_time, query_sqlx};
use super::{Outlet, Settings, Wanted, server, tls};
use crate::config::Tls;
use sqlx::error::DatabaseError;
use sqlx::postgres::{PgConnectOptions, PgRow, PgSslMode};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection, Postgres, Row as _, Transaction,
    TypeInfo as _, ValueRef as _,
};

pub(super) async fn read(settings: &Settings, outlet: &mut Outlet) -> Result<(), Trouble> {
    let mut connection = in_time(&settings.database, connect(settings)).await?;
    let wrong = |error| query_sqlx(error, settings.minutes, said);
    let mut reading = begin(&mut connection, settings).await.map_err(wrong)?;
    let warnings = warnings(&mut reading).await;
    let dialect = Dialect { value, said };
    if let Wanted::Yes = server::read(reading, settings, warnings, outlet, &dialect).await? {
        let _ = connection.close().await;
    }
    Ok(())
}

async fn connect(settings: &Settings) -> Result<PgConnection, Trouble> {
    let database = &settings.database;
    let mode = match database.tls {
        Tls::Required => PgSslMode::VerifyFull,
        Tls::Any => PgSslMode::Require,
        Tls::Off => PgSslMode::Disable,
    };
    let mut options = PgConnectOptions::new_without_pgpass()
        .host(&database.host)
        .port(settings.port())
        .username(&database.user)
        .database(&database.name)
        .ssl_mode(mode)
        .application_name("paraph-connector")
        .statement_cache_capacity(0)
        .disable_statement_logging();
    if settings.password.is_some() {
        options = options.password(settings.password());
    }
    if database.tls == Tls::Required {
        options = options.ssl_root_cert_from_pem(tls::roots(database)?);
    }
    PgConnection::connect_with(&options).await.map_err(|error| connect_sqlx(error, cannot))
}

/// Starts the read-only transaction for the query, with a text format that does not depend on the server's settings.
async fn begin<'c>(connection: &'c mut PgConnection, settings: &Settings) -> sqlx::Result<Transaction<'c, Postgres>> {
    // If the transaction ever ended early, the next one must be read-only, too.
    connection.execute("set session characteristics as transaction read only").await?;
    let mut reading = connection.begin_with("begin read only").await?;
    let milliseconds = settings.time().as_millis();
    let how = format!(
        "set local statement_timeout = {milliseconds}; set local lock_timeout = 30000; \
         set local datestyle = 'ISO, YMD'; set local intervalstyle = 'iso_8601'"
    );
    reading.execute(sqlx::raw_sql(AssertSqlSafe(how))).await?;
    Ok(reading)
}

/// Warnings about permissions of the login beyond reading, as far as the server reports them.
async fn warnings(reading: &mut Transaction<'_, Postgres>) -> Vec<String> {
    const MAY_WRITE: &str = "select count(*) from pg_catalog.pg_class c \
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
        where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' \
        and has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')";
    // Without the savepoint, an error would end the transaction before the query runs.
    let Ok(mut point) = reading.begin().await else { return Vec::new() };
    let tables: i64 = sqlx::query_scalar(MAY_WRITE).fetch_one(&mut *point).await.unwrap_or_default();
    let _ = point.rollback().await;
    if tables == 0 {
        return Vec::new();
    }
    vec![format!(
        "the login can change {tables} tables: use one that can only read (GRANT SELECT on the tables in the query, \
         nothing else)"
    )]
}

fn value(row: &PgRow, column: usize) -> Cell {
    let Ok(value) = row.try_get_raw(column) else { return Some(cell::no_text()) };
    if value.is_null() {
        return None;
    }
    let Ok(bytes) = value.as_bytes() else { return Some(cell::no_text()) };
    Some(match value.type_info().name() {
        "BOOL" => (bytes == b"t").to_string(),
        "BYTEA" => cell::no_text(),
        // Timestamps have a space where ISO 8601 has a T.
        "TIMESTAMP" | "TIMESTAMPTZ" => cell::text(&String::from_utf8_lossy(bytes).replacen(' ', "T", 1)),
        _ => cell::bytes(bytes),
    })
}

/// Appendix A of PostgreSQL's manual.
fn cannot(error: &dyn DatabaseError) -> Cannot {
    match &*error.code().unwrap_or_default() {
        "28P01" | "28000" => Cannot::SignIn,
        // The second one if CONNECT was not granted.
        "3D000" | "42501" => Cannot::Database,
        _ => Cannot::Other,
    }
}

fn said(error: &dyn DatabaseError) -> Said {
    Said::Wrong(match &*error.code().unwrap_or_default() {
        "42P01" | "3F000" => Wrong::Table,
        "42703" => Wrong::Column,
        "42601" => Wrong::Syntax,
        "42501" => Wrong::Permission,
        "57014" => return Said::Slow,
        "57P01" | "57P02" | "57P03" => return Said::Lost,
        _ => Wrong::Other,
    })
}
