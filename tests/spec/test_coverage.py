"""No part of the language without its rows: a value for each type, a missing value, and a refused use."""

import pytest

from smittesporing.expression.functions import FUNCTIONS, ITEMS, VARIABLES
from smittesporing.expression.nodes import (
    Binary,
    Boolean,
    Call,
    ExpressionError,
    Item,
    Kind,
    Node,
    Null,
    Number,
    Text,
    Unary,
    walk,
)
from smittesporing.expression.parse import parse
from tests.spec.reading import ENVIRONMENT, MODES, RECORD, Row, rows, written

ROWS = list(rows())
EVERY = {Kind.NUMBER, Kind.TEXT, Kind.BOOLEAN, Kind.DATE}
SIGNS = ("+", "-", "*", "/", "%", "^", "==", "!=", "<", ">", "<=", ">=", "&&", "||")
_BY_NAME = {key: each for name, each in RECORD.items() for key in (name, each.uid)}
# These look at numbers, whatever the question's type.
_NUMBERS_ONLY = ("d2:maxValue", "d2:minValue", "d2:countIfZeroPos")


def trees() -> list[tuple[Row, Node]]:
    found = []
    for row in ROWS:
        try:
            found.append((row, parse(written(row.text, row.mode), MODES[row.mode])))
        except ExpressionError:
            continue
    return found


TREES = trees()


def kind_of(node: Node) -> Kind | None:
    """The type of what stands there; None for what is missing or not known."""
    match node:
        case Number():
            return Kind.NUMBER
        case Text():
            return Kind.TEXT
        case Boolean():
            return Kind.BOOLEAN
        case Item("V"):
            return ENVIRONMENT[node.name][0]
        case Item("PS_EVENTDATE"):
            return Kind.DATE
        case Item():
            known = _BY_NAME.get(node.parts[-1])
            return known.kind if known else None
        case Unary("!") | Binary("==" | "!=" | "<" | ">" | "<=" | ">=" | "&&" | "||"):
            return Kind.BOOLEAN
        case Unary() | Binary():
            return Kind.NUMBER
        case Call():
            return FUNCTIONS[node.function].result
    return None


def is_missing(node: Node, row: Row) -> bool:
    if isinstance(node, Null) or (row.empty and isinstance(node, Item)):
        return True
    if not isinstance(node, Item) or node.sign == "V":
        return False
    known = _BY_NAME.get(node.parts[-1])
    return known is None or not known.values


def wanted_of(name: str, kind: Kind) -> set[Kind]:
    if kind is Kind.VARIABLE:
        return {Kind.NUMBER} if name in _NUMBERS_ONLY else EVERY
    if kind in (Kind.MIXED, Kind.SAME):
        return EVERY
    return {kind} if kind in EVERY else set()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_rows_for_each_type_what_is_missing_and_a_refused_use(name):
    function = FUNCTIONS[name]
    calls = [
        (row, node)
        for row, tree in TREES
        for node in walk(tree)
        if isinstance(node, Call) and node.function == name
    ]
    assert calls, "no row"
    for place, kind in enumerate(function.arguments):
        if name in ("d2:countIfValue", "d2:lastEventDate") and kind is Kind.VARIABLE:
            continue  # shown with the second argument, or by its date
        given = {kind_of(c.arguments[p]) for _, c in calls for p in range(place, len(c.arguments))}
        if Kind.TEXT in given:
            given.add(Kind.DATE)  # days are written as texts
        lacking = wanted_of(name, kind) - given
        assert not lacking, f"argument {place + 1} has no row with {lacking}"
    missing = [row for row, c in calls if row.empty or any(is_missing(a, row) for a in c.arguments)]
    assert missing, "no row with a missing value"
    refused = [row for row in ROWS if row.answer == "refused" and f"{name}(" in row.text]
    assert refused, "no refused use"


@pytest.mark.parametrize("sign", SIGNS)
def test_every_sign_has_rows_for_each_type_what_is_missing_and_a_refused_use(sign):
    uses = [
        (row, node)
        for row, tree in TREES
        for node in walk(tree)
        if isinstance(node, Binary) and node.operator == sign
    ]
    given = {kind_of(side) for _, use in uses for side in (use.left, use.right)}
    wanted = (
        {Kind.NUMBER} if sign in "+-*/%^" else {Kind.BOOLEAN} if sign in ("&&", "||") else EVERY
    )
    assert wanted <= given
    assert any(is_missing(s, row) for row, use in uses for s in (use.left, use.right))
    assert any(r.answer == "refused" and r.text.endswith(sign) for r in ROWS)


@pytest.mark.parametrize("sign", ["!", "-", "+"])
def test_signs_before_a_value_have_rows_too(sign):
    uses = [
        (row, node)
        for row, tree in TREES
        for node in walk(tree)
        if isinstance(node, Unary) and node.operator == sign
    ]
    assert uses
    assert sign == "+" or any(is_missing(use.operand, row) for row, use in uses)
    assert any(r.answer == "refused" and r.text.strip() == sign for r in ROWS) or sign == "+"


@pytest.mark.parametrize("sign", ITEMS)
def test_every_item_has_a_row_with_a_value_without_and_refused(sign):
    start = {"[": "[", "PS_EVENTDATE": "PS_EVENTDATE:"}.get(sign, sign + "{")
    mine = [row for row in ROWS if start in row.text]
    assert any(row.answer not in ("null", "refused", "error") for row in mine) or sign in "DR["
    assert any(row.answer == "null" or row.empty for row in mine)
    assert any(row.answer == "refused" for row in mine)


@pytest.mark.parametrize("name", VARIABLES)
def test_every_variable_has_a_row_with_a_value_without_and_refused(name):
    mine = [row for row in ROWS if row.text == f"V{{{name}}}"]
    assert any(not row.empty and row.answer not in ("null", "refused", "error") for row in mine)
    assert any(row.empty for row in mine)
    assert any(row.answer == "refused" for row in mine)
