-- migrate:up
-- Local org units that are changed, moved, closed, split and merged: a unit that is gone keeps its row, for
-- the access log and the reach above it still name it, and says what came after it.
alter table access.org_unit
    add column successors int[] not null default '{}',
    add column removed_at timestamptz;

-- Whether records stand in the unit or belong to it; says so and nothing more.
create function tracker.unit_in_use(unit int) returns boolean
language sql stable security definer set search_path = '' as $$
    select exists (select from tracker.tracked_entity where owners @> array[unit] or org_unit = unit)
        or exists (select from tracker.enrollment where owner = unit or org_unit = unit)
        or exists (select from tracker.event where owner = unit or org_unit = unit)
$$;

-- Whether the one who asks governs the unit: she writes there, or administers its kommune.
create function app_private.governs(unit int) returns boolean
language sql stable security definer set search_path = pg_catalog as $$
    select unit = any (app.write_scope())
        or exists (select from access.membership m join access.org_unit o on o.id = unit
                    where m.user_uid = app.acting() and m.role = 'administrator' and m.ended_at is null
                      and m.org_unit = o.kommune)
$$;
revoke all on function app_private.governs(int) from public;

-- All that belongs to one local unit belongs to another from here on, in the caller's transaction: records,
-- their mirrors, history, projections, roles and what users have chosen. Returns how many enrollments.
create function tracker.succeed_unit(gone int, heir int) returns int
language plpgsql security definer set search_path = '' as $$
declare
    moved int;
    place access.org_unit;
    one record;
begin
    if not (app_private.governs(gone) and app_private.governs(heir)) then
        raise exception 'the unit is outside your scope' using errcode = 'insufficient_privilege';
    end if;
    if exists (select from access.org_unit where id = gone and official) then
        raise exception 'T005' using errcode = 'P0001';
    end if;
    select * into place from access.org_unit where id = heir;
    update tracker.tracked_entity set org_unit = heir where org_unit = gone;
    update tracker.tracked_entity t
       set owners = (select array_agg(distinct case when o = gone then heir else o end) from unnest(t.owners) o),
           version = version + 1
     where owners @> array[gone];
    update tracker.enrollment set owner = case owner when gone then heir else owner end,
           org_unit = case org_unit when gone then heir else org_unit end, version = version + 1
     where owner = gone or org_unit = gone;
    get diagnostics moved = row_count;
    update tracker.event set owner = case owner when gone then heir else owner end,
           org_unit = case org_unit when gone then heir else org_unit end, version = version + 1
     where owner = gone or org_unit = gone;
    update tracker.relationship_end set owner = heir where owner = gone;
    update tracker.note set owner = heir where owner = gone;
    update tracker.program_owner set owner = heir, version = version + 1 where owner = gone;
    update tracker.transfer set from_owner = heir where from_owner = gone;
    update tracker.transfer set to_owner = heir where to_owner = gone;
    update tracker.history h
       set owners = (select array_agg(distinct case when o = gone then heir else o end) from unnest(h.owners) o)
     where owners @> array[gone];
    update tracker.unique_value u set scope = heir
     where scope = gone and not exists (select from tracker.unique_value other
            where other.attribute = u.attribute and other.scope = heir and other.hash = u.hash);
    update projection.relationship set owner = heir where owner = gone;
    for one in select name from projection.structure loop
        execute format(
            'update projection.%I set owner = case owner when $1 then $2 else owner end,
                    org_unit = case org_unit when $1 then $2 else org_unit end,
                    kommune = case org_unit when $1 then $3 else kommune end,
                    fylke = case org_unit when $1 then $4 else fylke end
              where owner = $1 or org_unit = $1', one.name)
        using gone, heir, place.kommune, place.fylke;
    end loop;
    insert into access.membership (user_uid, org_unit, role, granted_by, granted_at)
        select user_uid, heir, role, app.acting(), now() from access.membership
         where org_unit = gone and ended_at is null
        on conflict (user_uid, org_unit, role) do update set ended_at = null;
    update access.membership set ended_at = now() where org_unit = gone and ended_at is null;
    update access.user_account set data_view = array_replace(data_view, gone, heir),
           search = array_replace(search, gone, heir)
     where data_view @> array[gone] or search @> array[gone];
    return moved;
end $$;

-- A unit that moved to another kommune is counted there from here on.
create function projection.follow_units(units int[]) returns void
language plpgsql security definer set search_path = '' as $$
declare
    one record;
begin
    for one in select name from projection.structure loop
        execute format(
            'update projection.%I p set kommune = u.kommune, fylke = u.fylke from access.org_unit u
              where u.id = p.org_unit and p.org_unit = any ($1)', one.name) using units;
    end loop;
end $$;

revoke all on function tracker.unit_in_use(int), tracker.succeed_unit(int, int),
    projection.follow_units(int[]) from public;
grant execute on function tracker.unit_in_use(int), tracker.succeed_unit(int, int),
    projection.follow_units(int[]) to smittesporing_app;

-- migrate:down
