"""DHIS2's four collections: which rows a query asks for, page by page.

Takes the query's parameters as they stand in the address, gives rows; `answers` makes JSON of them.
Wall one stands here: every statement names the org units that may be read. Called by web/api/tracker.
"""

from psycopg.sql import SQL, Composable, Identifier, Literal

from smittesporing.access.work import Work
from smittesporing.metadata import store
from smittesporing.tracker.asked import Asked, Page, Params, ordered, paged
from smittesporing.tracker.combos import choices
from smittesporing.tracker.confidential import keyed_hash
from smittesporing.tracker.preload import document
from smittesporing.tracker.records import DEFAULT_COMBO, EVENT_STATUSES
from smittesporing.tracker.rules import NUMERIC
from smittesporing.tracker.search import BadQuery, Filter, condition, filters

# Found more, a pattern is so common that walking the list in order is quicker.
MOST_CANDIDATES = 1_000
TE, EN, EV = Identifier("t"), Identifier("e"), Identifier("v")


# Tracked entities --------------------------------------------------------------------------------------


def tracked_entities(work: Work, params: Params) -> Page:
    """The tracked entities a query asks for; newest first unless it says otherwise."""
    asked = Asked(work, params)
    metadata = store.current(work.conn)
    program, type_ = asked.one("program"), asked.one("trackedEntityType")
    uids = asked.many("trackedEntities", "trackedEntity")
    if not (program or type_ or uids):
        raise BadQuery("Either program, trackedEntityType or trackedEntities must be given")
    mode, units = asked.units("orgUnits", "orgUnit", "ou")
    if asked.truth("includeDeleted") is not True:
        asked.add("not t.deleted")
    if uids:
        asked.add("t.tracked_entity = any ({})", uids)
    if type_:
        asked.add("t.type = {}", type_)
    readable = [
        uid for uid, one in metadata.tracked_entity_types.items()
        if one.sharing.data_read(work.reach)
    ]  # fmt: skip
    if len(readable) < len(metadata.tracked_entity_types):
        asked.add("t.type = any ({}::text[])", readable)
    asked.add("(t.owners && {}::int[] or t.tracked_entity = any ({}::text[]))",
              list(work.reach.read), list(work.glass))  # fmt: skip
    potential = asked.truth("potentialDuplicate")
    if potential is not None:
        asked.add("t.potential_duplicate = {}", potential)
    asked.updated(SQL("t.updated_at"))
    if not program and mode not in ("ACCESSIBLE", "ALL", "CAPTURE"):
        asked.add("t.owners && {}::int[]", units)
    few = _attribute_filters(asked, filters(asked.params.get("filter", ())), TE) or bool(uids)
    order = ordered(asked, _TE_COLUMNS, SQL("t.attributes"), "t.created_at desc, t.tracked_entity")
    in_program = _in_program(asked, program)
    if in_program is None:
        return paged(asked, SQL("t.*"), SQL("tracker.tracked_entity t"), order)
    of_person = list(asked.where)
    asked.add(
        """exists (select 1 from tracker.enrollment e
                    where e.tracked_entity = t.tracked_entity and e.owner = any ({}::int[]) and {})""",
        units,
        in_program,
    )
    # The newest enrollment in the program stands for the person when one orders by its dates.
    source = SQL(
        """tracker.tracked_entity t join lateral (
             select e.enrolled_at from tracker.enrollment e
              where e.tracked_entity = t.tracked_entity and e.owner = any ({}::int[]) and {}
              order by e.enrolled_at desc limit 1) e on true"""
    ).format(Literal(units), in_program)
    if "enrolledAt" not in asked.one("order"):
        source = SQL("tracker.tracked_entity t")  # type: ignore[assignment]

    def quick(rows: int) -> Composable | None:
        return None if few else _by_owner(asked, units, in_program, of_person, rows)

    return paged(asked, SQL("t.*"), source, order, quick)


# Deeper than this in more org units than this, one sort is cheaper than walking each.
_DEEP, _MANY = 2_000, 20


