-- migrate:up
-- Records: tracked entities, enrollments, events, relationships, their owners and their history.
-- tracked_entity leads every key, so that the rows of one person live together (decision 5).

create schema tracker;
grant usage on schema tracker to smittesporing_app;

create table tracker.tracked_entity (
    tracked_entity      text primary key,
    type                text not null,
    org_unit            int not null,
    owners              int[] not null check (cardinality(owners) > 0),
    attributes          jsonb not null default '{}',
    -- Values one may search inside, lower case, one per line, each line closed on both sides;
    -- confidential values are never here.
    search              text not null default '',
    geometry            jsonb,
    inactive            boolean not null default false,
    potential_duplicate boolean not null default false,
    deleted             boolean not null default false,
    created_at          timestamptz not null default now(),
    updated_at          timestamptz not null default now(),
    created_at_client   timestamptz,
    updated_at_client   timestamptz,
    stored_by           text,
    created_by          jsonb,
    updated_by          jsonb,
    version             int not null default 1
) with (fillfactor = 85);
create index on tracker.tracked_entity using gin (owners);
create index on tracker.tracked_entity using gin (search gin_trgm_ops);
-- updated_at has no index on purpose: each event of a person moves it, and without one the update stays in its page.
create index on tracker.tracked_entity (created_at desc);

create table tracker.enrollment (
    tracked_entity    text not null references tracker.tracked_entity,
    enrollment        text not null,
    program           text not null,
    status            text not null check (status in ('ACTIVE', 'COMPLETED', 'CANCELLED')),
    org_unit          int not null,
    owner             int not null,
    enrolled_at       timestamptz not null,
    occurred_at       timestamptz,
    completed_at      timestamptz,
    completed_by      text,
    follow_up         boolean not null default false,
    geometry          jsonb,
    deleted           boolean not null default false,
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now(),
    created_at_client timestamptz,
    updated_at_client timestamptz,
    stored_by         text,
    created_by        jsonb,
    updated_by        jsonb,
    version           int not null default 1,
    primary key (tracked_entity, enrollment)
) with (fillfactor = 90);
create index on tracker.enrollment (owner, program, enrolled_at desc);

create table tracker.event (
    tracked_entity         text not null,
    event                  text not null,
    enrollment             text,
    program                text not null,
    program_stage          text not null,
    status                 text not null
        check (status in ('ACTIVE', 'COMPLETED', 'VISITED', 'SCHEDULE', 'OVERDUE', 'SKIPPED')),
    org_unit               int not null,
    owner                  int not null,
    occurred_at            timestamptz,
    scheduled_at           timestamptz,
    completed_at           timestamptz,
    completed_by           text,
    assigned_user          text,
    data                   jsonb not null default '{}',
    attribute_option_combo text not null default 'HllvX50cXC0',
    geometry               jsonb,
    deleted                boolean not null default false,
    created_at             timestamptz not null default now(),
    updated_at             timestamptz not null default now(),
    created_at_client      timestamptz,
    updated_at_client      timestamptz,
    stored_by              text,
    created_by             jsonb,
    updated_by             jsonb,
    version                int not null default 1,
    primary key (tracked_entity, event),
    foreign key (tracked_entity, enrollment) references tracker.enrollment,
    -- An event without registration is its own tracked entity.
    check (enrollment is not null or tracked_entity = event)
) with (fillfactor = 90);
create index on tracker.event (owner, program_stage, occurred_at desc);
create index on tracker.event (owner, program_stage, scheduled_at) where status in ('SCHEDULE', 'OVERDUE');
create index on tracker.event (assigned_user) where assigned_user is not null;

-- Stored once per end, beside that end. The from-row is the record, the to-row its mirror (decision 13).
create table tracker.relationship_end (
    tracked_entity       text not null,
    relationship         text not null,
    side                 text not null check (side in ('from', 'to')),
    type                 text not null,
    owner                int not null,
    enrollment           text,
    event                text,
    other_tracked_entity text not null,
    other_enrollment     text,
    other_event          text,
    deleted              boolean not null default false,
    created_at           timestamptz not null default now(),
    updated_at           timestamptz not null default now(),
    created_at_client    timestamptz,
    stored_by            text,
    created_by           jsonb,
    updated_by           jsonb,
    version              int not null default 1,
    primary key (tracked_entity, relationship, side)
);

