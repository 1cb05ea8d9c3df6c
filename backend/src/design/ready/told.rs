//! What was found, in words.

use super::look::shows_nothing;
use super::tally::{Counts, Noted, Tally};
use super::{Checked, hash};
use crate::tenant::Tenant;
use ::api::console::{Readiness, ReadyFinding, ReadyKind, ReadyLevel, ReadyPerson};
use email_signature::{Part, Problem, Template, fixes};

/// Everything that was found.
pub(super) fn told(checked: &Checked<'_>, tally: &Tally) -> Readiness {
    let mut findings = Vec::new();
    let concerned = tally.concerned as u64;
    for (id, counts) in &tally.templates {
        let template = checked.after.template(id);
        let block = || checked.picked.iter().find(|one| one.id == *id).map(|block| block.name.as_str());
        let about = About {
            checked,
            id,
            name: template.map(|one| one.compiled.name()).or_else(block).unwrap_or(id),
            part: template.map_or(Part::Signature, |one| one.compiled.part()),
            counts,
        };
        // A banner is an image, and stands beside a text.
        let is_usual = |kind| kind == ReadyKind::OnlyImages && about.part == Part::Campaign;
        let found = counts.found.iter().filter(|(key, _)| !is_usual(key.kind));
        findings.extend(found.map(|(key, noted)| about.finding(key.kind, noted)));
    }
    for template in checked.picked {
        findings.extend(of_template(checked, template));
    }
    for template in checked.templates.iter().filter(|one| checked.picked.iter().all(|picked| picked.id != one.id)) {
        findings.extend(of_user(checked, template));
    }
    findings.sort_by(|a, b| {
        (a.level, a.kind, &a.name, b.people, &a.detail).cmp(&(b.level, b.kind, &b.name, a.people, &b.detail))
    });
    let warnings: Vec<&ReadyFinding> = findings.iter().filter(|one| one.level == ReadyLevel::Warning).collect();
    let fingerprint = hash(&serde_json::to_vec(&warnings).unwrap_or_default());
    Readiness { concerned, level: findings.first().map(|one| one.level), fingerprint, findings, ..Readiness::default() }
}

/// The template that something was found in.
struct About<'a> {
    checked: &'a Checked<'a>,
    id: &'a str,
    name: &'a str,
    part: Part,
    counts: &'a Counts,
}

impl About<'_> {
    fn finding(&self, kind: ReadyKind, noted: &Noted) -> ReadyFinding {
        let Self { checked, id, counts, .. } = *self;
        let is_all = noted.people == counts.people;
        let person = |place: &usize| {
            let record = checked.before.record_at(*place)?;
            Some(ReadyPerson { id: record.id.to_string(), name: record.name().to_owned() })
        };
        ReadyFinding {
            kind,
            level: if kind == ReadyKind::Empty && is_all && self.is_void() {
                ReadyLevel::Error
            } else {
                level(kind, self.part, &noted.example)
            },
            template: id.to_owned(),
            name: self.name.to_owned(),
            detail: detail(kind, is_all, noted),
            people: noted.people as u64,
            of: counts.people as u64,
            some: noted.places.iter().filter_map(person).collect(),
            fix: None,
        }
    }

    /// Whether a template that shows nothing to whom it concerns is to blame itself. A published one that new rules give
    /// to a few people without values is no worse than before.
    fn is_void(&self) -> bool {
        self.checked.picked.iter().any(|one| one.id == self.id) || shows_nothing(self.checked, self.id)
    }
}

fn level(kind: ReadyKind, part: Part, example: &str) -> ReadyLevel {
    match kind {
        ReadyKind::NoText if part == Part::Campaign => ReadyLevel::Advice,
        ReadyKind::Problem if example.starts_with("The style “") => ReadyLevel::Advice,
        ReadyKind::Separator | ReadyKind::Outlook => ReadyLevel::Advice,
        _ => ReadyLevel::Warning,
    }
}

