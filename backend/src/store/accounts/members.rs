//! Members of tenants and invitations.

use super::account::{self, AccountRecord};
use super::credentials::{self, Identity};
use super::limits::Limits;
use super::makers::{self, Maker};
use super::owners;
use crate::clock::DAY_MS;
use crate::store::audit::{self, Actor, By};
use crate::store::tenants::changes::About;
use crate::store::tenants::record;
use crate::store::{Error, Role, Store, Write};
use serde_json::{Value, json};
use sqlx::Row;
use sqlx::any::AnyRow;

/// What a member can do in a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Role in the tenant.
    pub role: Role,
    /// What an editor is limited to; `None` for nothing, and for other roles.
    pub limits: Option<Limits>,
}

impl Standing {
    /// A role without limits.
    pub fn whole(role: Role) -> Self {
        Self { role, limits: None }
    }

    /// Reads a row's columns, starting at `at`: role, limits.
    fn read(row: &AnyRow, at: usize) -> Result<Self, Error> {
        Ok(Self { role: role(row, at)?, limits: Limits::read(row, at + 1)? })
    }

    /// For the audit.
    fn noted(&self) -> Value {
        match &self.limits {
            None => json!(self.role.as_str()),
            Some(limits) => json!({ "role": self.role.as_str(), "limits": limits }),
        }
    }
}

/// An account's membership in a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Tenant id.
    pub tenant: String,
    /// Entra id of the tenant, if it has one.
    pub entra_id: Option<String>,
    /// Name of the tenant.
    pub name: String,
    /// Role of the account in the tenant, and its limits.
    pub standing: Standing,
}

/// An account in a tenant's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRecord {
    /// Account id.
    pub account: String,
    /// Name of the user.
    pub name: String,
    /// Address of the user.
    pub email: String,
    /// Role in the tenant, and its limits.
    pub standing: Standing,
    /// Whether an authenticator app or the identity provider protects the account.
    pub protected: bool,
    /// When the user was last active, in milliseconds UTC.
    pub seen_ms: Option<i64>,
}

/// An invitation that has not been accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationRecord {
    /// The tenant's id.
    pub tenant: String,
    /// The tenant's name.
    pub tenant_name: String,
    /// Invitation id.
    pub id: String,
    /// Address of the invited person, in lower case.
    pub email: String,
    /// Role that the invited person will get, and its limits.
    pub standing: Standing,
    /// When the invitation expires, in milliseconds UTC.
    pub expires_ms: i64,
    /// Sender of the invitation.
    pub inviter: Maker,
}

impl InvitationRecord {
    /// Why the invitation cannot be accepted now, as a sentence; `None` if it can.
    pub fn trouble(&self) -> Option<String> {
        Some(format!("{} {}", self.inviter.words(), self.inviter.lacks(to_invite(self.standing.role))?))
    }
}

/// Message for the invited person if the sender's current role does not allow the invitation. It does not name the sender,
/// because anyone with the link can see it.
pub const VOID_INVITATION: &str = "the person who sent this invitation can no longer invite people to this role: ask \
    an admin of the tenant for a new one";

/// The lowest role that can invite people to this role: managing members requires an admin, and nobody can grant a role above
/// their own.
fn to_invite(role: Role) -> Role {
    role.max(Role::Admin)
}

fn role(row: &AnyRow, at: usize) -> Result<Role, Error> {
    let text: &str = row.try_get(at)?;
    Role::parse(text).ok_or_else(|| Error::Corrupt(format!("{text:?} is not a role")))
}

fn membership(row: &AnyRow) -> Result<Membership, Error> {
    Ok(Membership {
        tenant: row.try_get(0)?,
        entra_id: row.try_get(1)?,
        name: row.try_get(2)?,
        standing: Standing::read(row, 3)?,
    })
}

