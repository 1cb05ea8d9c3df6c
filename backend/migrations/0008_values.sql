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

-- Fields have no control characters but line breaks and tabs.
insert into person_values (tenant, person, source, fields, locked)
select tenant, person, source,
    '{' || string_agg('"' || token || '":"' || replace(replace(replace(replace(replace(value,
        '\', '\\'), '"', '\"'), '
', '\n'), '	', '\t'), '', '\r') || '"', ',' order by token) || '}',
    '[' || coalesce(string_agg(case when locked = 1 then '"' || token || '"' end, ',' order by token), '') || ']'
from field_values
group by tenant, person, source;

drop table field_values;
