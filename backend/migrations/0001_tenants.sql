-- One text for SQLite and PostgreSQL: text ids, bigint for whole numbers and milliseconds, JSON as text, bytea for bytes
-- (SQLite takes any type's name and keeps bytes as they are). Every table has its tenant first in its primary key, so
-- that a query without one is slow as well as wrong.

create table tenants (
    id text not null primary key,
    -- The Entra tenant id, lower case: what tokens name.
    entra_id text not null unique,
    name text not null,
    -- JSON array of mail domains, lower case.
    domains text not null,
    -- Goes up in every transaction that changes anything of the tenant: caches follow it, and because every such
    -- transaction starts with it, they come one after the other.
    version bigint not null,
    created_ms bigint not null
);

-- Fields that are custom, or that people may edit.
create table fields (
    tenant text not null references tenants (id),
    token text not null,
    label text not null,
    position bigint not null,
    editable bigint not null,
    primary key (tenant, token)
);

create table directory_groups (
    tenant text not null references tenants (id),
    id text not null,
    name text not null,
    primary key (tenant, id)
);

-- People and shared mailboxes.
create table people (
    tenant text not null references tenants (id),
    id text not null,
    -- The Entra object id, lower case; null until somebody is linked.
    oid text,
    shared bigint not null,
    primary key (tenant, id),
    unique (tenant, oid)
);

-- A table of their own, so that the database keeps an address from having two owners, primary or alias.
create table addresses (
    tenant text not null,
    address text not null,
    person text not null,
    -- 0: the primary address; aliases count from 1.
    position bigint not null,
    primary key (tenant, address),
    unique (tenant, person, position),
    foreign key (tenant, person) references people (tenant, id) on delete cascade
);

create table memberships (
    tenant text not null,
    person text not null,
    group_id text not null,
    primary key (tenant, person, group_id),
    foreign key (tenant, person) references people (tenant, id) on delete cascade,
    foreign key (tenant, group_id) references directory_groups (tenant, id) on delete cascade
);

-- `person` may send from `mailbox`.
create table send_as (
    tenant text not null,
    mailbox text not null,
    person text not null,
    primary key (tenant, mailbox, person),
    foreign key (tenant, mailbox) references people (tenant, id) on delete cascade,
    foreign key (tenant, person) references people (tenant, id) on delete cascade
);

-- What every source says; which one is in effect is decided when people are read.
create table field_values (
    tenant text not null,
    person text not null,
    token text not null,
    source text not null check (source in ('self', 'manual', 'database', 'entra', 'google')),
    value text not null,
    primary key (tenant, person, token, source),
    foreign key (tenant, person) references people (tenant, id) on delete cascade
);

create table templates (
    tenant text not null references tenants (id),
    id text not null,
    -- The version in use.
    version bigint not null,
    primary key (tenant, id)
);

-- Never changed and never deleted: what a mail looked like can be told later.
create table template_versions (
    tenant text not null,
    template text not null,
    version bigint not null,
    -- The whole template as JSON.
    document text not null,
    actor text not null,
    created_ms bigint not null,
    primary key (tenant, template, version),
    foreign key (tenant, template) references templates (tenant, id)
);

create table rules (
    tenant text not null references tenants (id),
    id text not null,
    -- 0 is looked at first.
    priority bigint not null,
    -- The whole rule as JSON.
    document text not null,
    primary key (tenant, id)
);

-- By content, and kept: mails that were sent link to them.
create table image_files (
    tenant text not null references tenants (id),
    hash text not null,
    content_type text not null,
    bytes bytea not null,
    primary key (tenant, hash)
);

-- The names that templates use.
create table images (
    tenant text not null,
    name text not null,
    hash text not null,
    primary key (tenant, name),
    foreign key (tenant, hash) references image_files (tenant, hash)
);

-- Append only.
create table audit (
    tenant text not null references tenants (id),
    -- The tenant's version that the change made.
    version bigint not null,
    -- Several entries of one change count from 0.
    position bigint not null,
    at_ms bigint not null,
    -- Who: a person's id, or `cli`.
    actor text not null,
    -- What: `import`, `set_values`, `link`, …
    action text not null,
    -- About whom or what, by id.
    subject text not null,
    -- JSON.
    detail text not null,
    primary key (tenant, version, position)
);
