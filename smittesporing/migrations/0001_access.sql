-- migrate:up
-- Access: org units, agreements, users, roles, the verified context that every policy asks, and the log
-- of who looked at whom. Nothing here belongs to the service's own role.

create extension if not exists pg_trgm;
create extension if not exists btree_gist;

create schema access;
create schema app;
create schema app_private;
grant usage on schema access, app to smittesporing_app;
grant usage on schema app to smittesporing_counter;
revoke all on schema app_private from public;

-- The verified context -------------------------------------------------------------------------------
-- The application signs `app.ctx`; the two pads of the HMAC key lie where its role cannot read them, so
-- a value set by an injected statement yields nothing (decision 6).
create table app_private.context_key (
    only_one boolean primary key default true check (only_one),
    inner_pad bytea not null,
    outer_pad bytea not null
);

create function app_private.verified() returns text[]
language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    raw text := current_setting('app.ctx', true);
    parts text[];
    body text;
    pads app_private.context_key;
begin
    if raw is null or raw = '' then
        raise exception 'no access context' using errcode = 'insufficient_privilege';
    end if;
    parts := string_to_array(raw, '|');
    if array_length(parts, 1) <> 7 then
        raise exception 'forged access context' using errcode = 'insufficient_privilege';
    end if;
    body := substr(raw, 1, length(raw) - length(parts[array_length(parts, 1)]) - 1);
    select * into pads from app_private.context_key;
    if pads.inner_pad is null or encode(sha256(pads.outer_pad || sha256(pads.inner_pad || convert_to(body, 'UTF8'))), 'hex') <> parts[7]
    then
        raise exception 'forged access context' using errcode = 'insufficient_privilege';
    end if;
    if parts[1]::bigint < extract(epoch from clock_timestamp()) then
        raise exception 'expired access context' using errcode = 'insufficient_privilege';
    end if;
    return parts;
end $$;

create function app.scope() returns int[]
language sql stable security definer set search_path = pg_catalog as
$$ select coalesce(string_to_array(nullif((app_private.verified())[4], ''), ',')::int[], '{}'::int[]) $$;

create function app.write_scope() returns int[]
language sql stable security definer set search_path = pg_catalog as
$$ select coalesce(string_to_array(nullif((app_private.verified())[5], ''), ',')::int[], '{}'::int[]) $$;

create function app.glass() returns text[]
language sql stable security definer set search_path = pg_catalog as
$$ select coalesce(string_to_array(nullif((app_private.verified())[6], ''), ','), '{}'::text[]) $$;

create function app.acting() returns text
language sql stable security definer set search_path = pg_catalog as
$$ select (app_private.verified())[2] $$;

create function app.working_in() returns int
language sql stable security definer set search_path = pg_catalog as
$$ select nullif((app_private.verified())[3], '')::int $$;

revoke all on function app_private.verified() from public;

-- Norwegian order on every server: æ, ø, å last; é as e (decision 19).
create function app.nb_key(name text) returns text
language sql immutable parallel safe as
$$ select translate(lower(name), 'æøåäöéèêëàáâãçüñ', '{|}{|eeeeaaaacun') $$;

-- Org units ------------------------------------------------------------------------------------------
create table access.org_unit (
    id int primary key,
    uid text not null unique,
    code text unique,
    name text not null,
    short_name text,
    level int not null check (level between 1 and 8),
    parent int references access.org_unit (id),
    path text not null unique,
    ancestors int[] not null,
    kommune int,
    fylke int,
    official boolean not null default false,
    valid_from date not null default '1838-01-01',
    valid_to date,
    population int,
    latitude double precision,
    longitude double precision,
    geometry jsonb,
    extra jsonb not null default '{}',
    created timestamptz not null default now(),
    last_updated timestamptz not null default now(),
    version int not null default 1
);
create index on access.org_unit (parent);

create table access.org_unit_state (only_one boolean primary key default true check (only_one), version int not null);
insert into access.org_unit_state values (true, 1);

