//! A headless browser and the demo server as its own process, for the browser tests and the benchmarks.

mod driver;
mod process;
mod server;

pub use driver::{Browser, Devtools};
pub use process::Program;
pub use server::Server;
