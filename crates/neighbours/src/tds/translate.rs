//! T-SQL in SQLite's words.

use super::errors::{SYNTAX, SqlError};
use super::lexer::{Class, Token};

/// What a statement may refer to.
pub(super) struct Context<'a> {
    /// The connection's database.
    pub(super) database: &'a str,
    /// How many transactions are open inside each other.
    pub(super) transactions: usize,
    /// The names of the parameters, with their `@`.
    pub(super) parameters: &'a [String],
}

/// What is known of the parentheses that a word stands in.
#[derive(Default)]
struct Scope {
    /// A table of its own, which needs a name.
    is_derived: bool,
    is_select: bool,
    is_ordered: bool,
    limit: Option<String>,
}

/// Functions that only SQLite has.
const FOREIGN: [&str; 9] =
    ["ifnull", "length", "substr", "instr", "strftime", "datetime", "group_concat", "printf", "random"];
/// What can follow a table without being its name.
const CLAUSES: [&str; 10] = ["where", "group", "having", "order", "join", "left", "right", "inner", "cross", "union"];

struct Translator<'t, 'a> {
    context: &'t Context<'t>,
    rest: &'t [Token<'a>],
    before: Option<Token<'a>>,
    scopes: Vec<Scope>,
    sql: Vec<String>,
    /// What a `SELECT … INTO` makes.
    target: Option<String>,
    is_declaration: bool,
}

