"""schemathesis against a running server: many requests that its own OpenAPI allows or forbids.

Half of what is sent names objects that exist and carries bodies that were right before they were
spoiled, so that more than the first check is met. The same seed sends the same requests. Called by
test_probe.py and by tests/prove.
"""

import copy
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import hypothesis
import requests
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.generation import GenerationMode

from tests.api.bodies import contact
from tests.api.conftest import PASSWORD

Json = Any
# Ten wrong passwords close a name for five minutes, and the probe asks under one name.
_GUESSING = ("/api/me/verifyPassword", "/api/me/changePassword")
# What a body's values are spoiled with.
_ODD: tuple[Json, ...] = (
    *(None, True, 0, -1, 10**30, 1e308, "", " ", "x" * 3_000, "\u202eæ", "2022-02-30", "NaN"),
    *([], {}, [None], [[]], {"id": None}, {"id": "abcdefghijk"}, [{"id": 5}], [{}], "----", ["a"]),
)
_ONE = ("/api/{type}/{uid}", "/api/organisationUnits/{uid}")


@dataclass(frozen=True)
class Known:
    """What there is on the server: identifiers and whole objects by kind, and records."""

    objects: Mapping[str, list[dict[str, Json]]]
    records: Mapping[str, str]
    units: tuple[str, ...]
    program: str
    payload: Callable[[], dict[str, Json]]

    @staticmethod
    def to(ask: Any, uid: Any, unit: str, who: str) -> "Known":
        """The shipped programme, and a contact in Tromsø with enrollment, event and a job, made now."""
        package = ask("GET", "metadata?fields=:owner", by="admin").json()
        objects = {kind: held for kind, held in package.items() if isinstance(held, list)}
        first = contact(uid, unit)
        assert ask("POST", "tracker?async=false", json=first).status_code == 200
        person = first["trackedEntities"][0]
        enrollment = person["enrollments"][0]
        job = ask("POST", "tracker", by=who, json=contact(uid, unit)).json()["response"]["id"]
        records = {
            "trackedEntities": person["trackedEntity"],
            "enrollments": enrollment["enrollment"],
            "events": enrollment["events"][0]["event"],
            "jobs": job,
        }
        # A few hundred kommuner would be all that is ever met.
        units = objects["organisationUnits"]
        objects["organisationUnits"] = units[:20]
        return Known(
            objects,
            records,
            (unit, *(each["id"] for each in units[:10])),
            uid("ST_CONTACT"),
            lambda: contact(uid, unit),
        )

    def record(self, path: str) -> str:
        """The record that this address is about, whose name it carries in the plural."""
        return next((uid for name, uid in self.records.items() if f"/{name}" in path), "none")


@dataclass
class Found:
    """How many requests were sent, what they were answered with, and what was wrong."""

    requests: int = 0
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    faults: dict[tuple[str, str], str] = field(default_factory=dict)

    def told(self) -> str:
        """The faults, each with the request that showed it."""
        return "\n\n".join(f"{label}: {text}" for (label, _), text in self.faults.items())


