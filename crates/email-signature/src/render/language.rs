//! The template language: minijinja, less everything with which a template could take memory or stack without bounds.
//!
//! minijinja's fuel bounds steps, [`filters`] bound what steps read, and the output goes to a writer that refuses more than [`MAX_OUTPUT`]. What remains is
//! checked on the tokens before the template is parsed:
//! - long chains (`a.b.c…`, `a ~ b ~ …`, `elif` after `elif`) become deep trees: tokens per tag and `elif`s are counted;
//! - text that doubles (`set x = x ~ x`) grows exponentially at no cost in fuel: what is bound to a name may be built
//!   from fields and constants, or cut by filters (each of which is bounded), but not glued together from other names;
//! - captured output (macros, `set` blocks, `filter` blocks, recursive loops) is bounded by nothing: there is none.

use super::filters;
use super::namespaces::{NAMESPACES, Namespace};
use super::slots;
use crate::fold::folded;
use crate::lint::source;
use minijinja::machinery::{Token, tokenize};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Object, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, tests};
use std::collections::BTreeSet;
use std::io;
use std::ops::Range;
use std::sync::Arc;

/// Longest template source in bytes. Outlook takes 30,000 characters, so nobody needs more.
pub(crate) const MAX_SOURCE: usize = 100_000;
/// Longest output of one template in bytes, markup and values together.
pub(super) const MAX_OUTPUT: usize = 128 * 1024;
/// Steps of the virtual machine: some milliseconds at most. A rich signature takes a few hundred.
const FUEL: u64 = 20_000;
/// Nesting of calls inside the virtual machine.
const MAX_RECURSION: usize = 50;
/// Tokens in one `{{ … }}` or `{% … %}`.
const MAX_TOKENS: usize = 200;
/// `~` and `+` in one tag.
const MAX_JOINS: usize = 20;
/// `elif`s in one template.
const MAX_ELIFS: usize = 100;

/// One source (a template's HTML or its text), compiled.
#[derive(Debug)]
pub(crate) struct Program {
    environment: Environment<'static>,
    /// Names that it looks up, sorted.
    names: Arc<[Box<str>]>,
    /// What it may ask namespaces for, sorted; empty if it looks up none.
    asked: Vec<Box<str>>,
    /// What it asks namespaces for as far as can be read off it, such as `manager.title`, sorted.
    members: Vec<Box<str>>,
}

impl Program {
    /// Compiles `source`; `Err` says in one clause what is wrong.
    pub(crate) fn compile(source: &str) -> Result<Self, String> {
        if source.len() > MAX_SOURCE {
            return Err(format!("it is longer than {MAX_SOURCE} bytes"));
        }
        let source = pieces(source).map(|(_, piece)| piece).collect::<Vec<_>>().join(" ");
        let source: String = source.chars().filter(|&c| !slots::is_reserved(c)).collect();
        check(&source)?;
        let attributes = attributes(&source);
        let mut environment = environment();
        environment.add_template_owned(TEMPLATE, source).map_err(|error| explain(&error))?;
        let template = environment.get_template(TEMPLATE).map_err(|error| explain(&error))?;
        let globals = ["range", "true", "false", "none", "loop"];
        let mut names: Vec<String> = template.undeclared_variables(false).into_iter().collect();
        names.retain(|name| !globals.contains(&&**name));
        names.sort_unstable();
        let has_namespace = names.iter().any(|name| NAMESPACES.contains(&&**name));
        let asked = if has_namespace { attributes } else { Vec::new() };
        let is_member = |name: &String| name.split_once('.').is_some_and(|(of, _)| NAMESPACES.contains(&of));
        let mut members: Vec<String> = template.undeclared_variables(true).into_iter().filter(is_member).collect();
        members.sort_unstable();
        let members = members.into_iter().map(String::into_boxed_str).collect();
        let names = names.into_iter().map(String::into_boxed_str).collect();
        Ok(Self { environment, names, asked, members })
    }

    /// What it asks namespaces for, such as `manager.title`, sorted.
    pub(crate) fn members(&self) -> &[Box<str>] {
        &self.members
    }

    /// The names that it looks up, sorted.
    pub(crate) fn names(&self) -> &[Box<str>] {
        &self.names
    }

