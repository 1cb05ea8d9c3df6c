//! What a source's rows would change: pure, and the same for every source.

use super::check_value;
use super::staging::{Staging, Whom};
use crate::store::Losses;
use crate::store::Step;
use crate::store::{Fields, RowIssue, RunPlan, Source};
use crate::tenant::Tenant;
use email_signature::Address;
use std::borrow::Cow;
use std::collections::HashMap;

/// What is there already.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Everybody, with the values in effect.
    pub tenant: &'a Tenant,
    /// What this source said until now, by person.
    pub values: &'a HashMap<Box<str>, Fields>,
}

/// How the rows count.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Whose values they are.
    pub source: Source,
    /// The tokens that rows have values of, and each column's name.
    pub fields: Vec<(String, String)>,
    /// The name of the column with the addresses.
    pub address: String,
    /// Whether people without a row lose what this source said of them.
    pub complete: bool,
    /// Whether somebody sent a file: then a value that is in effect already, from whichever source, is left where it is, so that
    /// importing an export changes nothing, and fields without a column keep what an earlier file said. Otherwise the rows
    /// are all that the source says.
    pub by_hand: bool,
    /// Whether people whom nobody knows yet are added; otherwise their rows are only counted.
    pub add: bool,
}

/// What a source says of somebody, in a row of text.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// Where it says so, from 1.
    pub line: u64,
    /// The address that names them.
    pub address: &'a str,
    /// A value for each of [`Wanted::fields`]; empty: it knows none.
    pub values: &'a [Cow<'a, str>],
}

/// Compares rows with what is stored, as they come in.
pub struct Planner<'a, Id, Sink> {
    known: Known<'a>,
    wanted: &'a Wanted,
    /// Makes ids for new people.
    new_id: Id,
    to: Staging<Sink>,
    /// Lines of people whom we know, by id, and of new ones, by address.
    seen: HashMap<&'a str, u64>,
    seen_new: HashMap<String, u64>,
}

impl<'a, Id: FnMut() -> String, Sink: FnMut(Vec<Step>, u64) -> bool> Planner<'a, Id, Sink> {
    /// Nothing compared yet. `sink` takes steps in portions, with the line that they go up to.
    pub fn new(known: Known<'a>, wanted: &'a Wanted, new_id: Id, sink: Sink) -> Self {
        Self { known, wanted, new_id, to: Staging::new(sink), seen: HashMap::new(), seen_new: HashMap::new() }
    }

    /// Notes a row that cannot be imported.
    pub fn issue(&mut self, line: u64, column: Option<&str>, detail: impl Into<String>) {
        let column = column.map(str::to_owned);
        self.to.issue(RowIssue { line, subject: None, column, detail: detail.into() });
    }

    /// Takes a row; `false`: no more are wanted.
    pub fn row(&mut self, row: &Row<'_>) -> bool {
        let column = self.wanted.address.as_str();
        if row.address.trim().is_empty() {
            self.issue(row.line, Some(column), "there is no address: write one, or remove the row");
            return self.to.goes_on;
        }
        let address = match Address::parse(row.address) {
            Ok(address) => address,
            Err(error) => {
                self.issue(row.line, Some(column), format!("{error}: correct it, or remove the row"));
                return self.to.goes_on;
            }
        };
        let known = self.known.tenant.record_by_address(address.as_str());
        let earlier = match known {
            Some(record) => self.seen.insert(&record.id, row.line),
            None => self.seen_new.insert(address.as_str().to_owned(), row.line),
        };
        if let Some(earlier) = earlier {
            // The first one counts; a third is told where it is, too.
            match known {
                Some(record) => self.seen.insert(&record.id, earlier),
                None => self.seen_new.insert(address.as_str().to_owned(), earlier),
            };
            let what = if self.wanted.by_hand { "line" } else { "row" };
            let detail = format!("{what} {earlier} is about the same person or mailbox: keep one of the two");
            self.issue(row.line, Some(column), detail);
            return self.to.goes_on;
        }
        if let Some((at, detail)) = wrong_value(row) {
            let column = self.wanted.fields.get(at).map(|(_, column)| column.as_str());
            self.issue(row.line, column, detail);
            return self.to.goes_on;
        }
        match known {
            Some(record) => self.known_person(record, row),
            None if self.wanted.add => self.new_person(&address, row),
            None => self.to.plan.unmatched += 1,
        }
        self.to.keep_up(row.line);
        self.to.goes_on
    }

