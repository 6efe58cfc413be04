-- migrate:up
-- Metadata: DHIS2's configuration as JSON, one row an object. Every user may read configuration; what
-- each may see of it is sharing's matter, and writing goes through exchange.py, which asks for the
-- authorities. The rows hold nothing about people.

create schema metadata;
grant usage on schema metadata to smittesporing_app, smittesporing_counter;

create table metadata.object (
    type text not null,
    uid text not null check (uid ~ '^[a-zA-Z][a-zA-Z0-9]{10}$'),
    code text,
    name text,
    body jsonb not null,
    created timestamptz not null default now(),
    last_updated timestamptz not null default now(),
    version int not null default 1,
    primary key (type, uid)
);
create index on metadata.object (type, code) where code is not null;

-- One row: raised by each transaction that changes an object. Snapshots are kept under its number.
-- `writer` tells a transaction that the number is its own and may yet be rolled back.
create table metadata.state (
    only_one boolean primary key default true check (only_one),
    version bigint not null,
    writer xid8 not null default '0'
);
insert into metadata.state (version) values (1);

-- A message inside the writing transaction wakes the other processes when it commits.
create function metadata.announce() returns trigger language plpgsql as $$
begin
    perform pg_notify('metadata', new.version::text);
    return null;
end $$;
create trigger announce after update on metadata.state
    for each row execute function metadata.announce();

grant select, insert, update, delete on metadata.object to smittesporing_app;
grant select, update (version, writer) on metadata.state to smittesporing_app;
grant select on metadata.object, metadata.state to smittesporing_counter;

-- The default category objects that every package refers to by fixed uids.
insert into metadata.object (type, uid, code, name, body) values
    ('categoryOptions', 'xYerKDKCefk', 'default', 'default',
     '{"id": "xYerKDKCefk", "code": "default", "name": "default", "shortName": "default",
       "sharing": {"owner": null, "external": false, "public": "rwrw----", "users": {}, "userGroups": {}}}'),
    ('categories', 'GLevLNI9wkl', 'default', 'default',
     '{"id": "GLevLNI9wkl", "code": "default", "name": "default", "shortName": "default",
       "dataDimension": false, "dataDimensionType": "DISAGGREGATION",
       "categoryOptions": [{"id": "xYerKDKCefk"}],
       "sharing": {"owner": null, "external": false, "public": "rw------", "users": {}, "userGroups": {}}}'),
    ('categoryCombos', 'bjDvmb4bfuf', 'default', 'default',
     '{"id": "bjDvmb4bfuf", "code": "default", "name": "default", "isDefault": true, "skipTotal": false,
       "dataDimensionType": "DISAGGREGATION", "categories": [{"id": "GLevLNI9wkl"}],
       "sharing": {"owner": null, "external": false, "public": "rw------", "users": {}, "userGroups": {}}}'),
    ('categoryOptionCombos', 'HllvX50cXC0', 'default', 'default',
     '{"id": "HllvX50cXC0", "code": "default", "name": "default", "ignoreApproval": false,
       "categoryCombo": {"id": "bjDvmb4bfuf"}, "categoryOptions": [{"id": "xYerKDKCefk"}]}');

-- migrate:down
