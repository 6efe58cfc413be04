"""The SQL that writes records: one statement per kind and act, whatever the number of rows.

Rows come as one JSON document. Each statement writes the record and its line of history, so that
neither is ever without the other. Text only; `persist` runs it.
"""

# ruff: noqa: S608 - the only thing put into these texts is the constant _WHO.

_WHO = "%(username)s, %(user)s::text::jsonb"

CREATE_PEOPLE = f"""
with r as materialized (
    select * from jsonb_to_recordset(%(rows)s::text::jsonb) as r(
        tracked_entity text, type text, org_unit int, owners int[], attributes jsonb, search text,
        geometry jsonb, inactive boolean, potential_duplicate boolean, created_at_client timestamptz,
        updated_at_client timestamptz, stored_by text)
), made as (
    insert into tracker.tracked_entity
        (tracked_entity, type, org_unit, owners, attributes, search, geometry, inactive,
         potential_duplicate, created_at, updated_at, created_at_client, updated_at_client, stored_by,
         created_by, updated_by)
    select tracked_entity, type, org_unit, owners, attributes, search, geometry, inactive,
           potential_duplicate, %(now)s, %(now)s, created_at_client, updated_at_client,
           coalesce(stored_by, %(username)s), %(user)s::text::jsonb, %(user)s::text::jsonb from r
)
insert into tracker.history (tracked_entity, username, user_info, kind, uid, action, owners, after)
select tracked_entity, {_WHO}, 'TRACKED_ENTITY', tracked_entity, 'CREATE', owners,
       jsonb_build_object('attributes', attributes) from r
"""

CHANGE_PEOPLE = f"""
with r as materialized (
    select * from jsonb_to_recordset(%(rows)s::text::jsonb) as r(
        tracked_entity text, owners int[], attributes jsonb, search text, geometry jsonb,
        inactive boolean, potential_duplicate boolean, updated_at_client timestamptz,
        before jsonb, after jsonb)
), made as (
    update tracker.tracked_entity t
       set owners = r.owners, attributes = r.attributes, search = r.search, geometry = r.geometry,
           inactive = r.inactive, potential_duplicate = r.potential_duplicate,
           updated_at_client = r.updated_at_client, updated_at = %(now)s,
           updated_by = %(user)s::text::jsonb, version = t.version + 1
      from r where t.tracked_entity = r.tracked_entity
)
insert into tracker.history
    (tracked_entity, username, user_info, kind, uid, action, owners, before, after)
select tracked_entity, {_WHO}, 'TRACKED_ENTITY', tracked_entity, 'UPDATE', owners, before, after
  from r where after is not null
"""

TOUCH_PEOPLE = """
update tracker.tracked_entity set updated_at = %(now)s, updated_by = %(user)s::text::jsonb
 where tracked_entity = any (string_to_array(%(people)s, ','))
"""

CREATE_ENROLLMENTS = f"""
with r as materialized (
    select * from jsonb_to_recordset(%(rows)s::text::jsonb) as r(
        tracked_entity text, enrollment text, program text, status text, org_unit int, owner int,
        enrolled_at timestamptz, occurred_at timestamptz, completed_at timestamptz, completed_by text,
        follow_up boolean, geometry jsonb, created_at_client timestamptz,
        updated_at_client timestamptz, stored_by text, registered_at timestamptz, after jsonb)
), made as (
    insert into tracker.enrollment
        (tracked_entity, enrollment, program, status, org_unit, owner, enrolled_at, occurred_at,
         completed_at, completed_by, follow_up, geometry, created_at, updated_at, created_at_client,
         updated_at_client, stored_by, created_by, updated_by, registered_at)
    select tracked_entity, enrollment, program, status, org_unit, owner, enrolled_at, occurred_at,
           completed_at, completed_by, follow_up, geometry, %(now)s, %(now)s, created_at_client,
           updated_at_client, coalesce(stored_by, %(username)s), %(user)s::text::jsonb,
           %(user)s::text::jsonb, registered_at from r
)
insert into tracker.history (tracked_entity, username, user_info, kind, uid, action, program, owners, after)
select tracked_entity, {_WHO}, 'ENROLLMENT', enrollment, 'CREATE', program, array[owner], after from r
"""

