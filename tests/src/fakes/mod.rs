//! Neighbours that answer as the real ones do, on loopback.

/// Entra ID: discovery, keys, and tokens of any shape.
pub mod entra;
/// An identity provider for the console.
pub mod oidc;
/// Entra ID's token endpoint and Microsoft Graph.
pub mod graph;
