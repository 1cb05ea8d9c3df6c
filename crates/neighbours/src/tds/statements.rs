//! A batch's statements, and what each one is for the server.

use super::errors::{SYNTAX, SqlError};
use super::lexer::{Class, Token};
use super::translate::{Context, translate};
use std::time::Duration;

/// What is to be done.
pub(super) enum Act {
    /// A setting, which is accepted.
    Set,
    Begin,
    Commit,
    Rollback,
    Wait(Duration),
    Use(String),
    /// For SQLite, in its words.
    Run {
        verb: String,
        sql: String,
    },
}

/// These make a whole statement in a few words, so that the next word can begin another.
const SHORT: [&str; 7] = ["set", "begin", "commit", "rollback", "waitfor", "use", "exec"];
/// After these comes a SELECT that is part of the same statement.
const JOINERS: [&str; 5] = ["union", "all", "except", "intersect", "as"];
const CHANGES: [&str; 9] = ["insert", "update", "delete", "merge", "truncate", "drop", "create", "alter", "exec"];

/// Splits at semicolons, and where a word begins a new statement without one.
pub(super) fn split<'t, 'a>(tokens: &'t [Token<'a>]) -> Vec<&'t [Token<'a>]> {
    let mut statements = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    for (at, token) in tokens.iter().enumerate() {
        match token.source {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > 0 || at == start {
            continue;
        }
        if token.is(";") || begins(&tokens[start..at], token, tokens.get(at + 1)) {
            statements.push(&tokens[start..at]);
            start = at;
        }
    }
    statements.push(&tokens[start..]);
    let without_mark = statements.into_iter().map(|statement| match statement {
        [mark, rest @ ..] if mark.is(";") => rest,
        whole => whole,
    });
    without_mark.filter(|statement| !statement.is_empty()).collect()
}

/// Whether `token`, outside of parentheses, begins a statement after the words of `current`.
fn begins(current: &[Token<'_>], token: &Token<'_>, next: Option<&Token<'_>>) -> bool {
    let (Some(first), Some(last)) = (current.first(), current.last()) else {
        return false;
    };
    let after_short = first.is_any(&SHORT);
    if token.is_any(&["waitfor", "commit", "rollback", "use"]) {
        return true;
    }
    if token.is("begin") {
        return next.is_some_and(|next| next.is_any(&["tran", "transaction"]));
    }
    if token.is("set") {
        return !first.is_any(&["update", "merge", "with", "alter"]);
    }
    if token.is("select") {
        return (after_short || first.is("select")) && !last.is_any(&JOINERS);
    }
    token.is_any(&CHANGES) && (after_short || first.is_any(&["select", "insert", "update", "delete"]))
}

/// What the statement asks for.
///
/// # Errors
/// Those of SQL Server for what is not a statement, or is one that it does not have.
pub(super) fn read(statement: &[Token<'_>], context: &Context<'_>) -> Result<Act, SqlError> {
    let first = &statement[0];
    let second = statement.get(1);
    let verb = first.source.to_lowercase();
    Ok(match verb.as_str() {
        "set" => Act::Set,
        "begin" if second.is_some_and(|word| word.is_any(&["tran", "transaction"])) => Act::Begin,
        "commit" => Act::Commit,
        "rollback" => Act::Rollback,
        "waitfor" => Act::Wait(delay(statement)?),
        "use" => Act::Use(second.and_then(Token::name).ok_or_else(|| SqlError::near("use"))?),
        "exec" | "execute" => return Err(unknown_procedure(&statement[1..])),
        "select" | "with" | "insert" | "update" | "delete" | "create" | "drop" | "alter" => {
            Act::Run { sql: translate(statement, context)?, verb }
        }
        _ => return Err(call(statement)),
    })
}

/// What is not a keyword calls a procedure, as far as it can: `selec 1` does, `selec *` does not.
fn call(statement: &[Token<'_>]) -> SqlError {
    match statement {
        [first, ..] if !matches!(first.class, Class::Word | Class::Quoted) => SqlError::near(first.source),
        [_, second, ..] if second.class == Class::Mark => SqlError::near(second.source),
        [_, _, third, ..] => SqlError::near(third.source),
        _ => unknown_procedure(&statement[..1]),
    }
}

fn unknown_procedure(name: &[Token<'_>]) -> SqlError {
    let name: String =
        name.iter().take_while(|token| token.name().is_some() || token.is(".")).map(|t| t.source).collect();
    SqlError::new(2812, 62, 16, format!("Could not find stored procedure '{name}'."))
}

/// `WAITFOR DELAY 'hours:minutes[:seconds]'`.
fn delay(statement: &[Token<'_>]) -> Result<Duration, SqlError> {
    let [_, delay, time] = statement else {
        return Err(SqlError::near("waitfor"));
    };
    let text = time.text().filter(|_| delay.is("delay")).ok_or_else(|| SqlError::near(time.source))?;
    let mut seconds = 0.0;
    for (part, unit) in text.split(':').zip([3600.0, 60.0, 1.0]) {
        let part: f64 = part.parse().map_err(|_| {
            SqlError::new(148, 1, SYNTAX, format!("Incorrect time syntax in time string '{text}' used with WAITFOR."))
        })?;
        seconds += part * unit;
    }
    Ok(Duration::from_secs_f64(seconds))
}
