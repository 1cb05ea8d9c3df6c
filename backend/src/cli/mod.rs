//! The commands of the binary.

/// `paraph demo`: a made-up company, without Microsoft.
pub mod demo;
/// `paraph doctor`: what is missing.
pub mod doctor;
/// `paraph import`: a company document into the database.
pub mod import;
/// `paraph migrate`: the schema.
pub mod migrate;
/// `paraph render`: somebody's signature, and why.
pub mod render;
/// `paraph serve`: the server.
pub mod serve;
