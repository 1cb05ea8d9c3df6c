//! Templates, rules, brands and images.

mod brands;
mod campaigns;
mod changes;
mod comparisons;
mod images;
mod migrations;
mod ready;
mod rules;
mod templates;

pub use brands::*;
pub use campaigns::*;
pub use changes::*;
pub use comparisons::*;
pub use images::*;
pub use migrations::*;
pub use ready::*;
pub use rules::*;
pub use templates::*;
