-- What a source says of somebody in one row, for a source that knows 20 fields of 100,000 people made two million of them.

create table person_values (
    tenant text not null,
    person text not null,
    source text not null check (source in ('self', 'manual', 'database', 'entra', 'google', 'csv')),
    -- JSON: an object with the values by token; never empty.
    fields text not null,
    -- JSON: tokens of `manual` whose values win over the person's own, too.
    locked text not null default '[]',
    primary key (tenant, person, source),
    foreign key (tenant, person) references people (tenant, id) on delete cascade
);

-- Control characters but line breaks and tabs, which no field should have, are left out when a row is read. The order is the
-- database's own: a row that has another than the server's is written anew once something of it changes.
insert into person_values (tenant, person, source, fields, locked)
select tenant, person, source,
    '{' || string_agg('"' || replace(replace(token, '\', '\\'), '"', '\"') || '":"' || replace(replace(replace(replace(replace(value,
        '\', '\\'), '"', '\"'), '
', '\n'), '	', '\t'), '', '\r') || '"', ',' order by token) || '}',
    '[' || coalesce(string_agg(case when locked = 1 then '"' || replace(replace(token, '\', '\\'), '"', '\"') || '"' end, ',' order by token), '') || ']'
from field_values
group by tenant, person, source;

drop table field_values;

-- What is staged would change values as they were kept until now.
update runs
set state = 'failed', failure = 'Paraph was upgraded meanwhile; nothing was changed: run it again, or upload the file again',
    ended_ms = beat_ms
where state in ('planning', 'planned', 'applying');
delete from run_steps;
