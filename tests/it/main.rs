//! Everything that runs without a browser.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod audit;
mod backup;
mod checks;
mod cli;
mod clients;
mod config;
mod connector;
mod console;
mod demo;
mod demo_company;
mod designs;
mod directory;
mod documents;
mod drafts;
mod faults;
mod fuzz;
mod http;
mod imports;
mod invariants;
mod launchevent;
mod leases;
mod manifest;
mod metrics;
mod outbound;
mod people;
mod sign_in;
mod signing;
mod store;
mod tds;
mod uploads;
