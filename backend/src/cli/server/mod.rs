//! Running the server, and asking how it is.

/// `paraph demo`: a made-up company, without Microsoft.
pub mod demo;
/// `paraph doctor`: what is missing.
pub mod doctor;
/// `paraph health`: whether the server on this machine answers.
pub mod health;
/// `paraph serve`: the server.
pub mod serve;
/// Signals, and what systemd is told.
mod service;
