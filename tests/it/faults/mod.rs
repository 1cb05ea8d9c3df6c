//! Injected faults: what people saw, and what was lost. The README's fault table names each of these tests.
mod apply;
mod clock;

mod disk;
mod file;
mod kills;
mod log;
mod start;
mod key;
mod keys;

mod database_away;
mod long_outage;
mod signals;
mod sockets;
