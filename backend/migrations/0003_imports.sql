-- The directory by hand: removed fields, and CSV files on their way in. A file is staged in short transactions, so that
-- nobody else's write waits for it, and applied in one.

-- A removed field keeps its values, which count for nothing until it is there again.
alter table fields add column removed bigint not null default 0;

-- Who is in a group, and where somebody may send from.
create index memberships_group on memberships (tenant, group_id);
create index send_as_person on send_as (tenant, person);

create table imports (
    tenant text not null references tenants (id),
    id text not null,
    -- The file's name.
    name text not null,
    state text not null check (state in ('planning', 'planned', 'applying', 'applied', 'cancelled', 'failed')),
    -- Rows done of `row_count` in this state.
    done bigint not null,
    row_count bigint not null,
    encoding text not null,
    delimiter text not null,
    -- JSON: the file's columns with samples, and where each goes.
    file_columns text not null,
    -- Whose values these are.
    source text not null,
    complete bigint not null,
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
    primary key (tenant, id)
);

-- The file as UTF-8, in pieces; gone when the import has ended.
create table import_files (
    tenant text not null,
    import text not null,
    number bigint not null,
    bytes bytea not null,
    primary key (tenant, import, number),
    foreign key (tenant, import) references imports (tenant, id) on delete cascade
);

-- The plan: people who are new ...
create table import_people (
    tenant text not null,
    import text not null,
    number bigint not null,
    person text not null,
    address text not null,
    primary key (tenant, import, number)
);

-- ... and values that are not yet as they should be.
create table import_values (
    tenant text not null,
    import text not null,
    number bigint not null,
    person text not null,
    token text not null,
    -- Null: there is none.
    old_value text,
    new_value text,
    primary key (tenant, import, number)
);
