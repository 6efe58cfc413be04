"""Indicators: what is counted, as configuration.

Holds the expressions as text; parsing and counting are done by expression and analytics. Built by
snapshot.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from smittesporing.metadata.forms import reference
from smittesporing.metadata.sharing import Sharing, sharing


@dataclass(frozen=True, slots=True, eq=False)
class Boundary:
    """One limit on a date: the target must lie after or before an end of the reporting period.

    Shape   target is EVENT_DATE, ENROLLMENT_DATE, INCIDENT_DATE, SCHEDULED_DATE, `#{stage.de}`,
            `A{attribute}` or `PS_EVENTDATE:stage`; type is such as AFTER_START_OF_REPORTING_PERIOD.
    Units   offset counts periods of offset_type (`Daily`, `Weekly`, …); 0 when there is none.
    """

    target: str
    type: str
    offset: int
    offset_type: str | None


@dataclass(frozen=True, slots=True, eq=False)
class ProgramIndicator:
    """A count, sum or average over the events or enrollments of one program."""

    uid: str
    code: str | None
    name: str
    short_name: str
    description: str
    program: str
    expression: str
    filter: str
    aggregation_type: str
    analytics_type: str
    decimals: int | None
    display_in_form: bool
    boundaries: tuple[Boundary, ...]
    org_unit_field: str | None
    sharing: Sharing

    def __post_init__(self) -> None:
        if self.analytics_type not in ("EVENT", "ENROLLMENT"):
            raise ValueError(f"program indicator {self.uid} counts neither events nor enrollments")


@dataclass(frozen=True, slots=True, eq=False)
class Indicator:
    """A ratio of two expressions, multiplied by factor (100 for a percentage)."""

    uid: str
    code: str | None
    name: str
    short_name: str
    numerator: str
    denominator: str
    factor: int
    annualized: bool
    decimals: int | None
    sharing: Sharing


def program_indicator(body: Mapping[str, Any]) -> ProgramIndicator:
    """The program indicator a DHIS2 object describes; ValueError when it counts nothing known."""
    name = str(body.get("name", ""))
    return ProgramIndicator(
        uid=str(body["id"]),
        code=body.get("code"),
        name=name,
        short_name=str(body.get("shortName") or name),
        description=str(body.get("description") or ""),
        program=reference(body, "program") or "",
        expression=str(body.get("expression") or ""),
        filter=str(body.get("filter") or "").strip(),
        aggregation_type=str(body.get("aggregationType") or "DEFAULT"),
        analytics_type=str(body.get("analyticsType") or "EVENT"),
        decimals=body.get("decimals"),
        display_in_form=bool(body.get("displayInForm")),
        boundaries=tuple(
            Boundary(
                target=str(each.get("boundaryTarget") or "EVENT_DATE"),
                type=str(each.get("analyticsPeriodBoundaryType") or ""),
                offset=int(each.get("offsetPeriods") or 0),
                offset_type=each.get("offsetPeriodType"),
            )
            for each in body.get("analyticsPeriodBoundaries") or ()
        ),
        org_unit_field=body.get("orgUnitField"),
        sharing=sharing(body),
    )


def indicator(body: Mapping[str, Any], factors: Mapping[str, int]) -> Indicator:
    """The indicator a DHIS2 object describes; factors maps each indicator type's uid to its own."""
    name = str(body.get("name", ""))
    return Indicator(
        uid=str(body["id"]),
        code=body.get("code"),
        name=name,
        short_name=str(body.get("shortName") or name),
        numerator=str(body.get("numerator") or ""),
        denominator=str(body.get("denominator") or "1"),
        factor=factors.get(reference(body, "indicatorType") or "", 1),
        annualized=bool(body.get("annualized")),
        decimals=body.get("decimals"),
        sharing=sharing(body),
    )
