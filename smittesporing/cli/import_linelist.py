"""`import-linelist LINELIST [CONTACTS] --org-unit KOMMUNENUMMER`: historical cases, through the API only.

What is there already is left as it is, so a second run creates nothing. Rows that cannot be read, or
that the service refuses, are reported by file, line and reason; the others are imported, each whole.
"""

import argparse
import os
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx

from smittesporing.cli.linelist import INDEX, Body, Form, Misread, Read, read

AT_A_TIME = 500
_MAPPING = "examples/mers-korea.toml"


class Stopped(Exception):
    """The import cannot go on; the message says why and what to do."""


def run(arguments: list[str]) -> int:
    """0 when every row was read, 1 when some were not, 2 when nothing could be done."""
    parser = argparse.ArgumentParser(prog="smittesporing import-linelist", description=__doc__)
    parser.add_argument("linelist", type=Path)
    parser.add_argument("contacts", type=Path, nargs="?")
    parser.add_argument("--org-unit", required=True, help="number of the kommune")
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--mapping", type=Path, default=Path(_MAPPING))
    chosen = parser.parse_args(arguments)
    user = os.environ.get("SMITTESPORING_API_USER", "admin")
    password = os.environ.get("SMITTESPORING_API_PASSWORD", "district")
    try:
        mapping = tomllib.loads(chosen.mapping.read_text("utf-8"))
        with httpx.Client(base_url=chosen.url, auth=(user, password), timeout=120) as client:
            found = read(
                chosen.linelist,
                chosen.contacts,
                mapping,
                form_of(client),
                known_org_unit(client, chosen.org_unit),
            )
            created, there = send(client, found, chosen.linelist, chosen.contacts)
    except (OSError, tomllib.TOMLDecodeError, Stopped, httpx.HTTPError) as fault:
        print(f"Nothing more was imported: {fault}", file=sys.stderr)
        return 2
    for one in found.misread:
        print(f"Left out: {one}", file=sys.stderr)
    print(
        f"{len(found.people)} people and {len(found.links)} links read; "
        f"{created} records created, {there} people and links were there already, "
        f"{len(found.misread)} rows left out."
    )
    return 1 if found.misread else 0


def ask(client: httpx.Client, path: str, **params: Any) -> Body:
    """The JSON behind an address. Errors  `Stopped` with what the service said."""
    answer = client.get(f"/api/{path}", params=params)
    if answer.status_code != 200:
        raise Stopped(f"{path} answered {answer.status_code}. Is the address right, and the user?")
    body: Body = answer.json()
    return body


def form_of(client: httpx.Client) -> Form:
    """Where each code belongs, as the service's own configuration says."""
    fields = (
        "programTrackedEntityAttributes[trackedEntityAttribute[code,valueType]],"
        "programStages[code,sortOrder,programStageDataElements[dataElement[code,valueType]]]"
    )
    programs = ask(client, "programs", filter=f"code:eq:{INDEX}", fields=fields)["programs"]
    if not programs:
        raise Stopped(f"The service has no program with code {INDEX}.")
    attributes = [
        one["trackedEntityAttribute"] for one in programs[0]["programTrackedEntityAttributes"]
    ]
    elements: dict[str, tuple[str, str]] = {}
    for stage in sorted(programs[0]["programStages"], key=lambda each: each.get("sortOrder", 0)):
        for one in stage["programStageDataElements"]:
            element = one["dataElement"]
            elements.setdefault(element["code"], (stage["code"], element["valueType"]))
    return Form({one["code"]: one["valueType"] for one in attributes}, elements)


def known_org_unit(client: httpx.Client, number: str) -> str:
    """The number itself, when the service has an org unit with it."""
    units = ask(client, "organisationUnits", filter=f"code:eq:{number}", fields="code")
    if not units["organisationUnits"]:
        raise Stopped(f"{number} is not the number of a kommune of today.")
    return number


