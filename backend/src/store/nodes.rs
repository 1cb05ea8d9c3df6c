//! Who works. Whether another node is dead is told by its beats alone, so no clock that is set, and no two clocks that
//! differ, can give one lease to two nodes.

use super::{Engine, Error, Store, Write};
use sqlx::Row;

/// A node as another one sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeBeat {
    /// Its id.
    pub id: String,
    /// Goes up while it is alive.
    pub beat: i64,
}

impl Store {
    /// Announces a node. Of one server alone, as on SQLite, every earlier server is gone.
    pub async fn register_node(&self, node: &str, is_server: bool) -> Result<(), Error> {
        let mut write = self.begin().await?;
        if is_server && matches!(self.engine, Engine::Sqlite(_)) {
            sqlx::query("delete from nodes where server = 1").execute(&mut *write).await?;
        }
        let insert = sqlx::query("insert into nodes (id, beat, server) values ($1, 0, $2)");
        insert.bind(node).bind(i64::from(is_server)).execute(&mut *write).await?;
        release(&mut write).await?;
        Ok(write.commit().await?)
    }

    /// Says that a node is alive; `false`: it was declared dead, and holds nothing any more.
    pub async fn beat_node(&self, node: &str) -> Result<bool, Error> {
        let beat = sqlx::query("update nodes set beat = beat + 1 where id = $1").bind(node);
        Ok(beat.execute(self.writer()?).await?.rows_affected() > 0)
    }

    /// Every node.
    pub async fn list_nodes(&self) -> Result<Vec<NodeBeat>, Error> {
        let rows = sqlx::query("select id, beat from nodes").fetch_all(self.reader()?).await?;
        rows.iter().map(|row| Ok(NodeBeat { id: row.try_get(0)?, beat: row.try_get(1)? })).collect()
    }

    /// Declares nodes dead that have not beaten since, and gives back what nodes that are gone held: their attempts count.
    /// How many leases that were.
    pub async fn bury_nodes(&self, silent: &[NodeBeat]) -> Result<u64, Error> {
        let mut write = self.begin().await?;
        for node in silent {
            let bury = sqlx::query("delete from nodes where id = $1 and beat = $2");
            bury.bind(&node.id).bind(node.beat).execute(&mut *write).await?;
        }
        let released = release(&mut write).await?;
        write.commit().await?;
        Ok(released)
    }

    /// Takes a node off that ends, with what it still holds: no attempt counts.
    pub async fn leave_node(&self, node: &str) -> Result<(), Error> {
        let mut write = self.begin().await?;
        let release = sqlx::query("update leases set token = '', node = '' where node = $1 and token <> ''");
        release.bind(node).execute(&mut *write).await?;
        sqlx::query("delete from nodes where id = $1").bind(node).execute(&mut *write).await?;
        Ok(write.commit().await?)
    }
}

/// Gives back what nodes that are gone held.
async fn release(write: &mut Write) -> Result<u64, Error> {
    let release = sqlx::query(
        "update leases set token = '', node = '', attempt = attempt + 1
         where token <> '' and node not in (select id from nodes)",
    );
    Ok(release.execute(&mut **write).await?.rows_affected())
}