fn invitation(row: &AnyRow) -> Result<InvitationRecord, Error> {
    Ok(InvitationRecord {
        tenant: row.try_get(0)?,
        tenant_name: row.try_get(1)?,
        id: row.try_get(2)?,
        email: row.try_get(3)?,
        standing: Standing::read(row, 4)?,
        expires_ms: row.try_get(6)?,
        inviter: makers::maker(row, 7)?,
    })
}

/// How long an invitation is kept after it has expired, in milliseconds, so that a clock that is temporarily ahead deletes
/// none.
const KEPT_MS: i64 = 90 * DAY_MS;

const INVITATIONS: &str =
    "select i.tenant, t.name, i.id, i.email, i.role, i.limits, i.expires_ms, i.inviter, a.name, a.email,
        m.role, m.limits
    from invitations i join tenants t on t.id = i.tenant
    left join accounts a on a.id = i.inviter
    left join members m on m.tenant = i.tenant and m.account = i.inviter";

/// Who accepts an invitation.
#[derive(Clone, Copy)]
pub struct Accepting<'a> {
    /// The account.
    pub account: &'a AccountRecord,
    /// Whether it is to be made first.
    pub new: bool,
    /// Who it is at an identity provider, to be linked with it.
    pub identity: Option<&'a Identity>,
    /// The network address, for the audit.
    pub address: &'a str,
}

impl Store {
    /// The account's membership in a tenant; `None` if it has none, or if the tenant does not exist.
    pub async fn membership(&self, account: &str, tenant: &str) -> Result<Option<Membership>, Error> {
        self.bounded(async {
            let row = sqlx::query(
                "select t.id, t.entra_id, t.name, m.role, m.limits from members m join tenants t on t.id = m.tenant
                 where m.account = $1 and m.tenant = $2",
            )
            .bind(account)
            .bind(tenant)
            .fetch_optional(self.reader()?)
            .await?;
            row.as_ref().map(membership).transpose()
        })
        .await
    }

    /// The account's memberships, sorted by the tenants' names.
    pub async fn memberships(&self, account: &str) -> Result<Vec<Membership>, Error> {
        let rows = sqlx::query(
            "select t.id, t.entra_id, t.name, m.role, m.limits from members m join tenants t on t.id = m.tenant
             where m.account = $1 order by t.name, t.id",
        )
        .bind(account)
        .fetch_all(self.reader()?)
        .await?;
        rows.iter().map(membership).collect()
    }

    /// The tenant's members, sorted by name.
    pub async fn list_members(&self, tenant: &str) -> Result<Vec<MemberRecord>, Error> {
        let rows = sqlx::query(
            "select a.id, a.name, a.email, m.role, m.limits,
                    case when a.totp is not null or exists (select 1 from identities i where i.account = a.id)
                         then 1 else 0 end,
                    (select max(s.seen_ms) from sessions s where s.account = a.id)
             from members m join accounts a on a.id = m.account where m.tenant = $1 order by a.name, a.id",
        )
        .bind(tenant)
        .fetch_all(self.reader()?)
        .await?;
        let member = |row: &AnyRow| {
            Ok(MemberRecord {
                account: row.try_get(0)?,
                name: row.try_get(1)?,
                email: row.try_get(2)?,
                standing: Standing::read(row, 3)?,
                protected: row.try_get::<i64, _>(5)? != 0,
                seen_ms: row.try_get(6)?,
            })
        };
        rows.iter().map(member).collect()
    }

