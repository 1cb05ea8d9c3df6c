//! A tenant at a glance: what is to be done, who gets signatures, whether sources and Outlook work, what happened last.

use super::directory::sources::words::{name as source_name, standing};
use super::tenant::audit::entry;
use super::tenants::{may_restore, state_words};
use super::{at, page};
use crate::api::console::{get, path, with_query};
use crate::console::session;
use crate::ui::time::{date, grouped, since};
use crate::ui::{Icon, Loaded, Notice, Pill, Tone, changing, count, icon, sentence};
use ::api::console::pages::{Designs, Directory, Outlook, Page, Rules, Signatures, Tenant as TenantPage};
use ::api::console::{
    Audit, AuditQuery, Certificate, Coverage, DesignProblem, Overview, Role, SourceDetail, SourceState, Sources,
    Tenant, TenantState, paths,
};
use leptos::prelude::*;

/// `/console/tenants/TENANT`.
pub fn overview(tenant: &str) -> AnyView {
    let id = tenant.to_owned();
    let own = path(paths::TENANT, &[tenant]);
    let found = Loaded::new(move || {
        let path = own.clone();
        async move { get::<Tenant>(&path).await }
    });
    let content = found.view(move || {
        let id = id.clone();
        let shown = move || found.value.get().map(|tenant| todo(&tenant, &id));
        shown.into_any()
    });
    let content = view! {
        <div class="columns">{content} {standing_of(tenant)}</div>
        <div class="columns">{sources(tenant)} {session::may(tenant, Role::Admin).then(|| changes(tenant))}</div>
    };
    page(
        &[(String::from("/console/tenants"), "Tenants")],
        session::tenant_name(tenant),
        ().into_any(),
        content.into_any(),
    )
}

fn todo(tenant: &Tenant, id: &str) -> AnyView {
    let one = |state: &TenantState| {
        let (words, tone) = state_words(*state, tenant);
        let Advice { words: advice, page, least } = advice(*state, id);
        let further = if session::may(id, least) {
            view! { <a href=at(id, page.clone())>{page.about().title}</a> }.into_any()
        } else {
            view! { <span class="quiet">{"Only for ".to_owned() + roles_from(least)}</span> }.into_any()
        };
        view! {
            <li>
                <div class="row wrap">
                    <Pill text=words tone />
                    <span class="grow"></span>
                    {further}
                </div>
                <p class="quiet">{advice}</p>
            </li>
        }
    };
    // What a company may well do without comes last, and does not count.
    let (optional, needed): (Vec<_>, Vec<_>) =
        tenant.state.iter().partition(|state| **state == TenantState::ConnectorsPending);
    let done = needed.is_empty().then(|| {
        view! {
            <p class="row">
                <Pill text="Everything is set up" tone=Tone::Success />
            </p>
        }
    });
    view! {
        <section class="card">
            <h2>"What to do next"</h2>
            {done}
            <ul class="plain-list">{needed.into_iter().chain(optional).map(one).collect_view()}</ul>
            {may_restore(tenant)}
        </section>
    }
    .into_any()
}

/// What to do about a state: where, and who may.
struct Advice {
    words: &'static str,
    page: Page,
    least: Role,
}

fn advice(state: TenantState, tenant: &str) -> Advice {
    let (words, page, least) = match state {
        TenantState::Deleting => {
            ("Restore it before that day to keep it.", Page::from(TenantPage::Settings), Role::Owner)
        }
        TenantState::NoPeople if session::may(tenant, Role::Admin) => (
            "Connect a directory or a database, import a CSV file, or add people by hand.",
            Page::from(Directory::Sources),
            Role::Admin,
        ),
        TenantState::NoPeople => {
            ("Import a CSV file, or add people by hand.", Page::from(Directory::People), Role::Editor)
        }
        TenantState::NoRules => {
            ("Nobody gets a signature until a published rule gives one.", Page::from(Rules::Rules), Role::Editor)
        }
        TenantState::NoClientId => (
            "Outlook gets no signatures yet. Register an app in Entra and put its client id into the configuration.",
            Page::from(Outlook::Deployment),
            Role::Admin,
        ),
        TenantState::NoClients => ("Deploy the add-in to Outlook.", Page::from(Outlook::Deployment), Role::Admin),
        TenantState::ConnectorsPending => {
            ("Needed only for signatures on phones and other apps.", Page::from(Outlook::Deployment), Role::Admin)
        }
        TenantState::Problems => (
            "Some signatures may look wrong. The problems are listed here.",
            Page::from(Designs::Templates),
            Role::Viewer,
        ),
    };
    Advice { words, page, least }
}

