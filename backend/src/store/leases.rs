//! Leases: scheduled tasks that one node at a time carries out. They are requested, claimed, fenced during writes, and
//! returned.

use super::{Error, Store, Write};
use crate::clock::DAY_MS;
use crate::random;
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::HashMap;

/// Identifies a task: tenant, kind and subject.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LeaseKey {
    /// The tenant's id.
    pub tenant: String,
    /// Kind of the task.
    pub kind: String,
    /// Subject of the task; empty for the tenant itself.
    pub subject: String,
}

impl LeaseKey {
    /// Creates a key.
    pub fn new(tenant: &str, kind: &str, subject: &str) -> Self {
        Self { tenant: tenant.to_owned(), kind: kind.to_owned(), subject: subject.to_owned() }
    }
}

/// A background job of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// Continues a directory run; the subject is its id.
    Run,
    /// Fetches a source; the subject is its name.
    Source,
    /// Carries out planned publishing.
    Publish,
    /// Deletes the tenant.
    Delete,
    /// Deletes expired data.
    Tidy,
}

impl Job {
    /// All jobs.
    pub const ALL: [Self; 5] = [Self::Run, Self::Source, Self::Publish, Self::Delete, Self::Tidy];
    /// The lane of jobs that can take hours.
    pub const SLOW: &str = "runs";
    /// The lane of short jobs.
    pub const QUICK: &str = "quick";
    /// The lane of irreversible jobs.
    pub const CAREFUL: &str = "careful";

    /// Stored name of the job.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Source => "source",
            Self::Publish => "publish",
            Self::Delete => "delete",
            Self::Tidy => "tidy",
        }
    }

    /// Parses a stored name; `None` for one from a newer version.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|job| job.as_str() == text)
    }

    fn lane(self) -> &'static str {
        match self {
            Self::Run => Self::SLOW,
            Self::Source | Self::Tidy => Self::QUICK,
            Self::Publish | Self::Delete => Self::CAREFUL,
        }
    }

    /// How far ahead the job can be scheduled. For sources, one day: the longest interval, and the longest wait after
    /// throttling.
    fn horizon_ms(self) -> i64 {
        if matches!(self, Self::Publish | Self::Delete) { 0 } else { DAY_MS }
    }
}

impl Wanted {
    /// A job of a tenant that is due at this time.
    pub fn job(tenant: &str, job: Job, subject: &str, due_ms: i64) -> Self {
        let key = LeaseKey::new(tenant, job.as_str(), subject);
        Self { key, lane: job.lane(), payload: String::new(), due_ms, horizon_ms: job.horizon_ms() }
    }
}

/// A scheduled task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Key of the task.
    pub key: LeaseKey,
    /// The lane, which selects one of a node's workers.
    pub lane: &'static str,
    /// Additional data for the task; may be empty.
    pub payload: String,
    /// When the task is due, in milliseconds UTC.
    pub due_ms: i64,
    /// How far ahead the task can be due, in milliseconds, so that times written with a wrong clock are noticed; 0 for no
    /// limit.
    pub horizon_ms: i64,
}

/// What is due, as far as a node has a place for it.
#[derive(Clone, Copy, Debug)]
pub struct Due<'a> {
    /// In which lane.
    pub lane: &'a str,
    /// At which time, in milliseconds UTC.
    pub now_ms: i64,
    /// At most so much of it.
    pub limit: usize,
    /// Nothing of these tenants.
    pub without: &'a [String],
}

/// A lease that a node holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Key of the task.
    pub key: LeaseKey,
    /// What else the work has to know.
    pub payload: String,
    /// When the task was due, in milliseconds UTC.
    pub due_ms: i64,
    /// Number of consecutive earlier attempts that failed or whose node died.
    pub attempt: i64,
    /// Token of this claim.
    token: String,
    asked: i64,
}

impl Lease {
    /// A lease without a database, for tests.
    #[cfg(test)]
    pub(crate) fn example(key: LeaseKey, attempt: i64) -> Self {
        Self { key, payload: String::new(), due_ms: 0, attempt, token: String::new(), asked: 0 }
    }
}

/// How a lease is returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The task is done, unless it was requested again in the meantime.
    Done,
    /// The task is due again at `due_ms`, or earlier if that was requested in the meantime.
    Again {
        /// When it is due, in milliseconds UTC.
        due_ms: i64,
        /// Number of consecutive failed attempts.
        attempt: i64,
    },
}

