"""The draft made the next version of the configuration, in one transaction, through the importer.

Checks everything as any import does, and refuses while a newer version and the draft pull apart. Leaves the
tables that counting reads to the caller. Called by the configuration's pages.
"""

from __future__ import annotations

from collections.abc import Mapping

from smittesporing.access.reach import Reach
from smittesporing.database import Connection
from smittesporing.metadata import draft, exchange, versions
from smittesporing.metadata.draft import Entry, Key
from smittesporing.metadata.incoming import Manner
from smittesporing.metadata.report import Report
from smittesporing.metadata.snapshot import Body
from smittesporing.problems import Refused


def checked(connection: Connection, reach: Reach, found: Mapping[Key, Entry]) -> Report:
    """What the import would say of the draft; nothing is written."""
    return exchange.import_metadata(
        connection, _payload(found), reach, Manner(mode="VALIDATE", only_changes=True)
    )


def publish(connection: Connection, reach: Reach, note: str) -> tuple[int, tuple[Report, ...]]:
    """Make the draft the next version, in the caller's transaction; the draft is empty afterwards.

    Answers the version's number and the reports; 0 when something was refused, and then the caller must
            roll back.
    Errors  T010 without a note; T007 when a newer version changed the same property.
    """
    draft.may(reach)
    if not note.strip():
        raise Refused("T010", "Hva og hvorfor", "Skriv hva som er endret, og hvorfor.", status=422)
    connection.execute("select version from metadata.state for update")
    draft.catch_up(connection, reach)
    found = draft.entries(connection)
    if draft.crossings(connection, found):
        raise Refused("T007")
    versions.made_by(connection, reach.user, versions.PUBLISHED, note.strip())
    reports = [
        exchange.import_metadata(connection, _payload(found), reach, Manner(only_changes=True))
    ]
    going: dict[str, list[Body]] = {}
    for plural, uid in (key for key, entry in found.items() if entry.body is None):
        going.setdefault(plural, []).append({"id": uid})
    if going and reports[0].ok:
        manner = Manner(strategy="DELETE")
        reports.append(exchange.import_metadata(connection, going, reach, manner))
    if not all(report.ok for report in reports):
        return 0, tuple(reports)
    draft.clear(connection, reach)
    return versions.newest(connection), tuple(reports)


def _payload(found: Mapping[Key, Entry]) -> dict[str, list[Body]]:
    payload: dict[str, list[Body]] = {}
    for (plural, _uid), entry in found.items():
        if entry.body is not None:
            payload.setdefault(plural, []).append(dict(entry.body))
    return payload
