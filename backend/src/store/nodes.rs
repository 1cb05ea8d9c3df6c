//! Nodes and their heartbeats. Only heartbeats decide whether a node is dead, so clocks that are set or that differ cannot
//! give one lease to two nodes.

use super::{Engine, Error, Store, Write};
use sqlx::Row;

/// A node as another one sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeBeat {
    /// Its id.
    pub id: String,
    /// Heartbeat counter, which increases while the node is alive.
    pub beat: i64,
}

impl Store {
    /// Registers a node. If only one server can run, as with SQLite, all earlier servers are removed.
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

    /// Records a heartbeat; `false` if the node was declared dead and holds no leases any more.
    pub async fn beat_node(&self, node: &str) -> Result<bool, Error> {
        let beat = sqlx::query("update nodes set beat = beat + 1 where id = $1").bind(node);
        Ok(beat.execute(self.writer()?).await?.rows_affected() > 0)
    }

    /// All nodes.
    pub async fn list_nodes(&self) -> Result<Vec<NodeBeat>, Error> {
        let rows = sqlx::query("select id, beat from nodes").fetch_all(self.reader()?).await?;
        rows.iter().map(|row| Ok(NodeBeat { id: row.try_get(0)?, beat: row.try_get(1)? })).collect()
    }

    /// Declares nodes dead that have sent no heartbeat since, and releases the leases of removed nodes, counting an attempt
    /// for each. Returns the number of released leases.
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

    /// Removes a node that is stopping and releases its leases without counting an attempt.
    pub async fn leave_node(&self, node: &str) -> Result<(), Error> {
        let mut write = self.begin().await?;
        let release = sqlx::query("update leases set token = '', node = '' where node = $1 and token <> ''");
        release.bind(node).execute(&mut *write).await?;
        sqlx::query("delete from nodes where id = $1").bind(node).execute(&mut *write).await?;
        Ok(write.commit().await?)
    }
}

/// Releases the leases of removed nodes.
async fn release(write: &mut Write) -> Result<u64, Error> {
    let release = sqlx::query(
        "update leases set token = '', node = '', attempt = attempt + 1
         where token <> '' and node not in (select id from nodes)",
    );
    Ok(release.execute(&mut **write).await?.rows_affected())
}
