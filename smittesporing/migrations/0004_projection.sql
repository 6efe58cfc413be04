-- migrate:up

-- The projections: what counting reads. One typed table per program stage and per program, made from
-- metadata, rebuilt aside and swapped when metadata changes, kept in step in the import's transaction.
-- Nothing outside this file writes them: `projection.ensure` makes a table and fills it,
-- `projection.refresh` brings the rows of some people up to date. Both use the same SELECT
-- (`projection.source`), so a rebuilt table and a maintained one cannot differ.
--
-- projection."event_<stage uid>": one row per event that is not deleted
--   tracked_entity text, enrollment text, event text     key: (tracked_entity, event)
--   owner int                        the org unit that may read the row (copied, decision 4)
--   org_unit, kommune, fylke int     access.org_unit.id of the event's unit and of its ancestors
--   status text                      ACTIVE, COMPLETED, VISITED, SCHEDULE, OVERDUE, SKIPPED
--   occurred_at, scheduled_at, completed_at, created_at, updated_at timestamptz
--   "<data element uid>"             one typed column per data element described
--
-- projection."enrollment_<program uid>": one row per enrollment that is not deleted
--   tracked_entity text, enrollment text                 key: (tracked_entity, enrollment)
--   owner, org_unit, kommune, fylke int                  of the enrollment's unit
--   status text                      ACTIVE, COMPLETED, CANCELLED
--   enrolled_at, occurred_at, completed_at, created_at, updated_at timestamptz, follow_up boolean
--   "<attribute uid>"                one typed column per attribute described
--   "<stage uid>_<data element uid>" the newest value of that data element among the enrollment's events
--                                    of that stage (by occurred_at, then created_at), events in status
--                                    SCHEDULE, OVERDUE and SKIPPED left out (decision 14)
--   "<stage uid>_<data element uid>_at" timestamptz, when that event occurred; describe it beside the value
--
-- projection.relationship: one row per end of a relationship that is not deleted, for counting them
--
-- A description is a JSON array of {"name": column, "type": type}; the name says the source, as above.
-- Types: text, bool, int, numeric, date, timestamptz. Value types map to them so: BOOLEAN and TRUE_ONLY
-- bool; NUMBER, PERCENTAGE, UNIT_INTERVAL and INTEGER* numeric; DATE and AGE date; DATETIME timestamptz;
-- all others text. A value that does not fit its type becomes null. Confidential attributes are encrypted
-- in the record and must not be described.

create schema if not exists projection;
create schema if not exists analytics;
grant usage on schema projection to smittesporing_app, smittesporing_counter;
grant usage on schema analytics to smittesporing_app, smittesporing_counter;

create table projection.structure (
    name     text primary key check (name ~ '^(event|enrollment)_[A-Za-z][A-Za-z0-9]{10}$'),
    kind     text not null check (kind in ('event', 'enrollment')),
    columns  jsonb not null,
    built_at timestamptz not null default now()
);
comment on table projection.structure is 'What each projection looks like; written by projection.ensure only.';
grant select on projection.structure to smittesporing_app, smittesporing_counter;

create table projection.relationship (
    tracked_entity text not null,
    relationship   text not null,
    side           text not null,
    type           text not null,
    owner          int,
    enrollment     text,
    event          text,
    primary key (tracked_entity, relationship, side)
);
alter table projection.relationship enable row level security, force row level security;
create policy reach on projection.relationship for select to smittesporing_app
    using (owner = any ((select app.scope())::int[]));
create policy counting on projection.relationship for select to smittesporing_counter using (true);
create policy building on projection.relationship to smittesporing_owner using (true) with check (true);
grant select on projection.relationship to smittesporing_app, smittesporing_counter;

-- The kommune of today for a kommunenummer of today or of the past, for counting where people live. Numbers
-- without a single successor lead nowhere: they are asked about, not guessed (decision 32).
create view projection.home as
    select o.code as number, o.id from access.org_unit o where o.level = 3 and o.code is not null
    union all
    select f.number, min(o.id)
      from access.former_number f
      join access.org_unit o on o.code = f.successor and o.level = 3
     where not exists (select from access.org_unit now where now.level = 3 and now.code = f.number)
     group by f.number having count(distinct o.id) = 1;
