"""`expression [--describe] [--sql]`: a calculator for DHIS2's expression language.

Reads JSON lines from standard input and answers each with one line, so that people can try a rule and
tests can be run from outside:

    {"mode": "RULE_ENGINE_ACTION", "text": "#{a} + 1", "values": {"a": {"type": "NUMBER", "value": "10"}}}
    {"value": 11.0}

All but `mode` and `text` may be left out: `values` by name (type, value, candidates newest first,
eventDate), `constants` by uid, `today`, `roles`, `groups` and `orgUnitGroups` of who asks. Numbers that
JSON lacks are answered as the texts NaN, Infinity and -Infinity; dates as texts.
"""

import argparse
import math
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import msgspec
from psycopg.sql import SQL, Composable, Identifier

from smittesporing.expression.describe import describe
from smittesporing.expression.evaluate import Context, Variable, evaluate
from smittesporing.expression.functions import RULES
from smittesporing.expression.nodes import ExpressionError, Item, Kind, Mode, Node
from smittesporing.expression.parse import parse
from smittesporing.expression.sql_types import Sql
from smittesporing.expression.to_sql import to_sql
from smittesporing.expression.values import Value, as_text

Json = dict[str, Any]
_KINDS = {"NUMBER": Kind.NUMBER, "BOOLEAN": Kind.BOOLEAN, "DATE": Kind.DATE}
_PROGRAM_INDICATORS = (Mode.PROGRAM_INDICATOR_EXPRESSION, Mode.PROGRAM_INDICATOR_FILTER)


class Unusable(Exception):
    """A question that is no question; the message says what is wrong with it."""


def run(arguments: list[str]) -> int:
    """Answer every line of standard input. 0 always: an expression that fails is an answer."""
    parser = argparse.ArgumentParser(
        prog="smittesporing expression",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--describe", action="store_true", help="add the expression in words, Norwegian and English"
    )
    parser.add_argument("--sql", action="store_true", help="add the composed SQL (indicators)")
    chosen = parser.parse_args(arguments)
    for line in sys.stdin.buffer:
        if line.strip():
            reply = answer(line, describing=chosen.describe, composing=chosen.sql)
            sys.stdout.buffer.write(msgspec.json.encode(reply) + b"\n")
            sys.stdout.buffer.flush()
    return 0


def answer(line: bytes | str, *, describing: bool = False, composing: bool = False) -> Json:
    """The answer to one question: `value`, or `error` with `column` (from 1) and `message`."""
    try:
        question = _read(line)
        mode = _mode(question)
        text = _text(question)
        context = _context(question, mode)
    except Unusable as fault:
        return {"error": {"column": 0, "message": str(fault)}}
    try:
        node = parse(text, mode)
    except ExpressionError as error:
        return {"error": {"column": error.column, "message": error.message}}
    reply: Json = {}
    try:
        reply["value"] = _written(evaluate(node, context))
    except ExpressionError as error:
        reply["error"] = {"column": error.column, "message": error.message}
    if describing:
        reply["description"] = {
            language: describe(node, lambda item: None, language) for language in ("nb", "en")
        }
    if composing:
        reply |= _sql(node, mode, context)
    return reply


def _read(line: bytes | str) -> Json:
    try:
        question = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unusable("The line is not JSON.") from None
    if not isinstance(question, dict):
        raise Unusable("The line is not a JSON object.")
    return question


def _mode(question: Json) -> Mode:
    try:
        return Mode(question.get("mode"))
    except ValueError:
        known = ", ".join(mode.value for mode in Mode)
        raise Unusable(f"`mode` must be one of {known}.") from None


def _text(question: Json) -> str:
    text = question.get("text")
    if not isinstance(text, str):
        raise Unusable("`text` must be the expression as a text.")
    return text


