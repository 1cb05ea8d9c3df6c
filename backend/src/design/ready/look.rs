//! What is wrong for one person.

use super::Checked;
use super::tally::{Key, Tally};
use crate::design::matrix;
use crate::signing::{fill_one, fill_part, select_for};
use crate::tenant::Tenant;
use ::api::console::{MatrixCell, ReadyKind};
use email_signature::{
    Address, BUILT_IN_FIELDS, Choice, Draft, Kind, MAX_HTML, Part, Person, Remark, Rule, SenderCondition, Signature,
    TOO_LONG, Template, holds_for_sender, inspect, is_offered,
};
use std::collections::HashSet;

/// The address of a made-up person: a reserved domain (RFC 2606).
const NOBODY: &str = "somebody@outside.example";

/// The drafts that are looked at, one for each cell of the matrix. From is everybody's own.
pub(super) fn occasions(tenant: &Tenant) -> Vec<Draft> {
    let Ok(from) = Address::parse(NOBODY) else { return Vec::new() };
    MatrixCell::ALL.map(|cell| matrix::draft(tenant, cell, &from)).into()
}

/// A template that is meant for certain people, though the rules give it to nobody on these occasions.
pub(super) struct Meant<'a> {
    template: &'a Template,
    /// The rules that can give it.
    rules: Vec<&'a Rule>,
}

/// For whom templates are meant that nobody gets on these occasions.
pub(super) fn meant<'a>(checked: &'a Checked<'a>, missed: &[&'a Template]) -> Vec<Meant<'a>> {
    let rules = |template: &Template| {
        let gives = |rule: &&Rule| rule.templates(template.part).any(|id| id == template.id);
        checked.after.rules().iter().filter(gives).collect()
    };
    missed.iter().map(|template| Meant { template, rules: rules(template) }).collect()
}

impl Meant<'_> {
    fn is_for(&self, person: &Person) -> bool {
        let holds = |condition: &SenderCondition| holds_for_sender(condition, person, &person.address);
        let by_rule = |rule: &&Rule| {
            let senders = &rule.senders;
            (senders.any_of.is_empty() || senders.any_of.iter().any(holds)) && !senders.except.iter().any(holds)
        };
        match (&self.rules[..], &self.template.offered_to) {
            ([], None) => true,
            ([], offered_to) => is_offered(offered_to.as_deref(), person, &person.address),
            (rules, _) => rules.iter().any(by_rule),
        }
    }
}

/// A made-up person who has every value.
fn anybody(checked: &Checked<'_>) -> Option<Person> {
    let address = Address::parse(NOBODY).ok()?;
    let built_in = BUILT_IN_FIELDS.iter().map(|(token, label)| ((*token).to_owned(), (*label).to_owned()));
    let custom = checked.after.fields().iter().map(|field| (field.token.clone(), field.label.clone()));
    let fields = built_in.chain(custom).collect();
    Some(Person { id: String::new(), address, aliases: Vec::new(), groups: Vec::new(), fields })
}

/// Renders a template for a made-up person who has every value.
fn for_anybody(checked: &Checked<'_>, template: &str) -> Option<Signature> {
    let person = anybody(checked)?;
    let draft = Draft { from: person.address.clone(), ..checked.occasions.first()?.clone() };
    Some(fill_part(checked.after, template, &person, &draft, checked.at_ms))
}

/// Whether a template shows nothing even to people who have every value.
pub(super) fn shows_nothing(checked: &Checked<'_>, template: &str) -> bool {
    for_anybody(checked, template).is_some_and(|signature| inspect(&signature).contains(&Remark::Empty))
}

/// Renders a template that nobody at all is meant to get.
pub(super) fn sample(checked: &Checked<'_>, template: &Template, tally: &mut Tally) {
    if let Some(signature) = for_anybody(checked, &template.id) {
        note_sample(&template.id, &signature, tally);
    }
}

/// Renders a block that no template uses.
pub(super) fn sample_block(checked: &Checked<'_>, block: &Template, tally: &mut Tally) {
    let (Some(person), Some(draft)) = (anybody(checked), checked.occasions.first()) else { return };
    let draft = Draft { from: person.address.clone(), ..draft.clone() };
    note_sample(&block.id, &fill_one(checked.after, block, &person, &draft, checked.at_ms), tally);
}

