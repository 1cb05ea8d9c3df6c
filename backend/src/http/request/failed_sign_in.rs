//! One log line for every failed attempt to sign in, whatever with. Its form is part of what admins rely on: fail2ban and
//! the like match `sign-in failed peer=<HOST>`.

use std::net::IpAddr;

/// Longest domain that is logged.
const MAX_DOMAIN: usize = 64;

/// Logs a failed attempt from `peer`. `account`: the address that was typed; `reason`: what was wrong, one word.
pub(in crate::http) fn log(peer: IpAddr, account: &str, reason: &'static str) {
    // The peer comes first, and nothing that somebody typed can look like one.
    tracing::warn!(target: "paraph::sign_in", %peer, account = %masked(account), reason = %reason, "sign-in failed");
}

/// An address as logs may hold it: its first letter and its domain, without anything that no address has.
fn masked(address: &str) -> String {
    let (name, domain) = address.trim().rsplit_once('@').unwrap_or((address, ""));
    let plain = |c: &char| c.is_ascii_alphanumeric();
    let first: String = name.chars().next().filter(plain).into_iter().collect();
    let domain: String =
        domain.chars().filter(|c| c.is_ascii_alphanumeric() || ".-".contains(*c)).take(MAX_DOMAIN).collect();
    if domain.is_empty() { format!("{first}***") } else { format!("{first}***@{domain}") }
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn what_is_typed_shows_little_and_forges_nothing() {
        for (typed, shown) in [
            ("ada@example.com", "a***@example.com"),
            ("", "***"),
            ("ada", "a***"),
            ("x@evil.example peer=1.2.3.4\nsign-in failed", "x***@evil.examplepeer1.2.3.4sign-infailed"),
            ("\u{1b}[31m@\u{202e}example.com", "***@example.com"),
        ] {
            assert_eq!(masked(typed), shown, "{typed:?}");
        }
        assert!(masked(&format!("a@{}", "x".repeat(1_000))).len() < 80);
    }
}
