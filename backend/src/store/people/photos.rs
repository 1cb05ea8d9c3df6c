//! Photos of a source's people: the files, and the last known state by person.

use crate::pictures::Picture;
use crate::store::design::images;
use crate::store::rows::{Cell, Table};
use crate::store::{Error, Source, Store};
use futures_util::TryStreamExt;
use sqlx::Row;
use std::collections::HashMap;

const SEEN: Table =
    Table { name: "source_photos", key: &["source", "external"], values: &["etag", "checked_ms"], keep: true };

impl Store {
    /// Last known photo state by the source's id of the person: `ETag`, empty if there is no photo, and time of the check;
    /// `None` if it was never checked.
    pub async fn seen_photos(
        &self,
        tenant: &str,
        source: Source,
    ) -> Result<HashMap<String, (String, Option<i64>)>, Error> {
        // Within JSON's texts a quotation mark is never bare: what looks like this key is one.
        let sql = "select p.external, case when v.fields like '%\"photo\":%' then coalesce(s.etag, '') else '' end,
                s.checked_ms
            from source_people p
            left join source_photos s on s.tenant = p.tenant and s.source = p.source and s.external = p.external
            left join person_values v on v.tenant = p.tenant and v.person = p.person and v.source = p.source
            where p.tenant = $1 and p.source = $2";
        let mut rows = sqlx::query(sql).bind(tenant).bind(source.as_str()).fetch(self.reader()?);
        let mut seen = HashMap::new();
        while let Some(row) = rows.try_next().await? {
            seen.insert(row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?));
        }
        Ok(seen)
    }

    /// Records that photos are unchanged, so that others are checked next time. `photos`: the source's id of the person, and
    /// the `ETag`.
    pub async fn note_photos(
        &self,
        tenant: &str,
        source: Source,
        photos: &[(String, String)],
        now_ms: i64,
    ) -> Result<(), Error> {
        let row = |(external, etag): &(String, String)| {
            vec![source.as_str().into(), external.as_str().into(), etag.as_str().into(), Cell::Int(now_ms)]
        };
        let rows: Vec<_> = photos.iter().map(row).collect();
        let mut write = self.begin().await?;
        SEEN.upsert(&mut write, tenant, rows.into_iter()).await?;
        Ok(write.commit().await?)
    }

    /// Stores a photo's file by the hash of its content and returns the hash.
    pub async fn put_photo(&self, tenant: &str, photo: &Picture) -> Result<String, Error> {
        let hash = images::hash(&photo.bytes);
        sqlx::query(
            "insert into image_files (tenant, hash, content_type, bytes, width, height)
             values ($1, $2, $3, $4, $5, $6) on conflict (tenant, hash) do nothing",
        )
        .bind(tenant)
        .bind(&hash)
        .bind(photo.content_type)
        .bind(photo.bytes.as_slice())
        .bind(i64::from(photo.width))
        .bind(i64::from(photo.height))
        .execute(self.writer()?)
        .await?;
        Ok(hash)
    }
}
