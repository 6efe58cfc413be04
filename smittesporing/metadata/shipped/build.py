"""The Norwegian programme, written out in DHIS2's metadata format.

Reads the short tables in source/ (codes, names, questions, rules) and gives the JSON files beside
this one. Identifiers are derived from type and code, so a second run gives the same files, and a
test holds that what is committed is what the tables say. Knows no database; `python -m
smittesporing.metadata.shipped.build` writes the files, and the metadata room installs them.

Organisation units are not in the files: the installation assigns every kommune to the three
programs.
"""

import csv
import json
import tomllib
from pathlib import Path
from typing import Any

from smittesporing.metadata.shipped import (
    build_forms,
    build_indicators,
    build_programs,
    build_rules,
)
from smittesporing.metadata.shipped.naming import Payload

HERE = Path(__file__).parent
SOURCE = HERE / "source"


def tables() -> dict[str, Any]:
    """All of source/: rules gathered from their files, countries among the option sets."""
    read = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in SOURCE.glob("*.toml")}
    rules = [
        rule for stem in sorted(read) if stem.startswith("rules") for rule in read[stem]["rule"]
    ]
    with (SOURCE / "countries.csv").open(encoding="utf-8", newline="") as file:
        countries = {row["code"]: row["name"] for row in csv.DictReader(file)}
    return read | {
        "rules": rules,
        "options": read["options"] | {"COUNTRY": {"name": "Land", "options": countries}},
    }


def files(source: dict[str, Any]) -> dict[str, Payload]:
    """File name → payload, in the order they must be installed when sent one by one."""
    return {
        "1-options.json": build_forms.option_sets(source["options"]),
        "2-forms.json": build_forms.forms(source),
        "3-programs.json": build_programs.programs(source),
        "4-rules.json": build_rules.rules(source),
        "5-indicators.json": build_indicators.indicators(source),
    }


def as_text(payload: Payload) -> str:
    """JSON with one object a line: small differences stay small when read."""
    lists = [
        f"{json.dumps(key)}: [\n"
        + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        + "\n]"
        for key, rows in payload.items()
    ]
    return "{\n" + ",\n".join(lists) + "\n}\n"


def main() -> None:
    for name, payload in files(tables()).items():
        (HERE / name).write_text(as_text(payload), "utf-8")


if __name__ == "__main__":
    main()
