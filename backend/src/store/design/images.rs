//! Images, stored by the hash of their content.

use super::designs;
use crate::pictures::{self, Picture};
use crate::store::audit::{self, By};
use crate::store::tenants::changes::About;
use crate::store::tenants::record;
use crate::store::{DesignState, Error, Store};
use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;

/// An image as it is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredImage {
    /// `image/png`, `image/jpeg` or `image/gif`.
    pub content_type: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// A current image, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageDetail {
    /// The name that templates use after `image:`.
    pub name: String,
    /// Hash of the bytes, in lower-case hexadecimal.
    pub hash: String,
    /// `image/png`, `image/jpeg` or `image/gif`.
    pub content_type: String,
    /// Width in pixels; 0 if unknown.
    pub width: u32,
    /// Height in pixels; 0 if unknown.
    pub height: u32,
    /// Size in bytes.
    pub size: u64,
}

/// An image to store.
#[derive(Clone, Copy, Debug)]
pub struct NewImage<'a> {
    /// Name with the extension of its format.
    pub name: &'a str,
    /// The image.
    pub picture: &'a Picture,
    /// Whether it may replace an existing image.
    pub replace: bool,
    /// Maximum number of the tenant's images.
    pub limit: usize,
}

/// Result of storing an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutImage {
    /// The image is stored.
    Kept,
    /// Another image has this name.
    Taken,
    /// The tenant has too many images.
    Full,
}

impl Store {
    /// The current images, sorted by name.
    pub async fn list_images(&self, tenant: &str) -> Result<Vec<ImageDetail>, Error> {
        let rows = sqlx::query(
            "select i.name, i.hash, f.content_type, f.width, f.height, length(f.bytes) from images i
             join image_files f on f.tenant = i.tenant and f.hash = i.hash where i.tenant = $1",
        )
        .bind(tenant)
        .fetch_all(self.reader()?)
        .await?;
        let mut images = rows.iter().map(detail).collect::<Result<Vec<_>, _>>()?;
        // Those of earlier versions were not looked at when they came.
        for image in images.iter_mut().filter(|image| image.width == 0) {
            if let Some(file) = self.image(tenant, &image.hash).await? {
                (image.width, image.height) = pictures::size(&file.bytes).unwrap_or_default();
            }
        }
        images.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(images)
    }

    /// Stores an image. Storing identical bytes again changes nothing.
    pub async fn put_image(&self, tenant: &str, new: NewImage<'_>, by: By) -> Result<PutImage, Error> {
        let mut write = self.begin().await?;
        let version = record::next_version(&mut write, tenant).await?;
        let rows =
            sqlx::query("select name, hash from images where tenant = $1").bind(tenant).fetch_all(&mut *write).await?;
        let hash = hash(&new.picture.bytes);
        let mut earlier: Option<String> = None;
        for row in &rows {
            if row.try_get::<String, _>(0)? == new.name {
                earlier = Some(row.try_get(1)?);
            }
        }
        match &earlier {
            Some(earlier) if *earlier == hash => return Ok(PutImage::Kept),
            Some(_) if !new.replace => return Ok(PutImage::Taken),
            None if rows.len() >= new.limit => return Ok(PutImage::Full),
            _ => {}
        }
        sqlx::query(
            "insert into image_files (tenant, hash, content_type, bytes, width, height) values ($1, $2, $3, $4, $5, $6)
             on conflict (tenant, hash) do nothing",
        )
        .bind(tenant)
        .bind(&hash)
        .bind(new.picture.content_type)
        .bind(new.picture.bytes.as_slice())
        .bind(i64::from(new.picture.width))
        .bind(i64::from(new.picture.height))
        .execute(&mut *write)
        .await?;
        sqlx::query(
            "insert into images (tenant, name, hash) values ($1, $2, $3)
             on conflict (tenant, name) do update set hash = excluded.hash",
        )
        .bind(tenant)
        .bind(new.name)
        .bind(&hash)
        .execute(&mut *write)
        .await?;
        let action = if earlier.is_some() { "replace_image" } else { "add_image" };
        let detail = json!({ "hash": { "from": earlier, "to": hash } });
        audit::note(
            &mut write,
            audit::Entry { tenant, version, about: About::Design, by, action, subject: new.name, detail },
        )
        .await?;
        write.commit().await?;
        Ok(PutImage::Kept)
    }

    /// Removes an image's name if `check` accepts the current templates and rules; its file is kept for mails that link to
    /// it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no image with this name, and the error of `check`.
    pub async fn delete_image<E: From<Error>>(
        &self,
        tenant: &str,
        name: &str,
        check: impl FnOnce(&DesignState) -> Result<(), E>,
        by: By,
    ) -> Result<(), E> {
        let mut write = self.begin().await?;
        let version = record::next_version(&mut write, tenant).await?;
        let gone: Option<String> =
            sqlx::query_scalar("delete from images where tenant = $1 and name = $2 returning hash")
                .bind(tenant)
                .bind(name)
                .fetch_optional(&mut *write)
                .await
                .map_err(Error::from)?;
        let Some(hash) = gone else { return Err(Error::NotFound("there is no image with this name".into()).into()) };
        check(&designs::state(&mut write, tenant).await?)?;
        let detail = json!({ "hash": { "from": hash, "to": null } });
        audit::note(
            &mut write,
            audit::Entry { tenant, version, about: About::Design, by, action: "delete_image", subject: name, detail },
        )
        .await?;
        Ok(write.commit().await.map_err(Error::from)?)
    }

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

fn detail(row: &AnyRow) -> Result<ImageDetail, Error> {
    let number = |at: usize| row.try_get::<i64, _>(at);
    Ok(ImageDetail {
        name: row.try_get(0)?,
        hash: row.try_get(1)?,
        content_type: row.try_get(2)?,
        width: u32::try_from(number(3)?).unwrap_or_default(),
        height: u32::try_from(number(4)?).unwrap_or_default(),
        size: u64::try_from(number(5)?).unwrap_or_default(),
    })
}

/// The hash of these bytes: SHA-256 truncated to 128 bits, in lower-case hexadecimal.
pub(in crate::store) fn hash(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(bytes);
    let half = digest.iter().take(16).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    format!("{half:032x}")
}

/// The media type detected from the bytes; `None` if Outlook does not show it everywhere.
pub(in crate::store) fn content_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        _ => None,
    }
}