def _by_owner(
    asked: Asked, units: list[int], in_program: Composable, of_person: list[Composable], rows: int
) -> Composable | None:
    """The first rows by date of registration or enrollment: a short walk of an index per org unit.

    None when another order is asked for, or the walk would be long. `offset 0` keeps PostgreSQL from
    starting at the person's end: it cannot estimate `owners &&` under row-level security.
    """
    name, _, way = ",".join(asked.many("order") or ["createdAt:desc"]).partition(":")
    column = {"createdAt": "registered_at", "enrolledAt": "enrolled_at"}.get(name)
    if column is None or "," in way or (rows > _DEEP and len(units) > _MANY):
        return None
    order = SQL("{}" + (" desc" if way.lower() == "desc" else " asc")).format(Identifier(column))
    return SQL(
        """select f.* from unnest({units}::int[]) o(owner) cross join lateral (
             select t.*, x.registered_at, x.enrolled_at
               from (select * from tracker.enrollment e where e.owner = o.owner and {in_program}) x
              cross join lateral (
                    select t.* from tracker.tracked_entity t
                     where t.tracked_entity = x.tracked_entity and {of_person} and not exists (
                           select 1 from tracker.enrollment e
                            where e.tracked_entity = x.tracked_entity
                              and e.owner = any ({units}::int[])
                              and (e.enrolled_at, e.enrollment) > (x.enrolled_at, x.enrollment)
                              and {in_program})
                    offset 0) t
              order by x.{order}, x.tracked_entity limit {rows}) f
            order by f.{order}, f.tracked_entity"""
    ).format(
        units=Literal(units),
        in_program=in_program,
        of_person=SQL(" and ").join(of_person),
        order=order,
        rows=Literal(rows),
    )


def _in_program(asked: Asked, program: str) -> Composable | None:
    """The conditions on the enrollment, where a program is named.

    Errors  `BadQuery` when a condition on enrollments comes without a program.
    """
    if not program:
        for name in ("followUp", "enrollmentStatus", "programStatus", "enrollmentEnrolledAfter",
                     "enrollmentEnrolledBefore", "enrollmentOccurredAfter",
                     "enrollmentOccurredBefore"):  # fmt: skip
            if asked.one(name):
                raise BadQuery(f"{name} needs a program")
        return None
    inner = Asked(asked.work, asked.params)
    _check_program(inner, program)
    inner.add("e.program = {} and not e.deleted", program)
    inner.enrolled("enrollmentStatus", "programStatus")
    inner.between(SQL("e.enrolled_at"), "enrollmentEnrolledAfter", "enrollmentEnrolledBefore")
    inner.between(SQL("e.occurred_at"), "enrollmentOccurredAfter", "enrollmentOccurredBefore")
    events = Asked(asked.work, asked.params)
    stages, status = inner.many("programStage"), inner.word(EVENT_STATUSES, "eventStatus")
    if stages:
        events.add("v.program_stage = any ({})", stages)
    if status:
        events.add("v.status = {}", status)
    events.assigned()
    events.between(SQL("v.occurred_at"), "eventOccurredAfter", "eventOccurredBefore")
    if events.where:
        inner.add(
            """exists (select 1 from tracker.event v where v.tracked_entity = e.tracked_entity
                        and v.enrollment = e.enrollment and not v.deleted and {})""",
            SQL(" and ").join(events.where),
        )
    return SQL(" and ").join(inner.where)


def _check_program(asked: Asked, uid: str) -> None:
    program = store.current(asked.work.conn).programs.get(uid)
    if program is None or not program.sharing.data_read(asked.work.reach):
        raise BadQuery(f"Program {uid[:11]} does not exist or may not be read")


