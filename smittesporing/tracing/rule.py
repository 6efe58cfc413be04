"""What one dated rule is made of, as its TOML block states it.

Types only. rule_files.py fills and checks them, rulebook.py finds the one in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from smittesporing.tracing.people import Basis, Certainty, Citation, MeasureKind
from smittesporing.tracing.people import Scope as MeasureScope


@dataclass(frozen=True)
class Template:
    """One measure that a rule lays on a person. Days count from day 0; see days.last_day."""

    kind: MeasureKind
    basis: Basis
    scope: MeasureScope = MeasureScope.ALL
    days: int | None = None  # the last day is day 0 + days
    at_least: int | None = None  # isolation: earliest end is day 0 + at_least
    symptom_free_days: int | None = None
    fever_free_hours: int | None = None
    test_out_day: int | None = None  # a negative test taken this day or later ends it
    test_out_kinds: tuple[str, ...] = ()
    until_negative: bool = False  # ends with the first negative test, whatever day
    test_at_once: bool = False
    test_days: tuple[int, ...] = ()
    daily_until_day: int | None = None  # a test every day from day 1
    when: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Rule:
    """One rule as its file states it; `until` is the moment it stops, None while it holds."""

    id: str
    topic: str
    line: str
    rank: int
    disease: str
    jurisdiction: str
    from_: datetime
    until: datetime | None
    ongoing: bool
    ends: bool  # nothing holds in this line from now on
    who: Mapping[str, Any]
    measures: tuple[Template, ...]
    values: Mapping[str, Any]
    force: str  # duty | advice
    certainty: Certainty
    citation: Citation
    title: str
    sentence: str
    exemption: str  # what an exempt person has, in words; "" when the rule is no exemption
    note: str
    file: str

    @property
    def uncertain_date(self) -> bool:
        """True when pages must write "usikker dato" beside it."""
        return self.certainty is not Certainty.SOURCED


@dataclass(frozen=True)
class Rulebook:
    rules: tuple[Rule, ...]

    @property
    def diseases(self) -> frozenset[str]:
        return frozenset(rule.disease for rule in self.rules)
