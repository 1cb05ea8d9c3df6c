//! What the checks found last, so that everybody who opens a page at once waits for the same requests.

use super::{Certificate, Checked, ways_in, ways_out};
use crate::app::App;
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
#[derive(Debug, Default)]
pub struct Proofs {
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
    /// [`ways_in`] and [`ways_out`], as of now or a moment ago.
    pub async fn now(&self, app: &App) -> Proven {
        self.within(app, FRESH).await
    }

    /// The same as of some minutes ago, without a long wait: what is not known in time is known to the next who asks.
    pub(crate) async fn lately(app: &Arc<App>) -> Proven {
        let asking = Arc::clone(app);
        let found = tokio::spawn(async move { asking.proofs.within(&asking, KEPT).await });
        match tokio::time::timeout(PATIENCE, found).await {
            Ok(Ok(found)) => found,
            _ => app.proofs.known(Duration::MAX).unwrap_or_default(),
        }
    }

    async fn within(&self, app: &App, age: Duration) -> Proven {
        // The demo has no names and no Microsoft.
        if app.demo.is_some() {
            return Proven::default();
        }
        let _running = self.running.lock().await;
        if let Some(found) = self.known(age) {
            return found;
        }
        let (mut found, out) = tokio::join!(ways_in(&app.config, &app.clock), ways_out(&app.config, &app.clock));
        found.checks.extend(out);
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), found.clone()));
        found
    }

    fn known(&self, age: Duration) -> Option<Proven> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().filter(|(at, _)| at.elapsed() < age).map(|(_, found)| found.clone())
    }
}
