//! The pane.
fn main() {
    frontend::pane::start();
}
