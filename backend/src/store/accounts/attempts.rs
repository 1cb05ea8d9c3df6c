//! Attempts to guess passwords, codes and links. Each is counted as a failure before it is checked, so that parallel attempts
//! are limited like sequential ones; a correct attempt is subtracted again.

use crate::store::{Error, Store, Write, aside};
use sqlx::Row;

/// Longest wait after a failure, in milliseconds.
const LONGEST_WAIT_MS: i64 = 15 * 60_000;
/// Failures are forgotten after this many milliseconds without another one.
const FORGET_MS: i64 = crate::clock::DAY_MS;

/// A limit under which attempts are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Hash of what is counted.
    pub key: String,
    /// Number of failures without a wait. Each further failure doubles the wait: one second, two, up to 15 minutes.
    pub free: i64,
    /// Whether a correct attempt resets earlier failures.
    pub forgiven: bool,
}

/// An attempt that was counted under one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserved {
    limit: Limit,
    /// Until when the next attempt has to wait; 0 for no wait.
    until_ms: i64,
}

/// Whether an attempt is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reservation {
    /// Allowed, and counted already.
    Granted(Vec<Reserved>),
    /// Refused until this time in milliseconds UTC. Nothing was counted.
    Refused(i64),
}

impl Store {
    /// Counts an attempt under all limits, unless one of them makes it wait. Calls that share a key should pass their limits
    /// in the same order.
    pub async fn reserve_attempt(&self, limits: &[Limit], now_ms: i64) -> Result<Reservation, Error> {
        let mut write = aside(self.begin()).await?;
        let mut granted = Vec::with_capacity(limits.len());
        for limit in limits {
            match count(&mut write, limit, now_ms).await? {
                Ok(until_ms) => granted.push(Reserved { limit: limit.clone(), until_ms }),
                // Dropping the transaction takes the others' counts back.
                Err(until_ms) => return Ok(Reservation::Refused(until_ms)),
            }
        }
        write.commit().await?;
        Ok(Reservation::Granted(granted))
    }

    /// Subtracts an attempt that was not wrong. With `right`, also resets the failures of limits that are `forgiven`.
    pub async fn release_attempt(&self, reserved: &[Reserved], right: bool, now_ms: i64) -> Result<(), Error> {
        let mut write = aside(self.begin()).await?;
        for Reserved { limit, until_ms } in reserved {
            if right && limit.forgiven {
                sqlx::query("delete from attempts where key = $1").bind(&limit.key).execute(&mut *write).await?;
                continue;
            }
            // A wait that another guess set stays.
            sqlx::query(
                "update attempts set failures = failures - 1, until_ms = case when until_ms = $2 then 0 else until_ms end
                 where key = $1 and failures > 0",
            )
            .bind(&limit.key)
            .bind(until_ms)
            .execute(&mut *write)
            .await?;
        }
        write.commit().await?;
        let clear = sqlx::query("delete from attempts where forget_ms <= $1").bind(now_ms);
        clear.execute(self.writer()?).await?;
        Ok(())
    }
}

/// Until when the next guess has to wait (0: not at all), or until when this one has to.
async fn count(write: &mut Write, limit: &Limit, now_ms: i64) -> Result<Result<i64, i64>, Error> {
    // Times too far ahead were written before the clock was set back; they are ignored.
    let row = sqlx::query(
        "insert into attempts (key, failures, until_ms, forget_ms) values ($1, 1, 0, $3)
         on conflict (key) do update set forget_ms = excluded.forget_ms,
             failures = case when attempts.forget_ms > $2 and attempts.forget_ms <= $3 then attempts.failures + 1 else 1 end,
             until_ms = case when attempts.forget_ms > $2 and attempts.forget_ms <= $3 and attempts.until_ms <= $4
                 then attempts.until_ms else 0 end
         returning failures, until_ms",
    )
    .bind(&limit.key)
    .bind(now_ms)
    .bind(now_ms + FORGET_MS)
    .bind(now_ms + LONGEST_WAIT_MS)
    .fetch_one(&mut **write)
    .await?;
    let (failures, until_ms): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    if until_ms > now_ms {
        return Ok(Err(until_ms));
    }
    if failures < limit.free {
        return Ok(Ok(0));
    }
    let wait_ms = (1_000_i64 << (failures - limit.free).min(20)).min(LONGEST_WAIT_MS);
    let update =
        sqlx::query("update attempts set until_ms = $2 where key = $1").bind(&limit.key).bind(now_ms + wait_ms);
    update.execute(&mut **write).await?;
    Ok(Ok(now_ms + wait_ms))
}
