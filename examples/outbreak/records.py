"""What happened, written down as DHIS2 tracker records.

`Ledger` keeps people, cases, contacts, calls and places as they are told of, and hands them over as
payloads. It decides nothing about categories or measures: that is the casebook's at loading. Days are
counted from the first day of the exercise (0), so −3 is three days before it. Called by story.py,
spread.py and build.py.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from examples.outbreak.people import Someone
from smittesporing.metadata.shipped.naming import uid
from smittesporing.uid import derived_uid

Row = dict[str, Any]


@dataclass(frozen=True)
class Confirmation:
    """What a tracer has already said yes to: the verdicts and measures of one enrollment.

    `ended_on` is the day somebody ended the isolation; None while it runs.
    """

    tracked_entity: str
    enrollment: str
    program: str
    by: str
    at: datetime
    ended_on: date | None = None


@dataclass
class Case:
    """One index enrollment; `day` is onset, else the test's day."""

    person: Someone
    enrollment: str
    kommune: str
    day: int
    tested: int
    record: Row
    interview: Row


@dataclass
class Contact:
    person: Someone
    enrollment: str
    kommune: str
    last: int
    record: Row
    registered: int  # the day of the newest exposure's registration
    exposures: list[str] = field(default_factory=list)
    cases: list[str] = field(default_factory=list)  # the enrollments that exposed her


@dataclass(frozen=True)
class Place:
    entity: str
    enrollment: str
    name: str
    record: Row


