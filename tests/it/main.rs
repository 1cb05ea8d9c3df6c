//! Everything that runs without a browser.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod audit;
mod backup;
mod campaigns;
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
mod fields;
mod fuzz;
mod gallery;
mod http;
mod images;
mod imports;
mod invariants;
mod launchevent;
mod manifest;
mod metrics;
mod people;
mod reports;
mod sign_in;
mod signing;
mod store;
mod tds;
mod uploads;
