//! Roles and scopes as they are sent.

use crate::store::{Role, Scope};
use ::api::console as api;

impl From<Role> for api::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Viewer => Self::Viewer,
            Role::Editor => Self::Editor,
            Role::Admin => Self::Admin,
            Role::Owner => Self::Owner,
        }
    }
}

impl From<api::Role> for Role {
    fn from(role: api::Role) -> Self {
        match role {
            api::Role::Viewer => Self::Viewer,
            api::Role::Editor => Self::Editor,
            api::Role::Admin => Self::Admin,
            api::Role::Owner => Self::Owner,
        }
    }
}

impl From<Scope> for api::Scope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::PeopleRead => Self::PeopleRead,
            Scope::PeopleWrite => Self::PeopleWrite,
            Scope::FieldsRead => Self::FieldsRead,
            Scope::FieldsWrite => Self::FieldsWrite,
            Scope::DesignRead => Self::DesignRead,
            Scope::DesignWrite => Self::DesignWrite,
            Scope::DeploymentRead => Self::DeploymentRead,
            Scope::AuditRead => Self::AuditRead,
            Scope::DatabaseUpload => Self::DatabaseUpload,
        }
    }
}

impl From<api::Scope> for Scope {
    fn from(scope: api::Scope) -> Self {
        match scope {
            api::Scope::PeopleRead => Self::PeopleRead,
            api::Scope::PeopleWrite => Self::PeopleWrite,
            api::Scope::FieldsRead => Self::FieldsRead,
            api::Scope::FieldsWrite => Self::FieldsWrite,
            api::Scope::DesignRead => Self::DesignRead,
            api::Scope::DesignWrite => Self::DesignWrite,
            api::Scope::DeploymentRead => Self::DeploymentRead,
            api::Scope::AuditRead => Self::AuditRead,
            api::Scope::DatabaseUpload => Self::DatabaseUpload,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_and_scopes_are_sent_by_the_names_they_are_stored_by() {
        for role in Role::ALL {
            let sent = api::Role::from(role);
            assert_eq!((sent.as_str(), Role::from(sent)), (role.as_str(), role));
        }
        assert!(api::Role::ALL.is_sorted() && Role::ALL.is_sorted());
        for scope in Scope::ALL {
            let sent = api::Scope::from(scope);
            assert_eq!((sent.as_str(), Scope::from(sent)), (scope.as_str(), scope));
        }
    }
}
