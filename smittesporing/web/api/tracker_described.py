"""What the addresses of records take and answer. Read by openapi.py."""

from __future__ import annotations

from smittesporing.web.api import change_logs, tracker, tracker_acts, tracker_reading
from smittesporing.web.api.described import (
    FIELDS,
    FLAG,
    MOMENT,
    ORDER,
    PAGING,
    UID,
    Answer,
    Body,
    Description,
    Parameter,
    Schema,
    Table,
    listing,
    ok,
    one_of,
    ref,
    stops,
)

_STATUSES = one_of("ACTIVE", "COMPLETED", "CANCELLED")
_EVENT_STATUSES = one_of("ACTIVE", "COMPLETED", "VISITED", "SCHEDULE", "OVERDUE", "SKIPPED")


def _between(name: str, what: str) -> tuple[Parameter, ...]:
    return (
        Parameter(f"{name}After", f"{what} then or later.", MOMENT),
        Parameter(f"{name}Before", f"{what} then or earlier; a day reaches to its end.", MOMENT),
    )


def _uids(name: str, what: str) -> Parameter:
    return Parameter(name, f"{what}: identifiers, with commas or repeated.", repeated=True)


def _same(name: str, as_: str, schema: Schema = UID) -> Parameter:
    return Parameter(name, f"The older word for {as_}.", schema)


_UNITS = (
    _uids("orgUnits", "Org units"),
    _same("orgUnit", "orgUnits"),
    Parameter(
        "orgUnitMode",
        "How far the org units reach; ACCESSIBLE when none is given, SELECTED when one is.",
        one_of("SELECTED", "CHILDREN", "DESCENDANTS", "CAPTURE", "ACCESSIBLE", "ALL"),
    ),
    Parameter("ouMode", "The older word for orgUnitMode."),
)
_PAGES = (
    *PAGING,
    Parameter("skipPaging", "The older way to say paging=false.", FLAG),
    Parameter("totalPages", "true counts all that match, which takes longer.", FLAG),
    ORDER,
    FIELDS,
)
_CHANGED = (
    *_between("updated", "Changed"),
    Parameter("updatedWithin", "Changed within an ISO duration, such as P7D or PT12H."),
    Parameter("includeDeleted", "Deleted records too.", FLAG),
)
_PROGRAM = Parameter("program", "In this program.", UID)
_ENROLLED = (
    Parameter("enrollmentStatus", "With an enrollment of this status.", _STATUSES),
    _same("programStatus", "enrollmentStatus", _STATUSES),
    Parameter("followUp", "With an enrollment marked for follow-up, or without the mark.", FLAG),
    *_between("enrollmentEnrolled", "Enrolled"),
    *_between("enrollmentOccurred", "With an incident"),
)
_VALUES = Parameter(
    "filter", "`identifier:operator:value` on a value; all must hold.", repeated=True
)
_ASSIGNED = (
    Parameter(
        "assignedUserMode", "Assigned to whom.", one_of("CURRENT", "PROVIDED", "NONE", "ANY")
    ),
    _uids("assignedUsers", "Assigned to"),
)
_TRACKED_ENTITIES = (
    _PROGRAM,
    Parameter("trackedEntityType", "Of this type.", UID),
    _uids("trackedEntities", "These alone"),
    *_UNITS,
    _VALUES,
    *_ENROLLED,
    Parameter("programStage", "With an event of this stage.", UID),
    Parameter("eventStatus", "With an event of this status.", _EVENT_STATUSES),
    *_between("eventOccurred", "With an event"),
    *_ASSIGNED,
    Parameter("potentialDuplicate", "Marked as a possible duplicate, or not.", FLAG),
    *_CHANGED,
    *_PAGES,
)
_ENROLLMENTS = (
    _PROGRAM,
    Parameter("trackedEntity", "Of this tracked entity.", UID),
    _uids("enrollments", "These alone"),
    *_UNITS,
    Parameter("status", "Of this status.", _STATUSES),
    Parameter("followUp", "Marked for follow-up, or not.", FLAG),
    *_between("enrolled", "Enrolled"),
    *_between("occurred", "With an incident"),
    *_CHANGED,
    *_PAGES,
)
_EVENTS = (
    _PROGRAM,
    Parameter("programStage", "Of this stage.", UID),
    Parameter("trackedEntity", "Of this tracked entity.", UID),
    _uids("events", "These alone"),
    _uids("enrollments", "Of these enrollments"),
    *_UNITS,
    Parameter("status", "Of this status.", _EVENT_STATUSES),
    Parameter("attributeOptionCombo", "Of this category option combination.", UID),
    *_between("occurred", "Which happened"),
    *_between("scheduled", "Planned"),
    _VALUES,
    Parameter("filterAttributes", "The same on the tracked entity's attributes.", repeated=True),
    *_ENROLLED,
    *_ASSIGNED,
    *_CHANGED,
    *_PAGES,
)
_RELATIONSHIPS = (
    *(
        Parameter(name, "At this record; exactly one of the three is given.", UID)
        for name in ("trackedEntity", "enrollment", "event")
    ),
    _same("tei", "trackedEntity"),
    *PAGING,
    Parameter("totalPages", "true counts all that match.", FLAG),
    FIELDS,
)
_ABSENT = stops(s404="There is no such record within one's reach.")
_CODES = one_of("UID", "CODE")
_TEXT = {200: Answer("The rows.", {"type": "string"}, "text/csv")}
_HEAD = Parameter("skipHeader", "Without the names of the columns.", FLAG)
_IMPORT = (
    Parameter(
        "async", "true, unless stated, answers with a job; false waits for the report.", FLAG
    ),
    Parameter(
        "importStrategy",
        "Which of new and known records are taken, or whether to delete.",
        one_of("CREATE_AND_UPDATE", "CREATE", "UPDATE", "DELETE"),
    ),
    Parameter("importMode", "VALIDATE checks and writes nothing.", one_of("COMMIT", "VALIDATE")),
    Parameter("atomicMode", "OBJECT writes what is right beside what is not.", one_of("ALL", "OBJECT")),
    Parameter(
        "validationMode",
        "FAIL_FAST stops at the first error; SKIP is for superusers.",
        one_of("FULL", "FAIL_FAST", "SKIP"),
    ),
    Parameter("skipRuleEngine", "Run no program rules; for superusers.", FLAG),
    Parameter("skipProgramRules", "The same as skipRuleEngine.", FLAG),
    Parameter("reportMode", "How much the report says.", one_of("ERRORS", "WARNINGS", "FULL")),
    Parameter("idScheme", "What references are by.", _CODES),
    *(
        Parameter(f"{name}IdScheme", f"What references to a {name} are by.", _CODES)
        for name in ("orgUnit", "program", "programStage", "dataElement")
    ),
)  # fmt: skip
_NOTE = Body(
    "The note.",
    {
        "type": "object",
        "properties": {"value": {"type": "string"}, "note": UID},
        "required": ["value"],
    },
)
_NOTED = {
    **ok("The note is kept.", ref("WebMessage")),
    **_ABSENT,
    **stops(s400="The note is empty, or its identifier is none.", s409="The note is there already."),
}  # fmt: skip
_LOGS = Description(
    "What was changed on it, when and by whom.",
    {
        **ok("The changes, newest first.", listing("changeLogs", {"type": "object"})),
        **_ABSENT,
        **stops(s400="The order or filter is none."),
    },
    (
        *PAGING[:2],
        Parameter("order", "`createdAt`, `username` or `change`, with `:asc` or `:desc`."),
        Parameter("filter", "`username`, `attribute`, `dataElement` or `field` with `:eq:…`."),
        FIELDS,
    ),
)
_WHO = (
    Parameter("trackedEntity", "Whose.", UID, required=True),
    Parameter("program", "In which program.", UID, required=True),
)


