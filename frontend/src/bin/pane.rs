//! The pane.
fn main() {}
