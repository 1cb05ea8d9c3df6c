//! What a comparison found: how many people are affected, in which groups and cells, and what each person gets.

use super::comparisons::Run;
use super::matrix::Outcome;
use crate::tenant::Tenant;
use ::api::console::{
    AffectedGroup, CellCount, Combination, ComparedOutcome, Comparison, MatrixCell, PartNames, RecipientSide,
};
use email_signature::{Choice, Kind};
use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

/// Most combinations, and most groups, that are listed.
const MAX_LISTED: usize = 100;
/// Most cases of a comparison: one bit each in [`Row`].
const MAX_CASES: usize = 8;

/// What everyone gets. Few people differ, so what a person gets in all cases is kept once.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Combinations of templates.
    choices: Vec<Choice>,
    /// For each case the combination before and afterwards, as indexes into `choices`.
    profiles: Vec<Profile>,
    /// By the person's index among the tenant's records.
    people: Vec<Row>,
}

type Profile = Vec<(u32, u32)>;

/// What a person gets now and afterwards.
#[derive(Clone, Copy, Debug, Default)]
pub struct Row {
    profile: u32,
    /// A bit for each case in which they get something else.
    changed: u8,
    new_problems: bool,
}

impl Row {
    /// Whether they get something else in some case.
    pub fn is_affected(self) -> bool {
        self.changed != 0
    }

    fn is_affected_in(self, case: usize) -> bool {
        self.changed & (1 << case) != 0
    }
}

/// What one thread found, in its own order: a row each with the person's index.
#[derive(Default)]
pub(super) struct Part {
    choices: Interned<Choice>,
    profiles: Interned<Profile>,
    rows: Vec<(usize, Row)>,
}

impl Part {
    /// Adds what a person gets in each case; nothing when they get no answer at all.
    pub(super) fn add(&mut self, person: usize, outcomes: &[Outcome]) {
        if outcomes.is_empty() {
            return;
        }
        let pair = |one: &Outcome| (self.choices.place(&one.before), self.choices.place(&one.after));
        let profile: Profile = outcomes.iter().take(MAX_CASES).map(pair).collect();
        let changed = outcomes.iter().take(MAX_CASES).enumerate().filter(|(_, one)| one.affected);
        let row = Row {
            profile: self.profiles.place(&profile),
            changed: changed.fold(0, |bits, (case, _)| bits | (1 << case)),
            new_problems: outcomes.iter().any(|one| one.new_problems),
        };
        self.rows.push((person, row));
    }
}

/// Values, each with the number under which it was first seen.
struct Interned<T>(HashMap<T, u32>);

impl<T> Default for Interned<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T: Clone + Eq + Hash> Interned<T> {
    fn place(&mut self, value: &T) -> u32 {
        if let Some(known) = self.0.get(value) {
            return *known;
        }
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        self.0.insert(value.clone(), next);
        next
    }

    /// By their numbers.
    fn into_values(self) -> Vec<T> {
        let mut all: Vec<(T, u32)> = self.0.into_iter().collect();
        all.sort_by_key(|(_, place)| *place);
        all.into_iter().map(|(value, _)| value).collect()
    }
}

/// Every thread's part in one, rows in the order of the records.
pub(super) fn together(parts: Vec<Part>, total: usize) -> Found {
    let (mut choices, mut profiles) = (Interned::default(), Interned::default());
    // Only a person who got no answer has this row.
    let mut people = vec![Row { profile: u32::MAX, ..Row::default() }; total];
    for part in parts {
        let known: Vec<u32> = part.choices.into_values().iter().map(|choice| choices.place(choice)).collect();
        let known = |(before, after): &(u32, u32)| (known[*before as usize], known[*after as usize]);
        let all = part.profiles.into_values();
        let places: Vec<u32> = all.iter().map(|profile| profiles.place(&profile.iter().map(known).collect())).collect();
        for (person, row) in part.rows {
            people[person] = Row { profile: places[row.profile as usize], ..row };
        }
    }
    Found { choices: choices.into_values(), profiles: profiles.into_values(), people }
}

impl Run {
    /// The present state of the comparison, under this id.
    pub fn describe(&self, id: String) -> Comparison {
        let mut comparison = Comparison {
            id,
            done: self.done() as u64,
            total: self.total() as u64,
            finished: self.is_finished(),
            affected: 0,
            new_problems: 0,
            cells: Vec::new(),
            combinations: Vec::new(),
            groups: Vec::new(),
        };
        if let Some(found) = self.found() {
            let count = |is: fn(&Row) -> bool| found.people.iter().filter(|row| is(row)).count() as u64;
            comparison.affected = count(|row| row.is_affected());
            comparison.new_problems = count(|row| row.new_problems);
            comparison.cells =
                self.counts(|case| found.people.iter().filter(|row| row.is_affected_in(case)).count() as u64);
            comparison.combinations = self.combinations(found);
            comparison.groups = self.groups(found);
        }
        comparison
    }

    /// How many people in each cell; none when one draft is compared.
    fn counts(&self, people: impl Fn(usize) -> u64) -> Vec<CellCount> {
        let count = |(case, cell): (usize, MatrixCell)| CellCount {
            kind: cell.kind,
            recipients: cell.recipients,
            people: people(case),
        };
        self.cells().map(count).collect()
    }

    /// The cells with their cases' indexes.
    fn cells(&self) -> impl Iterator<Item = (usize, MatrixCell)> {
        self.cases.iter().enumerate().filter_map(|(case, one)| Some((case, one.cell?)))
    }

