//! From a server without data to the first signature.

mod first_hour;
pub(crate) mod first_use;
mod newcomer;
