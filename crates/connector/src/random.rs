//! Random numbers from the operating system. Nothing else in the connector draws any.

use std::fmt::Write as _;

/// Random bytes.
///
/// # Panics
/// When the operating system provides none: no secret could be created then.
#[expect(clippy::disallowed_methods, reason = "this is the connector's place")]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    assert!(aws_lc_rs::rand::fill(&mut bytes).is_ok(), "the operating system provides no random numbers");
    bytes
}

/// A secret of 256 bits, in 64 lower-case hexadecimal digits.
pub fn secret() -> String {
    hex(&bytes::<32>())
}

/// 128 bits in 32 lower-case hexadecimal digits.
pub fn id() -> String {
    hex(&bytes::<16>())
}

/// A random number from 0 to less than 1.
pub fn share() -> f64 {
    f64::from(u32::from_be_bytes(bytes())) / (f64::from(u32::MAX) + 1.0)
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
