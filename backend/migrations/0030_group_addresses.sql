-- Mail addresses of distribution lists and other groups: a recipient with one of them counts as the group's members.
create table group_addresses (
    tenant text not null,
    group_id text not null,
    address text not null,
    primary key (tenant, group_id, address),
    foreign key (tenant, group_id) references directory_groups (tenant, id) on delete cascade
);
