//! People and fields, and where their values come from.

mod directory;
mod fields;
mod imports;
mod runs;
mod sources;

pub use directory::*;
pub use fields::*;
pub use imports::*;
pub use runs::*;
pub use sources::*;
