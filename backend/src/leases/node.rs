//! The node of this process: sends heartbeats, and notices nodes without any.

use crate::clock::{Clock, SKEW_MS};
use crate::random;
use crate::store::{Error, NodeBeat, Store};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Interval of heartbeats and of checks of other nodes.
pub(super) const BEAT: Duration = Duration::from_secs(5);
/// How long another node's heartbeat must be unchanged before it is declared dead, in milliseconds of this node's monotonic
/// clock.
const SILENT_MS: i64 = 30_000;
/// After this long without a successful heartbeat, a node assumes that it was declared dead, which is before others do.
const CUT_OFF: Duration = Duration::from_secs(20);

/// The node of this process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Node(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    clock: Clock,
    is_server: bool,
    /// Lock for registering and heartbeats: two at once would each treat the other as an earlier server.
    speaking: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Registration of this process, if there is one.
    life: Option<Life>,
    /// Other nodes: their last heartbeat, and when it was first seen.
    others: HashMap<String, (i64, i64)>,
}

/// A registration, until the node is declared dead.
#[derive(Debug)]
struct Life {
    id: String,
    lost: watch::Sender<bool>,
    /// Start time of the last successful heartbeat.
    beaten: Instant,
}

impl Node {
    pub(super) fn new(store: Store, clock: Clock, is_server: bool) -> Self {
        Self(Arc::new(Inner {
            store,
            clock,
            is_server,
            speaking: tokio::sync::Mutex::default(),
            state: Mutex::default(),
        }))
    }

    /// Registers this process unless it is registered.
    async fn announce(&self) -> Result<(), Error> {
        if self.id().is_some() {
            return Ok(());
        }
        let id = random::id();
        let beaten = Instant::now();
        self.0.store.register_node(&id, self.0.is_server).await?;
        self.state().life = Some(Life { id, lost: watch::Sender::new(false), beaten });
        Ok(())
    }

    /// Reports that this process is alive. If the last report is too old, everything that the process holds is lost,
    /// and it registers again.
    ///
    /// # Errors
    /// Errors of the database.
    pub async fn beat(&self) -> Result<(), Error> {
        let _speaking = self.0.speaking.lock().await;
        // Counted from before the question: an answer may be long on its way.
        let asked = Instant::now();
        self.lose_if_cut_off();
        let Some(id) = self.id() else { return self.announce().await };
        if !self.0.store.beat_node(&id).await? {
            self.lose();
            return self.announce().await;
        }
        if let Some(life) = self.state().life.as_mut().filter(|life| life.id == id) {
            life.beaten = asked;
        }
        Ok(())
    }

    /// Releases leases of nodes without heartbeats, and corrects times written with a wrong clock. Returns the number of
    /// released leases.
    ///
    /// # Errors
    /// Errors of the database.
    pub async fn look_after_others(&self) -> Result<u64, Error> {
        let nodes = self.0.store.list_nodes().await?;
        let silent = self.silent(nodes);
        let freed = self.0.store.bury_nodes(&silent).await?;
        if !silent.is_empty() {
            tracing::warn!(
                nodes = silent.len(),
                leases = freed,
                "a server sends no heartbeats: its tasks are taken over"
            );
        }
        self.0.store.correct_due_times(self.0.clock.now_ms(), SKEW_MS).await?;
        Ok(freed)
    }

    /// Sends heartbeats and checks other nodes until `stopped`.
    pub async fn live(&self, mut stopped: watch::Receiver<bool>) {
        let mut ticks = tokio::time::interval(BEAT);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = stopped.wait_for(|stopped| *stopped) => return,
                _ = ticks.tick() => {}
            }
            let both = async {
                self.beat().await?;
                self.look_after_others().await
            };
            // A database that does not answer is not waited for: then this node has to know that it is cut off.
            match tokio::time::timeout(BEAT, both).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => tracing::debug!(%error, "this server could not send a heartbeat"),
                Err(_) => tracing::debug!("this server could not send a heartbeat in time"),
            }
            self.lose_if_cut_off();
        }
    }

    /// Unregisters this process; its leases are released immediately.
    pub async fn leave(&self) {
        let Some(life) = self.state().life.take() else { return };
        life.lost.send_replace(true);
        if let Err(error) = self.0.store.leave_node(&life.id).await {
            tracing::debug!(%error, "this server could not unregister: other servers notice later that it has stopped");
        }
    }

    /// The node's id while it is registered.
    pub(super) fn id(&self) -> Option<String> {
        self.state().life.as_ref().map(|life| life.id.clone())
    }

    /// The node's id, and a receiver that signals when all its leases are lost. Registers this process first if necessary, or
    /// sends a heartbeat if the last one is too old.
    pub(super) async fn life(&self) -> Result<Option<(String, watch::Receiver<bool>)>, Error> {
        if self.state().life.as_ref().is_none_or(|life| life.beaten.elapsed() > CUT_OFF / 2) {
            self.beat().await?;
        }
        Ok(self.state().life.as_ref().map(|life| (life.id.clone(), life.lost.subscribe())))
    }

    fn lose_if_cut_off(&self) {
        let is_cut_off = self.state().life.as_ref().is_some_and(|life| life.beaten.elapsed() > CUT_OFF);
        if is_cut_off {
            self.lose();
        }
    }

    /// Treats this process as dead: its tasks are repeated, here or elsewhere.
    pub(super) fn lose(&self) {
        if let Some(life) = self.state().life.take() {
            tracing::warn!("this server was disconnected from the database for too long: its tasks are repeated");
            life.lost.send_replace(true);
        }
    }

    /// Nodes whose heartbeat has not changed for too long.
    fn silent(&self, nodes: Vec<NodeBeat>) -> Vec<NodeBeat> {
        let now_ms = self.0.clock.passed_ms();
        let mut state = self.state();
        let own = state.life.as_ref().map(|life| life.id.clone());
        state.others.retain(|id, _| nodes.iter().any(|node| node.id == *id));
        let mut silent = Vec::new();
        for node in nodes.into_iter().filter(|node| Some(&node.id) != own.as_ref()) {
            let seen = state.others.entry(node.id.clone()).or_insert((node.beat, now_ms));
            if seen.0 != node.beat {
                *seen = (node.beat, now_ms);
            }
            if now_ms - seen.1 > SILENT_MS {
                silent.push(node);
            }
        }
        silent
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