    /// Changes a member's role and limits; `None` removes the member. `above`: the caller's own role, which neither the old nor the new
    /// role may exceed. [`Error::Conflict`] when no owner would be left.
    pub async fn set_role(
        &self,
        tenant: &str,
        account: &str,
        new: Option<Standing>,
        above: Role,
        by: By,
    ) -> Result<(), Error> {
        let mut write = self.begin().await?;
        let version = record::next_version(&mut write, tenant).await?;
        let row = sqlx::query(
            "select m.role, m.limits, a.email from members m join accounts a on a.id = m.account
             where m.tenant = $1 and m.account = $2",
        )
        .bind(tenant)
        .bind(account)
        .fetch_optional(&mut *write)
        .await?
        .ok_or_else(|| Error::NotFound("this account is not a member of the tenant".into()))?;
        let (old, email) = (Standing::read(&row, 0)?, row.try_get::<String, _>(2)?);
        if old.role > above || new.as_ref().is_some_and(|new| new.role > above) {
            return Err(Error::Conflict("you cannot grant or remove a role above your own: ask an owner".into()));
        }
        if new.as_ref() == Some(&old) {
            return Ok(());
        }
        if let Some(new) = &new {
            put(&mut write, tenant, account, new).await?;
        } else {
            let delete = sqlx::query("delete from members where tenant = $1 and account = $2");
            delete.bind(tenant).bind(account).execute(&mut *write).await?;
        }
        if old.role == Role::Owner {
            owners::owns_all_no_more(&mut write, account).await?;
        }
        let owners: i64 = sqlx::query_scalar("select count(*) from members where tenant = $1 and role = 'owner'")
            .bind(tenant)
            .fetch_one(&mut *write)
            .await?;
        if owners == 0 {
            return Err(Error::Conflict(
                "a tenant needs at least one owner: make another member an owner first".into(),
            ));
        }
        let detail = json!({ "role": { "from": old.noted(), "to": new.as_ref().map(Standing::noted) } });
        let action = if new.is_some() { "change_role" } else { "remove_member" };
        audit::note(
            &mut write,
            audit::Entry { tenant, version, about: About::Nothing, by, action, subject: &email, detail },
        )
        .await?;
        Ok(write.commit().await?)
    }

    /// Invitations that have not expired, newest first.
    pub async fn list_invitations(&self, tenant: &str, now_ms: i64) -> Result<Vec<InvitationRecord>, Error> {
        let sql = format!("{INVITATIONS} where i.tenant = $1 and i.expires_ms > $2 order by i.expires_ms desc, i.id");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(tenant).bind(now_ms).fetch_all(self.reader()?).await?;
        rows.iter().map(invitation).collect()
    }

    /// The invitation whose code has this hash, unless it has expired.
    pub async fn find_invitation(&self, hash: &str, now_ms: i64) -> Result<Option<InvitationRecord>, Error> {
        let sql = format!("{INVITATIONS} where i.hash = $1 and i.expires_ms > $2");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(hash).bind(now_ms).fetch_optional(self.reader()?).await?;
        row.as_ref().map(invitation).transpose()
    }