create table tracker.note (
    tracked_entity text not null,
    note           text not null,
    enrollment     text,
    event          text,
    owner          int not null,
    value          text not null,
    stored_at      timestamptz not null default now(),
    stored_by      text,
    created_by     jsonb,
    primary key (tracked_entity, note)
);

-- Who owns a person's records of a program. In programs with an owner per enrollment this is the open one.
create table tracker.program_owner (
    tracked_entity text not null references tracker.tracked_entity,
    program        text not null,
    owner          int not null,
    updated_at     timestamptz not null default now(),
    version        int not null default 1,
    primary key (tracked_entity, program)
);
create index on tracker.program_owner (owner, program);

-- A hand-over that is asked for: both sides see this row and nothing more (decision 3).
create table tracker.transfer (
    tracked_entity text not null,
    transfer       text not null,
    enrollment     text not null,
    program        text not null,
    from_owner     int not null,
    to_owner       int not null,
    state          text not null default 'ASKED' check (state in ('ASKED', 'ACCEPTED', 'REFUSED', 'WITHDRAWN')),
    reason         text not null,
    asked_by       text not null,
    asked_at       timestamptz not null default now(),
    answer         text,
    answered_by    text,
    answered_at    timestamptz,
    version        int not null default 1,
    primary key (tracked_entity, transfer)
);
create index on tracker.transfer (to_owner) where state = 'ASKED';
create unique index on tracker.transfer (tracked_entity, enrollment) where state = 'ASKED';

create table tracker.uid_directory (
    uid            text primary key,
    kind           text not null check (kind in ('TRACKED_ENTITY', 'ENROLLMENT', 'EVENT', 'RELATIONSHIP')),
    tracked_entity text not null
);

create table tracker.unique_value (
    attribute      text not null,
    scope          int not null,
    hash           bytea not null,
    tracked_entity text not null,
    primary key (attribute, scope, hash)
);

-- What changed, by whom. Append-only; also the queue that later work reads (decision 16).
-- `transaction` lets a reader stop before transactions still open, so that no row is overtaken.
create table tracker.history (
    tracked_entity text not null,
    sequence       bigint generated always as identity,
    transaction    xid8 not null default pg_current_xact_id(),
    at             timestamptz not null default clock_timestamp(),
    username       text not null,
    user_info      jsonb,
    kind           text not null,
    uid            text not null,
    action         text not null check (action in ('CREATE', 'UPDATE', 'DELETE', 'TRANSFER')),
    program        text,
    owners         int[] not null,
    before         jsonb,
    after          jsonb,
    primary key (tracked_entity, sequence)
);
create index on tracker.history (sequence);

create table tracker.job (
    job          text primary key,
    username     text not null,
    created_at   timestamptz not null default now(),
    finished_at  timestamptz,
    report       jsonb,
    notices      jsonb not null default '[]'
);

-- Wall two: no row owned outside one's scopes. The owner role's policy is the door of the definer
-- functions below; the service's role has no other way round.
do $$
declare
    one text;
