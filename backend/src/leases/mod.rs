//! Which node does which task: leases are claimed, held while the node is alive, and returned with an outcome. This
//! room does not know what the tasks are.
//!
//! Claim → run → settle. A node without heartbeats loses its leases, and a late write of a former holder changes nothing
//! ([`crate::store::Error::LeaseLost`]).

mod backoff;
mod node;
mod outcome;
mod worker;

pub use backoff::{backoff, spread};
pub use node::Node;
pub use outcome::Outcome;
pub use worker::{Duties, Lane, Run, Workers};

use crate::clock::Clock;
use crate::store::{Error, Lease, Store, Wanted};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::watch;

/// The leases of this process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Leases(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    clock: Clock,
    node: Node,
    /// Notifies workers of due tasks.
    wake: watch::Sender<u64>,
    running: AtomicUsize,
}

/// A lease that this process holds.
#[derive(Clone, Debug)]
pub struct Held {
    /// The task.
    pub lease: Lease,
    lost: watch::Receiver<bool>,
}

impl Held {
    /// Returns when this node was declared dead, or has to assume so.
    pub async fn lost(&self) {
        let mut lost = self.lost.clone();
        // A node that is dropped has lost everything.
        let _ = lost.wait_for(|lost| *lost).await;
    }
}

impl Leases {
    /// Creates it without any leases. `is_server`: whether this process is a server rather than a command.
    pub fn new(store: Store, clock: Clock, is_server: bool) -> Self {
        let node = Node::new(store.clone(), clock.clone(), is_server);
        Self(Arc::new(Inner { store, clock, node, wake: watch::Sender::new(0), running: AtomicUsize::new(0) }))
    }

    /// The node of this process.
    pub fn node(&self) -> &Node {
        &self.0.node
    }

    /// Schedules tasks and wakes this process's workers.
    ///
    /// # Errors
    /// Errors of the database.
    pub async fn ask(&self, wanted: &[Wanted]) -> Result<(), Error> {
        self.0.store.ask(wanted).await?;
        self.wake();
        Ok(())
    }

    /// Makes this process look for due tasks immediately.
    pub fn wake(&self) {
        self.0.wake.send_modify(|times| *times += 1);
    }

    /// Whether this process neither holds nor works on any task.
    ///
    /// # Errors
    /// Errors of the database.
    pub async fn is_idle(&self) -> Result<bool, Error> {
        let held = match self.0.node.id() {
            Some(id) => self.0.store.held_by(&id).await?,
            None => 0,
        };
        Ok(held == 0 && self.running() == 0)
    }

    /// Number of leases that this process works on.
    pub fn running(&self) -> usize {
        self.0.running.load(Ordering::SeqCst)
    }
}
