-- migrate:up
-- What crosses from one kommune to another, each through a function of its own.

-- Who follows up this person now: the owners of her open enrollments, and nothing else about her. Asked
-- after an exact match on a unique value; the caller logs it (decision 2).
create or replace function tracker.followed_up_by(person text) returns int[]
language sql stable security definer set search_path = '' as $$
    select coalesce(array_agg(distinct e.owner), '{}')
    from tracker.enrollment e
    where e.tracked_entity = person and e.status = 'ACTIVE' and not e.deleted
      and (select app.scope()) is not null
$$;

-- Ends relationships at both of their ends, when the caller writes at one of them: the mirror may lie in
-- a kommune she cannot reach. Returns the people at the ends.
create or replace function tracker.unlink(people text[], uids text[], at timestamptz, by_user text, by_info jsonb)
returns setof text
language sql security definer set search_path = '' as $$
    with ended as (
        select distinct relationship, tracked_entity, other_tracked_entity
        from tracker.relationship_end
        where tracked_entity = any (people) and not deleted
          and owner = any ((select app.write_scope())::int[])
          and (relationship = any (uids) or event = any (uids) or enrollment = any (uids)
               or (tracked_entity = any (uids) and enrollment is null and event is null))
    ), gone as (
        update tracker.relationship_end e
           set deleted = true, updated_at = at, updated_by = by_info, version = e.version + 1
          from ended
         where e.relationship = ended.relationship and not e.deleted
           and e.tracked_entity in (ended.tracked_entity, ended.other_tracked_entity)
        returning e.tracked_entity, e.relationship, e.side, e.owner
    ), told as (
        insert into tracker.history (tracked_entity, username, user_info, kind, uid, action, owners)
        select tracked_entity, by_user, by_info, 'RELATIONSHIP', relationship, 'DELETE', array[owner]
        from gone where side = 'from'
    )
    select distinct tracked_entity from gone
$$;

revoke all on function tracker.followed_up_by(text),
    tracker.unlink(text[], text[], timestamptz, text, jsonb) from public;
grant execute on function tracker.followed_up_by(text),
    tracker.unlink(text[], text[], timestamptz, text, jsonb) to smittesporing_app;

-- migrate:down
