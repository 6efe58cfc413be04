"""An indicator tried on made-up rows: the published figure and the draft's side by side, row by row.

The rows and the judging are analytics/trial.py's. Called by configuration_try.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from smittesporing.analytics import ratios, trial
from smittesporing.analytics.trial import Compiled, Outcome, Row
from smittesporing.expression.nodes import ExpressionError, Item, items
from smittesporing.metadata.snapshot import Metadata
from smittesporing.web.pages.configuration_desk import Desk
from smittesporing.web.pages.configuration_words import fault_words
from smittesporing.web.pages.words import _, day_tight, number

ROWS = 200
SHOWN = 20


@dataclass(frozen=True)
class Shown:
    """One made-up row as the page draws it."""

    number: int
    cells: tuple[str, ...]
    published: bool | None
    draft: bool | None

    @property
    def differs(self) -> bool:
        return (
            self.published is not None and self.draft is not None and self.published != self.draft
        )


@dataclass(frozen=True)
class Counted:
    """The trial: both figures in words, what differs, and the rows worth a look."""

    published: str
    draft: str
    fault: str
    first: date
    last: date
    rows: int
    came: int
    went: int
    columns: tuple[str, ...]
    shown: tuple[Shown, ...]
    share: bool


@dataclass(frozen=True)
class _Side:
    value: float | None = None
    outcome: Outcome | None = None
    fault: str = ""


def trial_of(desk: Desk, plural: str, uid: str, seed: int) -> Counted:
    """Both versions of the indicator on the same made-up rows."""
    today = desk.work.clock.today()
    asked: list[Compiled] = []
    for metadata in (desk.published, desk.metadata):
        asked += _compiled(metadata, plural, uid)[0]
    rows = trial.made_up(desk.metadata, asked, today, ROWS, seed) if asked else []
    published = _side(desk.published, plural, uid, rows, today)
    draft = _side(desk.metadata, plural, uid, rows, today)
    was = published.outcome.counted if published.outcome else ()
    now = draft.outcome.counted if draft.outcome else ()
    columns = _columns(asked)
    shown = [
        Shown(
            at + 1,
            (day_tight(row.dates["EVENT_DATE"]), *_cells(desk.metadata, columns, row)),
            was[at] if was else None,
            now[at] if now else None,
        )
        for at, row in enumerate(rows)
    ]
    shown.sort(key=lambda row: (not row.differs, not row.draft, row.number))
    return Counted(
        _figure(published.value),
        _figure(draft.value),
        draft.fault,
        today - timedelta(days=trial.DAYS - 1),
        today,
        len(rows),
        sum(row.differs and bool(row.draft) for row in shown),
        sum(row.differs and bool(row.published) for row in shown),
        (_("Dag"), *(_name(desk.metadata, item) for item in columns)),
        tuple(shown[:SHOWN]) if plural == "programIndicators" else (),
        plural == "indicators",
    )


def _compiled(metadata: Metadata, plural: str, uid: str) -> tuple[list[Compiled], str]:
    """The program indicators that must be counted, and what is wrong when one cannot be read."""
    try:
        if plural == "programIndicators":
            one = metadata.program_indicators.get(uid)
            return ([trial.compiled(one)] if one else []), ""
        if uid not in metadata.indicators:
            return [], ""
        known = metadata.program_indicators
        named = [name for name in ratios.parts(metadata, uid) if name in known]
        return [trial.compiled(known[name]) for name in named], ""
    except ExpressionError as error:
        return [], _(
            "Tegn %(column)s: %(fault)s", column=error.column, fault=fault_words(error.message)
        )


def _side(metadata: Metadata, plural: str, uid: str, rows: Sequence[Row], today: date) -> _Side:
    asked, fault = _compiled(metadata, plural, uid)
    if fault or not asked:
        return _Side(fault=fault)
    outcomes = [trial.tried(metadata, one, rows, today) for one in asked]
    faulty = next((each.fault for each in outcomes if each.fault), None)
    if faulty is not None:
        return _Side(
            fault=_("Uttrykket kan ikke regnes ut på disse radene (tegn %(n)s).", n=faulty.column)
        )
    if plural == "programIndicators":
        return _Side(outcomes[0].value, outcomes[0])
    values = {one.indicator.uid: each.value for one, each in zip(asked, outcomes, strict=True)}
    # The rows know no places and no earlier periods: what looks there finds nothing.
    cell = ratios.Cell(
        trial.window(today), (), lambda name, offset: None if offset else values.get(name)
    )
    try:
        return _Side(ratios.ratio(metadata, uid, cell))
    except ExpressionError as error:
        return _Side(fault=fault_words(error.message))


def _figure(value: float | None) -> str:
    return number(value, 0 if value is not None and value == int(value) else 1)


def _columns(asked: Sequence[Compiled]) -> list[Item]:
    found = [item for one in asked for node in one.nodes() for item in items(node)]
    return [item for item in dict.fromkeys(found) if item.sign in ("#", "A")][:6]


def _name(metadata: Metadata, item: Item) -> str:
    question = trial.question_of(metadata, item)
    return question.name if question else item.written


def _plain(value: str | None) -> str:
    """A made-up value as one reads it."""
    if not value:
        return "–"
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return {"true": _("ja"), "false": _("nei")}.get(value, value)
    return f"{day.day}.{day.month}.{day.year}"


def _cells(metadata: Metadata, columns: Sequence[Item], row: Row) -> list[str]:
    found = []
    for item in columns:
        value = row.values.get(item.written)
        question = trial.question_of(metadata, item)
        if value and question is not None and question.option_set:
            value = question.option_set.name_of(value) or value
        found.append(_plain(value))
    return found
