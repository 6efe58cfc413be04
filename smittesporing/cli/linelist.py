"""A line list and its contacts, read by a mapping file into DHIS2's tracker payload.

Text in, payload out, and for each row that cannot be read its file, line and reason; such a row is left
out whole. Talks to nobody: `import_linelist` sends. The mapping's language is explained in
examples/mers-korea.toml.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from smittesporing.uid import derived_uid

INDEX, CONTACTS_STAGE = "ST_INDEX", "ST_INDEX_SOURCE"
Body = dict[str, Any]
Row = dict[str, str]


@dataclass(frozen=True)
class Misread:
    """A row that was left out."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.reason}"


class Unreadable(Exception):
    """One row cannot be read; the message is the reason."""


@dataclass(frozen=True)
class Form:
    """Where each code belongs in the program: an attribute, or a data element of a stage."""

    attributes: Mapping[str, str]  # code → value type
    elements: Mapping[str, tuple[str, str]]  # code → stage's code, value type


@dataclass(frozen=True)
class Read:
    """What was read: a payload body per person and per link, with the line it came from."""

    people: Mapping[str, tuple[int, Body]]  # uid → line, tracked entity
    links: Mapping[str, tuple[int, Body, Body]]  # event uid → line, event, relationship
    misread: list[Misread] = field(default_factory=list)


def read(
    linelist: Path, contacts: Path | None, mapping: Mapping[str, Any], form: Form, org_unit: str
) -> Read:
    """The people and the links of the two files."""
    misread: list[Misread] = []
    reader = _Reader(mapping, form, org_unit)
    people: dict[str, tuple[int, Body]] = {}
    occurred: dict[str, str] = {}
    seen: dict[str, int] = {}
    encoding = mapping["list"].get("encoding", "utf-8")
    for line, row, fault in _rows(linelist, encoding):
        try:
            if fault:
                raise Unreadable(fault)
            identity = reader.identity(row)
            if identity in seen:
                raise Unreadable(f"the id {identity!r} stands on line {seen[identity]} too")
            seen[identity] = line
            body, day = reader.person(row, identity)
        except Unreadable as reason:
            misread.append(Misread(linelist.name, line, str(reason)))
            continue
        people[body["trackedEntity"]] = (line, body)
        occurred[identity] = day
    links: dict[str, tuple[int, Body, Body]] = {}
    for line, row, fault in _rows(contacts, encoding) if contacts else ():
        try:
            if fault:
                raise Unreadable(fault)
            event, link = reader.link(row, occurred)
            if event["event"] in links:
                first = links[event["event"]][0]
                raise Unreadable(f"the same link stands on line {first} too")
        except Unreadable as reason:
            misread.append(Misread(contacts.name if contacts else "", line, str(reason)))
            continue
        links[event["event"]] = (line, event, link)
    return Read(people, links, misread)


def _rows(path: Path, encoding: str) -> Iterator[tuple[int, Row, str]]:
    """Line number, row and fault; a row of another length or encoding has a fault."""
    raw = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    lines = raw.splitlines(keepends=True)
    broken = set()
    texts = []
    for number, one in enumerate(lines, start=1):
        try:
            texts.append(one.decode(encoding))
        except UnicodeDecodeError:
            broken.add(number)
            texts.append(one.decode(encoding, errors="replace"))
    reader = csv.DictReader(io.StringIO("".join(texts), newline=""), restkey="", restval=None)
    before = 1
    for row in reader:
        here = range(before + 1, reader.line_num + 1)
        before = reader.line_num
        fault = ""
        if broken.intersection(here):
            fault = f"the text is not {encoding}"
        elif "" in row or None in row.values():
            fault = "the row has another number of cells than the heading"
        yield here[0] if here else before, {str(k): str(v) for k, v in row.items()}, fault


