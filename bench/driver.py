"""What tracers do, as requests to DHIS2's public API: operations 1, 2, 3, 5 and 8 of the plan.

Base URL and credentials are all that differs between servers. Every answer is checked, and a wrong one
counts as an error. Called by `__main__`.
"""

import contextlib
import functools
import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec

from bench import generate, model
from bench.generate import Payload, Person
from bench.measure import Act, Figure, figure, measured, run_once

Show = Callable[[Figure], None]
LISTED = "trackedEntity,orgUnit,createdAt,inactive,attributes[attribute,value]"
OPENED = "trackedEntity,orgUnit,attributes[attribute,value],programOwners[orgUnit,program]"
ENROLLED = (
    "enrollment,trackedEntity,program,orgUnit,status,enrolledAt,occurredAt,followUp,"
    "events[event,programStage,status,occurredAt,scheduledAt,dataValues[dataElement,value]]"
)
LINKED = "relationship,relationshipType,from[trackedEntity],to[trackedEntity]"
SEEN = "event,programStage,status,occurredAt,scheduledAt,assignedUser,dataValues"


class Refusal(Exception):
    """The server said no to something the benchmark cannot do without; the text says to what."""


@dataclass
class Server:
    """One server as one user; a connection of its own for every thread."""

    url: str
    user: str
    password: str
    faults: list[str] = field(default_factory=list)
    _held: threading.local = field(default_factory=threading.local)

    @property
    def client(self) -> httpx.Client:
        client = getattr(self._held, "client", None)
        if client is None:
            client = httpx.Client(
                base_url=self.url,
                auth=(self.user, self.password),
                timeout=300,
                trust_env=False,
                headers={"content-type": "application/json"},
            )
            self._held.client = client
        return client

    def get(self, path: str, **params: str | int) -> Any:
        answer = self.client.get(f"/api/{path}", params=params)
        if answer.status_code != 200:
            self.faults.append(f"{answer.status_code} {path} {answer.text[:500]}")
            answer.raise_for_status()
        return msgspec.json.decode(answer.content)

    def send(self, body: bytes) -> bool:
        """One import that is waited for; true when everything in it was taken in."""
        answer = self.client.post("/api/tracker?async=false", content=body)
        taken = answer.status_code == 200 and answer.json()["status"] in ("OK", "WARNING")
        if not taken:
            self.faults.append(f"{answer.status_code} {answer.text[:500]}")
        return taken


@dataclass(frozen=True)
class Plan:
    """How much is asked: users at a time, requests of each, runs, passes thrown away."""

    users: Sequence[int]
    requests: int
    runs: int
    warm_up: int


# Before measuring --------------------------------------------------------------------------------------


def install(admin: Server) -> dict[str, str]:
    """The configuration on the server; the answer is the identifier of each kommune's number."""
    units = _units(admin)
    if len(units) < len(model.kommuner()):
        _post(admin, {"organisationUnits": model.places()})
        units = _units(admin)
    wanted = {one.number: units[one.number] for one in model.kommuner()}
    _post(admin, model.package(sorted(wanted.values())))
    return wanted


def _units(admin: Server) -> dict[str, str]:
    found = admin.get("organisationUnits", fields="id,code", paging="false")
    return {one["code"]: one["id"] for one in found["organisationUnits"] if one.get("code")}


def _post(admin: Server, package: model.Package) -> None:
    answer = admin.client.post("/api/metadata", content=msgspec.json.encode(package))
    if answer.status_code != 200:
        raise Refusal(f"The configuration was refused: {answer.text[:2000]}")


def load(
    admin: Server,
    chains: Sequence[list[Person]],
    units: dict[str, str],
    clients: int,
    batch: int,
    show: Show,
) -> None:
    """Send the chains, spread over so many clients; whole chains go with one client, in order."""
    streams = [
        list(generate.payloads(chains[client::clients], batch, units)) for client in range(clients)
    ]
    name = f"load, {batch} a request"
    done = run_once([_sends(admin, stream) for stream in streams])
    show(figure("1", name, clients, [done], 0.0))
    if done.errors:
        why = admin.faults[0] if admin.faults else "no answer"
        raise Refusal(f"{done.errors} of {len(done.times)} requests failed while loading: {why}")


def _sends(server: Server, stream: Sequence[Payload]) -> list[tuple[Act, int]]:
    return [(functools.partial(server.send, one.body), one.objects) for one in stream]


# The operations ----------------------------------------------------------------------------------------


