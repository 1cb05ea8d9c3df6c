//! Steps of a plan: staging in short transactions, and the statements that apply each kind.

use super::runs::RunKey;
use super::step::{Loss, Step};
use crate::store::Lease;
use crate::store::leases;
use crate::store::people::values;
use crate::store::rows::{Cell, Table};
use crate::store::{Error, Store};

const TABLE: Table = Table {
    name: "run_steps",
    key: &["run", "number"],
    values: &["kind", "person", "item", "old_value", "new_value"],
    keep: false,
};

/// Statements that apply steps of each kind except `values`, in the order in which they must run. `$1`: the tenant, `$2`: the
/// run, `$3`: the source; `{now}`: the time.
pub(in crate::store) const STEPS: &[(&str, &[&str])] = &[
    // `new_value`: the Entra object id, or nothing.
    (
        "person",
        &["insert into people (tenant, id, oid, shared)
           select tenant, person, new_value, 0 from run_steps
           where tenant = $1 and run = $2 and kind = 'person' and $3 <> ''"],
    ),
    // Another object id for somebody known.
    (
        "oid",
        &["update people set oid = (
               select s.new_value from run_steps s
               where s.tenant = $1 and s.run = $2 and s.kind = 'oid' and s.person = people.id)
           where tenant = $1 and $3 <> ''
               and id in (select person from run_steps where tenant = $1 and run = $2 and kind = 'oid')"],
    ),
    // `new_value`: 1 or 0.
    (
        "shared",
        &["update people set shared = (
               select cast(s.new_value as bigint) from run_steps s
               where s.tenant = $1 and s.run = $2 and s.kind = 'shared' and s.person = people.id)
           where tenant = $1 and $3 <> ''
               and id in (select person from run_steps where tenant = $1 and run = $2 and kind = 'shared')"],
    ),
    // `new_value`: 1 if they are removed, null if they are back.
    (
        "gone",
        &["update people set gone_ms = (
               select case when s.new_value is null then null else cast({now} as bigint) end from run_steps s
               where s.tenant = $1 and s.run = $2 and s.kind = 'gone' and s.person = people.id)
           where tenant = $1 and $3 <> ''
               and id in (select person from run_steps where tenant = $1 and run = $2 and kind = 'gone')"],
    ),
    // `item`: the address; values: its position. Away first, for two people may swap.
    (
        "address",
        &[
            "delete from addresses where tenant = $1 and $3 <> '' and address in (
                 select item from run_steps
                 where tenant = $1 and run = $2 and kind = 'address' and old_value is not null)",
            "insert into addresses (tenant, address, person, position)
             select tenant, item, person, cast(new_value as bigint) from run_steps
             where tenant = $1 and run = $2 and kind = 'address' and new_value is not null and $3 <> ''",
        ],
    ),
    // `item`: what the source calls them; `old_value`: 1 where it added them; `new_value`: what it calls their manager, or
    // ''.
    (
        "link",
        &[
            "delete from source_people where tenant = $1 and source = $3 and external in (
                 select item from run_steps where tenant = $1 and run = $2 and kind = 'link' and new_value is null)",
            "insert into source_people (tenant, source, external, person, manager, made)
             select tenant, $3, item, person, new_value, case when old_value is null then 0 else 1 end from run_steps
             where tenant = $1 and run = $2 and kind = 'link' and new_value is not null
             on conflict (tenant, source, external) do update set person = excluded.person, manager = excluded.manager",
        ],
    ),
    // `item`: the group; values: its name.
    (
        "group",
        &[
            "insert into directory_groups (tenant, id, name, source)
             select tenant, item, new_value, $3 from run_steps
             where tenant = $1 and run = $2 and kind = 'group' and new_value is not null
             on conflict (tenant, id) do update set name = excluded.name, source = excluded.source",
            "delete from directory_groups where tenant = $1 and $3 <> '' and id in (
                 select item from run_steps where tenant = $1 and run = $2 and kind = 'group' and new_value is null)",
        ],
    ),
    // `item`: the group; values: the address.
    (
        "group_address",
        &[
            "delete from group_addresses where tenant = $1 and $3 <> '' and (group_id, address) in (
                 select item, old_value from run_steps
                 where tenant = $1 and run = $2 and kind = 'group_address' and new_value is null)",
            "insert into group_addresses (tenant, group_id, address)
             select tenant, item, new_value from run_steps
             where tenant = $1 and run = $2 and kind = 'group_address' and new_value is not null and $3 <> ''
             on conflict (tenant, group_id, address) do nothing",
        ],
    ),
    // `item`: the group; values: the member's address.
    (
        "outsider",
        &[
            "delete from group_outsiders where tenant = $1 and $3 <> '' and (group_id, address) in (
                 select item, old_value from run_steps
                 where tenant = $1 and run = $2 and kind = 'outsider' and new_value is null)",
            "insert into group_outsiders (tenant, group_id, address)
             select tenant, item, new_value from run_steps
             where tenant = $1 and run = $2 and kind = 'outsider' and new_value is not null and $3 <> ''
             on conflict (tenant, group_id, address) do nothing",
        ],
    ),
    // `item`: the group that `person` is in; values: 1.
    (
        "member",
        &[
            "delete from memberships where tenant = $1 and $3 <> '' and (person, group_id) in (
                 select person, item from run_steps
                 where tenant = $1 and run = $2 and kind = 'member' and new_value is null)",
            "insert into memberships (tenant, person, group_id)
             select tenant, person, item from run_steps
             where tenant = $1 and run = $2 and kind = 'member' and new_value is not null and $3 <> ''
             on conflict (tenant, person, group_id) do nothing",
        ],
    ),
    // `item`: the group that the group `old_value` or `new_value` is in.
    (
        "nested",
        &[
            "delete from group_nesting where tenant = $1 and $3 <> '' and (group_id, member) in (
                 select item, old_value from run_steps
                 where tenant = $1 and run = $2 and kind = 'nested' and new_value is null)",
            "insert into group_nesting (tenant, group_id, member)
             select tenant, item, new_value from run_steps
             where tenant = $1 and run = $2 and kind = 'nested' and new_value is not null and $3 <> ''
             on conflict (tenant, group_id, member) do nothing",
        ],
    ),
    // The source no longer has values of `person`; `old_value`: the previous ones.
    (
        "removal",
        &["delete from person_values where tenant = $1 and source = $3 and person in (
               select person from run_steps where tenant = $1 and run = $2 and kind = 'removal')"],
    ),
    // `item`: the source's id of the person; `new_value`: their photo's ETag.
    (
        "photo",
        &[
            "insert into source_photos (tenant, source, external, etag, checked_ms)
           select tenant, $3, item, new_value, {now} from run_steps
           where tenant = $1 and run = $2 and kind = 'photo'
           on conflict (tenant, source, external) do update set etag = excluded.etag, checked_ms = excluded.checked_ms",
        ],
    ),
    // `item`: what `person` loses.
    (
        "loses",
        &["insert into source_losses (tenant, source, person, what, at_ms)
           select tenant, $3, person, item, {now} from run_steps where tenant = $1 and run = $2 and kind = 'loses'
           on conflict (tenant, source, person, what) do update set at_ms = excluded.at_ms"],
    ),
    // `item`: the group; values: the source's id of the person.
    (
        "waiting",
        &[
            "delete from source_waiting where tenant = $1 and source = $3 and (external, group_id) in (
                 select old_value, item from run_steps
                 where tenant = $1 and run = $2 and kind = 'waiting' and old_value is not null)",
            "insert into source_waiting (tenant, source, external, group_id)
             select tenant, $3, new_value, item from run_steps
             where tenant = $1 and run = $2 and kind = 'waiting' and new_value is not null
             on conflict (tenant, source, external, group_id) do nothing",
        ],
    ),
];

