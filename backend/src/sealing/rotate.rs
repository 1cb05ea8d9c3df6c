//! Rotating the key: every sealed value is sealed again with the new key, in one transaction, while servers run.

use super::{Key, KeySource, Ring};
use super::{Standing, open, resealed, standing};
use crate::config::Config;
use crate::store::{Reseal, Store};
use anyhow::{Context as _, bail};
use std::sync::Arc;

/// Seals everything with a new key: a fresh one in the key file, or `secrets.key` instead of `secrets.previous_key`.
/// Every secret still opens if this is interrupted, because both keys are kept until the end. Returns the number of
/// values sealed.
///
/// # Errors
/// When the present key does not open everything, or there is no new key.
pub async fn rotate(config: &Config, store: &Store, now_ms: i64) -> anyhow::Result<usize> {
    let source = KeySource::of(config)?;
    let _alone = alone(&source)?;
    let before = match standing(&source, store).await? {
        Standing::Fits(ring) => ring,
        Standing::New(_) => {
            bail!("nothing is sealed in this database yet: `paraph serve` will use the key it finds")
        }
        Standing::Not(mismatch) => return Err(mismatch.into()),
    };
    let new = new_key(&source, &before)?;
    // Both, and on disk before anything is sealed with the new one; a running server finds it there.
    let ring = Ring::new(vec![Arc::clone(&new)]).context("a ring of one key")?.with(&before);
    if matches!(source, KeySource::File(_)) {
        source.replace(ring.keys())?;
    }
    let starts: Vec<_> = before.keys().iter().filter(|key| key.id() != new.id()).map(|key| key.start()).collect();
    let change = |value: &crate::store::SealedValue| match resealed(&ring, value) {
        // What nobody can read is worth nothing; whoever asks for it is told so either way.
        Reseal::Keep if value.kind.is_passing() && open(&ring, value).is_none() => Ok(Reseal::Clear),
        Reseal::Keep if open(&ring, value).is_none() => Err(format!(
            "the {} {} does not open with the present key: first delete what does not open with `paraph key reset`",
            super::describe(value.kind),
            value.owner
        )),
        change => Ok(change),
    };
    let (changed, _) = store.reseal(change, &starts, now_ms).await?;
    if matches!(source, KeySource::File(_)) {
        // A server may have sealed something with the earlier key a moment ago; it seals that anew itself, or the next
        // start does, and until then the earlier key opens it.
        source.replace(&[new, Arc::clone(before.current())])?;
    }
    Ok(changed)
}

/// The key to seal with from now on.
fn new_key(source: &KeySource, before: &Ring) -> anyhow::Result<Arc<Key>> {
    if let KeySource::File(_) = source {
        return Ok(Arc::new(Key::generate()?));
    }
    let new = before.keys().first().context("a ring has a key")?;
    if new.id() == before.current().id() {
        bail!(
            "everything is already sealed with secrets.key. To change the key, set secrets.previous_key to the \
             present one and secrets.key to a new one (openssl rand -base64 32) on every node, restart them, and run \
             this again"
        );
    }
    Ok(Arc::clone(new))
}

/// That no other process replaces the key file meanwhile.
fn alone(source: &KeySource) -> anyhow::Result<Option<std::fs::File>> {
    let KeySource::File(file) = source else { return Ok(None) };
    let Ok(opened) = std::fs::File::open(file) else { return Ok(None) };
    opened.try_lock().map_err(|_| anyhow::anyhow!("{source} is already being replaced: wait until that is done"))?;
    Ok(Some(opened))
}
