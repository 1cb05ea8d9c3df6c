//! (person, draft, rules, templates) -> signature.
//!
//! Pure: no I/O, no clock, no async. It never fails: every error becomes a [`Problem`] next to a signature that is safe
//! to insert. The documents (people, rules, templates) implement serde here because the wire and the store use them
//! unchanged. `select` and `render` need the feature `engine`, which the pane does not use.

mod address;
mod brand;
mod domain;
mod draft;
mod finding;
mod person;
mod rule;
mod signature;
mod template;

#[cfg(feature = "engine")]
mod check;
#[cfg(feature = "engine")]
mod fold;
#[cfg(feature = "engine")]
mod lint;
#[cfg(feature = "engine")]
mod phone;
#[cfg(feature = "engine")]
mod ready;
#[cfg(feature = "engine")]
mod render;
#[cfg(feature = "engine")]
mod select;

pub use address::{Address, AddressError};
pub use brand::{BRAND_TOKENS, Brand, BrandColours, BrandLogo};
pub use domain::DomainPattern;
pub use draft::{BodyFormat, Draft, Kind, Recipient, RecipientType};
pub use finding::{Finding, Level};
pub use person::{BUILT_IN_FIELDS, Person};
pub use rule::{
    Choice, Comparison, Flow, KeywordMatch, MAX_WEIGHT, Matching, RecipientCondition, Recipients, Rule, Schedule,
    SenderCondition, Senders, Variant, Weekday,
};
pub use signature::{Because, Image, Problem, Signature};
pub use template::{ImageMode, Part, Template};

#[cfg(feature = "engine")]
pub use check::{check, check_with};
#[cfg(feature = "engine")]
pub use lint::{LINT_RULES, LintRule, brand_advice, fixed, fixes, lint, mail_colour};
#[cfg(feature = "engine")]
pub use phone::{NUMBERS as PHONE_NUMBERS, PhoneFault, PhoneNumber, numbers_of, phone_number};
#[cfg(feature = "engine")]
pub use ready::{Foreign, MAX_WIDTH, Remark, foreign, inspect};
#[cfg(feature = "engine")]
pub use render::{
    Blocks, CompiledTemplate, Expanded, ImageUrls, MAX_HTML, NO_ADDRESS, TOO_LONG, Tidied, blocks_of, render,
    render_leading, tidy,
};
#[cfg(feature = "engine")]
pub use select::{
    Beside, Brands, CompiledBrand, Known, Oddity, OddityKind, Organisation, Others, Placement, Rules, ScheduleState,
    Selection, Words, describe, explain, holds_for_sender, is_offered, place, propose_place, review, schedule_state,
    select,
};
