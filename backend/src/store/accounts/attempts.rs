//! Guesses at passwords, codes and links. Each is counted as a failure before it is looked at, so that many at once are as
//! few as many in a row; what turns out right is taken off again.

use crate::store::{Error, Store, Write, aside};
use sqlx::Row;

/// Longest pause in milliseconds after a failure.
const LONGEST_WAIT_MS: i64 = 15 * 60_000;
/// Failures are forgotten when none is added for this long, in milliseconds.
const FORGET_MS: i64 = crate::clock::DAY_MS;

/// Under what a guess is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What it is counted for, hashed.
    pub key: String,
    /// So many failures make nobody wait. Each further one doubles the wait: a second, two, up to a quarter of an hour.
    pub free: i64,
    /// Whether a right guess makes the failures before it forgotten.
    pub forgiven: bool,
}

/// One guess that is counted under one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserved {
    limit: Limit,
    /// Until when this guess makes the next one wait; 0: it does not.
    until_ms: i64,
}

/// Whether a guess may be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reservation {
    /// It is counted already.
    Granted(Vec<Reserved>),
    /// Not before then, in milliseconds UTC. Nothing was counted.
    Refused(i64),
}

impl Store {
    /// Counts a guess under every limit, unless one of them makes it wait. Calls that share a key should name their limits
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

    /// Takes a guess off again that was none. `right`: and what may be forgiven is forgotten.
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
    // Times further ahead than any of ours were written before the clock was set back: they count for nothing.
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
