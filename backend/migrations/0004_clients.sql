-- Whose Outlook has called in: one row a person and platform, written now and then, not with every call.
create table clients (
    tenant text not null,
    person text not null,
    platform text not null,
    version text not null,
    event text not null,
    seen_ms bigint not null,
    failures bigint not null,
    last_failure text,
    primary key (tenant, person, platform),
    foreign key (tenant, person) references people (tenant, id) on delete cascade
);
create index clients_seen on clients (tenant, seen_ms);
