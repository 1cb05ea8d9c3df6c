//! Translates Access SQL into SQLite's. Pure.

use crate::statement::Refused;
use sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, LimitClause, ObjectName,
    Query, SetExpr, TopQuantity, Value, VisitMut, VisitorMut, visit_relations,
};
use sqlparser::dialect::MsSqlDialect;
use sqlparser::parser::Parser;
use std::ops::ControlFlow;

/// A query in SQLite's dialect, and the tables that it reads.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Translated {
    pub(super) sql: String,
    /// Names in the place of tables, in lower case, including common table expressions.
    pub(super) tables: Vec<String>,
}

/// Translates what SQLite has under another name: `&`, `Nz`, `UCase`, `Left`, `TOP`, `LIKE 'a*'` and so on. What has the same
/// name in both, such as `IIf`, is unchanged.
pub(super) fn query(sql: &str) -> Result<Translated, Refused> {
    let parsed = Parser::parse_sql(&MsSqlDialect {}, sql).map_err(|error| Refused::Syntax(error.to_string()))?;
    let Some(mut statement) = parsed.into_iter().next() else { return Err(Refused::Empty) };
    let mut tables = Vec::new();
    let _ = visit_relations(&statement, |name| {
        tables.push(plain(name));
        ControlFlow::<()>::Continue(())
    });
    tables.sort();
    tables.dedup();
    let _ = statement.visit(&mut Translate);
    Ok(Translated { sql: statement.to_string(), tables })
}

fn plain(name: &ObjectName) -> String {
    let last = name.0.last().and_then(|part| part.as_ident());
    last.map(|ident| ident.value.to_lowercase()).unwrap_or_default()
}

struct Translate;

impl VisitorMut for Translate {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        let SetExpr::Select(select) = &mut *query.body else { return ControlFlow::Continue(()) };
        let count = select.top.take().and_then(|top| match top.quantity? {
            TopQuantity::Constant(count) => Some(number(count)),
            TopQuantity::Expr(count) => Some(count),
        });
        if count.is_some() {
            query.limit_clause = Some(LimitClause::LimitOffset { limit: count, offset: None, limit_by: Vec::new() });
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        match expr {
            // In Access, `&` concatenates texts and treats NULL as an empty text.
            Expr::BinaryOp { left, op: op @ BinaryOperator::BitwiseAnd, right } => {
                *op = BinaryOperator::StringConcat;
                for side in [left, right] {
                    let text = std::mem::replace(&mut **side, Expr::value(Value::Null));
                    **side = if is_text(&text) { text } else { call("coalesce", vec![text, empty()]) };
                }
                *expr = Expr::Nested(Box::new(std::mem::replace(expr, Expr::value(Value::Null))));
            }
            Expr::Function(function) => {
                if let Some(translated) = translate_call(function) {
                    *expr = translated;
                }
            }
            Expr::Like { pattern, .. } => {
                if let Expr::Value(value) = &mut **pattern
                    && let Value::SingleQuotedString(text) = &mut value.value
                {
                    *text = text.replace('*', "%").replace('?', "_");
                }
            }
            Expr::Identifier(name) if name.quote_style.is_none() => match name.value.to_lowercase().as_str() {
                "yes" | "on" => *expr = number(1),
                "no" | "off" => *expr = number(0),
                _ => {}
            },
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// An Access function with SQLite's name and arguments; `None` if it needs no translation.
fn translate_call(function: &Function) -> Option<Expr> {
    let mut arguments = arguments(function)?;
    let name = plain(&function.name);
    let translated = match (name.trim_end_matches('$'), arguments.len()) {
        ("nz", 1) => call("coalesce", vec![arguments.remove(0), empty()]),
        ("nz", 2) => call("coalesce", arguments),
        ("ucase", 1) => call("upper", arguments),
        ("lcase", 1) => call("lower", arguments),
        ("len", 1) => call("length", arguments),
        ("chr", 1) => call("char", arguments),
        ("mid", 2 | 3) => call("substr", arguments),
        ("left", 2) => call("substr", vec![arguments.remove(0), number(1), arguments.remove(0)]),
        ("right", 2) => {
            let (text, count) = (arguments.remove(0), arguments.remove(0));
            let all = call("length", vec![text.clone()]);
            // From the first character to keep; all of the text if it is shorter.
            let rest = call("max", vec![minus(all, count), number(0)]);
            call("substr", vec![text, plus_one(rest)])
        }
        ("cstr", 1) => call("coalesce", vec![call("printf", vec![string("%s"), arguments.remove(0)]), empty()]),
        ("isnull", 1) => Expr::Nested(Box::new(Expr::IsNull(Box::new(arguments.remove(0))))),
        ("now", 0) => call("datetime", vec![string("now"), string("localtime")]),
        ("date", 0) => call("date", vec![string("now"), string("localtime")]),
        ("year", 1) => part_of_date("%Y", arguments.remove(0)),
        ("month", 1) => part_of_date("%m", arguments.remove(0)),
        ("day", 1) => part_of_date("%d", arguments.remove(0)),
        _ => return None,
    };
    Some(translated)
}

fn part_of_date(part: &str, date: Expr) -> Expr {
    // Without leading zeros, as a number.
    plus(call("strftime", vec![string(part), date]), 0)
}

/// A call's arguments if all of them are plain expressions.
fn arguments(function: &Function) -> Option<Vec<Expr>> {
    let FunctionArguments::List(list) = &function.args else { return None };
    let expression = |argument: &FunctionArg| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr.clone()),
        _ => None,
    };
    list.args.iter().map(expression).collect()
}

fn call(name: &str, arguments: Vec<Expr>) -> Expr {
    let arguments = arguments.into_iter().map(|argument| argument.to_string()).collect::<Vec<_>>().join(", ");
    // An expression that is printed unchanged.
    Expr::Identifier(Ident::new(format!("{name}({arguments})")))
}

fn plus(left: Expr, number_: i64) -> Expr {
    Expr::Nested(Box::new(binary(left, BinaryOperator::Plus, number(number_))))
}

fn plus_one(left: Expr) -> Expr {
    plus(left, 1)
}

fn minus(left: Expr, right: Expr) -> Expr {
    binary(left, BinaryOperator::Minus, right)
}

fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) }
}

