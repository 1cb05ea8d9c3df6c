//! Faults injected for minutes, against the real server: `cargo xtask faults`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod database_away;
