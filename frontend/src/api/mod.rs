//! The only HTTP of both pages: the paths of the `api` crate, on the origin that served the page.

#[cfg(feature = "console")]
pub mod console;
mod fetch;
pub mod pane;
