//! Images, by content.

use super::{Error, Store};
use sqlx::Row;

/// An image as it is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredImage {
    /// `image/png`, `image/jpeg` or `image/gif`.
    pub content_type: String,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Store {
    /// The image with this hash, current or replaced: mails that were sent keep their images.
    pub async fn image(&self, tenant: &str, hash: &str) -> Result<Option<StoredImage>, Error> {
        self.bounded(async {
            let row = sqlx::query("select content_type, bytes from image_files where tenant = $1 and hash = $2")
                .bind(tenant)
                .bind(hash)
                .fetch_optional(self.reader()?)
                .await?;
            let Some(row) = row else { return Ok(None) };
            Ok(Some(StoredImage { content_type: row.try_get(0)?, bytes: row.try_get(1)? }))
        })
        .await
    }
}

/// The name of these bytes: SHA-256 cut to 128 bits, lower-case hex.
pub(super) fn hash(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(bytes);
    let half = digest.iter().take(16).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    format!("{half:032x}")
}

/// What the bytes say that they are; `None` when Outlook would not show it everywhere.
pub(super) fn content_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        _ => None,
    }
}
