-- Which key seals the secrets in this database, and who owns every tenant.

-- Sealed like everything else: `check`, a known value, which tells whether a server has the right key, and `links`, the key
-- that addresses in sent mails are signed with, which outlives every change of the sealing key.
create table secret_keys (
    name text not null primary key,
    sealed text not null,
    changed_ms bigint not null
);

-- 1: owns every tenant that there is or will be. The first account is made so, and remains so until it is no longer an
-- owner somewhere.
alter table accounts add column owns_all bigint not null default 0;
update accounts set owns_all = 1
where id = (select a.id from accounts a order by a.created_ms, a.id limit 1)
    and not exists (
        select 1 from members m
        where m.role = 'owner' and not exists (
            select 1 from members o where o.tenant = m.tenant and o.account = accounts.id and o.role = 'owner'
        )
    );

-- A tenant that was imported after the first account was made had nobody who could open it.
insert into members (tenant, account, role)
select t.id, a.id, 'owner' from tenants t join accounts a on a.owns_all = 1
where not exists (select 1 from members m where m.tenant = t.id and m.role = 'owner')
on conflict (tenant, account) do update set role = excluded.role;