    /// Runs it with the value that `field` gives for each name; an empty value counts as undefined. The result is marked
    /// up as [`slots`] describes; `Err` says in one clause what went wrong.
    pub(crate) fn run<'a>(&self, field: impl Fn(&str) -> &'a str) -> Result<String, String> {
        let value = |name: &str| {
            if NAMESPACES.contains(&name) {
                Namespace::value(name, &self.asked, &field, field_value)
            } else {
                field_value(field(name))
            }
        };
        let values = self.names.iter().map(|name| value(name)).collect();
        let hidden = filters::HIDDEN.map(|(_, name)| field_value(field(name)));
        let context = Value::from_object(Context { names: Arc::clone(&self.names), values, hidden });
        let mut output = Capped(Vec::with_capacity(8 * 1024));
        let template = self.environment.get_template(TEMPLATE).map_err(|error| explain(&error))?;
        template.render_captured_to(context, &mut output).map_err(|error| explain(&error))?;
        String::from_utf8(output.0).map_err(|_| "its output is not text".into())
    }
}

const TEMPLATE: &str = "template.html";

/// A field's value as a template sees it: undefined where there is none, and never longer than a filter's result, so
/// that every value a template handles is bounded.
fn field_value(text: &str) -> Value {
    if text.trim().is_empty() { Value::UNDEFINED } else { Value::from(filters::bounded(text)) }
}

/// The fields that a template asks for.
#[derive(Debug)]
struct Context {
    names: Arc<[Box<str>]>,
    values: Vec<Value>,
    /// What filters need of the person, whatever the template asks for: the values of [`filters::HIDDEN`].
    hidden: [Value; filters::HIDDEN.len()],
}

impl Object for Context {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        if let Some(at) = filters::HIDDEN.iter().position(|(name, _)| *name == key) {
            return Some(self.hidden[at].clone());
        }
        let at = self.names.binary_search_by(|name| (**name).cmp(key)).ok()?;
        self.values.get(at).cloned()
    }
}

/// A buffer that refuses to grow past [`MAX_OUTPUT`].
struct Capped(Vec<u8>);

