//! Everything that runs without a browser.

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
