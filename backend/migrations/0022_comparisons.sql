-- What comparisons of who gets what were asked for, so that any node can answer for each: what came out is not kept.
create table comparisons (
    tenant text not null references tenants (id),
    id text not null,
    -- JSON: the draft, the time and the changes.
    request text not null,
    made_ms bigint not null,
    primary key (tenant, id)
);
