"""The four kinds of record, frozen: what the importer takes and what reading gives.

No JSON and no SQL here: `payload` makes records of DHIS2's JSON, `read` makes them of rows. Made by
pages, by `tracing/casebook` and by `payload`; read by every room above.

Org units are DHIS2 uids in records (`org_unit`) and numbers where they decide access (`owner`,
`owners`), because the numbers are what row-level security compares.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, get_args

from msgspec import Struct, field

TRACKED_ENTITY = "TRACKED_ENTITY"
ENROLLMENT = "ENROLLMENT"
EVENT = "EVENT"
RELATIONSHIP = "RELATIONSHIP"
KINDS = (TRACKED_ENTITY, ENROLLMENT, EVENT, RELATIONSHIP)

# Events planned or passed over: they hold no values, and indicators do not see them.
UNHELD = frozenset({"SCHEDULE", "OVERDUE", "SKIPPED"})
DEFAULT_OPTION_COMBO, DEFAULT_COMBO = "HllvX50cXC0", "bjDvmb4bfuf"

EnrollmentStatus = Literal["ACTIVE", "COMPLETED", "CANCELLED"]
EventStatus = Literal["ACTIVE", "COMPLETED", "VISITED", "SCHEDULE", "OVERDUE", "SKIPPED"]
ENROLLMENT_STATUSES: tuple[str, ...] = get_args(EnrollmentStatus)
EVENT_STATUSES: tuple[str, ...] = get_args(EventStatus)

# uid of an attribute or data element → value as text; None or "" takes the value away.
Values = Mapping[str, str | None]
Geometry = Mapping[str, Any]


class Note(Struct, frozen=True, kw_only=True, gc=False):
    """A remark; never changed once stored."""

    note: str
    value: str
    stored_at: datetime | None = None
    stored_by: str | None = None


class Event(Struct, frozen=True, kw_only=True):
    """Something that happened, or is to happen, in a stage of a program.

    `enrollment` is empty for an event without registration; then `tracked_entity` is its own uid.
    """

    event: str
    program_stage: str = ""
    program: str = ""
    enrollment: str = ""
    tracked_entity: str = ""
    org_unit: str = ""
    status: EventStatus | None = None
    occurred_at: datetime | None = None
    scheduled_at: datetime | None = None
    completed_at: datetime | None = None
    completed_by: str | None = None
    assigned_user: str | None = None
    data: Values = field(default_factory=dict)
    attribute_option_combo: str = ""
    category_options: tuple[str, ...] = ()
    geometry: Geometry | None = None
    notes: tuple[Note, ...] = ()
    deleted: bool = False
    owner: int = 0
    created_at: datetime | None = None
    updated_at: datetime | None = None
    created_at_client: datetime | None = None
    updated_at_client: datetime | None = None
    stored_by: str | None = None
    version: int = 0

    def value(self, data_element: str) -> str:
        """The value of a data element as text; "" when there is none."""
        return self.data.get(data_element) or ""


class Enrollment(Struct, frozen=True, kw_only=True):
    """A tracked entity's time in a program. `events` are filled by reading, oldest first."""

    enrollment: str
    program: str = ""
    tracked_entity: str = ""
    org_unit: str = ""
    status: EnrollmentStatus | None = None
    enrolled_at: datetime | None = None
    occurred_at: datetime | None = None
    completed_at: datetime | None = None
    completed_by: str | None = None
    follow_up: bool = False
    attributes: Values = field(default_factory=dict)
    geometry: Geometry | None = None
    notes: tuple[Note, ...] = ()
    events: tuple[Event, ...] = ()
    deleted: bool = False
    owner: int = 0
    created_at: datetime | None = None
    updated_at: datetime | None = None
    created_at_client: datetime | None = None
    updated_at_client: datetime | None = None
    stored_by: str | None = None
    version: int = 0

    def in_stage(self, program_stage: str) -> tuple[Event, ...]:
        """The events of one stage, oldest first."""
        return tuple(event for event in self.events if event.program_stage == program_stage)


class End(Struct, frozen=True, kw_only=True, gc=False):
    """What a relationship hangs on: one of the three when sent; when read, all that are known."""

    tracked_entity: str = ""
    enrollment: str = ""
    event: str = ""

    @property
    def kind(self) -> str:
        return EVENT if self.event else ENROLLMENT if self.enrollment else TRACKED_ENTITY

    @property
    def uid(self) -> str:
        return self.event or self.enrollment or self.tracked_entity


class Relationship(Struct, frozen=True, kw_only=True):
    """A typed link from one record to another."""

    relationship: str
    type: str = ""
    from_: End = End()
    to: End = End()
    deleted: bool = False
    created_at: datetime | None = None
    updated_at: datetime | None = None
    created_at_client: datetime | None = None
    stored_by: str | None = None
    version: int = 0


class TrackedEntity(Struct, frozen=True, kw_only=True):
    """A person, or a cluster. `enrollments` and `relationships` are filled by reading."""

    tracked_entity: str
    type: str = ""
    org_unit: str = ""
    attributes: Values = field(default_factory=dict)
    geometry: Geometry | None = None
    inactive: bool = False
    potential_duplicate: bool = False
    deleted: bool = False
    owners: tuple[int, ...] = ()
    enrollments: tuple[Enrollment, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    created_at_client: datetime | None = None
    updated_at_client: datetime | None = None
    stored_by: str | None = None
    version: int = 0

    def value(self, attribute: str) -> str:
        """The value of an attribute as text; "" when there is none."""
        return self.attributes.get(attribute) or ""

    def in_program(self, program: str) -> tuple[Enrollment, ...]:
        """The enrollments in one program, oldest first."""
        return tuple(one for one in self.enrollments if one.program == program)


class Bundle(Struct, frozen=True, kw_only=True):
    """What one import brings: flat lists, parents named by uid."""

    tracked_entities: tuple[TrackedEntity, ...] = ()
    enrollments: tuple[Enrollment, ...] = ()
    events: tuple[Event, ...] = ()
    relationships: tuple[Relationship, ...] = ()

    def __len__(self) -> int:
        return (
            len(self.tracked_entities)
            + len(self.enrollments)
            + len(self.events)
            + len(self.relationships)
        )