/// Says `statement` for SQLite.
///
/// # Errors
/// Those of SQL Server for what SQLite would accept.
pub(super) fn translate(statement: &[Token<'_>], context: &Context<'_>) -> Result<String, SqlError> {
    let mut translator = Translator {
        context,
        rest: statement,
        before: None,
        scopes: vec![Scope::default()],
        sql: Vec::new(),
        target: None,
        is_declaration: statement[0].is_any(&["create", "alter"]),
    };
    while let Some((token, rest)) = translator.rest.split_first() {
        translator.rest = rest;
        translator.token(token)?;
        translator.before = Some(*token);
    }
    let limit = translator.scopes.pop().and_then(|scope| scope.limit);
    translator.sql.extend(limit);
    let target = translator.target.map(|table| format!("create table {table} as "));
    Ok(target.unwrap_or_default() + &translator.sql.join(" "))
}

impl<'a> Translator<'_, 'a> {
    fn token(&mut self, token: &Token<'a>) -> Result<(), SqlError> {
        match token.class {
            Class::Word => self.word(token)?,
            Class::Quoted if self.is_prefix(token) => self.skip_prefix(),
            Class::Quoted => self.put(backticks(&token.name().unwrap_or_default())),
            Class::Text => self.put(token.source.trim_start_matches(['n', 'N'])),
            Class::Number => self.put(number(token.source)),
            Class::Variable => {
                let variable = self.variable(token.source)?;
                self.put(variable);
            }
            Class::Mark => self.mark(token)?,
        }
        Ok(())
    }

    fn word(&mut self, token: &Token<'a>) -> Result<(), SqlError> {
        let word = token.source.to_lowercase();
        let follows_select = self.before.is_some_and(|before| before.is_any(&["select", "distinct", "all"]));
        match word.as_str() {
            "select" if self.before.is_none_or(|before| before.is("(")) => self.scope().is_select = true,
            "order" if self.next_is("by") => self.scope().is_ordered = true,
            "top" if follows_select => {
                let count = self.operand()?;
                self.scope().limit = Some(format!("limit {count}"));
                return Ok(());
            }
            "offset" => return self.offset(),
            "limit" if self.rest.first().is_some_and(|next| next.class == Class::Number) => {
                return Err(SqlError::near(self.rest[0].source));
            }
            "into" if self.scopes.len() == 1 && self.scope().is_select => return self.make_table(),
            "with" if self.skip(&["(", "nolock", ")"]) || self.skip(&["(", "readpast", ")"]) => return Ok(()),
            "with" if self.before.is_some_and(|before| before.is("(")) => return Err(SqlError::near(token.source)),
            "getdate" | "sysdatetime" if self.skip(&["(", ")"]) => {
                self.put("strftime('%Y-%m-%d %H:%M:%f', 'now')");
                return Ok(());
            }
            "db_name" if self.skip(&["(", ")"]) => {
                self.put(format!("'{}'", self.context.database));
                return Ok(());
            }
            _ if self.is_prefix(token) => {
                self.skip_prefix();
                return Ok(());
            }
            _ => {}
        }
        let is_call = self.next_is("(");
        match word.as_str() {
            _ if is_call && FOREIGN.contains(&word.as_str()) => {
                let message = format!("'{word}' is not a recognized built-in function name.");
                return Err(SqlError::new(195, 10, SYNTAX, message));
            }
            "isnull" if is_call => self.put("ifnull"),
            "len" if is_call => self.put("length"),
            "nvarchar" | "varchar" | "nchar" | "char" if self.is_declaration => self.text_type(&word),
            "varbinary" if self.skip(&["(", "max", ")"]) => self.put("varbinary(0)"),
            _ if word.starts_with('#') => self.put(backticks(token.source)),
            _ => self.put(token.source),
        }
        Ok(())
    }

    /// SQL Server's text ignores case when it is compared. SQLite wants a number for a length: 0 is `max`.
    fn text_type(&mut self, word: &str) {
        if self.skip(&["(", "max", ")"]) {
            self.put(format!("{word}(0) collate nocase"));
        } else if let [open, length, close, rest @ ..] = self.rest
            && open.is("(")
            && close.is(")")
        {
            self.put(format!("{word}({}) collate nocase", length.source));
            self.rest = rest;
        } else {
            self.put(format!("{word} collate nocase"));
        }
    }

    fn mark(&mut self, token: &Token<'a>) -> Result<(), SqlError> {
        match token.source {
            "(" => {
                let is_derived = self.before.is_some_and(|before| before.is_any(&["from", "join", "apply"]));
                self.scopes.push(Scope { is_derived, ..Scope::default() });
            }
            ")" if self.scopes.len() > 1 => self.close()?,
            "|" if self.next_is("|") => return Err(SqlError::near("|")),
            "+" if [self.before, self.rest.first().copied()].into_iter().flatten().any(|t| t.class == Class::Text) => {
                self.put("||");
                return Ok(());
            }
            _ => {}
        }
        self.put(token.source);
        Ok(())
    }

    fn close(&mut self) -> Result<(), SqlError> {
        let scope = self.scopes.pop().unwrap_or_default();
        if scope.is_select && scope.is_ordered && scope.limit.is_none() {
            return Err(unlimited_order());
        }
        if scope.is_select && scope.is_derived {
            let next = self.rest.first();
            let next = next.ok_or_else(|| SqlError::near(")"))?;
            if next.name().is_none() || next.is_any(&CLAUSES) {
                return Err(SqlError::near(next.source));
            }
        }
        self.sql.extend(scope.limit);
        Ok(())
    }

    /// `OFFSET n ROWS FETCH NEXT m ROWS ONLY`.
    fn offset(&mut self) -> Result<(), SqlError> {
        let offset = self.operand()?;
        let mut count = "-1".to_owned();
        if !self.skip(&["rows"]) && !self.skip(&["row"]) {
            return Err(SqlError::near("offset"));
        }
        if self.skip(&["fetch", "next"]) || self.skip(&["fetch", "first"]) {
            count = self.operand()?;
            if !self.skip(&["rows", "only"]) && !self.skip(&["row", "only"]) {
                return Err(SqlError::near("fetch"));
            }
        }
        self.scope().limit = Some(format!("limit {count} offset {offset}"));
        Ok(())
    }

    fn make_table(&mut self) -> Result<(), SqlError> {
        while let [qualifier, dot, ..] = self.rest
            && dot.is(".")
            && self.is_prefix(qualifier)
        {
            self.rest = &self.rest[2..];
        }
        let (table, rest) = self.rest.split_first().ok_or_else(|| SqlError::near("into"))?;
        self.target = Some(backticks(&table.name().ok_or_else(|| SqlError::near(table.source))?));
        self.rest = rest;
        Ok(())
    }

    /// A number or a variable, with or without parentheses.
    fn operand(&mut self) -> Result<String, SqlError> {
        let is_enclosed = self.skip(&["("]);
        let (token, rest) = self.rest.split_first().ok_or_else(|| SqlError::near("top"))?;
        self.rest = rest;
        let operand = match token.class {
            Class::Number => token.source.to_owned(),
            Class::Variable => self.variable(token.source)?,
            _ => return Err(SqlError::near(token.source)),
        };
        if is_enclosed && !self.skip(&[")"]) {
            return Err(SqlError::near(token.source));
        }
        Ok(operand)
    }

    fn variable(&self, name: &str) -> Result<String, SqlError> {
        let known = match name.to_lowercase().as_str() {
            "@@version" => Some("'Microsoft SQL Server 2022 - 16.0.1000.6 (a fake of it)'".to_owned()),
            "@@trancount" => Some(self.context.transactions.to_string()),
            "@@spid" => Some("51".to_owned()),
            _ => None,
        };
        let place = || self.context.parameters.iter().position(|known| known.eq_ignore_ascii_case(name));
        let undeclared = || SqlError::new(137, 2, SYNTAX, format!("Must declare the scalar variable \"{name}\"."));
        known.or_else(|| Some(format!("?{}", place()? + 1))).ok_or_else(undeclared)
    }

    /// Whether it is the schema or the database of a name that follows.
    fn is_prefix(&self, token: &Token<'_>) -> bool {
        let is_own = |name: String| [self.context.database, "dbo"].iter().any(|own| own.eq_ignore_ascii_case(&name));
        !self.before.is_some_and(|before| before.is(".")) && self.next_is(".") && token.name().is_some_and(is_own)
    }

    fn skip_prefix(&mut self) {
        while self.skip(&["."]) {}
    }

    /// Leaves these words out, if they are the next ones.
    fn skip(&mut self, words: &[&str]) -> bool {
        let follows = self.rest.len() >= words.len() && self.rest.iter().zip(words).all(|(token, word)| token.is(word));
        if follows {
            self.rest = &self.rest[words.len()..];
        }
        follows
    }

    fn next_is(&self, word: &str) -> bool {
        self.rest.first().is_some_and(|token| token.is(word))
    }

    fn scope(&mut self) -> &mut Scope {
        self.scopes.last_mut().unwrap()
    }

    fn put(&mut self, sql: impl Into<String>) {
        self.sql.push(sql.into());
    }
}

/// SQLite takes what it does not know in double quotes for a string, but not this.
fn backticks(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// `0x…` is binary in T-SQL and a number in SQLite.
fn number(source: &str) -> String {
    let Some(digits) = source.strip_prefix("0x").or_else(|| source.strip_prefix("0X")) else {
        return source.to_owned();
    };
    format!("x'{}{digits}'", if digits.len() % 2 == 1 { "0" } else { "" })
}

fn unlimited_order() -> SqlError {
    let message = "The ORDER BY clause is invalid in views, inline functions, derived tables, subqueries, and common \
                   table expressions, unless TOP, OFFSET or FOR XML is also specified.";
    SqlError::new(1033, 1, SYNTAX, message)
}