/// Those who have at least this role.
fn roles_from(least: Role) -> &'static str {
    match least {
        Role::Viewer => "members",
        Role::Editor => "editors, admins and owners",
        Role::Admin => "admins and owners",
        Role::Owner => "owners",
    }
}

/// Who gets signatures, what is wrong with them, and how Outlook does.
fn standing_of(tenant: &str) -> AnyView {
    let id = tenant.to_owned();
    let own = path(paths::OVERVIEW, &[tenant]);
    let found = Loaded::new(move || {
        let path = own.clone();
        async move { get::<Overview>(&path).await }
    });
    found.view(move || {
        let Some(overview) = found.value.get_untracked() else { return ().into_any() };
        let problems = problems(&overview, &id);
        view! {
            <div class="stack">{coverage(overview.coverage, &id)} {problems} {outlook(&overview, &id)}</div>
        }
        .into_any()
    })
}

fn coverage(coverage: Coverage, tenant: &str) -> AnyView {
    let Coverage { with, without } = coverage;
    let total = with + without;
    let everybody = at(tenant, Signatures::Simulation) + "?who=all";
    let none = (without > 0).then(|| {
        view! {
            <p class="row wrap">
                <Pill text=grouped(without) + " without" tone=Tone::Warning />
                <span class="grow">{if without == 1 { "One gets no signature." } else { "They get no signature." }}</span>
                <a href=everybody>"Who gets what"</a>
            </p>
        }
    });
    view! {
        <section class="card">
            <h2>"Coverage"</h2>
            <a class="number-tile" href=at(tenant, Directory::People)>
                <strong>{grouped(with)} " of " {grouped(total)}</strong>
                <span>"people and shared mailboxes get a signature in a new message"</span>
            </a>
            {none}
        </section>
    }
    .into_any()
}

fn problems(overview: &Overview, tenant: &str) -> Option<AnyView> {
    let more = overview.problem_count - overview.problems.len() as u64;
    let one = |problem: &DesignProblem| {
        let id = problem.id.clone();
        let page = if problem.template { Page::from(Designs::Template(id)) } else { Rules::Rule(id).into() };
        view! {
            <li>
                <a href=at(tenant, page)>{problem.name.clone()}</a>
                <p class="quiet">{sentence(&problem.detail)}</p>
            </li>
        }
    };
    (overview.problem_count > 0).then(|| {
        view! {
            <section class="card">
                <h2>"Problems with templates and rules"</h2>
                <ul class="plain-list">{overview.problems.iter().map(one).collect_view()}</ul>
                {(more > 0).then(|| view! { <p class="quiet">"And " {grouped(more)} " more."</p> })}
            </section>
        }
        .into_any()
    })
}

fn outlook(overview: &Overview, tenant: &str) -> AnyView {
    let (clients, deployment) = (at(tenant, Outlook::Clients), at(tenant, Outlook::Deployment));
    let seen = if overview.clients == 0 {
        view! { <p class="quiet">"No Outlook has called in yet."</p> }.into_any()
    } else {
        let (words, tone) = match overview.failing_clients {
            0 => ("No failures".to_owned(), Tone::Success),
            failing => (grouped(failing) + " with failures", Tone::Warning),
        };
        let href = if overview.failing_clients > 0 { clients + "?failing=true" } else { clients };
        view! {
            <p class="row wrap">
                <Pill text=words tone />
                <span class="grow">{count(overview.clients, "client has called in/clients have called in")}</span>
                <a href=href>"Clients"</a>
            </p>
        }
        .into_any()
    };
    let failed = overview.failed_checks.iter().map(|check| view! { <li>{check.name.clone()}</li> }).collect_view();
    let checks = match overview.failed_checks.len() as u64 {
        0 => view! {
            <p class="row wrap">
                <Pill text="Every check passed" tone=Tone::Success />
                <span class="grow">"The add-in can be deployed."</span>
                <a href=deployment>"Deployment"</a>
            </p>
        }
        .into_any(),
        count_failed => view! {
            <p class="row wrap">
                <Pill text=count(count_failed, "check failed/checks failed") tone=Tone::Warning />
                <span class="grow"></span>
                <a href=deployment>"Deployment"</a>
            </p>
            <ul class="plain-list">{failed}</ul>
        }
        .into_any(),
    };
    let certificates = (!overview.certificates.is_empty()).then(|| {
        view! {
            <h3>"Certificates"</h3>
            <ul class="plain-list">{overview.certificates.iter().map(certificate).collect_view()}</ul>
        }
    });
    view! {
        <section class="card">
            <h2>"Outlook"</h2>
            {seen}
            {checks}
            {certificates}
        </section>
    }
    .into_any()
}

