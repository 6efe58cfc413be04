-- migrate:up
-- Kartverket's borders, imported by an operator from Kartverket's own file; the product ships none.
create table access.border (
    number   text primary key,
    geometry jsonb not null
);
comment on table access.border is 'Simplified border of each kommune, GeoJSON geometry, rings wound clockwise as maps in browsers want them.';
create table access.border_source (
    only_one    boolean primary key default true check (only_one),
    credit      text not null,
    digest      text not null,
    imported_at timestamptz not null default now()
);
grant select on access.border, access.border_source to smittesporing_app;

-- migrate:down
