//! Who made something that is used later, and what they may do now: a credential is worth no more than its maker's present
//! role in its tenant. The role is read when the credential is used, so that a promotion restores it.

use crate::store::audit::Actor;
use crate::store::{Error, Role, Write};
use sqlx::Row;
use sqlx::any::AnyRow;

/// Whoever made a token, sent an invitation, planned publishing, or asked for a tenant's deletion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Maker {
    /// The account; empty for whoever runs the server, who may do everything.
    pub account: String,
    /// Name and address, as they are now; empty where the account is not known.
    pub name: String,
    /// Present role in the tenant; `None` for an account that is no member.
    pub role: Option<Role>,
}

impl Maker {
    /// Whether the maker could do now what takes `least`.
    pub fn may(&self, least: Role) -> bool {
        self.account.is_empty() || self.role.is_some_and(|role| role >= least)
    }

    /// Why the maker could not do now what takes `least`, as the end of a sentence that begins with who it is.
    pub fn lacks(&self, least: Role) -> Option<String> {
        if self.may(least) {
            return None;
        }
        Some(match self.role {
            None => "is no longer a member of this tenant".to_owned(),
            Some(role) => format!("is now {}, and this takes {}", with_article(role), with_article(least)),
        })
    }

    /// Name and address, or a word where they are not known.
    pub fn words(&self) -> &str {
        if self.name.is_empty() { "somebody" } else { &self.name }
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

/// The maker in a row's columns from `at` on: account, name, address, role; all but the first null where unknown.
pub(in crate::store) fn maker(row: &AnyRow, at: usize) -> Result<Maker, Error> {
    let account: Option<String> = row.try_get(at)?;
    let (name, email): (Option<String>, Option<String>) = (row.try_get(at + 1)?, row.try_get(at + 2)?);
    let role: Option<String> = row.try_get(at + 3)?;
    let role = role.map(|text| Role::parse(&text).ok_or_else(|| Error::Corrupt(format!("{text:?} is no role"))));
    Ok(Maker {
        account: account.unwrap_or_default(),
        name: name.zip(email).map(|(name, email)| format!("{name} <{email}>")).unwrap_or_default(),
        role: role.transpose()?,
    })
}

/// The account with its present role in the tenant, as this transaction sees it.
pub(in crate::store) async fn find(write: &mut Write, tenant: &str, account: &str) -> Result<Maker, Error> {
    let row = sqlx::query(
        "select a.id, a.name, a.email, m.role from accounts a
         left join members m on m.account = a.id and m.tenant = $1 where a.id = $2",
    )
    .bind(tenant)
    .bind(account)
    .fetch_optional(&mut **write)
    .await?;
    let unknown = Maker { account: account.to_owned(), ..Maker::default() };
    row.as_ref().map_or(Ok(unknown), |row| maker(row, 0))
}

/// The account behind an actor: its own, or the one whose role an API token has; empty for whoever runs the server.
pub(in crate::store) async fn account_of(write: &mut Write, tenant: &str, actor: &Actor) -> Result<String, Error> {
    if let Some(account) = actor.id.strip_prefix("account:") {
        return Ok(account.to_owned());
    }
    let Some(token) = actor.id.strip_prefix("token:") else { return Ok(String::new()) };
    let account = sqlx::query_scalar("select account from api_tokens where tenant = $1 and id = $2");
    Ok(account.bind(tenant).bind(token).fetch_optional(&mut **write).await?.unwrap_or_else(|| "unknown".into()))
}
