"""Shapes of org units as GeoJSON: which feature is about which unit, and whether its shape is one.

Writes nothing and asks no rights. Called by web/api/geometry.py and
check_attributes.py.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# Kind of geometry → how deep its coordinates lie, and whether the innermost lists are rings.
_DEPTHS = {
    "Point": (0, False),
    "MultiPoint": (1, False),
    "LineString": (1, False),
    "MultiLineString": (2, False),
    "Polygon": (2, True),
    "MultiPolygon": (3, True),
}
SENTENCES = {
    "E7701": "The body is no GeoJSON.",
    "E7702": "The attribute does not exist.",
    "E7703": "The attribute holds no GeoJSON.",
    "E7704": "The attribute is not for org units.",
    "E7705": "A feature names no org unit.",
    "E7706": "A feature has no geometry.",
    "E7707": "A geometry is not valid.",
    "E7708": "There is no such org unit.",
    "E7709": "The org unit may not be changed.",
    "E7711": "Several org units are called so.",
    "E7712": "A geometry has no coordinates.",
}


@dataclass(frozen=True)
class Naming:
    """How features name units: by their own id, or by a property; and by which property of units."""

    by_id: bool
    of_feature: str | None
    of_unit: str


@dataclass(frozen=True)
class Fault:
    """Why a feature was passed over: its place among them, DHIS2's code, and what it named."""

    code: str
    index: int | None = None
    named: str = ""


def placed(
    features: Sequence[Any], naming: Naming, units: Iterable[Mapping[str, Any]]
) -> tuple[dict[str, dict[str, Any]], list[Fault]]:
    """The shape of each unit that a feature names rightly, by uid, and what was wrong with the rest."""
    called: dict[str, list[str]] = {}
    for unit in units:
        called.setdefault(str(unit.get(naming.of_unit) or ""), []).append(str(unit["id"]))
    shapes: dict[str, dict[str, Any]] = {}
    faults = []
    for index, feature in enumerate(features):
        given = feature if isinstance(feature, Mapping) else {}
        named = _named(given, naming)
        found = called.get(named, []) if named else []
        code = ""
        if not named:
            code = "E7705"
        elif not found:
            code = "E7708"
        elif len(found) > 1:
            code = "E7711"
        else:
            code = fault_of(given.get("geometry"))
        if code:
            faults.append(Fault(code, index, named))
        else:
            shapes[found[0]] = flat(given["geometry"])
    return shapes, faults


def _named(feature: Mapping[str, Any], naming: Naming) -> str:
    if naming.by_id:
        return str(feature.get("id") or "")
    properties = feature.get("properties")
    stated = properties.get(naming.of_feature) if isinstance(properties, Mapping) else None
    return str(stated) if isinstance(stated, str | int) and stated != "" else ""


def fault_of(geometry: Any) -> str:
    """The code of what is wrong with a geometry; an empty text when nothing is."""
    if not isinstance(geometry, Mapping):
        return "E7706"
    depth = _DEPTHS.get(str(geometry.get("type")))
    coordinates = geometry.get("coordinates")
    if depth is None or not isinstance(coordinates, list):
        return "E7707"
    if not coordinates:
        return "E7712"
    return "" if _is_shape(coordinates, *depth) else "E7707"


def is_geojson(text: str) -> bool:
    """Whether a text holds a geometry, a collection of them, a feature, or a collection of those."""
    try:
        return _is_geojson(json.loads(text))
    except (ValueError, RecursionError):
        return False


def _is_geojson(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    for kind, parts in (("FeatureCollection", "features"), ("GeometryCollection", "geometries")):
        if value.get("type") == kind:
            within = value.get(parts)
            return isinstance(within, list) and all(_is_geojson(each) for each in within)
    shape = value.get("geometry") if value.get("type") == "Feature" else value
    return shape is None or not fault_of(shape)


def _is_shape(value: Any, depth: int, rings: bool) -> bool:
    if not isinstance(value, list):
        return False
    if depth == 0:
        return len(value) in (2, 3) and all(_is_number(each) for each in value)
    if depth == 1 and rings and (len(value) < 3 or value[0] != value[-1]):
        return False
    return bool(value) and all(_is_shape(each, depth - 1, rings) for each in value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def flat(geometry: Mapping[str, Any]) -> dict[str, Any]:
    """The geometry without heights, which maps here do not show."""
    return {"type": geometry["type"], "coordinates": _flat(geometry["coordinates"])}


def _flat(value: list[Any]) -> list[Any]:
    if value and not isinstance(value[0], list):
        return value[:2]
    return [_flat(each) for each in value]
