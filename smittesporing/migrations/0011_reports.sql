-- migrate:up
-- Weekly reports as a kommune sent them to FHI: exact figures, disclosed on purpose (decision 9). What is
-- sent stands; a later one of the same week takes its place beside it.
create table analytics.report (
    report   text primary key,
    org_unit int not null,
    period   text not null,
    sent_at  timestamptz not null default now(),
    day      date not null,
    sent_by  text not null,
    lines    jsonb not null
);
comment on column analytics.report.day is 'The business day it was sent on; sent_at is the machine''s own time.';
create index on analytics.report (org_unit, period, sent_at desc);
alter table analytics.report enable row level security;
alter table analytics.report force row level security;

-- Whether the one who asks works for FHI, by the verified context and her roles of this moment.
create function analytics.is_recipient() returns boolean
    language sql stable security definer set search_path = pg_catalog as
$$ select exists (select from access.membership m
                   where m.user_uid = app.acting() and m.role = 'fhi' and m.ended_at is null) $$;
revoke all on function analytics.is_recipient() from public;
grant execute on function analytics.is_recipient() to smittesporing_app;

create policy reading on analytics.report for select to smittesporing_app
    using (org_unit = any ((select app.scope())::int[]) or (select analytics.is_recipient()));
create policy sending on analytics.report for insert to smittesporing_app
    with check (org_unit = any ((select app.write_scope())::int[]) and sent_by = (select app.acting()));
grant select, insert on analytics.report to smittesporing_app;

-- migrate:down
