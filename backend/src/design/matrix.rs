//! The drafts that a comparison evaluates for everyone: one that the admin describes, or one for each cell of the matrix.

use crate::signing::{Selected, select_for};
use crate::tenant::Tenant;
use ::api::console::{MatrixCell, RecipientSide};
use email_signature::{Address, BodyFormat, Choice, Draft, Kind, Person, Recipient, RecipientType, Rule, Signature};
use std::rc::Rc;

/// The recipient of external drafts: a reserved domain, so the address is nobody's (RFC 2606).
const OUTSIDER: &str = "someone@external.invalid";
/// The recipient of internal drafts when the organisation has no domain.
const COLLEAGUE: &str = "someone@internal.invalid";

/// A draft to evaluate for everyone, each from their own address.
#[derive(Clone, Debug)]
pub struct Case {
    /// The cell that it stands for; `None`: the one draft that is compared.
    pub cell: Option<MatrixCell>,
    /// The draft.
    pub draft: Draft,
    /// Index of the first case that no rule tells from this one: everyone gets the same templates in both.
    pub like: usize,
}

/// One draft.
pub fn one(draft: Draft) -> Vec<Case> {
    vec![Case { cell: None, draft, like: 0 }]
}

/// A draft for each cell. From is replaced by each person's own address.
pub fn matrix(before: &Tenant, after: &Tenant, anybody: &Person) -> Vec<Case> {
    let rules: Vec<&Rule> = before.rules().iter().chain(after.rules().iter()).filter(|rule| rule.enabled).collect();
    let mut cases: Vec<Case> = Vec::with_capacity(MatrixCell::ALL.len());
    for (at, cell) in MatrixCell::ALL.into_iter().enumerate() {
        let like = MatrixCell::ALL[..at].iter().position(|earlier| !tells_apart(&rules, *earlier, cell)).unwrap_or(at);
        cases.push(Case { cell: Some(cell), draft: draft(before, cell, &anybody.address), like });
    }
    cases
}

/// A draft that stands for a cell.
pub(super) fn draft(tenant: &Tenant, cell: MatrixCell, from: &Address) -> Draft {
    Draft {
        kind: cell.kind,
        from: from.clone(),
        recipients: recipient(tenant, cell.recipients).into_iter().collect(),
        format: BodyFormat::Html,
        subject: String::new(),
        time_zone: None,
    }
}

fn recipient(tenant: &Tenant, side: RecipientSide) -> Option<Recipient> {
    let (address, kind) = match side {
        RecipientSide::Internal => {
            let ours = tenant.domains.first().and_then(|domain| Address::parse(&format!("someone@{domain}")).ok());
            (ours.or_else(|| Address::parse(COLLEAGUE).ok()), RecipientType::User)
        }
        RecipientSide::External => (Address::parse(OUTSIDER).ok(), RecipientType::ExternalUser),
    };
    Some(Recipient { address: address?, kind, groups: Vec::new(), list: None, aliases: Vec::new() })
}

/// Whether some rule can treat the two cells differently.
fn tells_apart(rules: &[&Rule], one: MatrixCell, other: MatrixCell) -> bool {
    let by_kind =
        |rule: &&Rule| !rule.kinds.is_empty() && rule.kinds.contains(&one.kind) != rule.kinds.contains(&other.kind);
    let by_side = |rule: &&Rule| !rule.recipients.of.is_empty() || !rule.recipients.except.is_empty();
    rules.iter().any(by_kind) || (one.recipients != other.recipients && rules.iter().any(by_side))
}

/// What one person gets in one case.
pub(super) struct Outcome {
    pub(super) before: Choice,
    pub(super) after: Choice,
    /// Whether they get something else afterwards.
    pub(super) affected: bool,
    pub(super) new_problems: bool,
}

/// The published and the changed tenant, and when.
#[derive(Clone, Copy)]
pub(super) struct Sides<'a> {
    pub(super) before: &'a Tenant,
    pub(super) after: &'a Tenant,
    pub(super) at_ms: i64,
}

/// What a person gets in each case; `drafts` are the cases' drafts from the person's own address. Equal signatures are
/// rendered once. Also returns how many were rendered.
pub(super) fn outcomes(sides: Sides<'_>, cases: &[Case], person: &Person, drafts: &[Draft]) -> (Vec<Outcome>, usize) {
    let is_changed = !std::ptr::eq(sides.before, sides.after);
    let mut selected = Vec::with_capacity(cases.len());
    for (at, (case, draft)) in cases.iter().zip(drafts).enumerate() {
        // Nobody is refused their own address.
        let select = |tenant| select_for(tenant, person, draft, None, sides.at_ms).ok();
        let both = || {
            let before = select(sides.before)?;
            let after = if is_changed { select(sides.after)? } else { before.clone() };
            Some((before, after))
        };
        selected.push(if case.like == at { both() } else { None });
    }
    let mut rendered = Rendered { sides, kept: Vec::new() };
    let mut all: Vec<Outcome> = Vec::with_capacity(cases.len());
    for case in cases {
        let Some((before, after)) = selected.get(case.like).and_then(Option::as_ref) else { continue };
        let (affected, new_problems) =
            if is_changed { rendered.compare(before, after, case.draft.kind) } else { (false, false) };
        let (before, after) = (before.choice().clone(), after.choice().clone());
        all.push(Outcome { before, after, affected, new_problems });
    }
    (all, rendered.kept.len())
}

/// The signatures that were rendered for one person.
struct Rendered<'a> {
    sides: Sides<'a>,
    kept: Vec<(Key, Rc<Signature>)>,
}

/// Everything that a person's signature depends on besides the person.
#[derive(PartialEq, Eq)]
struct Key {
    /// Whether it is made of templates that are changed.
    changed: bool,
    choice: Choice,
    /// The rule that adds the campaign, which counted links name.
    campaign: Option<String>,
    /// Only where a template asks for it.
    kind: Option<Kind>,
}

impl Rendered<'_> {
    /// Whether the signature differs afterwards, and whether it has new problems.
    fn compare(&mut self, before: &Selected<'_>, after: &Selected<'_>, kind: Kind) -> (bool, bool) {
        let (old, new) = (self.sides.before, self.sides.after);
        let changed = !old.same_templates(new, after.choice()) || !after.has_same_brand(old, new);
        // The same templates filled with the same values: nothing to render.
        if before.choice() == after.choice() && !changed {
            return (false, false);
        }
        let (old, new) = (self.signature(before, false, kind), self.signature(after, changed, kind));
        let new_problems = new.problems.iter().any(|problem| !old.problems.contains(problem));
        (old.fingerprint != new.fingerprint, new_problems)
    }

    fn signature(&mut self, selected: &Selected<'_>, changed: bool, kind: Kind) -> Rc<Signature> {
        let key = Key {
            changed,
            choice: selected.choice().clone(),
            campaign: selected.campaign().map(str::to_owned),
            kind: selected.depends_on_kind().then_some(kind),
        };
        if let Some((_, kept)) = self.kept.iter().find(|(known, _)| *known == key) {
            return Rc::clone(kept);
        }
        let signature = Rc::new(selected.for_kind(kind).fill().signature);
        self.kept.push((key, Rc::clone(&signature)));
        signature
    }
}
