-- migrate:up
-- The versions of the configuration: what each object was, and who made it so, why. Written by triggers in
-- the transaction that changes metadata.object, whatever the door, set by set; the service's role may
-- read the history and never rewrite it. Who works here, what each keeps for herself, and pictures drawn from
-- figures are no configuration.

create table metadata.version (
    number int primary key,
    at timestamptz not null default now(),
    by text,
    -- before: as it stood when versions began; shipped: came with the service; import: came by the API;
    -- published: made on the configuration's pages
    origin text not null check (origin in ('before', 'shipped', 'import', 'published')),
    note text not null default '',
    work xid8 not null default pg_current_xact_id()
);
create unique index on metadata.version (work);

-- One row an object that a version changed; a missing body says that the object was taken away.
create table metadata.revision (
    type text not null,
    uid text not null,
    version int not null references metadata.version,
    body jsonb,
    primary key (type, uid, version)
);
create index on metadata.revision (version);

create function metadata.is_configuration(type text) returns boolean language sql immutable as $$
    select type not in ('users', 'userGroups', 'userRoles', 'organisationUnits', 'dashboards', 'maps',
                        'visualizations', 'eventVisualizations', 'externalMapLayers', 'reports',
                        'pushAnalysis', 'documents', 'sqlViews', 'eventFilters',
                        'trackedEntityInstanceFilters', 'programStageWorkingLists')
$$;

-- What makes two bodies the same: counters and names of those who wrote do not.
create function metadata.meaning(body jsonb) returns jsonb language sql immutable as $$
    select body - array['version', 'created', 'createdBy', 'lastUpdated', 'lastUpdatedBy']
$$;

-- The number of this transaction's version, made when it first changes something. Writers wait for each other.
create function metadata.version_here() returns int language plpgsql as $$
declare
    found_here int;
begin
    select number into found_here from metadata.version where work = pg_current_xact_id();
    if found_here is null then
        perform 1 from metadata.state for update;
        insert into metadata.version (number, by, origin, note)
        select coalesce(max(number), 0) + 1,
               nullif(current_setting('app.metadata_by', true), ''),
               coalesce(nullif(current_setting('app.metadata_origin', true), ''), 'import'),
               coalesce(current_setting('app.metadata_note', true), '')
          from metadata.version
        returning number into found_here;
    end if;
    return found_here;
end $$;

create function metadata.remember() returns trigger
language plpgsql security definer set search_path = pg_catalog, metadata, pg_temp as $$
begin
    if tg_op = 'INSERT' then
        if exists (select from came where metadata.is_configuration(type)) then
            insert into metadata.revision (type, uid, version, body)
            select type, uid, metadata.version_here(), body from came where metadata.is_configuration(type)
            on conflict (type, uid, version) do update set body = excluded.body;
        end if;
    elsif tg_op = 'UPDATE' then
        if exists (select from came n join went o using (type, uid)
                    where metadata.is_configuration(type)
                      and metadata.meaning(n.body) <> metadata.meaning(o.body)) then
            insert into metadata.revision (type, uid, version, body)
            select n.type, n.uid, metadata.version_here(), n.body
              from came n join went o using (type, uid)
             where metadata.is_configuration(n.type)
               and metadata.meaning(n.body) <> metadata.meaning(o.body)
            on conflict (type, uid, version) do update set body = excluded.body;
        end if;
    elsif exists (select from went where metadata.is_configuration(type)) then
        insert into metadata.revision (type, uid, version, body)
        select type, uid, metadata.version_here(), null from went where metadata.is_configuration(type)
        on conflict (type, uid, version) do update set body = null;
    end if;
    return null;
end $$;

-- A configuration that was here before versions were kept becomes the first one.
insert into metadata.version (number, origin)
select 1, 'before' where (select count(*) from metadata.object) > 4;
insert into metadata.revision (type, uid, version, body)
select type, uid, 1, body from metadata.object
 where metadata.is_configuration(type) and exists (select from metadata.version);

create trigger remember_insert after insert on metadata.object
    referencing new table as came for each statement execute function metadata.remember();
create trigger remember_update after update on metadata.object
    referencing old table as went new table as came for each statement execute function metadata.remember();
create trigger remember_delete after delete on metadata.object
    referencing old table as went for each statement execute function metadata.remember();

revoke execute on function metadata.version_here(), metadata.remember() from public;
grant select on metadata.version, metadata.revision to smittesporing_app;

-- The draft: one for the whole installation. Each row is an object as it is to be, or nothing when it is to
-- be taken away. `base` is the version it was begun from; `touched` says which property was last written
-- by whom, so that two who write in the same field are both shown what the other wrote.
create sequence metadata.draft_edit;
create table metadata.draft (
    type text not null,
    uid text not null,
    body jsonb,
    base int not null,
    touched jsonb not null default '{}',
    changed_by text not null,
    changed_at timestamptz not null default clock_timestamp(),
    primary key (type, uid)
);
grant select, insert, update, delete on metadata.draft to smittesporing_app;
grant usage on sequence metadata.draft_edit to smittesporing_app;

-- What the service itself last brought along, by digest: an object that has not changed there since is left
-- alone at the next start, so that an edit of the product owner's is not undone by it.
create table metadata.shipped (
    type text not null,
    uid text not null,
    digest text not null,
    primary key (type, uid)
);
grant select, insert, update on metadata.shipped to smittesporing_app;

-- migrate:down
