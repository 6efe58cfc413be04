"""Indicators: numerator over denominator, of what program indicators and program data count.

Says what must be counted for one, and makes its figure of the counts; counts nothing itself. Called by
query.py.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from smittesporing.expression.evaluate import Context, Variable, evaluate
from smittesporing.expression.nodes import (
    Binary,
    Call,
    ExpressionError,
    Item,
    Kind,
    Mode,
    Node,
    Unary,
    items,
    left_spine,
)
from smittesporing.expression.parse import parse
from smittesporing.expression.values import as_number
from smittesporing.metadata.indicators import Indicator, ProgramIndicator
from smittesporing.metadata.snapshot import Metadata
from smittesporing.periods import Period

DAYS_OF_A_YEAR = 365  # what an annualized figure is scaled to, leap year or not
_NUMERIC = ("NUMBER", "PERCENTAGE", "UNIT_INTERVAL")


@dataclass(frozen=True)
class Cell:
    """Where a figure is asked: its period, and the org units below its own.

    count   The figure of a part there or so many periods later: None when it has none.
    """

    period: Period
    below: Collection[str]
    count: Callable[[str, int], float | None]


def parts(metadata: Metadata, uid: str) -> tuple[str, ...]:
    """What must be counted for it: program indicators by uid, program data as `program.element`, each once.

    Errors  `ExpressionError` when an indicator refers to itself, or to what cannot be counted.
    """
    return tuple(dict.fromkeys(_parts(metadata, uid, ())))


def _parts(metadata: Metadata, uid: str, above: tuple[str, ...]) -> Iterator[str]:
    if uid in metadata.program_indicators or uid not in metadata.indicators:
        yield uid
        return
    if uid in above:
        raise ExpressionError(1, "The indicator refers to itself.")
    for item in _items(metadata.indicators[uid]):
        _offset(item)
        match item.sign:
            case "I" if item.name in metadata.program_indicators:
                yield item.name
            case "D" | "A" if part(metadata, item.name) is not None:
                yield item.name
            case "N" if item.name in metadata.indicators:
                yield from _parts(metadata, item.name, (*above, uid))


def offsets(metadata: Metadata, uid: str) -> frozenset[int]:
    """How many periods before (-) or after it the indicator looks, other than at its own."""
    if uid not in metadata.indicators:
        return frozenset()
    return frozenset(_offset(item) for item in _items(metadata.indicators[uid])) - {0}


def _offset(item: Item) -> int:
    for modifier in item.modifiers:
        if modifier.name != "periodOffset":
            raise ExpressionError(item.column, f"{modifier.name} is not counted here.")
    try:
        return sum(int(modifier.argument or "") for modifier in item.modifiers)
    except ValueError:
        raise ExpressionError(item.column, "periodOffset takes a whole number.") from None


def part(metadata: Metadata, name: str) -> ProgramIndicator | None:
    """The program indicator of that uid; for `program.element` one that counts that program data. None without."""
    if name in metadata.program_indicators:
        return metadata.program_indicators[name]
    program_uid, _, uid = name.partition(".")
    program = metadata.programs.get(program_uid)
    if program is None or not uid:
        return None
    stages = [stage for stage in program.stages if uid in stage.elements_by_uid]
    if stages:
        element = stages[0].elements_by_uid[uid].element
        written = [f"#{{{stage.uid}.{uid}}}" for stage in stages]
        type_, aggregation = element.value_type, element.aggregation_type
    elif uid in program.attributes_by_uid:
        written = [f"A{{{uid}}}"]
        type_ = program.attributes_by_uid[uid].attribute.value_type
        body = metadata.get("trackedEntityAttributes", uid) or {}
        aggregation = str(body.get("aggregationType") or "NONE")
    else:
        return None
    numeric = type_ in _NUMERIC or type_.startswith("INTEGER")
    value = written[0] if len(written) == 1 else f"firstNonNull({', '.join(written)})"
    return ProgramIndicator(
        uid=name,
        code=None,
        name=name,
        short_name=name,
        description="",
        program=program_uid,
        expression=value if numeric else "1",
        filter=" || ".join(f"d2:hasValue({one})" for one in written),
        aggregation_type=aggregation if numeric and aggregation != "NONE" else "COUNT",
        analytics_type="EVENT",
        decimals=None,
        display_in_form=False,
        boundaries=(),
        org_unit_field=None,
        sharing=program.sharing,
    )


def ratio(metadata: Metadata, uid: str, cell: Cell) -> float | None:
    """Numerator over denominator times the factor; None without any data, and when the denominator is zero.

    A part without data is zero beside parts that have some.
    """
    indicator = metadata.indicators[uid]
    used = parts(metadata, uid)
    if used and all(cell.count(n, at) is None for n in used for at in offsets(metadata, uid) | {0}):
        return None
    numerator, denominator = (_side(metadata, tree, cell) for tree in _trees(indicator))
    if not denominator:
        return None
    figure = numerator / denominator * indicator.factor
    if indicator.annualized:
        figure *= DAYS_OF_A_YEAR / _days(cell.period)
    return figure


def _side(metadata: Metadata, tree: Node, cell: Cell) -> float:
    values: dict[str, Variable] = {}
    for item in items(tree):
        number = _value(metadata, item, cell)
        known = Variable(Kind.NUMBER, repr(float(number or 0)))
        values |= {_key(item).written: known, _key(item).name: known}
    context = Context(values, constants=metadata.constants)
    return as_number(evaluate(_keyed(tree), context)) or 0.0


def _key(item: Item) -> Item:
    """The item by a name of its own for each period it looks at."""
    offset = _offset(item)
    return item if not offset else Item(item.sign, (*item.parts, str(offset)), (), item.column)


def _keyed(tree: Node) -> Node:
    match tree:
        case Item():
            return _key(tree)
        case Unary():
            return replace(tree, operand=_keyed(tree.operand))
        case Binary():
            first, chain = left_spine(tree)
            node = _keyed(first)
            for step in chain:
                node = replace(step, left=node, right=_keyed(step.right))
            return node
        case Call():
            return replace(tree, arguments=tuple(_keyed(each) for each in tree.arguments))
        case _:
            return tree


def _value(metadata: Metadata, item: Item, cell: Cell) -> float | None:
    match item.sign:
        case "I" | "D" | "A":
            return cell.count(item.name, _offset(item))
        case "N" if item.name in metadata.indicators:
            return ratio(metadata, item.name, cell)
        case "OUG":
            group = metadata.get("organisationUnitGroups", item.name) or {}
            members = {one["id"] for one in group.get("organisationUnits") or ()}
            return float(len(members & set(cell.below)))
        case "[" if item.name == "days":
            return float(_days(cell.period))
    # No aggregate data are kept here: data elements and reporting rates have none.
    return None


def _days(period: Period) -> int:
    return (period.end - period.start).days + 1


def _trees(indicator: Indicator) -> tuple[Node, Node]:
    return (
        parse(indicator.numerator.strip(), Mode.INDICATOR_EXPRESSION),
        parse(indicator.denominator.strip(), Mode.INDICATOR_EXPRESSION),
    )


def _items(indicator: Indicator) -> tuple[Item, ...]:
    return tuple(dict.fromkeys(item for tree in _trees(indicator) for item in items(tree)))
