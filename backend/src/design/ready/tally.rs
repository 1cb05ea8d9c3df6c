//! What was found so far, counted by template.

use ::api::console::ReadyKind;
use std::collections::{BTreeMap, HashMap};

/// Most people of a finding who are named.
const MAX_NAMED: usize = 5;
/// Most findings of one kind in one template that are told apart: a value can be wrong in its own way for everyone.
const MAX_APART: usize = 10;

/// What was found, by template id.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// How many people get something different.
    pub(super) concerned: usize,
    pub(super) templates: HashMap<String, Counts>,
}

/// What was found in one template.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// How many people it was rendered for.
    pub(super) people: usize,
    /// Whether it was rendered for a made-up person, since there is nobody else.
    pub(super) sampled: bool,
    pub(super) found: BTreeMap<Key, Noted>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    pub(super) kind: ReadyKind,
    /// What tells it apart from others of its kind; empty: nothing, or there are too many.
    pub(super) apart: String,
}

/// Whom something was found for.
#[derive(Debug, Default)]
pub(super) struct Noted {
    pub(super) people: usize,
    /// The first places among the tenant's records.
    pub(super) places: Vec<usize>,
    /// What it looks like, for the person in the first place.
    pub(super) example: String,
}

impl Tally {
    pub(super) fn has(&self, template: &str) -> bool {
        self.templates.contains_key(template)
    }

    pub(super) fn of(&mut self, template: &str) -> &mut Counts {
        // Looked up first: nearly always it is there, and needs no copy of the id.
        if !self.templates.contains_key(template) {
            self.templates.insert(template.to_owned(), Counts::default());
        }
        self.templates.entry(template.to_owned()).or_default()
    }

    /// Adds what another thread found.
    pub(super) fn add(&mut self, other: Self) {
        self.concerned += other.concerned;
        for (id, counts) in other.templates {
            let ours = self.templates.entry(id).or_default();
            ours.people += counts.people;
            ours.sampled |= counts.sampled;
            for (key, noted) in counts.found {
                ours.slot(key).add(noted);
            }
        }
    }
}

impl Counts {
    /// Notes something for a person.
    pub(super) fn note(&mut self, key: Key, example: &str, place: Option<usize>) {
        let noted = Noted {
            people: usize::from(place.is_some()),
            places: place.into_iter().collect(),
            example: example.to_owned(),
        };
        self.slot(key).add(noted);
    }

    fn slot(&mut self, key: Key) -> &mut Noted {
        let others = || self.found.keys().filter(|known| known.kind == key.kind).count();
        let is_apart = self.found.contains_key(&key) || others() < MAX_APART;
        let key = if is_apart { key } else { Key { apart: String::new(), ..key } };
        self.found.entry(key).or_default()
    }
}

impl Noted {
    fn add(&mut self, other: Self) {
        self.people += other.people;
        let is_first =
            self.example.is_empty() || other.places.first() < self.places.first() && !other.example.is_empty();
        if is_first {
            self.example = other.example;
        }
        self.places.extend(other.places);
        self.places.sort_unstable();
        self.places.truncate(MAX_NAMED);
    }
}
