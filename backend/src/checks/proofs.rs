//! The latest results of the checks, shared so that everyone who opens a page at the same time waits for the same
//! requests.

use super::{Certificate, Checked, ways_in, ways_out};
use crate::config::Config;
use crate::outbound::Client;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Proven {
    /// Each check.
    pub checks: Vec<Checked>,
    /// The certificates of the names that this server is reached by.
    pub certificates: Vec<Certificate>,
}

/// What the checks found last.
#[derive(Debug)]
pub struct Proofs {
    config: Config,
    client: Client,
    /// The demo has no names and no Microsoft: nothing is checked.
    is_demo: bool,
    last: Mutex<Option<(Instant, Proven)>>,
    /// Held while the checks run.
    running: tokio::sync::Mutex<()>,
}

/// The greatest age on *Deployment*.
const FRESH: Duration = Duration::from_secs(20);
/// The greatest age on *Overview*, and how long that page waits for a newer result.
const KEPT: Duration = Duration::from_mins(5);
const PATIENCE: Duration = Duration::from_secs(1);

impl Proofs {
    /// Nothing checked yet.
    pub fn new(config: Config, client: Client, is_demo: bool) -> Self {
        Self { config, client, is_demo, last: Mutex::default(), running: tokio::sync::Mutex::default() }
    }

    /// [`ways_in`] and [`ways_out`], as of now or a moment ago.
    pub async fn now(&self) -> Proven {
        self.within(FRESH).await
    }

    /// The same as of some minutes ago, without a long wait: what is not known in time is known to the next who asks.
    pub(crate) async fn lately(self: &Arc<Self>) -> Proven {
        let asking = Arc::clone(self);
        let found = tokio::spawn(async move { asking.within(KEPT).await });
        match tokio::time::timeout(PATIENCE, found).await {
            Ok(Ok(found)) => found,
            _ => self.known(Duration::MAX).unwrap_or_default(),
        }
    }

    async fn within(&self, age: Duration) -> Proven {
        if self.is_demo {
            return Proven::default();
        }
        let _running = self.running.lock().await;
        if let Some(found) = self.known(age) {
            return found;
        }
        let (mut found, out) = tokio::join!(ways_in(&self.config, &self.client), ways_out(&self.config, &self.client));
        found.checks.extend(out);
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), found.clone()));
        found
    }

    fn known(&self, age: Duration) -> Option<Proven> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().filter(|(at, _)| at.elapsed() < age).map(|(_, found)| found.clone())
    }
}
