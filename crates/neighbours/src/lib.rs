//! Foreign systems as fakes: each answers as the real one does, on a free port of loopback, until it is dropped. They serve
//! tests and the demo, and know nothing of the program that asks them.
#![expect(clippy::unwrap_used, reason = "a fake that cannot go on has failed, and so has the test that asked it")]

/// What every neighbour is made of: port, troubles, log, counters, tokens.
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
