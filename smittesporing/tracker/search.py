"""DHIS2's `filter` on values (`uid:op:value…`), as SQL conditions.

Several operators on one question are joined by and; a comma starts the next question; `/` protects
`,`, `:` and `/` itself. Text is compared without regard to case. Called by `listing`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from psycopg.sql import SQL, Composable, Literal

from smittesporing.metadata.forms import Attribute, DataElement
from smittesporing.tracker.rules import NUMERIC

_SYNONYMS = {
    "!eq": "ne",
    "neq": "ne",
    "!ieq": "ne",
    "ieq": "eq",
    "ilike": "like",
    "!ilike": "!like",
}
_ALONE = frozenset(("null", "!null"))
_KNOWN = _ALONE | frozenset(("eq", "ne", "gt", "ge", "lt", "le", "like", "!like", "in", "sw", "ew"))
_SIGNS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
# A number as PostgreSQL reads it; what is none compares as missing.
_IS_NUMBER = SQL(r"'^[-+]?(\d{1,30}(\.\d*)?|\.\d+)$'")


class BadQuery(Exception):
    """A query that DHIS2 answers with 400; the message names the parameter, never a person's value."""


@dataclass(frozen=True)
class Comparison:
    """One operator and its value, for one question."""

    operator: str
    value: str = ""

    @property
    def pattern(self) -> str | None:
        """The LIKE pattern over a person's searchable text, where an index can help."""
        plain = _escaped(self.value.lower())
        match self.operator:
            case "eq":
                return f"%\n{plain}\n%"
            case "like":
                return f"%{plain}%"
            case "sw":
                return f"%\n{plain}%"
            case "ew":
                return f"%{plain}\n%"
        return None


@dataclass(frozen=True)
class Filter:
    """All tests on one question."""

    uid: str
    tests: tuple[Comparison, ...]


def filters(texts: Iterable[str]) -> list[Filter]:
    """The filters of a request, in order.

    Errors  `BadQuery` for an unknown operator, or one without a value.
    """
    found = []
    for text in texts:
        for part in _split(text, ","):
            uid, *words = _split(part, ":")
            tests, left = [], [_plain(word) for word in words]
            while left:
                operator = left.pop(0).strip().lower()
                operator = _SYNONYMS.get(operator, operator)
                if operator not in _KNOWN:
                    raise BadQuery(f"'{operator[:20]}' is not a valid operator")
                if operator in _ALONE:
                    tests.append(Comparison(operator))
                elif left:
                    tests.append(Comparison(operator, left.pop(0)))
                else:
                    raise BadQuery(f"operator '{operator}' needs a value")
            found.append(Filter(uid.strip(), tuple(tests)))
    return found


def _split(text: str, sign: str) -> list[str]:
    parts, here, at = [], "", 0
    while at < len(text):
        if text[at] == "/" and at + 1 < len(text):
            here += text[at : at + 2]
            at += 2
            continue
        if text[at] == sign:
            parts.append(here)
            here = ""
        else:
            here += text[at]
        at += 1
    return [*parts, here]


def _plain(text: str) -> str:
    plain, at = "", 0
    while at < len(text):
        if text[at] == "/" and at + 1 < len(text) and text[at + 1] in "/,:":
            at += 1
        plain += text[at]
        at += 1
    return plain


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def value_of(column: Composable, uid: str) -> Composable:
    """The text of a value in a jsonb column of values."""
    return SQL("({}->{}->>'value')").format(column, Literal(uid))


def numeric(value: Composable) -> Composable:
    """The value as a number, null where it is none."""
    return SQL("(case when {0} ~ {1} then {0}::numeric end)").format(value, _IS_NUMBER)


def condition(
    question: Attribute | DataElement, column: Composable, tests: Iterable[Comparison]
) -> Composable:
    """The condition that the value of this question, in this jsonb column, passes the tests."""
    value = value_of(column, question.uid)
    parts = [_one(question, value, test) for test in tests]
    return SQL(" and ").join(parts) if parts else SQL("true")


def _one(question: Attribute | DataElement, value: Composable, test: Comparison) -> Composable:
    operator, wanted = test.operator, test.value
    if operator in _ALONE:
        return SQL("{} is {}null").format(value, SQL("" if operator == "null" else "not "))
    text = SQL("lower({})").format(value)
    lowered = wanted.lower()
    if question.value_type in NUMERIC and operator in ("eq", "ne", *_SIGNS):
        try:
            number = Literal(float(wanted))
        except ValueError:
            raise BadQuery(f"the value compared with {question.uid} is no number") from None
        sign = SQL({"eq": "=", "ne": "<>"}.get(operator) or _SIGNS[operator])
        return SQL("{} {} {}").format(numeric(value), sign, number)
    match operator:
        case "eq":
            return SQL("{} = {}").format(text, Literal(lowered))
        case "ne":
            return SQL("{} <> {}").format(text, Literal(lowered))
        case "in":
            choices = [Literal(each) for each in lowered.split(";")]
            return SQL("{} in ({})").format(text, SQL(", ").join(choices))
        case "gt" | "ge" | "lt" | "le":
            return SQL("{} {} {}").format(text, SQL(_SIGNS[operator]), Literal(lowered))
    plain = _escaped(lowered)
    pattern = {"sw": f"{plain}%", "ew": f"%{plain}"}.get(operator, f"%{plain}%")
    negated = SQL("not " if operator == "!like" else "")
    return SQL("{} {}like {}").format(text, negated, Literal(pattern))
