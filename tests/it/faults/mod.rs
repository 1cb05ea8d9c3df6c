//! Injected faults: what people saw, and what was lost. The README's fault table names each of these tests.

mod key;
