-- Addresses of a group's members that the directory knows nothing else of, such as contacts: a mail to the group's address goes
-- to them, too. A contact whose address the source does not report has one that nobody has, made from its id.
create table group_outsiders (
    tenant text not null,
    group_id text not null,
    address text not null,
    primary key (tenant, group_id, address),
    foreign key (tenant, group_id) references directory_groups (tenant, id) on delete cascade
);
