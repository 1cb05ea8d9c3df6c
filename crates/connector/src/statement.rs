//! Checks from its text whether a statement only reads. This is the first of four guards: the transaction is read-only, rows,
//! bytes and time are limited, and the login should have read permission only.

use sqlparser::ast::{Expr, Function, ObjectName, Query, Select, Statement, TableFactor, Visit, Visitor};
use sqlparser::dialect::{Dialect, GenericDialect, MsSqlDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect};
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, Tokenizer, Whitespace};
use std::ops::ControlFlow;

/// Maximum length of a statement, in bytes.
pub const MAX_STATEMENT: usize = 100_000;
/// Maximum nesting depth of expressions and queries.
const MAX_DEPTH: usize = 50;

/// SQL dialect of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Transact-SQL; also used for Access, which has the same brackets and operators.
    SqlServer,
    /// PostgreSQL.
    Postgres,
    /// `MySQL` and `MariaDB`.
    MySql,
    /// SQLite.
    Sqlite,
    /// Any dialect that an ODBC driver understands.
    Any,
}

/// Why a statement is not run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No statement.
    #[error("there is no query yet: write a SELECT that returns one row per person")]
    Empty,
    /// Longer than [`MAX_STATEMENT`].
    #[error("the query has {0} bytes, more than {MAX_STATEMENT}: create a view in the database and select from it")]
    Long(usize),
    /// Not valid in this dialect, or not supported by the parser; the text says where.
    #[error("the query cannot be parsed: {0}. Correct it, or create a view in the database and select from it")]
    Syntax(String),
    /// More than one statement.
    #[error("there are {0} statements: write one SELECT")]
    Several(usize),
    /// Does more than read.
    #[error("the query contains {0}, which does more than read: write a plain SELECT")]
    Writes(String),
    /// Calls a function that reaches outside the tables, or that makes the server wait.
    #[error("the query calls {0}, which reaches outside the tables: remove it, or create a view in the database")]
    Calls(String),
}

/// Checks that `text` is one query that only reads.
///
/// # Errors
/// Why the query is refused, and what to do instead.
pub fn check(language: Language, text: &str) -> Result<(), Refused> {
    if text.len() > MAX_STATEMENT {
        return Err(Refused::Long(text.len()));
    }
    let dialect: &dyn Dialect = match language {
        Language::SqlServer => &MsSqlDialect {},
        Language::Postgres => &PostgreSqlDialect {},
        Language::MySql => &MySqlDialect {},
        Language::Sqlite => &SQLiteDialect {},
        Language::Any => &GenericDialect {},
    };
    if matches!(language, Language::MySql | Language::Any) && has_running_comment(dialect, text) {
        return Err(Refused::Writes("a comment that the server executes (/*! or /*M!)".into()));
    }
    let parsed = Parser::new(dialect).with_recursion_limit(MAX_DEPTH).try_with_sql(text);
    let statements = parsed.and_then(|mut parser| parser.parse_statements()).map_err(|error| {
        Refused::Syntax(match error {
            ParserError::TokenizerError(detail) | ParserError::ParserError(detail) => detail,
            ParserError::RecursionLimitExceeded => "it is nested too deeply".into(),
        })
    })?;
    match statements.as_slice() {
        [] => Err(Refused::Empty),
        [statement @ Statement::Query(_)] => match statement.visit(&mut Reads) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(refused) => Err(refused),
        },
        [statement] => Err(Refused::Writes(first_word(&statement.to_string()))),
        all => Err(Refused::Several(all.len())),
    }
}

/// Whether the text has a comment that `MySQL` or `MariaDB` execute. Text that cannot be tokenized has none; it is refused
/// anyway.
fn has_running_comment(dialect: &dyn Dialect, text: &str) -> bool {
    let runs = |token: &Token| matches!(token, Token::Whitespace(Whitespace::MultiLineComment(text)) if text.starts_with('!') || text.starts_with("M!"));
    Tokenizer::new(dialect, text).tokenize().is_ok_and(|tokens| tokens.iter().any(runs))
}

/// Stops at anything that does more than read.
struct Reads;

