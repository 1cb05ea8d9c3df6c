//! SQL Server. The program enforces the time limit by closing the connection, which stops the query.

use super::cell;
use super::trouble::{Cannot, Trouble, Wrong, connect, connect_io, in_time, query};
use super::{Outlet, Settings, Wanted, tls};
use crate::config::{Login, Tls};
use api::connector::MAX_ROWS;
use futures_util::TryStreamExt as _;
use tiberius::error::Error;
use tiberius::{AuthMethod, Client, Config, EncryptionLevel, QueryItem, SqlBrowser as _};
use tokio::net::TcpStream;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt as _};

mod value;

type Connection = Client<Compat<TcpStream>>;

pub(super) async fn read(settings: &Settings, outlet: &mut Outlet) -> Result<(), Trouble> {
    let mut connection = in_time(&settings.database, Box::pin(open(settings))).await?;
    let warnings = warnings(&mut connection).await;
    begin(&mut connection).await.map_err(wrong)?;
    let mut stream = connection.simple_query(settings.sql.as_str()).await.map_err(wrong)?;
    let columns = stream.columns().await.map_err(wrong)?.unwrap_or_default();
    let columns = columns.iter().map(|column| column.name().to_owned()).collect();
    if let Wanted::No = outlet.columns(columns, warnings).await {
        return Ok(());
    }
    while let Some(item) = stream.try_next().await.map_err(wrong)? {
        let QueryItem::Row(row) = item else { continue };
        let cell = |column| row.get_column_data(column).map_or_else(|_| Some(cell::no_text()), value::text);
        if let Wanted::No = outlet.row(cell).await {
            return Ok(());
        }
    }
    drop(stream);
    // The transaction only read; if it ever did more, this undoes it. The server must answer: rows cut off by a lost
    // connection look like a complete result.
    match rollback(&mut connection).await {
        Ok(()) | Err(Error::Server(_)) => {}
        Err(error) => return Err(wrong(error)),
    }
    let _ = connection.close().await;
    Ok(())
}

async fn rollback(connection: &mut Connection) -> Result<(), Error> {
    connection.simple_query("ROLLBACK TRANSACTION").await?.into_results().await.map(drop)
}

async fn open(settings: &Settings) -> Result<Connection, Trouble> {
    let config = config(settings)?;
    match Box::pin(connect_to(config.clone(), settings)).await {
        // An availability group redirects read-only connections to another server, once.
        Err(Error::Routing { host, port }) => {
            let mut elsewhere = config;
            elsewhere.host(&host);
            elsewhere.port(port);
            let stream = tcp(&host, port).await.map_err(cannot)?;
            Box::pin(Client::connect(elsewhere, stream)).await.map_err(cannot)
        }
        connected => connected.map_err(cannot),
    }
}

async fn connect_to(config: Config, settings: &Settings) -> Result<Connection, Error> {
    let database = &settings.database;
    let stream = if database.instance.is_empty() || database.port > 0 {
        tcp(&database.host, settings.port()).await?
    } else {
        let stream = TcpStream::connect_named(&config).await?;
        stream.set_nodelay(true)?;
        stream.compat_write()
    };
    Box::pin(Client::connect(config, stream)).await
}

async fn tcp(host: &str, port: u16) -> Result<Compat<TcpStream>, Error> {
    let stream = TcpStream::connect((host, port)).await?;
    stream.set_nodelay(true)?;
    Ok(stream.compat_write())
}

fn config(settings: &Settings) -> Result<Config, Trouble> {
    let database = &settings.database;
    let mut config = Config::new();
    config.host(&database.host);
    config.database(&database.name);
    config.application_name("paraph-connector");
    config.readonly(true);
    config.lossy_utf16_decoding(true);
    if !database.instance.is_empty() {
        config.instance_name(&database.instance);
    }
    if database.port > 0 || database.instance.is_empty() {
        config.port(settings.port());
    }
    match database.tls {
        Tls::Required => {
            config.encryption(EncryptionLevel::Required);
            if !database.ca_file.is_empty() {
                config.trust_cert_ca_bundle(tls::roots(database)?);
            }
        }
        Tls::Any => {
            config.encryption(EncryptionLevel::Required);
            config.trust_cert();
        }
        // The password is still encrypted if the server supports it.
        Tls::Off => {
            config.encryption(EncryptionLevel::Off);
            config.trust_cert();
        }
    }
    config.authentication(match database.login {
        Login::Password => AuthMethod::sql_server(&database.user, settings.password()),
        Login::Integrated => integrated()?,
    });
    Ok(config)
}

