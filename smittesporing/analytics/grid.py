"""DHIS2's analytics request and answer: dimensions read into a question, cells written as a table.

Knows the words of the wire (`dx`, `pe`, `ou`, LEVEL-3, USER_ORGUNIT) and their error codes; counts nothing
itself. Called by web/api/analytics.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from smittesporing import periods
from smittesporing.access.org_units import OrgUnit, OrgUnits
from smittesporing.access.reach import Reach
from smittesporing.analytics.query import Cell
from smittesporing.metadata.snapshot import Metadata
from smittesporing.periods import Period

MOST_CELLS = 50_000
_COLUMNS = {"dx": "Data", "pe": "Period", "ou": "Organisation unit"}


class Conflict(Exception):
    """A request that DHIS2 answers with 409 and this code."""

    def __init__(self, code: str, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(f"{code} {message}")


@dataclass(frozen=True)
class Request:
    """A request understood: what stands in rows, in which order, and what is only a filter.

    rows      the dimensions that make columns, as they were asked
    relative  the relative periods asked for, with their names, as metaData lists them too
    """

    indicators: tuple[str, ...]
    periods: tuple[Period, ...]
    org_units: tuple[OrgUnit, ...]
    rows: tuple[str, ...]
    skip_data: bool = False
    skip_meta: bool = False
    skip_rounding: bool = False
    details: bool = False


def read(
    parameters: Mapping[str, Sequence[str]],
    metadata: Metadata,
    units: OrgUnits,
    reach: Reach,
    today: date,
) -> Request:
    """The question in a request's query parameters.

    Errors  `Conflict`: E7101 no dimension, E7102 no data, E7103 both dimension and filter, E7104 no period,
            E7111 a dimension twice, E7124 a dimension without valid items, E7128 too many cells.
    """
    asked = _split(parameters.get("dimension", ()))
    filters = _split(parameters.get("filter", ()))
    if not asked:
        raise Conflict("E7101", "At least one dimension must be specified")
    for name in asked:
        if name in filters:
            raise Conflict(
                "E7103", f"Dimension cannot be specified as both dimension and filter: `{name}`"
            )
    everything = asked | filters
    for name in everything:
        if name not in _COLUMNS:
            raise Conflict(
                "E7124", f"Dimension identifier does not reference any dimension: `{name}`"
            )
    if "dx" not in everything:
        raise Conflict(
            "E7102",
            "At least one data dimension item must be specified",
        )
    indicators = _indicators(everything["dx"], metadata, reach)
    spans = _periods(everything.get("pe"), parameters, today)
    chosen = _org_units(everything.get("ou") or ["USER_ORGUNIT"], metadata, units, reach)
    if "ou" not in asked and len(chosen) > 1:
        chosen = _topmost(chosen)
    if "pe" not in asked:
        spans = _together(spans)
    if len(indicators) * len(spans) * len(chosen) > MOST_CELLS and not _true(
        parameters, "ignoreLimit"
    ):
        raise Conflict("E7128", f"Query result set exceeded max limit: `{MOST_CELLS}`")
    return Request(
        indicators,
        spans,
        chosen,
        tuple(asked),
        _true(parameters, "skipData"),
        _true(parameters, "skipMeta"),
        _true(parameters, "skipRounding"),
        _true(parameters, "includeMetadataDetails"),
    )


def table(
    request: Request, cells: Iterable[Cell], metadata: Metadata, units: OrgUnits
) -> dict[str, Any]:
    """The answer: headers, metaData and rows of texts; a withheld cell has no row, like an empty one."""
    headers = [
        _header(name, _COLUMNS[name], "TEXT", "java.lang.String", True) for name in request.rows
    ]
    headers.append(_header("value", "Value", "NUMBER", "java.lang.Double", False))
    rows: list[list[str]] = []
    summed: dict[tuple[str, ...], float] = {}
    for cell in cells:
        if cell.value is None:
            continue
        place = {"dx": cell.indicator, "pe": cell.period, "ou": units.by_id[cell.org_unit].uid}
        key = tuple(place[name] for name in request.rows)
        if key in summed and not _adds_up(metadata, request.indicators):
            raise Conflict("E7132", "These figures cannot be added up: ask for them one by one")
        summed[key] = summed.get(key, 0.0) + cell.value
    if not request.skip_data:
        for key, value in summed.items():
            uid = key[request.rows.index("dx")] if "dx" in request.rows else request.indicators[0]
            rows.append([*key, _number(value, _decimals(metadata, uid), request.skip_rounding)])
    answer: dict[str, Any] = {
        "headers": headers,
        "rows": rows,
        "width": len(headers),
        "height": len(rows),
        "headerWidth": len(headers),
    }
    if not request.skip_meta:
        answer["metaData"] = _meta(request, metadata)
    return answer


def _split(given: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in given:
        name, _, rest = one.partition(":")
        if name in found:
            raise Conflict("E7111", f"Dimensions cannot be specified more than once: `{name}`")
        found[name] = [item for item in rest.split(";") if item]
    return found


def _true(parameters: Mapping[str, Sequence[str]], name: str) -> bool:
    return any(value.lower() == "true" for value in parameters.get(name, ()))


def _indicators(asked: Sequence[str], metadata: Metadata, reach: Reach) -> tuple[str, ...]:
    known = [uid for uid in asked if _readable(uid, metadata, reach)]
    if not known:
        raise Conflict(
            "E7124", "Dimension `dx` is present in query without any valid dimension options"
        )
    return tuple(dict.fromkeys(known))


def _readable(uid: str, metadata: Metadata, reach: Reach) -> bool:
    """Whether the indicator exists for her: shared with her, and so is its program's data."""
    counted = metadata.program_indicators.get(uid)
    if counted is not None:
        program = metadata.programs.get(counted.program)
        return counted.sharing.reads(reach) and bool(program and program.sharing.data_read(reach))
    share = metadata.indicators.get(uid)
    return share is not None and share.sharing.reads(reach)


