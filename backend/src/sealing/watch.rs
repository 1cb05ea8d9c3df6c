//! While a server runs, an administrator may replace the key, or restore another server's database.

use super::Sealer;
use super::{opened, reseal_strays};
use crate::store::{CHECK, Store};

/// How late a server may notice that the database is sealed with another key.
pub const EVERY: std::time::Duration = std::time::Duration::from_secs(15);

/// Looks which key the database is sealed with now, and takes that one where this server has it; else the console of this
/// server takes no more requests until it does.
pub async fn look(sealer: &Sealer, store: &Store, now_ms: i64) {
    // Gone with its table, or the database is away: others say so.
    let Ok(Some(check)) = store.secret_key(CHECK).await else { return };
    let ring = sealer.ring();
    if check.starts_with(&ring.current().start()) && opened(&ring, &check).is_some() {
        return report(sealer, false);
    }
    let known = match sealer.source().read() {
        Ok(Some(read)) => ring.with(&read),
        Ok(None) | Err(_) => ring.as_ref().clone(),
    };
    let Some(new) = opened(&known, &check) else { return report(sealer, true) };
    sealer.replace(new.clone());
    report(sealer, false);
    tracing::info!("the key that seals secrets was replaced: this server now has the new one");
    // What this server sealed with the earlier key since then.
    if let Err(error) = reseal_strays(&new, store, now_ms).await {
        tracing::warn!(error = format!("{error:#}"), "secrets are not sealed with the new key yet");
    }
}

/// Says so once, when it changes.
fn report(sealer: &Sealer, mismatched: bool) {
    let was = sealer.set_mismatched(mismatched);
    metrics::gauge!("paraph_secrets_key_mismatch").set(f64::from(u8::from(mismatched)));
    match (was, mismatched) {
        (false, true) => tracing::error!(
            "the secrets in the database are sealed with a different key than this server's, {}: the console of this \
             server accepts no requests until the keys are the same on every node. `paraph doctor` says what to do",
            sealer.source()
        ),
        (true, false) => tracing::info!("the database is sealed with this server's key again"),
        _ => {}
    }
}