-- Units with a Kartverket number are locked, whatever the door (decision 11): only the owner's install
-- step, which reads the shipped register, may change them.
create function app_private.keep_official() returns trigger language plpgsql as $$
begin
    if current_user <> 'smittesporing_owner' then
        if tg_op = 'INSERT' then
            if new.official then
                raise exception 'T005' using errcode = 'P0001';
            end if;
        elsif old.official then
            raise exception 'T005' using errcode = 'P0001';
        end if;
    end if;
    return case tg_op when 'DELETE' then old else new end;
end $$;
create trigger keep_official before insert or update or delete on access.org_unit
    for each row execute function app_private.keep_official();

create table access.former_number (
    number text not null,
    name text not null,
    valid_from date,
    valid_to date,
    successor text,
    notice text,
    primary key (number, name)
);

-- Agreements -----------------------------------------------------------------------------------------
create table access.agreement (
    org_unit int primary key references access.org_unit (id),
    ssa_l_signed_on date,
    annex_signed_on date,
    registered_by text,
    registered_at timestamptz,
    activated_by text,
    activated_at timestamptz,
    ended_at timestamptz,
    options jsonb not null default '{}',
    version int not null default 1
);

-- Users ----------------------------------------------------------------------------------------------
create table access.user_account (
    uid text primary key,
    username text not null,
    first_name text not null,
    surname text not null,
    national_number bytea unique,
    password text,
    phone text,
    email text,
    disabled boolean not null default false,
    groups text[] not null default '{}',
    settings jsonb not null default '{}',
    extra jsonb not null default '{}',
    created timestamptz not null default now(),
    last_updated timestamptz not null default now(),
    version int not null default 1
);
create unique index on access.user_account (lower(username));

create table access.membership (
    user_uid text not null references access.user_account (uid) on delete cascade,
    org_unit int not null references access.org_unit (id),
    role text not null check (role in
        ('tracer', 'team_leader', 'kommuneoverlege', 'administrator', 'ks', 'fhi', 'superuser')),
    granted_by text,
    granted_at timestamptz not null default now(),
    ended_at timestamptz,
    primary key (user_uid, org_unit, role)
);
create index on access.membership (org_unit);

create table access.one_time_code (
    code bytea primary key,
    role text not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    used_by text
);

-- What administrators did: append-only.
create table access.change (
    change uuid primary key default gen_random_uuid(),
    at timestamptz not null default clock_timestamp(),
    by_user text,
    org_unit int,
    what text not null,
    detail jsonb not null default '{}'
);

-- Who looked at whom ---------------------------------------------------------------------------------
create table access.log_request (
    request uuid primary key,
    at timestamptz not null default clock_timestamp(),
    user_uid text not null,
    role text not null,
    working_in int,
    action text not null,
    reason text not null default '',
    digest text not null default '',
    people int not null default 0,
    sealed_in bigint
);
create index on access.log_request (working_in, at);
create index on access.log_request (at) where sealed_in is null;

create table access.log_person (
    tracked_entity text not null,
    request uuid not null,
    working_in int,
    at timestamptz not null default clock_timestamp(),
    primary key (tracked_entity, request)
);
create index on access.log_person (request);

create table access.log_seal (
    working_in int not null,
    number bigint not null,
    at timestamptz not null default clock_timestamp(),
    requests int not null,
    previous bytea not null,
    seal bytea not null,
    primary key (working_in, number)
);

alter table access.log_request enable row level security;
alter table access.log_request force row level security;
alter table access.log_person enable row level security;
alter table access.log_person force row level security;
alter table access.log_seal enable row level security;
alter table access.log_seal force row level security;

-- One writes only in one's own name; one reads what was done in one's own kommuner.
create policy write_own on access.log_request for insert to smittesporing_app
    with check (user_uid = (select app.acting()));
create policy count_own on access.log_request for update to smittesporing_app
    using (user_uid = (select app.acting()) and sealed_in is null);
create policy read_reach on access.log_request for select to smittesporing_app
    using (working_in = any ((select app.scope())::int[]) or user_uid = (select app.acting()));
