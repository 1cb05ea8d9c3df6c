-- Credentials: what somebody made is worth no more than their present role, and an account's ways to sign in change only with
-- fresh proof.

-- When the session last proved with the identity provider that the person is there; null: never.
alter table sessions add column proven_ms bigint;

-- The account as the provider names it to people, such as an address; '' where it was linked before this was kept.
alter table identities add column label text not null default '';

-- The account whose role counts when planned publishing is due; '' for the command line.
alter table template_drafts add column publish_account text not null default '';
alter table rule_drafts add column publish_account text not null default '';
-- Until now only its name was kept. Who cannot be told is 'unknown', and has no role.
update template_drafts set publish_account = coalesce(
    (select min(a.id) from accounts a where a.name || ' <' || a.email || '>' = template_drafts.publish_actor),
    (select min(k.account) from api_tokens k
     where k.tenant = template_drafts.tenant and 'API token ' || k.name = template_drafts.publish_actor),
    'unknown')
where publish_ms is not null;
update rule_drafts set publish_account = coalesce(
    (select min(a.id) from accounts a where a.name || ' <' || a.email || '>' = rule_drafts.publish_actor),
    (select min(k.account) from api_tokens k
     where k.tenant = rule_drafts.tenant and 'API token ' || k.name = rule_drafts.publish_actor),
    'unknown')
where publish_ms is not null;

-- The account that asked for the tenant's deletion; '' while nobody did.
alter table tenants add column delete_account text not null default '';
update tenants set delete_account = coalesce(
    (select substr(d.actor, 9) from audit d
     where d.tenant = tenants.id and d.action = 'delete_tenant' and d.actor like 'account:%'
     order by d.version desc limit 1),
    'unknown')
where delete_ms is not null;
