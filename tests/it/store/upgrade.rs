//! A database file as an earlier version left it, in the midst of its work.

use paraph::app::App;
use paraph::clock::{Clock, DAY_MS};
use paraph::config::Config;
use paraph::jobs::drain;
use paraph::store::{Job, LeaseKey, RunKey, RunState, Source, Store};
use std::io::Read as _;
use std::sync::Arc;
use tests::app::{NOON_MS, TENANT};

/// Two people; an Entra ID that is due in a minute and a paused Google; a template to be published in two; and a file that
/// was being planned, one that waits to be looked at, and one whose parts are still coming.
const BEFORE_LEASES: &[u8] = include_bytes!("../../data/databases/before-leases.db.gz");

#[tokio::test]
async fn a_database_from_before_leases_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = Vec::new();
    flate2::read::GzDecoder::new(BEFORE_LEASES).read_to_end(&mut file).unwrap();
    let path = folder.path().join("old.db");
    std::fs::write(&path, file).unwrap();
    let mut config = Config::default();
    config.database.url = format!("sqlite:{}", path.display());
    let store = Store::connect(&config.database).await.unwrap();
    let migrated = store.migrate().await.unwrap();
    assert!(migrated.iter().any(|name| name.contains("leases")), "{migrated:?}");
    let tenant = store.tenant_of_entra(TENANT).await.unwrap().unwrap();
    let due =
        async |job: Job, subject: &str| store.due_of(&LeaseKey::new(&tenant, job.as_str(), subject)).await.unwrap();
    assert_eq!(due(Job::Source, "entra").await, Some(NOON_MS + 60_000));
    assert_eq!(due(Job::Source, "google").await, None, "it is paused");
    assert_eq!(due(Job::Publish, "").await, Some(NOON_MS + 120_000));
    assert_eq!(due(Job::Run, "planning1").await, Some(0), "whoever comes first goes on with it");
    assert_eq!(due(Job::Run, "planned1").await, None);
    assert_eq!(due(Job::Run, "arriving1").await, None);
    assert_eq!(store.source(&tenant, Source::Entra).await.unwrap().next_ms, Some(NOON_MS + 60_000));

    let app = Arc::new(App::new(config, store.clone(), Clock::mock(NOON_MS)).await.unwrap());
    drain(&app).await.unwrap();
    let state = async |run: &str| store.run_record(RunKey { tenant: &tenant, run }).await.unwrap().unwrap().state;
    assert_eq!(state("planning1").await, RunState::Planned);
    assert_eq!(state("arriving1").await, RunState::Fetching);
    app.clock.advance_ms(DAY_MS);
    drain(&app).await.unwrap();
    let published = app.tenants.get(&tenant).await.unwrap().unwrap();
    assert_eq!((published.people().len(), published.template_count()), (2, 1));
    assert_eq!(due(Job::Publish, "").await, None);
    assert!(due(Job::Source, "entra").await.unwrap() > app.clock.now_ms(), "it has its next time");
    store.close().await;
}
