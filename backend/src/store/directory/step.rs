//! Steps of a plan, which are staged and applied.

use std::collections::BTreeMap;

/// One change to the stored data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A new person.
    Person {
        /// Id of the new person.
        person: String,
        /// Entra object id.
        oid: Option<String>,
    },
    /// A new Entra object id.
    Oid {
        /// Person id.
        person: String,
        /// New object id.
        oid: String,
    },
    /// A change between person and shared mailbox.
    Shared {
        /// Person id.
        person: String,
        /// Whether this is a shared mailbox.
        shared: bool,
    },
    /// A person is no longer in any source, or is in one again.
    Gone {
        /// Person id.
        person: String,
        /// Whether no source has the person.
        gone: bool,
    },
    /// An address at another position; 0 is the primary address.
    Address {
        /// Person id.
        person: String,
        /// The address.
        address: String,
        /// Previous position; `None` if the person did not have it.
        old: Option<u32>,
        /// New position; `None` if the person no longer has it.
        new: Option<u32>,
    },
    /// The link between a source's person and a person here.
    Link {
        /// Person id.
        person: String,
        /// The source's id of the person.
        external: String,
        /// The source's id of their manager, empty if there is none; `None` if the source no longer has the person.
        manager: Option<String>,
        /// Whether the source added the person; ignored for an existing link.
        made: bool,
    },
    /// State of a person's photo.
    Photo {
        /// The source's id of the person.
        external: String,
        /// `ETag` for the next request; empty if there is no photo.
        etag: String,
    },
    /// A group that is added, renamed or removed.
    Group {
        /// Group id.
        id: String,
        /// Previous name; `None` if the group is new.
        old: Option<String>,
        /// New name; `None` if the group is removed.
        new: Option<String>,
    },
    /// A mail address of a group.
    GroupAddress {
        /// Group id.
        group: String,
        /// The address, in lower case.
        address: String,
        /// Whether the group has the address now.
        is_in: bool,
    },
    /// A group's member that is no person of the directory.
    Outsider {
        /// Group id.
        group: String,
        /// The member's address, in lower case.
        address: String,
        /// Whether the membership exists now.
        is_in: bool,
    },
    /// A membership of a person.
    Member {
        /// Person id.
        person: String,
        /// Group id.
        group: String,
        /// Whether the membership exists now.
        is_in: bool,
    },
    /// A group within a group.
    Nested {
        /// Id of the outer group.
        group: String,
        /// Id of the inner group.
        member: String,
        /// Whether the inner group is in the outer one now.
        is_in: bool,
    },
    /// A group member that the source has not returned yet; they become a member when it does.
    Waiting {
        /// The source's id of the person.
        external: String,
        /// Group id.
        group: String,
        /// Whether the membership exists now.
        is_in: bool,
    },
    /// A loss of a person that the source's guard counts.
    Loses {
        /// Person id.
        person: String,
        /// Kind of loss.
        what: Loss,
    },
    /// New values of a person; at most one such step per person in a plan.
    Values {
        /// Person id.
        person: String,
        /// All previous values from the source, by token.
        old: BTreeMap<String, String>,
        /// All new values from the source, by token.
        new: BTreeMap<String, String>,
    },
}

/// Kind of a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// A value, or the person is removed.
    Values,
    /// A group membership.
    Groups,
}
