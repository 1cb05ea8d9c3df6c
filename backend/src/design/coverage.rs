//! How many people get a signature at all, counted on request and cached for a minute.

use crate::signing::select_for;
use crate::tenant::Tenant;
use ::api::console::Coverage;
use email_signature::Draft;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// How long a count holds, in milliseconds: rules begin and end with the clock.
const FRESH_MS: i64 = 60_000;

/// The last count of each tenant.
#[derive(Default)]
pub struct Coverages(Mutex<HashMap<String, Counted>>);

struct Counted {
    /// The tenant as it was then.
    tenant: Weak<Tenant>,
    at_ms: i64,
    coverage: Coverage,
}

impl Coverages {
    /// Who gets a signature in this draft, each person writing from their own address. Counts on the calling thread,
    /// which takes a second or two with 100,000 people, unless a recent count is cached.
    pub fn count(&self, tenant: &Arc<Tenant>, draft: &Draft, now_ms: i64) -> Coverage {
        if let Some(known) = self.known(tenant, now_ms) {
            return known;
        }
        let mut coverage = Coverage::default();
        for record in tenant.records() {
            let person = record.person();
            let draft = Draft { from: person.address.clone(), ..draft.clone() };
            let selected = select_for(tenant, &person, &draft, None, now_ms);
            if selected.is_ok_and(|selected| selected.choice().signature.is_some()) {
                coverage.with += 1;
            } else {
                coverage.without += 1;
            }
        }
        let counted = Counted { tenant: Arc::downgrade(tenant), at_ms: now_ms, coverage };
        self.lock().insert(tenant.id.clone(), counted);
        coverage
    }

    fn known(&self, tenant: &Arc<Tenant>, now_ms: i64) -> Option<Coverage> {
        let mut all = self.lock();
        // Of tenants that changed or are not in memory any more.
        all.retain(|_, counted| counted.tenant.strong_count() > 0);
        let counted = all.get(&tenant.id)?;
        let is_same = std::ptr::eq(counted.tenant.as_ptr(), Arc::as_ptr(tenant));
        let is_fresh = (0..FRESH_MS).contains(&(now_ms - counted.at_ms));
        (is_same && is_fresh).then_some(counted.coverage)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Counted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
