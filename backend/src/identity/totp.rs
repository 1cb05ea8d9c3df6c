//! The second factor: an authenticator app (RFC 6238) or recovery codes.

use crate::random;
use qrcode::QrCode;
use qrcode::render::svg;
use totp_rs::{Builder, Secret, Totp};

/// Number of recovery codes of an account.
pub const RECOVERY_CODES: usize = 10;
/// Letters and digits that cannot be confused (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A new secret: 160 bits, as RFC 4226 §4 recommends.
pub fn secret() -> [u8; 20] {
    random::bytes()
}

/// Data for setting up an account in an authenticator app.
pub fn setup(secret: [u8; 20], email: &str) -> Option<api::console::TotpSetup> {
    let totp = app(secret, email)?;
    let url = totp.to_url().ok()?;
    let qr = QrCode::new(url.as_bytes()).ok()?;
    let qr = qr.render::<svg::Color<'_>>().min_dimensions(220, 220).build();
    Some(api::console::TotpSetup { secret: Secret::from(secret).to_base32(), url, qr })
}

/// The time step of this code, at most one before or after `now_ms`; the caller ensures that each step is accepted once.
pub fn check(secret: &[u8], digits: &str, now_ms: i64) -> Option<i64> {
    let secret: [u8; 20] = secret.try_into().ok()?;
    let digits: String = digits.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let step = app(secret, "account")?.check(&digits, u64::try_from(now_ms / 1_000).ok()?)?;
    i64::try_from(step).ok()
}

fn app(secret: [u8; 20], email: &str) -> Option<Totp> {
    // A colon separates issuer and account in the address.
    let account = email.replace(':', " ");
    Builder::new().with_secret(secret).with_account_name(account).with_issuer(Some("Paraph")).build().ok()
}

/// New recovery codes: 80 random bits each, in four groups.
pub fn recovery_codes() -> Vec<String> {
    let letter = |byte: u8| char::from(ALPHABET[usize::from(byte & 31)]);
    let code = || {
        let letters: Vec<char> = random::bytes::<16>().into_iter().map(letter).collect();
        letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
    };
    std::iter::repeat_with(code).take(RECOVERY_CODES).collect()
}

/// Normalizes a recovery code for comparison: lower case, without separators.
pub fn plain_code(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_hold_one_step_before_and_behind() {
        // RFC 6238, appendix B: the secret, and the last six of its digits at 59 seconds.
        let secret = b"12345678901234567890";
        assert_eq!(check(secret, "287082", 59_000), Some(1));
        assert_eq!(check(secret, "287 082", 59_000 + 30_000), Some(1));
        assert_eq!(check(secret, "287082", 59_000 + 61_000), None);
        assert_eq!(check(secret, "287083", 59_000), None);
        assert_eq!(check(secret, "28708", 59_000), None);
    }

    #[test]
    fn recovery_codes_are_different_and_read_however_they_are_typed() {
        let codes = recovery_codes();
        assert_eq!(codes.iter().collect::<std::collections::BTreeSet<_>>().len(), RECOVERY_CODES);
        assert_eq!(plain_code(&codes[0].to_uppercase().replace('-', " ")), plain_code(&codes[0]));
        assert_eq!(plain_code(&codes[0]).len(), 16);
    }
}