/// Queries that each count steps whose starting point has changed since the plan was made.
pub(in crate::store) const OUTDATED: &[&str] = &[
    // Addresses that somebody else has by now.
    "select count(*) from run_steps s
     join addresses a on a.tenant = s.tenant and a.address = s.item
     where s.tenant = $1 and s.run = $2 and s.kind = 'address' and s.new_value is not null and $3 <> ''
         and a.person <> s.person and a.address not in (
             select item from run_steps
             where tenant = $1 and run = $2 and kind = 'address' and old_value is not null)",
    // Addresses of theirs that were changed.
    "select count(*) from run_steps s
     left join addresses a on a.tenant = s.tenant and a.address = s.item and a.person = s.person
     where s.tenant = $1 and s.run = $2 and s.kind = 'address' and $3 <> ''
         and cast(a.position as text) is distinct from s.old_value",
    // People who no longer exist.
    "select count(*) from run_steps s
     left join people p on p.tenant = s.tenant and p.id = s.person
     where s.tenant = $1 and s.run = $2 and s.person <> '' and $3 <> '' and p.id is null
         and s.person not in (select person from run_steps where tenant = $1 and run = $2 and kind = 'person')",
    // Values that have changed.
    "select count(*) from run_steps s
     left join person_values v on v.tenant = s.tenant and v.person = s.person and v.source = $3
     where s.tenant = $1 and s.run = $2 and s.kind in ('values', 'removal')
         and v.fields is distinct from s.old_value",
    // Values of fields that were removed since. Within JSON's texts a quotation mark is never bare: what looks like a key is
    // one.
    "select count(*) from run_steps s
     join fields f on f.tenant = s.tenant and f.removed = 1
     where s.tenant = $1 and s.run = $2 and s.kind = 'values' and $3 <> ''
         and replace(s.new_value, '\"' || f.token || '\":', '') <> s.new_value
         and replace(coalesce(s.old_value, ''), '\"' || f.token || '\":', '') = coalesce(s.old_value, '')",
    // Object ids that somebody else has by now.
    "select count(*) from run_steps s
     join people p on p.tenant = s.tenant and p.oid = s.new_value
     where s.tenant = $1 and s.run = $2 and s.kind in ('person', 'oid') and p.id <> s.person and $3 <> ''",
];

