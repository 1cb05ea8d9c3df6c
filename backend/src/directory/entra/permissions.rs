//! Compares the app registration's permissions in Entra ID with those that runs need: granted, missing, or not needed.

use super::{Entra, groups, users};
use crate::config::Config;
use crate::directory::fetched::{Extent, FetchError};
use api::console::{Permission, PermissionState, Permissions};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Url;
use serde::Deserialize;

/// The claims of an app-only token that are needed here.
#[derive(Deserialize)]
struct Claims {
    #[serde(default)]
    roles: Vec<String>,
}

/// A permission that runs need.
struct Need {
    name: &'static str,
    purpose: &'static str,
    /// Wider permissions that include it.
    wider: &'static [&'static str],
}

const USERS: Need = Need {
    name: users::NEEDS,
    purpose: "reads people, their managers and photos",
    wider: &["User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"],
};

const GROUPS: Need = Need {
    name: groups::NEEDS,
    purpose: "reads groups and who is in them",
    wider: &[
        "GroupMember.ReadWrite.All",
        "Group.Read.All",
        "Group.ReadWrite.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    ],
};

/// Checks permissions with a new token, because the current one may be older than the last consent.
///
/// # Errors
/// [`FetchError`]; never [`FetchError::CursorGone`].
pub async fn check_permissions(entra: &Entra, extent: Extent) -> Result<Permissions, FetchError> {
    // The signature is not checked: the token comes from the token endpoint itself, over an authenticated connection.
    let granted = entra.session.credentials().grant().await.map_err(|ungranted| ungranted.failure)?;
    let payload = granted.access_token.split('.').nth(1).and_then(|payload| URL_SAFE_NO_PAD.decode(payload).ok());
    let claims: Option<Claims> = payload.and_then(|payload| serde_json::from_slice(&payload).ok());
    let claims = claims.ok_or_else(|| FetchError::wrong("the token from Entra ID does not list its permissions"))?;
    Ok(compare(&claims.roles, extent))
}

/// Microsoft's page where an admin of the tenant grants consent to the app registration. It returns to `redirect` with
/// `state`.
///
/// # Errors
/// When `identity.authority_host` is not an address.
pub fn consent_url(config: &Config, tenant: &str, redirect: &str, state: &str) -> anyhow::Result<String> {
    let mut url = Url::parse(&config.identity.authority_host)?;
    url.set_path(&format!("/{tenant}/v2.0/adminconsent"));
    url.query_pairs_mut()
        .append_pair("client_id", &config.identity.client_id)
        .append_pair("scope", &format!("{}/.default", config.directory.graph_url))
        .append_pair("redirect_uri", redirect)
        .append_pair("state", state);
    Ok(url.into())
}

fn compare(roles: &[String], extent: Extent) -> Permissions {
    let has = |name: &str| roles.iter().any(|role| role == name);
    let needs: &[Need] = if extent.groups { &[USERS, GROUPS] } else { &[USERS] };
    let mut permissions: Vec<Permission> = needs
        .iter()
        .map(|need| {
            let wider = need.wider.iter().find(|name| has(name));
            let (state, detail) = match wider {
                _ if has(need.name) => (PermissionState::Granted, need.purpose.to_owned()),
                Some(wider) => {
                    let detail = format!("{}: {wider} includes it but allows more", need.purpose);
                    (PermissionState::Granted, detail)
                }
                None => {
                    let detail = format!(
                        "{}: add this application permission of Microsoft Graph to the app registration and grant admin \
                         consent",
                        need.purpose
                    );
                    (PermissionState::Missing, detail)
                }
            };
            Permission { name: need.name.to_owned(), state, detail }
        })
        .collect();
    let mut others: Vec<&String> = roles.iter().filter(|role| needs.iter().all(|need| need.name != *role)).collect();
    others.sort();
    others.dedup();
    permissions.extend(others.into_iter().map(|name| {
        let detail = why_superfluous(name, needs, &has);
        Permission { name: name.clone(), state: PermissionState::Superfluous, detail }
    }));
    Permissions { permissions }
}

fn why_superfluous(name: &str, needs: &[Need], has: &dyn Fn(&str) -> bool) -> String {
    let instead: Vec<&str> =
        needs.iter().filter(|need| need.wider.contains(&name) && !has(need.name)).map(|need| need.name).collect();
    if !instead.is_empty() {
        return format!("too wide: grant {} instead, then remove it", instead.join(" and "));
    }
    if name == GROUPS.name {
        return "groups are not fetched: remove it, or turn on groups".into();
    }
    let danger = if name.contains("Write") || name.contains("Send") {
        ", and anyone with the client secret could use it to make changes"
    } else {
        ""
    };
    format!("directory runs do not use it{danger}: remove it unless this app registration needs it for something else")
}

#[cfg(test)]
mod tests {
    use super::*;
    use PermissionState::{Granted, Missing, Superfluous};

    fn check(roles: &[&str], groups: bool, expected: &[(&str, PermissionState, &str)]) {
        let roles: Vec<String> = roles.iter().map(|role| (*role).to_owned()).collect();
        let found = compare(&roles, Extent { guests: false, shared: false, groups }).permissions;
        let names: Vec<_> = found.iter().map(|found| (found.name.as_str(), found.state)).collect();
        let expected_names: Vec<_> = expected.iter().map(|(name, state, _)| (*name, *state)).collect();
        assert_eq!(names, expected_names, "{roles:?}");
        for (found, (name, _, part)) in found.iter().zip(expected) {
            assert!(found.detail.contains(part), "{name}: {}", found.detail);
        }
    }

    #[test]
    fn what_is_needed_is_there_or_missing_and_everything_else_is_too_much() {
        let (users, groups) = ("User.Read.All", "GroupMember.Read.All");
        check(&[users, groups], true, &[(users, Granted, "people"), (groups, Granted, "groups")]);
        check(&[], true, &[(users, Missing, "admin consent"), (groups, Missing, "admin consent")]);
        check(&[users], false, &[(users, Granted, "")]);
        check(&[users, groups], false, &[(users, Granted, ""), (groups, Superfluous, "turn on groups")]);
        check(
            &["Mail.Send", users, "Calendars.Read"],
            false,
            &[(users, Granted, ""), ("Calendars.Read", Superfluous, "remove it"), ("Mail.Send", Superfluous, "change")],
        );
    }

    #[test]
    fn a_wider_permission_will_do_but_should_give_way_to_the_narrow_one() {
        let (users, groups) = ("User.Read.All", "GroupMember.Read.All");
        check(
            &["Directory.Read.All"],
            true,
            &[
                (users, Granted, "Directory.Read.All includes it"),
                (groups, Granted, "allows more"),
                ("Directory.Read.All", Superfluous, "User.Read.All and GroupMember.Read.All instead"),
            ],
        );
        check(
            &[users, "Group.Read.All"],
            true,
            &[(users, Granted, ""), (groups, Granted, "Group.Read.All"), ("Group.Read.All", Superfluous, "too wide")],
        );
        check(
            &[users, groups, "Directory.Read.All"],
            true,
            &[(users, Granted, ""), (groups, Granted, ""), ("Directory.Read.All", Superfluous, "do not use it")],
        );
    }
}
