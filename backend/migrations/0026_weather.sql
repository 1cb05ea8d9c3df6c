-- How Outlook's calls did in the event handlers of each client version, added up by day. Nothing here names a person, a
-- message or an address.
create table weather (
    tenant text not null references tenants (id),
    -- Days since 1970-01-01 UTC.
    day bigint not null,
    platform text not null,
    version text not null,
    events bigint not null,
    unread bigint not null,
    unseen bigint not null,
    kept bigint not null,
    late bigint not null,
    primary key (tenant, day, platform, version)
);

-- How long each kind of call took: one column for each bucket of the histogram, up to 10, 25, 50, 100, 250, 500, 1,000, 2,500
-- and 5,000 ms, so that several nodes can add to it at once.
create table weather_calls (
    tenant text not null references tenants (id),
    day bigint not null,
    platform text not null,
    version text not null,
    call text not null,
    t0 bigint not null,
    t1 bigint not null,
    t2 bigint not null,
    t3 bigint not null,
    t4 bigint not null,
    t5 bigint not null,
    t6 bigint not null,
    t7 bigint not null,
    t8 bigint not null,
    primary key (tenant, day, platform, version, call)
);

-- How often each kind of call failed, by code and name of the error.
create table weather_failures (
    tenant text not null references tenants (id),
    day bigint not null,
    platform text not null,
    version text not null,
    call text not null,
    error text not null,
    count bigint not null,
    primary key (tenant, day, platform, version, call, error)
);
