//! `paraph migrate`: bring the schema up to date.

use crate::config::Config;
use crate::store::Store;
use anyhow::Context as _;

/// Runs missing migrations and reports which.
///
/// # Errors
/// When the database cannot be reached or a migration fails.
pub async fn run(config: &Config) -> anyhow::Result<String> {
    let store = Store::connect(&config.database).await.context("the database cannot be opened")?;
    let done = store.migrate().await;
    store.close().await;
    let done = done.context("the database cannot be brought up to date")?;
    if done.is_empty() {
        return Ok("The database is up to date: nothing to do.\n".into());
    }
    let lines: Vec<_> = done.iter().map(|name| format!("migrated {name}\n")).collect();
    Ok(format!("{}The database is up to date.\n", lines.concat()))
}
