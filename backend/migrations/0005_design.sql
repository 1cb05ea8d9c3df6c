-- Templates and rules that are worked on before drafts get them.

-- When a template was deleted: its versions stay, nothing gives it any more. A version of 0 was never published.
alter table templates add column deleted_ms bigint;
-- Who, in words, for whom the id may be gone.
alter table template_versions add column actor_name text not null default '';

-- What a template shall become; there is a row of `templates` for each.
create table template_drafts (
    tenant text not null,
    template text not null,
    document text not null,
    actor_name text not null,
    changed_ms bigint not null,
    -- When it is to be published by itself.
    publish_ms bigint,
    -- Who asked for that.
    publish_actor text,
    primary key (tenant, template),
    foreign key (tenant, template) references templates (tenant, id)
);

-- Every list of rules that was ever published; the newest is what `rules` holds.
create table rule_versions (
    tenant text not null references tenants (id),
    version bigint not null,
    -- JSON array in priority order.
    document text not null,
    actor_name text not null,
    created_ms bigint not null,
    primary key (tenant, version)
);

-- What the rules shall become.
create table rule_drafts (
    tenant text not null primary key references tenants (id),
    document text not null,
    actor_name text not null,
    changed_ms bigint not null,
    publish_ms bigint,
    publish_actor text
);
