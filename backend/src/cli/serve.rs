//! `paraph serve`.

use crate::config::Config;

/// Serves until a signal says stop.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let _ = config;
    std::future::ready(anyhow::bail!("not here yet")).await
}