fn certificate(certificate: &Certificate) -> AnyView {
    let (words, tone) = if certificate.late { ("Renew it", Tone::Warning) } else { ("In time", Tone::Success) };
    view! {
        <li class="row wrap">
            <Pill text=words tone />
            <span class="grow">{certificate.host.clone()}</span>
            <span class="quiet">"Until " {date(certificate.until_ms)}</span>
        </li>
    }
    .into_any()
}

/// Where people come from, and whether that works.
fn sources(tenant: &str) -> AnyView {
    let (own, href) = (path(paths::SOURCES, &[tenant]), at(tenant, Directory::Sources));
    let found = Loaded::new(move || {
        let path = own.clone();
        async move { get::<Sources>(&path).await }
    });
    let one = |source: SourceDetail| {
        let (words, tone) = standing(&source);
        let wrong = match (&source.waiting, &source.problem) {
            (Some(_), _) => Some("A run is waiting for confirmation of what it removes.".to_owned()),
            (None, Some(problem)) => Some(sentence(problem)),
            (None, None) => None,
        };
        let last = match source.succeeded_ms {
            Some(at_ms) => "Last success: ".to_owned() + &since(at_ms),
            None => "No run has succeeded lately".to_owned(),
        };
        view! {
            <li>
                <div class="row wrap">
                    <strong>{source_name(source.source)}</strong>
                    <span class="grow quiet">{last}</span>
                    <Pill text=words tone />
                </div>
                {wrong.map(|words| view! { <Notice tone>{words}</Notice> })}
            </li>
        }
    };
    let content = found.view(move || {
        changing(move || {
            let known = found.read(|all| all.sources.clone());
            let used: Vec<_> =
                known.into_iter().filter(|one| one.state != SourceState::Off || one.last.is_some()).collect();
            if used.is_empty() {
                return view! { <p class="quiet">"Nothing is connected yet."</p> }.into_any();
            }
            view! { <ul class="plain-list">{used.into_iter().map(one).collect_view()}</ul> }.into_any()
        })
    });
    view! {
        <section class="card">
            <h2>"Sources"</h2>
            {content}
            <a class="row" href=href>
                {icon(Icon::FORWARD)}
                "All sources"
            </a>
        </section>
    }
    .into_any()
}

fn changes(tenant: &str) -> AnyView {
    let own = with_query(&path(paths::AUDIT, &[tenant]), &AuditQuery { limit: Some(5), ..AuditQuery::default() });
    let href = at(tenant, TenantPage::Audit);
    let found = Loaded::new(move || {
        let path = own.clone();
        async move { get::<Audit>(&path).await }
    });
    let content = found.view(move || {
        let entries = found.peek(|found| found.entries.clone());
        if entries.is_empty() {
            return view! { <p class="quiet">"Nothing yet."</p> }.into_any();
        }
        view! { <ul class="plain-list">{entries.iter().map(entry).collect_view()}</ul> }.into_any()
    });
    view! {
        <section class="card">
            <h2>"Last changes"</h2>
            {content}
            <a class="row" href=href>
                {icon(Icon::FORWARD)}
                "Audit"
            </a>
        </section>
    }
    .into_any()
}
