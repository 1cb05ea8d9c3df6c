//! The TDS test server, as tiberius and `tsql` see it.

mod freetds;
mod misbehaviour;
mod tiberius_client;

use neighbours::tds::{DATABASE, Encryption, PASSWORD, TdsOptions, TdsServer, USER};
use tiberius::{AuthMethod, Client, ColumnData, Config, EncryptionLevel, Row};
use tokio::net::TcpStream;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt as _};

type Connection = Client<Compat<TcpStream>>;

/// Two people of every type, a table that nobody may read, and many numbers.
const SETUP: &str = include_str!("setup.sql");

async fn start(encryption: Encryption) -> TdsServer {
    TdsServer::start(TdsOptions { encryption, setup_sql: SETUP, denied: &["secrets"], ..TdsOptions::default() }).await
}

/// What tiberius needs to know to get in, as the server is encrypted.
fn config(server: &TdsServer, encryption: Encryption) -> Config {
    let mut config = Config::new();
    config.host("localhost");
    config.port(server.port());
    config.database(DATABASE);
    config.authentication(AuthMethod::sql_server(USER, PASSWORD));
    config.trust_cert_ca_bundle(server.certificate_pem().as_bytes());
    config.encryption(match encryption {
        Encryption::NotSupported => EncryptionLevel::NotSupported,
        Encryption::Off => EncryptionLevel::Off,
        Encryption::Required => EncryptionLevel::Required,
    });
    config
}

async fn try_connect(config: Config) -> tiberius::Result<Connection> {
    let tcp = TcpStream::connect(config.get_addr()).await.unwrap();
    tcp.set_nodelay(true).unwrap();
    Box::pin(Client::connect(config, tcp.compat_write())).await
}

async fn connect(server: &TdsServer) -> Connection {
    try_connect(config(server, Encryption::Required)).await.unwrap()
}

/// The first result's rows, as text.
async fn rows(client: &mut Connection, sql: &str) -> tiberius::Result<Vec<Vec<String>>> {
    let rows = client.simple_query(sql).await?.into_first_result().await?;
    Ok(rows.iter().map(shown).collect())
}

/// Everything that came back, in one line: columns by `|`, rows by `;`.
async fn answer(client: &mut Connection, sql: &str) -> String {
    match rows(client, sql).await {
        Ok(rows) => rows.iter().map(|row| row.join("|")).collect::<Vec<_>>().join(";"),
        Err(error) => number_and_message(&error),
    }
}

fn number_and_message(error: &tiberius::error::Error) -> String {
    match error {
        tiberius::error::Error::Server(error) => {
            format!("{}/{}/{} {}", error.code(), error.class(), error.state(), error.message())
        }
        other => panic!("{other:?}"),
    }
}

fn shown(row: &Row) -> Vec<String> {
    row.cells().map(|(_, value)| cell(value)).collect()
}

fn cell(value: &ColumnData<'_>) -> String {
    let shown = match value {
        ColumnData::U8(value) => value.map(|value| format!("u8 {value}")),
        ColumnData::I16(value) => value.map(|value| format!("i16 {value}")),
        ColumnData::I32(value) => value.map(|value| value.to_string()),
        ColumnData::I64(value) => value.map(|value| format!("i64 {value}")),
        ColumnData::F32(value) => value.map(|value| format!("f32 {value}")),
        ColumnData::F64(value) => value.map(|value| format!("f64 {value}")),
        ColumnData::Bit(value) => value.map(|value| value.to_string()),
        ColumnData::String(value) => value.as_ref().map(ToString::to_string),
        ColumnData::Guid(value) => value.map(|value| value.to_string()),
        ColumnData::Binary(value) => value.as_ref().map(|value| format!("{value:02x?}")),
        ColumnData::Numeric(value) => value.map(|value| format!("{}e-{}", value.value(), value.scale())),
        ColumnData::Date(value) => value.map(|value| format!("day {}", value.days())),
        ColumnData::DateTime(value) => {
            value.map(|value| format!("day {} tick {}", value.days(), value.seconds_fragments()))
        }
        ColumnData::DateTime2(value) => {
            value.map(|value| format!("day {} tick {}", value.date().days(), value.time().increments()))
        }
        other => panic!("{other:?}"),
    };
    shown.unwrap_or_else(|| "NULL".to_owned())
}
