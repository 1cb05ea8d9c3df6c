-- Whether recipients whom Outlook does not name in time count as external (1) or internal (0).
alter table tenants add column unread_external bigint not null default 1;
