//! The schema and its migrations.

use crate::store::error;
use crate::store::{Engine, Error, Store};
use sqlx::migrate::{Migrate as _, MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr as _};
use std::sync::LazyLock;
use std::time::Duration;

/// All migrations, embedded. Released ones never change, because the database stores their hashes.
pub(in crate::store) static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let migration = |(version, name, sql): (i64, &'static str, &'static str)| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    let all = [
        (1, "tenants", include_str!("../../../migrations/0001_tenants.sql")),
        (2, "console", include_str!("../../../migrations/0002_console.sql")),
        (3, "imports", include_str!("../../../migrations/0003_imports.sql")),
        (4, "clients", include_str!("../../../migrations/0004_clients.sql")),
        (5, "design", include_str!("../../../migrations/0005_design.sql")),
        (6, "clicks", include_str!("../../../migrations/0006_clicks.sql")),
        (7, "directory", include_str!("../../../migrations/0007_directory.sql")),
        (8, "values", include_str!("../../../migrations/0008_values.sql")),
        (9, "credentials", include_str!("../../../migrations/0009_credentials.sql")),
        (10, "keys", include_str!("../../../migrations/0010_keys.sql")),
        (11, "secret_keys", include_str!("../../../migrations/0011_secret_keys.sql")),
        (12, "source_losses", include_str!("../../../migrations/0012_source_losses.sql")),
        (13, "write_probe", include_str!("../../../migrations/0013_write_probe.sql")),
        (17, "setup", include_str!("../../../migrations/0017_setup.sql")),
        (18, "clock", include_str!("../../../migrations/0018_clock.sql")),
        (19, "leases", include_str!("../../../migrations/0019_leases.sql")),
        (20, "delegations", include_str!("../../../migrations/0020_delegations.sql")),
        (21, "changes", include_str!("../../../migrations/0021_changes.sql")),
        (22, "comparisons", include_str!("../../../migrations/0022_comparisons.sql")),
        (23, "unpublished", include_str!("../../../migrations/0023_unpublished.sql")),
        (24, "tenants_without_entra", include_str!("../../../migrations/0024_tenants_without_entra.sql")),
        (25, "unread_recipients", include_str!("../../../migrations/0025_unread_recipients.sql")),
        (26, "weather", include_str!("../../../migrations/0026_weather.sql")),
        (27, "brands", include_str!("../../../migrations/0027_brands.sql")),
        (30, "group_addresses", include_str!("../../../migrations/0030_group_addresses.sql")),
        (31, "limits", include_str!("../../../migrations/0031_limits.sql")),
        (32, "group_outsiders", include_str!("../../../migrations/0032_group_outsiders.sql")),
    ];
    Migrator::with_migrations(all.into_iter().map(migration).collect())
});
/// Table in which sqlx records the applied migrations.
pub(in crate::store) const MIGRATIONS_TABLE: &str = "_sqlx_migrations";
/// How long a migration waits for another node's migration.
const MIGRATION_LOCK: Duration = Duration::from_mins(1);

impl Store {
    /// Brings the schema up to date and returns the names of the migrations that it ran.
    pub async fn migrate(&self) -> Result<Vec<String>, Error> {
        let pending = self.pending().await?;
        let mut left = pending.len();
        while left > 0 {
            let ran = self.run_migrations().await;
            let before = std::mem::replace(&mut left, self.pending().await?.len());
            // A concurrent migration by another program is not an error as long as one of them makes progress.
            if before == left {
                ran?;
                break;
            }
        }
        Ok(pending)
    }

    async fn run_migrations(&self) -> Result<(), Error> {
        let mut connection = self.writer.acquire().await?;
        if matches!(self.engine, Engine::Postgres) {
            // A node that was killed while it migrated has the lock until PostgreSQL notices.
            let set = AssertSqlSafe(format!("set lock_timeout = {}", MIGRATION_LOCK.as_millis()));
            sqlx::raw_sql(set).execute(&mut *connection).await?;
        }
        let ran = MIGRATIONS.run(&mut *connection).await;
        // Not returned to the pool: its time limit was changed, and after a failure it may hold the lock or a transaction.
        if ran.is_err() || matches!(self.engine, Engine::Postgres) {
            let _ = connection.close().await;
        }
        Ok(ran?)
    }

    /// Number of migrations that [`Store::migrate`] would run.
    pub async fn pending_migrations(&self) -> Result<usize, Error> {
        Ok(self.pending().await?.len())
    }

    pub(in crate::store) async fn pending(&self) -> Result<Vec<String>, Error> {
        self.present()?;
        let mut connection = self.readers.acquire().await?;
        // Without the table, no migration was ever run. It is not created here, because this only reads.
        let done = match connection.list_applied_migrations(MIGRATIONS_TABLE).await {
            Err(error) if error::is_missing_table(&error) => Vec::new(),
            done => done?,
        };
        if let Some(newer) = done.iter().find(|applied| !MIGRATIONS.version_exists(applied.version)) {
            return Err(MigrateError::VersionMissing(newer.version).into());
        }
        Ok(MIGRATIONS
            .iter()
            .filter(|migration| done.iter().all(|applied| applied.version != migration.version))
            .map(|migration| format!("{:04} {}", migration.version, migration.description))
            .collect())
    }
}
