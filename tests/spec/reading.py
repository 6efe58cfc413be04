"""The tables of tests/spec/expression: how they are written, and the record they speak of.

A table is a text file: `#` a title, `>` prose, `##` what the rows below are about, `in` the modes they hold
in, `data none` where nobody has answered anything, and a row for each case: an expression, `->`, its answer.
An answer is a number, a 'text', true, false, null, a day, `refused` (it is not read) or `error` (it is read,
and has no value).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from smittesporing.expression.evaluate import Context, Variable
from smittesporing.expression.nodes import Kind, Mode

FOLDER = Path(__file__).parent / "expression"
MODES = {
    "rules": Mode.RULE_ENGINE_ACTION,
    "expression": Mode.PROGRAM_INDICATOR_EXPRESSION,
    "filter": Mode.PROGRAM_INDICATOR_FILTER,
    "indicator": Mode.INDICATOR_EXPRESSION,
    "validation": Mode.VALIDATION_RULE_EXPRESSION,
    "predictor": Mode.PREDICTOR_GENERATOR_EXPRESSION,
    "skip": Mode.PREDICTOR_SKIP_TEST,
}
OVER_ROWS = ("expression", "filter")  # the modes that PostgreSQL counts in
STAGE = "Stage000001"


@dataclass(frozen=True)
class Answered:
    """One name of the record: what rules call it, its identifier elsewhere, its values newest first."""

    uid: str
    kind: Kind
    values: tuple[str, ...] = ()


RECORD = {
    "number": Answered("Number00001", Kind.NUMBER, ("10", "8", "-1")),
    "half": Answered("Half0000001", Kind.NUMBER, ("2.5",)),
    "no_number": Answered("Number00000", Kind.NUMBER),
    "text": Answered("Text0000001", Kind.TEXT, ("POS", "NEG", "POS")),
    "digits": Answered("Digits00001", Kind.TEXT, ("12",)),
    "items": Answered("Items000001", Kind.TEXT, ("a,b",)),
    "no_text": Answered("Text0000000", Kind.TEXT),
    "truth": Answered("Truth000001", Kind.BOOLEAN, ("true",)),
    "no_truth": Answered("Truth000000", Kind.BOOLEAN),
    "day": Answered("Day00000001", Kind.DATE, ("2022-01-20",)),
    "no_day": Answered("Day00000000", Kind.DATE),
}
CONSTANT = "Const000001"  # 2.5
RELATIONS = "Relation001"  # two of them
_DAYS = (
    "event",
    "execution",
    "due",
    "scheduled",
    "enrollment",
    "incident",
    "completed",
    "creation",
    "sync",
)
ENVIRONMENT = {
    **{f"{name}_date": (Kind.DATE, "2022-01-10") for name in _DAYS},
    "current_date": (Kind.DATE, "2022-01-20"),
    "analytics_period_start": (Kind.DATE, "2022-01-01"),
    "analytics_period_end": (Kind.DATE, "2022-01-31"),
    "event_status": (Kind.TEXT, "COMPLETED"),
    "enrollment_status": (Kind.TEXT, "ACTIVE"),
    "program_stage_id": (Kind.TEXT, STAGE),
    "program_stage_name": (Kind.TEXT, "Prøve"),
    "program_name": (Kind.TEXT, "Indeks"),
    "event_id": (Kind.TEXT, "Event000001"),
    "enrollment_id": (Kind.TEXT, "Enrol000001"),
    "org_unit": (Kind.TEXT, "Tromso00001"),
    "orgunit_code": (Kind.TEXT, "5501"),
    "environment": (Kind.TEXT, "Server"),
    **{
        f"{name}_count": (Kind.NUMBER, "1")
        for name in ("event", "enrollment", "tei", "value", "zero_pos_value", "org_unit")
    },
}


@dataclass(frozen=True)
class Row:
    """One case of a table: where it stands, in which mode, what is asked and answered."""

    table: str
    subject: str
    mode: str
    empty: bool
    text: str
    answer: str

    def __str__(self) -> str:
        return f"{self.table}: {self.mode}: {self.text}"


def rows() -> Iterator[Row]:
    """Every row of every table, once for each mode it holds in."""
    for file in sorted(FOLDER.glob("*.table")):
        subject, modes, empty = "", (), False
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith("## "):
                subject, modes, empty = line[3:], (), False
            elif line.startswith("in "):
                modes, empty = tuple(line[3:].split(", ")), False
            elif line == "data none":
                empty = True
            elif " -> " in line and not line.startswith(("# ", "> ")):
                text, _, answer = line.rpartition(" -> ")
                for mode in modes:
                    yield Row(file.stem, subject, mode, empty, text.strip(), answer.strip())


def written(text: str, mode: str) -> str:
    """The row's expression with the record's names as the mode writes them."""
    if mode != "rules":
        for name, answered in RECORD.items():
            uid = f"{STAGE}.{answered.uid}" if mode in OVER_ROWS else answered.uid
            text = text.replace("#{" + name + "}", "#{" + uid + "}")
            text = text.replace("A{" + name + "}", "A{" + answered.uid + "}")
    return text


def context(mode: str, empty: bool) -> Context:
    """The record as `evaluate` is handed it."""
    values = {}
    for name, answered in RECORD.items():
        known = () if empty else answered.values
        at = date(2022, 1, 19) if known else None
        variable = Variable(answered.kind, known[0] if known else None, known, at)
        for key in (name, answered.uid, f"{STAGE}.{answered.uid}"):
            values[key] = variable
    if not empty:
        values[f"PS_EVENTDATE:{STAGE}"] = Variable(Kind.DATE, "2022-01-10")
        values |= {
            f"{sign}{{{CONSTANT}}}": Variable(Kind.NUMBER, "4") for sign in ("I", "N", "OUG")
        }
    return Context(
        values=values,
        environment={
            name: Variable(kind, None if empty else value)
            for name, (kind, value) in ENVIRONMENT.items()
        },
        constants={} if empty else {CONSTANT: 2.5},
        roles=None if empty else frozenset(("tracer",)),
        groups=None if empty else frozenset(("Group000001",)),
        org_unit_groups=frozenset() if empty else frozenset(("Places00001",)),
        relationships={} if empty else {RELATIONS: 2},
        nulls=mode == "filter",
        rules=mode == "rules",
    )
