//! This process among the others: it says that it lives, and notices who does not.

use crate::clock::{Clock, SKEW_MS};
use crate::random;
use crate::store::{Error, NodeBeat, Store};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How often a node says that it lives, and looks at the others.
pub(super) const BEAT: Duration = Duration::from_secs(5);
/// For how long another node's beat stays the same before that node is taken for dead, in milliseconds of this one's own
/// clock that nobody sets.
const SILENT_MS: i64 = 30_000;
/// After so long without a beat of its own that was written, a node takes itself for dead: sooner than others do.
const CUT_OFF: Duration = Duration::from_secs(20);

/// This process among the others. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Node(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    clock: Clock,
    is_server: bool,
    /// Held while this process is announced or beats: two at once would each take the other for an earlier server.
    speaking: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// While this process is announced.
    life: Option<Life>,
    /// The others: their last beat, and when it was first seen.
    others: HashMap<String, (i64, i64)>,
}

/// From being announced to being taken for dead.
#[derive(Debug)]
struct Life {
    id: String,
    lost: watch::Sender<bool>,
    /// When the last beat that was written was begun.
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

    /// Announces this process unless it is announced.
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
    /// The database's.
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

    /// Takes leases from nodes that have been silent for long, and corrects what a wrong clock wrote. How many leases are
    /// free again.
    ///
    /// # Errors
    /// The database's.
    pub async fn look_after_others(&self) -> Result<u64, Error> {
        let nodes = self.0.store.list_nodes().await?;
        let silent = self.silent(nodes);
        let freed = self.0.store.bury_nodes(&silent).await?;
        if !silent.is_empty() {
            tracing::warn!(nodes = silent.len(), leases = freed, "a server fell silent: its tasks are taken over");
        }
        self.0.store.correct_due_times(self.0.clock.now_ms(), SKEW_MS).await?;
        Ok(freed)
    }

    /// Beats, and looks after the others, until `stopped`.
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
                Ok(Err(error)) => tracing::debug!(%error, "this server could not say that it lives"),
                Err(_) => tracing::debug!("this server could not say in time that it lives"),
            }
            self.lose_if_cut_off();
        }
    }

    /// Takes this process off; what it still holds is free at once.
    pub async fn leave(&self) {
        let Some(life) = self.state().life.take() else { return };
        life.lost.send_replace(true);
        if let Err(error) = self.0.store.leave_node(&life.id).await {
            tracing::debug!(%error, "other servers learn later that this one has ended");
        }
    }

    /// Its id while it is announced.
    pub(super) fn id(&self) -> Option<String> {
        self.state().life.as_ref().map(|life| life.id.clone())
    }

    /// Its id, and what tells when everything that is claimed under it is lost. Announces this process first where it is
    /// not, or beats where it has not for long.
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

    /// Takes this process for dead: what it holds is done again, here or elsewhere.
    pub(super) fn lose(&self) {
        if let Some(life) = self.state().life.take() {
            tracing::warn!("this server was cut off from the database for long: what it did is done again");
            life.lost.send_replace(true);
        }
    }

    /// Nodes whose beat has stayed the same for long, as seen from here.
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