impl Visitor for Reads {
    type Break = Refused;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Refused> {
        if query.locks.is_empty() {
            return ControlFlow::Continue(());
        }
        ControlFlow::Break(Refused::Writes("FOR UPDATE or FOR SHARE".into()))
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<Refused> {
        if select.into.is_some() {
            return ControlFlow::Break(Refused::Writes("INTO".into()));
        }
        ControlFlow::Continue(())
    }

    /// Also statements inside common table expressions.
    fn pre_visit_statement(&mut self, statement: &Statement) -> ControlFlow<Refused> {
        if matches!(statement, Statement::Query(_)) {
            return ControlFlow::Continue(());
        }
        ControlFlow::Break(Refused::Writes(first_word(&statement.to_string())))
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Refused> {
        match expr {
            Expr::Function(Function { name, .. }) => called(name),
            _ => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_table_factor(&mut self, table: &TableFactor) -> ControlFlow<Refused> {
        match table {
            TableFactor::Table { name, args: Some(_), .. } | TableFactor::Function { name, .. } => called(name),
            _ => ControlFlow::Continue(()),
        }
    }

    /// With unusual arguments, the parser takes `OPENROWSET` and the like for tables.
    fn pre_visit_relation(&mut self, name: &ObjectName) -> ControlFlow<Refused> {
        if ["openrowset", "openquery", "opendatasource"].contains(&last_part(name).as_str()) {
            called(name)
        } else {
            ControlFlow::Continue(())
        }
    }
}

fn called(name: &ObjectName) -> ControlFlow<Refused> {
    let own = last_part(name);
    if REACHING.contains(&own.as_str()) || REACHING_FAMILIES.iter().any(|family| own.starts_with(family)) {
        return ControlFlow::Break(Refused::Calls(own));
    }
    ControlFlow::Continue(())
}

fn last_part(name: &ObjectName) -> String {
    let part = name.0.last().map(ToString::to_string).unwrap_or_default();
    part.trim_matches(['"', '`', '[', ']']).to_lowercase()
}

fn first_word(text: &str) -> String {
    text.split_whitespace().next().unwrap_or_default().to_uppercase()
}

/// Functions that change something, read files, ask other servers, or wait.
const REACHING: &[&str] = &[
    // SQL Server.
    "openrowset",
    "openquery",
    "opendatasource",
    "openxml",
    // PostgreSQL.
    "nextval",
    "setval",
    "set_config",
    "query_to_xml",
    "table_to_xml",
    "database_to_xml",
    "cursor_to_xml",
    // MySQL and MariaDB.
    "load_file",
    "sleep",
    "benchmark",
    "get_lock",
    "release_lock",
    "release_all_locks",
    "master_pos_wait",
    "sys_exec",
    "sys_eval",
    // SQLite.
    "load_extension",
    "readfile",
    "writefile",
    "edit",
    "fts3_tokenizer",
];

/// The same, by prefix of the name.
const REACHING_FAMILIES: &[&str] = &[
    "xp_",
    "sp_",
    "pg_sleep",
    "pg_read",
    "pg_ls_",
    "pg_stat_file",
    "pg_terminate",
    "pg_cancel",
    "pg_reload",
    "pg_advisory",
    "pg_try_advisory",
    "pg_switch",
    "pg_create",
    "pg_drop",
    "pg_logical",
    "pg_replication",
    "pg_file",
    "pg_rotate",
    "pg_promote",
    "pg_backup",
    "pg_notify",
    "lo_",
    "dblink",
    "wait_for",
];

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Language; 5] =
        [Language::SqlServer, Language::Postgres, Language::MySql, Language::Sqlite, Language::Any];

    #[test]
    fn queries_that_only_read_are_run() {
        for sql in [
            "SELECT email, name FROM staff",
            "select * from staff where mail is not null order by mail",
            "SELECT s.mail, d.name AS department FROM staff s LEFT JOIN departments d ON d.id = s.department",
            "WITH active AS (SELECT * FROM staff WHERE left_on IS NULL) SELECT mail, upper(name) FROM active",
            "SELECT mail FROM a UNION ALL SELECT mail FROM b",
            "SELECT mail, CASE WHEN boss = 1 THEN 'Boss' ELSE title END FROM staff;",
            "SELECT mail, (SELECT count(*) FROM phones p WHERE p.staff = s.id) FROM staff s -- all of them",
            "SELECT mail, 'INSERT INTO x' FROM staff /* DROP TABLE staff */",
        ] {
            for language in ALL {
                assert_eq!(check(language, sql), Ok(()), "{language:?}: {sql}");
            }
        }
        for (language, sql) in [
            (Language::SqlServer, "SELECT TOP 100 [E-Mail], [Job Title] FROM dbo.[Staff List] WITH (NOLOCK)"),
            (
                Language::SqlServer,
                "SELECT mail, ISNULL(title, '') + ' (' + CONVERT(nvarchar(20), id) + ')' FROM hr.dbo.staff",
            ),
            (Language::Sqlite, "SELECT [E-Mail], [First Name] || ' ' || [Last Name] FROM [Staff List]"),
            (Language::MySql, "SELECT `mail`, CONCAT_WS(' ', first, last) FROM `hr`.`staff` LIMIT 1000"),
            (
                Language::Postgres,
                "SELECT mail, data->>'title', phone::text FROM staff WHERE active AND mail ILIKE '%@example.com'",
            ),
            (Language::Postgres, "SELECT DISTINCT ON (mail) mail, name FROM staff ORDER BY mail, changed DESC"),
        ] {
            assert_eq!(check(language, sql), Ok(()), "{language:?}: {sql}");
        }
    }

    #[test]
    fn what_does_more_than_read_is_refused_and_named() {
        for (sql, what) in [
            ("DELETE FROM staff", "DELETE"),
            ("UPDATE staff SET mail = ''", "UPDATE"),
            ("INSERT INTO staff (mail) VALUES ('x')", "INSERT"),
            ("DROP TABLE staff", "DROP"),
            ("TRUNCATE TABLE staff", "TRUNCATE"),
            ("CREATE TABLE x (a int)", "CREATE"),
        ] {
            for language in ALL {
                assert_eq!(check(language, sql), Err(Refused::Writes(what.into())), "{language:?}: {sql}");
            }
        }
        for (language, sql, what) in [
            (Language::SqlServer, "SELECT * INTO copy FROM staff", "INTO"),
            (Language::Postgres, "SELECT * INTO copy FROM staff", "INTO"),
            (Language::Postgres, "SELECT * FROM staff FOR UPDATE", "FOR UPDATE or FOR SHARE"),
            (Language::Postgres, "WITH gone AS (DELETE FROM staff RETURNING *) SELECT * FROM gone", "DELETE"),
            (Language::Postgres, "WITH new AS (INSERT INTO a SELECT 1 RETURNING *) SELECT * FROM new", "INSERT"),
            (Language::Postgres, "WITH new AS (UPDATE a SET b = 1 RETURNING *) SELECT * FROM new", "UPDATE"),
            (Language::Postgres, "WITH a AS (SELECT 1 AS x) INSERT INTO b SELECT x FROM a", "INSERT"),
            (Language::Postgres, "WITH a AS (SELECT 1 AS x) UPDATE b SET x = 1", "UPDATE"),
            (Language::SqlServer, "WITH a AS (SELECT 1 AS x) DELETE FROM b", "DELETE"),
            (
                Language::SqlServer,
                "WITH a AS (SELECT 1 AS x) MERGE INTO b USING a ON b.x = a.x WHEN MATCHED THEN DELETE",
                "MERGE",
            ),
            (Language::Postgres, "COPY staff TO '/tmp/x'", "COPY"),
            (Language::SqlServer, "EXEC xp_cmdshell 'dir'", "EXECUTE"),
            (Language::Sqlite, "PRAGMA writable_schema = 1", "PRAGMA"),
            (Language::MySql, "CALL clean_up()", "CALL"),
            (Language::Sqlite, "ATTACH DATABASE 'x' AS y", "ATTACH"),
        ] {
            assert_eq!(check(language, sql), Err(Refused::Writes(what.into())), "{language:?}: {sql}");
        }
    }

    #[test]
    fn what_reaches_beyond_the_tables_is_refused() {
        for (language, sql) in [
            (Language::Postgres, "SELECT pg_sleep(100), mail FROM staff"),
            (Language::Postgres, "SELECT mail FROM staff WHERE pg_catalog.pg_read_file('/etc/passwd') <> ''"),
            (Language::Postgres, "SELECT * FROM dblink('host=x', 'select 1') AS t(a int)"),
            (Language::Postgres, "SELECT \"nextval\"('s')"),
            (Language::MySql, "SELECT LOAD_FILE('/etc/passwd')"),
            (Language::MySql, "SELECT mail FROM staff ORDER BY (SELECT SLEEP(5))"),
            (Language::Sqlite, "SELECT load_extension('x')"),
            (Language::SqlServer, "SELECT * FROM OPENQUERY(other, 'select 1')"),
        ] {
            assert!(
                matches!(check(language, sql), Err(Refused::Calls(_))),
                "{language:?}: {sql}: {:?}",
                check(language, sql)
            );
        }
    }

    #[test]
    fn a_function_is_known_by_its_last_name_however_it_is_written_and_wherever_it_stands() {
        for (language, name, sql) in [
            (Language::SqlServer, "xp_dirtree", "SELECT master.dbo.[XP_DirTree]('c:')"),
            (Language::SqlServer, "openrowset", "SELECT * FROM OPENROWSET('SQLNCLI', 'x', 'select 1') AS x"),
            (Language::MySql, "sleep", "SELECT `Sleep`(5)"),
            (Language::Postgres, "pg_ls_dir", "SELECT * FROM pg_ls_dir('.')"),
            (Language::Postgres, "pg_ls_dir", "SELECT s.mail FROM staff s, LATERAL pg_ls_dir(s.mail) AS f"),
            (
                Language::Postgres,
                "lo_import",
                "SELECT mail FROM staff GROUP BY mail HAVING lo_import('/etc/passwd') > 0",
            ),
            (Language::Postgres, "pg_notify", "WITH a AS (SELECT pg_notify('a', 'b')) SELECT * FROM a"),
            (Language::Postgres, "set_config", "SELECT CASE WHEN true THEN set_config('a', 'b', false) END"),
        ] {
            assert_eq!(check(language, sql), Err(Refused::Calls(name.into())), "{language:?}: {sql}");
        }
        for (language, sql) in [
            (Language::Postgres, "SELECT * FROM generate_series(1, 2)"),
            (Language::Postgres, "SELECT nextval, pg_sleep FROM sleep"),
            (Language::MySql, "SELECT mail FROM benchmark WHERE sleep = 1"),
            (Language::SqlServer, "SELECT lower(mail) FROM xp_staff"),
        ] {
            assert_eq!(check(language, sql), Ok(()), "{language:?}: {sql} calls nothing that reaches");
        }
    }

    #[test]
    fn what_writes_inside_of_a_query_is_named() {
        for (language, sql, what) in [
            (Language::Postgres, "WITH x AS (UPDATE staff SET a = 1 RETURNING *) SELECT * FROM x", "UPDATE"),
            (
                Language::Postgres,
                "WITH x AS (MERGE INTO a USING b ON a.i = b.i WHEN MATCHED THEN DELETE RETURNING a.*) SELECT * FROM x",
                "MERGE",
            ),
            (Language::Postgres, "SELECT * FROM (SELECT * FROM staff FOR SHARE) x", "FOR UPDATE or FOR SHARE"),
            (Language::Postgres, "SELECT mail FROM a UNION SELECT mail INTO c FROM b", "INTO"),
        ] {
            assert_eq!(check(language, sql), Err(Refused::Writes(what.into())), "{language:?}: {sql}");
        }
    }

    #[test]
    fn a_statement_may_be_as_long_and_as_deep_as_it_is_said_to_be() {
        let long = |bytes: usize| format!("SELECT 1{}", " ".repeat(bytes - 8));
        assert_eq!(check(Language::Any, &long(MAX_STATEMENT)), Ok(()));
        assert_eq!(check(Language::Any, &long(MAX_STATEMENT + 1)), Err(Refused::Long(MAX_STATEMENT + 1)));
        let deep = |depth: usize| check(Language::Any, &format!("SELECT {}1{}", "(".repeat(depth), ")".repeat(depth)));
        assert_eq!(deep(10), Ok(()));
        assert_eq!(deep(MAX_DEPTH), Err(Refused::Syntax("it is nested too deeply".into())));
    }

    #[test]
    fn what_only_one_server_takes_for_more_than_a_comment_is_read() {
        for sql in [
            "SELECT mail FROM staff /*! INTO OUTFILE '/tmp/x' */",
            "SELECT mail FROM staff /*!50000 FOR UPDATE */",
            "SELECT mail FROM staff /*M! FOR UPDATE */",
            "SELECT mail FROM staff /*M!100100 FOR UPDATE */",
            "SELECT mail INTO @x FROM staff",
            "SELECT mail INTO DUMPFILE '/tmp/x' FROM staff",
        ] {
            assert!(check(Language::MySql, sql).is_err(), "{sql}");
        }
        let comment = "SELECT mail FROM staff /*M! FOR UPDATE */";
        let runs = Err(Refused::Writes("a comment that the server executes (/*! or /*M!)".into()));
        assert_eq!((check(Language::MySql, comment), check(Language::Any, comment)), (runs.clone(), runs));
        // To the others it is a comment, and what only looks like one is text.
        assert_eq!(check(Language::Postgres, comment), Ok(()));
        assert_eq!(check(Language::MySql, "SELECT '/*! x */', mail /* Mail! */ FROM staff"), Ok(()));
    }

    #[test]
    fn nothing_several_and_nonsense_are_told_apart() {
        for language in ALL {
            for empty in ["", "  \n", "-- nothing", ";"] {
                assert_eq!(check(language, empty), Err(Refused::Empty), "{language:?}: {empty:?}");
            }
            assert_eq!(check(language, "SELECT 1; DROP TABLE staff"), Err(Refused::Several(2)), "{language:?}");
            assert!(matches!(check(language, "SELECT mail FROM"), Err(Refused::Syntax(_))), "{language:?}");
            assert!(matches!(check(language, "SELECT 'open"), Err(Refused::Syntax(_))), "{language:?}");
            assert!(matches!(check(language, "DO $$ BEGIN DELETE FROM staff; END $$"), Err(Refused::Syntax(_))));
            let deep = format!("SELECT {}1{}", "(".repeat(10_000), ")".repeat(10_000));
            assert!(matches!(check(language, &deep), Err(Refused::Syntax(_))), "{language:?}");
        }
        assert_eq!(check(Language::Sqlite, &" ".repeat(MAX_STATEMENT + 1)), Err(Refused::Long(MAX_STATEMENT + 1)));
    }
}
