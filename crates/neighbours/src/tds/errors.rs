//! What SQL Server says when something is wrong, and which of it an error of SQLite's is.

use super::lexer::Token;

/// An error, or a notice when its class is 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SqlError {
    pub(super) number: u32,
    pub(super) state: u8,
    pub(super) class: u8,
    pub(super) message: String,
}

/// Errors of this class stop a batch before any of it runs.
pub(super) const SYNTAX: u8 = 15;

/// Words that SQL Server calls keywords when they are in the wrong place.
const KEYWORDS: [&str; 26] = [
    "and", "as", "by", "case", "delete", "distinct", "else", "end", "exec", "from", "group", "having", "in", "insert",
    "into", "join", "not", "on", "or", "order", "select", "then", "union", "update", "where", "with",
];

impl SqlError {
    pub(super) fn new(number: u32, state: u8, class: u8, message: impl Into<String>) -> Self {
        Self { number, state, class, message: message.into() }
    }

    pub(super) fn login_failed(user: &str) -> Self {
        Self::new(18456, 1, 14, format!("Login failed for user '{user}'."))
    }

    pub(super) fn database_refused(database: &str) -> Self {
        let message = format!("Cannot open database \"{database}\" requested by the login. The login failed.");
        Self::new(4060, 1, 11, message)
    }

    pub(super) fn denied(verb: &str, table: &str, database: &str) -> Self {
        let verb = verb.to_uppercase();
        let message =
            format!("The {verb} permission was denied on the object '{table}', database '{database}', schema 'dbo'.");
        Self::new(229, 5, 14, message)
    }

    pub(super) fn near(token: &str) -> Self {
        if KEYWORDS.contains(&token.to_lowercase().as_str()) {
            return Self::new(156, 1, SYNTAX, format!("Incorrect syntax near the keyword '{token}'."));
        }
        Self::new(102, 1, SYNTAX, format!("Incorrect syntax near '{token}'."))
    }

    pub(super) fn conversion(value: &str, to: &str) -> Self {
        let message = format!("Conversion failed when converting the nvarchar value '{value}' to data type {to}.");
        Self::new(245, 1, 16, message)
    }

    /// What SQL Server would have said of `statement` where SQLite says `error`.
    pub(super) fn translate(error: &sqlx::Error, statement: &[Token<'_>]) -> Self {
        let said = error.as_database_error().map_or_else(|| error.to_string(), |error| error.message().to_owned());
        let quoted = || said.split('"').nth(1).unwrap_or_default();
        if let Some(name) = said.strip_prefix("no such table: ") {
            return Self::new(208, 1, 16, format!("Invalid object name '{}'.", as_written(name, statement)));
        }
        if let Some(name) = said.strip_prefix("no such column: ") {
            let column = name.rsplit('.').next().unwrap_or(name);
            return Self::new(207, 1, 16, format!("Invalid column name '{column}'."));
        }
        if let Some(name) = said.strip_prefix("ambiguous column name: ") {
            return Self::new(209, 1, 16, format!("Ambiguous column name '{name}'."));
        }
        if let Some(name) = said.strip_prefix("no such function: ") {
            let message = format!("'{name}' is not a recognized built-in function name.");
            return Self::new(195, 10, SYNTAX, message);
        }
        if said.ends_with("syntax error") {
            return Self::near(quoted());
        }
        if said == "incomplete input" {
            return Self::near(statement.last().map_or("", |token| token.source));
        }
        if said.contains("constraint failed") {
            return Self::new(547, 0, 16, format!("The statement conflicted with a constraint: {said}"));
        }
        if said.contains("locked") {
            return Self::new(1222, 45, 16, "Lock request time out period exceeded.");
        }
        Self::new(50000, 1, 16, said)
    }
}

/// A table's name with its schema, where the statement has one.
fn as_written(name: &str, statement: &[Token<'_>]) -> String {
    let names = |token: &Token<'_>| token.name().is_some_and(|text| text.eq_ignore_ascii_case(name));
    let Some(at) = statement.iter().position(names) else {
        return name.to_owned();
    };
    let mut parts = vec![name.to_owned()];
    let mut before = &statement[..at];
    while let [rest @ .., qualifier, dot] = before
        && dot.source == "."
        && let Some(text) = qualifier.name()
    {
        parts.insert(0, text);
        before = rest;
    }
    parts.join(".")
}
