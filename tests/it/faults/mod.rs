//! Injected faults: what people saw, and what was lost. The README's fault table names each of these tests.

mod database_away;
mod long_outage;
mod signals;
mod sockets;
