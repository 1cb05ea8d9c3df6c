//! Tenants while the database is unavailable: they are used from memory for as long as the process runs, and their age is
//! tracked.

use super::Tenant;
use super::cache::{Slot, Tenants};
use crate::store::Error;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a signature waits for the database to confirm a tenant that is in memory. The add-in gives up after two
/// seconds and then uses a copy that is no newer.
const PATIENCE: Duration = Duration::from_secs(1);

/// Since when tenants have been used without the database; `None` if none is.
#[derive(Debug, Default)]
pub(super) struct Outage(Option<Instant>);

/// Age of data that is used without the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Staleness {
    /// Number of tenants used from memory because the database failed to confirm them.
    pub tenants: usize,
    /// Time since the database confirmed the oldest of them.
    pub age: Duration,
}

impl Tenants {
    /// The tenant for a signature. Like [`Tenants::of_entra`], but a tenant in memory is used even when the database
    /// fails or is slow.
    ///
    /// # Errors
    /// When the tenant is not in memory and the database does not answer.
    pub async fn of_entra_or_kept(&self, entra_id: &str) -> Result<Option<Arc<Tenant>>, Error> {
        let kept = self.id_of_entra(entra_id).and_then(|id| self.at_hand(&id));
        let Some(kept) =
            kept.filter(|kept| kept.entra_id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(entra_id)))
        else {
            return self.of_entra(entra_id).await;
        };
        let id = kept.id.clone();
        let slot = self.slot(&id);
        if slot.state().failure().is_some() {
            // The next attempt goes on beside this request, which would only wait for the same failure.
            if !self.is_asked(&slot) {
                let (tenants, id) = (self.clone(), id.clone());
                tokio::spawn(async move { tenants.get(&id).await.map(drop) });
            }
            return Ok(Some(self.kept(&slot, kept)));
        }
        match tokio::time::timeout(PATIENCE, self.get(&id)).await {
            Ok(Ok(tenant)) => Ok(tenant),
            Ok(Err(_)) => Ok(Some(self.kept(&slot, kept))),
            // It is still being asked: large tenants take their time, and whether it fails is not known yet.
            Err(_) => Ok(Some(kept)),
        }
    }

    /// Number of tenants in memory.
    pub fn count_kept(&self) -> usize {
        self.slots().iter().filter(|slot| slot.state().tenant.is_some()).count()
    }

    /// Current staleness.
    pub fn staleness(&self) -> Staleness {
        let mut all = Staleness::default();
        for slot in self.slots() {
            let state = slot.state();
            if state.stale {
                all.tenants += 1;
                all.age = all.age.max(state.confirmed.map_or(Duration::ZERO, |confirmed| confirmed.elapsed()));
            }
        }
        all
    }

    /// Confirms all tenants that were used without the database, so that an outage ends even if nobody writes an email.
    pub async fn confirm_stale(&self) {
        let stale: Vec<String> = {
            let slots = self.0.slots.read().unwrap_or_else(PoisonError::into_inner);
            slots.iter().filter(|(_, slot)| slot.state().stale).map(|(id, _)| id.clone()).collect()
        };
        for id in stale {
            // A failure is kept in the slot; it is no news.
            let _ = self.get(&id).await;
        }
    }

    /// Uses the tenant from memory after a failure, and marks it as stale.
    fn kept(&self, slot: &Slot, kept: Arc<Tenant>) -> Arc<Tenant> {
        metrics::counter!("paraph_served_stale_total").increment(1);
        let mut state = slot.state();
        let Some(reason) = state.failure().map(ToString::to_string) else { return kept };
        let began = !std::mem::replace(&mut state.stale, true);
        drop(state);
        if began {
            let mut outage = self.outage();
            if outage.0.is_none() {
                outage.0 = Some(Instant::now());
                tracing::warn!(
                    reason,
                    "signatures are served from memory: the database does not confirm their tenants"
                );
            }
        }
        kept
    }

    /// Called when the database has confirmed this tenant.
    pub(super) fn confirmed(&self, slot: &Slot) {
        let was_stale = std::mem::take(&mut slot.state().stale);
        if !was_stale || self.slots().iter().any(|slot| slot.state().stale) {
            return;
        }
        if let Some(since) = self.outage().0.take() {
            let seconds = since.elapsed().as_secs();
            tracing::info!(
                seconds,
                "signatures follow the database again: every tenant served from memory is confirmed"
            );
        }
    }

    fn slots(&self) -> Vec<Arc<Slot>> {
        self.0.slots.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    fn outage(&self) -> MutexGuard<'_, Outage> {
        self.0.outage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