impl io::Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_OUTPUT {
            return Err(io::Error::other("output too long"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_formatter(slots::write);
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_recursion_limit(MAX_RECURSION);
    environment.set_fuel(Some(FUEL));
    environment.add_function("range", range);
    filters::add_to(&mut environment);
    environment.add_test("defined", tests::is_defined);
    environment.add_test("undefined", tests::is_undefined);
    environment.add_test("odd", tests::is_odd);
    environment.add_test("even", tests::is_even);
    environment.add_test("startingwith", tests::is_startingwith);
    environment.add_test("endingwith", tests::is_endingwith);
    environment.add_test("same", is_same);
    environment
}

/// `country is same("Scotland")`: `==` without regard to case, accents' composition and surrounding white space, as rules compare.
fn is_same(value: &Value, other: &Value) -> bool {
    match (value.as_str(), other.as_str()) {
        (Some(value), Some(other)) => folded(filters::bounded(value)) == folded(other),
        (None, Some(other)) => value.is_undefined() && other.trim().is_empty(),
        _ => value == other,
    }
}

/// `range(n)` and `range(from, to)`, at most 1,000 numbers.
fn range(first: i64, second: Option<i64>) -> Result<Value, Error> {
    let (from, to) = second.map_or((0, first), |second| (first, second));
    if to.saturating_sub(from) > 1_000 {
        return Err(Error::new(ErrorKind::InvalidOperation, "range() gives at most 1,000 numbers"));
    }
    Ok((from..to).collect())
}

/// One tag while its tokens are counted.
#[derive(Default)]
struct Tag<'s> {
    tokens: usize,
    joins: usize,
    /// `{`, or a `[` inside another, which could hold the same text many times.
    nests: bool,
    open_brackets: usize,
    /// Any `[`.
    lists: bool,
    /// The statement, if it is a `{% … %}`.
    statement: Option<&'s str>,
    is_block: bool,
    assigns: usize,
    names: Vec<&'s str>,
    /// How many of `names` stand before the first `=` or `in`; names behind are used for certain.
    first_bound: usize,
    /// How many of `names` stand before the last `=` or the `in`: the names that it binds, and maybe more.
    bound: usize,
}

fn check(source: &str) -> Result<(), String> {
    let mut tag = Tag::default();
    let mut bound: BTreeSet<&str> = BTreeSet::from(["loop"]);
    // Names that glued-together texts are built from; none of them may be bound anywhere.
    let mut glued: BTreeSet<&str> = BTreeSet::new();
    let mut elifs = 0;
    for token in tokenize(source, false, SyntaxConfig::default()) {
        let (token, span) = token.map_err(|error| explain(&error))?;
        let line = span.start_line;
        match token {
            Token::TemplateData(_) | Token::VariableEnd => {}
            Token::VariableStart => tag = Tag::default(),
            Token::BlockStart => tag = Tag { is_block: true, ..Tag::default() },
            Token::BlockEnd => {
                finish(&tag, line, &mut bound, &mut glued)?;
                elifs += usize::from(tag.statement == Some("elif"));
                if elifs > MAX_ELIFS {
                    return Err(format!("it has more than {MAX_ELIFS} “elif”s"));
                }
            }
            token => count(&mut tag, &token, line)?,
        }
    }
    match glued.intersection(&bound).next() {
        None => Ok(()),
        Some(name) => Err(format!(
            "the template itself sets “{name}”, and “set”, “for” and “with” cannot join such names together (write \
             the pieces one after the other instead)"
        )),
    }
}

fn count<'s>(tag: &mut Tag<'s>, token: &Token<'s>, line: u16) -> Result<(), String> {
    tag.tokens += 1;
    if tag.tokens > MAX_TOKENS {
        return Err(format!("line {line} has more than {MAX_TOKENS} words and signs between one pair of braces"));
    }
    match token {
        Token::Ident(name) => {
            if tag.is_block && tag.statement.is_none() {
                tag.statement = Some(name);
                return Ok(());
            }
            match *name {
                "in" if tag.assigns == 0 && tag.bound == 0 => {
                    tag.bound = tag.names.len();
                    tag.first_bound = tag.bound;
                }
                "recursive" => {
                    return Err(format!("line {line} uses “recursive”, which templates here do not support"));
                }
                name => tag.names.push(name),
            }
        }
        Token::Assign => {
            tag.assigns += 1;
            tag.bound = tag.names.len();
            if tag.assigns == 1 && tag.first_bound == 0 {
                tag.first_bound = tag.bound;
            }
        }
        Token::Str(text) if text.len() > filters::MAX_TEXT => return Err(long_text(line)),
        Token::String(text) if text.len() > filters::MAX_TEXT => return Err(long_text(line)),
        Token::Tilde | Token::Plus => tag.joins += 1,
        Token::Mul | Token::Pow => return Err(format!("line {line} multiplies, which templates here do not support")),
        Token::BraceOpen => tag.nests = true,
        Token::BracketOpen => {
            tag.open_brackets += 1;
            tag.lists = true;
            tag.nests |= tag.open_brackets > 1;
        }
        Token::BracketClose => tag.open_brackets = tag.open_brackets.saturating_sub(1),
        _ => {}
    }
    if tag.joins > MAX_JOINS {
        return Err(format!("line {line} joins more than {MAX_JOINS} pieces between one pair of braces"));
    }
    Ok(())
}

fn long_text(line: u16) -> String {
    format!("line {line} has a text of more than {} bytes between quotes", filters::MAX_TEXT)
}

fn finish<'s>(
    tag: &Tag<'s>,
    line: u16,
    bound: &mut BTreeSet<&'s str>,
    glued: &mut BTreeSet<&'s str>,
) -> Result<(), String> {
    match tag.statement.unwrap_or_default() {
        "if" | "elif" | "else" | "endif" | "endfor" | "endwith" => return Ok(()),
        "set" if tag.assigns == 0 => return Err(format!("line {line} has a “set” without “=”")),
        "set" | "with" | "for" => {}
        "include" => return Err(format!("line {line}: a block is used as {{% include \"ID\" %}}, with its id")),
        other => return Err(format!("line {line} uses “{other}”, which templates here do not support")),
    }
    bound.extend(&tag.names[..tag.bound]);
    // A list in `for` is only walked through; bound as a whole it could be nested into the next one.
    let list = tag.statement != Some("for") && tag.lists;
    if tag.joins > 0 || tag.nests || list {
        // `with a = b, c = d` binds between its values, so there every name counts as one that is used.
        let first = if tag.statement == Some("with") && tag.assigns > 1 { 0 } else { tag.first_bound };
        glued.extend(&tag.names[first..]);
    }
    Ok(())
}

