-- One set-up link a start, so that nodes and restarts do not take each other's away. Those of before are printed anew.
drop table setup;

create table setup (
    hash text not null primary key,
    expires_ms bigint not null
);
