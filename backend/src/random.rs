//! Where randomness comes from: the operating system, through here alone.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Random bytes.
///
/// # Panics
/// When the operating system provides none: nothing that needs a secret can continue then.
#[expect(clippy::disallowed_methods, reason = "this is the place")]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    assert!(aws_lc_rs::rand::fill(&mut bytes).is_ok(), "the operating system provides no random numbers");
    bytes
}

/// A secret of 256 bits, in 43 characters that need no escaping anywhere.
pub fn secret() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<32>())
}

/// An id of 96 bits, in 16 characters that need no escaping anywhere.
pub fn id() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<12>())
}
