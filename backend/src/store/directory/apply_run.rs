//! Applying a run's staged steps in one transaction.

use super::losses::REMEMBERED_MS;
use super::runs::{RunKey, RunRecord};
use super::steps::{self, STEPS};
use crate::store::audit::{self, By};
use crate::store::leases;
use crate::store::tenants::changes::About;
use crate::store::tenants::record;
use crate::store::{Error, Lease, Source, Store, Write};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

/// Number of steps that one statement applies; a run can be cancelled between two statements.
const RANGE: i64 = 2_000;
/// Maximum number of changed people that the audit names, so that nodes read only these again.
const NAMED: i64 = 200;

/// How applying ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// The plan was applied.
    Done,
    /// The run was cancelled; nothing was changed.
    Cancelled,
    /// The directory changed after the plan was made; nothing was changed.
    Outdated,
}

impl Store {
    /// Applies the staged steps of the held run completely or not at all. `go_on` is called with the number of applied
    /// steps and can stop the run at any time before its end.
    pub async fn apply_run(
        &self,
        run: &RunRecord,
        go_on: &(dyn Fn(u64) -> bool + Sync),
        by: By,
        held: &Lease,
    ) -> Result<Applied, Error> {
        let (RunKey { tenant, .. }, at_ms) = (RunKey::of(held), by.at_ms);
        let mut write = self.begin().await?;
        leases::fence(&mut write, held).await?;
        let apply = Apply { tenant, run: &run.id, source: run.source, at_ms };
        let steps = apply.steps(&mut write).await?;
        if steps > 0 {
            let version = record::next_version(&mut write, tenant).await?;
            if version != run.plan_version + 1 && apply.is_outdated(&mut write).await? {
                return Ok(Applied::Outdated);
            }
            for (kind, sql) in STEPS {
                apply.all(&mut write, kind, sql).await?;
            }
            let mut start = 0;
            while start < steps {
                if !go_on(u64::try_from(start).unwrap_or_default()) {
                    return Ok(Applied::Cancelled);
                }
                apply.values(&mut write, start, start + RANGE).await?;
                start += RANGE;
            }
            let confirmed = run.plan.as_ref().is_some_and(|plan| plan.needs_confirmation);
            apply.forget_losses(&mut write, confirmed).await?;
            let people = apply.people(&mut write).await?;
            let named: Option<Vec<&str>> = people.as_ref().map(|people| people.iter().map(String::as_str).collect());
            let about = named.as_deref().map_or(About::Everything, About::People);
            let detail = detail(run, people.as_deref());
            let deed = if run.source == Source::Csv { "import_csv" } else { "run_source" };
            audit::note(
                &mut write,
                audit::Entry { tenant, version, about, by, action: deed, subject: run.name.as_str(), detail },
            )
            .await?;
        }
        if !run.read_to.is_empty() {
            let whole_ms = run.complete.then_some(at_ms);
            sqlx::query(
                "update sources set read_to = $3, whole_ms = coalesce($4, whole_ms) where tenant = $1 and source = $2",
            )
            .bind(tenant)
            .bind(run.source.as_str())
            .bind(&run.read_to)
            .bind(whole_ms)
            .execute(&mut *write)
            .await?;
        }
        let ended = sqlx::query(
            "update runs set state = 'applied', failure = '', done = row_count, ended_ms = $3
             where tenant = $1 and id = $2 and state = 'applying'",
        )
        .bind(tenant)
        .bind(&run.id)
        .bind(at_ms)
        .execute(&mut *write)
        .await?;
        // Somebody may have cancelled it on another node, which has not told us.
        if ended.rows_affected() == 0 || !go_on(u64::try_from(steps).unwrap_or_default()) {
            return Ok(Applied::Cancelled);
        }
        write.commit().await?;
        Ok(Applied::Done)
    }
}

/// A run that is being applied.
struct Apply<'a> {
    tenant: &'a str,
    run: &'a str,
    source: Source,
    at_ms: i64,
}