def _attribute_filters(asked: Asked, wanted: list[Filter], table: Identifier) -> bool:
    """Conditions on attributes. True when they leave few people, found by an index beforehand."""
    metadata = store.current(asked.work.conn)
    key = asked.work.settings.field_key
    patterns: list[str] = []
    few = False
    for one in wanted:
        attribute = metadata.attributes.get(one.uid)
        if attribute is None:
            raise BadQuery(f"Attribute {one.uid[:11]} does not exist")
        if attribute.confidential:
            if [test.operator for test in one.tests] != ["eq"]:
                raise BadQuery(f"Attribute {one.uid} can be searched by eq only")
            claim = {"attribute": one.uid, "scope": 0,
                     "hash": keyed_hash(key, one.uid, one.tests[0].value)}  # fmt: skip
            rows = asked.work.conn.execute(
                "select tracked_entity from tracker.holders(%s::text::jsonb)", (document([claim]),)
            )
            holders = [row["tracked_entity"] for row in rows]
            asked.add("t.tracked_entity = any ({}::text[])", holders)
            few = True
            continue
        for test in one.tests:
            if test.operator in attribute.blocked_search_operators:
                raise BadQuery(f"Operator {test.operator} is blocked for attribute {one.uid}")
            if test.operator not in ("null", "!null", "in") and (
                len(test.value) < attribute.min_characters_to_search
            ):
                raise BadQuery(f"Attribute {one.uid} needs more characters to search for")
            if attribute.value_type not in NUMERIC and attribute.option_set is None:
                pattern = test.pattern
                if pattern and len(test.value) > 2 and "DATE" not in attribute.value_type:
                    patterns.append(pattern)
        column = SQL("{}.attributes").format(table)
        asked.where.append(condition(attribute, column, one.tests))
    if patterns:
        # Trigrams need the whole scan of what a pattern finds, so the longest goes first.
        longest = max(patterns, key=len)
        found = asked.work.conn.execute(
            "select tracker.candidates(%s, %s) as uid", (longest, MOST_CANDIDATES + 1)
        ).fetchall()
        if len(found) <= MOST_CANDIDATES:
            asked.add("t.tracked_entity = any ({}::text[])", [row["uid"] for row in found])
            few = True
    return few


_TE_COLUMNS = {
    "createdAt": "t.created_at",
    "createdAtClient": "t.created_at_client",
    "updatedAt": "t.updated_at",
    "updatedAtClient": "t.updated_at_client",
    "enrolledAt": "e.enrolled_at",
    "inactive": "t.inactive",
    "trackedEntity": "t.tracked_entity",
}


# Enrollments -------------------------------------------------------------------------------------------


def enrollments(work: Work, params: Params) -> Page:
    """The enrollments a query asks for."""
    asked = Asked(work, params)
    uids = asked.many("enrollments", "enrollment")
    program, person = asked.one("program"), asked.one("trackedEntity")
    _, units = asked.units("orgUnits", "orgUnit", "ou")
    if asked.truth("includeDeleted") is not True:
        asked.add("not e.deleted")
    asked.add("e.owner = any ({}::int[])", units)
    if uids:
        asked.add("e.enrollment = any ({})", uids)
        asked.add("e.tracked_entity = any ({}::text[])", _people_of(work, uids))
    if program:
        _check_program(asked, program)
        asked.add("e.program = {}", program)
    else:
        _readable_programs(asked, EN)
    if person:
        asked.add("e.tracked_entity = {}", person)
    asked.enrolled("status", "programStatus", "enrollmentStatus")
    asked.updated(SQL("e.updated_at"))
    asked.between(SQL("e.enrolled_at"), "enrolledAfter", "enrolledBefore")
    asked.between(SQL("e.occurred_at"), "occurredAfter", "occurredBefore")
    columns = {
        "createdAt": "e.created_at",
        "createdAtClient": "e.created_at_client",
        "updatedAt": "e.updated_at",
        "updatedAtClient": "e.updated_at_client",
        "enrolledAt": "e.enrolled_at",
        "occurredAt": "e.occurred_at",
        "completedAt": "e.completed_at",
    }
    order = ordered(asked, columns, None, "e.created_at desc, e.enrollment")
    return paged(asked, SQL("e.*"), SQL("tracker.enrollment e"), order)


def _people_of(work: Work, uids: list[str]) -> list[str]:
    rows = work.conn.execute(
        "select tracked_entity from tracker.locate(%s::text::jsonb)", (document(uids),)
    )
    return sorted({row["tracked_entity"] for row in rows})


def _readable_programs(asked: Asked, table: Identifier) -> None:
    programs = store.current(asked.work.conn).programs
    readable = [uid for uid, one in programs.items() if one.sharing.data_read(asked.work.reach)]
    if len(readable) < len(programs):
        asked.add("{}.program = any ({}::text[])", table, readable)


# Events ------------------------------------------------------------------------------------------------


