-- migrate:up
-- A projection that must look otherwise is built beside the one in use, while records are read, counted and
-- saved. `projection.prepare` makes and fills it; `projection.swap` brings up to date those whose records
-- changed meanwhile and puts all that were prepared in their places at once. Readers wait for the length of
-- the swap, writers for that and the catching up: moments, not the length of the filling.

-- What this transaction has prepared and not yet swapped; empty outside of one.
create table projection.aside (
    name    text primary key,
    kind    text not null,
    columns jsonb not null,
    seen    pg_snapshot not null,
    -- Rows of history before this one were written by work that was over when the filling began.
    since   bigint not null
);

-- Builds the projection aside when it does not stand as described; true when it was built.
create function projection.prepare(name text, kind text, columns jsonb) returns boolean
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    aside   text := prepare.name || '_new';
    wrong   jsonb;
    retired jsonb;
    whole   jsonb;
    seen    pg_snapshot;
    since   bigint;
begin
    if prepare.name !~ '^(event|enrollment)_[A-Za-z][A-Za-z0-9]{10}$' or split_part(prepare.name, '_', 1) is distinct from prepare.kind then
        raise exception 'A projection is named event_<stage uid> or enrollment_<program uid>, not %.', prepare.name;
    end if;
    if jsonb_typeof(prepare.columns) is distinct from 'array' or jsonb_array_length(prepare.columns) > 1500 then
        raise exception 'A projection is described by an array of at most 1500 columns.';
    end if;
    select c into wrong from jsonb_array_elements(prepare.columns) as a(c)
     where coalesce(c->>'name', '') !~ case prepare.kind
                when 'event' then '^[A-Za-z][A-Za-z0-9]{10}$'
                else '^[A-Za-z][A-Za-z0-9]{10}(_[A-Za-z][A-Za-z0-9]{10}(_at)?)?$' end
        or coalesce(c->>'type', '') not in ('text', 'bool', 'int', 'numeric', 'date', 'timestamptz')
     limit 1;
    if wrong is not null then
        raise exception 'A projection cannot have the column %.', wrong;
    end if;
    perform pg_advisory_xact_lock(hashtextextended('projection', 0));
    if exists (select from projection.structure s where s.name = prepare.name and s.columns = prepare.columns) then
        return false;
    end if;
    -- Columns that are described no more stay for one generation, because somebody may be counting by the
    -- configuration of a moment ago.
    select coalesce(jsonb_agg(o.c order by o.n), '[]') into retired
      from projection.structure s, jsonb_array_elements(s.columns) with ordinality as o(c, n)
     where s.name = prepare.name
       and not exists (select from jsonb_array_elements(prepare.columns) as d(c) where d.c->>'name' = o.c->>'name');
    whole := prepare.columns || retired;
    if jsonb_array_length(whole) > 1500 then
        whole := prepare.columns;
    end if;
    seen := pg_current_snapshot();
    select coalesce(max(h.sequence), 0) - 1000000 into since from tracker.history h;
    execute format('create table projection.%I (%s)', aside, projection.definition(prepare.kind, whole));
    execute format('insert into projection.%I %s', aside,
                   projection.source(prepare.name, prepare.kind, whole, false));
    if prepare.kind = 'event' then
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
    execute format('analyze projection.%I', aside);
    insert into projection.aside (name, kind, columns, seen, since)
    values (prepare.name, prepare.kind, prepare.columns, seen, since);
    return true;
end $$;

-- Puts what was prepared in its place; how many. The last act of its transaction: readers wait from here on.
-- Locks are asked for briefly and given back together, so that a long count delays the swap and nobody else.
create function projection.swap() returns int
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    a       record;
    changed text[];
    total   int := 0;
    tries   int := 0;
    usual   text := current_setting('lock_timeout');
    standing text;
begin
    select string_agg(format('projection.%I', p.name), ', ' order by p.name) into standing
      from projection.aside p where to_regclass(format('projection.%I', p.name)) is not null;
    loop
        begin
            perform set_config('lock_timeout', '300ms', true);
            if standing is not null then
                execute format('lock table %s in share row exclusive mode', standing);
            end if;
            for a in select p.* from projection.aside p order by p.name loop
                select array_agg(distinct h.tracked_entity) into changed from tracker.history h
                 where h.sequence > a.since and not pg_visible_in_snapshot(h.transaction, a.seen);
                if changed is not null then
                    execute format('delete from projection.%I where tracked_entity = any($1)', a.name || '_new') using changed;
                    execute format('insert into projection.%I %s', a.name || '_new',
                                   projection.source(a.name, a.kind, a.columns, true)) using changed;
                end if;
            end loop;
            if standing is not null then
                execute format('lock table %s in access exclusive mode', standing);
            end if;
            exit;
        exception when lock_not_available then
            tries := tries + 1;
            if tries > 300 then
                raise exception 'Somebody has been reading the projections for a minute; they cannot be changed now.';
            end if;
        end;
        perform pg_sleep(0.05);
    end loop;
    perform set_config('lock_timeout', usual, true);
    for a in select p.* from projection.aside p order by p.name loop
        if to_regclass(format('projection.%I', a.name)) is not null then
            execute format('drop table projection.%I', a.name);
        end if;
        execute format('alter table projection.%I rename to %I', a.name || '_new', a.name);
        insert into projection.structure (name, kind, columns) values (a.name, a.kind, a.columns)
            on conflict on constraint structure_pkey
            do update set kind = excluded.kind, columns = excluded.columns, built_at = now();
        total := total + 1;
    end loop;
    delete from projection.aside where true;
    return total;
end $$;

drop function projection.ensure(text, text, jsonb);
revoke execute on function projection.prepare(text, text, jsonb), projection.swap() from public;
grant execute on function projection.prepare(text, text, jsonb), projection.swap() to smittesporing_app;

-- migrate:down
