//! Plans the changes of rows. Pure, and the same for all sources.

use super::check_value;
use super::staging::{ChangedPerson, Staging};
use crate::store::Losses;
use crate::store::Step;
use crate::store::{Fields, RowIssue, RunPlan, Source};
use crate::tenant::Tenant;
use email_signature::Address;
use std::borrow::Cow;
use std::collections::HashMap;

/// Stored data to compare with.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// All people, with the values in effect.
    pub tenant: &'a Tenant,
    /// The source's stored values, by person.
    pub values: &'a HashMap<Box<str>, Fields>,
}

/// How to interpret the rows.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Source of the values.
    pub source: Source,
    /// Token and column name for each value in a row.
    pub fields: Vec<(String, String)>,
    /// The name of the column with the addresses.
    pub address: String,
    /// Whether people without a row lose their values from this source.
    pub complete: bool,
    /// Whether this is an uploaded file. Then a value that is in effect already, from any source, is not imported, so that
    /// importing an export changes nothing, and fields without a column keep the values of earlier files. Otherwise the rows
    /// replace all values of the source.
    pub by_hand: bool,
    /// Whether unknown people are added; otherwise their rows are only counted.
    pub add: bool,
}

/// A row of text with a person's values.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// Number of the row, from 1.
    pub line: u64,
    /// The address, which identifies the person.
    pub address: &'a str,
    /// A value for each of [`Wanted::fields`]; empty if there is none.
    pub values: &'a [Cow<'a, str>],
}

/// Compares rows with stored data, one by one.
pub struct Planner<'a, Id, Sink> {
    known: Known<'a>,
    wanted: &'a Wanted,
    /// Creates ids for new people.
    new_id: Id,
    to: Staging<Sink>,
    /// Rows of known people by id, and of new ones by address.
    seen: HashMap<&'a str, u64>,
    seen_new: HashMap<String, u64>,
}

impl<'a, Id: FnMut() -> String, Sink: FnMut(Vec<Step>, u64) -> bool> Planner<'a, Id, Sink> {
    /// Creates a planner. `sink` receives steps in portions, with the last processed row.
    pub fn new(known: Known<'a>, wanted: &'a Wanted, new_id: Id, sink: Sink) -> Self {
        Self { known, wanted, new_id, to: Staging::new(sink), seen: HashMap::new(), seen_new: HashMap::new() }
    }

    /// Adds an issue for a row that cannot be imported.
    pub fn issue(&mut self, line: u64, column: Option<&str>, detail: impl Into<String>) {
        let column = column.map(str::to_owned);
        self.to.issue(RowIssue { line, subject: None, column, detail: detail.into() });
    }

    /// Processes a row; `false` if the sink stopped.
    pub fn row(&mut self, row: &Row<'_>) -> bool {
        let column = self.wanted.address.as_str();
        if row.address.trim().is_empty() {
            self.issue(row.line, Some(column), "the address is missing: add it, or remove the row");
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
            // The first row counts; further ones name it.
            match known {
                Some(record) => self.seen.insert(&record.id, earlier),
                None => self.seen_new.insert(address.as_str().to_owned(), earlier),
            };
            let what = if self.wanted.by_hand { "line" } else { "row" };
            let detail = format!("{what} {earlier} is for the same person or mailbox: keep one of the two");
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

    /// Keeps the stored values of the person in a row that cannot be read.
    pub fn spare(&mut self, line: u64, address: &str) {
        let tenant = self.known.tenant;
        let Ok(address) = Address::parse(address) else { return };
        if let Some(record) = tenant.record_by_address(address.as_str()) {
            self.seen.entry(&record.id).or_insert(line);
        }
    }

    /// Returns the plan and its losses after the last row; `None` if the sink stopped.
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
                let whom = ChangedPerson { person: id, address: record.address(), is_new: false, stored: Some(values) };
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
                // For values entered by hand, empty means "show nothing", which an empty cell must not cause.
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
        self.to.change(ChangedPerson { person: &record.id, address: record.address(), is_new: false, stored }, changes);
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
        let whom = ChangedPerson { person: &person, address: address.as_str(), is_new: true, stored: None };
        self.to.change(whom, changes);
    }
}

/// Message for a value that was decoded with the wrong encoding.
const UNREADABLE: &str = "the value has characters that could not be read: correct them, or choose another encoding";

/// The first value that a field cannot store.
fn wrong_value(row: &Row<'_>) -> Option<(usize, String)> {
    row.values.iter().enumerate().find_map(|(at, value)| {
        if value.contains(char::REPLACEMENT_CHARACTER) {
            return Some((at, UNREADABLE.to_owned()));
        }
        let detail = check_value(value).err()?;
        Some((at, format!("{detail}: shorten or clean the value")))
    })
}
