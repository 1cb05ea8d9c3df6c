//! `paraph backup`, `paraph restore` and `paraph copy`: the whole database, in a file or in another one.

use crate::backup::{self, Destination};
use crate::clock::Clock;
use crate::config::{Config, Database};
use crate::sealing::KeySource;
use crate::store::{ServerLock, Store};
use anyhow::{Context as _, ensure};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Options of `paraph backup`.
#[derive(Clone, Debug, clap::Args)]
pub struct BackupOptions {
    /// The new file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    pub replace: bool,
}

/// Options of `paraph restore`.
#[derive(Clone, Debug, clap::Args)]
pub struct RestoreOptions {
    /// A file that `paraph backup` wrote
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Delete the present contents of the database
    #[arg(long)]
    pub replace: bool,
    /// Restore even if this server's key does not open the backup's secrets
    #[arg(long)]
    pub without_key: bool,
}

/// Options of `paraph copy`.
#[derive(Clone, Debug, clap::Args)]
pub struct CopyOptions {
    /// `postgres://USER:PASSWORD@HOST/DATABASE` or `sqlite:FILE`; pass it in the environment to keep a password out of
    /// process lists
    #[arg(long, value_name = "URL", env = "PARAPH_COPY_TO", hide_env_values = true)]
    pub to: String,
    /// Delete the present contents of that database
    #[arg(long)]
    pub replace: bool,
}

/// Writes a backup, and says what else to keep.
///
/// # Errors
/// When the file already exists or cannot be written, or the database does not answer.
pub async fn run(config: &Config, options: &BackupOptions) -> anyhow::Result<String> {
    let store = crate::cli::open(&config.database).await?;
    let to = Destination { file: &options.file, replace: options.replace };
    let written = backup::write(&store, to, Clock::system().now_ms(), &mut say).await;
    store.close().await;
    let rows = written?;
    let mut text = format!("{rows} rows were saved in {}.\n", options.file.display());
    if let Ok(source) = KeySource::of(config) {
        let _ = writeln!(
            text,
            "The key is not in it. Keep {source} too, in another place: without it nobody can open the backup's sealed \
             secrets (authenticator apps, Google key files, the signatures of counted links)."
        );
    }
    Ok(text)
}

/// Restores a backup, and reports what was restored.
///
/// # Errors
/// When the backup cannot be read, this server has a different key, or the database is not empty.
pub async fn restore(config: &Config, options: &RestoreOptions) -> anyhow::Result<String> {
    let (head, _) = backup::check(&options.file)?;
    if !options.without_key {
        backup::check_key(config, &head)?;
    }
    let opened = open_target(&config.database, options.replace).await?;
    let restored = backup::restore(&opened.store, &options.file, &mut say).await;
    let rows = opened.ended(restored).await.context("nothing was restored")?;
    Ok(format!("{rows} rows were restored, read back and compared.\n{}", who_can_open(&config.database).await?))
}

/// Copies the database, and says how to use the copy.
///
/// # Errors
/// When a database does not answer or refuses a row, or the target is not empty.
pub async fn copy(config: &Config, options: &CopyOptions) -> anyhow::Result<String> {
    let known = ["sqlite:", "postgres://", "postgresql://"].iter().any(|start| options.to.starts_with(start));
    ensure!(known, "--to accepts postgres://USER:PASSWORD@HOST/DATABASE or sqlite:FILE");
    let to = Database { url: options.to.clone(), ..config.database.clone() };
    ensure!(to.url != config.database.url, "--to names the database of this server: name another one");
    let from = crate::cli::open(&config.database).await?;
    let opened = open_target(&to, options.replace).await?;
    let copied = backup::copy(&from, &opened.store, &mut say).await;
    from.close().await;
    let rows = opened.ended(copied).await.context("nothing was copied")?;
    let key = match KeySource::of(config) {
        Ok(KeySource::File(file)) if to.url.starts_with("sqlite:") => {
            format!("Also copy {} and put it next to the new database: it opens the sealed secrets.", file.display())
        }
        Ok(KeySource::File(file)) => {
            format!("Set secrets.key to the first line of {}: it opens the sealed secrets.", file.display())
        }
        _ => "Keep secrets.key as it is: it opens the sealed secrets.".into(),
    };
    Ok(format!(
        "{rows} rows were copied, read back and compared.\n{}Stop every server before you copy for the last time, and \
         set database.url to the copy. {key}\n",
        who_can_open(&to).await?
    ))
}

/// A database to be filled.
struct Target {
    store: Store,
    /// Keeps servers away from it until it is whole.
    lock: ServerLock,
    /// The SQLite file that was made for it.
    made: Option<PathBuf>,
}

/// Opens the database to be filled, which must be empty unless it is to be replaced. No server may work with a SQLite file
/// meanwhile.
async fn open_target(database: &Database, replace: bool) -> anyhow::Result<Target> {
    let lock = Store::lock_for_server(database)?;
    let made = Store::missing_file(database);
    let store = Store::connect(database).await.context("the database cannot be opened")?;
    let target = Target { store, lock, made };
    match refuse_full(&target.store, replace).await {
        Ok(()) => Ok(target),
        Err(error) => target.ended(Err(error)).await,
    }
}

async fn refuse_full(store: &Store, replace: bool) -> anyhow::Result<()> {
    let contents = store.contents().await?;
    let listed: Vec<_> = contents.iter().map(|(table, count)| format!("{count} {table}")).collect();
    ensure!(
        contents.is_empty() || replace,
        "the database is not empty ({}): name an empty one, or stop every server and add --replace, which deletes all that",
        listed.join(", ")
    );
    Ok(())
}

impl Target {
    /// Closes it and lets servers in again; a file that was made for nothing is removed.
    async fn ended<T>(self, result: anyhow::Result<T>) -> anyhow::Result<T> {
        self.store.close().await;
        if let (Err(_), Some(file)) = (&result, &self.made) {
            for end in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(Path::new(&format!("{}{end}", file.display())));
            }
        }
        drop(self.lock);
        result
    }
}

/// The tenants, and who can open them.
async fn who_can_open(database: &Database) -> anyhow::Result<String> {
    let store = crate::cli::open(database).await?;
    let mut text = String::new();
    for tenant in store.list_tenants().await? {
        let owners = store.owners(&tenant.id).await?;
        if owners.is_empty() {
            let way = if store.has_accounts().await? {
                format!("`paraph grant ADDRESS --tenant {}` makes an account its owner", tenant.handle())
            } else {
                "the link that `paraph serve` prints makes its owner".into()
            };
            writeln!(text, "{}: nobody can open it in the console yet; {way}.", tenant.name)?;
        } else {
            writeln!(text, "{}: owned by {}.", tenant.name, owners.join(", "))?;
        }
    }
    store.close().await;
    Ok(text)
}

/// Progress goes to standard error, for people who wait.
fn say(table: &str, rows: u64) {
    if rows > 0 {
        crate::cli::output::hint(&format!("{table}: {rows}\n"));
    }
}
