-- migrate:up
-- Sign-ins under way and sessions. No person who is followed up is here. Secrets are kept as hashes, tokens
-- as ciphertext; the service's role may end a session, never delete one that says who was signed in when.

create schema web;
grant usage on schema web to smittesporing_app;

-- One row from the moment the browser leaves for ID-porten until it is back: used once, then gone.
create table web.sign_in (
    state_hash bytea primary key,
    browser_hash bytea not null,
    nonce text not null,
    verifier text not null,
    next text not null,
    started_at timestamptz not null default now(),
    expires_at timestamptz not null default now() + interval '10 minutes'
);
create index on web.sign_in (expires_at);

create table web.session (
    id_hash bytea primary key,
    -- Null for one who signed in and is no user here (yet): her sealed number lives ten minutes.
    user_uid text references access.user_account (uid) on delete cascade,
    guest_number text,
    issuer text not null,
    sid text not null,
    id_token text,
    acr text not null,
    auth_time timestamptz not null,
    working_in int,
    role text,
    started_at timestamptz not null default now(),
    seen_at timestamptz not null default now(),
    expires_at timestamptz not null,
    ended_at timestamptz,
    ended_why text,
    check ((user_uid is null) = (guest_number is not null) or ended_at is not null)
);
create index on web.session (sid) where ended_at is null;
create index on web.session (user_uid) where ended_at is null;
create index on web.session (expires_at) where id_token is not null or guest_number is not null;

grant select, insert, delete on web.sign_in to smittesporing_app;
grant select, insert on web.session to smittesporing_app;
grant update (seen_at, ended_at, ended_why, id_token, guest_number) on web.session to smittesporing_app;

-- migrate:down
