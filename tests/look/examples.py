"""Invented people for the gallery (examples.json), on the real kommuner with invented rates."""

from __future__ import annotations

import csv
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

NAMED = {"Tromsø", "Oslo", "Bergen", "Bodø", "Trondheim"}


def example() -> dict[str, Any]:
    """What gallery.html shows: work, tiles, columns, rows, day_row, curve, map, chain, chain_rows."""
    read: dict[str, Any] = json.loads(Path(__file__).with_name("examples.json").read_text("utf-8"))
    return {**read, "map": places()}


def places() -> dict[str, Any]:
    """Every kommune where it is and as large as it is; the rates follow a formula."""
    file = files("smittesporing.access") / "data" / "kommuner.csv"
    with file.open(encoding="utf-8") as lines:
        kommuner = list(csv.DictReader(lines))
    found = []
    for i, row in enumerate(kommuner):
        people = int(row["population"] or 0)
        value = None if people < 6000 and i % 4 else (i * 37) % 170 + people // 7000
        found.append(
            {
                "id": row["number"],
                "name": row["short_name"],
                "lat": float(row["lat"]),
                "lon": float(row["lon"]),
                "population": people,
                "value": value,
                "count": None if value is None else round(value * people / 100000),
                "href": f"/oversikt?kommune={row['number']}",
                "own": row["short_name"] == "Tromsø",
                "label": row["short_name"] in NAMED,
            }
        )
    return {"places": found, "classes": [25, 50, 100, 200], "unit": "per 100 000"}
