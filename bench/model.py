"""The benchmark's program, "case + contact follow-up", as a DHIS2 metadata package of its own.

Its identifiers are its own and follow from its words, so the driver knows them on any server. Made by
hand to be small: one person type, two stages, one relationship type, three rules that run on import.
Called by the generator and the driver.
"""

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TABLES = Path(__file__).resolve().parent.parent / "smittesporing" / "access" / "data"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SIGNS = _LETTERS + "0123456789"
DEFAULT_COMBO = "bjDvmb4bfuf"

Package = dict[str, Any]


def uid(*words: str | int) -> str:
    """A DHIS2 identifier that follows from the words: 11 signs, the first a letter."""
    number = int.from_bytes(hashlib.sha256(repr(words).encode()).digest()[:10], "big")
    number, first = divmod(number, len(_LETTERS))
    signs = [_LETTERS[first]]
    for _ in range(10):
        number, place = divmod(number, len(_SIGNS))
        signs.append(_SIGNS[place])
    return "".join(signs)


def _own(name: str) -> str:
    return uid("bench", name)


PROGRAM = _own("program")
PERSON = _own("type person")
INVESTIGATION, FOLLOW_UP = _own("stage investigation"), _own("stage follow-up")
EXPOSED = _own("relationship exposed")

# name → value type, whether it must be unique
ATTRIBUTES = {
    "given": ("TEXT", False),
    "family": ("TEXT", False),
    "national id": ("TEXT", True),
    "phone": ("PHONE_NUMBER", False),
    "birth date": ("DATE", False),
    "sex": ("TEXT", False),
    "kommune": ("TEXT", False),
}
ELEMENTS = {
    INVESTIGATION: {
        "status": "TEXT",
        "setting": "TEXT",
        "onset": "DATE",
        "symptoms": "BOOLEAN",
        "last contact": "DATE",
    },
    FOLLOW_UP: {"temperature": "NUMBER", "fever": "BOOLEAN", "reached": "BOOLEAN"},
}
OPTIONS = {
    "sex": ("FEMALE", "MALE"),
    "status": ("CONTACT", "SUSPECTED", "CONFIRMED"),
    "setting": ("HOUSEHOLD", "SCHOOL", "WORKPLACE", "LEISURE", "OTHER"),
}
A = {name: _own(f"attribute {name}") for name in ATTRIBUTES}
D = {name: _own(f"element {name}") for names in ELEMENTS.values() for name in names}


@dataclass(frozen=True)
class Kommune:
    """One kommune of the country: its number, its fylke's, its name and how many live there."""

    number: str
    fylke: str
    name: str
    population: int


