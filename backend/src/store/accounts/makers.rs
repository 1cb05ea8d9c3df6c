//! Creators of things that are used later, such as tokens. A credential can do no more than its creator's current role in the
//! tenant allows. The role is read when the credential is used, so that restoring the role restores the credential.

use super::limits::Limits;
use crate::store::audit::Actor;
use crate::store::{Error, Role, Write};
use email_signature::Brand;
use sqlx::Row;
use sqlx::any::AnyRow;

/// The account that created a token, sent an invitation, planned publishing, or requested a tenant's deletion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Maker {
    /// Account id; empty for the server's operator, who may do everything.
    pub account: String,
    /// Current name and address; empty if the account is unknown.
    pub name: String,
    /// Current role in the tenant; `None` for an account that is not a member.
    pub role: Option<Role>,
    /// What an editor is limited to.
    pub limits: Option<Limits>,
}

impl Maker {
    /// Whether the maker's current role is at least `least`, everywhere in the tenant.
    pub fn may(&self, least: Role) -> bool {
        let is_limited = self.limits.is_some() && least >= Role::Editor;
        self.account.is_empty() || self.role.is_some_and(|role| role >= least) && !is_limited
    }

    /// The maker as for a template: limits that cover all of its folders do not count.
    pub(in crate::store) fn for_template<'a>(mut self, folders: impl IntoIterator<Item = &'a str>) -> Self {
        self.limits = self.limits.take().filter(|limits| !limits.cover(folders));
        self
    }

    /// The maker as for these changes of brands: limits that cover them do not count.
    pub(in crate::store) fn for_brands(mut self, before: &[Brand], after: &[Brand]) -> Self {
        self.limits = self.limits.take().filter(|limits| !limits.cover_brands(before, after));
        self
    }

    /// Why the maker's current role is less than `least`, as the end of a sentence that starts with the maker's name; `None`
    /// if it is not.
    pub fn lacks(&self, least: Role) -> Option<String> {
        if self.may(least) {
            return None;
        }
        Some(match (self.role, &self.limits) {
            (Some(role), Some(limits)) if role >= least => format!("is now {}", limits.words()),
            (None, _) => "is no longer a member of this tenant".to_owned(),
            (Some(role), _) => format!("is now {}, but this requires {}", with_article(role), with_article(least)),
        })
    }

    /// Name and address, or a placeholder if they are unknown.
    pub fn words(&self) -> &str {
        if self.name.is_empty() { "an unknown account" } else { &self.name }
    }
}

fn with_article(role: Role) -> &'static str {
    match role {
        Role::Viewer => "a viewer",
        Role::Editor => "an editor",
        Role::Admin => "an admin",
        Role::Owner => "an owner",
    }
}

/// Reads a maker from a row's columns, starting at `at`: account, name, address, role, limits; all but the first are null if
/// unknown.
pub(in crate::store) fn maker(row: &AnyRow, at: usize) -> Result<Maker, Error> {
    let account: Option<String> = row.try_get(at)?;
    let (name, email): (Option<String>, Option<String>) = (row.try_get(at + 1)?, row.try_get(at + 2)?);
    let role: Option<String> = row.try_get(at + 3)?;
    let role = role.map(|text| Role::parse(&text).ok_or_else(|| Error::Corrupt(format!("{text:?} is not a role"))));
    Ok(Maker {
        account: account.unwrap_or_default(),
        name: name.zip(email).map(|(name, email)| format!("{name} <{email}>")).unwrap_or_default(),
        role: role.transpose()?,
        limits: Limits::read(row, at + 4)?,
    })
}

/// Finds the account with its current role in the tenant, as this transaction sees it.
pub(in crate::store) async fn find(write: &mut Write, tenant: &str, account: &str) -> Result<Maker, Error> {
    let row = sqlx::query(
        "select a.id, a.name, a.email, m.role, m.limits from accounts a
         left join members m on m.account = a.id and m.tenant = $1 where a.id = $2",
    )
    .bind(tenant)
    .bind(account)
    .fetch_optional(&mut **write)
    .await?;
    let unknown = Maker { account: account.to_owned(), ..Maker::default() };
    row.as_ref().map_or(Ok(unknown), |row| maker(row, 0))
}

/// The account behind an actor: its own, or that of an API token; empty for the server's operator.
pub(in crate::store) async fn account_of(write: &mut Write, tenant: &str, actor: &Actor) -> Result<String, Error> {
    if let Some(account) = actor.id.strip_prefix("account:") {
        return Ok(account.to_owned());
    }
    let Some(token) = actor.id.strip_prefix("token:") else { return Ok(String::new()) };
    let account = sqlx::query_scalar("select account from api_tokens where tenant = $1 and id = $2");
    Ok(account.bind(tenant).bind(token).fetch_optional(&mut **write).await?.unwrap_or_else(|| "unknown".into()))
}
