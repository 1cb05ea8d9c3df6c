//! Whether the connector's secrets still let it in. A connector runs unattended, so nobody would notice the day on which the
//! admin who made its secret leaves.

use crate::store::{KnownToken, Scope};

/// Which of the tenant's tokens are secrets that no longer let the connector in, why, and what to do; `None` when there are
/// none. Secrets that have run out are not looked at.
pub fn refused_secrets(tokens: &[KnownToken], now_ms: i64) -> Option<String> {
    let refused: Vec<_> = tokens
        .iter()
        .filter(|known| known.record.scopes.contains(&Scope::DatabaseUpload) && now_ms < known.record.expires_ms)
        .filter_map(|known| {
            let lacks = known.maker.lacks(Scope::DatabaseUpload.least_role())?;
            Some(format!("the secret “{}” is refused because {} {lacks}", known.record.name, known.maker.words()))
        })
        .collect();
    (!refused.is_empty())
        .then(|| format!("{}. An admin can take it over, or revoke it, on the page Database", refused.join("; ")))
}
