-- How often links of campaigns were followed: by campaign (the rule), banner (the template), link and UTC day. Nothing
-- here, and nothing elsewhere, says by whom.
create table clicks (
    tenant text not null references tenants (id),
    campaign text not null,
    template text not null,
    url text not null,
    -- Days since 1970-01-01 UTC.
    day bigint not null,
    count bigint not null,
    primary key (tenant, campaign, template, url, day)
);

-- Whether links of campaigns lead through this server. Off, until an admin has read what that means.
alter table tenants add column count_clicks bigint not null default 0;

-- In pixels; 0: not looked at yet.
alter table image_files add column width bigint not null default 0;
alter table image_files add column height bigint not null default 0;
