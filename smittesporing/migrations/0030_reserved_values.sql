-- migrate:up

-- Values promised to somebody who will register a person with them: by keyed hash, as values in use are.
-- They say nothing of anybody; the service's role reaches them by the two functions only.
create table tracker.reserved_value (
    attribute  text not null,
    hash       bytea not null,
    expires_at timestamptz not null,
    primary key (attribute, hash)
);
create index on tracker.reserved_value (expires_at);

-- The last number given out for each pattern with all but its number filled in.
create table tracker.sequence_of_values (
    attribute text not null,
    key       text not null,
    last      bigint not null,
    primary key (attribute, key)
);

do $$
declare
    one text;
begin
    foreach one in array array['reserved_value', 'sequence_of_values'] loop
        execute format('alter table tracker.%I enable row level security', one);
        execute format('alter table tracker.%I force row level security', one);
        execute format('create policy owner_door on tracker.%I to smittesporing_owner using (true) with check (true)', one);
    end loop;
end
$$;

-- Promises the first of the values that nobody has and that are promised to nobody, and says which.
create function tracker.reserve(of_attribute text, wanted jsonb, most int, days int)
returns setof text
language sql security definer set search_path = '' as $$
    delete from tracker.reserved_value r where r.expires_at < now();
    insert into tracker.reserved_value as r (attribute, hash, expires_at)
    select of_attribute, decode(w.hash, 'hex'), now() + make_interval(days => days)
    from jsonb_array_elements_text(wanted) with ordinality as w(hash, place)
    where (select app.scope()) is not null
      and not exists (select from tracker.unique_value u
                      where u.attribute = of_attribute and u.hash = decode(w.hash, 'hex'))
      and not exists (select from tracker.reserved_value o
                      where o.attribute = of_attribute and o.hash = decode(w.hash, 'hex'))
    order by w.place limit most
    on conflict do nothing
    returning encode(r.hash, 'hex')
$$;

-- The last of so many new numbers in a row.
create function tracker.next_numbers(of_attribute text, of_key text, how_many int)
returns bigint
language sql security definer set search_path = '' as $$
    insert into tracker.sequence_of_values as s (attribute, key, last)
    select of_attribute, of_key, how_many where (select app.scope()) is not null
    on conflict (attribute, key) do update set last = s.last + excluded.last
    returning s.last
$$;

revoke all on function tracker.reserve(text, jsonb, int, int), tracker.next_numbers(text, text, int)
    from public;
grant execute on function tracker.reserve(text, jsonb, int, int), tracker.next_numbers(text, text, int)
    to smittesporing_app;

-- migrate:down
