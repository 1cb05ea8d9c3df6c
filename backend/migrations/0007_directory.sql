-- The directory from outside: sources, and runs of all of them on the road that CSV imports had for themselves.

-- A source that a tenant has, and how far it has been read.
create table sources (
    tenant text not null references tenants (id),
    source text not null check (source in ('entra', 'google', 'database', 'csv')),
    state text not null check (state in ('off', 'on', 'paused')),
    -- JSON, as the wire has it.
    settings text not null,
    -- Sealed; '' where there is none.
    secret text not null,
    -- As whom we are connected, to be shown.
    account text not null,
    -- Where the next fetch goes on; '' begins with everybody.
    read_to text not null,
    -- When it runs next; null: not by itself.
    next_ms bigint,
    -- Failures since the last run that went well, and what the last one said.
    failures bigint not null,
    problem text not null,
    -- The connector: its version, what it sends (JSON), and when it was heard of.
    program text not null,
    sent_columns text not null,
    seen_ms bigint,
    primary key (tenant, source)
);

-- Who a source's people are here.
create table source_people (
    tenant text not null,
    source text not null,
    -- What the source calls them.
    external text not null,
    person text not null,
    -- What the source calls their manager; '' where they have none.
    manager text not null,
    -- Whether the source added them: then they leave with it.
    made bigint not null,
    primary key (tenant, source, external),
    foreign key (tenant, person) references people (tenant, id) on delete cascade
);
create index source_people_person on source_people (tenant, person);
create index source_people_manager on source_people (tenant, source, manager);

-- Since when nobody but hands knows somebody: they have no address then, so no mail and no list has them. Kept for a while,
-- so that who comes back finds what was written by hand.
alter table people add column gone_ms bigint;

-- Which source brought a group; '' for the others.
alter table directory_groups add column source text not null default '';

-- `member`, a group, is in `group_id`: its people count as members there, too.
create table group_nesting (
    tenant text not null,
    group_id text not null,
    member text not null,
    primary key (tenant, group_id, member),
    foreign key (tenant, group_id) references directory_groups (tenant, id) on delete cascade,
    foreign key (tenant, member) references directory_groups (tenant, id) on delete cascade
);

-- Whom a source has in a group, but has not said anything of: somebody who does not count, until they do.
create table source_waiting (
    tenant text not null,
    source text not null,
    external text not null,
    group_id text not null,
    primary key (tenant, source, external, group_id),
    foreign key (tenant, group_id) references directory_groups (tenant, id) on delete cascade
);

-- What was last heard of somebody's photo.
create table source_photos (
    tenant text not null,
    source text not null,
    external text not null,
    -- What to ask with next time; '' where they have none.
    etag text not null,
    checked_ms bigint not null,
    primary key (tenant, source, external)
);

create table runs (
    tenant text not null references tenants (id),
    id text not null,
    -- Whose values these are.
    source text not null,
    cause text not null check (cause in ('file', 'connector', 'schedule', 'button', 'cli')),
    -- Whether it is never applied.
    preview bigint not null,
    -- The file's name, or who sent it.
    name text not null,
    state text not null
        check (state in ('fetching', 'planning', 'planned', 'applying', 'applied', 'cancelled', 'failed')),
    -- Rows done of `row_count` in this state.
    done bigint not null,
    row_count bigint not null,
    encoding text not null,
    delimiter text not null,
    -- JSON: the columns with samples, and where each goes.
    file_columns text not null,
    -- Whether people whom it does not name lose what the source said of them.
    complete bigint not null,
    -- An upload: how many pieces there are, how many are here, and the SHA-256 of all of them.
    parts bigint not null,
    received bigint not null,
    digest text not null,
    -- Where the fetch after this one goes on.
    read_to text not null,
    -- JSON; '' while it is not known.
    plan text not null,
    -- The tenant's version that the plan was made for.
    plan_version bigint not null,
    failure text not null,
    -- The server process that works on it, and when it last said so: without it nobody does.
    node text not null,
    beat_ms bigint not null,
    actor text not null,
    actor_name text not null,
    address text not null,
    created_ms bigint not null,
    ended_ms bigint,
    primary key (tenant, id)
);
create index runs_source on runs (tenant, source, created_ms);

-- What came, as UTF-8 CSV in pieces.
create table run_files (
    tenant text not null,
    run text not null,
    number bigint not null,
    bytes bytea not null,
    primary key (tenant, run, number),
    foreign key (tenant, run) references runs (tenant, id) on delete cascade
);

-- The plan: what is not yet as it should be. The kinds and what `person`, `item` and the values mean are told where steps
-- are applied.
create table run_steps (
    tenant text not null,
    run text not null,
    number bigint not null,
    kind text not null,
    person text not null,
    item text not null,
    -- Null: there is none.
    old_value text,
    new_value text,
    primary key (tenant, run, number)
);

insert into runs
    (tenant, id, source, cause, preview, name, state, done, row_count, encoding, delimiter, file_columns, complete, parts,
     received, digest, read_to, plan, plan_version, failure, node, beat_ms, actor, actor_name, address, created_ms, ended_ms)
select tenant, id, source, 'file', 0, name,
    case when state in ('planning', 'planned', 'applying') then 'failed' else state end,
    done, row_count, encoding, delimiter, file_columns, complete, 0, 0, '', '', plan, plan_version,
    case when state in ('planning', 'planned', 'applying')
        then 'Paraph was upgraded meanwhile; nothing was changed: upload the file again' else failure end,
    node, beat_ms, actor, actor_name, address, created_ms, beat_ms
from imports;

drop table import_values;
drop table import_people;
drop table import_files;
drop table imports;
