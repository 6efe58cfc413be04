-- migrate:up

-- What composed expressions call for. Each takes its arguments once, so that an expression's SQL grows with
-- the expression and not with the square of its depth; and each gives null where PostgreSQL's own would
-- stop the whole statement, because one odd value must not take a country's figures down.

-- A text as a number for = and <>: what is no number is NaN, which no number equals; null stays null.
create function projection.number_or_nan(value text) returns numeric
    language sql immutable parallel safe as $$
    select case when value is not null then coalesce(projection.as_numeric(value), 'NaN') end $$;

-- base ^ exponent; null where there is no real number, or one beyond what counting holds.
create function projection.power_of(base numeric, exponent numeric) returns numeric
    language sql immutable parallel safe as $$
    select case
        when base = 0 then case when exponent > 0 then 0 when exponent = 0 then 1 end
        when base < 0 and exponent <> trunc(exponent) then null
        when abs(exponent) > 1000000 then case when abs(base) = 1 then power(base, mod(exponent, 2)) end
        when abs(exponent * ln(abs(base))) > 690 then null
        else power(base, exponent) end $$;

create function projection.natural_log(value numeric) returns numeric
    language sql immutable parallel safe as $$ select case when value > 0 then ln(value) end $$;
create function projection.common_log(value numeric) returns numeric
    language sql immutable parallel safe as $$ select case when value > 0 then log(value) end $$;

-- Whole months between two days as calendars count them, towards zero.
create function projection.months_between(first date, last date) returns numeric
    language sql immutable parallel safe as $$
    select extract(year from age(last::timestamp, first::timestamp)) * 12
         + extract(month from age(last::timestamp, first::timestamp)) $$;

-- migrate:down
