//! What a client asks for once it is in ([MS-TDS] 2.2.6.6 to 2.2.6.9).

use super::bytes::{Reader, from_utf16};
use super::errors::SqlError;
use super::types::SqlType;
use super::values::Value;

/// Statements to run.
pub(super) struct Query {
    pub(super) sql: String,
    /// By name, with its `@`.
    pub(super) parameters: Vec<(String, Value)>,
    /// Whether a procedure runs them.
    pub(super) is_procedure: bool,
}

/// What is to become of the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transaction {
    Begin,
    Commit,
    Rollback,
}

/// The transaction that the message's headers say it belongs to, and the rest of the message.
pub(super) fn headers(message: &[u8]) -> (u64, &[u8]) {
    const TRANSACTION: u16 = 2;
    let total = usize::try_from(Reader(message).u32()).unwrap();
    let (headers, rest) = message.split_at(total);
    let mut headers = Reader(&headers[4..]);
    let mut transaction = 0;
    while !headers.is_empty() {
        let length = usize::try_from(headers.u32()).unwrap();
        let mut header = Reader(headers.take(length - 4));
        if header.u16() == TRANSACTION {
            transaction = header.u64();
        }
    }
    (transaction, rest)
}

pub(super) fn batch(body: &[u8]) -> Query {
    Query { sql: from_utf16(body), parameters: Vec::new(), is_procedure: false }
}

/// The one procedure that we have: `sp_executesql`, with the statements, the declarations and the values.
///
/// # Errors
/// SQL Server's, for every other one.
pub(super) fn procedure(body: &[u8]) -> Result<Query, SqlError> {
    const BY_NUMBER: u16 = 0xffff;
    const EXECUTE_SQL: u16 = 10;
    let mut reader = Reader(body);
    let name = match reader.u16() {
        BY_NUMBER => match reader.u16() {
            EXECUTE_SQL => "sp_executesql".to_owned(),
            number => format!("procedure {number}"),
        },
        length => from_utf16(reader.take(usize::from(length) * 2)),
    };
    if !name.eq_ignore_ascii_case("sp_executesql") {
        return Err(SqlError::new(2812, 62, 16, format!("Could not find stored procedure '{name}'.")));
    }
    reader.u16();
    let mut parameters = Vec::new();
    while !reader.is_empty() {
        let name = reader.short_text();
        reader.u8();
        let value = SqlType::read(&mut reader).map_or(Value::Null, |sql_type| Value::read(sql_type, &mut reader));
        parameters.push((name, value));
    }
    let mut arguments = parameters.into_iter();
    let Some((_, Value::Text(sql))) = arguments.next() else {
        return Err(SqlError::new(
            214,
            2,
            16,
            "Procedure expects parameter '@statement' of type 'ntext/nchar/nvarchar'.",
        ));
    };
    let declarations = arguments.next();
    // Without names they are in the order of their declarations.
    let declared = declarations.iter().filter_map(|(_, value)| match value {
        Value::Text(text) => Some(declared_names(text)),
        _ => None,
    });
    let mut declared = declared.flatten();
    let parameters = arguments.map(|(name, value)| {
        let place = declared.next().unwrap_or_default();
        (if name.is_empty() { place } else { name }, value)
    });
    Ok(Query { sql, parameters: parameters.collect(), is_procedure: true })
}

fn declared_names(declarations: &str) -> Vec<String> {
    let names = declarations.split_whitespace().filter(|word| word.starts_with('@') || word.contains(",@"));
    names.map(|word| word[word.find('@').unwrap_or(0)..].to_owned()).collect()
}

/// # Errors
/// For what belongs to distributed transactions.
pub(super) fn transaction(body: &[u8]) -> Result<Transaction, SqlError> {
    match Reader(body).u16() {
        5 => Ok(Transaction::Begin),
        7 => Ok(Transaction::Commit),
        8 => Ok(Transaction::Rollback),
        kind => Err(SqlError::new(8525, 1, 16, format!("Transaction request {kind} is not one of this server's."))),
    }
}