create policy write_own on access.log_person for insert to smittesporing_app with check (true);
create policy read_reach on access.log_person for select to smittesporing_app
    using (working_in = any ((select app.scope())::int[]));
create policy owner_all on access.log_request to smittesporing_owner using (true) with check (true);
create policy owner_all on access.log_person to smittesporing_owner using (true) with check (true);
create policy owner_all on access.log_seal to smittesporing_owner using (true) with check (true);

-- Sealing: request rows chained per kommune with a digest of the people shown (decision 17). Definer, as
-- the rows of one kommune are sealed by whichever process comes first.
create function app.seal_log() returns int
language plpgsql security definer set search_path = pg_catalog as $$
declare
    place int;
    link bytea;
    last access.log_seal;
    sealed int := 0;
    here int;
begin
    for place in
        select distinct coalesce(working_in, 0) from access.log_request where sealed_in is null
    loop
        perform pg_advisory_xact_lock(7301, place);
        select * into last from access.log_seal
            where working_in = place order by number desc limit 1;
        link := coalesce(last.seal, sha256('smittesporing'::bytea));
        with rows as (
            select r.request, r.at, r.user_uid, r.role, r.action, r.reason, r.digest,
                   (select string_agg(p.tracked_entity, ',' order by p.tracked_entity collate "C")
                      from access.log_person p where p.request = r.request) as shown
              from access.log_request r
             where r.sealed_in is null and coalesce(r.working_in, 0) = place
        ), marked as (
            update access.log_request r set sealed_in = coalesce(last.number, 0) + 1
              from rows where r.request = rows.request returning r.request
        )
        select sha256(link || convert_to(string_agg(
                   concat_ws('|', rows.request, extract(epoch from rows.at), rows.user_uid, rows.role,
                             rows.action, rows.reason, rows.digest, rows.shown),
                   E'\n' order by rows.request), 'UTF8')), count(*)
          into link, here from rows join marked using (request);
        if here > 0 then
            insert into access.log_seal (working_in, number, requests, previous, seal)
            values (place, coalesce(last.number, 0) + 1, here,
                    coalesce(last.seal, sha256('smittesporing'::bytea)), link);
            sealed := sealed + here;
        end if;
    end loop;
    return sealed;
end $$;

-- The broken seals, none when the log is whole: (working_in, number) recomputed from the rows.
create function app.broken_seals() returns table (working_in int, number bigint)
language sql stable security definer set search_path = pg_catalog as $$
    select s.working_in, s.number
      from access.log_seal s
      left join lateral (
        select count(*) as found, sha256(s.previous || convert_to(string_agg(
                   concat_ws('|', r.request, extract(epoch from r.at), r.user_uid, r.role, r.action,
                             r.reason, r.digest,
                             (select string_agg(p.tracked_entity, ',' order by p.tracked_entity collate "C")
                                from access.log_person p where p.request = r.request)),
                   E'\n' order by r.request), 'UTF8')) as again
          from access.log_request r
         where r.sealed_in = s.number and coalesce(r.working_in, 0) = s.working_in) made on true
      left join access.log_seal before
        on before.working_in = s.working_in and before.number = s.number - 1
     where made.found <> s.requests or made.again is distinct from s.seal
        or s.previous <> coalesce(before.seal, sha256('smittesporing'::bytea))
$$;
revoke all on function app.seal_log(), app.broken_seals() from public;
grant execute on function app.seal_log(), app.broken_seals() to smittesporing_app;

grant select, insert, update on access.org_unit, access.agreement, access.user_account, access.membership
    to smittesporing_app;
grant delete on access.org_unit to smittesporing_app;
grant select, update on access.org_unit_state to smittesporing_app;
grant select on access.former_number to smittesporing_app;
grant select, update on access.one_time_code to smittesporing_app;
grant select, insert on access.change to smittesporing_app;
grant select, insert on access.log_request, access.log_person to smittesporing_app;
grant update (people) on access.log_request to smittesporing_app;
grant select on access.org_unit to smittesporing_counter;

-- migrate:down