fn note_sample(id: &str, signature: &Signature, tally: &mut Tally) {
    let counts = tally.of(id);
    counts.sampled = true;
    for remark in inspect(signature) {
        let (key, example) = described(&remark);
        if matches!(key.kind, ReadyKind::Empty | ReadyKind::Placeholder) {
            let example = if key.kind == ReadyKind::Empty { left_out(signature) } else { example };
            counts.note(key, &example, None);
        }
    }
}

/// Looks at people one after the other.
pub(super) struct Looker<'a> {
    checked: &'a Checked<'a>,
    /// Templates that ask for the kind of draft: others look the same in each.
    by_kind: HashSet<&'a str>,
    occasions: Vec<Draft>,
    pub(super) tally: Tally,
}

/// A template rendered for a person.
struct Rendered {
    template: String,
    /// The kind of draft, if the template asks for it.
    kind: Option<Kind>,
    /// Whether the person gets it only after publishing.
    is_new: bool,
    signature: Signature,
}

impl<'a> Looker<'a> {
    pub(super) fn new(checked: &'a Checked<'a>) -> Self {
        let asking = checked.after.templates().filter(|one| one.compiled.uses("kind"));
        Self {
            checked,
            by_kind: asking.map(|one| one.compiled.id()).collect(),
            occasions: checked.occasions.clone(),
            tally: Tally::default(),
        }
    }

    /// Looks at what somebody gets on each occasion.
    pub(super) fn person(&mut self, place: usize) {
        let Some(record) = self.checked.before.record_at(place) else { return };
        let person = record.person();
        let mut all: Vec<Rendered> = Vec::new();
        let mut too_long: Vec<String> = Vec::new();
        for at in 0..self.occasions.len() {
            let draft = &mut self.occasions[at];
            draft.from.clone_from(&person.address);
            let draft = &self.occasions[at];
            let Some((choice, changed)) = choices(self.checked, &person, draft) else { continue };
            let length: usize = Part::ALL
                .into_iter()
                .filter_map(|part| Some((part, choice.part(part)?)))
                .map(|(part, id)| {
                    let rendered = self.rendered(id, &person, draft, &mut all);
                    rendered.is_new |= changed.contains(&part);
                    utf16(&rendered.signature.html)
                })
                .sum();
            if length > MAX_HTML {
                let ids = changed.iter().filter_map(|part| choice.part(*part));
                too_long.extend(ids.map(ToOwned::to_owned));
            }
        }
        self.tally.concerned += usize::from(!all.is_empty());
        self.note(place, &person, &all, too_long);
    }

    /// Looks at templates that are meant for somebody.
    pub(super) fn meant(&mut self, place: usize, meant: &[Meant<'_>]) {
        let Some(record) = self.checked.before.record_at(place) else { return };
        let person = record.person();
        let Some(draft) = self.occasions.first_mut() else { return };
        draft.from.clone_from(&person.address);
        let draft = draft.clone();
        let mut all = Vec::new();
        for one in meant.iter().filter(|one| one.is_for(&person)) {
            self.rendered(&one.template.id, &person, &draft, &mut all).is_new = true;
        }
        self.note(place, &person, &all, Vec::new());
    }

    /// A template for a person, rendered once for all drafts that give the same.
    fn rendered<'r>(&self, id: &str, person: &Person, draft: &Draft, all: &'r mut Vec<Rendered>) -> &'r mut Rendered {
        let kind = self.by_kind.contains(id).then_some(draft.kind);
        let known = all.iter().position(|one| one.template == id && one.kind == kind);
        let at = known.unwrap_or_else(|| {
            let signature = fill_part(self.checked.after, id, person, draft, self.checked.at_ms);
            all.push(Rendered { template: id.to_owned(), kind, is_new: false, signature });
            all.len() - 1
        });
        &mut all[at]
    }

    fn note(&mut self, place: usize, person: &Person, all: &[Rendered], mut too_long: Vec<String>) {
        let new: Vec<&Rendered> = all.iter().filter(|one| one.is_new).collect();
        let ids: HashSet<&str> = new.iter().map(|one| one.template.as_str()).collect();
        for id in ids {
            let mut seen: HashSet<Key> = HashSet::new();
            let renders = || new.iter().filter(|one| one.template == id);
            let known = self.checked.after.template(id).map_or(&[][..], |one| one.compiled.problems());
            let counts = self.tally.of(id);
            counts.people += 1;
            let remarks: Vec<(&Rendered, Vec<Remark>)> = renders().map(|one| (*one, inspect(&one.signature))).collect();
            let all_empty = remarks.iter().all(|(_, remarks)| remarks.contains(&Remark::Empty));
            for (rendered, remarks) in remarks {
                for remark in remarks.iter().filter(|remark| **remark != Remark::Empty || all_empty) {
                    let (key, example) = described(remark);
                    let example = if key.kind == ReadyKind::Empty { left_out(&rendered.signature) } else { example };
                    if seen.insert(key.clone()) {
                        counts.note(key, &example, Some(place));
                    }
                }
                for problem in rendered.signature.problems.iter().filter(|problem| !known.contains(problem)) {
                    if problem.detail.ends_with(TOO_LONG) {
                        too_long.push(id.to_owned());
                    } else if !all_empty {
                        let detail = impersonal(&problem.detail, person.address.as_str());
                        let key = Key { kind: ReadyKind::Problem, apart: detail.clone() };
                        if seen.insert(key.clone()) {
                            counts.note(key, &detail, Some(place));
                        }
                    }
                }
            }
        }
        let too_long: HashSet<String> = too_long.into_iter().collect();
        for id in too_long {
            let key = Key { kind: ReadyKind::TooLong, apart: String::new() };
            self.tally.of(&id).note(key, "", Some(place));
        }
    }
}

