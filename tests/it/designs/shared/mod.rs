//! What templates share: blocks and brands.

mod blocks;
mod brands;

use super::adas_signature;
