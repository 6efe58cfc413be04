-- migrate:up
-- The other end of a link that lies out of reach: which org unit follows it up, and nothing else (decision 13).
-- Answers only for links whose near end the asker may read.
create function tracker.beyond(people text, types text[])
returns table (relationship text, type text, side text, tracked_entity text, enrollment text, event text, owner int)
language sql stable security definer set search_path = '' as $$
    select a.relationship, a.type, a.side, a.tracked_entity, a.enrollment, a.event, b.owner
    from tracker.relationship_end a
    join tracker.relationship_end b
      on b.tracked_entity = a.other_tracked_entity and b.relationship = a.relationship and b.side <> a.side
    where a.tracked_entity = any (string_to_array(people, ',')) and a.type = any (types)
      and not a.deleted and not b.deleted
      and a.owner = any ((select app.scope())::int[])
      and not b.owner = any ((select app.scope())::int[])
$$;
revoke execute on function tracker.beyond(text, text[]) from public;
grant execute on function tracker.beyond(text, text[]) to smittesporing_app;

-- migrate:down
