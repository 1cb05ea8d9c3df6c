//! What people see of Paraph in a browser: two Leptos programs, the pane inside Outlook and the admin's console.
//!
//! Both show and act; they reach the server through `api` alone and Outlook through `office` alone. What they are put
//! together from lies in `ui`; each program holds only what it uses of it.

#[cfg(feature = "console")]
pub mod console;
pub mod pane;
pub mod ui;

pub mod api;
pub mod office;
pub mod session;

pub mod json;

#[cfg(all(test, target_arch = "wasm32"))]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