def _periods(
    asked: Sequence[str] | None, parameters: Mapping[str, Sequence[str]], today: date
) -> tuple[Period, ...]:
    first, last = (next(iter(parameters.get(name, ())), "") for name in ("startDate", "endDate"))
    if asked is None:
        try:
            start, end = date.fromisoformat(first), date.fromisoformat(last)
        except ValueError:
            raise Conflict(
                "E7104",
                "At least one period as dimension or filter, or start and dates, must be specified",
            ) from None
        return (Period(f"{start:%Y%m%d}_{end:%Y%m%d}", "Span", start, end),)
    base = next(iter(parameters.get("relativePeriodDate", ())), "")
    try:
        day = date.fromisoformat(base) if base else today
    except ValueError:
        raise Conflict("E7124", f"Invalid relative period date: `{base}`") from None
    found = [period for text in asked for period in periods.expand(text, day)]
    if not found:
        raise Conflict(
            "E7124", "Dimension `pe` is present in query without any valid dimension options"
        )
    return tuple({period.id: period for period in found}.values())


def _together(spans: tuple[Period, ...]) -> tuple[Period, ...]:
    """Periods of a filter as one span where they join; apart, they are counted one by one and added."""
    joined: list[Period] = []
    for span in sorted(spans, key=lambda p: p.start):
        if joined and span.start <= joined[-1].end + timedelta(days=1):
            start, end = joined[-1].start, max(joined[-1].end, span.end)
            joined[-1] = Period(f"{start:%Y%m%d}_{end:%Y%m%d}", "Span", start, end)
        else:
            joined.append(span)
    return tuple(joined)


