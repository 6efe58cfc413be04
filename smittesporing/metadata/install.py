"""The Norwegian programme as shipped with the service, brought into the database.

Reads metadata/shipped/*.json in order of name and imports through exchange.py what has changed there since
the last time, so that the product owner's own edits stand at the next start (decision 0030). A second run
writes nothing. Called at each start by the commands that set up a database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib import resources
from typing import Any

import msgspec

from smittesporing.access import org_units
from smittesporing.database import Connection
from smittesporing.metadata import edition, exchange, incoming, roles, store, versions
from smittesporing.metadata.incoming import Manner
from smittesporing.metadata.report import Stats
from smittesporing.metadata.snapshot import Body
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
    digests = _digests(payload)
    # As they lie in the files: org units are assigned below.
    shipped = {
        (plural, str(body["id"])): dict(body)
        for plural, bodies in payload.items()
        for body in bodies
    }
    new = _changed(connection, payload, digests)
    for program in new.get("programs", ()):
        if not program.get("organisationUnits"):
            program["organisationUnits"] = units
    _assign(connection, new, payload, units)
    versions.made_by(connection, None, versions.SHIPPED)
    report = exchange.import_metadata(connection, new, None, Manner(only_changes=True))
    if not report.ok:
        refused = [
            f"{each.plural} {each.uid}: {refusal.code} {refusal.sentence}"
            for each in report.objects
            for refusal in each.refusals
        ]
        raise NotInstalled("; ".join(refused[:5]))
    _remember(connection, shipped, digests)
    return report.stats


def _digests(payload: Mapping[str, list[dict[str, Any]]]) -> dict[tuple[str, str], str]:
    """Each shipped object's digest as it lies in the files."""
    return {
        (plural, str(body["id"])): hashlib.sha256(
            msgspec.json.encode(body, order="deterministic")
        ).hexdigest()[:32]
        for plural, bodies in payload.items()
        for body in bodies
    }


def _changed(
    connection: Connection,
    payload: Mapping[str, list[dict[str, Any]]],
    digests: Mapping[tuple[str, str], str],
) -> dict[str, list[dict[str, Any]]]:
    """What the files have anew since the last time, or had never brought.

    Shape   An object that stands here already is as it stands, with what the files changed.
    """
    rows = connection.execute(
        "select type, uid, digest, body::text as body from metadata.shipped"
    ).fetchall()
    known = {(row["type"], row["uid"]): row for row in rows}
    current = store.current(connection)
    found: dict[str, list[dict[str, Any]]] = {}
    for plural, bodies in payload.items():
        for body in bodies:
            row = known.get((plural, str(body["id"])))
            if row is not None and row["digest"] == digests[plural, str(body["id"])]:
                continue
            stands = current.get(plural, str(body["id"]))
            if stands is not None and row is not None and row["body"]:
                before = msgspec.json.decode(row["body"])
                body = edition.brought(incoming.own(plural, stands), before, body)
            found.setdefault(plural, []).append(body)
    return found


def _assign(
    connection: Connection,
    new: dict[str, list[dict[str, Any]]],
    payload: Mapping[str, list[dict[str, Any]]],
    units: list[dict[str, str]],
) -> None:
    """Programs that come without org units serve those that have come since, too."""
    current = store.current(connection)
    coming = {str(body["id"]) for body in new.get("programs", ())}
    for program in payload.get("programs", ()):
        stored = current.get("programs", str(program["id"]))
        if stored is None or program["id"] in coming or program.get("organisationUnits"):
            continue
        served = {str(each["id"]) for each in stored.get("organisationUnits") or ()}
        if not served.issuperset(unit["id"] for unit in units):
            whole = {**incoming.own("programs", stored), "organisationUnits": units}
            new.setdefault("programs", []).append(whole)


def _remember(
    connection: Connection,
    shipped: Mapping[tuple[str, str], Body],
    digests: Mapping[tuple[str, str], str],
) -> None:
    connection.execute(
        """insert into metadata.shipped (type, uid, digest, body)
           select * from jsonb_to_recordset(%s::text::jsonb)
                      as s(type text, uid text, digest text, body jsonb)
           on conflict (type, uid) do update set digest = excluded.digest, body = excluded.body
            where shipped.digest <> excluded.digest or shipped.body is null""",
        (
            msgspec.json.encode(
                [
                    {"type": plural, "uid": uid, "digest": digest, "body": shipped[plural, uid]}
                    for (plural, uid), digest in digests.items()
                ]
            ).decode(),
        ),
    )
