"""Text to tree, by hand: a scanner, then precedence climbing.

Refuses what the mode does not allow, and everything too deep or too long, with the column and one
sentence. Gives no values and knows no metadata: whether a name exists is for the caller. Called by the
metadata and tracker rooms, analytics and the description endpoints.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from smittesporing.expression.functions import (
    AGGREGATION_TYPES,
    FUNCTIONS,
    ITEMS,
    MODIFIERS,
    REPORTING_RATES,
    RULES,
    VARIABLES,
    Function,
)
from smittesporing.expression.nodes import (
    Binary,
    Boolean,
    Call,
    ExpressionError,
    Item,
    Kind,
    Mode,
    Modifier,
    Node,
    Null,
    Number,
    Text,
    Unary,
    modified,
)

LONGEST = 100_000  # characters
MOST_TOKENS = 20_000
DEEPEST = 120  # nested expressions; Python's own stack holds several times that

_TOKEN = re.compile(
    r"""(?P<space>(?:[\ \t\r\n]+|/\*(?:[^*]|\*(?!/))*(?:\*/|\Z))+)
      | (?P<event_date>PS_EVENTDATE:[ ]*[A-Za-z][A-Za-z0-9]{10})
      | (?P<item>(?:\#|OUG|[ACVIDNR])\{[^{}]*\})
      | (?P<named>\[[A-Za-z_]+\])
      | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)
      | (?P<text>'(?:[^'\\\r\n]|\\.)*['\r\n]|"(?:[^"\\\r\n]|\\.)*["\r\n])
      | (?P<word>(?:d2:|orgUnit\.)?[A-Za-z_][A-Za-z0-9_]*)
      | (?P<sign>&&|\|\||==|!=|<>|<=|>=|[-+*/%^<>!(),.])
    """,
    re.VERBOSE | re.DOTALL,
)
_UID = re.compile(r"[A-Za-z][A-Za-z0-9]{10}")
_TAGGED = re.compile(
    r"(?:(?:deGroup|coGroup|co):)?(?:\*|[A-Za-z][A-Za-z0-9]{10}(?:&[A-Za-z][A-Za-z0-9]{10})*)"
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|([0-7]{3})|(.))", re.DOTALL)
_PLAIN_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}

_WORD_SIGNS = {"and": "&&", "or": "||", "not": "!"}
# How strongly a sign binds. All read from left to right, powers too: PostgreSQL, which counts DHIS2's
# indicators, does so, and so does its rule engine.
# fmt: off
_PRECEDENCE = {
    "||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, ">": 4, "<=": 4, ">=": 4,
    "+": 5, "-": 5, "*": 6, "/": 6, "%": 6, "^": 8,
}
# The rule engine gives each sign a rank of its own: 10 - 3 + 2 is 10 - (3 + 2) there. docs/dhis2-quirks.md.
_IN_RULES = {sign: rank for rank, sign in enumerate(
    ("||", "&&", "!=", "==", ">=", "<=", ">", "<", "-", "+", "%", "/", "*", "^"), start=1
)}
# fmt: on


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    column: int


def _scan(text: str) -> list[_Token]:
    """The tokens without white space and comments, closed by one of kind `end`."""
    if len(text) > LONGEST:
        raise ExpressionError(LONGEST, f"The expression is longer than {LONGEST} characters.")
    tokens: list[_Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ExpressionError(at + 1, _unreadable(text, at))
        kind = match.lastgroup or ""
        if kind != "space":
            tokens.append(_Token(kind, match.group(), at + 1))
            if len(tokens) > MOST_TOKENS:
                raise ExpressionError(at + 1, f"The expression has more than {MOST_TOKENS} parts.")
        at = match.end()
    tokens.append(_Token("end", "", len(text) + 1))
    return tokens


def _unreadable(text: str, at: int) -> str:
    found = text[at]
    if found in "'\"":
        return f"The text that begins here is not closed with {found} on the same line."
    if text[at + 1 : at + 2] == "{" or found == "{":
        return "The brace that begins here is not closed with }."
    shown = found if found.isprintable() else f"U+{ord(found):04X}"
    return f"Found {shown}, which has no meaning here; expected a value or an operator."


def _unescape(raw: str) -> str:
    def one(match: re.Match[str]) -> str:
        if match[1]:
            return chr(int(match[1], 16))
        if match[2]:
            return chr(int(match[2], 8))
        return _PLAIN_ESCAPES.get(match[3], match[3])

    return _ESCAPE.sub(one, raw) if "\\" in raw else raw


class _Parser:
    """One reading of one text. Holds the place and the depth; nothing outlives it."""

    def __init__(self, text: str, mode: Mode, depth: int = 0) -> None:
        self.mode = mode
        self.precedence = _IN_RULES if mode in RULES else _PRECEDENCE
        self.tokens = _scan(text)
        self.at = 0
        self.depth = depth

    @property
    def next(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def refuse(self, expected: str, token: _Token | None = None) -> ExpressionError:
        where = token or self.next
        found = "the end of the expression" if where.kind == "end" else where.text[:40]
        if found == "<>":
            return ExpressionError(where.column, "Found <>; unlike is written !=.")
        return ExpressionError(where.column, f"Found {found}; expected {expected}.")

    def expect(self, sign: str) -> None:
        if self.next.kind != "sign" or self.next.text != sign:
            raise self.refuse(sign)
        self.at += 1

    def sign(self) -> str | None:
        """The sign that stands next, with words turned into signs; None for anything else."""
        token = self.next
        if token.kind == "sign":
            return token.text
        return _WORD_SIGNS.get(token.text) if token.kind == "word" else None

    def whole(self, left: Node | None = None) -> Node:
        node = self.expression(0, left)
        if self.next.kind != "end":
            raise self.refuse("an operator or the end of the expression")
        return node

    def expression(self, weakest: int, left: Node | None = None) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ExpressionError(
                self.next.column, f"The expression is nested deeper than {DEEPEST} levels."
            )
        node = self.operand() if left is None else left
        while True:
            sign = self.sign()
            strength = self.precedence.get(sign or "", -1)
            if sign is None or strength < weakest or strength < 0:
                break
            column = self.take().column
            right = self.signed(self.value) if sign == "^" else self.expression(strength + 1)
            node = Binary(sign, node, right, column)
        self.depth -= 1
        return node

    def operand(self) -> Node:
        """A value, or signs before a power: -2 ^ 2 is -(2 ^ 2)."""
        return self.signed(lambda: self.expression(self.precedence["^"]))

    def signed(self, below: Callable[[], Node]) -> Node:
        """A value, or what stands below signs."""
        signs: list[tuple[str, int]] = []
        while (sign := self.sign()) in ("-", "+", "!"):
            assert sign is not None
            signs.append((sign, self.take().column))
            if len(signs) > DEEPEST:
                raise ExpressionError(self.next.column, "There are too many signs before a value.")
        node = below() if signs else self.value()
        for sign, column in reversed(signs):
            node = Unary(sign, node, column)
        return node

    def value(self) -> Node:
        token = self.take()
        match token.kind:
            case "number":
                return Number(float(token.text), token.column)
            case "text":
                return Text(_unescape(token.text[1:-1]), token.column)
            case "item" | "event_date" | "named":
                return self.modified(self.item(token))
            case "word":
                return self.modified(self.named(token))
            case "sign" if token.text == "(":
                node = self.expression(0)
                self.expect(")")
                return self.modified(node)
        raise self.refuse("a value", token)

    def item(self, token: _Token) -> Item:
        if token.kind == "event_date":
            sign, raw = "PS_EVENTDATE", token.text.partition(":")[2].strip()
        elif token.kind == "named":
            sign, raw = "[", token.text[1:-1]
        else:
            sign, _, raw = token.text[:-1].partition("{")
        if self.mode not in ITEMS[sign]:
            raise self.refuse(f"an item that may stand in a {_where(self.mode)}", token)
        if self.mode in RULES:
            name = raw.strip()
            if not name:
                raise self.refuse("a name between the braces", token)
            parts: tuple[str, ...] = (name,)
        else:
            parts = tuple(part.strip() for part in raw.split("."))
        item = Item(sign, parts, (), token.column)
        if wanted := _wanted(item, self.mode):
            raise self.refuse(wanted, token)
        return item

    def modified(self, node: Node) -> Node:
        """The node with the modifiers written after it, which narrow every item in it."""
        modifiers: list[Modifier] = []
        while self.next.kind == "sign" and self.next.text == ".":
            self.take()
            name = self.take()
            if self.mode not in MODIFIERS.get(name.text, frozenset()):
                raise self.refuse(f"a modifier that may stand in a {_where(self.mode)}", name)
            self.expect("(")
            first, argument = self.next, ""
            while self.next.kind in ("number", "word") or (
                self.next.kind == "sign" and self.next.text in "+-"
            ):
                argument += self.take().text
            wanted, fits = _MODIFIER_ARGUMENTS[name.text]
            if not fits(argument):
                raise self.refuse(wanted, first)
            self.expect(")")
            modifiers.append(Modifier(name.text, argument or None))
        return modified(node, tuple(modifiers)) if modifiers else node

    def named(self, token: _Token) -> Node:
        match token.text:
            case "true" | "false":
                return Boolean(token.text == "true", token.column)
            case "null":
                return Null(token.column)
        function = FUNCTIONS.get(token.text)
        if function is None:
            raise self.refuse("a value or the name of a function", token)
        if self.mode not in function.modes:
            raise self.refuse(f"a function that may stand in a {_where(self.mode)}", token)
        self.expect("(")
        arguments: list[Node] = []
        while not (self.next.kind == "sign" and self.next.text == ")"):
            if arguments:
                self.expect(",")
            if function.most is not None and len(arguments) >= function.most:
                raise self.refuse(f") after {function.most} arguments of {function.name}")
            arguments.append(self.argument(function, arguments))
        if len(arguments) < function.fewest:
            raise self.refuse(f"at least {function.fewest} arguments of {function.name}")
        self.expect(")")
        return Call(function.name, tuple(arguments), token.column)

    def argument(self, function: Function, before: list[Node]) -> Node:
        token = self.next
        match function.kind_of(len(before)):
            case Kind.VARIABLE:
                if token.kind == "text" and self.mode in RULES:
                    self.take()
                    return Item("#", (_unescape(token.text[1:-1]),), (), token.column)
                if token.kind not in ("item", "event_date"):
                    raise self.refuse("an item such as #{…}")
                return self.modified(self.item(self.take()))
            case Kind.CONDITION:
                if token.kind != "text":
                    raise self.refuse("a condition in quotes")
                self.take()
                left = before[0] if function.name == "d2:countIfCondition" else None
                return self.quoted(token, left)
            case Kind.NAME:
                if token.kind not in ("text", "word"):
                    raise self.refuse("an identifier")
                self.take()
                return Text(token.text.strip("'\""), token.column)
            case _:
                if function.name == "d2:validatePattern" and before and token.kind == "text":
                    self.take()  # a pattern keeps its backslashes
                    return Text(token.text[1:-1], token.column)
                return self.expression(0)

    def quoted(self, token: _Token, left: Node | None) -> Node:
        """The expression inside a text; with `left`, the text continues it: `< 5`."""
        try:
            inner = _Parser(_unescape(token.text[1:-1]), self.mode, self.depth)
            return inner.whole(left)
        except ExpressionError as error:
            raise ExpressionError(token.column + error.column, error.message) from None


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _is_offset(text: str) -> bool:
    return re.fullmatch(r"[-+]?[0-9]{1,9}", text) is not None


# What each modifier takes between its parentheses.
_MODIFIER_ARGUMENTS: dict[str, tuple[str, Callable[[str], bool]]] = {
    "stageOffset": ("a whole number", _is_offset),
    "periodOffset": ("a whole number", _is_offset),
    "aggregationType": ("an aggregation type", lambda text: text in AGGREGATION_TYPES),
    "yearToDate": (")", lambda text: text == ""),
    "minDate": ("a date such as 2022-01-20", _is_date),
    "maxDate": ("a date such as 2022-01-20", _is_date),
}


def _where(mode: Mode) -> str:
    return mode.value.lower().replace("_", " ")


def _wanted(item: Item, mode: Mode) -> str | None:
    """What the item should have been, or None when it is in order."""
    if item.sign == "V":
        known = VARIABLES.get(item.name)
        if known is None or mode not in known.modes:
            return f"a variable that a {_where(mode)} has"
        return None
    if mode in RULES:
        return None
    program = mode in (Mode.PROGRAM_INDICATOR_EXPRESSION, Mode.PROGRAM_INDICATOR_FILTER)
    match item.sign:
        case "#" if program:
            fits = len(item.parts) == 2 and all(_UID.fullmatch(p) for p in item.parts)
            return None if fits else "#{stage.element} with two identifiers"
        case "#":
            fits = len(item.parts) <= 3 and all(_TAGGED.fullmatch(p) for p in item.parts)
            return None if fits else "#{element} with one to three identifiers"
        case "A" if program:
            fits = len(item.parts) == 1 and bool(_UID.fullmatch(item.parts[0]))
        case "A":
            fits = len(item.parts) <= 2 and all(_UID.fullmatch(p) for p in item.parts)
        case "D":
            fits = len(item.parts) == 2 and all(_UID.fullmatch(p) for p in item.parts)
        case "R":
            fits = len(item.parts) == 2 and bool(_UID.fullmatch(item.parts[0]))
            fits = fits and item.parts[1] in REPORTING_RATES
        case "[":
            return None if item.name == "days" else "[days]"
        case _:
            fits = len(item.parts) == 1 and bool(_UID.fullmatch(item.parts[0]))
    return None if fits else f"{item.sign}{{…}} with its identifiers"


@lru_cache(maxsize=4096)
def parse(text: str, mode: Mode) -> Node:
    """The tree of an expression.

    Errors  `ExpressionError` with the column, what was found and what was expected. Texts over LONGEST,
            MOST_TOKENS or DEEPEST are refused the same way, in bounded time.
    Cached  Trees are frozen, so one may serve everybody.
    """
    return _Parser(text, mode).whole()
