-- What is done by one node at a time, and when: one row for each thing, as long as there is something to do.
create table leases (
    tenant text not null references tenants (id),
    -- What is done, such as `source` or `publish`, and to what of the tenant.
    kind text not null,
    subject text not null,
    -- Which of a node's workers does it.
    lane text not null,
    -- JSON: what else the work has to know.
    payload text not null,
    due_ms bigint not null,
    -- How far ahead `due_ms` can lie; what lies further was written by a clock that was wrong. 0: as far as it likes.
    horizon_ms bigint not null,
    -- Goes up when somebody asks for it again, also while it is being done: then it stays due.
    asked bigint not null,
    -- Attempts in a row that failed, or whose node died.
    attempt bigint not null,
    -- Of the node that has it, one for each claim; '': nobody has it.
    token text not null,
    node text not null,
    primary key (tenant, kind, subject)
);
create index leases_due on leases (lane, due_ms) where token = '';
create index leases_held on leases (node) where token <> '';

-- Who works. A node whose `beat` stays the same for long is dead; how long, each other node measures by its own clock.
create table nodes (
    id text not null primary key,
    beat bigint not null,
    -- 1: a server; 0: a command that works for a while.
    server bigint not null
);

insert into leases (tenant, kind, subject, lane, payload, due_ms, horizon_ms, asked, attempt, token, node)
select s.tenant, 'source', s.source, 'runs', '', s.next_ms, 86400000, 0, 0, '', ''
from sources s where s.next_ms is not null and s.state = 'on';

insert into leases (tenant, kind, subject, lane, payload, due_ms, horizon_ms, asked, attempt, token, node)
select tenant, 'publish', '', 'careful', '', min(publish_ms), 0, 0, 0, '', '' from (
    select tenant, publish_ms from template_drafts where publish_ms is not null
    union all
    select tenant, publish_ms from rule_drafts where publish_ms is not null) as planned
group by tenant;

insert into leases (tenant, kind, subject, lane, payload, due_ms, horizon_ms, asked, attempt, token, node)
select id, 'delete', '', 'careful', '', delete_ms, 0, 0, 0, '', '' from tenants where delete_ms is not null;

insert into leases (tenant, kind, subject, lane, payload, due_ms, horizon_ms, asked, attempt, token, node)
select id, 'tidy', '', 'quick', '', 0, 86400000, 0, 0, '', '' from tenants;

-- Runs that somebody worked on: whoever claims them goes on.
insert into leases (tenant, kind, subject, lane, payload, due_ms, horizon_ms, asked, attempt, token, node)
select tenant, 'run', id, 'runs', '', 0, 86400000, 0, 0, '', '' from runs
where state in ('planning', 'applying') or state = 'fetching' and cause <> 'connector';

alter table sources drop column next_ms;
drop index runs_state;
alter table runs drop column node;
alter table runs drop column beat_ms;
