//! Authorization codes (RFC 6749 §4.1) of the demo's issuer, in memory.

use crate::random;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Maximum number of unredeemed codes: one for each open window.
const MAX_CODES: usize = 100;

/// Codes that were issued and not yet redeemed.
#[derive(Default)]
pub struct Codes(Mutex<HashMap<String, Grant>>);

/// The data that a code stands for.
pub struct Grant {
    /// The address of the person who signed in.
    pub address: String,
    /// Where the code was sent.
    pub redirect_uri: String,
    /// The PKCE challenge (RFC 7636 §4.2).
    pub challenge: String,
    /// Requested scopes.
    pub scope: String,
    /// When the code expires.
    pub until_ms: i64,
}

impl Codes {
    /// A new code; `None` when too many are waiting.
    pub fn issue(&self, grant: Grant, now_ms: i64) -> Option<String> {
        let code = random::secret();
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, grant| now_ms < grant.until_ms);
        (waiting.len() < MAX_CODES).then(|| waiting.insert(code.clone(), grant))?;
        Some(code)
    }

    /// Redeems `code` and returns its data; the code is used up in any case.
    pub fn redeem(&self, code: &str, now_ms: i64) -> Option<Grant> {
        let grant = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(code);
        grant.filter(|grant| now_ms < grant.until_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(until_ms: i64) -> Grant {
        let text = String::new;
        Grant { address: text(), redirect_uri: text(), challenge: text(), scope: text(), until_ms }
    }

    #[test]
    fn a_code_lives_for_a_minute_and_is_good_once() {
        let codes = Codes::default();
        let code = codes.issue(grant(60_000), 0).unwrap();
        assert!(codes.redeem(&code, 59_999).is_some());
        assert!(codes.redeem(&code, 59_999).is_none());
        let late = codes.issue(grant(60_000), 0).unwrap();
        assert!(codes.redeem(&late, 60_000).is_none());
    }

    #[test]
    fn codes_that_nobody_redeems_make_room_again() {
        let codes = Codes::default();
        for _ in 0..MAX_CODES {
            codes.issue(grant(60_000), 0).unwrap();
        }
        assert!(codes.issue(grant(60_000), 0).is_none());
        assert!(codes.issue(grant(120_000), 60_000).is_some());
    }
}
