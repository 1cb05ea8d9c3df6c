//! `test`: whether the database can be reached and the query is right.

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
    print!("{}{}", show::look(&look), show::warnings(&config.warnings()));
    // The database is what was asked about; Paraph is told of, and does not fail the test.
    match Client::new(&config, &sealer) {
        Ok(client) => match client.target().await {
            Ok(target) => print!("{}", show::target(&target)),
            Err(trouble) => println!("Paraph: {trouble}"),
        },
        Err(trouble) => println!("Paraph: {trouble}"),
    }
    Ok(ExitCode::SUCCESS)
}
