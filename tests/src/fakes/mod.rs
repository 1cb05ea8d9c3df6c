//! Neighbours that answer as the real ones do, on loopback.

/// What can go wrong with any of them.
mod days;
/// Entra ID: discovery, keys, and tokens of any shape.
pub mod entra;
/// An identity provider for the console.
pub mod oidc;
/// Entra ID's token endpoint and Microsoft Graph.
pub mod graph;
/// Google Workspace.
pub mod google;
/// SQL Server.
pub mod tds;
