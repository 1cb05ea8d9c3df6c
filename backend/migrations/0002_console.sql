-- The console: who may come in, from where they are signed in, and what they may change. Accounts are people who run
-- Paraph, in one tenant or several; therefore they, and what hangs on them, are the only rows without a tenant.

create table accounts (
    id text not null primary key,
    -- Lower case.
    email text not null unique,
    name text not null,
    -- Argon2id in PHC form; null: signs in with the identity provider alone.
    password text,
    -- The authenticator app's secret, sealed; null: none.
    totp text,
    -- A secret that is not proven yet, sealed.
    totp_pending text,
    -- The last 30-second step whose digits were taken: each is good once.
    totp_step bigint not null,
    created_ms bigint not null
);

-- Each signs in once in the place of the authenticator app.
create table recovery_codes (
    account text not null references accounts (id) on delete cascade,
    -- SHA-256: a code has 80 random bits.
    hash text not null,
    primary key (account, hash)
);

-- Who an account is at an identity provider: never found by address, only by what the provider calls them.
create table identities (
    issuer text not null,
    subject text not null,
    account text not null references accounts (id) on delete cascade,
    primary key (issuer, subject)
);

create table sessions (
    -- SHA-256 of what the cookie holds.
    hash text not null primary key,
    -- What lists show.
    id text not null unique,
    account text not null references accounts (id) on delete cascade,
    created_ms bigint not null,
    seen_ms bigint not null,
    address text not null,
    agent text not null
);
create index sessions_account on sessions (account);

create table members (
    tenant text not null references tenants (id),
    account text not null references accounts (id) on delete cascade,
    role text not null check (role in ('viewer', 'editor', 'admin', 'owner')),
    primary key (tenant, account)
);
create index members_account on members (account);

create table invitations (
    tenant text not null references tenants (id),
    id text not null,
    hash text not null unique,
    email text not null,
    role text not null check (role in ('viewer', 'editor', 'admin', 'owner')),
    -- The account that asked them in.
    inviter text not null,
    expires_ms bigint not null,
    primary key (tenant, id)
);

-- The one-time link that makes the first owner. At most one row.
create table setup (
    id bigint not null primary key check (id = 1),
    hash text not null,
    expires_ms bigint not null
);

-- Failed attempts to sign in, by account and by network address (both hashed): more of them wait longer.
create table attempts (
    key text not null primary key,
    failures bigint not null,
    until_ms bigint not null,
    forget_ms bigint not null
);

create table api_tokens (
    tenant text not null references tenants (id),
    id text not null,
    hash text not null unique,
    start text not null,
    name text not null,
    -- JSON array.
    scopes text not null,
    -- The account that made it, and what it was called then.
    account text not null,
    created_by text not null,
    created_ms bigint not null,
    expires_ms bigint not null,
    used_ms bigint,
    primary key (tenant, id)
);

-- Answers to writes that a client may send twice.
create table idempotency (
    -- Account or token, and the client's key; hashed.
    key text not null primary key,
    -- Of method, path and body: the same key for something else is refused.
    request text not null,
    -- Null while the first request is under way.
    status bigint,
    body text not null,
    etag text not null,
    expires_ms bigint not null
);

-- Set while the tenant waits for its deletion.
alter table tenants add column delete_ms bigint;

-- Who it was, in words, and from where: an account may be gone when somebody asks.
alter table audit add column actor_name text not null default '';
alter table audit add column address text not null default '';

-- Who may edit a field's values: 'admin', 'editor' or 'person', each also those before it.
alter table fields add column edited_by text not null default 'editor';
update fields set edited_by = 'person' where editable = 1;
alter table fields drop column editable;
-- JSON array of sources, the highest precedence first; '' is the usual order.
alter table fields add column precedence text not null default '';

-- A new source, `csv`, and locks. Made again because SQLite cannot change a check.
create table field_values_2 (
    tenant text not null,
    person text not null,
    token text not null,
    source text not null check (source in ('self', 'manual', 'database', 'entra', 'google', 'csv')),
    value text not null,
    -- Only for `manual`: wins over the person's own value, too.
    locked bigint not null default 0,
    primary key (tenant, person, token, source),
    foreign key (tenant, person) references people (tenant, id) on delete cascade
);
insert into field_values_2 (tenant, person, token, source, value, locked)
    select tenant, person, token, source, value, 0 from field_values;
drop table field_values;
alter table field_values_2 rename to field_values;
