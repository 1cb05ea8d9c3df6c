//! What those who run the server ask: health, readiness, metrics.

pub(super) mod health;
pub(super) mod metrics;
pub(super) mod ready;