/// Schedules or reschedules a task. If a node is carrying it out, it is due again afterwards.
pub(super) async fn ask(write: &mut Write, wanted: &Wanted) -> Result<(), Error> {
    sqlx::query(
        "insert into leases (tenant, kind, subject, lane, payload, due_ms, horizon_ms, asked, attempt, token, node)
         values ($1, $2, $3, $4, $5, $6, $7, 0, 0, '', '')
         on conflict (tenant, kind, subject) do update set lane = excluded.lane, payload = excluded.payload,
             due_ms = excluded.due_ms, horizon_ms = excluded.horizon_ms, asked = leases.asked + 1, attempt = 0",
    )
    .bind(&wanted.key.tenant)
    .bind(&wanted.key.kind)
    .bind(&wanted.key.subject)
    .bind(wanted.lane)
    .bind(&wanted.payload)
    .bind(wanted.due_ms)
    .bind(wanted.horizon_ms)
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Deletes a task. A node that is carrying it out loses its lease.
pub(super) async fn forget(write: &mut Write, key: &LeaseKey) -> Result<(), Error> {
    sqlx::query("delete from leases where tenant = $1 and kind = $2 and subject = $3")
        .bind(&key.tenant)
        .bind(&key.kind)
        .bind(&key.subject)
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Allows a write only while the caller holds the lease, and prevents others from taking the lease until the write has ended.
///
/// # Errors
/// [`Error::LeaseLost`].
pub(super) async fn fence(write: &mut Write, lease: &Lease) -> Result<(), Error> {
    let held =
        sqlx::query("update leases set token = token where tenant = $1 and kind = $2 and subject = $3 and token = $4");
    let held = of(held, lease).execute(&mut **write).await?;
    if held.rows_affected() == 0 { Err(Error::LeaseLost) } else { Ok(()) }
}

impl Store {
    /// Schedules tasks, in a separate transaction.
    pub async fn ask(&self, wanted: &[Wanted]) -> Result<(), Error> {
        let mut write = self.begin().await?;
        for one in wanted {
            ask(&mut write, one).await?;
        }
        Ok(write.commit().await?)
    }

    /// When a task is due, in milliseconds UTC; `None` if it is not scheduled, or if a node is carrying it out.
    pub async fn due_of(&self, key: &LeaseKey) -> Result<Option<i64>, Error> {
        let due = sqlx::query_scalar(
            "select due_ms from leases where tenant = $1 and kind = $2 and subject = $3 and token = ''",
        );
        let due = due.bind(&key.tenant).bind(&key.kind).bind(&key.subject);
        Ok(due.fetch_optional(self.reader()?).await?)
    }

    /// Claims due tasks, longest waiting first. A node that was declared dead gets nothing.
    pub async fn claim(&self, node: &str, due: Due<'_>) -> Result<Vec<Lease>, Error> {
        let Due { lane, now_ms, limit, without } = due;
        let excluded: Vec<_> = (0..without.len()).map(|at| format!("${}", at + 6)).collect();
        let excluded =
            if excluded.is_empty() { String::new() } else { format!("and tenant not in ({})", excluded.join(", ")) };
        let sql = format!(
            "update leases set token = $1, node = $2
             where token = '' and exists (select 1 from nodes where id = $2) and (tenant, kind, subject) in (
                 select tenant, kind, subject from leases where lane = $3 and token = '' and due_ms <= $4 {excluded}
                 order by due_ms limit $5)
             returning tenant, kind, subject, payload, due_ms, attempt, token, asked"
        );
        let mut claim = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(random::id())
            .bind(node)
            .bind(lane)
            .bind(now_ms)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX));
        for tenant in without {
            claim = claim.bind(tenant);
        }
        claim.fetch_all(self.writer()?).await?.iter().map(lease).collect()
    }

    /// Claims one task, whether due or not; `None` if it does not exist, or if a node holds it.
    pub async fn claim_one(&self, node: &str, key: &LeaseKey) -> Result<Option<Lease>, Error> {
        let mut write = self.begin().await?;
        let row = sqlx::query(
            "update leases set token = $1, node = $2 where tenant = $3 and kind = $4 and subject = $5 and token = ''
                 and exists (select 1 from nodes where id = $2)
             returning tenant, kind, subject, payload, due_ms, attempt, token, asked",
        )
        .bind(random::id())
        .bind(node)
        .bind(&key.tenant)
        .bind(&key.kind)
        .bind(&key.subject)
        .fetch_optional(&mut *write)
        .await?;
        write.commit().await?;
        row.as_ref().map(lease).transpose()
    }

    /// Returns leases, in one transaction. The result says for each whether it was still held; if not, nothing was changed.
    pub async fn settle(&self, ended: &[(Lease, Settled)]) -> Result<Vec<bool>, Error> {
        let mut write = self.begin().await?;
        let mut held = Vec::with_capacity(ended.len());
        for (lease, settled) in ended {
            held.push(match settled {
                Settled::Done => done(&mut write, lease).await?,
                Settled::Again { due_ms, attempt } => again(&mut write, lease, *due_ms, *attempt).await?,
            });
        }
        write.commit().await?;
        Ok(held)
    }

    /// Whether a node still holds a lease.
    pub async fn holds(&self, lease: &Lease) -> Result<bool, Error> {
        let held = sqlx::query_scalar::<_, i64>(
            "select count(*) from leases where tenant = $1 and kind = $2 and subject = $3 and token = $4",
        );
        let held = held.bind(&lease.key.tenant).bind(&lease.key.kind).bind(&lease.key.subject).bind(&lease.token);
        Ok(held.fetch_one(self.reader()?).await? > 0)
    }

    /// Makes tasks due now if they are scheduled further ahead than allowed, which happens with a wrong clock.
    pub async fn correct_due_times(&self, now_ms: i64, skew_ms: i64) -> Result<u64, Error> {
        let correct = sqlx::query(
            "update leases set due_ms = $1 where token = '' and horizon_ms > 0 and due_ms > $1 + horizon_ms + $2",
        );
        Ok(correct.bind(now_ms).bind(skew_ms).execute(self.writer()?).await?.rows_affected())
    }

    /// Number of leases that a node holds.
    pub async fn held_by(&self, node: &str) -> Result<i64, Error> {
        let held = sqlx::query_scalar("select count(*) from leases where node = $1 and token <> ''").bind(node);
        Ok(held.fetch_one(self.reader()?).await?)
    }

    /// Number of tasks that are overdue at `now_ms`, and of held leases, by lane.
    pub async fn count_leases(&self, now_ms: i64) -> Result<HashMap<String, (i64, i64)>, Error> {
        let rows = sqlx::query(
            "select lane, sum(case when token = '' and due_ms <= $1 then 1 else 0 end),
                 sum(case when token <> '' then 1 else 0 end) from leases group by lane",
        )
        .bind(now_ms)
        .fetch_all(self.reader()?)
        .await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?)))).collect()
    }
}

