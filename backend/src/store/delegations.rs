//! Tokens of accounts that people allow Paraph to use. One node refreshes them at a time, and its result is stored unless
//! another node stored one first.

use super::{Error, Store, aside};
use sqlx::Row;
use sqlx::any::AnyRow;

/// Identifies an account that a person allows Paraph to use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelegationKey {
    /// The tenant's id.
    pub tenant: String,
    /// Delegation id.
    pub id: String,
}

impl DelegationKey {
    /// The place that its tokens are sealed for.
    pub fn place(&self) -> String {
        format!("delegations.tokens/{}/{}", self.tenant, self.id)
    }
}

/// The tokens of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelegationRecord {
    /// Random id of this version of the tokens.
    pub generation: String,
    /// The tokens, sealed for [`DelegationKey::place`].
    pub tokens: String,
    /// Holder of the refresh lease; empty if there is none.
    pub lease: String,
}

fn record(row: &AnyRow) -> Result<DelegationRecord, Error> {
    Ok(DelegationRecord { generation: row.try_get(0)?, tokens: row.try_get(1)?, lease: row.try_get(2)? })
}

impl Store {
    /// An account's tokens.
    pub async fn delegation(&self, key: &DelegationKey) -> Result<Option<DelegationRecord>, Error> {
        self.bounded(async {
            let select = sqlx::query("select generation, tokens, lease from delegations where tenant = $1 and id = $2");
            let row = select.bind(&key.tenant).bind(&key.id).fetch_optional(self.reader()?).await?;
            row.as_ref().map(record).transpose()
        })
        .await
    }

    /// Writes the tokens of an account that was connected or reconnected. A refresh in progress will not overwrite them.
    pub async fn upsert_delegation(&self, key: &DelegationKey, generation: &str, tokens: &str) -> Result<(), Error> {
        let mut write = self.begin().await?;
        sqlx::query(
            "insert into delegations (tenant, id, generation, tokens) values ($1, $2, $3, $4)
             on conflict (tenant, id) do update set generation = excluded.generation, tokens = excluded.tokens, lease = ''",
        )
        .bind(&key.tenant)
        .bind(&key.id)
        .bind(generation)
        .bind(tokens)
        .execute(&mut *write)
        .await?;
        Ok(write.commit().await?)
    }

    /// Deletes an account's tokens.
    pub async fn delete_delegation(&self, key: &DelegationKey) -> Result<(), Error> {
        let mut write = self.begin().await?;
        let delete =
            sqlx::query("delete from delegations where tenant = $1 and id = $2").bind(&key.tenant).bind(&key.id);
        delete.execute(&mut *write).await?;
        Ok(write.commit().await?)
    }

    /// Takes the lease of an account's tokens from the holder `before` (empty for none), and reads the current tokens. `None`
    /// if another node holds the lease.
    pub async fn lease_delegation(
        &self,
        key: &DelegationKey,
        before: &str,
        lease: &str,
    ) -> Result<Option<DelegationRecord>, Error> {
        let mut write = aside(self.begin()).await?;
        let row = sqlx::query(
            "update delegations set lease = $4 where tenant = $1 and id = $2 and lease = $3
             returning generation, tokens, lease",
        )
        .bind(&key.tenant)
        .bind(&key.id)
        .bind(before)
        .bind(lease)
        .fetch_optional(&mut *write)
        .await?;
        let leased = row.as_ref().map(record).transpose()?;
        write.commit().await?;
        Ok(leased)
    }

    /// Releases a lease, unless another node has taken it.
    pub async fn release_delegation(&self, key: &DelegationKey, lease: &str) -> Result<(), Error> {
        sqlx::query("update delegations set lease = '' where tenant = $1 and id = $2 and lease = $3")
            .bind(&key.tenant)
            .bind(&key.id)
            .bind(lease)
            .execute(self.writer()?)
            .await?;
        Ok(())
    }

    /// Replaces the tokens of one generation and ends every lease. `false` if the generation has changed; then nothing was
    /// written. A node whose lease expired while it waited for an answer can still write, because its tokens are the newest.
    pub async fn swap_delegation(
        &self,
        key: &DelegationKey,
        before: &str,
        after: &str,
        tokens: &str,
    ) -> Result<bool, Error> {
        let swapped = sqlx::query(
            "update delegations set generation = $4, tokens = $5, lease = ''
             where tenant = $1 and id = $2 and generation = $3",
        )
        .bind(&key.tenant)
        .bind(&key.id)
        .bind(before)
        .bind(after)
        .bind(tokens)
        .execute(self.writer()?)
        .await?
        .rows_affected();
        Ok(swapped == 1)
    }
}
