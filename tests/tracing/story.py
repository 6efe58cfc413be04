"""Story tests: facts and expectations as TOML that a municipal doctor can review.

A story asks the same question on both sides of a rule's first moment; a life asks it several times
while rules change around one person. This file turns the TOML into people and answers into words.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from smittesporing.tracing import classify, follow_up, isolation, measures, rulebook, waiting
from smittesporing.tracing.days import OSLO
from smittesporing.tracing.people import (
    Case,
    CaseStatus,
    Category,
    Contact,
    Exposure,
    Infection,
    Jurisdiction,
    MeasureKind,
    Outcome,
    Relation,
    TestKind,
    TestResult,
    Vaccination,
    Variant,
)

FOLDER = Path(__file__).parent / "stories"


@dataclass(frozen=True)
class Side:
    """One question at one moment: which story, which side, what is expected."""

    story: Mapping[str, Any]
    name: str  # before | after | step 1, step 2, …
    part: Mapping[str, Any]
    file: str

    @property
    def at(self) -> datetime:
        return moment(self.part["at"])

    def __str__(self) -> str:
        return f"{self.story['title']}, {self.name}"


def stories() -> list[tuple[str, dict[str, Any]]]:
    return list(_read("story"))


def sides() -> list[Side]:
    """Every question of every story and life."""
    found = [
        Side(story, name, story[name], file)
        for file, story in _read("story")
        for name in ("before", "after")
    ]
    for file, life in _read("life"):
        found += [
            Side(life, f"step {number}", step, file)
            for number, step in enumerate(life["step"], start=1)
        ]
    return found


def _read(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted(FOLDER.glob("*.toml")):
        for story in tomllib.loads(file.read_text(encoding="utf-8")).get(kind, []):
            yield file.name, story


def moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value.replace(tzinfo=OSLO) if value.tzinfo is None else value
    return datetime(value.year, value.month, value.day, tzinfo=OSLO)


def answer(side: Side) -> dict[str, Any]:
    """What the rules say: `says` and, for measures, the rules behind."""
    facts = {**side.story, **side.part}
    book = rulebook.load()
    where = Jurisdiction(facts.get("kommune", "NO"), frozenset(facts.get("options", ())))
    case = a_case({**side.story.get("case", {}), **side.part.get("case", {})})
    contact = a_contact({**side.story.get("contact", {}), **side.part.get("contact", {})})
    ask = side.story["ask"]
    if ask == "isolation":
        return _proposals(isolation.for_case(case, book, side.at, where))
    if ask == "status":
        return {"says": [classify.proposed_status(case, book, side.at, where)[0].value]}
    if ask == "who_tells":
        tells = follow_up.who_tells(Category(facts["category"]), book, side.at, case.disease, where)
        return {"says": [tells.value] if tells else []}
    exposures = facts.get("exposures") or [
        {**side.story.get("exposure", {}), **side.part.get("exposure", {})}
    ]
    if ask == "verdict":
        exposure = an_exposure(exposures[0])
        found = classify.verdict(case, exposure, contact, book, side.at, where)
        return {"says": [found.sentence], "rules": [found.rule]}
    exposed = tuple(
        measures.Exposed(
            a_case(
                {**side.story.get("case", {}), **side.part.get("case", {}), **e.get("case", {})}
            ),
            an_exposure({k: v for k, v in e.items() if k != "case"}),
            Category(facts["category"]),
        )
        for e in exposures
    )
    proposals = measures.for_contact(contact, exposed, book, side.at, where)
    if ask == "waiting":
        housemate = a_contact(facts.get("housemate", {}))
        quarantine = next(
            (p for p in proposals if p.kind is MeasureKind.INFECTION_QUARANTINE), None
        )
        assert quarantine is not None, "the contact of the story has no quarantine"
        return _proposals(
            waiting.for_housemate(housemate, contact, quarantine, book, side.at, where)
        )
    return _proposals(proposals)


def _proposals(proposals: tuple[Any, ...]) -> dict[str, Any]:
    return {"says": [p.sentence for p in proposals], "rules": [p.rule for p in proposals]}


def a_case(facts: Mapping[str, Any]) -> Case:
    """A confirmed case unless the story says otherwise."""
    values = dict(facts)
    values["status"] = CaseStatus(values.get("status", "CONFIRMED"))
    values["variant"] = Variant(values.get("variant", "NONE"))
    return Case("index", **_common(values))


def a_contact(facts: Mapping[str, Any]) -> Contact:
    """An adult without vaccine and earlier infection unless the story says otherwise."""
    values = {"age": 40, "vaccinations": [], "infections": [], **facts}
    if "told_at" in values:
        values["told_at"] = moment(values["told_at"])
    return Contact("contact", **_common(values))


def an_exposure(facts: Mapping[str, Any]) -> Exposure:
    values = dict(facts)
    if "relation" in values:
        values["relation"] = Relation(values["relation"])
    return Exposure("exposure", "index", "contact", **values)


def _common(values: dict[str, Any]) -> dict[str, Any]:
    if "tests" in values:
        values["tests"] = tuple(_test(test) for test in values["tests"])
    if values.get("vaccinations") is not None:
        values["vaccinations"] = tuple(
            Vaccination(day) if isinstance(day, date) else Vaccination(day["on"], day["product"])
            for day in values["vaccinations"]
        )
    if values.get("infections") is not None:
        values["infections"] = tuple(
            Infection(day, documented=True) if isinstance(day, date) else Infection(**day)
            for day in values["infections"]
        )
    return values


def _test(test: Mapping[str, Any]) -> TestResult:
    return TestResult(
        test["on"],
        Outcome(test["result"]),
        TestKind(test.get("kind", "PCR")),
        test.get("answered_on"),
    )