def _org_units(
    asked: Sequence[str], metadata: Metadata, units: OrgUnits, reach: Reach
) -> tuple[OrgUnit, ...]:
    levels: list[int] = []
    named: list[OrgUnit] = []
    own = units.by_id.get(reach.working_in) if reach.working_in is not None else None
    for item in asked:
        if item.startswith("LEVEL-"):
            levels.append(_level(item.removeprefix("LEVEL-"), metadata))
        elif item.startswith("OU_GROUP-"):
            group = metadata.get("organisationUnitGroups", item.removeprefix("OU_GROUP-")) or {}
            members = [each["id"] for each in group.get("organisationUnits") or ()]
            named += [units.by_uid[uid] for uid in members if uid in units.by_uid]
        elif item.startswith("USER_ORGUNIT"):
            named += _below(own, item, units)
        elif item in units.by_uid:
            named.append(units.by_uid[item])
    if levels:
        roots = named or [units.root]
        named = [
            units.by_id[below]
            for root in roots
            for below in units.descendants(root.id)
            if units.by_id[below].level in levels
        ]
    if not named:
        raise Conflict(
            "E7124", "Dimension `ou` is present in query without any valid dimension options"
        )
    return tuple({unit.id: unit for unit in named}.values())


def _level(text: str, metadata: Metadata) -> int:
    if text.isdecimal() and len(text) < 10:
        return int(text)
    body = metadata.get("organisationUnitLevels", text)
    if body is None:
        raise Conflict("E7124", f"Organisation unit level does not exist: `{text}`")
    return int(body["level"])


def _below(own: OrgUnit | None, item: str, units: OrgUnits) -> list[OrgUnit]:
    if own is None:
        return []
    if item == "USER_ORGUNIT_CHILDREN":
        return list(units.children(own.id))
    if item == "USER_ORGUNIT_GRANDCHILDREN":
        return [below for child in units.children(own.id) for below in units.children(child.id)]
    return [own] if item == "USER_ORGUNIT" else []


def _topmost(chosen: Sequence[OrgUnit]) -> tuple[OrgUnit, ...]:
    """The units that lie below none of the others, so that a sum counts each row once."""
    ids = {unit.id for unit in chosen}
    return tuple(unit for unit in chosen if not ids & (set(unit.ancestors) - {unit.id}))


def _header(name: str, column: str, value_type: str, java: str, meta: bool) -> dict[str, Any]:
    return {
        "name": name,
        "column": column,
        "valueType": value_type,
        "type": java,
        "hidden": False,
        "meta": meta,
    }


def _adds_up(metadata: Metadata, indicators: Sequence[str]) -> bool:
    """Whether parts of the figure may be summed: counts and sums of one indicator."""
    body = metadata.program_indicators.get(indicators[0])
    return len(indicators) == 1 and body is not None and body.aggregation_type in ("COUNT", "SUM")


def _decimals(metadata: Metadata, uid: str) -> int | None:
    body = metadata.program_indicators.get(uid) or metadata.indicators.get(uid)
    return body.decimals if body else None


def _number(value: float, decimals: int | None, exact: bool) -> str:
    if exact:
        return repr(round(value, 10))
    if decimals == 0:
        return str(round(value))
    return repr(round(value, 1 if decimals is None else decimals))


def _meta(request: Request, metadata: Metadata) -> dict[str, Any]:
    items: dict[str, dict[str, Any]] = {name: {"name": _COLUMNS[name]} for name in request.rows}
    for uid in request.indicators:
        body = metadata.program_indicators.get(uid) or metadata.indicators.get(uid)
        assert body is not None
        kind = "PROGRAM_INDICATOR" if uid in metadata.program_indicators else "INDICATOR"
        items[uid] = _item(uid, body.code, body.name, kind, request.details)
    for period in request.periods:
        items[period.id] = {"name": period.name}
        if request.details:
            items[period.id] |= {
                "uid": period.id,
                "code": period.id,
                "dimensionItemType": "PERIOD",
                "startDate": f"{period.start}T00:00:00.000",
                "endDate": f"{period.end}T00:00:00.000",
            }
    for unit in request.org_units:
        items[unit.uid] = _item(
            unit.uid, unit.code, unit.name, "ORGANISATION_UNIT", request.details
        )
    return {
        "items": items,
        "dimensions": {
            "dx": list(request.indicators),
            "pe": [period.id for period in request.periods],
            "ou": [unit.uid for unit in request.org_units],
            "co": [],
        },
    }


def _item(uid: str, code: str | None, name: str, kind: str, details: bool) -> dict[str, Any]:
    if not details:
        return {"name": name}
    item = {"uid": uid, "name": name, "dimensionItemType": kind}
    return item | ({"code": code} if code else {})
