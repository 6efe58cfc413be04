"""The tree that every expression becomes: frozen, typed, without behaviour.

Says what was written and where, never what it is worth; `evaluate`, `to_sql` and `describe` each give a
meaning of their own. Made by `parse` only.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum

_IDENTIFIER = re.compile(
    r"(?:[A-Za-z]+:)?(?:\*|[A-Za-z][A-Za-z0-9]{10}(?:&[A-Za-z][A-Za-z0-9]{10})*)"
)


class Mode(Enum):
    """Where an expression stands; decides which items and functions it may use."""

    RULE_ENGINE_CONDITION = "RULE_ENGINE_CONDITION"
    RULE_ENGINE_ACTION = "RULE_ENGINE_ACTION"
    PROGRAM_INDICATOR_EXPRESSION = "PROGRAM_INDICATOR_EXPRESSION"
    PROGRAM_INDICATOR_FILTER = "PROGRAM_INDICATOR_FILTER"
    INDICATOR_EXPRESSION = "INDICATOR_EXPRESSION"
    VALIDATION_RULE_EXPRESSION = "VALIDATION_RULE_EXPRESSION"
    PREDICTOR_GENERATOR_EXPRESSION = "PREDICTOR_GENERATOR_EXPRESSION"
    PREDICTOR_SKIP_TEST = "PREDICTOR_SKIP_TEST"


class Kind(Enum):
    """The rough type of a value. MIXED is decided by the data; SAME follows the other arguments."""

    NUMBER = "NUMBER"
    TEXT = "TEXT"
    BOOLEAN = "BOOLEAN"
    DATE = "DATE"
    MIXED = "MIXED"
    SAME = "SAME"
    VARIABLE = "VARIABLE"
    CONDITION = "CONDITION"
    NAME = "NAME"


class ExpressionError(Exception):
    """An expression that cannot be read, or cannot be given a value.

    `column` counts characters from 1. `message` is one whole sentence without values of people.
    """

    def __init__(self, column: int, message: str) -> None:
        self.column = column
        self.message = message
        super().__init__(f"column {column}: {message}")


@dataclass(frozen=True, slots=True)
class Number:
    value: float
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Text:
    value: str
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Boolean:
    value: bool
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Null:
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Modifier:
    """What narrows an item, written after it: `.stageOffset(-1)`."""

    name: str
    argument: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A value from outside: `#{stage.element}`, `A{…}`, `C{…}`, `V{…}`, `I{…}`, `PS_EVENTDATE:…`.

    `sign` is what stands before the brace; `parts` what stands inside, split at the dots except in
    program rules, where a name may contain dots.
    """

    sign: str
    parts: tuple[str, ...]
    modifiers: tuple[Modifier, ...] = ()
    column: int = field(default=0, compare=False)

    @property
    def name(self) -> str:
        """What stands inside the braces."""
        return ".".join(self.parts)

    @property
    def identifies(self) -> bool:
        """Whether it names an object by its identifier; what has no value then is missing, not wrong."""
        if self.sign in ("R", "["):
            return True
        parts = self.name.split(".")
        return self.sign != "V" and all(_IDENTIFIER.fullmatch(part) for part in parts)

    @property
    def written(self) -> str:
        """The item as it is written, without modifiers; a stable key for its value."""
        if self.sign == "PS_EVENTDATE":
            return f"PS_EVENTDATE:{self.name}"
        return f"[{self.name}]" if self.sign == "[" else f"{self.sign}{{{self.name}}}"


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments; the name as `functions.FUNCTIONS` has it."""

    function: str
    arguments: "tuple[Node, ...]"
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """`-`, `+` or `!` before an operand (`not` is written `!` here)."""

    operator: str
    operand: "Node"
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """An operator between two operands, in signs: `and` is `&&`, `or` is `||`, `<>` is `!=`."""

    operator: str
    left: "Node"
    right: "Node"
    column: int = field(default=0, compare=False)


Node = Number | Text | Boolean | Null | Item | Call | Unary | Binary


def walk(node: Node) -> Iterator[Node]:
    """Every node of the tree, each once. A loop, because chains of + may be thousands long."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        yield here
        match here:
            case Binary(_, left, right):
                waiting += (right, left)
            case Unary(_, operand):
                waiting.append(operand)
            case Call(_, arguments):
                waiting += reversed(arguments)
            case _:
                pass


def items(node: Node) -> tuple[Item, ...]:
    """The items the expression needs values for, in reading order, each once."""
    return tuple(dict.fromkeys(n for n in walk(node) if isinstance(n, Item)))


def modified(node: Node, modifiers: tuple[Modifier, ...]) -> Node:
    """The tree with the modifiers added to every item in it."""
    match node:
        case Item():
            return replace(node, modifiers=(*node.modifiers, *modifiers))
        case Unary():
            return replace(node, operand=modified(node.operand, modifiers))
        case Call():
            arguments = tuple(modified(each, modifiers) for each in node.arguments)
            return replace(node, arguments=arguments)
        case Binary():
            first, chain = left_spine(node)
            left = modified(first, modifiers)
            for step in chain:
                left = replace(step, left=left, right=modified(step.right, modifiers))
            return left
        case _:
            return node


def left_spine(node: Binary) -> tuple[Node, list[Binary]]:
    """A chain such as a + b - c as its first operand and the operators from left to right."""
    chain: list[Binary] = []
    here: Node = node
    while isinstance(here, Binary):
        chain.append(here)
        here = here.left
    return here, chain[::-1]
