//! The binary `paraph`.
fn main() {}
