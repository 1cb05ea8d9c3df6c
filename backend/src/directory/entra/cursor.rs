//! What a cursor holds: the two delta links, and for what they hold.

use crate::directory::fetched::{Cursor, Extent};
use serde::{Deserialize, Serialize};

/// To be changed with anything that changes what links select or who counts.
const VERSION: u32 = 1;

/// Where the next fetch goes on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Position {
    /// The delta link of users.
    pub(super) users: String,
    /// The delta link of groups, where they are fetched.
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
    /// `None`: the cursor is for something else.
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
        assert_eq!(
            Position::read(&Cursor::new(cursor.as_str().replace("\"version\":1", "\"version\":2")), "ours", extent),
            None
        );
    }
}
