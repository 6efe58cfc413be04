"""A program indicator: what it counts, of which rows, on which days, each in Norwegian beside.

Changes go to the draft. Called through web/routes.py and by the object's page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.expression.nodes import Mode
from smittesporing.metadata import draft, wording
from smittesporing.metadata.forms import DATE_TYPES, reference
from smittesporing.metadata.snapshot import Body
from smittesporing.problems import Refused
from smittesporing.uid import new_uid
from smittesporing.web.pages.configuration_again import again
from smittesporing.web.pages.configuration_compare import target_word
from smittesporing.web.pages.configuration_desk import Desk, desk_of
from smittesporing.web.pages.configuration_words import (
    LIMITS,
    OFFSETS,
    TARGETS,
    boundary_words,
    value_word,
)
from smittesporing.web.pages.words import _
from smittesporing.web.working import work_of

INDICATOR = "programIndicators"
LIST = "analyticsPeriodBoundaries"


@dataclass(frozen=True)
class Limit:
    """One limit on which days count, with its words."""

    key: str
    target: str
    type: str
    offset: int
    unit: str
    says: str


@dataclass(frozen=True)
class Name:
    """What an expression may name, and how it is written."""

    written: str
    name: str
    where: str
    codes: tuple[tuple[str, str], ...]


def middle(desk: Desk, body: Body) -> dict[str, Any]:
    program = reference(body, "program") or ""
    targets = targets_of(desk, program)
    known = {value for value, _word in targets}
    limits = [_limit(desk, place, each) for place, each in enumerate(_limits(body))]
    more = [(limit.target, target_word(desk, limit.target)) for limit in limits]
    targets += list(dict.fromkeys(pair for pair in more if pair[0] not in known))
    return {
        "limits": limits,
        "targets": targets,
        "types": [(value, _(word)) for value, word in LIMITS.items()],
        "units": [(value, _(words[1])) for value, words in OFFSETS.items()],
        "names": names_of(desk, program),
        "seen": str(desk.seen),
    }


def whole(desk: Desk, body: Body) -> list[str]:
    """What it counts as sentences: «Antall saker der …», and the days that are with."""
    program = reference(body, "program")
    expression = str(body.get("expression") or "")
    says = wording.said(desk.metadata, expression, Mode.PROGRAM_INDICATOR_EXPRESSION, program)
    only = wording.said(
        desk.metadata, str(body.get("filter") or ""), Mode.PROGRAM_INDICATOR_FILTER, program
    )
    rows = _("saker") if body.get("analyticsType") == "ENROLLMENT" else _("hendelser")
    head = _("Over %(rows)s: %(how)s av %(what)s", rows=rows,
             how=value_word(body.get("aggregationType")), what=says.sentence or "–")  # fmt: skip
    if expression.replace(" ", "") in ("V{enrollment_count}", "V{event_count}"):
        head = _("Antall %(rows)s", rows=rows)
    found = [head + (f" {_('der')} {only.sentence}" if only.sentence else "") + "."]
    return found + [_limit(desk, place, each).says for place, each in enumerate(_limits(body))]


def _limits(body: Mapping[str, Any]) -> list[Body]:
    return [each for each in body.get(LIST) or () if isinstance(each, dict)]


def _limit(desk: Desk, place: int, each: Body) -> Limit:
    target = str(each.get("boundaryTarget") or "EVENT_DATE")
    return Limit(
        str(each.get("id") or place),
        target,
        str(each.get("analyticsPeriodBoundaryType") or ""),
        int(each.get("offsetPeriods") or 0),
        str(each.get("offsetPeriodType") or ""),
        boundary_words(each, target_word(desk, target)),
    )


def targets_of(desk: Desk, program: str) -> list[tuple[str, str]]:
    """The dates a limit may look at: the record's own, and questions answered with a date."""
    found = [(value, _(word)) for value, word in TARGETS.items()]
    here = desk.metadata.programs.get(program)
    if here is None:
        return found
    for attribute in here.attributes:
        if attribute.attribute.value_type in DATE_TYPES:
            found.append((f"A{{{attribute.attribute.uid}}}", attribute.attribute.name))
    for stage in here.stages:
        for asked in stage.elements:
            if asked.element.value_type in DATE_TYPES:
                written = f"#{{{stage.uid}.{asked.element.uid}}}"
                found.append((written, f"{stage.name}: {asked.element.name}"))
    return found


