-- Accounts of people at foreign systems that they let us use: tokens that are refreshed by one node at a time.
create table delegations (
    tenant text not null references tenants (id),
    id text not null,
    -- Random, a new one with every write of the tokens: nobody overwrites tokens that they have not seen.
    generation text not null,
    -- Sealed JSON: the refresh token, the access token, and until when that is good.
    tokens text not null,
    -- Random, of whoever refreshes the tokens at the moment; '': nobody.
    lease text not null default '',
    primary key (tenant, id)
);
