//! A hundred thousand leases of a thousand companies that are due at once: claimed, an empty job run, given back for half an
//! hour later; on both databases, by one node.
//!
//! `cargo xtask bench leases`. Server and database share the machine.

use anyhow::{Result, ensure};
use futures_util::FutureExt as _;
use paraph::clock::Clock;
use paraph::config::Database;
use paraph::identity::digest;
use paraph::leases::{Lane, Leases, Outcome, Run};
use paraph::store::{AccountRecord, By, Job, NewTenant, Store, Wanted};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tests::app::NOON_MS;
use tests::postgres::new_database;

const COMPANIES: usize = 1_000;
const EACH: usize = 100;
const HALF_AN_HOUR_MS: i64 = 30 * 60_000;
/// As many places as a lane of quick work would have.
const LANE: Lane = Lane { name: Job::QUICK, places: 128, limit: Duration::from_mins(1), careful: false };

#[tokio::main]
async fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = format!("sqlite:{}", folder.path().join("leases.db").display());
    for (name, url) in [("SQLite", file), ("PostgreSQL", new_database().await)] {
        let database = Database { url, ..Database::default() };
        let store = Store::connect(&database).await?;
        store.migrate().await?;
        let clock = Clock::mock(NOON_MS);
        prepare(&store).await?;
        let leases = Leases::new(store.clone(), clock.clone(), true);
        let next: Run = Arc::new(|_| std::future::ready(Outcome::Snooze(NOON_MS + HALF_AN_HOUR_MS)).boxed());
        let begun = Instant::now();
        let done = leases.drain(&[LANE], &next).await?;
        let seconds = begun.elapsed().as_secs_f64();
        ensure!(done == COMPANIES * EACH + COMPANIES, "{done} were done");
        #[expect(clippy::cast_precision_loss, reason = "a count of some hundred thousand")]
        let rate = done as f64 / seconds;
        println!("{name:>12} {done} leases claimed, run and given back in {seconds:.1} s: {rate:.0} a second");
        store.close().await;
    }
    Ok(())
}

/// The companies, each with what is to be done for it.
async fn prepare(store: &Store) -> Result<()> {
    let code = digest("bench");
    store.insert_setup(&code, NOON_MS + 1, NOON_MS).await?;
    let owner = AccountRecord {
        id: "owner".into(),
        email: "owner@example.com".into(),
        name: "Owner".into(),
        password: None,
        totp: None,
        totp_pending: None,
        totp_step: 0,
    };
    store.set_up(&code, &owner, NOON_MS).await?;
    for company in 0..COMPANIES {
        let entra_id = format!("00000000-0000-4000-8000-{company:012x}");
        let domains = ["example.com".to_owned()];
        let new = NewTenant { entra_id: Some(&entra_id), name: "Company", domains: &domains, owner: &owner.id };
        let id = store.create_tenant(new, By::new("bench", NOON_MS)).await?;
        let wanted: Vec<_> =
            (0..EACH).map(|number| Wanted::job(&id, Job::Source, &number.to_string(), NOON_MS)).collect();
        store.ask(&wanted).await?;
    }
    Ok(())
}
