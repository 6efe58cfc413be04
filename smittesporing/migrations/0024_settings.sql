-- migrate:up
-- What apps and operators keep: system settings with their translations, and the data store. Nothing about
-- people who are followed up belongs here: all who sign in may read what is shared with all.

create table metadata.system_setting (
    key text primary key,
    value text not null,
    last_updated timestamptz not null default now()
);
create table metadata.system_setting_translation (
    key text not null,
    locale text not null,
    value text not null,
    primary key (key, locale)
);

-- One entry of the data store, or of one user's own (`owner` is her uid; empty for the common store).
create table metadata.data_entry (
    uid text primary key,
    owner text not null default '',
    namespace text not null,
    key text not null,
    value jsonb,
    -- Ciphertext in place of the value, for entries that ask for it.
    sealed text,
    sharing jsonb not null default '{}',
    created timestamptz not null default now(),
    last_updated timestamptz not null default now(),
    created_by text,
    updated_by text,
    unique (owner, namespace, key),
    check ((value is null) <> (sealed is null))
);

grant select, insert, update, delete on metadata.system_setting, metadata.system_setting_translation,
    metadata.data_entry to smittesporing_app;

-- migrate:down
