//! Staging a plan's steps in short transactions, and applying them in one.

use super::audit::{self, Actor};
use super::imports::{ImportKey, ImportRecord};
use super::rows::{self, Cell, Table};
use super::{Error, Source, Store, Write, tenants};
use crate::directory::Step;
use serde_json::{Value, json};

const PEOPLE: Table =
    Table { name: "import_people", key: &["import", "number"], values: &["person", "address"], keep: false };
const VALUES: Table = Table {
    name: "import_values",
    key: &["import", "number"],
    values: &["person", "token", "old_value", "new_value"],
    keep: false,
};
/// Values that one statement applies: between two, an import can be cancelled.
const RANGE: i64 = 10_000;

/// How applying ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// Everything is as the plan says.
    Done,
    /// It was cancelled; nothing is changed.
    Cancelled,
    /// Somebody changed what the plan was made from; nothing is changed.
    Outdated,
}

impl Store {
    /// Keeps steps of a plan, numbered from `first` on. `false`: the import is not being planned any more.
    pub async fn stage(
        &self,
        (tenant, id): ImportKey<'_>,
        steps: &[Step],
        first: i64,
        (done, now_ms): (u64, i64),
    ) -> Result<bool, Error> {
        let mut write = self.begin().await?;
        let planning = sqlx::query(
            "update imports set done = $3, beat_ms = $4 where tenant = $1 and id = $2 and state = 'planning'",
        )
        .bind(tenant)
        .bind(id)
        .bind(i64::try_from(done).unwrap_or(i64::MAX))
        .bind(now_ms)
        .execute(&mut *write)
        .await?;
        if planning.rows_affected() == 0 {
            return Ok(false);
        }
        let (people, values) = staged(id, steps, first);
        rows::upsert(&mut write, &PEOPLE, tenant, people.into_iter()).await?;
        rows::upsert(&mut write, &VALUES, tenant, values.into_iter()).await?;
        write.commit().await?;
        Ok(true)
    }