def _context(question: Json, mode: Mode) -> Context:
    values = {name: _variable(name, each) for name, each in _object(question, "values").items()}
    today = question.get("today") or date.today().isoformat()
    if not isinstance(today, str):
        raise Unusable("`today` must be a date such as 2022-01-20.")
    environment = {"current_date": Variable(Kind.DATE, today[:10]), **values}
    constants = _object(question, "constants")
    if not all(isinstance(n, int | float) for n in constants.values()):
        raise Unusable("`constants` must be numbers by uid.")
    return Context(
        values=values,
        environment=environment,
        constants=constants,
        roles=_names(question, "roles"),
        groups=_names(question, "groups"),
        org_unit_groups=_names(question, "orgUnitGroups") or frozenset(),
        relationships=_object(question, "relationships"),
        nulls=mode is Mode.PROGRAM_INDICATOR_FILTER,
        rules=mode in RULES,
    )


def _object(question: Json, name: str) -> Json:
    found = question.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Unusable(f"`{name}` must be an object.")
    return found


def _names(question: Json, name: str) -> frozenset[str] | None:
    found = question.get(name)
    if found is None:
        return None
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise Unusable(f"`{name}` must be a list of texts.")
    return frozenset(found)


def _variable(name: str, given: Any) -> Variable:
    if not isinstance(given, Mapping):
        raise Unusable(f"The value of `{name}` must be an object with type and value.")
    kind = _KINDS.get(str(given.get("type", "TEXT")).upper(), Kind.TEXT)
    candidates = given.get("candidates")
    value = _stored(given.get("value"))
    listed: tuple[str, ...] = () if value is None else (value,)
    if candidates is None:
        pass
    elif isinstance(candidates, list):
        listed = tuple(text for each in candidates if (text := _stored(each)) is not None)
    else:
        raise Unusable(f"The candidates of `{name}` must be a list.")
    at = given.get("eventDate")
    try:
        event_date = date.fromisoformat(at[:10]) if isinstance(at, str) and at else None
    except ValueError:
        raise Unusable(f"The eventDate of `{name}` is no date.") from None
    return Variable(kind, value, listed, event_date)


def _stored(value: Any) -> str | None:
    """A value as DHIS2 stores it; JSON's own numbers and truths are taken as well."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return as_text(value)
    raise Unusable("A value must be a text, a number, true, false or null.")


def _written(value: Value) -> Any:
    match value:
        case datetime() | date():
            return as_text(value)
        case float() if not math.isfinite(value):
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        case _:
            return value


class _Row:
    """Columns with the names of what they stand for; nothing is executed."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def value(self, item: Item) -> Sql:
        known = self.context.values.get(item.name)
        kind = known.kind if known else Kind.NUMBER if item.sign == "C" else Kind.TEXT
        return Sql(Identifier("row", item.written), kind)

    def variable(self, item: Item) -> Sql:
        known = self.context.environment.get(item.name)
        kind = known.kind if known else Kind.DATE if item.name.endswith("_date") else Kind.NUMBER
        return Sql(Identifier("row", item.written), kind)

    def over_events(self, item: Item, aggregate: Callable[[Sql], Composable]) -> Composable:
        whole = aggregate(Sql(Identifier("event", item.written), self.value(item).kind))
        return SQL("(select {} from event)").format(whole)

    def extreme(self, item: Item, function: str) -> Sql:
        most = SQL("max({})") if function == "max" else SQL("min({})")
        kind = self.value(item).kind
        return Sql(self.over_events(item, lambda value: most.format(value.text)), kind)

    def once(self, piece: Composable) -> Composable:
        return piece

    def counted(self, item: Item) -> Composable | None:
        return None

    def relationships(self, type_uid: str | None) -> Composable:
        return Identifier("row", f"relationships:{type_uid or '*'}")


def _sql(node: Node, mode: Mode, context: Context) -> Json:
    if mode not in _PROGRAM_INDICATORS:
        return {"sql": None}
    try:
        composed = to_sql(node, _Row(context), nulls=context.nulls)
    except ExpressionError as error:
        return {"sqlError": {"column": error.column, "message": error.message}}
    return {"sql": composed.text.as_string(None)}