fn detail(kind: ReadyKind, is_all: bool, noted: &Noted) -> String {
    let example = &noted.example;
    match kind {
        ReadyKind::Empty if !example.is_empty() => {
            format!("It shows nothing, since {example}. Shorten it, or paste it with “Clean up”.")
        }
        ReadyKind::Empty if is_all => "It shows nothing. Write some text, or add an image.".into(),
        ReadyKind::Empty => {
            "It shows nothing for people who have none of the values that it asks for. Add text that everyone gets, or fill \
             in their values."
                .into()
        }
        ReadyKind::TooLong => {
            "The signature is longer than the 30,000 characters that Outlook accepts, so a part is left out or only its \
             plain text is shown. Shorten the template."
                .into()
        }
        ReadyKind::Placeholder => {
            format!("“{example}” looks like a placeholder that is not filled. Replace it with one of ours, or with text.")
        }
        ReadyKind::Wide => format!(
            "It is {example} pixels wide; reading panes and printed pages cut off what is wider than {}. Make it narrower.",
            email_signature::MAX_WIDTH
        ),
        ReadyKind::NoText => "Its plain text is empty. Write a plain text, or describe its images in “alt”.".into(),
        ReadyKind::OnlyImages => {
            "It has only images, which mail programs hide until the reader asks for them. Add a name as text.".into()
        }
        ReadyKind::Glued => format!(
            "In plain text, words are glued together, such as “{example}”. Put a space or a line break between them."
        ),
        ReadyKind::Separator => {
            format!("A separator stands alone where a value is missing, such as in “{example}”.")
        }
        ReadyKind::Problem if example.is_empty() => "There are further problems with values.".into(),
        ReadyKind::Problem | ReadyKind::Outlook => example.clone(),
    }
}

/// Findings about a picked template or block that do not depend on the person.
fn of_template(checked: &Checked<'_>, template: &Template) -> Vec<ReadyFinding> {
    let problems = match checked.after.template(&template.id) {
        Some(one) => one.compiled.problems().to_vec(),
        None => checked.after.problems_of(template, checked.after.blocks()),
    };
    let problems = problems.iter().map(|problem| of_problem(template, problem));
    let fixes = fixes(&template.html).into_iter().map(|(fix, detail, count)| {
        let more = match count {
            1 => String::new(),
            2 => " There is one more of these.".to_owned(),
            _ => format!(" There are {} more of these.", count - 1),
        };
        let finding = anyway(template, ReadyKind::Outlook, ReadyLevel::Advice, detail + &more);
        ReadyFinding { fix: Some(fix.to_owned()), ..finding }
    });
    problems.chain(fixes).collect()
}

/// What a picked block brings into a template that uses it.
fn of_user(checked: &Checked<'_>, template: &Template) -> Vec<ReadyFinding> {
    let problems =
        |tenant: &Tenant| tenant.template(&template.id).map(|one| one.compiled.problems().to_vec()).unwrap_or_default();
    let known = problems(checked.before);
    let new = problems(checked.after).into_iter().filter(|problem| !known.contains(problem));
    new.map(|problem| of_problem(template, &problem)).collect()
}

fn of_problem(template: &Template, problem: &Problem) -> ReadyFinding {
    let is_shown = problem.detail.starts_with("An image") || problem.detail.contains(" block “");
    let level = if is_shown { ReadyLevel::Warning } else { ReadyLevel::Advice };
    anyway(template, ReadyKind::Problem, level, problem.detail.clone())
}

/// A finding that concerns nobody in particular.
fn anyway(template: &Template, kind: ReadyKind, level: ReadyLevel, detail: String) -> ReadyFinding {
    ReadyFinding {
        kind,
        level,
        template: template.id.clone(),
        name: template.name.clone(),
        detail,
        people: 0,
        of: 0,
        some: Vec::new(),
        fix: None,
    }
}