/// Signs in with the account that this program runs as.
#[cfg(any(windows, feature = "kerberos"))]
#[expect(clippy::unnecessary_wraps, reason = "other builds do not support it")]
fn integrated() -> Result<AuthMethod, Trouble> {
    Ok(AuthMethod::Integrated)
}

#[cfg(not(any(windows, feature = "kerberos")))]
fn integrated() -> Result<AuthMethod, Trouble> {
    Err(Trouble::Settings(
        "this build does not support database.login = \"integrated\": build paraph-connector with --features kerberos, \
         or use \
         a SQL login"
            .into(),
    ))
}

/// Starts a transaction that is rolled back at the end, and limits cells and rows to the limits of an upload.
async fn begin(connection: &mut Connection) -> Result<(), Error> {
    let begin = format!(
        "SET NOCOUNT ON; SET LOCK_TIMEOUT 30000; SET TEXTSIZE 65536; SET ROWCOUNT {}; BEGIN TRANSACTION",
        MAX_ROWS + 1
    );
    connection.simple_query(begin).await?.into_results().await.map(drop)
}

/// Warnings about permissions of the login beyond reading, as far as the server reports them.
async fn warnings(connection: &mut Connection) -> Vec<String> {
    const MAY_WRITE: &str = "SELECT COUNT(*) FROM (SELECT QUOTENAME(SCHEMA_NAME(schema_id)) + '.' + QUOTENAME(name) AS name \
        FROM sys.tables) AS t WHERE HAS_PERMS_BY_NAME(t.name, 'OBJECT', 'INSERT') = 1 \
        OR HAS_PERMS_BY_NAME(t.name, 'OBJECT', 'UPDATE') = 1 OR HAS_PERMS_BY_NAME(t.name, 'OBJECT', 'DELETE') = 1";
    let asked = async {
        let row = connection.simple_query(MAY_WRITE).await?.into_row().await?;
        row.map_or(Ok(None), |row| row.try_get::<i32, _>(0))
    };
    match asked.await {
        Ok(Some(tables)) if tables > 0 => vec![format!(
            "the login can change {tables} tables: use one that can only read (GRANT SELECT on the tables in the \
             query, \
             nothing else)"
        )],
        _ => Vec::new(),
    }
}

fn cannot(error: Error) -> Trouble {
    match error {
        Error::Io { kind, message } => connect_io(&std::io::Error::new(kind, message)),
        Error::Tls(detail) => connect(Cannot::Certificate, detail),
        Error::Protocol(detail) if detail.contains("encryption level") => {
            connect(Cannot::NoTls, "the server does not offer it")
        }
        // Errors of the SQL Server Browser service, which reports the ports of named instances.
        Error::Conversion(detail) if detail.contains("SQL browser") => connect(Cannot::Silent, detail),
        Error::Server(said) => {
            let what = match said.code() {
                18_450..=18_489 => Cannot::SignIn,
                4_060 | 4_062..=4_064 | 911 | 916 => Cannot::Database,
                _ => Cannot::Other,
            };
            connect(what, said.message())
        }
        error => connect(Cannot::Other, error.to_string()),
    }
}

fn wrong(error: Error) -> Trouble {
    let Error::Server(said) = error else { return Trouble::Lost(error.to_string()) };
    let what = match said.code() {
        208 => Wrong::Table,
        207 | 4104 => Wrong::Column,
        102 | 105 | 156 | 170 | 319 => Wrong::Syntax,
        229 | 230 | 262 | 297 | 300 | 916 => Wrong::Permission,
        // The server is shutting down, or closed this connection.
        596 | 6005 | 17_142 | 17_148 => return Trouble::Lost(said.message().into()),
        _ => Wrong::Other,
    };
    query(what, said.message())
}