CHANGE_ENROLLMENTS = f"""
with r as materialized (
    select * from jsonb_to_recordset(%(rows)s::text::jsonb) as r(
        tracked_entity text, enrollment text, program text, status text, org_unit int, owner int,
        enrolled_at timestamptz, occurred_at timestamptz, completed_at timestamptz, completed_by text,
        follow_up boolean, geometry jsonb, updated_at_client timestamptz, before jsonb, after jsonb)
), made as (
    update tracker.enrollment e
       set status = r.status, org_unit = r.org_unit, enrolled_at = r.enrolled_at,
           occurred_at = r.occurred_at, completed_at = r.completed_at, completed_by = r.completed_by,
           follow_up = r.follow_up, geometry = r.geometry, updated_at_client = r.updated_at_client,
           updated_at = %(now)s, updated_by = %(user)s::text::jsonb, version = e.version + 1
      from r where e.tracked_entity = r.tracked_entity and e.enrollment = r.enrollment
)
insert into tracker.history
    (tracked_entity, username, user_info, kind, uid, action, program, owners, before, after)
select tracked_entity, {_WHO}, 'ENROLLMENT', enrollment, 'UPDATE', program, array[owner], before, after
  from r where after is not null
"""

CREATE_EVENTS = f"""
with r as materialized (
    select * from jsonb_to_recordset(%(rows)s::text::jsonb) as r(
        tracked_entity text, event text, enrollment text, program text, program_stage text, status text,
        org_unit int, owner int, occurred_at timestamptz, scheduled_at timestamptz,
        completed_at timestamptz, completed_by text, assigned_user text, data jsonb,
        attribute_option_combo text, geometry jsonb, created_at_client timestamptz,
        updated_at_client timestamptz, stored_by text, after jsonb)
), made as (
    insert into tracker.event
        (tracked_entity, event, enrollment, program, program_stage, status, org_unit, owner,
         occurred_at, scheduled_at, completed_at, completed_by, assigned_user, data,
         attribute_option_combo, geometry, created_at, updated_at, created_at_client,
         updated_at_client, stored_by, created_by, updated_by)
    select tracked_entity, event, enrollment, program, program_stage, status, org_unit, owner,
           occurred_at, scheduled_at, completed_at, completed_by, assigned_user, data,
           attribute_option_combo, geometry, %(now)s, %(now)s, created_at_client, updated_at_client,
           coalesce(stored_by, %(username)s), %(user)s::text::jsonb, %(user)s::text::jsonb from r
)
insert into tracker.history (tracked_entity, username, user_info, kind, uid, action, program, owners, after)
select tracked_entity, {_WHO}, 'EVENT', event, 'CREATE', program, array[owner],
       after || jsonb_build_object('data', data) from r
"""

CHANGE_EVENTS = f"""
with r as materialized (
    select * from jsonb_to_recordset(%(rows)s::text::jsonb) as r(
        tracked_entity text, event text, program text, status text, org_unit int, owner int,
        occurred_at timestamptz, scheduled_at timestamptz, completed_at timestamptz, completed_by text,
        assigned_user text, data jsonb, attribute_option_combo text, geometry jsonb,
        updated_at_client timestamptz, before jsonb, after jsonb)
), made as (
    update tracker.event e
       set status = r.status, org_unit = r.org_unit, occurred_at = r.occurred_at,
           scheduled_at = r.scheduled_at, completed_at = r.completed_at, completed_by = r.completed_by,
           assigned_user = r.assigned_user, data = r.data,
           attribute_option_combo = r.attribute_option_combo, geometry = r.geometry,
           updated_at_client = r.updated_at_client, updated_at = %(now)s,
           updated_by = %(user)s::text::jsonb, version = e.version + 1
      from r where e.tracked_entity = r.tracked_entity and e.event = r.event
)
insert into tracker.history
    (tracked_entity, username, user_info, kind, uid, action, program, owners, before, after)
select tracked_entity, {_WHO}, 'EVENT', event, 'UPDATE', program, array[owner], before, after
  from r where after is not null
"""

