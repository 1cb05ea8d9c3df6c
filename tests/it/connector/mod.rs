//! The connector itself: against SQL Server, and together with the real server.

mod kills;
mod sqlserver;

use paraph_connector::config::{Config, Database, Place};
use paraph_connector::sealed::Secret;
use std::path::Path;

/// Settings of a connector whose things are in `folder`.
fn configured(
    folder: &Path,
    database: Database,
    password: &str,
    change: impl FnOnce(&mut Config, &dyn Fn(&str, &str) -> String),
) -> Place {
    let place = Place::new(Some(folder.join("connector/paraph-connector.toml")));
    let sealer = place.sealer().unwrap();
    let seal = |secret: &str, name: &str| sealer.seal(&Secret::exact(secret.into()), name);
    let mut config = place.load().unwrap();
    config.database = Database { password: seal(password, "database.password"), ..database };
    change(&mut config, &seal);
    place.save(&config).unwrap();
    place
}
