//! What Outlook and the emails it sent ask for.

pub(super) mod ascii;
pub(super) mod choices;
pub(super) mod images;
pub(super) mod link;
pub(super) mod me;
pub(super) mod me_fields;
pub(super) mod qr;
pub(super) mod signature;
pub(super) mod user;
