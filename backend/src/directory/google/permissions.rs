//! Permissions of the service account, checked by requesting a token for each scope.

use super::api::is_unauthorized;
use super::{GROUPS, Google, USERS};
use crate::directory::fetched::{Extent, FetchError};
use api::console::{Permission, PermissionState, Permissions};

/// Wider scopes that are often added by mistake.
const TOO_MUCH: [&str; 2] =
    ["https://www.googleapis.com/auth/admin.directory.user", "https://www.googleapis.com/auth/admin.directory.group"];

/// Checks the permissions.
///
/// # Errors
/// [`FetchError`] for problems other than scopes; never [`FetchError::CursorGone`].
pub async fn check_permissions(google: &Google, extent: Extent) -> Result<Permissions, FetchError> {
    let add = "add this scope under Security → API controls → Domain-wide delegation in Google's admin console, for the \
               client id";
    let mut permissions = Vec::new();
    let mut needs = vec![(USERS, "reads people")];
    needs.extend(extent.groups.then_some((GROUPS, "reads groups and who is in them")));
    for (name, purpose) in needs {
        let (state, detail) = if is_granted(google, name).await? {
            (PermissionState::Granted, purpose.to_owned())
        } else {
            (PermissionState::Missing, format!("{purpose}: {add} {}", google.account.client_id))
        };
        permissions.push(Permission { name: name.to_owned(), state, detail });
    }
    let unused = (!extent.groups).then_some((GROUPS, "groups are not fetched: remove it, or turn on groups"));
    let too_much = TOO_MUCH.map(|name| (name, "anyone with the key could use it to make changes: remove it"));
    for (name, detail) in unused.into_iter().chain(too_much) {
        if is_granted(google, name).await? {
            let (name, detail) = (name.to_owned(), detail.to_owned());
            permissions.push(Permission { name, state: PermissionState::Superfluous, detail });
        }
    }
    Ok(Permissions { permissions })
}

async fn is_granted(google: &Google, scope: &str) -> Result<bool, FetchError> {
    match google.session(&[scope]).credentials().grant().await {
        Ok(_) => Ok(true),
        Err(ungranted) if ungranted.answer.as_ref().is_some_and(is_unauthorized) => Ok(false),
        Err(ungranted) => Err(ungranted.failure.into()),
    }
}
