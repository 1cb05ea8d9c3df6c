//! A client that got in: reads what it asks for, runs it, and answers.

use super::errors::{SYNTAX, SqlError};
use super::lexer::{self, Token};
use super::packet::{Kind, Wire};
use super::request::{self, Query, Transaction};
use super::statements::{self, Act};
use super::tokens::{self, ATTENTION, COUNT, Change, Column, Done, ERROR, MORE};
use super::translate::Context;
use super::types::SqlType;
use super::values::Value;
use super::{Login, Shared};
use crate::Trouble;
use futures_util::StreamExt as _;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{
    Arguments as _, AssertSqlSafe, Column as _, ConnectOptions as _, Executor as _, SqlSafeStr as _, SqliteConnection,
    Statement as _,
};
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

/// The number of every connection's transactions.
const TRANSACTION: u64 = 0x0000_0033_0000_0001;

/// Why an answer ends before its end.
enum Stop {
    Sql(SqlError),
    /// The client does not want the rest.
    Attention,
    Closed(io::Error),
}

impl From<SqlError> for Stop {
    fn from(error: SqlError) -> Self {
        Self::Sql(error)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Closed(error)
    }
}

pub(super) struct Session {
    wire: Wire,
    shared: Arc<Shared>,
    login: Login,
    sqlite: SqliteConnection,
    /// How many transactions are open inside each other.
    transactions: usize,
}

impl Session {
    pub(super) async fn new(wire: Wire, shared: Arc<Shared>, login: Login) -> Self {
        let sqlite = shared.sqlite.connect().await.unwrap();
        Self { wire, shared, login, sqlite, transactions: 0 }
    }

    /// Answers until the client goes.
    pub(super) async fn run(mut self) -> io::Result<()> {
        loop {
            let (kind, message) = self.wire.message().await?;
            self.shared.hesitate(&mut self.wire).await?;
            let end = if kind == Kind::Rpc { Done::Procedure } else { Done::Batch };
            match self.answer(kind, &message).await {
                Ok(()) => {}
                Err(Stop::Sql(error)) => {
                    tokens::error(&mut self.wire.answer, &error);
                    tokens::done(&mut self.wire.answer, end, ERROR, 0);
                }
                Err(Stop::Attention) => tokens::done(&mut self.wire.answer, Done::Batch, ATTENTION, 0),
                Err(Stop::Closed(error)) => return Err(error),
            }
            self.wire.finish().await?;
        }
    }

    async fn answer(&mut self, kind: Kind, message: &[u8]) -> Result<(), Stop> {
        if kind == Kind::Attention {
            return Err(Stop::Attention);
        }
        let (transaction, body) = request::headers(message);
        let current = if self.transactions > 0 { TRANSACTION } else { 0 };
        if transaction != current {
            let message =
                "New request is not allowed to start because it should come with valid transaction descriptor.";
            return Err(SqlError::new(3989, 1, 16, message).into());
        }
        match kind {
            Kind::Batch => self.query(&request::batch(body)).await,
            Kind::Rpc => self.query(&request::procedure(body)?).await,
            Kind::Transaction => {
                let act = request::transaction(body)?;
                self.record(match act {
                    Transaction::Begin => "begin tran",
                    Transaction::Commit => "commit",
                    Transaction::Rollback => "rollback",
                });
                self.transact(act).await?;
                tokens::done(&mut self.wire.answer, Done::Batch, 0, 0);
                Ok(())
            }
            Kind::Answer | Kind::Attention | Kind::Login | Kind::PreLogin => {
                Err(io::Error::other(format!("a message of kind {kind:?}")).into())
            }
        }
    }

    async fn query(&mut self, query: &Query) -> Result<(), Stop> {
        let tokens = lexer::tokens(&query.sql)?;
        let statements = statements::split(&tokens);
        let names: Vec<String> = query.parameters.iter().map(|(name, _)| name.clone()).collect();
        for statement in &statements {
            self.check(statement, &names).await?;
        }
        let each = if query.is_procedure { Done::InProcedure } else { Done::Batch };
        for (at, statement) in statements.iter().enumerate() {
            self.record(written(&query.sql, statement));
            let is_last = at + 1 == statements.len() && !query.is_procedure;
            let rows = self.execute(statement, &names, query).await?;
            let status = if is_last { 0 } else { MORE } | if rows.is_some() { COUNT } else { 0 };
            tokens::done(&mut self.wire.answer, each, status, rows.unwrap_or(0));
        }
        if query.is_procedure {
            tokens::return_status(&mut self.wire.answer);
            tokens::done(&mut self.wire.answer, Done::Procedure, 0, 0);
        } else if statements.is_empty() {
            tokens::done(&mut self.wire.answer, Done::Batch, 0, 0);
        }
        Ok(())
    }

