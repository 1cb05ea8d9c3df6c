//! One step of a plan, as it is staged and applied.

use std::collections::BTreeMap;

/// One change of what is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Somebody new, with the id that they have from now on.
    Person {
        /// Their id.
        person: String,
        /// Their Entra object id.
        oid: Option<String>,
    },
    /// Another Entra object id.
    Oid {
        /// Whose.
        person: String,
        /// It.
        oid: String,
    },
    /// Whether it is a shared mailbox.
    Shared {
        /// Which.
        person: String,
        /// Whether.
        shared: bool,
    },
    /// Nobody but hands knows them any more, or somebody does again.
    Gone {
        /// Who.
        person: String,
        /// Which of the two.
        gone: bool,
    },
    /// An address at another place; 0 is the primary one.
    Address {
        /// Whose.
        person: String,
        /// The address.
        address: String,
        /// Where it was; `None`: not theirs.
        old: Option<u32>,
        /// Where it is now; `None`: not theirs any more.
        new: Option<u32>,
    },
    /// What the source calls somebody.
    Link {
        /// Who.
        person: String,
        /// What it calls them.
        external: String,
        /// What it calls their manager, empty for nobody; `None`: it does not have them any more.
        manager: Option<String>,
        /// Whether the source itself added them; says nothing of a link that is there.
        made: bool,
    },
    /// What is known of somebody's photo from now on.
    Photo {
        /// What the source calls them.
        external: String,
        /// What to ask with next time; empty: they have none.
        etag: String,
    },
    /// A group.
    Group {
        /// Its id.
        id: String,
        /// Its name until now.
        old: Option<String>,
        /// Its name from now on; `None`: it is gone.
        new: Option<String>,
    },
    /// Somebody in a group.
    Member {
        /// Who.
        person: String,
        /// The group's id.
        group: String,
        /// Whether they are in it now.
        is_in: bool,
    },
    /// A group in a group.
    Nested {
        /// The outer one.
        group: String,
        /// The inner one.
        member: String,
        /// Whether it is in it now.
        is_in: bool,
    },
    /// Somebody in a group whom the source has not said anything of: should it ever, they are a member.
    Waiting {
        /// What the source calls them.
        external: String,
        /// The group's id.
        group: String,
        /// Whether they are in it now.
        is_in: bool,
    },
    /// Somebody to whom this source's guard counts a loss from now on.
    Loses {
        /// Person id.
        person: String,
        /// What they lose.
        what: Loss,
    },
    /// Other values, by token; at most once in a plan for the same person.
    Values {
        /// Whose.
        person: String,
        /// All that the source said until now.
        old: BTreeMap<String, String>,
        /// All that it says now.
        new: BTreeMap<String, String>,
    },
}

/// What somebody loses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// A value, or their place in the directory.
    Values,
    /// A membership.
    Groups,
}
