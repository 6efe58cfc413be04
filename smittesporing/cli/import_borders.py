"""`import-borders FILE`: Kartverket's borders of the kommuner into the database, so that the map has shapes.

Reads a GeoJSON file of kommuner (Kartverket's «Administrative enheter, kommuner», or an export of it),
rounds its points to what a map on a screen can show and keeps one border for each kommune. Runs as the
owner's role; the service only reads. A second run takes the place of the first.
"""

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from psycopg.types.json import Jsonb

from smittesporing import database
from smittesporing.access import org_units
from smittesporing.database import Connection

CREDIT = "Kartverket, CC BY 4.0"
# Kartverket's own name, that of its older files, and those of common exports.
NUMBERS = ("kommunenummer", "KOMMUNENUMMER", "kommunenr", "id")
DECIMALS = 3  # about 100 metres north to south: less than a pixel of the map
LEAST = 0.0002  # square degrees, about one square kilometre: smaller islands are left out

Ring = list[list[float]]


class Unreadable(Exception):
    """The file is not borders of kommuner; the message says what is wrong."""


def run(arguments: list[str]) -> int:
    """0 when the borders were imported, 2 when nothing could be done."""
    parser = argparse.ArgumentParser(prog="smittesporing import-borders", description=__doc__)
    parser.add_argument("file", type=Path, help="GeoJSON of the kommuner, in WGS 84")
    parser.add_argument(
        "--credit", default=CREDIT, help="whose borders they are, as the map says it"
    )
    chosen = parser.parse_args(arguments)
    url = os.environ.get("SMITTESPORING_OWNER_URL", "")
    if not url:
        print("SMITTESPORING_OWNER_URL is not set: borders are imported as the owner's role.",
              file=sys.stderr)  # fmt: skip
        return 2
    try:
        found = read(chosen.file)
        with database.connect(url) as connection:
            unknown, missing = store(connection, found, chosen.credit)
    except (OSError, Unreadable) as fault:
        print(f"Nothing was imported: {fault}", file=sys.stderr)
        return 2
    print(f"Borders of {len(found) - len(unknown)} kommuner imported.")
    if unknown:
        print(f"Left out, as they are no kommuner of today: {', '.join(unknown)}.", file=sys.stderr)
    if missing:
        print(f"The file has no border for: {', '.join(missing)}.", file=sys.stderr)
    return 0


def read(file: Path) -> dict[str, dict[str, Any]]:
    """Kommunenummer → simplified MultiPolygon. Errors  `Unreadable`, with the feature's place."""
    try:
        body = json.loads(file.read_text("utf-8-sig"))
    except ValueError as fault:
        raise Unreadable(f"{file.name} is not JSON.") from fault
    features = body.get("features") if isinstance(body, dict) else None
    if not isinstance(features, list) or not features:
        raise Unreadable(f"{file.name} has no features; a GeoJSON FeatureCollection is needed.")
    found: dict[str, dict[str, Any]] = {}
    for at, feature in enumerate(features, 1):
        properties = feature.get("properties") or {}
        number = next((str(properties[name]) for name in NUMBERS if properties.get(name)), "")
        if not number.isdigit():
            raise Unreadable(f"feature {at} of {file.name} has no kommunenummer.")
        try:
            polygons = list(_polygons(feature["geometry"]))
            found[number.zfill(4)] = {"type": "MultiPolygon", "coordinates": simplified(polygons)}
        except (KeyError, TypeError, ValueError, IndexError) as fault:
            raise Unreadable(f"the geometry of {number} in {file.name} cannot be read.") from fault
    return found


def store(
    connection: Connection, found: dict[str, dict[str, Any]], credit: str
) -> tuple[list[str], list[str]]:
    """Keep these borders in place of those before; the numbers unknown here, and kommuner without one."""
    kommuner = {
        unit.code: unit for unit in org_units.current(connection).level(org_units.KOMMUNE_LEVEL)
    }
    known = {number: shape for number, shape in found.items() if number in kommuner}
    if not known:
        raise Unreadable("none of its numbers is a kommune of today.")
    digest = hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()[:16]
    connection.execute("delete from access.border")
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into access.border (number, geometry) values (%s, %s)",
            [(number, Jsonb(shape)) for number, shape in known.items()],
        )
    connection.execute(
        """insert into access.border_source (credit, digest) values (%s, %s)
           on conflict (only_one) do update
             set credit = excluded.credit, digest = excluded.digest, imported_at = now()""",
        (credit, digest),
    )
    connection.commit()
    names = [unit.name for code, unit in kommuner.items() if code not in known]
    return sorted(set(found) - set(known)), sorted(names)


def _polygons(geometry: dict[str, Any]) -> Iterator[list[Ring]]:
    if geometry["type"] == "Polygon":
        yield geometry["coordinates"]
    elif geometry["type"] == "MultiPolygon":
        yield from geometry["coordinates"]
    else:
        raise ValueError(geometry["type"])


def simplified(polygons: list[list[Ring]]) -> list[list[Ring]]:
    """Points on a fine grid, each once; the smallest islands and lakes left out.

    Every point is moved alone, so neighbours keep the same border between them. Outer rings go clockwise and
    inner ones against it: maps on a sphere take a ring the other way round for all the rest of the world.
    """
    made: list[tuple[float, list[Ring]]] = []
    for polygon in polygons:
        rings = [_thinned(ring) for ring in polygon]
        outer = abs(_area(rings[0]))
        kept = [_wound(rings[0], clockwise=True)]
        kept += [_wound(hole, clockwise=False) for hole in rings[1:] if abs(_area(hole)) > LEAST]
        made.append((outer, kept))
    made.sort(key=lambda pair: -pair[0])
    large = [polygon for area, polygon in made if area > LEAST]
    return large or [made[0][1]]


def _thinned(ring: Ring) -> Ring:
    points: Ring = []
    for east, north, *_height in ring:
        if not (-180 <= east <= 180 and -90 <= north <= 90):
            raise ValueError("not WGS 84")
        point = [round(float(east), DECIMALS), round(float(north), DECIMALS)]
        if not points or point != points[-1]:
            points.append(point)
    if points[0] != points[-1]:
        points.append(points[0])
    return points


def _area(ring: Ring) -> float:
    """Signed, in square degrees; positive when the ring goes against the clock."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) / 2


def _wound(ring: Ring, *, clockwise: bool) -> Ring:
    return ring if (_area(ring) < 0) == clockwise else ring[::-1]