async fn done(write: &mut Write, lease: &Lease) -> Result<bool, Error> {
    let delete = sqlx::query(
        "delete from leases where tenant = $1 and kind = $2 and subject = $3 and token = $4 and asked = $5",
    );
    if of(delete, lease).bind(lease.asked).execute(&mut **write).await?.rows_affected() > 0 {
        return Ok(true);
    }
    let asked_again = sqlx::query(
        "update leases set token = '', node = '', attempt = 0
         where tenant = $1 and kind = $2 and subject = $3 and token = $4",
    );
    Ok(of(asked_again, lease).execute(&mut **write).await?.rows_affected() > 0)
}

async fn again(write: &mut Write, lease: &Lease, due_ms: i64, attempt: i64) -> Result<bool, Error> {
    let back = sqlx::query(
        "update leases set token = '', node = '', attempt = case when asked = $5 then $6 else 0 end,
             due_ms = case when asked = $5 then $7 else due_ms end
         where tenant = $1 and kind = $2 and subject = $3 and token = $4",
    );
    let back = of(back, lease).bind(lease.asked).bind(attempt).bind(due_ms);
    Ok(back.execute(&mut **write).await?.rows_affected() > 0)
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Any, sqlx::any::AnyArguments>;

/// Binds `$1` to `$4`: key and token.
fn of<'q>(query: Query<'q>, lease: &'q Lease) -> Query<'q> {
    query.bind(&lease.key.tenant).bind(&lease.key.kind).bind(&lease.key.subject).bind(&lease.token)
}

fn lease(row: &AnyRow) -> Result<Lease, Error> {
    let key = LeaseKey { tenant: row.try_get(0)?, kind: row.try_get(1)?, subject: row.try_get(2)? };
    Ok(Lease {
        key,
        payload: row.try_get(3)?,
        due_ms: row.try_get(4)?,
        attempt: row.try_get(5)?,
        token: row.try_get(6)?,
        asked: row.try_get(7)?,
    })
}
