"""An expression as a Norwegian sentence, with names for its identifiers.

Gives words, not values. Called by the `…/description` endpoints, by the page that shows what an
indicator counts, and by tests of the shipped configuration.
"""

from collections.abc import Callable

from smittesporing.expression.functions import FUNCTIONS, VARIABLES
from smittesporing.expression.nodes import (
    Binary,
    Boolean,
    Call,
    Item,
    Node,
    Null,
    Number,
    Text,
    Unary,
    left_spine,
)
from smittesporing.expression.values import as_text

_WORDS = {
    "&&": "og",
    "||": "eller",
    "==": "er lik",
    "!=": "er ulik",
    "<": "er mindre enn",
    ">": "er større enn",
    "<=": "er høyst",
    ">=": "er minst",
    "+": "+",
    "-": "−",
    "*": "×",
    "/": "delt på",
    "%": "modulo",
    "^": "opphøyd i",
}
_AFTER = frozenset(("d2:hasValue", "isNull", "isNotNull"))
_BETWEEN = frozenset(
    f"d2:{unit}Between" for unit in ("days", "weeks", "months", "years", "minutes")
)


def describe(node: Node, name_of: Callable[[Item], str | None]) -> str:
    """The expression in words.

    `name_of` gives an item's Norwegian name, or None to show it as written. `V{}` names itself.
    """
    match node:
        case Number(value):
            return (as_text(value) or "").replace(".", ",")
        case Text(text):
            return f"«{text}»" if text else "tom"
        case Boolean(truth):
            return "ja" if truth else "nei"
        case Null():
            return "ingen verdi"
        case Item("V"):
            return VARIABLES[node.name].norwegian
        case Item():
            name = name_of(node)
            return f"«{name}»" if name else node.written
        case Unary("!", operand):
            return f"ikke ({describe(operand, name_of)})"
        case Unary(operator, operand):
            inner = operand.operator if isinstance(operand, Binary) else ""
            return f"{operator}{_grouped(describe(operand, name_of), inner, operator)}"
        case Binary():
            first, chain = left_spine(node)
            words = describe(first, name_of)
            before = ""
            for step in chain:
                words = _grouped(words, before, step.operator)
                right = describe(step.right, name_of)
                inner = step.right.operator if isinstance(step.right, Binary) else ""
                words += f" {_WORDS[step.operator]} {_grouped(right, inner, step.operator)}"
                before = step.operator
            return words
        case Call():
            return _call(node, name_of)


def _grouped(words: str, inner: str, around: str) -> str:
    """Words of an operand whose own operator is `inner`, in parentheses where they would read wrongly."""
    logic = ("&&", "||")
    plain = not inner or inner == around or (around in logic and inner not in logic)
    return words if plain else f"({words})"


def _call(call: Call, name_of: Callable[[Item], str | None]) -> str:
    meaning = FUNCTIONS[call.function].norwegian
    words = [describe(argument, name_of) for argument in call.arguments]
    if call.function in _AFTER:
        return f"{words[0]} {meaning}"
    if call.function in _BETWEEN:
        return f"{meaning} {words[0]} og {words[1]}"
    if call.function == "d2:countIfValue":
        return f"antall ganger {words[0]} er {words[1]}"
    if call.function == "d2:countIfCondition":
        return f"antall ganger {words[1]}"
    if call.function in ("if", "d2:condition"):
        return f"{words[1]} hvis {words[0]}, ellers {words[2]}"
    if call.function in ("contains", "containsItems", "d2:contains", "d2:containsItems"):
        return f"{words[0]} {meaning} {' og '.join(words[1:])}"
    return f"{meaning} ({'; '.join(words)})" if words else meaning
