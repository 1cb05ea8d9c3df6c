//! The tenants in memory, kept up to date with the database, found by tenant id, Entra id or mail domain.

use super::Tenant;
use super::design::{self, Design, Stored};
use super::images::Images;
use super::made::Made;
use super::stale::Outage;
use crate::clicks::links::Signer;
use crate::clock::Clock;
use crate::store::{DesignRecord, Error, Store, TenantSummary};
use email_signature::{DomainPattern, Problem};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// How long an answer (also a failure) is valid before the database is queried again.
const FRESH_MS: i64 = 1_000;
/// How long the previous answer can be used while the next one is being fetched.
const STALE_MS: i64 = 5_000;
/// Time limit for loading a tenant. A database that stops answering must not block the next attempt.
const LOAD_LIMIT: Duration = Duration::from_mins(1);

/// The tenants in memory, kept up to date with the database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Tenants(pub(super) Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) store: Store,
    pub(super) clock: Clock,
    origin: String,
    signer: Option<Arc<Signer>>,
    /// Slots by tenant id.
    pub(super) slots: RwLock<HashMap<String, Arc<Slot>>>,
    /// Tenant ids by alias. Entries are verified at each use.
    ids: RwLock<HashMap<Alias, String>>,
    pub(super) outage: Mutex<Outage>,
    pub(super) images: Images,
}

/// Another key of a tenant, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Alias {
    Entra(String),
    Domain(String),
}

impl Alias {
    /// Whether the alias belongs to this tenant.
    fn is_of(&self, tenant: &Tenant) -> bool {
        match self {
            Self::Entra(id) => tenant.entra_id.as_ref() == Some(id),
            Self::Domain(domain) => tenant.is_ours(domain),
        }
    }
}

/// A tenant's slot.
#[derive(Debug, Default)]
pub(super) struct Slot {
    state: Mutex<State>,
    /// Lock for querying the database: other callers wait for the answer instead of querying, too.
    asking: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) tenant: Option<Arc<Tenant>>,
    /// Time and result of the last query.
    asked: Option<(i64, Result<(), Error>)>,
    /// When the database last confirmed or replaced `tenant`.
    pub(super) confirmed: Option<Instant>,
    /// Whether `tenant` was used although the database had failed to confirm it.
    pub(super) stale: bool,
    /// Number of this process's writes, and how many of them the answer includes.
    writes: u64,
    known: u64,
}

impl State {
    /// Why the last attempt to confirm or load the tenant failed.
    pub(super) fn failure(&self) -> Option<&Error> {
        self.asked.as_ref()?.1.as_ref().err()
    }

    /// The answer, if it is still valid.
    fn answer(&self, now_ms: i64, for_ms: i64) -> Option<Result<Option<Arc<Tenant>>, Error>> {
        let (at, outcome) = self.asked.as_ref()?;
        // A clock that was set back must not keep an answer for ever.
        let stands = self.known == self.writes && (0..for_ms).contains(&(now_ms - at));
        stands.then(|| outcome.clone().map(|()| self.tenant.clone()))
    }
}

impl Tenants {
    /// Creates an empty cache. `origin`: start of hosted images' addresses, such as `https://paraph.example.com`.
    pub fn new(store: Store, clock: Clock, origin: String) -> Self {
        Self::build(store, clock, origin, None)
    }

    /// The same, with a signer for addresses of QR codes and counted links.
    pub fn with_links(store: Store, clock: Clock, origin: String, signer: Arc<Signer>) -> Self {
        Self::build(store, clock, origin, Some(signer))
    }

    fn build(store: Store, clock: Clock, origin: String, signer: Option<Arc<Signer>>) -> Self {
        let (slots, ids, outage, images) = (RwLock::default(), RwLock::default(), Mutex::default(), Images::default());
        Self(Arc::new(Inner { store, clock, origin, signer, slots, ids, outage, images }))
    }

    /// The tenant with this Entra id, like [`Tenants::get`].
    ///
    /// # Errors
    /// See [`Tenants::get`].
    pub async fn of_entra(&self, entra_id: &str) -> Result<Option<Arc<Tenant>>, Error> {
        self.find(Alias::Entra(entra_id.to_lowercase())).await
    }

    /// The tenant with this mail domain, like [`Tenants::get`]; `None` also if several have it, because the mail's tenant is
    /// then unknown.
    ///
    /// # Errors
    /// See [`Tenants::get`].
    pub async fn of_domain(&self, domain: &str) -> Result<Option<Arc<Tenant>>, Error> {
        self.find(Alias::Domain(DomainPattern::read(domain).to_string())).await
    }