    /// Adds an invitation; it replaces an earlier one for the same address.
    pub async fn invite(&self, new: &InvitationRecord, hash: &str, by: By) -> Result<(), Error> {
        let mut write = self.begin().await?;
        let version = record::next_version(&mut write, &new.tenant).await?;
        let member: Option<String> = sqlx::query_scalar(
            "select a.id from members m join accounts a on a.id = m.account where m.tenant = $1 and a.email = $2",
        )
        .bind(&new.tenant)
        .bind(&new.email)
        .fetch_optional(&mut *write)
        .await?;
        if member.is_some() {
            return Err(Error::Conflict("this person is already a member: change their role instead".into()));
        }
        let clear = sqlx::query("delete from invitations where tenant = $1 and (email = $2 or expires_ms <= $3)");
        clear.bind(&new.tenant).bind(&new.email).bind(by.at_ms - KEPT_MS).execute(&mut *write).await?;
        sqlx::query(
            "insert into invitations (tenant, id, hash, email, role, limits, inviter, expires_ms)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(&new.tenant)
        .bind(&new.id)
        .bind(hash)
        .bind(&new.email)
        .bind(new.standing.role.as_str())
        .bind(Limits::text(new.standing.limits.as_ref())?)
        .bind(&new.inviter.account)
        .bind(new.expires_ms)
        .execute(&mut *write)
        .await?;
        let detail = json!({ "role": { "from": null, "to": new.standing.noted() } });
        audit::note(
            &mut write,
            audit::Entry {
                tenant: &new.tenant,
                version,
                about: About::Nothing,
                by,
                action: "invite",
                subject: &new.email,
                detail,
            },
        )
        .await?;
        Ok(write.commit().await?)
    }

    /// Withdraws an invitation.
    pub async fn delete_invitation(&self, tenant: &str, id: &str, by: By) -> Result<(), Error> {
        let mut write = self.begin().await?;
        let version = record::next_version(&mut write, tenant).await?;
        let email: String = sqlx::query_scalar("delete from invitations where tenant = $1 and id = $2 returning email")
            .bind(tenant)
            .bind(id)
            .fetch_optional(&mut *write)
            .await?
            .ok_or_else(|| Error::NotFound("this invitation does not exist".into()))?;
        audit::note(
            &mut write,
            audit::Entry {
                tenant,
                version,
                about: About::Nothing,
                by,
                action: "withdraw_invitation",
                subject: &email,
                detail: json!({}),
            },
        )
        .await?;
        Ok(write.commit().await?)
    }

    /// Accepts an invitation: gives the account the role, creating it first if it is new, and links it to an identity if
    /// there is one. [`Error::NotFound`] when the invitation is missing or expired; [`Error::Conflict`] when its sender's
    /// current role does not allow it, the account is a member already, or the identity is linked to another account.
    pub async fn accept_invitation(&self, hash: &str, accepting: Accepting<'_>, now_ms: i64) -> Result<(), Error> {
        let Accepting { account, new, identity, address } = accepting;
        let mut write = self.begin().await?;
        let row = sqlx::query(
            "delete from invitations where hash = $1 and expires_ms > $2 returning tenant, role, limits, inviter",
        )
        .bind(hash)
        .bind(now_ms)
        .fetch_optional(&mut *write)
        .await?
        .ok_or_else(|| Error::NotFound("this invitation is no longer valid".into()))?;
        let (tenant, given) = (row.try_get::<String, _>(0)?, Standing::read(&row, 1)?);
        let inviter: String = row.try_get(3)?;
        let version = record::next_version(&mut write, &tenant).await?;
        // With the tenant's row locked: the inviter's role may have changed since the invitation was shown.
        if !makers::find(&mut write, &tenant, &inviter).await?.may(to_invite(given.role)) {
            return Err(Error::Conflict(VOID_INVITATION.into()));
        }
        // Decisions about a member after the invitation was sent take precedence.
        let member = makers::find(&mut write, &tenant, &account.id).await?.role;
        if let Some(role) = member {
            let detail =
                format!("this account already has the role {} in the tenant: ask an admin to change it", role.as_str());
            return Err(Error::Conflict(detail));
        }
        if new {
            account::insert(&mut write, account, now_ms).await?;
        }
        if let Some(identity) = identity {
            credentials::link(&mut write, &account.id, identity).await?;
        }
        put(&mut write, &tenant, &account.id, &given).await?;
        let actor = Actor {
            id: format!("account:{}", account.id),
            name: format!("{} <{}>", account.name, account.email),
            address: address.to_owned(),
        };
        let detail = json!({ "role": { "from": null, "to": given.noted() } });
        audit::note(
            &mut write,
            audit::Entry {
                tenant: &tenant,
                version,
                about: About::Nothing,
                by: By::new(actor, now_ms),
                action: "accept_invitation",
                subject: &account.email,
                detail,
            },
        )
        .await?;
        Ok(write.commit().await?)
    }
}

/// Gives an account a role and its limits.
pub(in crate::store) async fn put(
    write: &mut Write,
    tenant: &str,
    account: &str,
    standing: &Standing,
) -> Result<(), Error> {
    sqlx::query(
        "insert into members (tenant, account, role, limits) values ($1, $2, $3, $4)
         on conflict (tenant, account) do update set role = excluded.role, limits = excluded.limits",
    )
    .bind(tenant)
    .bind(account)
    .bind(standing.role.as_str())
    .bind(Limits::text(standing.limits.as_ref())?)
    .execute(&mut **write)
    .await?;
    Ok(())
}
