//! `paraph key`: the key that seals secrets.

use crate::clock::Clock;
use crate::config::Config;
use crate::sealing::KeySource;
use crate::sealing::{self, Standing, reset, rotate};
use crate::store::Store;
use std::fmt::Write as _;

/// Options of `paraph key`.
#[derive(Clone, Debug, clap::Args)]
pub struct KeyOptions {
    /// What to do
    #[command(subcommand)]
    pub action: KeyAction,
}

/// What to do with the key.
#[derive(Clone, Copy, Debug, clap::Subcommand)]
pub enum KeyAction {
    /// Check whether the key is the one that sealed the database
    Check,
    /// Seal every secret with a new key
    Rotate,
    /// List what is lost with a lost key; with --confirm, delete it
    Reset {
        /// Delete what is listed
        #[arg(long)]
        confirm: bool,
    },
}

/// Carries out the action, and reports what was done.
///
/// # Errors
/// When key and database do not belong together; the error says what to do.
pub async fn run(config: &Config, options: &KeyOptions) -> anyhow::Result<String> {
    let store = crate::cli::open(&config.database).await?;
    let done = match options.action {
        KeyAction::Check => check(config, &store).await,
        KeyAction::Rotate => rotate(config, &store).await,
        KeyAction::Reset { confirm } => reset(config, &store, confirm).await,
    };
    store.close().await;
    done
}

async fn check(config: &Config, store: &Store) -> anyhow::Result<String> {
    let source = KeySource::of(config)?;
    let standing = sealing::standing(&source, store).await?;
    Ok(match standing {
        Standing::Not(mismatch) => return Err(mismatch.into()),
        Standing::New(None) => format!("Nothing is sealed yet: `paraph serve` will create {source}.\n"),
        Standing::New(Some(_)) => {
            format!("Nothing is sealed with {source} yet; the next `paraph serve` will start using it.\n")
        }
        Standing::Fits(_) => {
            let lost = reset::lost(config, store).await?;
            if lost.is_empty() {
                format!("{source} opens every secret in the database.\n")
            } else {
                format!("{source} fits the database but does not open:\n{}", list(&lost))
            }
        }
    })
}

async fn rotate(config: &Config, store: &Store) -> anyhow::Result<String> {
    let changed = rotate::rotate(config, store, Clock::system().now_ms()).await?;
    let keep = match KeySource::of(config)? {
        KeySource::File(file) => format!(
            "Back up {} now: database backups from today on need it. Its second line is the previous key; keep it as \
             long as you keep older backups.",
            file.display()
        ),
        KeySource::Settings(..) => {
            "Once every node runs with the new secrets.key, set secrets.previous_key to \"\" again. Keep the previous \
             key as long as you keep older backups of the database."
                .into()
        }
    };
    Ok(format!("{changed} values are now sealed with the new key. Running servers continue with it.\n{keep}\n"))
}

async fn reset(config: &Config, store: &Store, confirm: bool) -> anyhow::Result<String> {
    if !confirm {
        let lost = reset::lost(config, store).await?;
        if lost.is_empty() {
            return Ok("The key opens every secret in the database: there is nothing to reset.\n".into());
        }
        return Ok(format!(
            "Without the key that sealed them, these are lost:\n{}Nothing was changed. If the key is in a backup, \
             restore it instead. `paraph key reset --confirm` deletes these permanently.\n",
            list(&lost)
        ));
    }
    let lost = reset::reset(config, store, Clock::system().now_ms()).await?;
    if lost.is_empty() {
        return Ok("The key opens every secret in the database: nothing was changed.\n".into());
    }
    let source = KeySource::of(config)?;
    Ok(format!("Deleted:\n{}The database is now sealed with {source}: keep it with your backups.\n", list(&lost)))
}

fn list(lost: &reset::Lost) -> String {
    lost.lines().iter().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "- {line}");
        text
    })
}
