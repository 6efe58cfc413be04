"""What was changed, by whom and when, in words: lines for the pages that tell history.

Reads the tracker's append-only history; keeps nothing. A confidential value is never shown: only that it
was changed. Called by people.py and interview.py.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from smittesporing.access.log import Look
from smittesporing.access.reach import ROLE_NAMES
from smittesporing.tracing.casebook.book import Book
from smittesporing.tracker.records import Event, TrackedEntity
from smittesporing.web.pages.words import _, day_year, moment

ACTIONS = {"CREATE": "registrert", "UPDATE": "endret", "DELETE": "slettet", "TRANSFER": "overført"}
KINDS = {
    "TRACKED_ENTITY": "Personen",
    "ENROLLMENT": "Registreringen",
    "RELATIONSHIP": "Koblingen",
}
# What could lead to a person whose address is protected.
LEADING = ("ST_ADDRESS", "ST_POSTAL", "ST_RESIDENCE", "ST_WORKPLACE", "ST_PHONE", "ST_EMAIL")
# Answers that name a user by uid, and answers that only machines read.
SIGNED = ("ST_MEASURE_CONFIRMED_BY", "ST_MEASURE_ENDED_BY", "ST_CATEGORY_BY")
UNREAD = ("ST_MEASURE_EXPOSURES",)
STATUSES = {
    "ACTIVE": "åpen",
    "COMPLETED": "avsluttet",
    "CANCELLED": "registrert ved en feil",
    "SCHEDULE": "planlagt",
    "SKIPPED": "strøket",
}


@dataclass(frozen=True)
class Change:
    """One act: what it was done to, by whom, and each field as it was and became."""

    at: datetime
    who: str
    what: str
    act: str
    fields: tuple[tuple[str, str, str], ...]
    is_new: bool = False


def of_person(
    book: Book, entity: TrackedEntity, enrollment: str = "", limit: int = 100
) -> tuple[Change, ...]:
    """Newest first; with `enrollment`, only what belongs to that episode and to the person herself."""
    uids = [entity.tracked_entity]
    stages: dict[str, str] = {}
    for one in entity.enrollments:
        if not enrollment or one.enrollment == enrollment:
            uids.append(one.enrollment)
            for event in one.events:
                uids.append(event.event)
                stages[event.event] = event.program_stage
    rows = book.work.conn.execute(
        """select at, username, user_info, kind, uid, action, before, after from tracker.history
            where tracked_entity = %s and uid = any (%s::text[]) and owners && %s::int[]
            order by sequence desc limit %s""",
        (entity.tracked_entity, uids, list(book.work.reach.read), limit),
    ).fetchall()
    is_protected = book.text(entity, "ST_PROTECTION") in ("CONFIDENTIAL", "STRICT")
    words = _Words(
        kept_back=frozenset(book.uid(code) for code in LEADING if is_protected),
        unread=frozenset(book.uid(code) for code in UNREAD),
        names=_names(book, rows),
    )
    return tuple(_change(book, row, stages, words) for row in rows)


@dataclass(frozen=True)
class _Words:
    """What is kept back or left out, and the names behind users' uids."""

    kept_back: frozenset[str]
    unread: frozenset[str]
    names: dict[tuple[str, str], str]


def _names(book: Book, rows: Sequence[dict[str, Any]]) -> dict[tuple[str, str], str]:
    """(question, user's uid) → the user's name, for the answers that name one."""
    signed = [book.uid(code) for code in SIGNED]
    found = {
        (uid, str(value))
        for row in rows
        for side in ("before", "after")
        for uid in signed
        if (value := (((row[side] or {}).get("data") or {}).get(uid) or {}).get("value"))
    }
    if not found:
        return {}
    users = book.work.conn.execute(
        """select uid, first_name || ' ' || surname as name from access.user_account
            where uid = any (%s::text[])""",
        (sorted({value for _uid, value in found}),),
    )
    known = {row["uid"]: str(row["name"]) for row in users}
    return {pair: known.get(pair[1], pair[1]) for pair in found}


def shown_at(book: Book, at: datetime) -> datetime:
    """A moment of history or log by the business clock: they keep the machine's (decision 23)."""
    return at + (book.now - datetime.now(UTC))


def _change(book: Book, row: dict[str, Any], stages: dict[str, str], words: _Words) -> Change:
    user = row["user_info"] or {}
    who = " ".join(part for part in (user.get("firstName"), user.get("surname")) if part)
    what = _(KINDS.get(row["kind"], "Hendelsen"))
    stage = book.meta.stages.get(stages.get(row["uid"], ""))
    if row["kind"] == "EVENT" and stage is not None:
        what = stage.name
    return Change(
        at=shown_at(book, row["at"]),
        who=who or row["username"],
        what=what,
        act=_(ACTIONS.get(row["action"], row["action"])),
        fields=tuple(_fields(book, row, words)),
        is_new=row["action"] == "CREATE",
    )


def _fields(book: Book, row: dict[str, Any], words: _Words) -> list[tuple[str, str, str]]:
    before, after = row["before"] or {}, row["after"] or {}
    found = []
    for held, questions in (
        ("attributes", book.meta.attributes),
        ("data", book.meta.data_elements),
    ):
        old, new = before.get(held) or {}, after.get(held) or {}
        for uid in dict.fromkeys((*old, *new)):
            question = questions.get(uid)
            if question is None or uid in words.unread:
                continue
            was = (old.get(uid) or {}).get("value") or ""
            now = (new.get(uid) or {}).get("value") or ""
            if uid in words.kept_back or getattr(question, "confidential", False):
                was, now = _hidden(was), _hidden(now)
            told = [words.names.get((uid, one)) or shown(question, one) for one in (was, now)]
            found.append((question.name, told[0], told[1]))
    if before.get("status") != after.get("status") and after.get("status"):
        was, now = (_(STATUSES.get(one.get("status") or "", "")) for one in (before, after))
        found.append((_("Status"), was, now))
    return found


def _hidden(value: str) -> str:
    return _("(skjult)") if value else ""


def shown(question: Any, value: str) -> str:
    if not value:
        return ""
    if question.option_set is not None:
        return ", ".join(question.option_set.name_of(one) or one for one in value.split(","))
    if question.value_type in ("BOOLEAN", "TRUE_ONLY"):
        return _("ja") if value == "true" else _("nei")
    if question.value_type == "DATE":
        return day_year(value)
    if question.value_type == "DATETIME":
        return moment(value)
    return value


def answered(book: Book, event: Event, drawn: Collection[str]) -> list[tuple[str, str]]:
    """What an event answers beyond the questions its page draws by itself: name and answer of each."""
    asked = (one.element for one in book.meta.stages[event.program_stage].elements)
    return [
        (one.name, shown(one, event.value(one.uid)))
        for one in asked
        if one.code not in drawn and event.value(one.uid)
    ]


@dataclass(frozen=True)
class Looked:
    """How often somebody has been shown the person, and when last."""

    name: str
    role: str
    times: int
    at: datetime


def looked(book: Book, looks: Sequence[Look]) -> tuple[Looked, ...]:
    """One line for each who has looked, the last look first."""
    found: dict[tuple[str, str], Looked] = {}
    for one in looks:
        key = (one.name, one.role)
        seen = found.get(key)
        if seen is None:
            found[key] = Looked(
                one.name, _(ROLE_NAMES.get(one.role, one.role)), 1, shown_at(book, one.at)
            )
        else:
            found[key] = replace(seen, times=seen.times + 1)
    return tuple(found.values())