    fn combinations(&self, found: &Found) -> Vec<Combination> {
        let mut people = vec![0; found.profiles.len()];
        for row in &found.people {
            if let Some(count) = people.get_mut(row.profile as usize) {
                *count += 1;
            }
        }
        // Two choices can have the same names, and count as one for a person who gets both.
        let names: Vec<PartNames> = found.choices.iter().map(|choice| self.after.names(choice)).collect();
        let mut counted: HashMap<&PartNames, (u64, u64, [u64; MAX_CASES])> = HashMap::new();
        for (profile, people) in found.profiles.iter().zip(people) {
            let before: BTreeSet<&PartNames> = profile.iter().map(|(before, _)| &names[*before as usize]).collect();
            let after: BTreeSet<&PartNames> = profile.iter().map(|(_, after)| &names[*after as usize]).collect();
            for names in before {
                counted.entry(names).or_default().0 += people;
            }
            for names in after {
                counted.entry(names).or_default().1 += people;
            }
            for (case, (_, after)) in profile.iter().enumerate() {
                counted.entry(&names[*after as usize]).or_default().2[case] += people;
            }
        }
        let combination = |(parts, (before, after, cases)): (&PartNames, (u64, u64, [u64; MAX_CASES]))| {
            let mut cells = self.counts(|case| cases[case]);
            cells.retain(|cell| cell.people > 0);
            Combination { parts: parts.clone(), before, after, cells }
        };
        let mut all: Vec<_> = counted.into_iter().map(combination).collect();
        all.sort_by(|a, b| (b.after.max(b.before), &a.parts).cmp(&(a.after.max(a.before), &b.parts)));
        all.truncate(MAX_LISTED);
        all
    }

    /// Whether a row gets the templates at this index of [`Comparison::combinations`] afterwards in some case; `None`: there
    /// is no such index.
    pub fn gets(&self, place: u32) -> Option<impl Fn(&Row) -> bool> {
        let found = self.found()?;
        let parts = self.combinations(found).into_iter().nth(place as usize)?.parts;
        let same: Vec<bool> = found.choices.iter().map(|choice| self.after.names(choice) == parts).collect();
        let gets = |profile: &Profile| profile.iter().any(|(_, after)| same[*after as usize]);
        let profiles: Vec<bool> = found.profiles.iter().map(gets).collect();
        Some(move |row: &Row| profiles.get(row.profile as usize).copied().unwrap_or_default())
    }

    /// Whether a row gets something else in a cell of this kind and side; `None`: any.
    pub fn changes(&self, kind: Option<Kind>, side: Option<RecipientSide>) -> impl Fn(&Row) -> bool {
        let wanted = |cell: MatrixCell| {
            kind.is_none_or(|kind| cell.kind == kind) && side.is_none_or(|side| cell.recipients == side)
        };
        let mask = self.cells().filter(|(_, cell)| wanted(*cell)).fold(0, |bits, (case, _)| bits | (1 << case));
        move |row| row.changed & mask != 0
    }

    fn groups(&self, found: &Found) -> Vec<AffectedGroup> {
        let mut counts: HashMap<&str, (u64, [u64; MAX_CASES])> = HashMap::new();
        for (record, row) in self.before.records().zip(&found.people).filter(|(_, row)| row.is_affected()) {
            for group in &record.groups {
                let (people, cases) = counts.entry(group).or_default();
                *people += 1;
                for (case, count) in cases.iter_mut().enumerate() {
                    *count += u64::from(row.is_affected_in(case));
                }
            }
        }
        let group = |(id, (affected, cases)): (&str, (u64, [u64; MAX_CASES]))| {
            let mut cells = self.counts(|case| cases[case]);
            cells.retain(|cell| cell.people > 0);
            let name = self.before.group_name(id).unwrap_or(id).to_owned();
            AffectedGroup { id: id.to_owned(), name, affected, cells }
        };
        let mut all: Vec<_> = counts.into_iter().map(group).collect();
        all.sort_by(|a, b| (b.affected, &a.name).cmp(&(a.affected, &b.name)));
        all.truncate(MAX_LISTED);
        all
    }

    /// What a person gets, by their index among the records; `None` until the comparison is finished.
    pub fn row_at(&self, person: usize) -> Option<Row> {
        self.found()?.people.get(person).copied()
    }

    /// The first case in which a row changes, or else the first of all.
    pub fn first_case(row: Row) -> usize {
        if row.is_affected() { row.changed.trailing_zeros() as usize } else { 0 }
    }

    /// What a row gets in which cells: the first case's outcome first, equal ones together.
    pub fn outcomes(&self, row: Row) -> Vec<ComparedOutcome> {
        let Some(found) = self.found() else { return Vec::new() };
        let Some(profile) = found.profiles.get(row.profile as usize) else { return Vec::new() };
        let mut all: Vec<((u32, u32), ComparedOutcome)> = Vec::new();
        for (case, (one, pair)) in self.cases.iter().zip(profile).enumerate() {
            let affected = row.is_affected_in(case);
            let same =
                |(known, outcome): &&mut ((u32, u32), ComparedOutcome)| known == pair && outcome.affected == affected;
            if let Some((_, known)) = all.iter_mut().find(same) {
                known.cells.extend(one.cell);
                continue;
            }
            let names = |tenant: &Tenant, place: u32| {
                found.choices.get(place as usize).map(|choice| tenant.names(choice)).unwrap_or_default()
            };
            let (before, after) = (names(&self.before, pair.0), names(&self.after, pair.1));
            all.push((*pair, ComparedOutcome { cells: one.cell.into_iter().collect(), before, after, affected }));
        }
        all.into_iter().map(|(_, outcome)| outcome).collect()
    }
}