grant select on projection.home to smittesporing_app, smittesporing_counter;

-- The first value that is not null, in the order the rows come.
create function projection.keep_first(kept anyelement, later anyelement) returns anyelement
    language sql immutable strict parallel safe as 'select kept';
create aggregate projection.first_value(anyelement) (sfunc = projection.keep_first, stype = anyelement);

-- Text to type; what does not fit is null, because values outlive a change of value type.
create function projection.as_text(value text) returns text
    language sql immutable parallel safe as $$ select nullif(value, '') $$;
create function projection.as_bool(value text) returns boolean
    language sql immutable parallel safe as $$
    select case when value in ('true', '1') then true when value in ('false', '0') then false end $$;
create function projection.as_numeric(value text) returns numeric
    language sql immutable parallel safe as $$
    select case when value ~ '^[-+]?(\d{1,30}(\.\d*)?|\.\d+)([eE][-+]?\d{1,2})?$' then value::numeric end $$;
create function projection.as_int(value text) returns int
    language sql immutable parallel safe as $$
    select case when value ~ '^[-+]?\d{1,9}$' then value::int end $$;
-- The 29th to 31st need the calendar, and a sub-transaction to ask it; other days do not.
create function projection.as_late_date(value text) returns date
    language plpgsql immutable parallel safe as $$
begin
    return value::date;
exception when others then
    return null;
end $$;
create function projection.as_date(value text) returns date
    language sql immutable parallel safe as $$
    select case when value ~ '^[1-9]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])(T|$)' then left(value, 10)::date
                when value ~ '^[1-9]\d{3}-(0[1-9]|1[0-2])-\d\d(T|$)' then projection.as_late_date(left(value, 10))
           end $$;
-- DHIS2 writes moments without a zone; they are Norwegian time.
create function projection.as_timestamptz(value text) returns timestamptz
    language plpgsql stable parallel safe as $$
begin
    if value ~ '(Z|[-+]\d\d:?\d\d)$' then
        return value::timestamptz;
    end if;
    return (value::timestamp) at time zone 'Europe/Oslo';
exception when others then
    return null;
end $$;

-- The definition of a projection's columns for CREATE TABLE, fixed ones first.
create function projection.definition(kind text, columns jsonb) returns text
    language sql immutable as $$
    select case kind
        when 'event' then
            'tracked_entity text not null, enrollment text, event text not null, owner int, org_unit int, '
            'kommune int, fylke int, status text not null, occurred_at timestamptz, scheduled_at timestamptz, '
            'completed_at timestamptz, created_at timestamptz, updated_at timestamptz, primary key (tracked_entity, event)'
        else
            'tracked_entity text not null, enrollment text not null, owner int, org_unit int, '
            'kommune int, fylke int, status text not null, enrolled_at timestamptz, occurred_at timestamptz, '
            'completed_at timestamptz, created_at timestamptz, updated_at timestamptz, follow_up boolean, '
            'primary key (tracked_entity, enrollment)'
        end
        || coalesce((select string_agg(format(', %I %s', c->>'name', c->>'type'), '' order by n)
                     from jsonb_array_elements(columns) with ordinality as a(c, n)), '') $$;

-- The SELECT that fills a projection, in the order of its columns; `$1` narrows it to some people.
create function projection.source(name text, kind text, columns jsonb, narrowed boolean) returns text
    language plpgsql immutable as $$
declare
    uid    text := split_part(name, '_', 2);
    direct text;
    newest text;