    /// Applies what is staged: all of it or nothing. `go_on` is told how many steps are done and may stop it at any time
    /// before the end.
    pub async fn apply_import(
        &self,
        tenant: &str,
        import: &ImportRecord,
        go_on: &(dyn Fn(u64) -> bool + Sync),
        actor: &Actor,
        at_ms: i64,
    ) -> Result<Applied, Error> {
        let mut write = self.begin().await?;
        let apply = Apply { tenant, import: &import.id, source: import.source };
        let steps = apply.steps(&mut write).await?;
        if steps > 0 {
            let version = tenants::next_version(&mut write, tenant).await?;
            if version != import.plan_version + 1 && apply.is_outdated(&mut write).await? {
                return Ok(Applied::Outdated);
            }
            apply.people(&mut write).await?;
            let mut start = 0;
            while start < steps {
                if !go_on(u64::try_from(start).unwrap_or_default()) {
                    return Ok(Applied::Cancelled);
                }
                apply.values(&mut write, start, start + RANGE).await?;
                start += RANGE;
            }
            apply.removals(&mut write).await?;
            let deed = ("import_csv", import.name.as_str());
            audit::note(&mut write, (tenant, version), (actor.clone(), at_ms), deed, detail(import)).await?;
        }
        let ended = sqlx::query(
            "update imports set state = 'applied', failure = '', done = row_count
             where tenant = $1 and id = $2 and state = 'applying'",
        )
        .bind(tenant)
        .bind(&import.id)
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

/// The steps as rows: people, then values.
fn staged(id: &str, steps: &[Step], first: i64) -> (Vec<Vec<Cell>>, Vec<Vec<Cell>>) {
    let text = |text: &Option<String>| text.as_deref().map_or(Cell::Null, Cell::from);
    let (mut people, mut values) = (Vec::new(), Vec::with_capacity(steps.len()));
    for (number, step) in (first..).zip(steps) {
        let key = [id.into(), Cell::Int(number)];
        match step {
            Step::Person { person, address } => {
                people.push(key.into_iter().chain([person.as_str().into(), address.as_str().into()]).collect());
            }
            Step::Value { person, token, old, new } => {
                let rest = [person.as_str().into(), token.as_str().into(), text(old), text(new)];
                values.push(key.into_iter().chain(rest).collect());
            }
        }
    }
    (people, values)
}

fn detail(import: &ImportRecord) -> Value {
    let plan = import.plan.clone().unwrap_or_default();
    json!({
        "source": import.source.as_str(),
        "added": plan.added,
        "changed": plan.changed,
        "unchanged": plan.unchanged,
        "cleared": plan.cleared,
        "left_out": plan.wrong,
    })
}

/// What is applied.
struct Apply<'a> {
    tenant: &'a str,
    import: &'a str,
    source: Source,
}

impl Apply<'_> {
    /// Whether anything that the plan was made from is not so any more.
    async fn is_outdated(&self, write: &mut Write) -> Result<bool, Error> {
        let new_ones_are_known = "
            select count(*) from import_people i
            join addresses a on a.tenant = i.tenant and a.address = i.address
            where i.tenant = $1 and i.import = $2 and $3 <> ''";
        let people_are_gone = "
            select count(*) from import_values i
            left join people p on p.tenant = i.tenant and p.id = i.person
            where i.tenant = $1 and i.import = $2 and $3 <> '' and p.id is null
                and i.person not in (select person from import_people where tenant = $1 and import = $2)";
        let values_are_others = "
            select count(*) from import_values i
            left join field_values v
                on v.tenant = i.tenant and v.person = i.person and v.token = i.token and v.source = $3
            where i.tenant = $1 and i.import = $2 and v.value is distinct from i.old_value";
        let fields_are_gone = "
            select count(*) from import_values i
            join fields f on f.tenant = i.tenant and f.token = i.token and f.removed = 1
            where i.tenant = $1 and i.import = $2 and i.new_value is not null and $3 <> ''";
        for sql in [new_ones_are_known, people_are_gone, values_are_others, fields_are_gone] {
            let found: i64 = sqlx::query_scalar(sql)
                .bind(self.tenant)
                .bind(self.import)
                .bind(self.source.as_str())
                .fetch_one(&mut **write)
                .await?;
            if found > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn people(&self, write: &mut Write) -> Result<(), Error> {
        for sql in [
            "insert into people (tenant, id, oid, shared)
             select tenant, person, null, 0 from import_people where tenant = $1 and import = $2",
            "insert into addresses (tenant, address, person, position)
             select tenant, address, person, 0 from import_people where tenant = $1 and import = $2",
        ] {
            sqlx::query(sql).bind(self.tenant).bind(self.import).execute(&mut **write).await?;
        }
        Ok(())
    }

    /// The number behind the last step's.
    async fn steps(&self, write: &mut Write) -> Result<i64, Error> {
        let mut steps = 0;
        for sql in [
            "select coalesce(max(number) + 1, 0) from import_people where tenant = $1 and import = $2",
            "select coalesce(max(number) + 1, 0) from import_values where tenant = $1 and import = $2",
        ] {
            let behind: i64 =
                sqlx::query_scalar(sql).bind(self.tenant).bind(self.import).fetch_one(&mut **write).await?;
            steps = steps.max(behind);
        }
        Ok(steps)
    }

    async fn values(&self, write: &mut Write, start: i64, end: i64) -> Result<(), Error> {
        sqlx::query(
            "insert into field_values (tenant, person, token, source, value, locked)
             select tenant, person, token, $3, new_value, 0 from import_values
             where tenant = $1 and import = $2 and number >= $4 and number < $5 and new_value is not null
             on conflict (tenant, person, token, source) do update set value = excluded.value",
        )
        .bind(self.tenant)
        .bind(self.import)
        .bind(self.source.as_str())
        .bind(start)
        .bind(end)
        .execute(&mut **write)
        .await?;
        Ok(())
    }

    /// Takes values away: all at once, for PostgreSQL may look at every value of the tenant each time that it is asked.
    async fn removals(&self, write: &mut Write) -> Result<(), Error> {
        let any: Option<i64> = sqlx::query_scalar(
            "select number from import_values where tenant = $1 and import = $2 and new_value is null limit 1",
        )
        .bind(self.tenant)
        .bind(self.import)
        .fetch_optional(&mut **write)
        .await?;
        if any.is_some() {
            sqlx::query(
                "delete from field_values where tenant = $1 and source = $3 and (person, token) in (
                     select person, token from import_values
                     where tenant = $1 and import = $2 and new_value is null)",
            )
            .bind(self.tenant)
            .bind(self.import)
            .bind(self.source.as_str())
            .execute(&mut **write)
            .await?;
        }
        Ok(())
    }
}