def events(work: Work, params: Params) -> Page:
    """The events a query asks for."""
    asked = Asked(work, params)
    metadata = store.current(work.conn)
    mode, units = asked.units("orgUnit", "orgUnits", "ou")
    if asked.truth("includeDeleted") is not True:
        asked.add("not v.deleted")
    asked.add("v.owner = any ({}::int[])", list(work.reach.read))
    if mode not in ("ACCESSIBLE", "ALL"):
        asked.add("v.org_unit = any ({}::int[])", units)
    uids = asked.many("events", "event")
    if uids:
        asked.add("v.event = any ({})", uids)
        asked.add("v.tracked_entity = any ({}::text[])", _people_of(work, uids))
    enrolled = asked.many("enrollments", "enrollment")
    if enrolled:
        asked.add("v.enrollment = any ({})", enrolled)
        asked.add("v.tracked_entity = any ({}::text[])", _people_of(work, enrolled))
    program, stage = asked.one("program"), asked.one("programStage")
    if program:
        _check_program(asked, program)
        asked.add("v.program = {}", program)
    else:
        _readable_programs(asked, EV)
    if stage:
        found = metadata.stages.get(stage)
        if found is None or not found.sharing.data_read(work.reach):
            raise BadQuery(f"Program stage {stage[:11]} does not exist or may not be read")
        asked.add("v.program_stage = {}", stage)
    asked.word(EVENT_STATUSES, "status")
    for name, column in (
        ("trackedEntity", "tracked_entity"),
        ("status", "status"),
        ("attributeOptionCombo", "attribute_option_combo"),
    ):
        if asked.one(name):
            asked.add("v.{} = {}", Identifier(column), asked.one(name))
    _of_category_options(asked)
    asked.assigned()
    asked.updated(SQL("v.updated_at"))
    asked.between(SQL("v.occurred_at"), "occurredAfter", "occurredBefore")
    asked.between(SQL("v.scheduled_at"), "scheduledAfter", "scheduledBefore")
    source = _event_source(asked)
    for one in filters(asked.params.get("filter", ())):
        element = metadata.data_elements.get(one.uid)
        if element is None:
            raise BadQuery(f"Data element {one.uid[:11]} does not exist")
        asked.where.append(condition(element, SQL("v.data"), one.tests))
    order = ordered(asked, _EVENT_COLUMNS, SQL("v.data"), "v.created_at desc, v.event")
    return paged(asked, SQL("v.*"), source, order)


_EVENT_COLUMNS = {
    "event": "v.event",
    "occurredAt": "v.occurred_at",
    "scheduledAt": "v.scheduled_at",
    "createdAt": "v.created_at",
    "createdAtClient": "v.created_at_client",
    "updatedAt": "v.updated_at",
    "updatedAtClient": "v.updated_at_client",
    "completedAt": "v.completed_at",
    "status": "v.status",
    "programStage": "v.program_stage",
    "orgUnit": "v.org_unit",
    "assignedUser": "v.assigned_user",
    "enrolledAt": "e.enrolled_at",
    "enrollment": "v.enrollment",
    "trackedEntity": "v.tracked_entity",
}


def _of_category_options(asked: Asked) -> None:
    """The combination that the options of a category combo make. Errors  `BadQuery` for none."""
    combo, options = asked.one("attributeCategoryCombo"), asked.many("attributeCategoryOptions")
    if combo or options:
        known = choices(store.current(asked.work.conn), combo or DEFAULT_COMBO)
        if frozenset(options) not in known:
            raise BadQuery("attributeCategoryOptions make no combination of attributeCategoryCombo")
        asked.add("v.attribute_option_combo = {}", known[frozenset(options)])


def _event_source(asked: Asked) -> Composable:
    """Events, joined with their enrollment and person only where the query asks about those."""
    source: Composable = SQL("tracker.event v")
    inner = Asked(asked.work, asked.params)
    inner.enrolled("enrollmentStatus", "programStatus")
    inner.between(SQL("e.enrolled_at"), "enrollmentEnrolledAfter", "enrollmentEnrolledBefore")
    inner.between(SQL("e.occurred_at"), "enrollmentOccurredAfter", "enrollmentOccurredBefore")
    if inner.where or "enrolledAt" in asked.one("order"):
        asked.where += inner.where
        source += SQL(
            """ join tracker.enrollment e
                  on e.tracked_entity = v.tracked_entity and e.enrollment = v.enrollment"""
        )
    wanted = filters(asked.params.get("filterAttributes", ()))
    if wanted:
        source += SQL(" join tracker.tracked_entity t on t.tracked_entity = v.tracked_entity")
        _attribute_filters(asked, wanted, TE)
    return source