def send(
    client: httpx.Client, found: Read, linelist: Path, contacts: Path | None
) -> tuple[int, int]:
    """Send what is not there yet; how many records were created, how many rows were there."""
    people = dict(found.people)
    known = _known(client, people)
    created = 0
    new = {uid: pair for uid, pair in people.items() if uid not in known}
    for part in _parts(new):
        made, refused = _post(client, part, {})
        created += made
        for uid, reason in refused.items():
            found.misread.append(Misread(linelist.name, new[uid][0], reason))
            people.pop(uid)
    enrollments = {one["enrollments"][0]["enrollment"] for _, one in people.values()}
    links = {}
    there = len(found.people) - len(new)
    for uid, (line, event, link) in found.links.items():
        ends = {event["enrollment"], link["from"]["enrollment"]["enrollment"]}
        if uid in known:
            there += 1
        elif ends <= enrollments:
            links[uid] = (line, event, link)
        else:
            name = contacts.name if contacts else ""
            found.misread.append(Misread(name, line, "one of the two was left out"))
    for part in _parts(links):
        made, refused = _post(client, {}, part)
        created += made
        for uid, reason in refused.items():
            name = contacts.name if contacts else ""
            found.misread.append(Misread(name, links[uid][0], reason))
    return created, there


def _parts(records: dict[str, Any]) -> Iterator[dict[str, Any]]:
    keys = list(records)
    for start in range(0, len(keys), AT_A_TIME):
        yield {key: records[key] for key in keys[start : start + AT_A_TIME]}


def _known(client: httpx.Client, people: Iterable[str]) -> set[str]:
    """The uids of people and of events that the service already has."""
    known: set[str] = set()
    wanted = list(people)
    for start in range(0, len(wanted), AT_A_TIME):
        body = ask(
            client,
            "tracker/trackedEntities",
            trackedEntities=",".join(wanted[start : start + AT_A_TIME]),
            fields="trackedEntity,enrollments[events[event]]",
            paging="false",
        )
        for one in body["trackedEntities"]:
            known.add(one["trackedEntity"])
            for enrollment in one.get("enrollments", ()):
                known.update(event["event"] for event in enrollment.get("events", ()))
    return known


def _post(
    client: httpx.Client, people: dict[str, Any], links: dict[str, Any]
) -> tuple[int, dict[str, str]]:
    """Send these, all or nothing; leave out what is refused and send the rest again.

    Answer  How many records were created, and the reason for each row left out.
    """
    refused: dict[str, str] = {}
    while people or links:
        answer = client.post(
            "/api/tracker",
            params={"async": "false", "importStrategy": "CREATE", "idScheme": "CODE"},
            json={
                "trackedEntities": [body for _, body in people.values()],
                "events": [event for _, event, _ in links.values()],
                "relationships": [link for _, _, link in links.values()],
            },
        )
        body: Body = answer.json()
        if answer.status_code == 200:
            return int(body["stats"]["created"]), refused
        errors = body.get("validationReport", {}).get("errorReports", [])
        rows = _rows_of(people, links)
        blamed = {
            rows[error["uid"]]: f"{error['errorCode']} {error['message']}"
            for error in reversed(errors)
            if error["uid"] in rows
        }
        if not blamed:
            raise Stopped(f"the service answered {answer.status_code}: {body.get('message', '')}")
        refused |= blamed
        people = {uid: pair for uid, pair in people.items() if uid not in blamed}
        links = {uid: pair for uid, pair in links.items() if uid not in blamed}
    return 0, refused


def _rows_of(people: dict[str, Any], links: dict[str, Any]) -> dict[str, str]:
    """Any record's uid → the uid that stands for its row."""
    rows: dict[str, str] = {}
    for uid, (_, person) in people.items():
        rows[uid] = uid
        for enrollment in person["enrollments"]:
            rows[enrollment["enrollment"]] = uid
            rows |= {event["event"]: uid for event in enrollment["events"]}
    for uid, (_, _, link) in links.items():
        rows[uid] = rows[link["relationship"]] = uid
    return rows
