-- One row that is written to prove that the database takes writes.
create table write_probe (
    id bigint not null primary key,
    writes bigint not null
);
insert into write_probe (id, writes) values (1, 0);
