-- What sources took away, so that a guard also sees what goes little by little; and when each was last read whole.

-- People who lost something to a run that nobody had to confirm. Confirming a run starts the count again.
create table source_losses (
    tenant text not null,
    source text not null,
    person text not null,
    -- 'values': they lost a value, or left; 'groups': they left a group.
    what text not null check (what in ('values', 'groups')),
    at_ms bigint not null,
    primary key (tenant, source, person, what),
    foreign key (tenant, person) references people (tenant, id) on delete cascade
);

-- When a fetch of everybody was last applied; 0: never.
alter table sources add column whole_ms bigint not null default 0;

-- Whether nodes still work on what they began is looked at every few seconds.
create index runs_state on runs (state, node);
