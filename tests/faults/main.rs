//! Faults injected for minutes, against the real server: `cargo xtask faults`.