impl Store {
    /// Stages steps of the plan of the run that is held, numbered from `first`; `done`: number of rows that they cover.
    /// `false` if the run is no longer
    /// being planned.
    pub async fn stage(&self, held: &Lease, steps: &[Step], first: i64, done: u64) -> Result<bool, Error> {
        let RunKey { tenant, run } = RunKey::of(held);
        let mut write = self.begin().await?;
        leases::fence(&mut write, held).await?;
        let planning = sqlx::query(
            "update runs set done = $3
             where tenant = $1 and id = $2 and state in ('fetching', 'planning')",
        )
        .bind(tenant)
        .bind(run)
        .bind(i64::try_from(done).unwrap_or(i64::MAX))
        .execute(&mut *write)
        .await?;
        if planning.rows_affected() == 0 {
            return Ok(false);
        }
        let rows: Vec<_> = (first..).zip(steps).map(|(number, step)| row(run, number, step)).collect();
        TABLE.upsert(&mut write, tenant, rows.into_iter()).await?;
        write.commit().await?;
        Ok(true)
    }
}

fn row(run: &str, number: i64, step: &Step) -> Vec<Cell> {
    let text = |text: Option<&str>| text.map_or(Cell::Null, Cell::from);
    let (kind, person, item, old, new) = match step {
        Step::Person { person, oid } => ("person", person.as_str(), "", Cell::Null, text(oid.as_deref())),
        Step::Oid { person, oid } => ("oid", person.as_str(), "", Cell::Null, text(Some(oid))),
        Step::Shared { person, shared } => {
            ("shared", person.as_str(), "", Cell::Null, text(Some(if *shared { "1" } else { "0" })))
        }
        Step::Gone { person, gone } => ("gone", person.as_str(), "", Cell::Null, text(gone.then_some("1"))),
        Step::Address { person, address, old, new } => {
            let position = |position: &Option<u32>| position.map_or(Cell::Null, |at| at.to_string().into());
            ("address", person.as_str(), address.as_str(), position(old), position(new))
        }
        Step::Link { person, external, manager, made } => {
            ("link", person.as_str(), external.as_str(), text(made.then_some("1")), text(manager.as_deref()))
        }
        Step::Waiting { external, group, is_in } => {
            let (old, new) = before_and_now(external, *is_in);
            ("waiting", "", group.as_str(), old, new)
        }
        Step::Photo { external, etag } => ("photo", "", external.as_str(), Cell::Null, text(Some(etag))),
        Step::Group { id, old, new } => ("group", "", id.as_str(), text(old.as_deref()), text(new.as_deref())),
        Step::GroupAddress { group, address, is_in } => {
            let (old, new) = before_and_now(address, *is_in);
            ("group_address", "", group.as_str(), old, new)
        }
        Step::Outsider { group, address, is_in } => {
            let (old, new) = before_and_now(address, *is_in);
            ("outsider", "", group.as_str(), old, new)
        }
        Step::Member { person, group, is_in } => {
            let (old, new) = before_and_now("1", *is_in);
            ("member", person.as_str(), group.as_str(), old, new)
        }
        Step::Nested { group, member, is_in } => {
            let (old, new) = before_and_now(member, *is_in);
            ("nested", "", group.as_str(), old, new)
        }
        Step::Loses { person, what } => {
            let what = match what {
                Loss::Values => "values",
                Loss::Groups => "groups",
            };
            ("loses", person.as_str(), what, Cell::Null, Cell::Null)
        }
        Step::Values { person, old, new } => {
            let kind = if new.is_empty() { "removal" } else { "values" };
            let json = |values| values::to_json(values).map_or(Cell::Null, Cell::from);
            (kind, person.as_str(), "", json(old), json(new))
        }
    };
    vec![run.into(), Cell::Int(number), kind.into(), person.into(), item.into(), old, new]
}

/// The old and the new value of something that is there now, or no longer.
fn before_and_now(value: &str, is_in: bool) -> (Cell, Cell) {
    if is_in { (Cell::Null, value.into()) } else { (value.into(), Cell::Null) }
}
