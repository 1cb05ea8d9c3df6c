//! People and fields, and where their values come from.

mod directory;
mod fields;
mod files;
mod runs;
mod sources;

pub use directory::*;
pub use fields::*;
pub use files::*;
pub use runs::*;
pub use sources::*;