def names_of(desk: Desk, program: str) -> list[Name]:
    """Every question of the program as an expression writes it."""
    here = desk.metadata.programs.get(program)
    if here is None:
        return []
    found = []
    for one in here.attributes:
        options = one.attribute.option_set.options if one.attribute.option_set else ()
        codes = tuple((each.code, each.name) for each in options[:30])
        found.append(Name(f"A{{{one.attribute.uid}}}", one.attribute.name, _("personen"), codes))
    for stage in here.stages:
        for asked in stage.elements:
            options = asked.element.option_set.options if asked.element.option_set else ()
            codes = tuple((each.code, each.name) for each in options[:30])
            written = f"#{{{stage.uid}.{asked.element.uid}}}"
            found.append(Name(written, asked.element.name, stage.name, codes))
    return sorted(found, key=lambda each: (each.where, each.name.lower()))


# Writing -------------------------------------------------------------------------------------------------


def limit(request: Request) -> Response:
    """A new limit (`ny`), one changed, or one away."""
    uid, key = request.path_params["uid"], request.path_params["limit"]
    form = request.state.form
    problem = ""
    with work_of(request, "configuration.edit") as work:
        desk = desk_of(work)
        body = desk.body(INDICATOR, uid)
        rows = _limits(body)
        keys = [str(each.get("id") or place) for place, each in enumerate(rows)]
        if key != "ny" and key not in keys:
            raise Refused("T003", status=404)
        if str(form.get("gjor", "")) == "fjern" and key != "ny":
            rows = [each for at, each in zip(keys, rows, strict=True) if at != key]
        else:
            problem, made = _read(desk, reference(body, "program") or "", form, rows, keys, key)
            if made is not None:
                rows = (
                    [*rows, {"id": new_uid(), **made}]
                    if key == "ny"
                    else [made | _kept(each) if at == key else each
                          for at, each in zip(keys, rows, strict=True)]
                )  # fmt: skip

        def change(body: Body) -> None:
            body[LIST] = rows

        if not problem:
            draft.write(work.conn, work.reach, INDICATOR, uid, LIST, change)
    return again(request, INDICATOR, uid, **({"problem": problem} if problem else {}))


def _kept(each: Body) -> Body:
    return {"id": each["id"]} if each.get("id") else {}


def _read(
    desk: Desk,
    program: str,
    form: Mapping[str, Any],
    rows: list[Body],
    keys: list[str],
    key: str,
) -> tuple[str, Body | None]:
    """What the form says of a limit, or the sentence of what is wrong with it."""
    target, kind = str(form.get("dato", "")), str(form.get("grense", ""))
    known = {value for value, _word in targets_of(desk, program)}
    if key in keys:
        known.add(str(rows[keys.index(key)].get("boundaryTarget") or "EVENT_DATE"))
    if target not in known or kind not in LIMITS:
        return _("Velg dato og grense fra listene."), None
    text = str(form.get("antall", "")).strip().replace("\N{MINUS SIGN}", "-") or "0"
    unit = str(form.get("enhet", "")) or "Daily"
    if not text.lstrip("-").isdecimal() or len(text) > 5 or unit not in OFFSETS:
        return _("Skriv et helt tall. Minus foran flytter grensen tilbake."), None
    made: Body = {"boundaryTarget": target, "analyticsPeriodBoundaryType": kind}
    if int(text):
        made |= {"offsetPeriods": int(text), "offsetPeriodType": unit}
    return "", made
