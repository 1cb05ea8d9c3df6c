//! Fakes of foreign systems: each answers like the real one, on a free port on loopback, until it is dropped. They are used
//! by tests and the demo, and do not depend on the program that uses them.
#![expect(clippy::unwrap_used, reason = "a fake that cannot go on has failed, and so has the test that asked it")]

/// Common parts of all neighbours: port, troubles, log, counters, tokens.
mod base;
/// Entra ID: discovery, keys, and tokens of any shape.
pub mod entra;
/// Entra ID's token endpoint and Microsoft Graph.
pub mod graph;
/// Google Workspace.
pub mod google;
/// An identity provider that speaks OpenID Connect.
pub mod oidc;
/// SQL Server.
#[cfg(feature = "tds")]
pub mod tds;

pub use base::{Asked, Neighbour, Now, Paging, Trouble};
