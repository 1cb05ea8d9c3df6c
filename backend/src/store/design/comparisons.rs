//! Requests of comparisons of who gets what.

use crate::clock::DAY_MS;
use crate::store::{Error, Store};

/// Maximum number of stored comparisons of a tenant; the oldest is deleted.
const MAX_KEPT: i64 = 20;

impl Store {
    /// Stores a comparison's request, as JSON.
    pub async fn insert_comparison(&self, tenant: &str, id: &str, request: &str, now_ms: i64) -> Result<(), Error> {
        let mut write = self.begin().await?;
        let insert = sqlx::query("insert into comparisons (tenant, id, request, made_ms) values ($1, $2, $3, $4)");
        insert.bind(tenant).bind(id).bind(request).bind(now_ms).execute(&mut *write).await?;
        sqlx::query(
            "delete from comparisons where tenant = $1 and id <> $2 and id not in
                 (select id from comparisons where tenant = $1 order by made_ms desc, id limit $3)",
        )
        .bind(tenant)
        .bind(id)
        .bind(MAX_KEPT)
        .execute(&mut *write)
        .await?;
        Ok(write.commit().await?)
    }

    /// A comparison's request; `None` if it does not exist, or no longer.
    pub async fn comparison(&self, tenant: &str, id: &str) -> Result<Option<String>, Error> {
        let find = sqlx::query_scalar("select request from comparisons where tenant = $1 and id = $2");
        Ok(find.bind(tenant).bind(id).fetch_optional(self.reader()?).await?)
    }

    /// Deletes a comparison; returns whether it existed.
    pub async fn delete_comparison(&self, tenant: &str, id: &str) -> Result<bool, Error> {
        let mut write = self.begin().await?;
        let delete = sqlx::query("delete from comparisons where tenant = $1 and id = $2").bind(tenant).bind(id);
        let deleted = delete.execute(&mut *write).await?.rows_affected();
        write.commit().await?;
        Ok(deleted > 0)
    }

    /// Deletes a tenant's comparisons that are older than a day.
    pub async fn forget_comparisons(&self, tenant: &str, now_ms: i64) -> Result<(), Error> {
        let delete = sqlx::query("delete from comparisons where tenant = $1 and made_ms < $2");
        delete.bind(tenant).bind(now_ms - DAY_MS).execute(self.writer()?).await?;
        Ok(())
    }
}