def _date(text: str, column: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Unreadable(f"{column} is not a date (year-month-day)") from None


class _Reader:
    """The mapping at work on one row after another."""

    def __init__(self, mapping: Mapping[str, Any], form: Form, org_unit: str) -> None:
        self.list = mapping["list"]
        self.columns: Mapping[str, Any] = mapping["column"]
        self.always: Mapping[str, str] = mapping.get("always", {})
        self.contacts: Mapping[str, Any] = mapping.get("contacts", {})
        self.form = form
        self.org_unit = org_unit
        self.id_column = next(
            c for c, how in self.columns.items() if how["to"] == self.list["person"]
        )

    def uid(self, *parts: str) -> str:
        return derived_uid(self.list["name"], self.org_unit, *parts)

    def identity(self, row: Row) -> str:
        if self.id_column not in row:
            raise Unreadable(f"the column {self.id_column!r} is missing")
        identity = row[self.id_column].strip()
        if not identity:
            raise Unreadable(f"{self.id_column} is empty")
        return identity

    def values(self, row: Row, columns: Mapping[str, Any], *, free: bool = False) -> dict[str, str]:
        """Code → value for every column that is filled in."""
        found: dict[str, str] = {}
        for column, how in columns.items():
            if column not in row:
                raise Unreadable(f"the column {column!r} is missing")
            word = row[column].strip()
            if not word:
                if how.get("empty", "skip") != "skip":
                    found[how["to"]] = how["empty"]
                continue
            value = word
            if "values" in how:
                value = how["values"].get(word, word if free else None)
                if value is None:
                    raise Unreadable(f"{column} has a word that the mapping does not know")
            if self._type(how["to"]) == "DATE":
                value = _date(value, column)
            found[how["to"]] = value
            found |= {k: v.format(value=word) for k, v in how.get("also", {}).items()}
            found |= how.get("also_by_value", {}).get(word, {})
        return found

    def _type(self, code: str) -> str:
        if code in self.form.attributes:
            return self.form.attributes[code]
        if code not in self.form.elements:
            raise Unreadable(f"the service does not know {code}")
        return self.form.elements[code][1]

    def first_date(self, row: Row, columns: list[str]) -> str:
        for column in columns:
            text = row.get(column, "").strip()
            if text:
                return _date(text, column)
        raise Unreadable(f"none of {', '.join(columns)} is filled in")

    def person(self, row: Row, identity: str) -> tuple[Body, str]:
        """The tracked entity with its enrollment and events, and the day it occurred."""
        values = self.values(row, self.columns) | dict(self.always)
        values["ST_DISEASE"] = self.list["disease"]
        occurred = self.first_date(row, self.list["occurred"])
        enrolled = self.first_date(row, self.list["enrolled"])
        if self.list.get("counted"):
            values["ST_COUNT_DATE"] = self.first_date(row, self.list["counted"])
        stages: dict[str, dict[str, str]] = {}
        attributes: dict[str, str] = {}
        for code, value in values.items():
            self._type(code)
            if code in self.form.attributes:
                attributes[code] = value
            else:
                stages.setdefault(self.form.elements[code][0], {})[code] = value
        days = {
            "ST_INDEX_TEST": values.get("ST_TEST_DATE"),
            "ST_INDEX_FOLLOW_UP": values.get("ST_DEATH_DATE"),
        }
        closed = self.list.get("closed", False)
        return {
            "trackedEntity": self.uid("person", identity),
            "trackedEntityType": "ST_PERSON",
            "orgUnit": self.org_unit,
            "attributes": [{"attribute": c, "value": v} for c, v in attributes.items()],
            "enrollments": [
                {
                    "enrollment": self.uid("enrollment", identity),
                    "program": INDEX,
                    "orgUnit": self.org_unit,
                    "status": "COMPLETED" if closed else "ACTIVE",
                    "enrolledAt": enrolled,
                    "occurredAt": occurred,
                    "events": [
                        self._event(stage, identity, days.get(stage) or enrolled, held)
                        for stage, held in stages.items()
                    ],
                }
            ],
        }, occurred

    def _event(self, stage: str, identity: str, day: str, values: Mapping[str, str]) -> Body:
        return {
            "event": self.uid(stage, identity),
            "program": INDEX,
            "programStage": stage,
            "orgUnit": self.org_unit,
            # Not COMPLETED: that would promise that every answer the forms require is there.
            "status": "ACTIVE",
            "occurredAt": day,
            "dataValues": [{"dataElement": c, "value": v} for c, v in values.items()],
        }

    def link(self, row: Row, occurred: Mapping[str, str]) -> tuple[Body, Body]:
        """The event that names a source of infection, and the relationship to the one who is it."""
        how = self.contacts
        ends = []
        for column in (how["from"], how["to"]):
            identity = row.get(column, "").strip()
            if identity not in occurred:
                raise Unreadable(f"{column} names nobody who was read from the line list")
            ends.append(identity)
        source, infected = ends
        if source == infected:
            raise Unreadable("nobody infects themselves")
        values = self.values(row, how.get("column", {}), free=True)
        values |= {
            "ST_SOURCE_KIND": how["kind"],
            "ST_SOURCE_CERTAINTY": how["certainty"],
            "ST_SOURCE_SAYS": how["says"],
        }
        event = self._event(CONTACTS_STAGE, f"{source}\x1f{infected}", occurred[infected], values)
        event["enrollment"] = self.uid("enrollment", infected)
        return event, {
            "relationship": self.uid("link", source, infected),
            "relationshipType": how["link"],
            "from": {"enrollment": {"enrollment": self.uid("enrollment", source)}},
            "to": {"event": {"event": event["event"]}},
        }