begin
    foreach one in array array['tracked_entity', 'enrollment', 'event', 'relationship_end', 'note',
                               'program_owner', 'transfer', 'uid_directory', 'unique_value', 'history', 'job']
    loop
        execute format('alter table tracker.%I enable row level security', one);
        execute format('alter table tracker.%I force row level security', one);
        execute format('create policy owner_door on tracker.%I to smittesporing_owner using (true) with check (true)', one);
    end loop;
    foreach one in array array['enrollment', 'event', 'note', 'program_owner']
    loop
        execute format(
            'create policy scope on tracker.%I to smittesporing_app
                 using (owner = any ((select app.scope())::int[])
                        or tracked_entity = any ((select app.glass())::text[]))
                 with check (owner = any ((select app.write_scope())::int[]))', one);
    end loop;
    foreach one in array array['tracked_entity', 'history']
    loop
        execute format(
            'create policy scope on tracker.%I to smittesporing_app
                 using (owners && (select app.scope())::int[]
                        or tracked_entity = any ((select app.glass())::text[]))
                 with check (owners && (select app.write_scope())::int[])', one);
    end loop;
end
$$;
-- A link may reach from the kommune one writes in to one that one only reads: its two rows are written together.
create policy scope on tracker.relationship_end to smittesporing_app
    using (owner = any ((select app.scope())::int[]) or tracked_entity = any ((select app.glass())::text[]))
    with check (owner = any ((select app.scope())::int[]));
create policy either_side on tracker.transfer to smittesporing_app
    using (from_owner = any ((select app.scope())::int[]) or to_owner = any ((select app.scope())::int[]))
    with check (from_owner = any ((select app.scope())::int[]) or to_owner = any ((select app.scope())::int[]));
create policy everyone on tracker.job to smittesporing_app using (true) with check (true);

grant select, insert, update on tracker.tracked_entity, tracker.enrollment, tracker.event, tracker.relationship_end,
    tracker.program_owner, tracker.job to smittesporing_app;
grant select, insert on tracker.note, tracker.history, tracker.transfer to smittesporing_app;
grant update (state, answer, answered_by, answered_at, version) on tracker.transfer to smittesporing_app;

-- Where the records with these uids live. Answers for uids one already holds; lists nothing.
create function tracker.locate(wanted jsonb)
returns table (uid text, kind text, tracked_entity text)
language sql stable security definer set search_path = '' as $$
    select d.uid, d.kind, d.tracked_entity
    from jsonb_array_elements_text(wanted) w
    join tracker.uid_directory d on d.uid = w
    where (select app.scope()) is not null
$$;

create function tracker.enter(entries jsonb) returns void
language sql security definer set search_path = '' as $$
    insert into tracker.uid_directory (uid, kind, tracked_entity)
    select e.uid, e.kind, e.tracked_entity
    from jsonb_to_recordset(entries) as e(uid text, kind text, tracked_entity text)
    where (select app.scope()) is not null
$$;

-- Who holds these unique values, by keyed hash. The one accepted oracle of existence (decision 2).
create function tracker.holders(wanted jsonb)
returns table (attribute text, scope int, hash text, tracked_entity text)
language sql stable security definer set search_path = '' as $$
    select u.attribute, u.scope, encode(u.hash, 'hex'), u.tracked_entity
    from jsonb_to_recordset(wanted) as w(attribute text, scope int, hash text)
    join tracker.unique_value u
      on u.attribute = w.attribute and u.scope = w.scope and u.hash = decode(w.hash, 'hex')
    where (select app.scope()) is not null
$$;

create function tracker.claim(claims jsonb) returns void
language sql security definer set search_path = '' as $$
    insert into tracker.unique_value (attribute, scope, hash, tracked_entity)
    select c.attribute, c.scope, decode(c.hash, 'hex'), c.tracked_entity
    from jsonb_to_recordset(claims) as c(attribute text, scope int, hash text, tracked_entity text)
    where (select app.scope()) is not null
$$;

-- A value is let go only by a scope that owns the person holding it.
create function tracker.release(claims jsonb) returns void
language sql security definer set search_path = '' as $$
    delete from tracker.unique_value u
    using jsonb_to_recordset(claims) as c(attribute text, scope int, hash text, tracked_entity text),
          tracker.tracked_entity t
    where u.attribute = c.attribute and u.scope = c.scope and u.hash = decode(c.hash, 'hex')
      and u.tracked_entity = c.tracked_entity
      and t.tracked_entity = c.tracked_entity and t.owners && (select app.scope())::int[]
$$;

-- People of one's own scope whose searchable values contain the pattern. A superset for the caller, who
-- reads, filters, orders and pages under row-level security: LIKE is not leakproof, so there the
-- trigram index would not be used (decision 7).
create function tracker.candidates(pattern text, most int)
returns setof text
language sql stable security definer set search_path = '' as $$
    select t.tracked_entity
    from tracker.tracked_entity t
    where t.search like pattern
      and (t.owners && (select app.scope())::int[] or t.tracked_entity = any ((select app.glass())::text[]))
    limit most
$$;

-- Moves one enrollment, or all records of one program where the program has one owner, to a new owner:
-- the rows, their mirrors, their history and the person's owners, in one statement of the caller's
-- transaction. The caller must have the present owner in scope, or be the receiver of an asked transfer.
create function tracker.move_owner(
    person text, of_program text, of_enrollment text, new_owner int, by_user text, by_info jsonb)
returns int
language plpgsql security definer set search_path = '' as $$
declare
    old_owner int;
    moved text[];
begin
    if of_enrollment is null then
        select p.owner into old_owner from tracker.program_owner p
        where p.tracked_entity = person and p.program = of_program for update;
    else
        select e.owner into old_owner from tracker.enrollment e
        where e.tracked_entity = person and e.enrollment = of_enrollment and e.program = of_program for update;
    end if;
    if old_owner is null then
        raise exception 'nothing to move' using errcode = 'no_data_found';
    end if;
    if not (old_owner = any (app.scope())
            or exists (select 1 from tracker.transfer t
                       where t.tracked_entity = person and t.enrollment = of_enrollment and t.state = 'ASKED'
                         and t.from_owner = old_owner and t.to_owner = new_owner
                         and t.to_owner = any (app.scope()))) then
        raise exception 'the owner is outside your scope' using errcode = 'insufficient_privilege';
    end if;
    select array_agg(e.enrollment) into moved from tracker.enrollment e
    where e.tracked_entity = person and e.program = of_program
      and (of_enrollment is null or e.enrollment = of_enrollment);

    update tracker.enrollment set owner = new_owner, version = version + 1, updated_at = now()
    where tracked_entity = person and enrollment = any (moved);
    update tracker.event set owner = new_owner where tracked_entity = person and enrollment = any (moved);
    update tracker.note n set owner = new_owner
    where n.tracked_entity = person
      and (n.enrollment = any (moved)
           or n.event in (select v.event from tracker.event v where v.tracked_entity = person and v.enrollment = any (moved)));
    update tracker.relationship_end r set owner = new_owner
    where r.tracked_entity = person
      and (r.enrollment = any (moved)
           or r.event in (select v.event from tracker.event v where v.tracked_entity = person and v.enrollment = any (moved))
           or (r.enrollment is null and r.event is null and r.owner = old_owner));
    insert into tracker.program_owner (tracked_entity, program, owner) values (person, of_program, new_owner)
    on conflict (tracked_entity, program)
    do update set owner = new_owner, updated_at = now(), version = program_owner.version + 1;
    update tracker.history h set owners = array[new_owner]
    where h.tracked_entity = person
      and (h.uid = any (moved)
           or h.uid in (select v.event from tracker.event v where v.tracked_entity = person and v.enrollment = any (moved)));
    update tracker.tracked_entity t
    set owners = (select array_agg(distinct o) from (
                      select new_owner
                      union select e.owner from tracker.enrollment e where e.tracked_entity = person and not e.deleted
                      union select p.owner from tracker.program_owner p where p.tracked_entity = person
                      union select x from unnest(t.owners) x where x <> old_owner) s(o)),
        version = version + 1, updated_at = now()
    where t.tracked_entity = person;
    update tracker.history h set owners = (select t.owners from tracker.tracked_entity t where t.tracked_entity = person)
    where h.tracked_entity = person and h.kind = 'TRACKED_ENTITY';
    insert into tracker.history (tracked_entity, username, user_info, kind, uid, action, program, owners, before, after)
    values (person, by_user, by_info, 'ENROLLMENT', coalesce(of_enrollment, person), 'TRANSFER', of_program,
            array[old_owner, new_owner], jsonb_build_object('owner', old_owner), jsonb_build_object('owner', new_owner));
    return old_owner;
end
$$;

revoke all on all functions in schema tracker from public;
grant execute on all functions in schema tracker to smittesporing_app;

-- migrate:down
