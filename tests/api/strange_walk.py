"""All that can be done with a package nobody has seen, over HTTP; what went otherwise than it should is told.

Imported as a trial, for real and once more; read, exported, taken in by an installation that is new,
described, and taken away again. Called by test_strange_packages.py and tests/prove.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from smittesporing.metadata.kinds import INVERSES, KINDS
from smittesporing.metadata.schema import SCHEMAS
from tests.api.compared import differences, lost, objects
from tests.api.conftest import FULL, refused
from tests.api.strange import Maker

FEW = ("*",)
MANY = (
    *FEW,
    ":owner",
    ":all",
    ":nameable,:identifiable,:persisted",
    ":simple",
    "*,*[*]",
    "*,*[*,*[*]]",
)
WITH_NEEDS = (
    "programs",
    "dataSets",
    "dashboards",
    "optionSets",
    "categoryCombos",
    "dataElementGroups",
)
# Property with an expression, and where it is described.
DESCRIBED = (
    ("programRules", "condition", "programRules/condition/description"),
    ("programIndicators", "expression", "programIndicators/expression/description"),
    ("programIndicators", "filter", "programIndicators/filter/description"),
    ("indicators", "numerator", "indicators/expression/description"),
    ("indicators", "denominator", "indicators/expression/description"),
    ("programRuleActions", "data", "programRuleActions/data/expression/description"),
)
# Of the moment or the maker, or said in another way.
_NOT_COMPARED = frozenset(
    (
        *(
            "created",
            "lastUpdated",
            "createdBy",
            "lastUpdatedBy",
            "sharing",
            "user",
            "access",
            "href",
        ),
        *("favorites", "subscribers"),
    )
)
# What a set holds has no order.
_SETS = (("programRules", "programRuleActions"),)


@dataclass
class Walk:
    """One package on its way through an installation; faults are lines."""

    ask: object
    elsewhere: object
    package: dict
    maker: Maker
    fields: tuple[str, ...] = FEW
    faults: list[str] = field(default_factory=list)

    def run(self) -> list[str]:
        """What went otherwise; nothing when all is as it should be."""
        before = self.exported()
        for query, created in (("importMode=VALIDATE", True), ("", True), ("", False)):
            self.imported(query, created)
            if query and self.exported().keys() - before.keys():
                self.faults.append("a trial has written")
        if not self.faults:
            exported = self.exported()
            self.kept(exported)
            self.read()
            self.with_needs(exported)
            self.described(exported)
            self.again_elsewhere()
        self.deleted(before)
        return self.faults

    def get(self, path: str):
        answer = self.ask("GET", path, by="admin")
        if answer.status_code != 200:
            self.faults.append(f"GET {path}: {answer.status_code} {answer.text[:160]}")
            return {}
        return answer.json()

    def exported(self) -> dict:
        return objects(self.get("metadata"))

    def imported(self, query: str, created: bool) -> None:
        answer = self.ask("POST", f"metadata?{FULL}&{query}", by="admin", json=self.package)
        total = sum(map(len, self.maker.ids.values()))
        stats = answer.json()["response"]["stats"]
        wanted = {"created": total * created, "updated": total * (not created)}
        wanted |= {"ignored": 0, "deleted": 0, "total": total}
        if (answer.status_code, stats) != (200, wanted):
            self.faults += [f"import {query}: {answer.status_code} {stats}"]
            self.faults += [str(each) for each in refused(answer.json())]

    def kept(self, exported: dict) -> None:
        """Each property that DHIS2 keeps is there as it was sent, and nothing that it does not."""
        for key, body in self.maker.bodies.items():
            if key not in exported:
                self.faults.append(f"gone: {key}")
                continue
            own = SCHEMAS[key[0]].owned
            given = {
                name: _bare(value)
                for name, value in body.items()
                if name in own and name not in _NOT_COMPARED
            }
            for each in INVERSES:
                if each.parent == key[0]:
                    given.pop(each.collection, None)
            self.faults += [f"lost: {key[0]}{line}" for line in lost(given, exported[key])]
            if body.get("nothing", exported[key].get("nothing")) is not None:
                self.faults.append(f"kept what nobody knows: {key}")

    def read(self) -> None:
        for plural, ids in self.maker.ids.items():
            for fields in self.fields:
                self.get(f"{plural}?paging=false&fields={fields}")
            for way in ("?fields=:owner", "/gist"):
                self.get(f"{plural}/{ids[0]}{way}")

    def with_needs(self, exported: dict) -> None:
        """Objects with what they need: the same as in the whole, and nothing new when they come back."""
        for plural in WITH_NEEDS:
            part = self.get(f"{plural}/{self.maker.ids[plural][0]}/metadata")
            for key, body in objects(part).items():
                if key[0] in KINDS:
                    was = exported.get(key) or {}
                    names = [
                        each for each in body if body[each] != was.get(each) and each != "version"
                    ]
                    if names or not was:
                        self.faults.append(f"{plural} with what it needs: {key} {names}")
            answer = self.ask("POST", f"metadata?{FULL}", by="admin", json=part)
            if answer.json()["response"]["stats"]["created"] or answer.status_code != 200:
                self.faults.append(f"{plural} with what it needs: {refused(answer.json())}")

    def described(self, exported: dict) -> None:
        program = self.maker.ids["programs"][0]
        for plural, name, address in DESCRIBED:
            for uid in self.maker.ids[plural]:
                text = exported.get((plural, uid), {}).get(name)
                if text:
                    answer = self.ask(
                        "POST",
                        f"{address}?programId={program}",
                        by="admin",
                        content=text.encode(),
                        headers={"content-type": "text/plain"},
                    )
                    if answer.status_code != 200:
                        self.faults.append(f"{address} {text}: {answer.status_code}")

    def again_elsewhere(self) -> None:
        first = self.get("metadata")
        taken = self.elsewhere("POST", f"metadata?{FULL}", json=first)
        self.faults += [f"elsewhere: {each}" for each in refused(taken.json())]
        second = self.elsewhere("GET", "metadata").json()
        for package in (first, second):
            for plural in ("programs", "optionSets", "dataSets", "organisationUnits"):
                for body in package[plural]:
                    # Counted up by each import; a unit is made when it is made.
                    body.pop("created" if plural == "organisationUnits" else "version", None)
            for plural, listed in _SETS:
                for body in package[plural]:
                    body.get(listed, []).sort(key=lambda each: each["id"])
        self.faults += differences(first, second)

    def deleted(self, before: dict) -> None:
        query = f"metadata?{FULL}&importStrategy=DELETE"
        answer = self.ask("POST", query, by="admin", json=self.package)
        self.faults += [f"delete: {each}" for each in refused(answer.json())]
        self.elsewhere("POST", query, json=self.package)
        self.faults += [f"left: {key}" for key in self.exported().keys() ^ before.keys()]


def _bare(value):
    """The value without what older versions call otherwise, or a reference says beside its id."""
    if isinstance(value, list):
        return [_bare(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "id" in value and value.keys() <= {"id", "name", "code"}:
        return {"id": value["id"]}
    return {name: _bare(each) for name, each in value.items() if each is not None}


def told(faults: list[str]) -> str:
    """The faults with their identifiers left out, each once."""
    without = re.compile(r"\b(?=\w*\d)[a-zA-Z]\w{10}\b")
    return "\n".join(sorted({without.sub("…", line)[:300] for line in faults})[:40])
