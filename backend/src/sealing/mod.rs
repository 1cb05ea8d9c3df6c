//! The key that seals secrets, and the database that it sealed: they belong together, and a server with another key must
//! not write a word. A known value, sealed in the database when a server first starts on it, tells.

mod key_source;
mod sealer;
/// Going on without a key that is lost.
pub mod reset;
/// Replacing the present key.
pub mod rotate;
/// What a running server notices.
pub mod watch;

pub use key_source::KeySource;
pub use sealer::{Key, Ring, Sealer};

use crate::clock::Clock;
use crate::config::Config;
use crate::store::{CHECK, LINKS, Reseal, SealedKind, SealedValue, Store, secret_key_place};
use anyhow::Context as _;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the known value says when it is opened.
const KNOWN: &[u8] = b"paraph";

/// What a server needs to seal secrets and sign addresses.
pub struct Unlocked {
    /// Seals secrets.
    pub sealer: Sealer,
    /// The key that addresses in mails are signed with.
    pub links: [u8; 32],
}

/// Why a server must not continue with its key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// There is a key, but it did not seal this database.
    #[error(
        "{source_of} is not the key that sealed the secrets in this database: {way}",
        way = if *is_file { FILE_WAY } else { SETTING_WAY }
    )]
    Other {
        /// Where the wrong key is from, in words.
        source_of: String,
        /// Whether it is a file.
        is_file: bool,
    },
    /// The key file does not exist.
    #[error("{source_of} is missing, and the secrets in this database were sealed with it: {FILE_WAY}")]
    Missing {
        /// Where it should be, in words.
        source_of: String,
    },
}

/// The way out, with a key file.
const FILE_WAY: &str = "restore paraph.key from your backup. If you have no copy of it, `paraph key reset` lists what \
                        is \
                        lost with it, and `paraph key reset --confirm` continues without it";
/// The way out, with the setting.
const SETTING_WAY: &str = "set the key that the other nodes have, or that you kept with your backups. If it is lost \
                           for good, `paraph key reset` lists what is lost with it, and `paraph key reset --confirm` \
                           continues without it";

impl Mismatch {
    fn other(source: &KeySource) -> Self {
        Self::Other { source_of: source.to_string(), is_file: matches!(source, KeySource::File(_)) }
    }

    fn missing(source: &KeySource) -> Self {
        Self::Missing { source_of: source.to_string() }
    }
}

/// How key and database are to each other; looking changes nothing.
pub enum Standing {
    /// The database is sealed with the ring's current key.
    Fits(Ring),
    /// Nothing is sealed yet, and this is the key to begin with; `None`: it is still to be made.
    New(Option<Ring>),
    /// They do not belong together.
    Not(Mismatch),
}

/// Compares the key of the configuration with the database.
///
/// # Errors
/// When no key can be had, the key is not valid, or the database does not answer.
pub async fn standing(source: &KeySource, store: &Store) -> anyhow::Result<Standing> {
    let ring = source.read()?;
    let check = store.secret_key(CHECK).await?;
    Ok(match (check, ring) {
        (Some(check), Some(ring)) => match opened(&ring, &check) {
            Some(ring) => Standing::Fits(ring),
            None => Standing::Not(Mismatch::other(source)),
        },
        (Some(_), None) => Standing::Not(Mismatch::missing(source)),
        (None, ring) => first(source, ring, store).await?,
    })
}

/// A database without the known value: a new one, or one from before there was such a value.
async fn first(source: &KeySource, ring: Option<Ring>, store: &Store) -> anyhow::Result<Standing> {
    let values = store.sealed_values().await?;
    Ok(match ring {
        None if !values.is_empty() || store.was_served().await? => Standing::Not(Mismatch::missing(source)),
        None => Standing::New(None),
        Some(ring) if values.is_empty() => Standing::New(Some(ring)),
        Some(ring) => {
            let fits = values.iter().find_map(|value| ring.that_opens(&value.sealed, &value.place));
            fits.map_or_else(|| Standing::Not(Mismatch::other(source)), |ring| Standing::New(Some(ring)))
        }
    })
}

/// The ring with the key that sealed the known value as the current one.
fn opened(ring: &Ring, check: &str) -> Option<Ring> {
    ring.that_opens(check, &secret_key_place(CHECK))
}

