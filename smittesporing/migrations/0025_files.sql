-- migrate:up
-- Files: what clients send before they name it in a record, and custom icons' pictures. The bytes lie in the
-- database, so that they share its walls and its backup.
create table tracker.file_resource (
    uid          text primary key,
    name         text not null,
    content_type text not null,
    length       int not null,
    md5          text not null,
    domain       text not null,
    content      bytea not null,
    created_by   text not null,
    created_at   timestamptz not null default now()
);
alter table tracker.file_resource alter column content set storage external;
alter table tracker.file_resource enable row level security;
alter table tracker.file_resource force row level security;
create policy owner_door on tracker.file_resource to smittesporing_owner using (true) with check (true);
-- What says nothing of people is anybody's to see; a value of a record is seen by its sender for a day,
-- and from then on as part of the record, through the functions below.
create policy own_or_open on tracker.file_resource for select to smittesporing_app
    using (domain in ('ICON', 'ORG_UNIT', 'USER_AVATAR')
           or (created_by = (select app.acting()) and created_at > now() - interval '1 day'));
create policy own on tracker.file_resource for insert to smittesporing_app
    with check (created_by = (select app.acting()));
grant select, insert on tracker.file_resource to smittesporing_app;

-- The file that a value of a record names, for those who may read the record. Only one who has written
-- the record can have put her file there: naming somebody else's shows nothing.
create function tracker.file_of(person text, record text, of_kind text, item text)
returns setof tracker.file_resource
language sql stable security definer set search_path = '' as $$
    select f.*
    from tracker.file_resource f
    where f.uid = case of_kind
            when 'EVENT' then (select v.data -> item ->> 'value' from tracker.event v
                                where v.tracked_entity = person and v.event = record and not v.deleted
                                  and v.owner = any ((select app.scope())::int[]))
            when 'TRACKED_ENTITY' then (select t.attributes -> item ->> 'value' from tracker.tracked_entity t
                                where t.tracked_entity = person and not t.deleted
                                  and t.owners && (select app.scope())::int[]) end
      and exists (select from tracker.history h
                   where h.tracked_entity = person and h.uid = record and h.user_info ->> 'uid' = f.created_by)
$$;
revoke all on function tracker.file_of(text, text, text, text) from public;
grant execute on function tracker.file_of(text, text, text, text) to smittesporing_app;

-- Icons of one's own beside those that come with the service.
create table metadata.icon (
    key          text primary key,
    description  text not null default '',
    keywords     text[] not null default '{}',
    file         text not null,
    created      timestamptz not null default now(),
    last_updated timestamptz not null default now(),
    created_by   text
);
grant select, insert, update, delete on metadata.icon to smittesporing_app;

-- migrate:down
