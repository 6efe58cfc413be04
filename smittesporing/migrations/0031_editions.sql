-- migrate:up

-- What was shipped last, whole, so that a new edition can bring in only what it changes. Null until the next
-- start fills it in.
alter table metadata.shipped add column body jsonb;

-- migrate:down
