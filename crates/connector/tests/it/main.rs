//! The connector with real databases and a server that misbehaves.

mod fake;
mod here;
mod keeper;
mod postgres;
mod uploads;
