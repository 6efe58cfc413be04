-- migrate:up
-- Case numbers: what tracers call a case by, counted per kommune from 2001 on.
create schema casebook;
grant usage on schema casebook to smittesporing_app;
create table casebook.last_number (kommune int primary key, last int not null);
grant select, insert, update on casebook.last_number to smittesporing_app;

-- migrate:down