/// The line that a clause about a source is about, counted from 1: it says so at its beginning.
pub(crate) fn line(clause: &str) -> Option<usize> {
    let number = clause.strip_prefix("line ")?;
    number[..number.bytes().take_while(u8::is_ascii_digit).count()].parse().ok()
}

/// A word between braces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// It is looked up.
    Name,
    /// It stands behind `|`.
    Filter,
    /// It stands behind `is`.
    Test,
}

/// The words of a source with their places, in bytes; as far as it can be read.
pub(crate) fn words(source: &str) -> Vec<(Word, &str, Range<usize>)> {
    let mut words = Vec::new();
    // What the next word is; none: a statement's own, or an attribute behind a dot.
    let mut next = None;
    let tokens = pieces(source).flat_map(|(from, piece)| {
        let tokens = tokenize(piece, false, SyntaxConfig::default()).map_while(Result::ok);
        tokens.map(move |(token, span)| (token, from + span.start_offset as usize..from + span.end_offset as usize))
    });
    for (token, at) in tokens {
        next = match token {
            // `is not` is followed by a test as well.
            Token::Ident("not") if next == Some(Word::Test) => next,
            Token::Ident("is") => Some(Word::Test),
            Token::Ident(word) => {
                words.extend(next.map(|kind| (kind, word, at)));
                Some(Word::Name)
            }
            Token::Pipe => Some(Word::Filter),
            Token::Dot | Token::BlockStart => None,
            _ => Some(Word::Name),
        };
    }
    words
}

/// A source in pieces, with the place of each, cut where `{#` would be read as a comment and is a block of CSS.
pub(super) fn pieces(source: &str) -> impl Iterator<Item = (usize, &str)> {
    let cuts: Vec<usize> = source::hashes(source).into_iter().map(|open| open + 1).collect();
    let starts = std::iter::once(0).chain(cuts.clone());
    let ends = cuts.into_iter().chain([source.len()]);
    starts.zip(ends).map(|(from, to)| (from, &source[from..to]))
}

/// The names whose values a source writes as telephone numbers, sorted.
pub(super) fn numbers(source: &str) -> Vec<Box<str>> {
    let mut numbers = BTreeSet::new();
    let mut last = None;
    for (kind, word, _) in words(source) {
        match (kind, last) {
            (Word::Name, _) => last = Some(word),
            (Word::Filter, Some(name)) if matches!(word, "tel" | "phone") => _ = numbers.insert(name.into()),
            _ => {}
        }
    }
    numbers.into_iter().collect()
}

/// What a source asks anything for, `x.token` or `x["token"]`, sorted; as far as it can be read.
fn attributes(source: &str) -> Vec<Box<str>> {
    let mut attributes = BTreeSet::new();
    let mut asks = false;
    let tokens =
        pieces(source).flat_map(|(_, piece)| tokenize(piece, false, SyntaxConfig::default()).map_while(Result::ok));
    for (token, _) in tokens {
        match &token {
            Token::Ident(name) if asks => _ = attributes.insert((*name).into()),
            Token::Str(name) if asks => _ = attributes.insert((*name).into()),
            _ => {}
        }
        asks = matches!(token, Token::Dot | Token::BracketOpen);
    }
    attributes.into_iter().collect()
}

/// The tests that templates have.
pub(crate) const TESTS: &[&str] = &["defined", "undefined", "odd", "even", "startingwith", "endingwith", "same"];

/// What went wrong, as one clause.
fn explain(error: &Error) -> String {
    let line = error.line().map(|line| format!("line {line}: ")).unwrap_or_default();
    let detail = error.detail().unwrap_or_default();
    match error.kind() {
        ErrorKind::OutOfFuel => "it does too much work, as an endless loop would".into(),
        ErrorKind::WriteFailure => format!("it writes more than {MAX_OUTPUT} bytes"),
        ErrorKind::SyntaxError => format!("{line}it is not written correctly ({detail})"),
        ErrorKind::UnknownFilter => format!("{line}there is no such filter ({detail})"),
        ErrorKind::UnknownTest => format!("{line}there is no such test ({detail})"),
        ErrorKind::UnknownFunction => format!("{line}there is no such function ({detail})"),
        kind if detail.is_empty() => format!("{line}{kind}"),
        _ => format!("{line}{detail}"),
    }
}
