//! The connector with real databases and a server that misbehaves.

mod fake;
mod files;
mod here;
mod keeper;
mod mariadb;
mod postgres;
mod program;
mod service;
mod uploads;
