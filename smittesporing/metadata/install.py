"""The Norwegian programme as shipped with the service, brought into the database.

Reads metadata/shipped/*.json in order of name and imports each through exchange.py. A second run
writes nothing. Called at each start by the commands that set up a database.
"""

from __future__ import annotations

from importlib import resources
from typing import Any

import msgspec

from smittesporing.access import org_units
from smittesporing.database import Connection
from smittesporing.metadata import exchange, roles
from smittesporing.metadata.incoming import Manner
from smittesporing.metadata.report import Stats
from smittesporing.uid import derived_uid

_LEVELS = ("Land", "Fylke", "Kommune", "Bydel eller lag")


class NotInstalled(Exception):
    """A shipped file was refused: the service must not start with half its configuration."""


def install(connection: Connection) -> Stats:
    """Import what is shipped, as the owner's role or the service's; says what was written.

    Shape   A shipped program without org units of its own is assigned to every unit there is.
    Errors  `NotInstalled` with the first refusals of the file that was refused.
    """
    payload: dict[str, list[dict[str, Any]]] = {
        "userRoles": roles.user_roles(),
        "organisationUnitLevels": [
            {"id": derived_uid("ST", "organisationUnitLevels", name), "name": name, "level": level}
            for level, name in enumerate(_LEVELS, start=1)
        ],
    }
    folder = resources.files("smittesporing.metadata").joinpath("shipped")
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".json"):
            for plural, bodies in msgspec.json.decode(file.read_bytes()).items():
                if isinstance(bodies, list):
                    payload.setdefault(plural, []).extend(bodies)
    tree = org_units.current(connection)
    units = [{"id": tree.by_id[each].uid} for each in tree.descendants(tree.root.id)]
    for program in payload.get("programs", ()):
        if not program.get("organisationUnits"):
            program["organisationUnits"] = units
    report = exchange.import_metadata(connection, payload, None, Manner(only_changes=True))
    if not report.ok:
        refused = [
            f"{each.plural} {each.uid}: {refusal.code} {refusal.sentence}"
            for each in report.objects
            for refusal in each.refusals
        ]
        raise NotInstalled("; ".join(refused[:5]))
    return report.stats
