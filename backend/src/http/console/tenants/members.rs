//! Who has access to a tenant: members and invitations.

use crate::clock::DAY_MS;
use crate::http::AppState;
use crate::http::api::doc;
use crate::http::console::account::session::{checked_text, console_url};
use crate::http::request::access::{Access, ManageTenant};
use crate::http::request::io::{Created, ShownOnce};
use crate::http::{Body, Error};
use crate::identity::digest;
use crate::random;
use crate::store::{By, InvitationRecord, Limits, Maker, MemberRecord, Role, Standing};
use ::api::console::{Invite, Invited, MAX_LIMITS, Member, MemberChanges, Members, OpenInvitation, paths};
use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with, patch_with, post_with};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::NoContent;
use email_signature::Address;
use std::sync::Arc;

/// How long an invitation is good for.
const INVITATION_MS: i64 = 7 * DAY_MS;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "Members";
    ApiRouter::new()
        .api_route(paths::MEMBERS, get_with(list, doc(tag, "The members, and open invitations")))
        .api_route(
            paths::MEMBER,
            patch_with(change, doc(tag, "Changes a member's role")).delete_with(remove, doc(tag, "Removes a member")),
        )
        .api_route(paths::INVITATIONS, post_with(invite, doc(tag, "Invites a person, with a link to pass on")))
        .api_route(paths::ONE_INVITATION, delete_with(withdraw, doc(tag, "Withdraws an invitation")))
}

fn member(record: MemberRecord) -> Member {
    let MemberRecord { account, name, email, standing, protected, seen_ms } = record;
    let limits = standing.limits.map(Into::into);
    Member { account, name, email, role: standing.role.into(), limits, protected, seen_ms }
}

fn open_invitation(record: InvitationRecord) -> OpenInvitation {
    let trouble = record.trouble();
    let InvitationRecord { id, email, standing, expires_ms, .. } = record;
    let limits = standing.limits.map(Into::into);
    OpenInvitation { id, email, role: standing.role.into(), limits, expires_ms, trouble }
}

async fn list(State(app): State<Arc<AppState>>, access: Access<ManageTenant>) -> Result<Json<Members>, Error> {
    let members = app.store.list_members(&access.tenant.id).await?;
    let invitations = app.store.list_invitations(&access.tenant.id, app.clock.now_ms()).await?;
    Ok(Json(Members {
        members: members.into_iter().map(member).collect(),
        invitations: invitations.into_iter().map(open_invitation).collect(),
    }))
}

async fn change(
    State(app): State<Arc<AppState>>,
    access: Access<ManageTenant>,
    Body(changes): Body<MemberChanges>,
) -> Result<Json<Member>, Error> {
    let (tenant, account) = (&access.tenant.id, access.part("account"));
    let standing = standing(changes.role, changes.limits)?;
    app.store.set_role(tenant, account, Some(standing), access.role, access.by(&app)).await?;
    let members = app.store.list_members(tenant).await?;
    let found = members.into_iter().find(|member| member.account == account).ok_or(Error::NotFound)?;
    Ok(Json(member(found)))
}

/// A role with its limits, which only an editor can have.
fn standing(role: ::api::console::Role, limits: Option<::api::console::Limits>) -> Result<Standing, Error> {
    let role = Role::from(role);
    let Some(limits) = limits else { return Ok(Standing::whole(role)) };
    if role != Role::Editor {
        return Err(Error::invalid("limits", "only editors can be limited: omit it for other roles"));
    }
    if limits.folders.is_empty() && limits.brands.is_empty() {
        return Err(Error::invalid("limits", "name at least one folder or brand, or make them a viewer"));
    }
    for (field, names) in [("limits.folders", &limits.folders), ("limits.brands", &limits.brands)] {
        if names.len() > MAX_LIMITS {
            return Err(Error::invalid(field, format!("write at most {MAX_LIMITS}")));
        }
    }
    let name = |(at, name): (usize, String)| checked_text(&format!("limits.folders[{at}]"), &name);
    let folders = limits.folders.into_iter().enumerate().map(name).collect::<Result<_, Error>>()?;
    Ok(Standing { role, limits: Some(Limits { folders, brands: limits.brands.into_iter().collect() }) })
}

impl From<Limits> for ::api::console::Limits {
    fn from(limits: Limits) -> Self {
        Self { folders: limits.folders.into_iter().collect(), brands: limits.brands.into_iter().collect() }
    }
}

async fn remove(State(app): State<Arc<AppState>>, access: Access<ManageTenant>) -> Result<NoContent, Error> {
    let (tenant, account) = (&access.tenant.id, access.part("account"));
    app.store.set_role(tenant, account, None, access.role, access.by(&app)).await?;
    Ok(NoContent)
}

async fn invite(
    State(app): State<Arc<AppState>>,
    access: Access<ManageTenant>,
    headers: HeaderMap,
    Body(invite): Body<Invite>,
) -> Result<ShownOnce<Created<Invited>>, Error> {
    let email = Address::parse(invite.email.trim()).map_err(|error| Error::invalid("email", error.to_string()))?;
    let standing = standing(invite.role, invite.limits)?;
    if standing.role > access.role {
        return Err(Error::invalid("role", "you cannot grant a role above your own: ask an owner"));
    }
    let now_ms = app.clock.now_ms();
    let new = InvitationRecord {
        tenant: access.tenant.id.clone(),
        tenant_name: String::new(),
        id: random::id(),
        email: email.as_str().to_lowercase(),
        standing,
        expires_ms: now_ms + INVITATION_MS,
        inviter: Maker {
            account: access.account.ok_or(Error::Internal)?,
            name: access.actor.name.clone(),
            role: Some(access.role),
            limits: None,
        },
    };
    let code = random::secret();
    app.store.invite(&new, &digest(&code), By::new(access.actor, now_ms)).await?;
    // Behind `#`, so that it is in no log and in no other site's Referer.
    let link = console_url(&app, &headers, &format!("/console/invitation#{code}"));
    let note = format!(
        "the invitation was created (id {}) and its link is shown once: if you do not have it, withdraw the \
         invitation and create another one with a new idempotency key",
        new.id
    );
    Ok(ShownOnce { answer: Created(Invited { invitation: open_invitation(new), link }), note })
}

async fn withdraw(State(app): State<Arc<AppState>>, access: Access<ManageTenant>) -> Result<NoContent, Error> {
    let id = access.part("invitation").to_owned();
    app.store.delete_invitation(&access.tenant.id, &id, access.by(&app)).await?;
    Ok(NoContent)
}
