//! End to end in headless Chromium through `WebDriver`: the simulator of the demo runs the real `launchevent.js` and the
//! real pane against the real server. Some tests run side by side, each with a browser and servers for itself alone meanwhile; each
//! opens the simulator anew.
//!
//! Needs `dist/` (`cargo xtask` builds it), chromium and chromedriver. `PARAPH_BIN` names another server to test.

mod page;

mod accessibility;
mod addin;
mod console;
mod credentials;
mod failures;
mod microsoft;
mod parts;
mod payloads;
mod roles;
mod rules;
mod schemathesis;
mod sign_in;
mod simulation;
mod sources;
mod start;
mod studio;
mod weather;
