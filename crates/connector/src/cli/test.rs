//! `test`: tests the connection to the database, the query and the connection to Paraph.

use super::output;
use crate::config::Place;
use crate::paraph::Client;
use crate::show;
use crate::source::{self, Settings};
use std::process::ExitCode;

/// How many rows are shown.
const ROWS: usize = 3;

pub(super) async fn run(place: &Place) -> anyhow::Result<ExitCode> {
    let config = place.load()?;
    let sealer = place.sealer()?;
    let settings = Settings::new(&config, &sealer, place.spool())?;
    let look = source::look(&settings, ROWS).await?;
    output::print(&(show::look(&look) + &show::warnings(&config.warnings())))?;
    // The database is what is tested; a problem with Paraph is reported but does not fail the test.
    let target = match Client::new(&config, &sealer) {
        Ok(client) => client.target().await.map_err(|trouble| trouble.to_string()),
        Err(trouble) => Err(trouble.to_string()),
    };
    let told = target.map_or_else(|trouble| format!("Paraph: {trouble}\n"), |target| show::target(&target));
    output::print(&told)?;
    Ok(ExitCode::SUCCESS)
}
