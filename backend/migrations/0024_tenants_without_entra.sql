-- A company without Entra ID has no Entra tenant id. What our own id was made from stays under a name of its own: the
-- Entra tenant id, or else the first mail domain that the tenant was created with.
alter table tenants rename column entra_id to origin;
alter table tenants add column entra_id text;
update tenants set entra_id = origin;
create unique index tenants_entra_id on tenants (entra_id);
