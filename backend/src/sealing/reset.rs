//! Carrying on without a lost key: lists the secrets that can no longer be opened, and deletes them only on explicit
//! request.

use super::{Key, KeySource, Ring};
use super::{Standing, describe, known_rows, open, resealed, standing};
use crate::config::Config;
use crate::random;
use crate::store::{CHECK, LINKS, Reseal, SealedKind, SealedValue, Store, secret_key_place};
use anyhow::Context as _;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What does not open with the present key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// Addresses of accounts that lose their authenticator app and recovery codes.
    pub second_factors: BTreeSet<String>,
    /// Names of tenants that must connect Google again.
    pub sources: BTreeSet<String>,
    /// Names of tenants whose people must connect their accounts again.
    pub delegations: BTreeSet<String>,
    /// Whether counted links and QR codes in mails that were sent stop working.
    pub links: bool,
    /// Whether the database was sealed with another key at all.
    pub key: bool,
}

impl Lost {
    /// Whether everything opens.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// One line for each kind of loss, with what to do about it.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for email in &self.second_factors {
            lines.push(format!(
                "{} {email}, with the recovery codes: they sign in with only the password and set it up again",
                describe(SealedKind::SecondFactor)
            ));
        }
        for name in &self.sources {
            lines.push(format!("{} {name}: connect Google again under Sources", describe(SealedKind::SourceKey)));
        }
        for name in &self.delegations {
            lines
                .push(format!("{} {name}: each person connects their account again", describe(SealedKind::Delegation)));
        }
        if self.links {
            lines.push(
                "counted links and QR codes in mails that were sent: they no longer work; new mails are not affected"
                    .into(),
            );
        }
        if self.key {
            lines.push(
                "sign-ins with an identity provider and connections that are in progress right now: they start again"
                    .into(),
            );
        }
        lines
    }
}

/// What does not open with the key of the configuration; with no key, nothing does.
///
/// # Errors
/// When no key can be had, or the database does not answer.
pub async fn lost(config: &Config, store: &Store) -> anyhow::Result<Lost> {
    let source = KeySource::of(config)?;
    let ring = source.read()?;
    let values = store.sealed_values().await?;
    let lost = values.iter().filter(|value| ring.as_ref().is_none_or(|ring| open(ring, value).is_none()));
    let mut all = Lost::default();
    for value in lost {
        match value.kind {
            SealedKind::SecondFactor => drop(all.second_factors.insert(value.owner.clone())),
            SealedKind::SourceKey => drop(all.sources.insert(value.owner.clone())),
            SealedKind::Delegation => drop(all.delegations.insert(value.owner.clone())),
            SealedKind::Key if value.owner == LINKS => all.links = true,
            SealedKind::Key => all.key = true,
            SealedKind::PendingSecondFactor | SealedKind::Answer => {}
        }
    }
    if let Standing::Not(_) = standing(&source, store).await? {
        // Without the known value the key for links was the server's.
        all.links |= store.secret_key(LINKS).await?.is_none();
        all.key = true;
    }
    Ok(all)
}

/// Deletes the secrets that do not open with the configured key, which is created if there is no key file, and seals
/// the rest with it. Returns what was deleted.
///
/// # Errors
/// When the key file cannot be made, or the database does not answer.
pub async fn reset(config: &Config, store: &Store, now_ms: i64) -> anyhow::Result<Lost> {
    let lost = lost(config, store).await?;
    if lost.is_empty() {
        return Ok(lost);
    }
    let source = KeySource::of(config)?;
    if source.read()?.is_none() {
        source.create(&[Arc::new(Key::generate()?)])?;
    }
    let ring = source.read()?.with_context(|| format!("{source} vanished"))?;
    // The first key is the one to stay with, whatever the others opened.
    let ring = Ring::new(ring.keys().to_vec()).context("a ring has a key")?;
    store.insert_secret_keys(&known_rows(ring.current(), random::bytes()), now_ms).await?;
    store.reseal(|value| Ok(given_up(&ring, value)), &[], now_ms).await?;
    Ok(lost)
}

fn given_up(ring: &Ring, value: &SealedValue) -> Reseal {
    if open(ring, value).is_some() {
        return resealed(ring, value);
    }
    let new = known_rows(ring.current(), random::bytes());
    let of = |name: &str| new.iter().find(|(row, _)| *row == name).map(|(_, sealed)| sealed.clone());
    let row = [CHECK, LINKS].into_iter().find(|name| value.place == secret_key_place(name));
    row.and_then(of).map_or(Reseal::Clear, Reseal::Put)
}
