"""Expressions of the configuration in Norwegian, with the names that its questions have there.

Chooses the names, of questions and of the answers they are compared with; `expression.describe` makes the
sentence. Called by the configuration's pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from smittesporing.expression.check import check
from smittesporing.expression.describe import describe
from smittesporing.expression.nodes import (
    Binary,
    Call,
    ExpressionError,
    Item,
    Kind,
    Mode,
    Node,
    Text,
    Unary,
    items,
)
from smittesporing.expression.parse import parse
from smittesporing.metadata.forms import (
    DATE_TYPES,
    NUMERIC_TYPES,
    Attribute,
    DataElement,
    reference,
)
from smittesporing.metadata.options import OptionSet
from smittesporing.metadata.snapshot import Metadata
from smittesporing.metadata.uses import EXPRESSIONS, program_of

_RULES = (Mode.RULE_ENGINE_CONDITION, Mode.RULE_ENGINE_ACTION)


@dataclass(frozen=True, slots=True)
class Said:
    """An expression in words, or what is wrong with it and where; `column` counts from 1, 0 for nowhere."""

    sentence: str = ""
    fault: str = ""
    column: int = 0
    unknown: str = ""


def said(metadata: Metadata, text: str, mode: Mode, program: str | None) -> Said:
    """The expression in words; a name that does not exist in the program is a fault like any other.

    Shape   `fault` is the parser's sentence; `unknown` is what was written of a name nobody has.
    """
    if not text.strip():
        return Said()
    try:
        tree = parse(text, mode)
    except ExpressionError as error:
        return Said(fault=error.message, column=error.column)
    for item in items(tree):
        if not _exists(metadata, item, mode, program):
            return Said(unknown=item.written, column=item.column)
    misfit = check(tree, mode, lambda item: kind_of(metadata, item, mode, program))
    if misfit is not None:
        return Said(fault=misfit.message, column=misfit.column)
    named = _answers_named(tree, lambda item: _answers(metadata, item, mode, program))
    return Said(sentence=describe(named, namer(metadata, mode, program)))


def namer(metadata: Metadata, mode: Mode, program: str | None) -> Callable[[Item], str | None]:
    """What `describe` asks for an item's name."""

    def name_of(item: Item) -> str | None:
        if mode in _RULES and item.sign in ("#", "A"):
            variable = _variable(metadata, item.name, program)
            if variable is None:
                return None
            uid = reference(variable, "dataElement") or reference(
                variable, "trackedEntityAttribute"
            )
            return _name(metadata, uid or "", "dataElements", "trackedEntityAttributes") or str(
                variable.get("name")
            )
        kinds = {
            "#": ("dataElements",),
            "A": ("trackedEntityAttributes",),
            "C": ("constants",),
            "I": ("programIndicators",),
            "N": ("indicators",),
            "PS_EVENTDATE": ("programStages",),
        }.get(item.sign, ())
        return _name(metadata, item.parts[-1], *kinds)

    return name_of


def faults(metadata: Metadata, plural: str, uid: str) -> Iterator[tuple[str, Said]]:
    """What is wrong with the expressions of an object, by property."""
    body = metadata.get(plural, uid)
    if body is None:
        return
    for name, mode in EXPRESSIONS.get(plural, {}).items():
        found = said(metadata, str(body.get(name) or ""), mode, program_of(metadata, plural, body))
        if found.column:
            yield name, found


_STATUS = {"ACTIVE": "pågår", "COMPLETED": "avsluttet", "CANCELLED": "avbrutt"}
_COMPARED = frozenset(
    ("d2:countIfValue", "contains", "containsItems", "d2:contains", "d2:containsItems")
)


def _answers_named(node: Node, answers: Callable[[Item], Callable[[str], str | None]]) -> Node:
    """The tree with the names of answers in place of the codes that questions are compared with."""
    match node:
        case Binary(operator, left, right):
            one, other = _answers_named(left, answers), _answers_named(right, answers)
            if operator in ("==", "!="):
                if isinstance(left, Text) and isinstance(right, Item):
                    one = _answer(left, answers(right))
                if isinstance(right, Text) and isinstance(left, Item):
                    other = _answer(right, answers(left))
            return replace(node, left=one, right=other)
        case Unary(_, operand):
            return replace(node, operand=_answers_named(operand, answers))
        case Call(function, arguments):
            first = arguments[0] if arguments else None
            known = answers(first) if function in _COMPARED and isinstance(first, Item) else None
            return replace(
                node,
                arguments=tuple(
                    _answer(each, known)
                    if known and isinstance(each, Text)
                    else _answers_named(each, answers)
                    for each in arguments
                ),
            )
        case _:
            return node


def _answer(text: Text, name_of: Callable[[str], str | None]) -> Text:
    name = name_of(text.value)
    return replace(text, value=name) if name else text


def _answers(
    metadata: Metadata, item: Item, mode: Mode, program: str | None
) -> Callable[[str], str | None]:
    """What gives an answer's name for a code of this item's question."""
    if item.sign == "V":
        return _STATUS.get if item.name.endswith("status") else lambda code: None
    asked = _question(metadata, item, mode, program)
    options: OptionSet | None = asked.option_set if asked else None
    return options.name_of if options else lambda code: None


def kind_of(metadata: Metadata, item: Item, mode: Mode, program: str | None) -> Kind | None:
    """The type of an item's value, None where the data decide."""
    asked = _question(metadata, item, mode, program) if item.sign in ("#", "A") else None
    if asked is None or asked.option_set is not None:
        return None
    if asked.value_type in NUMERIC_TYPES:
        return Kind.NUMBER
    if asked.value_type in ("BOOLEAN", "TRUE_ONLY"):
        return Kind.BOOLEAN
    return Kind.DATE if asked.value_type in DATE_TYPES else None


def _question(
    metadata: Metadata, item: Item, mode: Mode, program: str | None
) -> DataElement | Attribute | None:
    """The question that an item asks for the answer of."""
    uid = item.parts[-1]
    if mode in _RULES:
        variable = _variable(metadata, item.name, program) or {}
        uid = (
            reference(variable, "dataElement")
            or reference(variable, "trackedEntityAttribute")
            or ""
        )
    return metadata.data_elements.get(uid) or metadata.attributes.get(uid)


def _name(metadata: Metadata, uid: str, *kinds: str) -> str | None:
    for plural in kinds:
        body = metadata.get(plural, uid)
        if body is not None:
            return str(body.get("name") or "")
    return None


def _variable(metadata: Metadata, name: str, program: str | None) -> dict[str, object] | None:
    for body in metadata.of("programRuleVariables").values():
        if body.get("name") == name and reference(body, "program") == program:
            return body
    return None


def _exists(metadata: Metadata, item: Item, mode: Mode, program: str | None) -> bool:
    if mode in _RULES and item.sign in ("#", "A"):
        return _variable(metadata, item.name, program) is not None
    match item.sign:
        case "V" | "[":
            return True
        case "#" if mode in (Mode.PROGRAM_INDICATOR_EXPRESSION, Mode.PROGRAM_INDICATOR_FILTER):
            stage = metadata.stages.get(item.parts[0])
            return (
                stage is not None
                and stage.program == program
                and item.parts[1] in stage.elements_by_uid
            )
        case "A" if len(item.parts) == 1:
            return metadata.get("trackedEntityAttributes", item.name) is not None
        case "C":
            return metadata.get("constants", item.name) is not None
        case "I":
            return metadata.get("programIndicators", item.name) is not None
        case "N":
            return metadata.get("indicators", item.name) is not None
        case "PS_EVENTDATE":
            return metadata.get("programStages", item.name) is not None
        case _:
            return True