/// The key of this server, which fits the database: made, and the known value sealed, when this is the first start.
///
/// # Errors
/// With the way out, when the key is missing or another one ([`Mismatch`]).
pub async fn unlock(config: &Config, store: &Store, clock: &Clock) -> anyhow::Result<Unlocked> {
    let source = KeySource::of(config)?;
    let mut found = standing(&source, store).await?;
    if matches!(found, Standing::Not(_)) {
        // Another node may have made key and check between the two looks: the key's file comes first.
        found = standing(&source, store).await?;
    }
    let ring = match found {
        Standing::Not(mismatch) => return Err(mismatch.into()),
        Standing::Fits(ring) => ring,
        Standing::New(ring) => begin(&source, ring, store, clock.now_ms()).await?,
    };
    let stray = reseal_strays(&ring, store, clock.now_ms()).await?;
    for (kind, owner) in stray {
        tracing::warn!(kind = describe(kind), owner, "a sealed secret does not open: `paraph doctor` says what to do");
    }
    let sealed = store.secret_key(LINKS).await?.context("the database has lost its key for links")?;
    let links = ring.open(&sealed, &secret_key_place(LINKS)).and_then(|key| key.try_into().ok());
    let links = links.context("the database's key for links does not open: run `paraph key reset`")?;
    Ok(Unlocked { sealer: Sealer::new(ring, source), links })
}

/// Seals the known value, with a new key where there is none. Another node may do the same just now: who was first stays.
async fn begin(source: &KeySource, ring: Option<Ring>, store: &Store, now_ms: i64) -> anyhow::Result<Ring> {
    let ring = if let Some(ring) = ring {
        ring
    } else {
        source.create(&[Arc::new(Key::generate()?)])?;
        source.read()?.with_context(|| format!("{source} vanished"))?
    };
    store.insert_secret_keys(&known_rows(ring.current(), ring.current().derive("links")), now_ms).await?;
    let check = store.secret_key(CHECK).await?.context("the database did not keep the known value")?;
    opened(&ring, &check).ok_or_else(|| Mismatch::other(source).into())
}

/// The rows of `secret_keys`, sealed with this key. `links`: the key for links, which at first is derived from the server's,
/// as it was before it had a row.
fn known_rows(key: &Key, links: [u8; 32]) -> [(&'static str, String); 2] {
    [(CHECK, key.seal(KNOWN, &secret_key_place(CHECK))), (LINKS, key.seal(&links, &secret_key_place(LINKS)))]
}

/// Seals with the current key what another key of the ring sealed; what no key opens, by kind and owner.
async fn reseal_strays(ring: &Ring, store: &Store, now_ms: i64) -> anyhow::Result<BTreeSet<(SealedKind, String)>> {
    let values = store.sealed_values().await?;
    let strays = values.iter().filter(|value| !is_current(ring, value));
    let (openable, lost): (Vec<_>, Vec<_>) = strays.partition(|value| open(ring, value).is_some());
    if !openable.is_empty() {
        store.reseal(|value| Ok(resealed(ring, value)), &[], now_ms).await?;
    }
    Ok(lost.into_iter().map(|value| (value.kind, value.owner.clone())).collect())
}

fn open(ring: &Ring, value: &SealedValue) -> Option<Vec<u8>> {
    ring.open(&value.sealed, &value.place)
}

fn is_current(ring: &Ring, value: &SealedValue) -> bool {
    ring.current().open(&value.sealed, &value.place).is_some()
}

/// The same value sealed with the current key.
fn resealed(ring: &Ring, value: &SealedValue) -> Reseal {
    if is_current(ring, value) {
        return Reseal::Keep;
    }
    open(ring, value).map_or(Reseal::Keep, |secret| Reseal::Put(ring.current().seal(&secret, &value.place)))
}

/// What a sealed value is, in words.
pub fn describe(kind: SealedKind) -> &'static str {
    match kind {
        SealedKind::SecondFactor => "authenticator app of",
        SealedKind::PendingSecondFactor => "unfinished authenticator app of",
        SealedKind::SourceKey => "Google key file of",
        SealedKind::Delegation => "connected account of a person of",
        SealedKind::Answer => "answer to a request that might be repeated",
        SealedKind::Key => "key for",
    }
}