/// The templates that somebody gets for a draft, and in which parts they differ from what is published; `None`: in none.
fn choices(checked: &Checked<'_>, person: &Person, draft: &Draft) -> Option<(Choice, Vec<Part>)> {
    let Checked { before, after, at_ms, rules, .. } = *checked;
    // Nobody is refused their own address.
    let new = select_for(after, person, draft, None, at_ms).ok()?.choice().clone();
    let old = if rules { Some(select_for(before, person, draft, None, at_ms).ok()?.choice().clone()) } else { None };
    let is_same = |part: Part| {
        let Some(id) = new.part(part) else { return true };
        old.as_ref().is_none_or(|old| old.part(part) == Some(id))
            && before.same_template(after, id)
            && before.same_brand_in(after, id, person, &draft.from)
    };
    let changed: Vec<Part> = Part::ALL.into_iter().filter(|part| !is_same(*part)).collect();
    (!changed.is_empty()).then_some((new, changed))
}

/// A remark as it is counted, and an example.
fn described(remark: &Remark) -> (Key, String) {
    let (kind, apart, example) = match remark {
        Remark::Empty => (ReadyKind::Empty, "", String::new()),
        Remark::Placeholder(text) => (ReadyKind::Placeholder, text.as_str(), text.clone()),
        Remark::Wide(width) => (ReadyKind::Wide, "", width.to_string()),
        Remark::NoText => (ReadyKind::NoText, "", String::new()),
        Remark::OnlyImages => (ReadyKind::OnlyImages, "", String::new()),
        Remark::Glued(words) => (ReadyKind::Glued, "", words.clone()),
        Remark::Separator(line) => (ReadyKind::Separator, "", line.clone()),
    };
    (Key { kind, apart: apart.to_owned() }, example)
}

/// Why a part was left out, if it was: what stands behind the name in “The template … is left out for …: why.”
fn left_out(signature: &Signature) -> String {
    let why = |detail: &str| {
        Some(detail.split_once(" is left out for ")?.1.split_once(": ")?.1.trim_end_matches('.').to_owned())
    };
    signature.problems.iter().find_map(|problem| why(&problem.detail)).unwrap_or_default()
}

/// A problem's detail without the person whom it was found for.
fn impersonal(detail: &str, address: &str) -> String {
    if !detail.contains(address) {
        return detail.to_owned();
    }
    detail.replace(&format!("{address} has "), "some people have ").replace(address, "some people")
}

fn utf16(html: &str) -> usize {
    // Bytes bound UTF-16 units from above, and nearly always settle it.
    if html.len() <= MAX_HTML / 4 { html.len() } else { html.encode_utf16().count() }
}
