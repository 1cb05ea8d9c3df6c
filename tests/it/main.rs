//! Everything that runs without a browser.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cli;
mod config;
mod demo;
mod demo_company;
mod documents;
mod drafts;
mod http;
mod invariants;
mod launchevent;
mod manifest;
mod metrics;
mod sign_in;
mod signing;
mod store;
