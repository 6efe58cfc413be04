"""The demo's users and outbreak, brought in through the same doors as everything else.

Users and agreements by access, people by the tracker's importer, verdicts and measures by the casebook:
replayed day by day, so that each decision stands under the rule of its day and by the tracer who made it.
Called by the demo's starter and by the browser tests' story.
"""

import os
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from examples.outbreak import build
from examples.outbreak.records import Confirmation
from smittesporing import database
from smittesporing import settings as settings_module
from smittesporing.access import org_units, users
from smittesporing.access.reach import ROLE_NAMES, Reach, reach_for
from smittesporing.access.work import work
from smittesporing.database import Connection, Pool
from smittesporing.settings import OSLO, Settings
from smittesporing.tracing.casebook import measure_rows, register
from smittesporing.tracing.casebook.book import Book, open_book
from smittesporing.tracing.casebook.decide import decide
from smittesporing.tracker import importer, ownership
from smittesporing.tracker.records import Bundle, Event

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
SIGNED = date(2020, 5, 11)
BATCH = 150


def users_of_file() -> list[dict[str, Any]]:
    return list(tomllib.loads((EXAMPLES / "users.toml").read_text("utf-8"))["user"])


def everybody(connection: Connection, settings: Settings, password: str) -> list[str]:
    """The demo's users with roles and agreements; lines that say who can sign in. Safe to repeat."""
    units = org_units.current(connection)
    admin = users.by_username(connection, "admin") or users.add(
        connection,
        settings,
        username="admin",
        first_name="System",
        surname="Demo",
        password="district",
    )
    users.grant(connection, admin.uid, units.root.id, "superuser")
    lines = []
    for one in users_of_file():
        name = str(one["name"])
        first, _, last = name.rpartition(" ")
        user = users.by_username(connection, one["username"]) or users.add(
            connection, settings, username=one["username"], first_name=first, surname=last,
            national_number=str(one["national_number"]), password=password,
        )  # fmt: skip
        places = []
        for role in one["roles"]:
            unit = units.by_code[str(role["kommune"])]
            users.grant(connection, user.uid, unit.id, str(role["role"]))
            places.append(f"{ROLE_NAMES[str(role['role'])]}, {unit.name}")
        lines.append(f"{one['username']:<24} {name:<24} {'; '.join(places)}")
    for number in (*build.WORKING, *build.ELSEWHERE):
        agree(connection, units.by_code[number].id, admin.uid)
    return lines


def agree(connection: Connection, kommune: int, by: str) -> None:
    """The kommune has signed and taken the service into use."""
    connection.execute(
        """insert into access.agreement (org_unit, ssa_l_signed_on, annex_signed_on, registered_by,
                                         registered_at, activated_by, activated_at)
           values (%s, %s, %s, %s, now(), %s, now()) on conflict do nothing""",
        (kommune, SIGNED, SIGNED, by, by),
    )


def outbreak(pool: Pool, settings: Settings, first_day: date, say: Callable[[str], None]) -> int:
    """The synthetic people up to the first day; returns how many. Nothing when it fails half-way."""
    with pool.connection() as connection:
        units = org_units.current(connection)
        admin = users.by_username(connection, "admin")
        assert admin is not None
        reach = reach_for(connection, admin.uid, units.root.id)
        assert reach is not None
        names = {
            one["username"]: users.by_username(connection, one["username"])
            for one in users_of_file()
        }
    uids = {name: user.uid for name, user in names.items() if user}
    made = build.outbreak(first_day, lambda number: units.by_code[number].uid)
    people: set[str] = set()
    with work(pool, reach, settings, action="demo.load") as here:
        for payload in made.payloads:
            here.renew()
            report = importer.importing(here, _assigned(payload, uids))
            if report.errors:
                problem = report.errors[0]
                raise SystemExit(
                    f"The demo's outbreak was refused: {problem.code} {problem.sentence}"
                )
            people.update(report.touched)
    say(f"  {len(people)} people; deciding day by day …")
    _replay(pool, settings, reach, made.confirmations, uids)
    with work(pool, reach, settings, action="demo.load") as here:
        book = open_book(here)
        for some in _batches(sorted(people)):
            here.renew()
            decide(book, some)
        number_cases(book)
        asked = asked_transfers(book)
    for one in asked:
        ask(pool, settings, one)
    return len(people)


@dataclass(frozen=True)
class Asked:
    """A hand-over that the outbreak tells of: whose case, asked by which user, to which kommune."""

    enrollment: str
    owner: int
    user: str
    to: int
    reason: str


def asked_transfers(book: Book) -> list[Asked]:
    """Every stored hand-over that waits for an answer, in the name of a tracer who has the case."""
    stages = [book.uid("ST_INDEX_TRANSFER"), book.uid("ST_CONTACT_TRANSFER")]
    rows = book.work.conn.execute(
        """select e.enrollment, e.owner, e.data #>> array[%(to)s, 'value'] as number,
                  e.data #>> array[%(reason)s, 'value'] as reason,
                  coalesce((select f.assigned_user from tracker.event f
                             where f.tracked_entity = e.tracked_entity
                               and f.enrollment = e.enrollment and f.assigned_user is not null
                             limit 1),
                           (select m.user_uid from access.membership m
                             where m.org_unit = e.owner and m.role = 'tracer' and m.ended_at is null
                             order by m.user_uid limit 1)) as by
             from tracker.event e
            where e.program_stage = any (%(stages)s) and not e.deleted
              and e.data #>> array[%(state)s, 'value'] = 'ASKED'""",
        {
            "to": book.uid("ST_TRANSFER_TO"),
            "reason": book.uid("ST_TRANSFER_REASON"),
            "state": book.uid("ST_TRANSFER_STATE"),
            "stages": stages,
        },
    ).fetchall()
    numbers = book.units.by_code
    return [
        Asked(r["enrollment"], r["owner"], r["by"], numbers[r["number"]].id, r["reason"])
        for r in rows
    ]