begin
    if kind = 'event' then
        select string_agg(format(', projection.as_%s(v.data->%L->>''value'')', c->>'type', c->>'name'), '' order by n)
          into direct from jsonb_array_elements(columns) with ordinality as a(c, n);
        return format(
            'select v.tracked_entity, v.enrollment, v.event, v.owner, v.org_unit, u.kommune, u.fylke, v.status, '
            'v.occurred_at, v.scheduled_at, v.completed_at, v.created_at, v.updated_at%s '
            'from tracker.event v left join access.org_unit u on u.id = v.org_unit '
            'where v.program_stage = %L and not v.deleted%s',
            direct, uid, case when narrowed then ' and v.tracked_entity = any($1)' else '' end);
    end if;
    select string_agg(case when length(c->>'name') = 11
               then format(', projection.as_%s(t.attributes->%L->>''value'')', c->>'type', c->>'name')
               else format(', n.%I', c->>'name') end, '' order by n)
      into direct from jsonb_array_elements(columns) with ordinality as a(c, n);
    select string_agg(case when c->>'name' like '%\_at'
               then format('projection.first_value(case when v.program_stage = %L and projection.as_text(v.data->%L->>''value'') is not null then v.occurred_at end) as %I',
                           split_part(c->>'name', '_', 1), split_part(c->>'name', '_', 2), c->>'name')
               else format('projection.first_value(case when v.program_stage = %L then projection.as_%s(v.data->%L->>''value'') end) as %I',
                           split_part(c->>'name', '_', 1), c->>'type', split_part(c->>'name', '_', 2), c->>'name') end, ', ' order by n)
      into newest from jsonb_array_elements(columns) with ordinality as a(c, n) where length(c->>'name') > 11;
    return format(
        'select e.tracked_entity, e.enrollment, e.owner, e.org_unit, u.kommune, u.fylke, e.status, '
        'e.enrolled_at, e.occurred_at, e.completed_at, e.created_at, e.updated_at, e.follow_up%s '
        'from tracker.enrollment e '
        'left join tracker.tracked_entity t on t.tracked_entity = e.tracked_entity '
        'left join access.org_unit u on u.id = e.org_unit %s'
        'where e.program = %L and not e.deleted%s',
        direct,
        case when newest is null then '' else format(
            'left join lateral (select %s from (select v.program_stage, v.data, v.occurred_at from tracker.event v '
            'where v.tracked_entity = e.tracked_entity and v.enrollment = e.enrollment and not v.deleted '
            'and v.status not in (''SCHEDULE'', ''OVERDUE'', ''SKIPPED'') '
            'order by v.occurred_at desc nulls last, v.created_at desc, v.event desc) v) n on true ', newest) end,
        uid, case when narrowed then ' and e.tracked_entity = any($1)' else '' end);
end $$;

-- Makes the projection look as described; true when a table was built, false when it already stood so.
-- Readers see the old table until the new one takes its place; imports wait for the length of the filling.
create function projection.ensure(name text, kind text, columns jsonb) returns boolean
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    aside  text := ensure.name || '_new';
    wrong  jsonb;
begin
    if ensure.name !~ '^(event|enrollment)_[A-Za-z][A-Za-z0-9]{10}$' or split_part(ensure.name, '_', 1) is distinct from ensure.kind then
        raise exception 'A projection is named event_<stage uid> or enrollment_<program uid>, not %.', ensure.name;
    end if;
    if jsonb_typeof(ensure.columns) is distinct from 'array' or jsonb_array_length(ensure.columns) > 1500 then
        raise exception 'A projection is described by an array of at most 1500 columns.';
    end if;
    select c into wrong from jsonb_array_elements(ensure.columns) as a(c)
     where coalesce(c->>'name', '') !~ case ensure.kind
                when 'event' then '^[A-Za-z][A-Za-z0-9]{10}$'
                else '^[A-Za-z][A-Za-z0-9]{10}(_[A-Za-z][A-Za-z0-9]{10}(_at)?)?$' end
        or coalesce(c->>'type', '') not in ('text', 'bool', 'int', 'numeric', 'date', 'timestamptz')
     limit 1;
    if wrong is not null then
        raise exception 'A projection cannot have the column %.', wrong;
    end if;
    perform pg_advisory_xact_lock(hashtextextended('projection', 0));
    if exists (select from projection.structure s where s.name = ensure.name and s.columns = ensure.columns) then
        return false;
    end if;
    if to_regclass(format('projection.%I', ensure.name)) is not null then
        execute format('lock table projection.%I in share row exclusive mode', ensure.name);
    end if;
    execute format('create table projection.%I (%s)', aside, projection.definition(ensure.kind, ensure.columns));
    execute format('insert into projection.%I %s', aside,
                   projection.source(ensure.name, ensure.kind, ensure.columns, false));
    if ensure.kind = 'event' then
        execute format('create index on projection.%I (owner, occurred_at)', aside);
        execute format('create index on projection.%I (kommune, occurred_at)', aside);
    else
        execute format('create index on projection.%I (owner, enrolled_at)', aside);
        execute format('create index on projection.%I (kommune, enrolled_at)', aside);
    end if;
    execute format('alter table projection.%I enable row level security, force row level security', aside);
    execute format('create policy reach on projection.%I for select to smittesporing_app '
                   'using (owner = any ((select app.scope())::int[]))', aside);
    execute format('create policy counting on projection.%I for select to smittesporing_counter using (true)', aside);
    execute format('create policy building on projection.%I to smittesporing_owner using (true) with check (true)', aside);
    execute format('grant select on projection.%I to smittesporing_app, smittesporing_counter', aside);
    if to_regclass(format('projection.%I', ensure.name)) is not null then
        execute format('drop table projection.%I', ensure.name);
    end if;
    execute format('alter table projection.%I rename to %I', aside, ensure.name);
    insert into projection.structure (name, kind, columns) values (ensure.name, ensure.kind, ensure.columns)
        on conflict on constraint structure_pkey
        do update set kind = excluded.kind, columns = excluded.columns, built_at = now();
    execute format('analyze projection.%I', ensure.name);
    return true;
