//! Checks that the connector's secrets still work. A connector runs unattended, so nobody would notice when the admin who
//! created its secret leaves.

use crate::store::{KnownToken, Scope};

/// Describes the tenant's connector secrets that are refused, with reasons and what to do; `None` if there are none. Expired
/// secrets are ignored.
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
        .then(|| format!("{}. An admin can take it over or revoke it on the Database page", refused.join("; ")))
}
