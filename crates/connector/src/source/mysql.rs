//! `MySQL` and `MariaDB`. Rows come through the text protocol, in which the server converts every value to text.

use super::cell::{self, Cell};
use super::server::Dialect;
use super::trouble::{Cannot, Said, Trouble, Wrong, connect_sqlx, in_time, query_sqlx};
use super::{Outlet, Settings, Wanted, server, tls};
use crate::config::Tls;
use sqlx::error::DatabaseError;
use sqlx::mysql::{MySqlConnectOptions, MySqlDatabaseError, MySqlRow, MySqlSslMode};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, MySql, MySqlConnection, Row as _, Transaction,
    TypeInfo as _, ValueRef as _,
};

pub(super) async fn read(settings: &Settings, outlet: &mut Outlet) -> Result<(), Trouble> {
    let mut connection = in_time(&settings.database, connect(settings)).await?;
    let wrong = |error| query_sqlx(error, settings.minutes, said);
    let warnings = warnings(&mut connection).await;
    let reading = begin(&mut connection, settings).await.map_err(wrong)?;
    let dialect = Dialect { value, said };
    if let Wanted::Yes = server::read(reading, settings, warnings, outlet, &dialect).await? {
        let _ = connection.close().await;
    }
    Ok(())
}

async fn connect(settings: &Settings) -> Result<MySqlConnection, Trouble> {
    let database = &settings.database;
    let mode = match database.tls {
        _ if database.host.starts_with('/') => MySqlSslMode::Disabled,
        Tls::Required => MySqlSslMode::VerifyIdentity,
        Tls::Any => MySqlSslMode::Required,
        Tls::Off => MySqlSslMode::Disabled,
    };
    let mut options = MySqlConnectOptions::new()
        .username(&database.user)
        .database(&database.name)
        .ssl_mode(mode)
        .statement_cache_capacity(0)
        // The query must mean the same as in the database's own tool.
        .pipes_as_concat(false)
        .no_engine_substitution(false)
        .timezone(None)
        .disable_statement_logging();
    options = if database.host.starts_with('/') {
        options.socket(&database.host)
    } else {
        options.host(&database.host).port(settings.port())
    };
    if settings.password.is_some() {
        options = options.password(settings.password());
    }
    if matches!(mode, MySqlSslMode::VerifyIdentity) {
        options = options.ssl_ca_from_pem(tls::roots(database)?);
    }
    MySqlConnection::connect_with(&options).await.map_err(|error| connect_sqlx(error, cannot))
}

/// Starts the read-only transaction for the query.
async fn begin<'c>(connection: &'c mut MySqlConnection, settings: &Settings) -> sqlx::Result<Transaction<'c, MySql>> {
    let time = settings.time();
    // The first is for `MySQL`, the second for `MariaDB`. Without either, the program's own clock stops the query.
    for limit in [
        format!("set session max_execution_time = {}", time.as_millis()),
        format!("set session max_statement_time = {}", time.as_secs()),
    ] {
        let _ = connection.execute(sqlx::raw_sql(AssertSqlSafe(limit))).await;
    }
    // If the transaction ever ended early, the next one must be read-only, too.
    connection.execute("set session transaction read only").await?;
    connection.begin_with("start transaction read only").await
}

/// Warnings about permissions of the login beyond reading, as far as the server reports them.
async fn warnings(connection: &mut MySqlConnection) -> Vec<String> {
    const WRITES: &[&str] = &["ALL PRIVILEGES", "INSERT", "UPDATE", "DELETE", "DROP", "ALTER", "FILE", "SUPER"];
    let grants: Vec<String> = sqlx::query_scalar("show grants").fetch_all(&mut *connection).await.unwrap_or_default();
    // The part before ON in GRANT SELECT, INSERT ON … TO ….
    let granted = |grant: &String| grant.split(" ON ").next().unwrap_or_default().to_uppercase();
    let may = |grant: &String| WRITES.iter().any(|write| granted(grant).contains(write));
    if grants.iter().any(may) {
        vec![
            "the login can do more than read: use one with GRANT SELECT on the tables in the query, and nothing else"
                .into(),
        ]
    } else {
        Vec::new()
    }
}

fn value(row: &MySqlRow, column: usize) -> Cell {
    let Ok(raw) = row.try_get_raw(column) else { return Some(cell::no_text()) };
    if raw.is_null() {
        return None;
    }
    let kind = raw.type_info().name().to_owned();
    let Ok(bytes) = row.try_get_unchecked::<&[u8], _>(column) else { return Some(cell::no_text()) };
    Some(match kind.as_str() {
        "BOOLEAN" if bytes == b"0" || bytes == b"1" => (bytes == b"1").to_string(),
        "BIT" if bytes.len() <= 8 => {
            bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte)).to_string()
        }
        // These have a space where ISO 8601 has a T.
        "DATETIME" | "TIMESTAMP" => cell::text(&String::from_utf8_lossy(bytes).replacen(' ', "T", 1)),
        "BINARY" | "VARBINARY" | "TINYBLOB" | "BLOB" | "MEDIUMBLOB" | "LONGBLOB" | "GEOMETRY" => cell::binary(bytes),
        _ => cell::bytes(bytes),
    })
}

/// The server's error number.
fn number(error: &dyn DatabaseError) -> u16 {
    error.try_downcast_ref::<MySqlDatabaseError>().map_or(0, MySqlDatabaseError::number)
}

fn cannot(error: &dyn DatabaseError) -> Cannot {
    match number(error) {
        1045 | 1130 | 1698 | 1862 | 3118 | 4151 => Cannot::SignIn,
        1044 | 1049 => Cannot::Database,
        _ => Cannot::Other,
    }
}

fn said(error: &dyn DatabaseError) -> Said {
    Said::Wrong(match number(error) {
        1049 | 1146 => Wrong::Table,
        1054 => Wrong::Column,
        1064 => Wrong::Syntax,
        1044 | 1142 | 1143 | 1227 | 1370 => Wrong::Permission,
        1317 | 1969 | 3024 => return Said::Slow,
        1053 | 1077 | 1927 => return Said::Lost,
        _ => Wrong::Other,
    })
}
