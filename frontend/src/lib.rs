//! What people see of Paraph inside Outlook: the pane, a Leptos program that runs in the browser.
//!
//! `pane` shows and acts; it reaches the server through `api` alone and Outlook through `office` alone.

pub mod pane;
pub mod ui;

pub mod api;
pub mod office;
pub mod session;

pub mod json;
