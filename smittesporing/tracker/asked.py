"""A query being understood: its parameters, its conditions, its order and its page.

Knows how DHIS2 writes parameters, not which collection is asked for. Called by `listing` only.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from psycopg.sql import SQL, Composable, Literal

from smittesporing.access import org_units
from smittesporing.access.work import Work
from smittesporing.metadata import store
from smittesporing.tracker.moments import moment
from smittesporing.tracker.records import ENROLLMENT_STATUSES
from smittesporing.tracker.rules import NUMERIC
from smittesporing.tracker.search import BadQuery, numeric, value_of

Row = dict[str, Any]
Params = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Page:
    """Rows of one page. `total` only when it was asked for; `more` says whether a page follows."""

    rows: list[Row]
    page: int
    size: int
    more: bool
    total: int | None = None
    paged: bool = True


@dataclass
class Asked:
    """A query being understood: its parameters, and the conditions found so far."""

    work: Work
    params: Params
    where: list[Composable] = field(default_factory=list)

    def one(self, *names: str) -> str:
        """The first of these parameters that is given; "" when none is."""
        for name in names:
            for text in self.params.get(name, ()):
                if text:
                    return text
        return ""

    def many(self, *names: str) -> list[str]:
        """All values of these parameters; commas (and older semicolons) separate them."""
        texts = [text for name in names for text in self.params.get(name, ())]
        return [w for text in texts for w in text.replace(";", ",").split(",") if w]

    def truth(self, name: str) -> bool | None:
        text = self.one(name).lower()
        return None if not text else text == "true"

    def word(self, words: tuple[str, ...], *names: str) -> str:
        """The first of these parameters that is given, one of the words. Errors  `BadQuery`."""
        text = self.one(*names)
        if text and text not in words:
            raise BadQuery(f"{names[0]} is not one of {', '.join(words)}")
        return text

    def number(self, name: str, default: int) -> int:
        text = self.one(name)
        if not text:
            return default
        if not text.isdecimal() or len(text) > 9:
            raise BadQuery(f"{name} must be a whole number")
        return int(text)

    def moment(self, name: str, *, end: bool = False) -> datetime | None:
        text = self.one(name)
        if not text:
            return None
        try:
            at = moment(text)
        except ValueError:
            raise BadQuery(f"{name} is not a date") from None
        # A day given alone reaches to its end.
        return at + timedelta(days=1, milliseconds=-1) if end and len(text) == 10 else at

    def add(self, text: str, *values: Any) -> None:
        parts = [v if isinstance(v, Composable) else Literal(v) for v in values]
        self.where.append(SQL(text).format(*parts))

    def between(self, column: Composable, after: str, before: str) -> None:
        low, high = self.moment(after), self.moment(before, end=True)
        if low is not None:
            self.add("{} >= {}", column, low)
        if high is not None:
            self.add("{} <= {}", column, high)

    def updated(self, column: Composable) -> None:
        self.between(column, "updatedAfter", "updatedBefore")
        within = self.one("updatedWithin")
        if within:
            self.add("{} >= {}", column, self.work.clock.now() - duration(within))

    def units(self, *names: str) -> tuple[str, list[int]]:
        """The org unit mode and the numbers it means, all within reach.

        Errors  `BadQuery` when the mode and the org units contradict, or one is unknown.
        """
        reach, all_units = self.work.reach, org_units.current(self.work.conn)
        given = self.many(*names)
        mode = self.one("orgUnitMode", "ouMode") or ("SELECTED" if given else "ACCESSIBLE")
        if mode in ("SELECTED", "CHILDREN", "DESCENDANTS"):
            if not given:
                raise BadQuery(f"orgUnitMode {mode} needs an org unit")
        elif mode not in ("CAPTURE", "ACCESSIBLE", "ALL"):
            raise BadQuery("orgUnitMode is not one of DHIS2's")
        elif given:
            raise BadQuery(f"orgUnitMode {mode} cannot be combined with an org unit")
        else:
            return mode, list(reach.write if mode == "CAPTURE" else reach.read)
        numbers: set[int] = set()
        for uid in given:
            unit = all_units.by_uid.get(uid)
            if unit is None:
                raise BadQuery(f"org unit {uid[:11]} does not exist")
            numbers.add(unit.id)
            if mode == "CHILDREN":
                numbers.update(child.id for child in all_units.children(unit.id))
            elif mode == "DESCENDANTS":
                numbers.update(all_units.descendants(unit.id))
        return mode, sorted(numbers & set(reach.read))

    def enrolled(self, *status: str) -> None:
        """What is asked of the enrollment `e`: its status, by these names, mark and dates."""
        stated = self.word(ENROLLMENT_STATUSES, *status)
        if stated:
            self.add("e.status = {}", stated)
        follow_up = self.truth("followUp")
        if follow_up is not None:
            self.add("e.follow_up = {}", follow_up)

    def assigned(self) -> None:
        """To whom the event `v` is assigned. Errors  `BadQuery`."""
        mode = self.word(("CURRENT", "PROVIDED", "NONE", "ANY", "ALL"), "assignedUserMode")
        users = self.many("assignedUsers", "assignedUser")
        if mode == "CURRENT":
            self.add("v.assigned_user = {}", self.work.reach.user)
        elif mode == "ANY":
            self.add("v.assigned_user is not null")
        elif mode == "NONE":
            self.add("v.assigned_user is null")
        elif users:
            self.add("v.assigned_user = any ({})", users)
        elif mode == "PROVIDED":
            raise BadQuery("assignedUserMode PROVIDED needs assignedUsers")


def duration(text: str) -> timedelta:
    """An ISO duration of days, hours, minutes and seconds. Errors  `BadQuery`."""
    match = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", text)
    # A hundred years is longer ago than anything; timedelta ends at some point beyond that.
    if match is None or text in ("P", "PT") or any(len(part or "") > 5 for part in match.groups()):
        raise BadQuery("updatedWithin is not an ISO duration")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


_NEVER_NULL = frozenset(
    ("createdAt", "updatedAt", "enrolledAt", "trackedEntity", "enrollment", "event", "status")
)


def ordered(
    asked: Asked, columns: Mapping[str, str], values: Composable | None, default: str
) -> Composable:
    metadata = store.current(asked.work.conn)
    parts: list[Composable] = []
    for text in asked.many("order"):
        name, _, way = text.partition(":")
        # Where there are no nulls, saying where they go would keep the planner from the index.
        nulls = "" if name in _NEVER_NULL else " nulls last"
        direction = SQL((" desc" if way.lower() == "desc" else " asc") + nulls)
        if name in columns:
            parts.append(SQL(columns[name]) + direction)
            continue
        question = metadata.attributes.get(name) or metadata.data_elements.get(name)
        if question is None or values is None or getattr(question, "confidential", False):
            raise BadQuery(f"Cannot order by {name[:30]}")
        value = value_of(values, name)
        key = (
            numeric(value)
            if question.value_type in NUMERIC
            else SQL("app.nb_key({})").format(value)
        )
        parts.append(key + direction)
    parts.append(SQL(default))
    return SQL(", ").join(parts)


def paged(
    asked: Asked,
    columns: Composable,
    source: Composable,
    order: Composable,
    quick: Callable[[int], Composable | None] = lambda rows: None,
) -> Page:
    """The page asked for. `quick` may give a statement for the first so many rows that an index serves."""
    where = SQL(" and ").join(asked.where) if asked.where else SQL("true")
    in_pages = asked.truth("paging") is not False and asked.truth("skipPaging") is not True
    page, size = max(asked.number("page", 1), 1), max(asked.number("pageSize", 50), 1)
    limit: Composable = SQL("")
    if in_pages:
        limit = SQL(" limit {} offset {}").format(Literal(size + 1), Literal((page - 1) * size))
    conn = asked.work.conn
    walk = quick(page * size + 1) if in_pages else None
    if walk is not None:
        # Under row-level security PostgreSQL expects two rows of a kommune, and would gather and sort
        # all of them where the index gives the first page in order.
        conn.execute("set local enable_sort = off")
        rows = conn.execute(walk + limit).fetchall()
        conn.execute("set local enable_sort = on")
    else:
        statement = SQL("select {} from {} where {} order by {}").format(
            columns, source, where, order
        )
        rows = conn.execute(statement + limit).fetchall()
    total = None
    if asked.truth("totalPages") or asked.truth("count"):
        row = conn.execute(SQL("select count(*) as n from {} where {}").format(source, where))
        total = row.fetchall()[0]["n"]
    if not in_pages:
        return Page(rows, 1, len(rows), False, total, paged=False)
    return Page(rows[:size], page, size, len(rows) > size, total)