    async fn find(&self, alias: Alias) -> Result<Option<Arc<Tenant>>, Error> {
        if let Some(id) = self.known_id(&alias)
            && let Some(tenant) = self.get(&id).await?
            && alias.is_of(&tenant)
        {
            return Ok(Some(tenant));
        }
        let id = match &alias {
            Alias::Entra(entra_id) => self.0.store.tenant_of_entra(entra_id).await?,
            Alias::Domain(domain) => self.0.store.tenant_of_domain(domain).await?,
        };
        {
            let mut ids = self.0.ids.write().unwrap_or_else(PoisonError::into_inner);
            match &id {
                Some(id) => ids.insert(alias, id.clone()),
                // Requests for unknown tenants leave nothing in memory.
                None => ids.remove(&alias),
            };
        }
        let Some(id) = id else { return Ok(None) };
        self.get(&id).await
    }

    fn known_id(&self, alias: &Alias) -> Option<String> {
        self.0.ids.read().unwrap_or_else(PoisonError::into_inner).get(alias).cloned()
    }

    /// Id of the tenant with this Entra id, if it is in memory.
    pub(super) fn id_of_entra(&self, entra_id: &str) -> Option<String> {
        self.known_id(&Alias::Entra(entra_id.to_lowercase()))
    }

    /// The tenant with this id, as it was at most a second ago (or, while it is being loaded again, a few seconds); `None`
    /// if it does not exist.
    ///
    /// # Errors
    /// When the database does not answer. A failure is cached for a second, so that a dead database is not queried for
    /// every draft.
    pub async fn get(&self, id: &str) -> Result<Option<Arc<Tenant>>, Error> {
        let slot = self.slot(id);
        let now_ms = self.0.clock.now_ms();
        if let Some(answer) = slot.state().answer(now_ms, FRESH_MS) {
            return answer;
        }
        let asking = if let Ok(asking) = Arc::clone(&slot.asking).try_lock_owned() {
            asking
        } else {
            if let Some(Ok(Some(tenant))) = slot.state().answer(now_ms, STALE_MS) {
                return Ok(Some(tenant));
            }
            Arc::clone(&slot.asking).lock_owned().await
        };
        if let Some(answer) = slot.state().answer(self.0.clock.now_ms(), FRESH_MS) {
            return answer;
        }
        // In a separate task: as part of the request, loading would be cancelled when a client gives up, and a large tenant
        // might never be loaded.
        let (tenants, id) = (self.clone(), id.to_owned());
        let load = tokio::spawn(async move {
            let _asking = asking;
            tenants.load(&id, &slot).await
        });
        load.await.unwrap_or_else(|error| match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(Error::Unavailable("the server is stopping".into())),
        })
    }

    /// Problems with a tenant's templates and rules, for an admin. No people are loaded for this.
    ///
    /// # Errors
    /// Errors of the database.
    pub async fn problems(&self, id: &str) -> Result<Vec<Problem>, Error> {
        let Some((tenant, record)) = self.0.store.load_design(id).await? else { return Ok(Vec::new()) };
        Ok(self.design(&tenant, record, None).await?.problems())
    }

    /// Queries the database and stores the answer. The caller holds the slot's `asking`.
    async fn load(&self, id: &str, slot: &Slot) -> Result<Option<Arc<Tenant>>, Error> {
        let (writes, current) = {
            let state = slot.state();
            (state.writes, state.tenant.clone())
        };
        let result = match tokio::time::timeout(LOAD_LIMIT, self.ask(id, current)).await {
            Ok(result) => result,
            Err(_) => Err(Error::Unavailable("the database stopped answering while a tenant was loaded".into())),
        };
        {
            let mut state = slot.state();
            state.known = writes;
            state.asked = Some((self.0.clock.now_ms(), result.as_ref().map(drop).map_err(Clone::clone)));
            if let Ok(tenant) = &result {
                state.tenant.clone_from(tenant);
                state.confirmed = Some(Instant::now());
            }
        }
        if result.is_ok() {
            self.confirmed(slot);
        }
        if matches!(result, Ok(None)) {
            self.slots_mut(|slots| slots.remove(id));
        }
        result
    }

    /// Whether the answer is valid, or the next one is being fetched already.
    pub(super) fn is_asked(&self, slot: &Slot) -> bool {
        slot.state().answer(self.0.clock.now_ms(), FRESH_MS).is_some() || slot.asking.try_lock().is_err()
    }

    /// The tenant with this id from memory, however old; `None` if it is not in memory.
    pub fn at_hand(&self, id: &str) -> Option<Arc<Tenant>> {
        let slots = self.0.slots.read().unwrap_or_else(PoisonError::into_inner);
        slots.get(id)?.state().tenant.clone()
    }

    /// Called after a write, so that the next [`Tenants::get`] includes it.
    pub fn forget(&self, tenant: &Tenant) {
        self.forget_id(&tenant.id);
    }

    /// The same by the tenant's id.
    pub fn forget_id(&self, id: &str) {
        self.slot(id).state().writes += 1;
    }

    pub(super) fn slot(&self, id: &str) -> Arc<Slot> {
        let known = self.0.slots.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        known.unwrap_or_else(|| self.slots_mut(|slots| slots.entry(id.to_owned()).or_default().clone()))
    }

    fn slots_mut<T>(&self, change: impl FnOnce(&mut HashMap<String, Arc<Slot>>) -> T) -> T {
        change(&mut self.0.slots.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// The current tenant if its version matches the database's, otherwise the tenant from the database.
    async fn ask(&self, id: &str, current: Option<Arc<Tenant>>) -> Result<Option<Arc<Tenant>>, Error> {
        let store = &self.0.store;
        let Some(version) = store.tenant_version(id).await? else { return Ok(None) };
        if let Some(tenant) = &current
            && tenant.version == version
        {
            return Ok(current);
        }
        if let Some(tenant) = &current
            && let Some(tenant) = self.follow(tenant, version).await?
        {
            return Ok(Some(Arc::new(tenant)));
        }
        let Some(record) = store.load_tenant(id).await? else { return Ok(None) };
        let design = self.design(&record.tenant, record.design, current.as_deref()).await?;
        let tenant = Tenant::new(record.tenant, design, record.people);
        tracing::info!(tenant = tenant.id, version = tenant.version, people = tenant.people().len(), "tenant loaded");
        Ok(Some(Arc::new(tenant)))
    }

    /// Compiles a design with its images' files; unchanged parts are taken from `current`.
    async fn design(
        &self,
        tenant: &TenantSummary,
        record: DesignRecord,
        current: Option<&Tenant>,
    ) -> Result<Arc<Design>, Error> {
        let Inner { store, origin, signer, .. } = &*self.0;
        let mut files = BTreeMap::new();
        for hash in design::attached(&record) {
            let bytes = match current.and_then(|current| current.image_bytes(&hash)) {
                Some(bytes) => Some(bytes),
                None => store.image(&tenant.id, &hash).await?.map(|image| Arc::from(image.bytes)),
            };
            files.extend(bytes.map(|bytes| (hash, bytes)));
        }
        self.keep_images(&tenant.id, design::linked(&record));
        let made = Made::new(origin, &tenant.id, signer.clone(), record.count_clicks);
        let stored = Stored { domains: tenant.domains.clone(), record, files };
        Ok(Arc::new(Design::new(stored, made, current.map(Tenant::design))))
    }

    /// The tenant at `version` if only its design or a few people changed, such as after publishing or editing own fields:
    /// reading only these is a thousand times faster than reading everyone. The data read is from `version` or newer; newer
    /// data is read again when the next query finds another version.
    async fn follow(&self, tenant: &Tenant, version: i64) -> Result<Option<Tenant>, Error> {
        let store = &self.0.store;
        let Some(changed) = store.changed(&tenant.id, tenant.version, version).await? else { return Ok(None) };
        let mut people = Vec::with_capacity(changed.people.len());
        for person in changed.people {
            let record = store.load_person(&tenant.id, &person, tenant.fields()).await?;
            people.push((person, record));
        }
        let Some(mut next) = tenant.with_people(people) else { return Ok(None) };
        if changed.design {
            let Some((summary, record)) = store.load_design(&tenant.id).await? else { return Ok(None) };
            next = next.with_design(self.design(&summary, record, Some(tenant)).await?);
            next.unread_external = summary.unread_external;
            (next.name, next.domains, next.entra_id) = (summary.name, summary.domains, summary.entra_id);
        }
        next.version = version;
        Ok(Some(next))
    }
}

impl Slot {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