def bulk_import(
    admin: Server, units: dict[str, str], batches: Sequence[int], clients: Sequence[int],
    requests: int, numbers: Iterator[int], plan: Plan, show: Show,
) -> None:  # fmt: skip
    """Operation 1: cases with their contacts, in one request that is taken whole or not at all."""
    places = [one.number for one in model.kommuner()]

    def one_body(batch: int) -> Payload:
        first = next(numbers)
        people = generate.cases_with_contacts(first, batch, places[first % len(places)])
        for _ in people:
            next(numbers)
        return generate.payload(people, units)

    for batch, users in itertools.product(batches, clients):
        few = max(2, requests * 500 // max(batch, 500))

        def acts(run: int, user: int, batch: int = batch, few: int = few) -> list[tuple[Act, int]]:
            return _sends(admin, [one_body(batch) for _ in range(few)])

        show(
            measured("1", f"cases, {batch} a request", users, acts,
                     runs=plan.runs, warm_up=plan.warm_up)
        )  # fmt: skip


def register_contact(
    reader: Server, units: dict[str, str], kommune: str, people: Sequence[Person],
    numbers: Iterator[int], plan: Plan, show: Show,
) -> None:  # fmt: skip
    """Operation 2: one contact of a known case."""
    cases = [person for person in people if person.is_case]
    day = generate.FIRST_DAY

    def body() -> bytes:
        number = next(numbers)
        source = cases[number % len(cases)].number
        contact = Person(number, kommune, day, 1, False, 0, source)
        return generate.payload([contact], units).body

    def acts(run: int, user: int) -> list[tuple[Act, int]]:
        bodies = [body() for _ in range(plan.requests)]
        return [(functools.partial(reader.send, sent), 4) for sent in bodies]

    for users in plan.users:
        show(measured("2", "register a contact", users, acts, runs=plan.runs, warm_up=plan.warm_up))


def search_exact(reader: Server, people: Sequence[Person], plan: Plan, show: Show) -> None:
    """Operation 3: by telephone, then by national id; somebody, and nobody."""

    def find(attribute: str, value: str, expected: list[str]) -> bool:
        found = reader.get(
            "tracker/trackedEntities", program=model.PROGRAM, orgUnitMode="ACCESSIBLE",
            filter=f"{model.A[attribute]}:eq:{value}", fields=LISTED,
        )  # fmt: skip
        rows = found.get("trackedEntities") or found.get("instances") or []
        return [row["trackedEntity"] for row in rows] == expected

    for name, written in (("phone", generate.phone), ("national id", generate.national_id)):
        for hit in (True, False):

            def acts(
                run: int, user: int, name: str = name, hit: bool = hit,
                written: Callable[[int], str] = written,
            ) -> list[tuple[Act, int]]:  # fmt: skip
                made: list[tuple[Act, int]] = []
                for place in _places(run, user, plan):
                    person = people[place % len(people)]
                    # Numbers just below those of people added while measuring belong to nobody.
                    value = written(person.number if hit else generate.FIRST_EXTRA - 1 - place)
                    wanted = [person.uid] if hit else []
                    made.append((functools.partial(find, name, value, wanted), 0))
                return made

            kind = "found" if hit else "nobody"
            for users in plan.users:
                show(
                    measured("3", f"{name}, {kind}", users, acts,
                             runs=plan.runs, warm_up=plan.warm_up)
                )  # fmt: skip


def working_list(
    reader: Server, unit: str, people: Sequence[Person], plan: Plan, show: Show
) -> None:
    """Operation 5: the first page of the kommune's list, newest first."""
    expected = min(15, len(people))

    def ask() -> bool:
        found = reader.get(
            "tracker/trackedEntities", program=model.PROGRAM, orgUnits=unit, fields=LISTED,
            orgUnitMode="DESCENDANTS", order="createdAt:desc", page=1, pageSize=15,
        )  # fmt: skip
        rows = found.get("trackedEntities") or found.get("instances") or []
        moments = [row["createdAt"] for row in rows]
        return len(rows) == expected and moments == sorted(moments, reverse=True)

    def acts(run: int, user: int) -> list[tuple[Act, int]]:
        return [(ask, 0)] * plan.requests

    for users in plan.users:
        show(measured("5", "list, newest first", users, acts, runs=plan.runs, warm_up=plan.warm_up))


def open_dashboard(reader: Server, people: Sequence[Person], plan: Plan, show: Show) -> None:
    """Operation 8: the four requests that DHIS2's Capture fires together; the set is timed."""
    # A relationship to somebody out of reach may be hidden, so at least those within it are expected.
    within = {person.number for person in people}
    links: dict[int, int] = {}
    for person in people:
        if person.source in within:
            links[person.number] = links.get(person.number, 0) + 1
            links[person.source] = links.get(person.source, 0) + 1
    # Contacts added by operation 2 only make these more.

    def ask(crew: ThreadPoolExecutor, person: Person) -> bool:
        parts = [
            crew.submit(reader.get, f"tracker/trackedEntities/{person.uid}",
                        program=model.PROGRAM, fields=OPENED),
            crew.submit(reader.get, f"tracker/enrollments/{person.enrollment}", fields=ENROLLED),
            crew.submit(reader.get, "tracker/relationships", trackedEntity=person.uid,
                        fields=LINKED, pageSize=500),
            crew.submit(reader.get, "tracker/events", enrollments=person.enrollment,
                        program=model.PROGRAM, orgUnitMode="ACCESSIBLE", order="occurredAt:desc",
                        fields=SEEN),
        ]  # fmt: skip
        whole, enrollment, linked, events = (part.result() for part in parts)
        visits = person.follow_ups + 1
        return (
            whole["trackedEntity"] == person.uid
            and len(enrollment["events"]) == visits
            and len(events.get("events") or events.get("instances") or []) == visits
            and len(linked.get("relationships") or linked.get("instances") or [])
            >= links.get(person.number, 0)
        )

    for users in plan.users:
        with contextlib.ExitStack() as crews:
            # Four threads for each user, whose connections stay open between her sets.
            each = [crews.enter_context(ThreadPoolExecutor(4)) for _ in range(users)]

            def acts(
                run: int, user: int, each: list[ThreadPoolExecutor] = each
            ) -> list[tuple[Act, int]]:
                chosen = [people[place % len(people)] for place in _places(run, user, plan)]
                return [(functools.partial(ask, each[user], person), 0) for person in chosen]

            show(
                measured("8", "open, set of 4 requests", users, acts,
                         runs=plan.runs, warm_up=plan.warm_up)
            )  # fmt: skip


def _places(run: int, user: int, plan: Plan) -> range:
    """Where in the list of people a user's requests of one run begin: nobody twice in a row."""
    start = ((run + 10) * 64 + user) * plan.requests
    return range(start * 7, start * 7 + plan.requests * 7, 7)
