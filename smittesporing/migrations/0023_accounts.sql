-- migrate:up
-- Users by DHIS2's door: what a user of the API holds beside our roles, and tokens for machines.

-- `client` is one who works through the API with DHIS2 user roles: one row an org unit she captures in.
alter table access.membership drop constraint membership_role_check;
alter table access.membership add constraint membership_role_check check (role in
    ('tracer', 'team_leader', 'kommuneoverlege', 'administrator', 'ks', 'fhi', 'superuser', 'client'));

alter table access.user_account
    add column roles text[] not null default '{}',
    add column data_view int[] not null default '{}',
    add column search int[] not null default '{}',
    add column password_at timestamptz,
    add column past_passwords text[] not null default '{}',
    add column last_login timestamptz,
    add column expires_at timestamptz,
    add column created_by text,
    add column updated_by text,
    add column deleted_at timestamptz;

-- A deleted user keeps her row, as the access log names her; her user name is free again.
drop index access.user_account_lower_idx;
create unique index user_account_username on access.user_account (lower(username)) where deleted_at is null;
create index on access.user_account using gin (roles);
create index on access.user_account using gin (groups);

-- The authorities of DHIS2 user roles, as configuration states them whatever the door it came through.
create table access.user_role (uid text primary key, authorities text[] not null default '{}');
grant select on access.user_role to smittesporing_app;

create function app_private.authorities_of(body jsonb) returns text[]
language sql immutable set search_path = pg_catalog as $$
    select coalesce(array_agg(each), '{}') from jsonb_array_elements_text(
        case when jsonb_typeof(body -> 'authorities') = 'array' then body -> 'authorities' else '[]' end) each
$$;

create function app_private.follow_roles() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
    if tg_op = 'DELETE' then
        delete from access.user_role where uid = old.uid;
        update access.user_account set roles = array_remove(roles, old.uid) where roles @> array[old.uid];
        return null;
    end if;
    insert into access.user_role (uid, authorities)
    values (new.uid, app_private.authorities_of(new.body))
    on conflict (uid) do update set authorities = excluded.authorities;
    return null;
end $$;
create trigger follow_roles after insert or update on metadata.object
    for each row when (new.type = 'userRoles') execute function app_private.follow_roles();
create trigger forget_role after delete on metadata.object
    for each row when (old.type = 'userRoles') execute function app_private.follow_roles();
insert into access.user_role (uid, authorities)
    select uid, app_private.authorities_of(body) from metadata.object where type = 'userRoles';

-- Users that came with a package lay among configuration; they are accounts like the others, and asleep.
insert into access.user_account (uid, username, first_name, surname, disabled, extra)
select uid, body ->> 'username', coalesce(body ->> 'firstName', ''), coalesce(body ->> 'surname', ''), true,
       body - 'id' - 'username' - 'firstName' - 'surname' - 'organisationUnits' - 'userGroups' - 'userRoles'
  from metadata.object where type = 'users' and body ->> 'username' is not null
on conflict do nothing;
delete from metadata.object where type = 'users';

-- Personal access tokens: the token itself is shown once and kept as its hash.
create table access.api_token (
    uid text primary key,
    user_uid text not null references access.user_account (uid) on delete cascade,
    hash bytea not null unique,
    code text,
    name text,
    expires_at timestamptz not null,
    addresses text[] not null default '{}',
    methods text[] not null default '{}',
    referrers text[] not null default '{}',
    created timestamptz not null default now(),
    last_updated timestamptz not null default now(),
    used_at timestamptz
);
create index on access.api_token (user_uid);
grant select, insert, update, delete on access.api_token to smittesporing_app;

-- migrate:down
