"""The desk that validators share while they judge one bundle.

Holds what is known, what was found wrong, and which records have passed so far (a child may refer to
a parent of the same bundle). Judges nothing itself. Made by `validate`; read by the check_* files,
by programrules and by persist.
"""

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from smittesporing.access.reach import Reach
from smittesporing.metadata.programs import Program, Stage
from smittesporing.problems import Problem
from smittesporing.tracker.preload import Known, Row
from smittesporing.tracker.records import (
    ENROLLMENT,
    EVENT,
    TRACKED_ENTITY,
    Enrollment,
    Event,
    Relationship,
    TrackedEntity,
    Values,
)
from smittesporing.tracker.report import CREATE, DELETE, UPDATE, Options
from smittesporing.tracker.values import as_date

Record = TrackedEntity | Enrollment | Event | Relationship
Problems = Iterator[Problem]


class Step(NamedTuple):
    """One record that passed, and where it is to be written."""

    kind: str
    uid: str
    action: str
    record: Any
    stored: Row | None
    tracked_entity: str
    owner: int = 0
    org_unit: int = 0
    enrollment: str | None = None
    program: str = ""


class Place(NamedTuple):
    """What an end of a relationship hangs on."""

    tracked_entity: str
    enrollment: str | None
    event: str | None
    owner: int
    type: str
    program: str
    stage: str


class Desk:
    """Mutable on purpose, for the length of one validation."""

    def __init__(self, known: Known, reach: Reach, options: Options, today: date) -> None:
        self.known = known
        self.metadata = known.metadata
        self.reach = reach
        self.options = options
        self.today = today
        self.key = b""
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []
        self.refused: set[str] = set()
        self.told_of: set[str] = set()  # people whose confidential value was matched (decision 2)
        self.steps: dict[str, Step] = {}
        self.enrolled: dict[tuple[str, str], list[Step]] = {}
        self.held: dict[tuple[str, str], list[Step]] = {}  # enrollment, stage → events
        self.events_in: dict[str, list[Step]] = {}  # enrollment → events
        self.linked: set[tuple[str, str, str]] = set(known.linked)
        self.people_values: dict[str, Values] = {}
        self.claimed: dict[tuple[str, int, str], str] = {}
        self.writable = frozenset(reach.write)

    # What is being done ------------------------------------------------------------------------

    def action(self, uid: str, kind: str) -> str:
        """CREATE, UPDATE or DELETE, by the strategy and by whether the uid is taken."""
        strategy = self.options.strategy
        if strategy in (CREATE, UPDATE, DELETE):
            return strategy
        return UPDATE if uid in self.known.places else CREATE

    def exists(self, uid: str, kind: str) -> bool:
        return self.known.places.get(uid, ("",))[0] == kind

    def warn(self, code: str, *args: str, uid: str, kind: str) -> None:
        self.warnings.append(Problem(code, args, uid, kind))

    def refuse_twin(self, uid: str, kind: str) -> None:
        """The same uid twice in one bundle: the second is told that the first exists."""
        code = {TRACKED_ENTITY: "E1002", ENROLLMENT: "E1080", EVENT: "E1030"}.get(kind, "E4015")
        self.errors.append(Problem(code, (uid,), uid, kind))

    # What is there -----------------------------------------------------------------------------

    def person(self, uid: str) -> Step | Row | None:
        """The tracked entity of this uid: passed in this bundle, or stored and within reach."""
        step = self.steps.get(uid)
        if step is not None and step.kind == TRACKED_ENTITY and step.action != DELETE:
            return step
        row = self.known.people.get(uid)
        return row if row is not None and not row["deleted"] else None

    def type_of(self, uid: str) -> str:
        found = self.person(uid)
        if isinstance(found, Step):
            return str(found.stored["type"]) if found.stored else str(found.record.type)
        return str(found["type"]) if found else ""

    def values_of(self, uid: str) -> dict[str, str]:
        """The person's attribute values as they will be: stored, then those of this bundle."""
        row = self.known.people.get(uid)
        values = {key: each["value"] for key, each in row["attributes"].items()} if row else {}
        for key, value in self.people_values.get(uid, {}).items():
            if value:
                values[key] = value
            else:
                values.pop(key, None)
        return values

    def place_of_enrollment(self, uid: str) -> Place | None:
        step = self.steps.get(uid)
        if step is not None and step.kind == ENROLLMENT and step.action != DELETE:
            person, owner, program = step.tracked_entity, step.owner, step.program
        else:
            row = self.known.enrollments.get(uid)
            if row is None or row["deleted"] or uid in self.refused:
                return None
            person, owner, program = row["tracked_entity"], row["owner"], row["program"]
        return Place(person, uid, None, owner, self.type_of(person), program, "")

    def place_of_event(self, uid: str) -> Place | None:
        step = self.steps.get(uid)
        if step is not None and step.kind == EVENT and step.action != DELETE:
            stage = step.stored["program_stage"] if step.stored else step.record.program_stage
            person, enrollment, owner = step.tracked_entity, step.enrollment, step.owner
            program = step.program
        else:
            row = self.known.events.get(uid)
            if row is None or row["deleted"] or uid in self.refused:
                return None
            person, enrollment, owner = row["tracked_entity"], row["enrollment"], row["owner"]
            program, stage = row["program"], row["program_stage"]
        return Place(person, enrollment, uid, owner, self.type_of(person), program, stage)

    # Configuration -----------------------------------------------------------------------------

    def program(self, uid: str) -> Program | None:
        return self.metadata.programs.get(uid)

    def stage(self, uid: str) -> Stage | None:
        return self.metadata.stages.get(uid)

    def unit(self, uid: str) -> int | None:
        """The number of an org unit, or None when there is none with this uid."""
        found = self.known.units.by_uid.get(uid)
        return found.id if found else None

    def serves(self, program: Program, org_unit: str) -> bool:
        """Whether the program may be used in the org unit.

        The Norwegian programs, assigned to a kommune, also serve the bydeler and teams below it.
        """
        if program.serves(org_unit):
            return True
        unit = self.known.units.by_uid.get(org_unit)
        if unit is None or not is_norwegian(program):
            return False
        by_id = self.known.units.by_id
        return any(program.serves(by_id[above].uid) for above in unit.ancestors)

    @cached_property
    def _birth_date(self) -> str | None:
        try:
            return self.metadata.uid("ST_BIRTH_DATE")
        except KeyError:
            return None

    def born_on(self, person: str) -> date | None:
        """The day the person was born, where the Norwegian programme's attribute says it."""
        if self._birth_date is None:
            return None
        text = self.values_of(person).get(self._birth_date)
        return as_date(text) if text else None


def is_norwegian(program: Program) -> bool:
    """Programs of the Norwegian programme have an owner per enrollment (decision 3)."""
    return (program.code or "").startswith("ST_")
