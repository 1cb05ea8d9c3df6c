//! Who may come into a tenant, and who was asked to.

use super::limiting::{Limiting, limit, limits_words};
use crate::api::console::{delete, get, path, send};
use crate::console::app::app;
use crate::console::pages::tenants::role_words;
use crate::console::pages::{page, tenant_crumb};
use crate::console::session;
use crate::ui::{
    Button, Cell, Choose, Column, Confirm, Copy, Dialog, Icon, Listing, Loaded, Look, Notice, Pill, Row, Select, Table,
    TextField, Tone, Value, date, effect, form_error, place_errors, sentence, tell, tell_error, text, when,
};
use ::api::console::{Invite, Invited, Member, MemberChanges, Members, OpenInvitation, Role, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// `/console/tenants/TENANT/members`.
pub(crate) fn members(tenant: &str) -> AnyView {
    let own = path(paths::MEMBERS, &[tenant]);
    let found = Loaded::new(move || {
        let path = own.clone();
        async move { get::<Members>(&path).await }
    });
    let may = session::may(tenant, Role::Admin);
    let removing = RwSignal::new(None::<Member>);
    let inviting = RwSignal::new(false);
    let limiting = RwSignal::new(None::<Member>);
    let acts = Acts { found, removing, limiting };
    let rows = listing(acts, tenant.to_owned(), may);
    let columns = vec![
        Column::new("name", "Name"),
        Column::new("role", "Role"),
        Column::new("limits", "Can change"),
        Column::new("protected", "Second factor"),
        Column::new("seen", "Last seen"),
        Column::new("remove", if may { "Remove" } else { "" }),
    ];
    let actions = may.then(|| {
        view! {
            <Button look=Look::Primary icon=Icon::ADD on_press=move |()| inviting.set(true)>
                "Invite a person"
            </Button>
        }
    });
    let content = view! {
        <p class="lead">
            "Viewers see people, templates and rules. Editors also change and publish them, everywhere or in some folders. Admins also see the audit and manage fields, sources, settings, members and tokens. Owners also name other owners and delete the tenant."
        </p>
        <Table id="members" what="members" columns=Signal::stored(columns) rows icon=Icon::PERSON />
        {invitations(found, tenant, may)}
        {may.then(|| invite(inviting, found, tenant))}
        {may.then(|| limit(limiting, found, tenant))}
        {remove(removing, found, tenant.to_owned())}
    };
    page(&tenant_crumb(tenant), "Members", actions.into_any(), content.into_any())
}

/// What a row's buttons act on: the list, whom to remove, and whom to limit.
#[derive(Clone, Copy)]
struct Acts {
    found: Loaded<Members>,
    removing: RwSignal<Option<Member>>,
    limiting: RwSignal<Option<Member>>,
}

/// The same thing as rows.
fn listing(acts: Acts, tenant: String, may: bool) -> Loaded<Listing> {
    acts.found.map(move |members| {
        let rows = members.members.iter().map(|member| row(member, &tenant, may, acts)).collect();
        Listing { total: members.members.len() as u64, rows }
    })
}

fn row(member: &Member, tenant: &str, may: bool, Acts { found, removing, limiting }: Acts) -> Row {
    let own = app().session.with_untracked(|session| session.as_ref().map(|session| session.account.clone()));
    let is_self = own.as_deref() == Some(member.account.as_str());
    let least = session::role(tenant).unwrap_or(Role::Viewer);
    let may = may && !is_self && member.role <= least;
    let protected = if member.protected { ("On", Tone::Success) } else { ("Off", Tone::Warning) };
    let role = if may {
        let (member, tenant) = (member.clone(), tenant.to_owned());
        Cell::view(move || role_choice(&member, &tenant, least, found))
    } else {
        Cell::Text(role_words(member.role).to_owned())
    };
    let words = limits_words(member.role, member.limits.as_ref());
    let limits = if may && member.role == Role::Editor {
        let member = member.clone();
        let cell = move || {
            let (member, words) = (member.clone(), words.clone());
            let press = move |()| limiting.set(Some(member.clone()));
            view! { <Button look=Look::Subtle icon=Icon::EDIT on_press=press>{words}</Button> }.into_any()
        };
        Cell::view(cell)
    } else {
        Cell::Text(words)
    };
    let name = member.name.clone() + if is_self { " (you)" } else { "" };
    let mut cells = vec![
        ("name".to_owned(), Cell::Twice(name, member.email.clone())),
        ("role".to_owned(), role),
        ("limits".to_owned(), limits),
        ("protected".to_owned(), Cell::Pills(vec![(protected.0.to_owned(), protected.1)])),
        ("seen".to_owned(), Cell::Ago(member.seen_ms)),
    ];
    if may {
        let member = member.clone();
        let label = "Remove ".to_owned() + &member.name;
        let cell = move || {
            let member = member.clone();
            let press = move |()| removing.set(Some(member.clone()));
            view! { <Button look=Look::Subtle icon=Icon::DELETE label=label.clone() on_press=press /> }.into_any()
        };
        cells.push(("remove".to_owned(), Cell::view(cell)));
    }
    Row { key: member.account.clone(), href: String::new(), cells }
}

fn role_options(highest: Role) -> Vec<(String, String)> {
    let all = Role::ALL.into_iter().filter(|role| *role <= highest);
    all.map(|role| (role.as_str().to_owned(), role_words(role).to_owned())).collect()
}

fn role_choice(member: &Member, tenant: &str, highest: Role, found: Loaded<Members>) -> AnyView {
    let chosen = RwSignal::new(member.role.as_str().to_owned());
    let path = path(paths::MEMBER, &[tenant, &member.account]);
    let name = member.name.clone();
    Effect::new(move |before: Option<String>| {
        let now = chosen.get();
        if before.is_some_and(|before| before != now)
            && let Some(role) = Role::parse(&now)
        {
            let (path, name) = (path.clone(), name.clone());
            spawn_local(async move {
                match send::<Member>("PATCH", &path, &MemberChanges { role, limits: None }).await {
                    Ok(_) => {
                        tell(name + " is " + role_words(role) + " now.");
                        found.retry();
                    }
                    Err(failure) => {
                        tell_error(failure.text());
                        found.retry();
                    }
                }
            });
        }
        now
    });
    let label = "Role of ".to_owned() + &member.name;
    view! { <Choose label value=chosen options=Signal::stored(role_options(highest)) unlabelled=true /> }.into_any()
}

fn invitations(found: Loaded<Members>, tenant: &str, may: bool) -> AnyView {
    let tenant = tenant.to_owned();
    let one = move |invitation: OpenInvitation| {
        let path = path(paths::ONE_INVITATION, &[&tenant, &invitation.id]);
        let withdraw = move |()| {
            let path = path.clone();
            spawn_local(async move {
                match delete(&path).await {
                    Ok(()) => {
                        tell("The invitation is withdrawn.");
                        found.retry();
                    }
                    Err(failure) => tell_error(failure.text()),
                }
            });
        };
        view! {
            <li class="row wrap">
                <strong>{invitation.email}</strong>
                <Pill text=role_words(invitation.role) />
                {invitation
                    .limits
                    .as_ref()
                    .map(|limits| view! { <Pill text=limits_words(invitation.role, Some(limits)) /> })}
                <span class="quiet grow">{"Expires on ".to_owned() + &date(invitation.expires_ms)}</span>
                {invitation
                    .trouble
                    .map(|trouble| {
                        view! {
                            <Pill text="Cannot be accepted" tone=Tone::Error />
                            <span class="quiet">{sentence(&trouble)} " Invite them again."</span>
                        }
                    })}
                {may.then(|| view! { <Button on_press=withdraw>"Withdraw"</Button> })}
            </li>
        }
    };
    let list = move || {
        let open = found.read(|found| found.invitations.clone());
        (!open.is_empty()).then(|| {
            view! {
                <section class="card">
                    <h2>"Open invitations"</h2>
                    <ul class="plain-list">{open.into_iter().map(one.clone()).collect_view()}</ul>
                </section>
            }
        })
    };
    list.into_any()
}

fn invite(open: RwSignal<bool>, found: Loaded<Members>, tenant: &str) -> AnyView {
    let email = Value::new("");
    let role = Value::new(Role::Viewer.as_str());
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let link = RwSignal::new(None::<String>);
    let highest = session::role(tenant).unwrap_or(Role::Viewer);
    let limiting = Limiting::new(tenant);
    let is_editor = move || role.text.with(|role| Role::parse(role)) == Some(Role::Editor);
    let path = StoredValue::new(path(paths::INVITATIONS, &[tenant]));
    effect(move || {
        if !open.get() {
            link.set(None);
            email.text.set(String::new());
            limiting.show(None);
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !email.required("Enter their address.") || busy.get_untracked() {
            return;
        }
        let role_chosen = role.text.with_untracked(|role| Role::parse(role)).unwrap_or(Role::Viewer);
        let limits = if role_chosen == Role::Editor { limiting.limits() } else { Ok(None) };
        let Ok(limits) = limits else { return };
        let body = Invite { email: email.trimmed(), role: role_chosen, limits };
        busy.set(true);
        error.set(String::new());
        spawn_local(async move {
            match send::<Invited>("POST", &path.get_value(), &body).await {
                Ok(invited) => {
                    link.set(Some(invited.link));
                    found.retry();
                }
                Err(failure) => error.set(place_errors(failure.errors(), &[("email", email), ("role", role)])),
            }
            busy.set(false);
        });
    };
    let inside = move || match link.get() {
        Some(link) => view! {
            <Notice tone=Tone::Success>
                {text(move || "Send this link to ".to_owned() + &email.trimmed() + ": Paraph does not send mail \
                     itself.")}
            </Notice>
            <Copy value=link what="the link" />
            <p class="quiet">"It is shown once and works once, for seven days."</p>
            <div class="row end">
                <Button look=Look::Primary on_press=move |()| open.set(false)>
                    "Done"
                </Button>
            </div>
        }
        .into_any(),
        None => view! {
            <form novalidate on:submit=submit>
                <TextField label="Address" value=email kind="email" />
                <Select label="Role" value=role options=Signal::stored(role_options(highest)) />
                <div hidden=when(move || !is_editor())>{limiting.view()}</div>
                {form_error(error.into())}
                <div class="row end">
                    <Button on_press=move |()| open.set(false)>"Cancel"</Button>
                    <Button look=Look::Primary busy>
                        "Create the link"
                    </Button>
                </div>
            </form>
        }
        .into_any(),
    };
    view! {
        <Dialog open title="Invite a person">
            {inside}
        </Dialog>
    }
    .into_any()
}

fn remove(removing: RwSignal<Option<Member>>, found: Loaded<Members>, tenant: String) -> AnyView {
    let (open, busy, error) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(String::new()));
    effect(move || open.set(removing.with(Option::is_some)));
    effect(move || {
        if !open.get() && removing.with_untracked(Option::is_some) {
            removing.set(None);
            error.set(String::new());
        }
    });
    let confirmed = move |()| {
        let Some(member) = removing.get_untracked() else { return };
        let path = path(paths::MEMBER, &[&tenant, &member.account]);
        busy.set(true);
        spawn_local(async move {
            match delete(&path).await {
                Ok(()) => {
                    tell(member.name + " no longer has access.");
                    removing.set(None);
                    found.retry();
                }
                Err(failure) => error.set(failure.text()),
            }
            busy.set(false);
        });
    };
    let title = text(move || {
        removing
            .with(|member| member.as_ref().map(|member| "Remove ".to_owned() + &member.name + "?"))
            .unwrap_or_default()
    });
    view! {
        <Confirm open title action="Remove" busy error on_confirm=confirmed>
            <p>"They lose access to this tenant. API tokens and connector secrets that they created are refused until \
                another admin takes them over; invitations that they sent can no longer be accepted."</p>
        </Confirm>
    }
    .into_any()
}