fn number(number: impl std::fmt::Display) -> Expr {
    Expr::value(Value::Number(number.to_string(), false))
}

fn string(text: &str) -> Expr {
    Expr::value(Value::SingleQuotedString(text.into()))
}

fn empty() -> Expr {
    string("")
}

fn is_text(expr: &Expr) -> bool {
    matches!(expr, Expr::Value(value) if matches!(value.value, Value::SingleQuotedString(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn access_syntax_is_translated() {
        for (access, sqlite) in [
            (
                "SELECT [First Name] & ' ' & [Last Name] AS n FROM [Staff List]",
                "SELECT (coalesce((coalesce([First Name], '') || ' '), '') || coalesce([Last Name], '')) AS n FROM [Staff List]",
            ),
            ("SELECT Nz([a]), NZ(b, 'x') FROM t", "SELECT coalesce([a], ''), coalesce(b, 'x') FROM t"),
            (
                "SELECT IIf(a > 1, 'x', UCase(Left(b, 2))) FROM t",
                "SELECT IIf(a > 1, 'x', upper(substr(b, 1, 2))) FROM t",
            ),
            ("SELECT TOP 3 a FROM t ORDER BY a", "SELECT a FROM t ORDER BY a LIMIT 3"),
            (
                "SELECT a FROM t WHERE a LIKE 'x*?' AND on_leave = No",
                "SELECT a FROM t WHERE a LIKE 'x%_' AND on_leave = 0",
            ),
            ("SELECT Right(a, 2), Len(a) FROM t", "SELECT substr(a, (max(length(a) - 2, 0) + 1)), length(a) FROM t"),
            ("SELECT a FROM t WHERE IsNull(a)", "SELECT a FROM t WHERE (a IS NULL)"),
            ("SELECT Year(born) FROM t", "SELECT (strftime('%Y', born) + 0) FROM t"),
        ] {
            assert_eq!(query(access).unwrap().sql, sqlite);
        }
    }

    #[test]
    fn the_tables_that_are_read_are_known() {
        let sql = "SELECT s.[E-Mail] FROM ([Staff List] AS s INNER JOIN Departments AS d ON s.d = d.ID) \
                   WHERE s.x IN (SELECT y FROM Others) AND s.z > (SELECT max(z) FROM [Staff List])";
        assert_eq!(query(sql).unwrap().tables, ["departments", "others", "staff list"]);
    }
}
