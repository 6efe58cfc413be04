-- migrate:up
-- Lists that stay quick as kommuner grow: a person's date of registration beside each enrollment, so that
-- one index gives a kommune's newest in order; and a search that is planned for what is searched for.

alter table tracker.enrollment add column registered_at timestamptz;
update tracker.enrollment e set registered_at = t.created_at
  from tracker.tracked_entity t where t.tracked_entity = e.tracked_entity;
alter table tracker.enrollment alter column registered_at set not null;
comment on column tracker.enrollment.registered_at is 'created_at of the tracked entity, which never changes';
create index on tracker.enrollment (owner, program, registered_at desc, tracked_entity);
drop index tracker.enrollment_owner_program_enrolled_at_idx;
create index on tracker.enrollment (owner, program, enrolled_at desc, tracked_entity);
drop index tracker.tracked_entity_created_at_idx;
create index on tracker.tracked_entity (created_at desc, tracked_entity);

-- The pattern and the scope stand in the statement, so that the planner knows how rare they are: the
-- trigram index for a rare name, the kommune's own people for a common one.
create or replace function tracker.candidates(pattern text, most int)
returns setof text
language plpgsql stable security definer set search_path = '' as $$
declare
    scope int[] := app.scope();
    glass text[] := app.glass();
begin
    return query execute format(
        'select t.tracked_entity from tracker.tracked_entity t
          where t.search like %L and (t.owners && %L::int[]%s) limit %s',
        pattern, scope,
        case when cardinality(glass) = 0 then '' else format(' or t.tracked_entity = any (%L::text[])', glass) end,
        most);
end
$$;
revoke all on function tracker.candidates(text, int) from public;
grant execute on function tracker.candidates(text, int) to smittesporing_app;

-- migrate:down
