"""An expression as a Norwegian or English sentence, with names for its identifiers.

Gives words, not values. Called by the `…/description` endpoints, by the page that shows what an
indicator counts, and by tests of the shipped configuration; describe_whole.py makes sentences of whole
rules and indicators.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from smittesporing.expression.functions import FUNCTIONS, VARIABLES
from smittesporing.expression.nodes import (
    Binary,
    Boolean,
    Call,
    Item,
    Kind,
    Modifier,
    Node,
    Null,
    Number,
    Text,
    Unary,
    left_spine,
)
from smittesporing.expression.values import as_text

Language = Literal["nb", "en"]
NameOf = Callable[[Item], str | None]


@dataclass(frozen=True, slots=True)
class Words:
    """What one language says; `{}` stands for what is spoken of."""

    operators: Mapping[str, str]
    aggregations: Mapping[str, str]
    yes: str = "yes"
    no: str = "no"
    empty: str = "empty"
    nothing: str = "no value"
    negated: str = "not ({})"
    otherwise: str = "{1} if {0}, else {2}"
    between: str = "{} {} and {}"
    both: str = " and "
    times_equal: str = "the number of times {} is {}"
    times_that: str = "the number of times that {}"
    date_of_stage: str = "the date of {}"
    org_units_of: str = "the number of org units in {}"
    of_type: str = "{} of the type {}"
    days: str = "the number of days in the period"
    newest: str = "the newest of {}"
    before_newest: str = "the value of {} {} before the newest"
    from_first: str = "the value of {} number {}"
    earlier: str = "{} {} periods earlier"
    later: str = "{} {} periods later"
    added_as: str = "{} as {}"
    year_to_date: str = "{} so far this year"
    from_date: str = "{} from {}"
    to_date: str = "{} until {}"
    point: str = "."


_ENGLISH = Words(
    operators={
        "&&": "and", "||": "or", "==": "is", "!=": "is not", "<": "is less than", ">": "is greater than",
        "<=": "is at most", ">=": "is at least", "+": "+", "-": "−", "*": "×", "/": "divided by",
        "%": "modulo", "^": "to the power of",
    },
    aggregations={
        "SUM": "sum", "AVERAGE": "mean", "COUNT": "count", "STDDEV": "standard deviation",
        "VARIANCE": "variance", "MIN": "lowest", "MAX": "highest", "FIRST": "first", "LAST": "last",
        "NONE": "it is", "CUSTOM": "its own sum", "DEFAULT": "usual",
    },
)  # fmt: skip
_NORWEGIAN = Words(
    operators={
        "&&": "og", "||": "eller", "==": "er lik", "!=": "er ulik", "<": "er mindre enn", ">": "er større enn",
        "<=": "er høyst", ">=": "er minst", "+": "+", "-": "−", "*": "×", "/": "delt på", "%": "modulo",
        "^": "opphøyd i",
    },
    aggregations={
        "SUM": "sum", "AVERAGE": "gjennomsnitt", "COUNT": "antall", "STDDEV": "standardavvik",
        "VARIANCE": "varians", "MIN": "laveste", "MAX": "høyeste", "FIRST": "første", "LAST": "siste",
        "NONE": "den er", "CUSTOM": "egen sum", "DEFAULT": "vanlig",
    },
    yes="ja",
    no="nei",
    empty="tom",
    nothing="ingen verdi",
    negated="ikke ({})",
    otherwise="{1} hvis {0}, ellers {2}",
    between="{} {} og {}",
    both=" og ",
    times_equal="antall ganger {} er {}",
    times_that="antall ganger {}",
    date_of_stage="datoen for {}",
    org_units_of="antall enheter i {}",
    of_type="{} av typen {}",
    days="antall dager i perioden",
    newest="den nyeste av {}",
    before_newest="verdien av {} {} før den nyeste",
    from_first="verdien av {} nummer {}",
    earlier="{} {} perioder tidligere",
    later="{} {} perioder senere",
    added_as="{} som {}",
    year_to_date="{} hittil i året",
    from_date="{} fra og med {}",
    to_date="{} til og med {}",
    point=",",
)  # fmt: skip
WORDS: Mapping[Language, Words] = {"nb": _NORWEGIAN, "en": _ENGLISH}
_AFTER = frozenset(("d2:hasValue", "isNull", "isNotNull"))
_BETWEEN = frozenset(
    f"d2:{unit}Between" for unit in ("days", "weeks", "months", "years", "minutes")
)
_CONTAINS = frozenset(("contains", "containsItems", "d2:contains", "d2:containsItems"))


def describe(node: Node, name_of: NameOf, language: Language = "nb") -> str:
    """The expression in words.

    `name_of` gives an item's name, or None to show it as written; `V{}` and `[days]` name themselves. It is
    also asked for what a function names by identifier, as an item whose sign is that function.
    """
    return _Speaker(name_of, language).say(node)


class _Speaker:
    def __init__(self, name_of: NameOf, language: Language) -> None:
        self.name_of, self.language, self.words = name_of, language, WORDS[language]

    def say(self, node: Node) -> str:
        match node:
            case Number(value):
                return (as_text(value) or "").replace(".", self.words.point)
            case Text(text):
                return f"«{text}»" if text else self.words.empty
            case Boolean(truth):
                return self.words.yes if truth else self.words.no
            case Null():
                return self.words.nothing
            case Item():
                return self.item(node)
            case Unary("!", operand):
                return self.words.negated.format(self.say(operand))
            case Unary(operator, operand):
                inner = operand.operator if isinstance(operand, Binary) else ""
                return f"{operator}{_grouped(self.say(operand), inner, operator)}"
            case Binary():
                first, chain = left_spine(node)
                said, before = self.say(first), ""
                for step in chain:
                    said = _grouped(said, before, step.operator)
                    inner = step.right.operator if isinstance(step.right, Binary) else ""
                    right = _grouped(self.say(step.right), inner, step.operator)
                    said += f" {self.words.operators[step.operator]} {right}"
                    before = step.operator
                return said
            case Call():
                return self.call(node)

    def meaning(self, name: str) -> str:
        function = FUNCTIONS[name]
        return function.english if self.language == "en" else function.norwegian

    def item(self, item: Item) -> str:
        if item.sign == "V":
            variable = VARIABLES[item.name]
            return variable.english if self.language == "en" else variable.norwegian
        if item.sign == "[" and item.name == "days":
            return self.words.days
        name = self.name_of(item)
        said = f"«{name}»" if name else item.written
        if name and item.sign == "PS_EVENTDATE":
            said = self.words.date_of_stage.format(said)
        if name and item.sign == "OUG":
            said = self.words.org_units_of.format(said)
        for modifier in item.modifiers:
            said = self.modified(said, modifier)
        return said

    def modified(self, said: str, modifier: Modifier) -> str:
        words, argument = self.words, modifier.argument or ""
        match modifier.name:
            case "stageOffset":
                count = int(argument or "0")
                if count == 0:
                    return words.newest.format(said)
                template = words.from_first if count > 0 else words.before_newest
                return template.format(said, abs(count))
            case "periodOffset":
                count = int(argument or "0")
                return (words.later if count > 0 else words.earlier).format(said, abs(count))
            case "aggregationType":
                return words.added_as.format(said, self.aggregation(argument))
            case "yearToDate":
                return words.year_to_date.format(said)
            case "minDate":
                return words.from_date.format(said, argument)
            case _:
                return words.to_date.format(said, argument)

    def aggregation(self, kind: str) -> str:
        known = self.words.aggregations
        # Those of org units are named by what they begin with.
        return known.get(kind) or known.get(kind.split("_")[0]) or known["DEFAULT"]

    def call(self, call: Call) -> str:
        meaning, words = self.meaning(call.function), self.words
        function = FUNCTIONS[call.function]
        if function.arguments[:1] == (Kind.NAME,):
            named = [self.named(call.function, argument) for argument in call.arguments]
            said = words.both.join(name for name in named if name)
            if call.function == "d2:relationshipCount":
                return words.of_type.format(meaning, said) if said else meaning
            return f"{meaning} {said}".strip()
        parts = [self.say(argument) for argument in call.arguments]
        if call.function in _AFTER:
            return f"{parts[0]} {meaning}"
        if call.function in _BETWEEN:
            return words.between.format(meaning, *parts)
        if call.function == "d2:countIfValue":
            return words.times_equal.format(*parts)
        if call.function == "d2:countIfCondition":
            return words.times_that.format(parts[1])
        if call.function in ("if", "d2:condition"):
            return words.otherwise.format(*parts)
        if call.function in _CONTAINS:
            return f"{parts[0]} {meaning} {words.both.join(parts[1:])}"
        return f"{meaning} ({'; '.join(parts)})" if parts else meaning

    def named(self, function: str, argument: Node) -> str:
        """What a function names by identifier; nothing when nobody knows its name."""
        assert isinstance(argument, Text)
        name = self.name_of(Item(function, (argument.value,)))
        return f"«{name}»" if name else ""


def _grouped(words: str, inner: str, around: str) -> str:
    """Words of an operand whose own operator is `inner`, in parentheses where they would read wrongly."""
    logic = ("&&", "||")
    plain = not inner or inner == around or (around in logic and inner not in logic)
    return words if plain else f"({words})"