    /// Keeps what is stored of the person in a row that cannot be read.
    pub fn spare(&mut self, line: u64, address: &str) {
        let tenant = self.known.tenant;
        let Ok(address) = Address::parse(address) else { return };
        if let Some(record) = tenant.record_by_address(address.as_str()) {
            self.seen.entry(&record.id).or_insert(line);
        }
    }

    /// The plan and what it takes away, after the last row; `None` when the sink stopped it.
    pub fn finish(mut self, lines: u64) -> Option<(RunPlan, Losses)> {
        self.to.lost.whole = self.wanted.complete;
        self.to.lost.kept = self.known.values.keys().filter(|id| self.seen.contains_key(&***id)).count() as u64;
        if self.wanted.complete {
            let mut missing: Vec<_> =
                self.known.values.iter().filter(|(id, _)| !self.seen.contains_key(&***id)).collect();
            missing.sort_by(|a, b| a.0.cmp(b.0));
            for (id, values) in missing {
                let Some(record) = self.known.tenant.record(id) else { continue };
                self.to.plan.cleared += 1;
                let gone = values.iter().map(|(token, value)| (token.to_owned(), Some(value.to_owned()), None));
                let whom = Whom { person: id, address: record.address(), is_new: false, stored: Some(values) };
                self.to.change(whom, gone.collect());
                self.to.keep_up(lines);
            }
        }
        self.to.finish(lines)
    }

    fn known_person(&mut self, record: &crate::store::PersonRecord, row: &Row<'_>) {
        let stored = self.known.values.get(&record.id);
        let mut changes = Vec::new();
        for ((token, _), cell) in self.wanted.fields.iter().zip(row.values) {
            let old = stored.and_then(|stored| stored.get(token));
            let in_effect = record.fields.get(token).unwrap_or_default();
            let new = match (old, cell.trim()) {
                (Some(old), _) if old == cell => continue,
                (None, _) if self.wanted.by_hand && in_effect == &**cell => continue,
                // By hand, an empty value means "show nothing": an empty cell must not come to that.
                (_, "") if self.wanted.source == Source::Manual => continue,
                (_, "") => None,
                (None, cell) if self.wanted.by_hand && in_effect == cell => continue,
                (_, cell) => Some(cell),
            };
            if old != new {
                changes.push((token.clone(), old.map(str::to_owned), new.map(str::to_owned)));
            }
        }
        if !self.wanted.by_hand {
            let given = |token: &str| self.wanted.fields.iter().any(|(given, _)| given == token);
            let gone = stored.iter().flat_map(|stored| stored.iter()).filter(|(token, _)| !given(token));
            changes.extend(gone.map(|(token, old)| (token.to_owned(), Some(old.to_owned()), None)));
        }
        if changes.is_empty() {
            self.to.plan.unchanged += 1;
            return;
        }
        self.to.plan.changed += 1;
        self.to.change(Whom { person: &record.id, address: record.address(), is_new: false, stored }, changes);
    }

    fn new_person(&mut self, address: &Address, row: &Row<'_>) {
        let person = (self.new_id)();
        self.to.plan.added += 1;
        self.to.push(Step::Person { person: person.clone(), oid: None });
        let address_step =
            Step::Address { person: person.clone(), address: address.as_str().to_owned(), old: None, new: Some(0) };
        self.to.push(address_step);
        let values = self.wanted.fields.iter().zip(row.values).filter(|(_, value)| !value.trim().is_empty());
        let changes = values.map(|((token, _), value)| (token.clone(), None, Some(value.trim().to_owned()))).collect();
        let whom = Whom { person: &person, address: address.as_str(), is_new: true, stored: None };
        self.to.change(whom, changes);
    }
}

/// What is said of a value that was written in another encoding than it was read in.
const UNREADABLE: &str =
    "the value has characters that could not be read: correct them, or the encoding that it is read in";

/// The first value that no field can hold.
fn wrong_value(row: &Row<'_>) -> Option<(usize, String)> {
    row.values.iter().enumerate().find_map(|(at, value)| {
        if value.contains(char::REPLACEMENT_CHARACTER) {
            return Some((at, UNREADABLE.to_owned()));
        }
        let detail = check_value(value).err()?;
        Some((at, format!("{detail}: shorten or clean the value")))
    })
}