impl Apply<'_> {
    /// Whether data that the plan was made from has changed.
    async fn is_outdated(&self, write: &mut Write) -> Result<bool, Error> {
        for sql in steps::OUTDATED {
            let found: i64 = sqlx::query_scalar(*sql)
                .bind(self.tenant)
                .bind(self.run)
                .bind(self.source.as_str())
                .fetch_one(&mut **write)
                .await?;
            if found > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The number after the last step's.
    async fn steps(&self, write: &mut Write) -> Result<i64, Error> {
        let sql = "select coalesce(max(number) + 1, 0) from run_steps where tenant = $1 and run = $2";
        Ok(sqlx::query_scalar(sql).bind(self.tenant).bind(self.run).fetch_one(&mut **write).await?)
    }

    /// Applies all steps of a kind at once, if there are any: each statement may scan all rows of the tenant in PostgreSQL.
    async fn all(&self, write: &mut Write, kind: &str, sql: &[&'static str]) -> Result<(), Error> {
        let any: Option<i64> =
            sqlx::query_scalar("select number from run_steps where tenant = $1 and run = $2 and kind = $3 limit 1")
                .bind(self.tenant)
                .bind(self.run)
                .bind(kind)
                .fetch_optional(&mut **write)
                .await?;
        if any.is_none() {
            return Ok(());
        }
        for sql in sql {
            // Every statement names the three; a time is written where it is needed.
            let sql = sql.replace("{now}", &self.at_ms.to_string());
            sqlx::query(AssertSqlSafe(sql))
                .bind(self.tenant)
                .bind(self.run)
                .bind(self.source.as_str())
                .execute(&mut **write)
                .await?;
        }
        Ok(())
    }

    /// Applies steps of the kind `values`: the source's new values for `person` as JSON by token; `old_value`: its previous
    /// values.
    async fn values(&self, write: &mut Write, start: i64, end: i64) -> Result<(), Error> {
        sqlx::query(
            "insert into person_values (tenant, person, source, fields)
             select tenant, person, $3, new_value from run_steps
             where tenant = $1 and run = $2 and number >= $4 and number < $5 and kind = 'values'
             on conflict (tenant, person, source) do update set fields = excluded.fields",
        )
        .bind(self.tenant)
        .bind(self.run)
        .bind(self.source.as_str())
        .bind(start)
        .bind(end)
        .execute(&mut **write)
        .await?;
        Ok(())
    }

    /// Deletes old losses, or all losses of the source if the run was confirmed: the guard then starts counting from zero.
    async fn forget_losses(&self, write: &mut Write, confirmed: bool) -> Result<(), Error> {
        let before_ms = if confirmed { i64::MAX } else { self.at_ms - REMEMBERED_MS };
        sqlx::query("delete from source_losses where tenant = $1 and source = $2 and (at_ms < $3 or at_ms > $4)")
            .bind(self.tenant)
            .bind(self.source.as_str())
            .bind(before_ms)
            .bind(self.at_ms)
            .execute(&mut **write)
            .await?;
        Ok(())
    }

    /// The people whom steps change, if they are few and nothing else changes.
    async fn people(&self, write: &mut Write) -> Result<Option<Vec<String>>, Error> {
        let people: Vec<String> = sqlx::query_scalar(
            "select distinct person from run_steps where tenant = $1 and run = $2 and person <> '' limit $3",
        )
        .bind(self.tenant)
        .bind(self.run)
        .bind(NAMED + 1)
        .fetch_all(&mut **write)
        .await?;
        let others: i64 = sqlx::query_scalar(
            "select count(*) from run_steps
             where tenant = $1 and run = $2 and kind in ('group', 'group_address', 'outsider', 'nested')",
        )
        .bind(self.tenant)
        .bind(self.run)
        .fetch_one(&mut **write)
        .await?;
        let few = others == 0 && i64::try_from(people.len()).is_ok_and(|people| people <= NAMED);
        Ok(few.then_some(people))
    }
}

/// Details of a run for the audit.
fn detail(run: &RunRecord, people: Option<&[String]>) -> Value {
    let plan = run.plan.clone().unwrap_or_default();
    let mut detail = json!({
        "source": run.source.as_str(),
        "added": plan.added,
        "changed": plan.changed,
        "unchanged": plan.unchanged,
        "cleared": plan.cleared,
        "left_out": plan.wrong,
    });
    if run.source != Source::Csv
        && let Some(map) = detail.as_object_mut()
    {
        map.insert("removed".into(), plan.removed.into());
        map.insert("groups".into(), plan.groups.into());
        map.insert("members".into(), plan.members.into());
        map.extend(people.map(|people| ("people".into(), people.into())));
    }
    detail
}
