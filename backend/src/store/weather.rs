//! How Outlook does: what event handlers measured, added up by day, platform and version.

use super::{Error, Store, Write};
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::BTreeMap;

/// Number of buckets of a histogram: columns `t0` to `t8`.
pub const BUCKETS: usize = 9;
/// Most platforms and versions of a tenant in a day. What comes beyond is added up under the version [`REST`].
const MAX_VERSIONS: i64 = 100;
/// Most different errors of a call in a day. What comes beyond is added up under [`REST`].
const MAX_ERRORS: i64 = 20;
/// Stands for what is beyond a limit.
pub const REST: &str = "other";

/// Names a row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WeatherKey {
    /// The tenant's id.
    pub tenant: String,
    /// Days since 1970-01-01 UTC.
    pub day: i64,
    /// The platform.
    pub platform: String,
    /// Version that the client reports.
    pub version: String,
}

/// How many events, and how many of them in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventCounts {
    /// All.
    pub events: i64,
    /// Those without all recipients.
    pub unread: i64,
    /// Those whose signature was not in the draft.
    pub unseen: i64,
    /// Those with a signature kept on the device.
    pub kept: i64,
    /// Those whose time was over.
    pub late: i64,
}

/// One kind of call: how long, and how it failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallCounts {
    /// How many took as long as each bucket says.
    pub times: [i64; BUCKETS],
    /// How many failed, by error.
    pub failures: BTreeMap<String, i64>,
}

/// What one version did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WeatherCounts {
    /// Its events.
    pub events: EventCounts,
    /// Their calls.
    pub calls: BTreeMap<String, CallCounts>,
}

/// What versions did, by platform and version.
pub type ByVersion = BTreeMap<(String, String), WeatherCounts>;

impl Store {
    /// Adds to one row. Rows of tenants that no longer exist are skipped.
    pub async fn add_weather(&self, key: &WeatherKey, counts: &WeatherCounts) -> Result<(), Error> {
        let mut write = self.begin().await?;
        let known: Option<String> = sqlx::query_scalar("select id from tenants where id = $1")
            .bind(&key.tenant)
            .fetch_optional(&mut *write)
            .await?;
        if known.is_none() {
            return Ok(());
        }
        let others: i64 = sqlx::query_scalar(
            "select count(*) from weather where tenant = $1 and day = $2 and not (platform = $3 and version = $4)",
        )
        .bind(&key.tenant)
        .bind(key.day)
        .bind(&key.platform)
        .bind(&key.version)
        .fetch_one(&mut *write)
        .await?;
        let mut key = key.clone();
        if others >= MAX_VERSIONS {
            REST.clone_into(&mut key.version);
        }
        add_events(&mut write, &key, counts.events).await?;
        for (call, counts) in &counts.calls {
            add_times(&mut write, &key, call, counts.times).await?;
            for (error, count) in &counts.failures {
                add_failures(&mut write, &key, Failures { call, error, count: *count }).await?;
            }
        }
        Ok(write.commit().await?)
    }

    /// What the tenant's clients did since a day, by platform and version.
    pub async fn list_weather(&self, tenant: &str, since_day: i64) -> Result<ByVersion, Error> {
        let mut found = ByVersion::new();
        let place = |row: &AnyRow| Ok::<_, Error>((row.try_get(0)?, row.try_get(1)?));
        for row in self.sums(EVENT_SUMS, tenant, since_day).await? {
            let events = EventCounts {
                events: row.try_get(2)?,
                unread: row.try_get(3)?,
                unseen: row.try_get(4)?,
                kept: row.try_get(5)?,
                late: row.try_get(6)?,
            };
            found.insert(place(&row)?, WeatherCounts { events, calls: BTreeMap::new() });
        }
        for row in self.sums(CALL_SUMS, tenant, since_day).await? {
            let mut times = [0; BUCKETS];
            for (index, time) in times.iter_mut().enumerate() {
                *time = row.try_get(3 + index)?;
            }
            let version = found.entry(place(&row)?).or_default();
            version.calls.entry(row.try_get(2)?).or_default().times = times;
        }
        for row in self.sums(FAILURE_SUMS, tenant, since_day).await? {
            let version = found.entry(place(&row)?).or_default();
            let call = version.calls.entry(row.try_get(2)?).or_default();
            call.failures.insert(row.try_get(3)?, row.try_get(4)?);
        }
        Ok(found)
    }

    async fn sums(&self, sql: &'static str, tenant: &str, since_day: i64) -> Result<Vec<AnyRow>, Error> {
        Ok(sqlx::query(sql).bind(tenant).bind(since_day).fetch_all(self.reader()?).await?)
    }

