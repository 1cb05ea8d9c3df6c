//! What every request passes on its way to a handler and back: who asks, from where, how bodies are read.

pub(super) mod access;
pub(super) mod cors;
pub(super) mod failed_sign_in;
pub(super) mod forwarded;
pub(super) mod frame;
pub(super) mod hosts;
pub(super) mod io;
pub(super) mod json;
pub(super) mod once;
pub(super) mod proxies;
pub(super) mod sealed;
pub(super) mod security;
pub(super) mod words;
