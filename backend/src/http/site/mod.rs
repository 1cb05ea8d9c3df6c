//! Pages, scripts and other files, and the demo's own.

pub(super) mod demo;
pub(super) mod demo_sign_in;
pub(super) mod files;
pub(super) mod pages;
pub(super) mod serve_files;