CREATE_LINKS = f"""
with r as materialized (
    select * from jsonb_to_recordset(%(rows)s::text::jsonb) as r(
        tracked_entity text, relationship text, side text, type text, owner int, enrollment text,
        event text, other_tracked_entity text, other_enrollment text, other_event text,
        created_at_client timestamptz)
), made as (
    insert into tracker.relationship_end
        (tracked_entity, relationship, side, type, owner, enrollment, event, other_tracked_entity,
         other_enrollment, other_event, created_at, updated_at, created_at_client, stored_by,
         created_by, updated_by)
    select tracked_entity, relationship, side, type, owner, enrollment, event, other_tracked_entity,
           other_enrollment, other_event, %(now)s, %(now)s, created_at_client, %(username)s,
           %(user)s::text::jsonb, %(user)s::text::jsonb from r
)
insert into tracker.history (tracked_entity, username, user_info, kind, uid, action, owners, after)
select tracked_entity, {_WHO}, 'RELATIONSHIP', relationship, 'CREATE', array[owner],
       jsonb_build_object('type', type) from r where side = 'from'
"""

CREATE_NOTES = """
insert into tracker.note
    (tracked_entity, note, enrollment, event, owner, value, stored_at, stored_by, created_by)
select tracked_entity, note, enrollment, event, owner, value, %(now)s, %(username)s,
       %(user)s::text::jsonb
  from jsonb_to_recordset(%(rows)s::text::jsonb) as r(
       tracked_entity text, note text, enrollment text, event text, owner int, value text)
"""

SET_PROGRAM_OWNERS = """
insert into tracker.program_owner as p (tracked_entity, program, owner, updated_at)
select tracked_entity, program, owner, %(now)s
  from jsonb_to_recordset(%(rows)s::text::jsonb) as r(tracked_entity text, program text, owner int)
on conflict (tracked_entity, program) do update
   set owner = excluded.owner, updated_at = excluded.updated_at, version = p.version + 1
 where p.owner <> excluded.owner
"""

# One statement for each kind that can be deleted; `uids` are deleted in the rows of `people`.
DELETE = {
    "TRACKED_ENTITY": f"""
        with gone as (
            update tracker.tracked_entity
               set deleted = true, updated_at = %(now)s, updated_by = %(user)s::text::jsonb,
                   version = version + 1
             where tracked_entity = any (string_to_array(%(uids)s, ',')) and not deleted
            returning tracked_entity, owners)
        insert into tracker.history (tracked_entity, username, user_info, kind, uid, action, owners)
        select tracked_entity, {_WHO}, 'TRACKED_ENTITY', tracked_entity, 'DELETE', owners from gone""",
    "ENROLLMENT": f"""
        with gone as (
            update tracker.enrollment
               set deleted = true, updated_at = %(now)s, updated_by = %(user)s::text::jsonb,
                   version = version + 1
             where tracked_entity = any (string_to_array(%(people)s, ','))
               and enrollment = any (string_to_array(%(uids)s, ',')) and not deleted
            returning tracked_entity, enrollment, program, owner)
        insert into tracker.history
            (tracked_entity, username, user_info, kind, uid, action, program, owners)
        select tracked_entity, {_WHO}, 'ENROLLMENT', enrollment, 'DELETE', program, array[owner]
          from gone""",
    "EVENT": f"""
        with gone as (
            update tracker.event
               set deleted = true, updated_at = %(now)s, updated_by = %(user)s::text::jsonb,
                   version = version + 1
             where tracked_entity = any (string_to_array(%(people)s, ','))
               and event = any (string_to_array(%(uids)s, ',')) and not deleted
            returning tracked_entity, event, program, owner)
        insert into tracker.history
            (tracked_entity, username, user_info, kind, uid, action, program, owners)
        select tracked_entity, {_WHO}, 'EVENT', event, 'DELETE', program, array[owner] from gone""",
    # Both ends go; `uids` are relationships, or the records whose links go with them.
    "RELATIONSHIP": """
        select gone as tracked_entity
          from tracker.unlink(string_to_array(%(people)s, ','), string_to_array(%(uids)s, ','),
                              %(now)s, %(username)s, %(user)s::text::jsonb) as gone""",
}
