-- migrate:up
-- Jobs of every kind lie in one table, so that they outlive the process that did the work.
alter table tracker.job add column type text not null default 'TRACKER_IMPORT_JOB';
create index on tracker.job (username, type, created_at desc);

-- Whether any record, deleted ones too, holds a piece of configuration: what is used is not taken away. It
-- tells yes or no of the whole country and nothing of whom; only who may change configuration has use for it.
create function tracker.in_use(kind text, uid text) returns boolean
language sql stable security definer set search_path = '' as $$
    select case kind
        when 'trackedEntityTypes' then
            exists (select from tracker.tracked_entity t where t.type = uid)
        when 'trackedEntityAttributes' then
            exists (select from tracker.tracked_entity t where t.attributes ? uid)
        when 'programs' then
            exists (select from tracker.enrollment e where e.program = uid)
            or exists (select from tracker.event v where v.program = uid)
        when 'programStages' then
            exists (select from tracker.event v where v.program_stage = uid)
        when 'dataElements' then
            exists (select from tracker.event v where v.data ? uid)
        when 'relationshipTypes' then
            exists (select from tracker.relationship_end r where r.type = uid)
        when 'categoryOptionCombos' then
            exists (select from tracker.event v where v.attribute_option_combo = uid)
        else false end
$$;
revoke execute on function tracker.in_use(text, text) from public;
grant execute on function tracker.in_use(text, text) to smittesporing_app;

-- migrate:down
