//! Content of a cursor: the two delta links, and the settings that they are valid for.

use crate::directory::fetched::{Cursor, Extent};
use serde::{Deserialize, Serialize};

/// Must be increased with any change to the properties that links select or to the choice of people.
const VERSION: u32 = 3;

/// Position from which the next fetch continues.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Position {
    /// The delta link of users.
    pub(super) users: String,
    /// The delta link of groups, if they are fetched.
    pub(super) groups: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    version: u32,
    tenant: String,
    guests: bool,
    shared: bool,
    users: String,
    groups: Option<String>,
}

impl Position {
    /// Reads a cursor; `None` if it is for other settings.
    pub(super) fn read(cursor: &Cursor, tenant: &str, extent: Extent) -> Option<Self> {
        let kept: Kept = serde_json::from_str(cursor.as_str()).ok()?;
        let is_same = (kept.version, kept.tenant.as_str()) == (VERSION, tenant)
            && (kept.guests, kept.shared, kept.groups.is_some()) == (extent.guests, extent.shared, extent.groups);
        is_same.then_some(Self { users: kept.users, groups: kept.groups })
    }

    pub(super) fn write(self, tenant: &str, extent: Extent) -> Cursor {
        let kept = serde_json::json!(Kept {
            version: VERSION,
            tenant: tenant.to_owned(),
            guests: extent.guests,
            shared: extent.shared,
            users: self.users,
            groups: self.groups,
        });
        Cursor::new(kept.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_holds_for_the_same_tenant_and_extent_alone() {
        let extent = Extent { guests: false, shared: true, groups: true };
        let position = || Position { users: "u".into(), groups: Some("g".into()) };
        let cursor = position().write("ours", extent);
        assert_eq!(Position::read(&cursor, "ours", extent), Some(position()));
        assert_eq!(Position::read(&cursor, "theirs", extent), None);
        assert_eq!(Position::read(&cursor, "ours", Extent { guests: true, ..extent }), None);
        assert_eq!(Position::read(&cursor, "ours", Extent { groups: false, ..extent }), None);
        assert_eq!(Position::read(&Cursor::new("{}"), "ours", extent), None);
        let version = format!("\"version\":{VERSION}");
        assert!(cursor.as_str().contains(&version), "{}", cursor.as_str());
        let older = cursor.as_str().replace(&version, &format!("\"version\":{}", VERSION - 1));
        assert_eq!(Position::read(&Cursor::new(older), "ours", extent), None);
    }
}
