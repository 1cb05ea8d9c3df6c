//! Whether what is picked is ready to publish: what was found when it was rendered for everybody whom it concerns.

use super::Publishing;
use crate::api::console::{Failure, path, send};
use crate::console::pages::at;
use crate::ui::{Button, Check, Icon, Notice, Pill, Progress, Tone, changing, count, tell, tell_error, text};
use ::api::console::pages::{Designs, Signatures};
use ::api::console::{CheckReady, FixTemplate, Readiness, ReadyFinding, ReadyLevel, TemplateDetail, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// How often it is asked how far the check is.
const OFTEN: Duration = Duration::from_millis(300);

/// The check of what is picked.
#[derive(Clone, Copy)]
pub(crate) struct Checking {
    tenant: StoredValue<String>,
    now: RwSignal<Option<Readiness>>,
    failure: RwSignal<Option<Failure>>,
    /// Whether the warnings are accepted.
    accepted: RwSignal<bool>,
    /// Counts the starts: a late answer to an earlier one is not looked at.
    turn: StoredValue<u32>,
}

impl Checking {
    /// None yet.
    pub(crate) fn new(tenant: StoredValue<String>) -> Self {
        let checking = Self {
            tenant,
            now: RwSignal::new(None),
            failure: RwSignal::new(None),
            accepted: RwSignal::new(false),
            turn: StoredValue::new(0),
        };
        on_cleanup(move || checking.forget());
        checking
    }

    fn forget(self) {
        let _ = self.turn.try_update_value(|turn| *turn = turn.wrapping_add(1));
    }

    /// Shows nothing.
    pub(crate) fn clear(self) {
        self.forget();
        self.now.set(None);
        self.failure.set(None);
        self.accepted.set(false);
    }

    /// Checks these changes.
    pub(crate) fn start(self, wanted: CheckReady) {
        self.clear();
        let mine = self.turn.get_value();
        self.ask(mine, wanted);
    }

    fn ask(self, mine: u32, wanted: CheckReady) {
        let Some(own) = self.tenant.try_with_value(|tenant| path(paths::READY, &[tenant])) else { return };
        spawn_local(async move {
            let answer = send::<Readiness>("POST", &own, &wanted).await;
            if self.turn.try_get_value() != Some(mine) {
                return;
            }
            match answer {
                Ok(now) => {
                    let again = !now.finished;
                    self.now.set(Some(now));
                    if again {
                        set_timeout(move || self.ask(mine, wanted), OFTEN);
                    }
                }
                Err(failure) => self.failure.set(Some(failure)),
            }
        });
    }

    /// What was found, once everybody has been looked at.
    fn level(self) -> Option<ReadyLevel> {
        self.now.with(|now| now.as_ref().filter(|now| now.finished)?.level)
    }

    /// Whether something found so far keeps the changes from being published.
    pub(crate) fn refuses(self) -> bool {
        match self.level() {
            Some(ReadyLevel::Error) => true,
            Some(ReadyLevel::Warning) => !self.accepted.get(),
            Some(ReadyLevel::Advice) | None => false,
        }
    }

    /// The fingerprint of the warnings, if they are accepted.
    pub(crate) fn fingerprint(self) -> Option<String> {
        let now = self.now.get_untracked().filter(|now| now.finished)?;
        self.accepted.get_untracked().then_some(now.fingerprint)
    }

    /// For the dialog: what has to be accepted, or why nothing can be published.
    pub(crate) fn question(self) -> AnyView {
        let level = Memo::new(move |_| self.level());
        changing(move || match level.get() {
            Some(ReadyLevel::Error) => view! {
                <Notice tone=Tone::Error>
                    "Something that you picked shows nothing to anybody. See “Ready to publish” in the page."
                </Notice>
            }
            .into_any(),
            Some(ReadyLevel::Warning) => {
                let label = "Publish anyway".to_owned();
                let hint =
                    "I have seen the ".to_owned() + &count(self.warnings(), "warning") + " under “Ready to publish”.";
                view! { <Check label checked=self.accepted hint /> }.into_any()
            }
            Some(ReadyLevel::Advice) | None => ().into_any(),
        })
    }

    fn warnings(self) -> u64 {
        let is_warning = |one: &&ReadyFinding| one.level == ReadyLevel::Warning;
        self.now
            .with_untracked(|now| now.as_ref().map_or(0, |now| now.findings.iter().filter(is_warning).count() as u64))
    }
}

/// What was found, or how far the check is.
pub(crate) fn ready(publishing: Publishing) -> AnyView {
    let checking = publishing.checking;
    let runs = Memo::new(move |_| checking.now.with(|now| now.as_ref().is_some_and(|now| !now.finished)));
    let finished = Memo::new(move |_| checking.now.with(|now| now.clone().filter(|now| now.finished)));
    let done = Signal::derive(move || checking.now.read().as_ref().map_or(0, |now| now.done));
    let of = Signal::derive(move || checking.now.read().as_ref().map_or(0, |now| now.total));
    view! {
        <section class="card" aria-labelledby="ready-heading">
            <h2 id="ready-heading">"Ready to publish"</h2>
            {changing(move || {
                runs.get()
                    .then(|| {
                        let label = text(|| "Looking at what everyone would get".to_owned());
                        view! { <Progress label done of unit="people".to_owned() /> }
                    })
            })}
            {changing(move || {
                checking.failure.get().map(|failure| view! { <Notice tone=Tone::Warning>{failure.text()}</Notice> })
            })}
            {changing(move || finished.get().map(|now| found(publishing, &now)))}
        </section>
    }
    .into_any()
}

fn found(publishing: Publishing, now: &Readiness) -> AnyView {
    let people = count(now.concerned, "person/people");
    if now.findings.is_empty() {
        let words = match now.concerned {
            0 => "These changes affect nobody’s signature, so there was nothing to render.".to_owned(),
            1 => "Rendered for the one person affected: no problems found.".to_owned(),
            _ => "Rendered for all ".to_owned() + &people + " affected: no problems found.",
        };
        return view! {
            <p role="status" class="is-ready">
                {words}
            </p>
        }
        .into_any();
    }
    view! {
        <p role="status">
            {"Rendered for ".to_owned() + &people + ": " + &count(now.findings.len() as u64, "finding") + "."}
        </p>
        <ul class="change-list ready-list">
            {now.findings.iter().map(|one| finding(publishing, one)).collect_view()}
        </ul>
    }
    .into_any()
}

fn finding(publishing: Publishing, one: &ReadyFinding) -> AnyView {
    let tenant = publishing.tenant.get_value();
    let (words, tone) = match one.level {
        ReadyLevel::Error => ("Cannot be published", Tone::Error),
        ReadyLevel::Warning => ("Warning", Tone::Warning),
        ReadyLevel::Advice => ("Advice", Tone::Info),
    };
    let simulation = at(&tenant, Signatures::Simulation);
    let some = one.some.iter().map(|person| {
        let href = simulation.clone() + "?person=" + &person.id;
        view! { <a href=href>{person.name.clone()}</a> }
    });
    let more = one.people.saturating_sub(one.some.len() as u64);
    let more = (more > 0).then(|| " and ".to_owned() + &count(more, "other"));
    let whom = (one.people > 0).then(|| {
        let of = count(one.people, "person/people") + " of " + &crate::ui::time::grouped(one.of) + ": ";
        view! { <p class="quiet">{of} {separated(some.collect())} {more}</p> }
    });
    let fix = one.fix.clone().filter(|_| publishing.may).map(|fix| {
        let template = one.template.clone();
        let label = "Correct: ".to_owned() + &one.detail;
        view! {
            <Button icon=Icon::CHECK label on_press=move |()| correct(publishing, &template, fix.clone())>
                "Correct"
            </Button>
        }
    });
    view! {
        <li>
            <div class="grow">
                <div class="row wrap">
                    <Pill text=words tone=tone />
                    <a href=at(&tenant, Designs::Template(one.template.clone()))>{one.name.clone()}</a>
                </div>
                <p>{one.detail.clone()}</p>
                {whom}
            </div>
            {fix}
        </li>
    }
    .into_any()
}

fn separated<V: IntoView + 'static>(views: Vec<V>) -> AnyView {
    let with = |(place, one): (usize, V)| view! { {(place > 0).then_some(", ")} {one} };
    views.into_iter().enumerate().map(with).collect_view().into_any()
}

fn correct(publishing: Publishing, template: &str, fix: String) {
    let own = publishing.tenant.with_value(|tenant| path(paths::TEMPLATE_FIX, &[tenant, template]));
    spawn_local(async move {
        match send::<TemplateDetail>("POST", &own, &FixTemplate { fix }).await {
            Ok(_) => tell("Corrected in the unpublished version."),
            Err(failure) => tell_error(failure.text()),
        }
        publishing.found.retry();
    });
}
