"""The typed tables that counting reads: which there are, and when they are brought up to date.

The SQL that makes and fills them lies in the database, in functions the service's role may call but
not change (migrations 0004 and 0021). This file describes the tables from metadata and says when. Called by the
importer after each write, by ownership after a transfer, and after metadata has changed.
"""

from collections.abc import Iterable, Iterator

import msgspec

from smittesporing.database import Connection
from smittesporing.expression.nodes import ExpressionError, Item, Mode, items
from smittesporing.expression.parse import parse
from smittesporing.metadata import store
from smittesporing.metadata.indicators import ProgramIndicator
from smittesporing.metadata.snapshot import Metadata

_TYPES = {
    "BOOLEAN": "bool",
    "TRUE_ONLY": "bool",
    "NUMBER": "numeric",
    "PERCENTAGE": "numeric",
    "UNIT_INTERVAL": "numeric",
    "INTEGER": "numeric",
    "INTEGER_POSITIVE": "numeric",
    "INTEGER_NEGATIVE": "numeric",
    "INTEGER_ZERO_OR_POSITIVE": "numeric",
    "DATE": "date",
    "AGE": "date",
    "DATETIME": "timestamptz",
}
Columns = list[dict[str, str]]


def refresh(conn: Connection, people: Iterable[str]) -> None:
    """Bring the rows of these people up to date, in the transaction that changed them."""
    uids = ",".join(sorted(people))
    if uids:
        conn.execute("select projection.refresh(string_to_array(%s, ','))", (uids,))


def rebuild(conn: Connection, metadata: Metadata | None = None) -> int:
    """Make every projection look as metadata now describes it; how many were built anew.

    Called in the transaction that changed metadata, as its last act: what is built anew is swapped in
    at the end, and readers wait from then until the transaction is over. Tables that already look right
    are left alone.
    """
    metadata = metadata or store.current(conn)
    built = 0
    for name, kind, columns in described(metadata):
        row = conn.execute(
            "select projection.prepare(%s, %s, %s::text::jsonb) as built",
            (name, kind, msgspec.json.encode(columns).decode()),
        ).fetchone()
        built += bool(row and row["built"])
    if built:
        conn.execute("select projection.swap()")
    return built


def described(metadata: Metadata) -> Iterator[tuple[str, str, Columns]]:
    """Each projection's name, kind and columns: one per stage, one per program with registration."""
    for stage in metadata.stages.values():
        if stage.program in metadata.programs:
            yield (
                f"event_{stage.uid}",
                "event",
                [_column(one.element.uid, one.element.value_type) for one in stage.elements],
            )
    used = _used(metadata)
    for program in metadata.programs.values():
        if not program.has_registration:
            continue
        columns = [
            _column(one.attribute.uid, one.attribute.value_type)
            for one in program.attributes
            if not one.attribute.confidential
        ]
        for stage_uid, element_uid in sorted(used.get(program.uid, ())):
            element = metadata.data_elements[element_uid]
            name = f"{stage_uid}_{element_uid}"
            columns.append(_column(name, element.value_type))
            columns.append({"name": f"{name}_at", "type": "timestamptz"})
        yield f"enrollment_{program.uid}", "enrollment", columns


def _column(name: str, value_type: str) -> dict[str, str]:
    return {"name": name, "type": _TYPES.get(value_type, "text")}


def _used(metadata: Metadata) -> dict[str, set[tuple[str, str]]]:
    """Per program, the (stage, data element) pairs that its enrollment indicators read."""
    used: dict[str, set[tuple[str, str]]] = {}
    for indicator in metadata.program_indicators.values():
        if indicator.analytics_type != "ENROLLMENT":
            continue
        for item in _items(indicator):
            if item.sign != "#" or len(item.parts) != 2:
                continue
            stage = metadata.stages.get(item.parts[0])
            if stage and stage.program == indicator.program:
                element = item.parts[1]
                if element in stage.elements_by_uid:
                    used.setdefault(indicator.program, set()).add((stage.uid, element))
    return used


def _items(indicator: ProgramIndicator) -> Iterator[Item]:
    texts = [
        (indicator.expression, Mode.PROGRAM_INDICATOR_EXPRESSION),
        (indicator.filter, Mode.PROGRAM_INDICATOR_FILTER),
    ]
    texts += [
        (boundary.target, Mode.PROGRAM_INDICATOR_EXPRESSION)
        for boundary in indicator.boundaries
        if boundary.target.startswith("#{")
    ]
    for text, mode in texts:
        if not text.strip():
            continue
        try:
            yield from items(parse(text, mode))
        except ExpressionError:
            # An indicator that cannot be read counts nothing; metadata said so when it came in.
            continue