    /// A batch with a syntax error does not run at all. What it names is looked for only when it runs.
    async fn check(&mut self, statement: &[Token<'_>], names: &[String]) -> Result<(), SqlError> {
        let Act::Run { sql, .. } = self.read(statement, names)? else {
            return Ok(());
        };
        let prepared = self.sqlite.prepare(AssertSqlSafe(sql).into_sql_str()).await;
        let error = prepared.err().map(|error| SqlError::translate(&error, statement));
        error.filter(|error| error.class == SYNTAX).map_or(Ok(()), Err)
    }

    fn read(&self, statement: &[Token<'_>], names: &[String]) -> Result<Act, SqlError> {
        let context = Context { database: &self.login.database, transactions: self.transactions, parameters: names };
        statements::read(statement, &context)
    }

    /// Runs a statement; how many rows it gave or changed.
    async fn execute(&mut self, statement: &[Token<'_>], names: &[String], query: &Query) -> Result<Option<u64>, Stop> {
        match self.read(statement, names)? {
            Act::Set => {}
            Act::Begin => self.transact(Transaction::Begin).await?,
            Act::Commit => self.transact(Transaction::Commit).await?,
            Act::Rollback => self.transact(Transaction::Rollback).await?,
            Act::Wait(delay) => wait(&mut self.wire, delay).await?,
            Act::Use(database) => self.change_database(&database)?,
            Act::Run { verb, sql } => {
                let names = |table: &&String| {
                    statement.iter().any(|token| token.name().is_some_and(|name| name.eq_ignore_ascii_case(table)))
                };
                if let Some(table) = self.shared.denied.iter().find(names) {
                    return Err(SqlError::denied(&verb, table, &self.login.database).into());
                }
                return Ok(Some(self.run_sql(sql, statement, query).await?));
            }
        }
        Ok(None)
    }

    async fn run_sql(&mut self, sql: String, statement: &[Token<'_>], query: &Query) -> Result<u64, Stop> {
        let wrong = |error: sqlx::Error| SqlError::translate(&error, statement);
        let prepared = self.sqlite.prepare(AssertSqlSafe(sql.as_str()).into_sql_str()).await.map_err(wrong)?;
        let mut columns = Vec::new();
        let mut expressions = Vec::new();
        for (at, column) in prepared.columns().iter().enumerate() {
            let declared = declaration(&mut self.sqlite, column).await.map_err(wrong)?;
            if declared.is_none() {
                expressions.push(at);
            }
            let is_named = declared.is_some() || statement.iter().any(|t| t.name().as_deref() == Some(column.name()));
            let name = if is_named { column.name().to_owned() } else { String::new() };
            columns.push(Column { name, sql_type: declared.unwrap_or(SqlType::Bit) });
        }
        let arguments = bind(query);
        let run = sqlx::query_with(AssertSqlSafe(sql), arguments).persistent(false);
        if columns.is_empty() {
            let outcome = pin!(run.execute(&mut self.sqlite));
            return Ok(unless_stopped(&mut self.wire, outcome).await?.map_err(wrong)?.rows_affected());
        }
        let mut rows = run.fetch(&mut self.sqlite);
        let mut next = unless_stopped(&mut self.wire, rows.next()).await?.transpose().map_err(wrong)?;
        let first = next.as_ref().map(|row| values(row, columns.len())).transpose().map_err(wrong)?;
        for at in expressions {
            columns[at].sql_type = SqlType::of(first.as_ref().map(|values| &values[at]));
        }
        tokens::columns(&mut self.wire.answer, &columns);
        let mut count = 0;
        while let Some(row) = next {
            let values = values(&row, columns.len()).map_err(wrong)?;
            tokens::row(&mut self.wire.answer, &columns, &values)?;
            count += 1;
            sent(&mut self.wire, self.shared.trouble(), count).await?;
            next = unless_stopped(&mut self.wire, rows.next()).await?.transpose().map_err(wrong)?;
        }
        Ok(count as u64)
    }

    async fn transact(&mut self, act: Transaction) -> Result<(), SqlError> {
        let (sql, change) = match (act, self.transactions) {
            (Transaction::Begin, 0) => ("begin", Change::Begin(TRANSACTION)),
            (Transaction::Commit, 1) => ("commit", Change::Commit(TRANSACTION)),
            (Transaction::Rollback, 1..) => ("rollback", Change::Rollback(TRANSACTION)),
            (Transaction::Begin, open) => {
                self.transactions = open + 1;
                return Ok(());
            }
            (Transaction::Commit, 2..) => {
                self.transactions -= 1;
                return Ok(());
            }
            (Transaction::Commit | Transaction::Rollback, 0) => {
                let (number, name) = if act == Transaction::Commit { (3902, "COMMIT") } else { (3903, "ROLLBACK") };
                let message = format!("The {name} TRANSACTION request has no corresponding BEGIN TRANSACTION.");
                return Err(SqlError::new(number, 1, 16, message));
            }
        };
        let outcome = sqlx::raw_sql(sql).execute(&mut self.sqlite).await;
        outcome.map_err(|error| SqlError::translate(&error, &[]))?;
        self.transactions = usize::from(act == Transaction::Begin);
        tokens::change(&mut self.wire.answer, &change);
        Ok(())
    }

    fn change_database(&mut self, database: &str) -> Result<(), SqlError> {
        if !database.eq_ignore_ascii_case(&self.shared.database) {
            let message =
                format!("Database '{database}' does not exist. Make sure that the name is entered correctly.");
            return Err(SqlError::new(911, 1, 16, message));
        }
        tokens::change(&mut self.wire.answer, &Change::Database { new: database, old: &self.login.database });
        Ok(())
    }

    fn record(&self, statement: &str) {
        self.shared.statements.lock().unwrap().push(statement.to_owned());
    }
}

/// The statement as it stands in the batch.
fn written<'a>(batch: &'a str, statement: &[Token<'_>]) -> &'a str {
    match statement {
        [first, .., last] => &batch[first.start..last.start + last.source.len()],
        [only] => &batch[only.start..only.start + only.source.len()],
        [] => "",
    }
}

fn bind(query: &Query) -> SqliteArguments {
    let mut arguments = SqliteArguments::default();
    for (_, value) in &query.parameters {
        match value {
            Value::Null => arguments.add(None::<String>),
            Value::Int(number) => arguments.add(*number),
            Value::Real(number) => arguments.add(*number),
            Value::Text(text) => arguments.add(text.clone()),
            Value::Blob(bytes) => arguments.add(bytes.clone()),
        }
        .unwrap();
    }
    arguments
}

/// What the column is declared as, if it is one of a table.
async fn declaration(
    sqlite: &mut SqliteConnection,
    column: &sqlx::sqlite::SqliteColumn,
) -> Result<Option<SqlType>, sqlx::Error> {
    let origin = column.origin();
    let Some(origin) = origin.table_column() else {
        return Ok(None);
    };
    let find = sqlx::query_scalar::<_, String>("select type from pragma_table_info(?1) where name = ?2");
    let declared = find.bind(&*origin.table).bind(&*origin.name).fetch_optional(sqlite).await?;
    Ok(declared.map(|declared| SqlType::declared(&declared)))
}

fn values(row: &SqliteRow, count: usize) -> Result<Vec<Value>, sqlx::Error> {
    (0..count).map(|index| Value::stored(row, index)).collect()
}

/// Sends what is ready of the rows so far, and meets what trouble there is.
async fn sent(wire: &mut Wire, trouble: Trouble, rows: usize) -> Result<(), Stop> {
    match trouble {
        Trouble::CutAfter(most) if rows >= most => {
            wire.send_early().await?;
            Err(io::Error::other("closed in the middle of a result").into())
        }
        Trouble::Drip(pause) => {
            wire.send_early().await?;
            wait(wire, pause).await
        }
        _ => Ok(wire.send_full().await?),
    }
}

async fn wait(wire: &mut Wire, delay: Duration) -> Result<(), Stop> {
    unless_stopped(wire, tokio::time::sleep(delay)).await
}

/// Waits for `work`, unless the client does not want it any more.
async fn unless_stopped<T>(wire: &mut Wire, work: impl Future<Output = T>) -> Result<T, Stop> {
    tokio::select! {
        done = work => Ok(done),
        packet = wire.packet() => Err(match packet {
            Ok(packet) if packet.kind == Kind::Attention => Stop::Attention,
            Ok(packet) => io::Error::other(format!("{:?} before the answer's end", packet.kind)).into(),
            Err(error) => error.into(),
        }),
    }
}