class Probe:
    """One user's requests to one server."""

    def __init__(self, ask: Any, base_url: str, who: str, known: Known) -> None:
        load_all_checks()
        names = (
            "not_a_server_error",
            "status_code_conformance",
            "content_type_conformance",
            "response_schema_conformance",
        )
        self.checks = CHECKS.get_by_names(list(names))
        self.schema = schemathesis.openapi.from_dict(ask("GET", "openapi.json").json())
        self.base_url, self.known = base_url, known
        self.session = requests.Session()
        self.session.auth = (f"odd-{who}", PASSWORD)
        self.found = Found()

    def run(self, each: int, seed: int = 1) -> Found:
        """About so many requests of each operation: a third at the edges, the others random."""
        found = [result.ok() for result in self.schema.get_all_operations()]
        operations = [each for each in found if each.path not in _GUESSING]
        # What removes comes last, so that there is something to ask about until then.
        operations.sort(key=lambda operation: operation.method == "delete")
        for place, operation in enumerate(operations):
            draw = random.Random(f"{seed} {place}")
            self._edges(operation, each // 3, draw)
            for mode, share in ((GenerationMode.POSITIVE, 2), (GenerationMode.NEGATIVE, 1)):
                self._random(operation, mode, each * share // 4, seed, draw)
        return self.found

    def _edges(self, operation: Any, most: int, draw: random.Random) -> None:
        cases = self.schema.iter_coverage_cases(
            operation,
            generation_modes=list(GenerationMode),
            generation_config=self.schema.config.generation,
        )
        found = [case for case in islice(cases, 2_000) if case.method == operation.method.upper()]
        for case in draw.sample(found, min(most, len(found))):
            self._send(case, draw)

    def _random(
        self, operation: Any, mode: GenerationMode, most: int, seed: int, draw: random.Random
    ) -> None:
        @hypothesis.seed(seed)
        @hypothesis.settings(
            max_examples=max(most, 1),
            database=None,
            phases=(Phase.generate,),
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(operation.as_strategy(mode))
        def sent(case: Any) -> None:
            self._send(case, draw)

        # An address without parameters has nothing that could be wrong.
        if mode == GenerationMode.POSITIVE or operation.path_parameters or operation.query:
            sent()

    def _send(self, case: Any, draw: random.Random) -> None:
        # Of thirty parameters one is always wrong; with a few the question gets through.
        if len(case.query) > 2 and draw.random() < 0.7:
            kept = draw.sample(sorted(case.query), draw.randrange(min(5, len(case.query))))
            case.query = {name: case.query[name] for name in kept}
        if draw.random() < 0.6:
            self._make_real(case, draw)
        label = case.operation.label
        answer = case.call(self.base_url, session=self.session, timeout=60)
        self.found.requests += 1
        self.found.statuses[label, answer.status_code] += 1
        # What a transformer makes of a property is beyond the words of a schema.
        reshaped = any(sign in str(case.query.get("fields")) for sign in ("~", "::"))
        try:
            case.validate_response(answer, checks=self.checks[: -1 if reshaped else None])
        except (Failure, FailureGroup) as failure:
            for one in getattr(failure, "exceptions", [failure]):
                told = f"{one.title}\n{one.message}\n{case.as_curl_command()[:1500]}\n{answer.text[:300]}"
                self.found.faults.setdefault((label, one.title), told)

    def _make_real(self, case: Any, draw: random.Random) -> None:
        """Put what exists in the places of what was made up."""
        path, known = case.path_parameters, self.known
        template = case.operation.path
        if "type" in path and template != "/api/schemas/{type}":
            path["type"] = draw.choice([kind for kind, held in known.objects.items() if held])
        unit = template.startswith("/api/organisationUnits")
        objects = known.objects.get("organisationUnits" if unit else str(path.get("type")), [])
        one = draw.choice(objects) if objects else {}
        if "uid" in path:
            path["uid"] = one["id"] if one else known.record(template)
        lists = [name for name in one if name in known.objects and one[name]]
        # These two are answered at addresses of their own.
        others = [name for name in one if name not in ("sharing", "translations")]
        for name in ("property", "collection"):
            if name in path and one:
                path[name] = draw.choice(lists or others)
                if "item" in path:
                    path["item"] = draw.choice(known.objects.get(path[name]) or [one])["id"]
        real = self._of_query(draw)
        known_names = {each.name for each in case.operation.query}
        asked = set(case.query) | {each.name for each in case.operation.query if each.is_required}
        # Most questions about records need a program, some exactly one record.
        asked |= {"program"} & known_names
        alone = sorted(known_names & {"trackedEntity", "enrollment", "event", "cluster"})
        if template in ("/api/tracker/relationships", "/api/chain"):
            asked = asked - {*alone, "tei", "orgUnit"} | {draw.choice(alone)}
        case.query = {name: real.get(name, case.query.get(name)) for name in sorted(asked)}
        if case.method in ("POST", "PUT", "PATCH"):
            self._make_real_body(case, one, lists, draw)

    def _make_real_body(
        self, case: Any, one: dict[str, Json], lists: list[str], draw: random.Random
    ) -> None:
        known, template = self.known, case.operation.path
        if template == "/api/tracker":
            case.body = _spoiled(known.payload(), draw)
        elif template == "/api/metadata":
            chosen = draw.sample(sorted(k for k, v in known.objects.items() if v), 3)
            case.body = _spoiled({k: draw.sample(known.objects[k], 1) for k in chosen}, draw)
        elif template in ("/api/{type}", "/api/organisationUnits") and one:
            case.body = _spoiled({**one, "name": f"Prøve {draw.random()}"}, draw)
            case.body.pop("id", None)
            case.body.pop("code", None)
        elif template in _ONE and case.method == "PUT" and one:
            case.body = _spoiled(one, draw)
        elif template in _ONE and one:
            case.body = [
                {
                    "op": draw.choice(("add", "replace", "remove", "remove-by-id")),
                    "path": "/"
                    + draw.choice([*one, "favorites"])
                    + draw.choice(("", "", "/0", "/-")),
                    "value": draw.choice(_ODD),
                }
            ]
        elif template == "/api/{type}/{uid}/{property}" and lists:
            items = [{"id": each["id"]} for each in known.objects[case.path_parameters["property"]]]
            case.body = _spoiled({"additions": items[:2], "deletions": items[2:4]}, draw)
        elif template == "/api/sharing":
            case.body = _spoiled({"object": {"publicAccess": "rw------", "userAccesses": []}}, draw)
        elif template.endswith("/note"):
            case.body = _spoiled({"value": "Ringte, ikke svar"}, draw)

    def _of_query(self, draw: random.Random) -> dict[str, Json]:
        known = self.known
        others = [each["id"] for each in known.objects["programs"]]
        program = draw.choice([known.program, known.program, *others])
        unit = draw.choice(known.units)
        indicator = draw.choice(known.objects["programIndicators"])["id"]
        return {
            "program": program,
            "programs": [program],
            "orgUnit": unit,
            "orgUnits": [unit],
            "trackedEntityType": draw.choice(known.objects["trackedEntityTypes"])["id"],
            "trackedEntity": known.records["trackedEntities"],
            "enrollment": known.records["enrollments"],
            "event": known.records["events"],
            "orgUnitMode": draw.choice(("SELECTED", "ACCESSIBLE", "CAPTURE", "DESCENDANTS")),
            "fields": [draw.choice(("*", "id,name", ":all", "attributes~size,enrollments[*]"))],
            "id": draw.choice(known.objects["programs"])["id"],
            "type": "program",
            "filter": [
                draw.choice(("name:like:a", "id:in:[a,b]", f"{program}:eq:1", "created:gt:2"))
            ],
            "order": [draw.choice(("name:asc", "createdAt:desc", "lastUpdated:desc"))],
            "dimension": [f"dx:{indicator}", "pe:2022W1;THIS_YEAR", f"ou:{unit}"],
        }


def _spoiled(body: Json, draw: random.Random) -> Json:
    """The same with one or two values, somewhere within, that are odd; sometimes as it was."""
    made = copy.deepcopy(body)
    for _ in range(draw.randrange(3)):
        place = made
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = draw.choice(keys)
            below = place[key]
            if isinstance(below, dict | list) and below and draw.random() < 0.7:
                place = below
                continue
            place[key] = copy.deepcopy(draw.choice(_ODD))
            break
    return made
