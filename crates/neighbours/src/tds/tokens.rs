//! What an answer is made of ([MS-TDS] 2.2.7).

use super::bytes::{put_short_text, put_text};
use super::errors::SqlError;
use super::types::{COLLATION, SqlType};
use super::values::Value;

/// What the server calls itself in errors.
const SERVER: &str = "PARAPH-FAKE";
/// TDS 7.4 as a LOGINACK has it: unlike everything else, its highest byte first.
const VERSION: [u8; 4] = [0x74, 0, 0, 4];

/// Bits of a DONE's status.
pub(super) const MORE: u16 = 0x01;
pub(super) const ERROR: u16 = 0x02;
pub(super) const COUNT: u16 = 0x10;
pub(super) const ATTENTION: u16 = 0x20;

/// What has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Done {
    Batch = 0xfd,
    Procedure = 0xfe,
    InProcedure = 0xff,
}

/// What has changed around the connection.
pub(super) enum Change<'a> {
    Database { new: &'a str, old: &'a str },
    Language,
    PacketSize { new: usize, old: usize },
    Collation,
    Begin(u64),
    Commit(u64),
    Rollback(u64),
}

/// A column of a result; without a name where an expression has none.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) sql_type: SqlType,
}

pub(super) fn done(out: &mut Vec<u8>, what: Done, status: u16, rows: u64) {
    out.push(what as u8);
    out.extend(status.to_le_bytes());
    out.extend([0; 2]);
    out.extend(rows.to_le_bytes());
}

/// What a procedure gives back: 0, all went well.
pub(super) fn return_status(out: &mut Vec<u8>) {
    out.extend([0x79, 0, 0, 0, 0]);
}

pub(super) fn error(out: &mut Vec<u8>, error: &SqlError) {
    put(out, 0xaa, &report(error));
}

pub(super) fn info(out: &mut Vec<u8>, notice: &SqlError) {
    put(out, 0xab, &report(notice));
}

fn report(error: &SqlError) -> Vec<u8> {
    let mut body = error.number.to_le_bytes().to_vec();
    body.extend([error.state, error.class]);
    put_text(&mut body, &error.message);
    put_short_text(&mut body, SERVER);
    put_short_text(&mut body, "");
    body.extend(1_u32.to_le_bytes());
    body
}

pub(super) fn login_ack(out: &mut Vec<u8>) {
    let mut body = vec![1];
    body.extend(VERSION);
    put_short_text(&mut body, "Microsoft SQL Server");
    body.extend([16, 0, 0x03, 0xe8]);
    put(out, 0xad, &body);
}

pub(super) fn change(out: &mut Vec<u8>, change: &Change<'_>) {
    let texts = |kind: u8, new: &str, old: &str| {
        let mut body = vec![kind];
        put_short_text(&mut body, new);
        put_short_text(&mut body, old);
        body
    };
    let bytes = |kind: u8, new: &[u8], old: &[u8]| {
        let lengths = [new, old].map(|value| u8::try_from(value.len()).unwrap());
        [&[kind, lengths[0]], new, &[lengths[1]], old].concat()
    };
    let body = match change {
        Change::Database { new, old } => texts(1, new, old),
        Change::Language => texts(2, "us_english", ""),
        Change::PacketSize { new, old } => texts(4, &new.to_string(), &old.to_string()),
        Change::Collation => bytes(7, &COLLATION, &[]),
        Change::Begin(transaction) => bytes(8, &transaction.to_le_bytes(), &[]),
        Change::Commit(transaction) => bytes(9, &[], &transaction.to_le_bytes()),
        Change::Rollback(transaction) => bytes(10, &[], &transaction.to_le_bytes()),
    };
    put(out, 0xe3, &body);
}

pub(super) fn columns(out: &mut Vec<u8>, columns: &[Column]) {
    /// May be NULL, and nobody knows whether it can be written.
    const FLAGS: u16 = 0x0009;
    out.push(0x81);
    out.extend(u16::try_from(columns.len()).unwrap().to_le_bytes());
    for column in columns {
        out.extend([0; 4]);
        out.extend(FLAGS.to_le_bytes());
        column.sql_type.put(out);
        put_short_text(out, &column.name);
    }
}

/// A row. Like SQL Server it leaves NULLs out of one that has any, and says which they are.
///
/// # Errors
/// When a value is not of its column's type; then nothing is written.
pub(super) fn row(out: &mut Vec<u8>, columns: &[Column], values: &[Value]) -> Result<(), SqlError> {
    let is_null = |value: &Value| *value == Value::Null;
    let mut row = vec![0xd1];
    let has_null = values.iter().any(is_null);
    if has_null {
        row = vec![0xd2];
        let bits = |eight: &[Value]| eight.iter().rev().fold(0, |byte, value| byte << 1 | u8::from(is_null(value)));
        row.extend(values.chunks(8).map(bits));
    }
    for (column, value) in columns.iter().zip(values) {
        if !is_null(value) {
            value.put(column.sql_type, &mut row)?;
        }
    }
    out.extend(row);
    Ok(())
}

fn put(out: &mut Vec<u8>, token: u8, body: &[u8]) {
    out.push(token);
    out.extend(u16::try_from(body.len()).unwrap().to_le_bytes());
    out.extend(body);
}
