-- What each version of a tenant is about, so that nodes read again no more than what changed.
create table changes (
    tenant text not null references tenants (id),
    version bigint not null,
    -- 'nothing' that a signature shows, the 'design', a 'person', or 'everything'.
    what text not null check (what in ('nothing', 'design', 'person', 'everything')),
    -- Of a person; otherwise ''.
    person text not null,
    primary key (tenant, version, person)
);
