-- What the clock showed when it was last relied on, so that one that is wrong when a server starts is noticed.
create table clock (
    id bigint not null primary key,
    seen_ms bigint not null
);