def kommuner() -> list[Kommune]:
    """Every kommune with its population, by number."""
    with open(TABLES / "kommuner.csv", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    found = [
        Kommune(row["number"], row["fylke"], row["name"], int(row["population"] or 0))
        for row in rows
    ]
    return sorted(found, key=lambda one: one.number)


def _named(kind: str, name: str, **more: Any) -> Package:
    text = f"Bench {name}"
    short = {"id": _own(f"{kind} {name}"), "name": text, "shortName": text, "code": f"BENCH_{name}"}
    return {**short, **more}


def _options() -> Package:
    sets, options = [], []
    for name, codes in OPTIONS.items():
        held = []
        for place, code in enumerate(codes, 1):
            one = _own(f"option {name} {code}")
            held.append({"id": one})
            options.append(
                {"id": one, "name": code.title(), "code": code, "sortOrder": place,
                 "optionSet": {"id": _own(f"optionSet {name}")}}
            )  # fmt: skip
        whole = _named("optionSet", name, valueType="TEXT", options=held)
        del whole["shortName"]
        sets.append(whole)
    return {"optionSets": sets, "options": options}


def _optional(name: str) -> Package:
    return {"optionSet": {"id": _own(f"optionSet {name}")}} if name in OPTIONS else {}


def _rules() -> Package:
    """Three rules of the kinds that DHIS2's server runs: one refuses, one warns, one fills in."""
    variables = [
        {"id": _own(f"variable {name}"), "name": name.replace(" ", "_"),
         "program": {"id": PROGRAM}, "dataElement": {"id": D[name]},
         "programRuleVariableSourceType": "DATAELEMENT_CURRENT_EVENT",
         "valueType": value_type, "useCodeForOptionSet": True}
        for stage in ELEMENTS.values() for name, value_type in stage.items()
        if name in ("temperature", "onset", "fever")
    ]  # fmt: skip
    rules, actions = [], []
    for name, stage, condition, kind, more in (
        ("too hot", FOLLOW_UP, "#{temperature} > 45", "SHOWERROR",
         {"content": "Nobody is that hot", "dataElement": {"id": D["temperature"]}}),
        ("onset later", INVESTIGATION, "d2:hasValue(#{onset}) && #{onset} > V{event_date}",
         "SHOWWARNING", {"content": "Onset after the visit", "dataElement": {"id": D["onset"]}}),
        ("fever", FOLLOW_UP, "d2:hasValue(#{temperature})", "ASSIGN",
         {"data": "#{temperature} >= 38", "dataElement": {"id": D["fever"]}}),
    ):  # fmt: skip
        rule, action = _own(f"rule {name}"), _own(f"action {name}")
        rules.append(
            {"id": rule, "name": f"Bench {name}", "program": {"id": PROGRAM},
             "programStage": {"id": stage}, "condition": condition, "priority": 1,
             "programRuleActions": [{"id": action}]}
        )  # fmt: skip
        actions.append(
            {"id": action, "programRule": {"id": rule}, "programRuleActionType": kind, **more}
        )
    return {
        "programRuleVariables": variables,
        "programRules": rules,
        "programRuleActions": actions,
    }


def package(units: list[str]) -> Package:
    """The whole configuration, for `POST /api/metadata`; `units` are the identifiers of the kommuner."""
    rw, rwrw = {"public": "rw------"}, {"public": "rwrw----"}
    attributes = [
        _named("attribute", name, valueType=kind, aggregationType="NONE", unique=unique,
               generated=False, sharing=rw, **_optional(name))
        for name, (kind, unique) in ATTRIBUTES.items()
    ]  # fmt: skip
    elements = [
        _named("element", name, valueType=kind, domainType="TRACKER", aggregationType="NONE",
               categoryCombo={"id": DEFAULT_COMBO}, sharing=rw, **_optional(name))
        for stage in ELEMENTS.values() for name, kind in stage.items()
    ]  # fmt: skip
    stages = [
        {
            "id": stage,
            "name": f"Bench {name}",
            "program": {"id": PROGRAM},
            "repeatable": stage == FOLLOW_UP,
            "sortOrder": place,
            "validationStrategy": "ON_UPDATE_AND_INSERT",
            "sharing": rwrw,
            "programStageDataElements": [
                {"id": _own(f"asked {stage} {element}"), "sortOrder": order,
                 "compulsory": False, "programStage": {"id": stage},
                 "dataElement": {"id": D[element]}}
                for order, element in enumerate(ELEMENTS[stage])
            ],
        }
        for place, (stage, name) in enumerate(
            ((INVESTIGATION, "investigation"), (FOLLOW_UP, "follow-up")), 1
        )
    ]  # fmt: skip
    program = {
        "id": PROGRAM,
        "name": "Bench case and contact follow-up",
        "shortName": "Bench follow-up",
        "code": "BENCH_PROGRAM",
        "programType": "WITH_REGISTRATION",
        "accessLevel": "OPEN",
        "categoryCombo": {"id": DEFAULT_COMBO},
        "trackedEntityType": {"id": PERSON},
        "displayIncidentDate": True,
        "sharing": rwrw,
        "organisationUnits": [{"id": one} for one in units],
        "programStages": [{"id": stage["id"]} for stage in stages],
        "programTrackedEntityAttributes": [
            {"id": _own(f"program attribute {name}"), "program": {"id": PROGRAM},
             "trackedEntityAttribute": {"id": A[name]}, "mandatory": name == "family",
             "searchable": True, "sortOrder": place}
            for place, name in enumerate(ATTRIBUTES)
        ],
    }  # fmt: skip
    person = {
        "id": PERSON,
        "name": "Bench person",
        "shortName": "Bench person",
        "sharing": rwrw,
        "trackedEntityTypeAttributes": [
            {"id": _own(f"type attribute {name}"), "trackedEntityType": {"id": PERSON},
             "trackedEntityAttribute": {"id": A[name]}, "searchable": True}
            for name in ATTRIBUTES
        ],
    }  # fmt: skip
    end = {
        "relationshipEntity": "TRACKED_ENTITY_INSTANCE",
        "trackedEntityType": {"id": PERSON},
    }
    link = {
        "id": EXPOSED, "name": "Bench exposed", "fromToName": "exposed", "toFromName": "exposed by",
        "bidirectional": True, "fromConstraint": end, "toConstraint": end, "sharing": rwrw,
    }  # fmt: skip
    return {
        **_options(),
        "trackedEntityAttributes": attributes,
        "trackedEntityTypes": [person],
        "dataElements": elements,
        "programs": [program],
        "programStages": stages,
        "relationshipTypes": [link],
        **_rules(),
    }


def places(root: str = "NO") -> list[Package]:
    """The country's org units, for a server that has none of them: Norge, 15 fylker, 357 kommuner."""
    with open(TABLES / "fylker.csv", encoding="utf-8") as lines:
        fylker = {row["number"]: row["name"] for row in csv.DictReader(lines)}

    def unit(code: str, name: str, parent: str | None) -> Package:
        made: Package = {"id": _own(f"unit {code}"), "code": code, "name": name,
                         "shortName": name[:50], "openingDate": "2020-01-01"}  # fmt: skip
        return made if parent is None else {**made, "parent": {"id": _own(f"unit {parent}")}}

    found = [unit(root, "Norge", None)]
    found += [unit(number, name, root) for number, name in sorted(fylker.items())]
    found += [unit(one.number, one.name, one.fylke) for one in kommuner()]
    return found
