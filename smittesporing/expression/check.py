"""What can be said of an expression's types before it meets a value.

`parse` refuses what cannot be read; this finds what can never give a sensible answer: a text where a number
must stand, a rule's condition that is no yes or no. Items are as their variables are, and unknown ones fit
everywhere. Called by the description endpoints and by the page where rules are edited.
"""

from collections.abc import Callable, Iterator

from smittesporing.expression.evaluate import Context, evaluate
from smittesporing.expression.functions import FUNCTIONS, VARIABLES
from smittesporing.expression.nodes import (
    Binary,
    Boolean,
    Call,
    ExpressionError,
    Item,
    Kind,
    Mode,
    Node,
    Null,
    Number,
    Text,
    Unary,
    left_spine,
    walk,
)
from smittesporing.expression.values import as_date, as_number, as_truth

# What the whole expression must give, by mode; other modes take anything.
_RESULTS = {
    Mode.RULE_ENGINE_CONDITION: (Kind.BOOLEAN,),
    Mode.PROGRAM_INDICATOR_EXPRESSION: (Kind.NUMBER,),
    Mode.PROGRAM_INDICATOR_FILTER: (Kind.BOOLEAN,),
    Mode.INDICATOR_EXPRESSION: (Kind.NUMBER,),
    Mode.VALIDATION_RULE_EXPRESSION: (Kind.NUMBER,),
    Mode.PREDICTOR_GENERATOR_EXPRESSION: (Kind.NUMBER, Kind.TEXT),
    Mode.PREDICTOR_SKIP_TEST: (Kind.BOOLEAN,),
}
_NAMES = {
    Kind.NUMBER: "a number",
    Kind.TEXT: "a text",
    Kind.BOOLEAN: "true or false",
    Kind.DATE: "a date",
}
_READS = {Kind.NUMBER: as_number, Kind.BOOLEAN: as_truth, Kind.DATE: as_date}
_ARITHMETIC = "+-*/%^"

KindOf = Callable[[Item], Kind | None]


def check(node: Node, mode: Mode, kind_of: KindOf = lambda item: None) -> ExpressionError | None:
    """The first thing in the expression that can never be right; None when there is none.

    kind_of   the type of an item's value, or None when it is not known
    """
    for fault in _faults(node, mode, kind_of):
        return fault
    return None


def _faults(node: Node, mode: Mode, kind_of: KindOf) -> Iterator[ExpressionError]:
    for part in walk(node):
        match part:
            case Call():
                yield from _call(part, kind_of)
            case Binary(operator, left, right) if operator in _ARITHMETIC:
                for side in (left, right):
                    yield from _misfit(side, Kind.NUMBER, f"a side of {operator}", kind_of)
            case Binary("&&" | "||" as operator, left, right):
                for side in (left, right):
                    yield from _misfit(side, Kind.BOOLEAN, f"a side of {operator}", kind_of)
            case Unary(operator, operand):
                wanted = Kind.BOOLEAN if operator == "!" else Kind.NUMBER
                yield from _misfit(operand, wanted, f"what stands behind {operator}", kind_of)
    result, allowed = kind(node, kind_of), _RESULTS.get(mode)
    if allowed and result in _NAMES and result not in allowed:
        wanted_words = " or ".join(_NAMES[each] for each in allowed)
        message = f"The expression gives {_NAMES[result]}; it must give {wanted_words}."
        yield ExpressionError(1, message)


def _call(call: Call, kind_of: KindOf) -> Iterator[ExpressionError]:
    function = FUNCTIONS[call.function]
    for place, argument in enumerate(call.arguments):
        wanted = function.kind_of(place)
        if wanted in _NAMES:
            where = f"argument {place + 1} of {call.function}"
            yield from _misfit(argument, wanted, where, kind_of)


def _misfit(node: Node, wanted: Kind, where: str, kind_of: KindOf) -> Iterator[ExpressionError]:
    found = kind(node, kind_of)
    if found is wanted or found not in _NAMES or wanted is Kind.TEXT:
        return
    if _is_literal(node):
        try:
            _READS[wanted](evaluate(node, Context()))
            return
        except ExpressionError:
            pass
    elif found is Kind.TEXT or {found, wanted} == {Kind.NUMBER, Kind.BOOLEAN}:
        return  # decided by the data
    message = f"{_NAMES[wanted].capitalize()} must be {where}, and this is {_NAMES[found]}."
    yield ExpressionError(getattr(node, "column", 0) or 1, message)


def _is_literal(node: Node) -> bool:
    return not any(isinstance(part, Item | Call) for part in walk(node))


def kind(node: Node, kind_of: KindOf) -> Kind:
    """The type of the expression's value; MIXED where only the data decide."""
    match node:
        case Number():
            return Kind.NUMBER
        case Text():
            return Kind.TEXT
        case Boolean() | Unary("!"):
            return Kind.BOOLEAN
        case Null():
            return Kind.MIXED
        case Item("V"):
            return VARIABLES[node.name].kind
        case Item("PS_EVENTDATE"):
            return Kind.DATE
        case Item("C" | "OUG" | "N" | "I" | "R" | "["):
            return Kind.NUMBER
        case Item():
            return kind_of(node) or Kind.MIXED
        case Unary():
            return Kind.NUMBER
        case Binary():
            _, chain = left_spine(node)
            return Kind.NUMBER if chain[-1].operator in _ARITHMETIC else Kind.BOOLEAN
        case Call():
            function = FUNCTIONS[node.function]
            if function.result is not Kind.SAME:
                return function.result
            return _same(node, kind_of)


def _same(call: Call, kind_of: KindOf) -> Kind:
    """The one type that all alternatives of a choice have; MIXED when they differ."""
    function = FUNCTIONS[call.function]
    kinds = {
        kind(argument, kind_of)
        for place, argument in enumerate(call.arguments)
        if function.kind_of(place) is Kind.SAME
    } - {Kind.MIXED}
    return kinds.pop() if len(kinds) == 1 else Kind.MIXED