def ask(pool: Pool, settings: Settings, asked: Asked) -> None:
    """The hand-over as the receiver sees it, asked by the sender herself."""
    with pool.connection() as connection:
        reach = reach_for(connection, asked.user, asked.owner)
    assert reach is not None
    with work(pool, reach, settings, action="demo.load") as here:
        ownership.ask(here, asked.enrollment, asked.to, asked.reason)


def _replay(
    pool: Pool,
    settings: Settings,
    reach: Reach,
    confirmations: Iterable[Confirmation],
    uids: dict[str, str],
) -> None:
    """Decide and confirm as it went, each day by the rules of that day."""
    by_day: dict[date, list[Confirmation]] = defaultdict(list)
    for one in confirmations:
        by_day[one.at.date()].append(one)
    for day in sorted(by_day):
        evening = datetime.combine(day, time(21, 0), OSLO)
        for some in _batches(by_day[day]):
            with work(pool, reach, settings, action="demo.load") as here:
                book = open_book(here, evening)
                entities = sorted({one.tracked_entity for one in some})
                decide(book, entities, closed=True, plan=False)
                confirm(book, some, uids)


def confirm(book: Book, confirmations: list[Confirmation], uids: dict[str, str]) -> None:
    """What tracers said yes to, in their names and at their time."""
    people = book.people({one.tracked_entity for one in confirmations})
    events: list[Event] = []
    for one in confirmations:
        person = people.get(one.tracked_entity)
        records = (
            [e for e in person.enrollments if e.enrollment == one.enrollment] if person else []
        )
        by, at = uids.get(one.by, ""), one.at.strftime("%Y-%m-%dT%H:%M:%S")
        for record in records:
            for row in measure_rows.rows_of(book, record):
                if row.state != "PROPOSED":
                    continue
                ended = one.ended_on if row.kind == "ISOLATION" else None
                values = {
                    "ST_MEASURE_STATE": "ENDED" if ended else "CONFIRMED",
                    "ST_MEASURE_CONFIRMED_BY": by,
                    "ST_MEASURE_CONFIRMED_AT": at,
                    "ST_MEASURE_ENDED_ON": ended.isoformat() if ended else None,
                    "ST_MEASURE_ENDED_BY": by if ended else None,
                }
                events.append(measure_rows.changed(book, row.record, values))
            for event in record.in_stage(book.uid("ST_CONTACT_EXPOSURE")):
                if book.text(event, "ST_CATEGORY") in ("", "UNDECIDED"):
                    continue
                judged = {
                    "ST_CATEGORY_STATE": "CONFIRMED",
                    "ST_CATEGORY_BY": by,
                    "ST_CATEGORY_AT": at,
                }
                events.append(measure_rows.changed(book, event, dict(judged)))
    book.save(Bundle(events=tuple(events)))


def number_cases(book: Book) -> None:
    """Case numbers in the order the cases came, per kommune."""
    rows = book.work.conn.execute(
        """select e.tracked_entity, e.event, n.owner from tracker.event e
             join tracker.enrollment n using (tracked_entity, enrollment)
            where e.program_stage = %s and not e.data ? %s order by n.enrolled_at, n.enrollment""",
        (book.uid("ST_INDEX_INTERVIEW"), book.uid("ST_CASE_NUMBER")),
    ).fetchall()
    last: dict[int, int] = defaultdict(lambda: register.FIRST_NUMBER - 1)
    people = book.people({row["tracked_entity"] for row in rows})
    events = []
    for row in rows:
        last[row["owner"]] += 1
        for enrollment in people[row["tracked_entity"]].enrollments:
            for event in enrollment.events:
                if event.event == row["event"]:
                    number = {"ST_CASE_NUMBER": str(last[row["owner"]])}
                    events.append(measure_rows.changed(book, event, dict(number)))
    for some in _batches(events):
        book.work.renew()
        book.save(Bundle(events=tuple(some)))
    for kommune, highest in last.items():
        book.work.conn.execute(
            """insert into casebook.last_number (kommune, last) values (%s, %s)
               on conflict (kommune) do update set last = greatest(last_number.last, excluded.last)""",
            (kommune, highest),
        )


def _assigned(value: Any, uids: dict[str, str]) -> Any:
    """The payload with user names of assigned users as the service's own uids."""
    if isinstance(value, dict):
        found = {key: _assigned(inner, uids) for key, inner in value.items()}
        user = found.get("assignedUser")
        if isinstance(user, dict) and "username" in user:
            found["assignedUser"] = {"uid": uids[user["username"]]}
        return found
    return [_assigned(inner, uids) for inner in value] if isinstance(value, list) else value


def _batches(values: list[Any]) -> Iterable[list[Any]]:
    return (values[at : at + BATCH] for at in range(0, len(values), BATCH))


def load(password: str, first_day: date | None, say: Callable[[str], None]) -> list[str]:
    """Users always; the outbreak when a first day is given. Settings come from the environment."""
    settings = settings_module.from_environment(os.environ)
    pool = database.open_pool(settings.database_url, 2)
    try:
        with pool.connection() as connection:
            lines = everybody(connection, settings, password)
        if first_day is not None:
            outbreak(pool, settings, first_day, say)
        return lines
    finally:
        pool.close()
