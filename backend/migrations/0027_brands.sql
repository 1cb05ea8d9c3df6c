-- Brands: what makes one template look like different companies, chosen by sender.

-- Every list of brands that was ever published; the newest is in use.
create table brand_versions (
    tenant text not null references tenants (id),
    version bigint not null,
    -- JSON array in order; the last brand is the default.
    document text not null,
    actor_name text not null,
    created_ms bigint not null,
    primary key (tenant, version)
);

-- Brands that are worked on before mails get them.
create table unpublished_brands (
    tenant text not null primary key references tenants (id),
    document text not null,
    actor_name text not null,
    changed_ms bigint not null,
    -- When they are to be published by themselves, and who planned that: a name, and the account whose role counts then.
    publish_ms bigint,
    publish_actor text,
    publish_account text not null default ''
);
