//! The connector with real databases and a server that misbehaves.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod fake;
mod files;
mod here;
mod keeper;
mod mariadb;
mod postgres;
mod program;
mod service;
mod uploads;
mod web;