def _list(name: str, item: str, says: str, query: tuple[Parameter, ...]) -> Description:
    return Description(says, ok("A page.", listing(name, ref(item))), query)


def _one(item: str, says: str, *query: Parameter) -> Description:
    return Description(says, {**ok("The record.", ref(item)), **_ABSENT}, (FIELDS, *query))


DESCRIBED: Table = {
    tracker_reading.tracked_entities: _list(
        "trackedEntities", "TrackedEntity", "Tracked entities, page by page.", _TRACKED_ENTITIES
    ),
    tracker_reading.enrollments: _list(
        "enrollments", "Enrollment", "Enrollments, page by page.", _ENROLLMENTS
    ),
    tracker_reading.events: _list("events", "Event", "Events, page by page.", _EVENTS),
    tracker_reading.tracked_entities_csv: Description(
        "Tracked entities as text, a row for each attribute.", _TEXT, (*_TRACKED_ENTITIES, _HEAD)
    ),
    tracker_reading.events_csv: Description(
        "Events as text, a row for each value.", _TEXT, (*_EVENTS, _HEAD)
    ),
    tracker_reading.relationships: Description(
        "The relationships of one record.",
        {**ok("A page.", listing("relationships", ref("Relationship"))), **_ABSENT},
        _RELATIONSHIPS,
    ),
    tracker_reading.tracked_entity: _one("TrackedEntity", "One tracked entity.", _PROGRAM),
    tracker_reading.enrollment: _one("Enrollment", "One enrollment."),
    tracker_reading.event: _one("Event", "One event."),
    tracker_reading.relationship: _one("Relationship", "One relationship."),
    change_logs.tracked_entity_changes: _LOGS,
    change_logs.event_changes: _LOGS,
    tracker_acts.enrollment_note: Description("Add a note to an enrollment.", _NOTED, (), _NOTE),
    tracker_acts.event_note: Description("Add a note to an event.", _NOTED, (), _NOTE),
    tracker_acts.transferred: Description(
        "Hand the ownership of an enrollment over.",
        {
            **ok("It is handed over.", ref("WebMessage")),
            **stops(
                s403="The one who asks does not own it.",
                s404="There is no such record or org unit.",
                s409="The one who takes over cannot.",
            ),
        },
        (*_WHO, Parameter("orgUnit", "To whom.", UID), _same("ou", "orgUnit")),
    ),
    tracker_acts.overridden: Description(
        "Break the glass: nobody may here, each searches her own kommune.",
        stops(s403="Always."),
        (*_WHO, Parameter("reason", "Why.")),
    ),
    tracker.imported: Description(
        "Take in records: tracked entities, enrollments, events and relationships.",
        {
            200: Answer(
                "The report, or with async the job's address.",
                {"anyOf": [ref("TrackerReport"), ref("WebMessage")]},
            ),
            **stops(s400="The payload cannot be read."),
            409: Answer("Something was refused; the report says what.", ref("TrackerReport")),
        },
        _IMPORT,
        Body("Records, nested or flat; gzip is understood.", ref("TrackerBundle")),
    ),
    tracker.job_notices: Description(
        "What a job has said.",
        {
            **ok("Newest first.", {"type": "array", "items": {"type": "object"}}),
            **stops(s404="There is no such job of the one who asks."),
        },
    ),
    tracker.job_report: Description(
        "What a job has done.",
        {
            **ok("The report.", ref("TrackerReport")),
            **stops(s404="There is no such job of the one who asks."),
        },
    ),
}
