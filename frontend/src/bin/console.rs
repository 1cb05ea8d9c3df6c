//! The console.
fn main() {
    frontend::console::start();
}