end $$;

-- Brings the rows of these people up to date, in every projection they stand or stood in. Called in the
-- transaction that changed the records, after the change; also after a transfer or a merge (with the
-- people of both sides). Returns the number of rows written. It answers nothing about anybody, so the
-- caller's reach does not narrow it: a transfer must move rows that the caller may no longer read.
create function projection.refresh(tracked_entities text[]) returns int
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    s       record;
    written int;
    total   int := 0;
begin
    for s in
        select p.name, p.kind, p.columns from projection.structure p
        join (select distinct 'event_' || v.program_stage as name from tracker.event v
               where v.tracked_entity = any(tracked_entities)
              union select distinct 'enrollment_' || e.program from tracker.enrollment e
               where e.tracked_entity = any(tracked_entities)) touched using (name)
        order by p.name
    loop
        execute format('delete from projection.%I where tracked_entity = any($1)', s.name) using tracked_entities;
        execute format('insert into projection.%I %s', s.name,
                       projection.source(s.name, s.kind, s.columns, true)) using tracked_entities;
        get diagnostics written = row_count;
        total := total + written;
    end loop;
    delete from projection.relationship r where r.tracked_entity = any(tracked_entities);
    insert into projection.relationship (tracked_entity, relationship, side, type, owner, enrollment, event)
    select r.tracked_entity, r.relationship, r.side, r.type, r.owner, r.enrollment, r.event
      from tracker.relationship_end r where r.tracked_entity = any(tracked_entities) and not r.deleted;
    return total;
end $$;

-- Removes the rows of people whose records are gone for good (a merge, a permanent deletion).
create function projection.forget(tracked_entities text[]) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    s record;
begin
    for s in select p.name from projection.structure p order by p.name loop
        execute format('delete from projection.%I where tracked_entity = any($1)', s.name) using tracked_entities;
    end loop;
    delete from projection.relationship r where r.tracked_entity = any(tracked_entities);
end $$;

revoke execute on function projection.ensure(text, text, jsonb), projection.refresh(text[]),
    projection.forget(text[]) from public;
grant execute on function projection.ensure(text, text, jsonb), projection.refresh(text[]),
    projection.forget(text[]) to smittesporing_app;

-- Figures for those outside their own reach (decision 9): published on a fixed grid, never computed on
-- demand. A cell stands once per publication that changed it; `value` is null when it is withheld, for
-- being small or for protecting another: which of the two is kept nowhere, as it would tell too much.
create table analytics.published (
    indicator    text not null,
    org_unit     int not null,
    period       text not null,
    published_at timestamptz not null,
    value        numeric,
    primary key (indicator, period, org_unit, published_at)
);
comment on table analytics.published is 'Suppressed counts for fylke, FHI and neighbours; append-only, the newest row of a cell is its figure.';
create table analytics.publication (
    published_at timestamptz primary key,
    cells        int not null,
    changed      int not null
);
grant select, insert on analytics.published, analytics.publication to smittesporing_app;

-- migrate:down
