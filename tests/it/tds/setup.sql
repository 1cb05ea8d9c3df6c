create table people (
    id int not null primary key,
    name nvarchar(100) not null,
    [Job Title] varchar(50) null,
    notes nvarchar(max) null,
    country nchar(3) null,
    code char(4) null,
    is_active bit not null,
    score float null,
    ratio real null,
    badge bigint null,
    floor tinyint null,
    wing smallint null,
    salary decimal(10, 2) null,
    big numeric(38, 0) null,
    bonus money null,
    guid uniqueidentifier null,
    born date null,
    hired datetime null,
    changed datetime2 null,
    checked datetime2(0) null,
    token varbinary(8) null,
    photo varbinary(max) null
);
insert into dbo.people values
    (1, N'Åsa Räksmörgås 🦐', 'Chief “Analyst” €', N'It''s a note', N'SE', 'ab', 1, 2.5, 0.5, 9007199254740993, 255, -3,
     1234.5, 42, -19.99, '6F9619FF-8B86-D011-B42D-00C04FC964FF', '1815-12-10', '2026-11-21 12:34:56.123',
     '2026-11-21 12:34:56.1234567', '2026-11-21 12:34:56', 0x0102ff, 0xCAFE),
    (2, N'Grace', null, null, null, null, 0, null, null, null, null, null, null, null, null, null, null, null, null, null,
     null, null);
create table secrets (id int, word nvarchar(20));
insert into secrets values (1, N'hush');
create table numbers (n int not null, square bigint not null);
insert into numbers with recursive c(n) as (select 1 union all select n + 1 from c where n < 20000) select n, n * n from c;