class Ledger:
    """Everything told so far. `first_day` is day 0."""

    def __init__(self, first_day: date) -> None:
        self.first_day = first_day
        self.entities: dict[str, Row] = {}
        self.relationships: list[Row] = []
        self.confirmations: list[Confirmation] = []
        self.cases: dict[str, Case] = {}
        self.contacts: dict[str, Contact] = {}  # each person's newest episode
        self.contact_episodes: list[Contact] = []
        self.named: dict[str, str] = {}
        self._counter = 0

    # --- days and identifiers ---

    def date(self, day: int) -> str:
        return (self.first_day + timedelta(days=day)).isoformat()

    def at(self, day: int, time: str = "12:00") -> str:
        return f"{self.date(day)}T{time}:00.000"

    def _uid(self, kind: str) -> str:
        self._counter += 1
        return derived_uid("demo", kind, str(self._counter))

    # --- people ---

    def person(self, who: Someone, kommune: str = "") -> Row:
        """Her tracked entity, made the first time she is told of."""
        if who.key not in self.entities:
            given = {
                "ST_NATIONAL_ID": who.number or "",
                "ST_GIVEN_NAME": who.given,
                "ST_FAMILY_NAME": who.family,
                "ST_BIRTH_DATE": who.born.isoformat(),
                "ST_SEX": who.sex,
                "ST_PHONE": who.phone,
                "ST_ADDRESS": who.street,
                "ST_POSTAL": who.postal,
                "ST_RESIDENCE": who.kommune,
            }
            for number, day in enumerate(who.doses, start=1):
                given[f"ST_VACCINE_{number}_DATE"] = day.isoformat()
                given[f"ST_VACCINE_{number}_TYPE"] = "BNT03"
            self.entities[who.key] = {
                "trackedEntity": derived_uid("demo", "person", who.key),
                "trackedEntityType": uid("trackedEntityTypes", "ST_PERSON"),
                "orgUnit": kommune or who.kommune,
                "attributes": _attributes(given | who.attributes),
                "enrollments": [],
            }
        return self.entities[who.key]

    def _enroll(self, who: Someone, program: str, kommune: str, day: int, on: int) -> Row:
        entity = self.person(who, kommune)
        record: Row = {
            "enrollment": self._uid("enrollment"),
            "program": uid("programs", program),
            "orgUnit": kommune,
            "status": "ACTIVE",
            "enrolledAt": self.at(day, "09:00"),
            "occurredAt": self.at(on, "00:00"),
            "events": [],
        }
        entity["enrollments"].append(record)
        return record

    def _event(self, record: Row, stage: str, values: dict[str, str], at: str, **more: Any) -> Row:
        row: Row = {
            "event": self._uid("event"),
            "programStage": uid("programStages", stage),
            "program": record["program"],
            "orgUnit": record["orgUnit"],
            "status": "COMPLETED",
            "occurredAt": at,
            "dataValues": _values(values),
        } | more
        record["events"].append(row)
        return row

    def link(self, kind: str, from_: Row, to: Row) -> None:
        self.relationships.append(
            {
                "relationship": self._uid("relationship"),
                "relationshipType": uid("relationshipTypes", kind),
                "from": from_,
                "to": to,
            }
        )

    # --- cases ---

    def case(
        self,
        who: Someone,
        *,
        tested: int,
        onset: int | None,
        kommune: str = "",
        answers: dict[str, str] | None = None,
        kind: str = "PCR",
        by: str = "",
    ) -> Case:
        """An index case with its interview and its positive test, registered the day after it."""
        kommune = kommune or who.kommune
        reported = min(tested + 1, 0)
        day = tested if onset is None else onset
        record = self._enroll(who, "ST_INDEX", kommune, reported, day)
        status = (answers or {}).get("ST_CASE_STATUS", "CONFIRMED")
        told = {
            "ST_DISEASE": "COVID19",
            "ST_CASE_STATUS": status,
            "ST_CASE_STATUS_DATE": self.date(reported),
            "ST_REPORT_DATE": self.date(reported),
            "ST_COUNT_DATE": self.date(tested if status == "CONFIRMED" else reported),
            "ST_FIRST_CALL_DATE": self.date(reported),
            "ST_SYMPTOMS": "false" if onset is None else "true",
            "ST_ONSET_DATE": "" if onset is None else self.date(onset),
            "ST_INFECTED_WHERE_KIND": "REGISTERING",
        } | (answers or {})
        interview = self._event(
            record, "ST_INDEX_INTERVIEW", told, self.at(reported, "10:00"), status="ACTIVE"
        )
        result = "POSITIVE" if status == "CONFIRMED" else "PENDING"
        result = "NEGATIVE" if status == "RULED_OUT" else result
        self.test(record, "ST_INDEX_TEST", tested, result, kind, answered=reported)
        made = Case(who, record["enrollment"], kommune, day, tested, record, interview)
        self.cases[who.key] = made
        if by:
            self._confirm(who, record, "ST_INDEX", by, reported)
        return made

    def test(
        self, record: Row, stage: str, day: int, result: str, kind: str = "PCR", answered: int = 0
    ) -> None:
        values = {"ST_TEST_DATE": self.date(day), "ST_TEST_KIND": kind, "ST_TEST_RESULT": result}
        if result != "PENDING":
            values["ST_TEST_ANSWER_DATE"] = self.date(answered)
        self._event(record, stage, values, self.at(day))

    def source(
        self, case: Case, origin: Case | Place | None, setting: str, certainty: str, says: str
    ) -> None:
        """Who or what infected her, with the link that chains are drawn from."""
        kind = {Case: "INDEX", Place: "EVENT"}.get(type(origin), "UNKNOWN")
        values = {"ST_SOURCE_KIND": kind}
        if origin is not None:
            values |= {
                "ST_SOURCE_CERTAINTY": certainty,
                "ST_SOURCE_SAYS": says,
                "ST_SOURCE_SETTING": setting,
            }
        event = self._event(case.record, "ST_INDEX_SOURCE", values, self.at(case.day - 3))
        if origin is not None:
            link = "ST_SOURCE_LINK" if kind == "INDEX" else "ST_SOURCE_CLUSTER_LINK"
            self.link(
                link,
                {"enrollment": {"enrollment": origin.enrollment}},
                {"event": {"event": event["event"]}},
            )

    def abroad(self, case: Case, country: str) -> None:
        values = {"ST_SOURCE_KIND": "ABROAD", "ST_SOURCE_NOTE": f"Reise ({country})."}
        self._event(case.record, "ST_INDEX_SOURCE", values, self.at(case.day - 4))

    # --- contacts ---

    def contact(
        self,
        who: Someone,
        case: Case,
        *,
        relation: str,
        first: int,
        last: int,
        values: dict[str, str] | None = None,
        kommune: str = "",
        by: str = "",
    ) -> Contact:
        """She was exposed to the case; a second exposure within two weeks joins the same episode."""
        registered = min(max(case.tested + 1, last), 0)
        known = self.contacts.get(who.key)
        if known is None or last - known.last > 14 or known.record["status"] != "ACTIVE":
            kommune = kommune or who.kommune
            record = self._enroll(who, "ST_CONTACT", kommune, registered, last)
            known = Contact(who, record["enrollment"], kommune, last, record, registered)
            self.contacts[who.key] = known
            self.contact_episodes.append(known)
            if by:
                self._confirm(who, record, "ST_CONTACT", by, registered)
        told = {
            "ST_DISEASE": "COVID19",
            "ST_EXPOSURE_SOURCE": "INDEX",
            "ST_RELATION": relation,
            "ST_FIRST_CONTACT": self.date(first),
            "ST_LAST_CONTACT": self.date(last),
        } | (values or {})
        event = self._event(known.record, "ST_CONTACT_EXPOSURE", told, self.at(last))
        known.last = max(known.last, last)
        known.registered = max(known.registered, registered)
        known.exposures.append(event["event"])
        known.cases.append(case.enrollment)
        self.link(
            "ST_EXPOSURE_LINK",
            {"enrollment": {"enrollment": case.enrollment}},
            {"event": {"event": event["event"]}},
        )
        return known

    # --- calls ---

    def call(
        self,
        record: Row,
        stage: str,
        day: int,
        by: str,
        values: dict[str, str],
        time: str = "11:30",
    ) -> None:
        """A call that was made."""
        self._event(record, stage, values, self.at(day, time), assignedUser={"username": by})

    def due(self, record: Row, stage: str, day: int, reason: str, by: str = "") -> None:
        """A call that is to be made that day; without a name nobody has it yet."""
        more: Row = {"assignedUser": {"username": by}} if by else {}
        row = self._event(record, stage, {}, "", **more)
        on = self.first_day + timedelta(days=day)
        # The uid the casebook itself would plan this call under, so that it is planned once.
        uid = derived_uid("call", record["enrollment"], on.isoformat(), reason)
        row |= {"event": uid, "status": "SCHEDULE", "scheduledAt": self.at(day, "10:00")}
        del row["occurredAt"]

    def close(self, record: Row, day: int) -> None:
        record |= {"status": "COMPLETED", "completedAt": self.at(day, "15:00")}

    def transfer(self, case: Case, to: str, reason: str) -> None:
        """Another kommune is asked today to take the case over, and has not answered."""
        values = {
            "ST_TRANSFER_FROM": case.kommune,
            "ST_TRANSFER_TO": to,
            "ST_TRANSFER_STATE": "ASKED",
            "ST_TRANSFER_REASON": reason,
            "ST_TRANSFER_AT": self.at(0, "07:30"),
        }
        self._event(case.record, "ST_INDEX_TRANSFER", values, self.at(0, "07:30"), status="ACTIVE")

    def _confirm(self, who: Someone, record: Row, program: str, by: str, day: int) -> None:
        at = datetime.fromisoformat(self.at(day, "12:45"))
        entity = self.entities[who.key]["trackedEntity"]
        self.confirmations.append(Confirmation(entity, record["enrollment"], program, by, at))

    # --- places ---

    def place(self, key: str, kommune: str, **values: str) -> Place:
        """A cluster with its enrollment; `values` by attribute code without ST_CLUSTER_."""
        start = date.fromisoformat(values["START"])
        record: Row = {
            "enrollment": self._uid("enrollment"),
            "program": uid("programs", "ST_CLUSTERS"),
            "orgUnit": kommune,
            "status": "ACTIVE",
            "enrolledAt": self.at(min(0, (start - self.first_day).days + 4), "09:00"),
            "occurredAt": f"{start.isoformat()}T00:00:00.000",
            "events": [],
        }
        self.entities[key] = {
            "trackedEntity": derived_uid("demo", "cluster", key),
            "trackedEntityType": uid("trackedEntityTypes", "ST_CLUSTER"),
            "orgUnit": kommune,
            "attributes": _attributes({f"ST_CLUSTER_{k}": v for k, v in values.items()}),
            "enrollments": [record],
        }
        entity = self.entities[key]["trackedEntity"]
        self.named[key] = entity
        return Place(entity, record["enrollment"], values["NAME"], record)

    def present(self, place: Place, who: Someone, from_: str, to: str, role: str) -> None:
        """She was at the place from then till then."""
        values = {"ST_PRESENT_FROM": from_, "ST_PRESENT_TO": to, "ST_PRESENT_ROLE": role}
        event = self._event(place.record, "ST_CLUSTER_PRESENCE", values, from_)
        person = {"trackedEntity": {"trackedEntity": self.person(who)["trackedEntity"]}}
        self.link("ST_PRESENCE_LINK", person, {"event": {"event": event["event"]}})


def _attributes(values: dict[str, str]) -> list[Row]:
    return [
        {"attribute": uid("trackedEntityAttributes", code), "value": value}
        for code, value in values.items()
        if value
    ]


def _values(values: dict[str, str]) -> list[Row]:
    return [
        {"dataElement": uid("dataElements", code), "value": value}
        for code, value in values.items()
        if value
    ]