    /// Deletes what was measured before a day.
    pub async fn forget_weather(&self, tenant: &str, before_day: i64) -> Result<(), Error> {
        let mut write = self.begin().await?;
        for sql in [
            "delete from weather where tenant = $1 and day < $2",
            "delete from weather_calls where tenant = $1 and day < $2",
            "delete from weather_failures where tenant = $1 and day < $2",
        ] {
            sqlx::query(sql).bind(tenant).bind(before_day).execute(&mut *write).await?;
        }
        Ok(write.commit().await?)
    }
}

const EVENT_SUMS: &str = "select platform, version, cast(sum(events) as bigint), cast(sum(unread) as bigint),
        cast(sum(unseen) as bigint), cast(sum(kept) as bigint), cast(sum(late) as bigint)
    from weather where tenant = $1 and day >= $2 group by platform, version";
const CALL_SUMS: &str = "select platform, version, call, cast(sum(t0) as bigint), cast(sum(t1) as bigint),
        cast(sum(t2) as bigint), cast(sum(t3) as bigint), cast(sum(t4) as bigint), cast(sum(t5) as bigint),
        cast(sum(t6) as bigint), cast(sum(t7) as bigint), cast(sum(t8) as bigint)
    from weather_calls where tenant = $1 and day >= $2 group by platform, version, call";
const FAILURE_SUMS: &str = "select platform, version, call, error, cast(sum(count) as bigint)
    from weather_failures where tenant = $1 and day >= $2 group by platform, version, call, error";

async fn add_events(write: &mut Write, key: &WeatherKey, counts: EventCounts) -> Result<(), Error> {
    sqlx::query(
        "insert into weather (tenant, day, platform, version, events, unread, unseen, kept, late)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (tenant, day, platform, version) do update set events = weather.events + excluded.events,
             unread = weather.unread + excluded.unread, unseen = weather.unseen + excluded.unseen,
             kept = weather.kept + excluded.kept, late = weather.late + excluded.late",
    )
    .bind(&key.tenant)
    .bind(key.day)
    .bind(&key.platform)
    .bind(&key.version)
    .bind(counts.events)
    .bind(counts.unread)
    .bind(counts.unseen)
    .bind(counts.kept)
    .bind(counts.late)
    .execute(&mut **write)
    .await?;
    Ok(())
}

async fn add_times(write: &mut Write, key: &WeatherKey, call: &str, times: [i64; BUCKETS]) -> Result<(), Error> {
    let mut insert = sqlx::query(
        "insert into weather_calls (tenant, day, platform, version, call, t0, t1, t2, t3, t4, t5, t6, t7, t8)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         on conflict (tenant, day, platform, version, call) do update set
             t0 = weather_calls.t0 + excluded.t0, t1 = weather_calls.t1 + excluded.t1,
             t2 = weather_calls.t2 + excluded.t2, t3 = weather_calls.t3 + excluded.t3,
             t4 = weather_calls.t4 + excluded.t4, t5 = weather_calls.t5 + excluded.t5,
             t6 = weather_calls.t6 + excluded.t6, t7 = weather_calls.t7 + excluded.t7,
             t8 = weather_calls.t8 + excluded.t8",
    )
    .bind(&key.tenant)
    .bind(key.day)
    .bind(&key.platform)
    .bind(&key.version)
    .bind(call);
    for time in times {
        insert = insert.bind(time);
    }
    insert.execute(&mut **write).await?;
    Ok(())
}

/// How often a call failed with one error.
#[derive(Clone, Copy)]
struct Failures<'a> {
    call: &'a str,
    error: &'a str,
    count: i64,
}

async fn add_failures(write: &mut Write, key: &WeatherKey, failures: Failures<'_>) -> Result<(), Error> {
    let Failures { call, error, count } = failures;
    let others: i64 = sqlx::query_scalar(
        "select count(*) from weather_failures
         where tenant = $1 and day = $2 and platform = $3 and version = $4 and call = $5 and error <> $6",
    )
    .bind(&key.tenant)
    .bind(key.day)
    .bind(&key.platform)
    .bind(&key.version)
    .bind(call)
    .bind(error)
    .fetch_one(&mut **write)
    .await?;
    sqlx::query(
        "insert into weather_failures (tenant, day, platform, version, call, error, count)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (tenant, day, platform, version, call, error)
             do update set count = weather_failures.count + excluded.count",
    )
    .bind(&key.tenant)
    .bind(key.day)
    .bind(&key.platform)
    .bind(&key.version)
    .bind(call)
    .bind(if others >= MAX_ERRORS { REST } else { error })
    .bind(count)
    .execute(&mut **write)
    .await?;
    Ok(())
}
