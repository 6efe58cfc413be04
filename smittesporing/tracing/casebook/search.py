"""Finding people: by number, name, phone or case number, and the newest ones.

Only those within one's reach are given, and each is logged as shown. Of a person elsewhere it says that she
is known, to the one who holds her exact number, and nothing more (decision 2). Called by pages.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from smittesporing.tracing.casebook import files, measure_rows, register
from smittesporing.tracing.casebook.book import Book
from smittesporing.tracing.casebook.files import PersonView, RoleView
from smittesporing.tracing.casebook.measure_rows import MeasureRow
from smittesporing.tracker import read
from smittesporing.tracker.records import TrackedEntity

MOST = 50
PAGE = 50
_SEPARATORS = re.compile(r"[\s.\-\u00a0]+")
_CASE_WORDS = re.compile(r"^(indeks|sak|saksnummer|nr\.?)\s+", re.IGNORECASE)


@dataclass(frozen=True)
class Listed:
    """A person in a list: who, her roles newest first, and what holds or is proposed for her now."""

    person: PersonView
    roles: tuple[RoleView, ...]
    measures: tuple[MeasureRow, ...]


@dataclass(frozen=True)
class Found:
    """What a search gave. `elsewhere`: the number is known in a kommune one cannot read.

    `kind` is what the text was taken for: number, phone, case, name, or "" when it is too short.
    """

    hits: tuple[Listed, ...]
    kind: str
    elsewhere: bool = False
    has_more: bool = False


def find(book: Book, text: str) -> Found:
    """Those whom the text may mean, by name; an exact number first."""
    plain = " ".join(text.replace("\x00", "").split())
    digits = _SEPARATORS.sub("", plain)
    if re.fullmatch(r"\d{11}", digits):
        return _by_number(book, digits)
    if re.fullmatch(r"(\+|00)?\d{7,15}", digits):
        return _by_phone(book, digits)
    number = _CASE_WORDS.sub("", plain)
    if re.fullmatch(r"\d{1,6}", number):
        return _by_case(book, number)
    if len(digits) < 2:
        return Found((), "")
    uids = matching(book, plain.lower().split(), MOST + 1)
    hits = _listed(book, uids[:MOST])
    return Found(hits, "name", has_more=len(uids) > MOST)


def _by_number(book: Book, digits: str) -> Found:
    known = register.known_as(book, digits) or register.known_as(book, digits, "ST_HELP_NUMBER")
    if known is None:
        return Found((), "number")
    if not register.within_reach(book, known):
        return Found((), "number", elsewhere=True)
    return Found(_listed(book, [known]), "number")


def _by_phone(book: Book, digits: str) -> Found:
    short = re.sub(r"^(\+|00)47(?=\d{8}$)", "", digits)
    uids = matching(book, [short], MOST + 1)
    return Found(_listed(book, uids[:MOST]), "phone", has_more=len(uids) > MOST)


def _by_case(book: Book, number: str) -> Found:
    events = read.events_where(
        book.work,
        stages=[book.uid("ST_INDEX_INTERVIEW")],
        data={book.uid("ST_CASE_NUMBER"): [number]},
        limit=MOST,
    )
    return Found(_listed(book, [event.tracked_entity for event in events]), "case")


def matching(book: Book, words: Sequence[str], most: int) -> list[str]:
    """The people whose searchable values hold every word, in no order.

    The definer function gives a superset by the longest word, where the index helps; the other words and
    the reach are asked of that.
    """
    patterns = ["%" + _escaped(word) + "%" for word in words]
    rows = book.work.conn.execute(
        """select tracked_entity from tracker.tracked_entity
            where tracked_entity in (select tracker.candidates(%s, 2000))
              and search like all (%s::text[]) and type = %s and not deleted limit %s""",
        (max(patterns, key=len), patterns, book.uid("ST_PERSON"), most),
    )
    return [row["tracked_entity"] for row in rows]


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def recent(
    book: Book, role: str = "", status: str = "", page: int = 1
) -> tuple[tuple[Listed, ...], int]:
    """The newest registered people of the kommune one works in, and how many there are in all.

    role    INDEX, CONTACT or "" for both; status ACTIVE, COMPLETED or "" for all.
    """
    programs = {"INDEX": ["ST_INDEX"], "CONTACT": ["ST_CONTACT"]}.get(
        role, ["ST_INDEX", "ST_CONTACT"]
    )
    values = {
        "programs": [book.uid(code) for code in programs],
        "owners": list(book.work.reach.read),
        "status": status,
        "limit": PAGE,
        "offset": (max(page, 1) - 1) * PAGE,
    }
    rows = book.work.conn.execute(
        """select tracked_entity, max(enrolled_at) as newest, count(*) over () as total
             from tracker.enrollment
            where owner = any (%(owners)s::int[]) and program = any (%(programs)s::text[])
              and not deleted and status <> 'CANCELLED' and (%(status)s = '' or status = %(status)s)
            group by tracked_entity order by newest desc, tracked_entity
            limit %(limit)s offset %(offset)s""",
        values,
    ).fetchall()
    total = int(rows[0]["total"]) if rows else 0
    people = book.people([row["tracked_entity"] for row in rows])
    ordered = [people[uid] for row in rows if (uid := row["tracked_entity"]) in people]
    return tuple(listed(book, one) for one in ordered), total


def _listed(book: Book, uids: Sequence[str]) -> tuple[Listed, ...]:
    people = book.people(uids)
    shown = [listed(book, one) for one in people.values()]
    return tuple(sorted(shown, key=lambda one: (one.person.family_name, one.person.given_name)))


def listed(book: Book, entity: TrackedEntity) -> Listed:
    """The person as a list shows her."""
    return Listed(
        person=files.person_view(book, entity),
        roles=tuple(r for r in files.roles_of(book, entity) if r.status != "CANCELLED"),
        measures=running(book, entity),
    )


def running(book: Book, entity: TrackedEntity) -> tuple[MeasureRow, ...]:
    """What holds for the person today, or is proposed: measures of open episodes, most binding first."""
    weight = {"ISOLATION": 0, "INFECTION_QUARANTINE": 1, "WAITING_QUARANTINE": 2}
    found = [
        row
        for one in entity.enrollments
        if one.status == "ACTIVE" and not one.deleted
        for row in measure_rows.rows_of(book, one)
        if row.is_running
        and (row.kind == "ISOLATION" or row.earliest_end is None or row.earliest_end >= book.today)
    ]
    return tuple(sorted(found, key=lambda row: weight.get(row.kind, 9)))
