-- Writes that a client may send twice. A row is written in the transaction of the write that it stands for, so neither is
-- there without the other. Answers of the version before are dropped: they were bound to a cookie, not to who sent them.
drop table idempotency;
create table idempotency (
    -- Account or token, and the client's key; hashed.
    key text not null primary key,
    -- Of method, path and body: the same key for something else is refused.
    request text not null,
    -- What the sender was then; whoever is less now does not get the answer.
    role text not null,
    -- Random: of two requests with one key, the one that wrote this row.
    attempt text not null,
    at_ms bigint not null,
    expires_ms bigint not null,
    -- Null until the answer is kept, and where there is none to keep.
    status bigint,
    -- JSON object.
    headers text not null default '',
    -- Sealed.
    body text not null default '',
    -- What a retry is told in the place of an answer, such as that a secret was shown once.
    note text not null default ''
);
create index idempotency_expires on idempotency (expires_ms);
