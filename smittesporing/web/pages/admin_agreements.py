"""KS's part of the administration: every kommune's road, what one has signed, and its administrators.

Shows configuration, never a person who is followed up. Called through web/routes.py and by admin.show.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from smittesporing.access import administration, agreements, org_units, users
from smittesporing.access.administration import Road
from smittesporing.access.agreements import Agreement
from smittesporing.access.org_units import OrgUnit
from smittesporing.access.work import Work
from smittesporing.problems import SENTENCES, Refused
from smittesporing.web.pages import admin_users, render
from smittesporing.web.pages.admin_log import lines
from smittesporing.web.pages.org_tree import alphabet
from smittesporing.web.pages.words import _, percent
from smittesporing.web.working import work_of

PATH = "/administrasjon/kommuner"
PAGE_SIZE = 50

# The places of a road, by the first step that is not done.
IN_USE = "i-bruk"
PLACES = {
    "klar": 3,
    "administrator": 2,
    "vedlegg": 1,
    "ssa-l": 0,
}

REGISTERED = render.say("avtale-registrert", "done", _("Avtalen er registrert."))
APPOINTED = render.say(
    "administrator-oppnevnt",
    "done",
    _(
        "Administratoren er oppnevnt, og kan logge inn med ID-porten fra nå. Nummeret er ikke lagret i klartekst."
    ),
)
ENDED = render.say(
    "administrator-avsluttet", "done", _("Rollen er avsluttet. Den gjelder ikke lenger.")
)


def kommuner(request: Request, work: Work) -> Response:
    """The list of kommuner with their road, and what is missing most."""
    asked = request.query_params
    roads = administration.roads(work.conn)
    units = org_units.current(work.conn)
    chosen = {name: asked.get(name, "").strip() for name in ("q", "fylke", "vei")}
    found = sorted((road for road in roads if fits(road, chosen)), key=urgency)
    pages = max(1, -(-len(found) // PAGE_SIZE))
    page = min(max(1, int(asked["side"])), pages) if asked.get("side", "").isdecimal() else 1
    people = sum(road.unit.population or 0 for road in roads)
    reached = sum(road.unit.population or 0 for road in roads if road.in_use)
    return render.page(
        request,
        "admin/kommuner.html",
        reach=work.reach,
        roads=found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
        found=len(found),
        total=len(roads),
        counts=Counter(road.missing for road in roads),
        in_use=sum(road.in_use for road in roads),
        shift=work.clock.shift,
        share=share_of(reached, people),
        fylker=sorted(units.level(2), key=lambda unit: alphabet(unit.name)),
        name_of={unit.id: unit.name for unit in units.level(2)},
        chosen=chosen,
        page=page,
        pages=pages,
    )


def fits(road: Road, chosen: Mapping[str, str]) -> bool:
    """Whether a kommune is among those asked for, by name or number, fylke, and place on the road."""
    sought = chosen["q"].casefold()
    if (
        sought
        and sought not in road.unit.name.casefold()
        and not (road.unit.code or "").startswith(sought)
    ):
        return False
    if chosen["fylke"] and not (road.unit.code or "").startswith(chosen["fylke"]):
        return False
    if chosen["vei"] == IN_USE:
        return road.in_use
    return chosen["vei"] not in PLACES or road.missing == PLACES[chosen["vei"]]


def urgency(road: Road) -> tuple[int, str]:
    """KS's own work first, then what waits for others, those in use, and last those not begun."""
    return (2, 1, 3, None, 0).index(road.missing), road.unit.code or ""


def share_of(part: int, whole: int) -> str:
    """A share in per cent; «under 1 %» where 0 would claim that there is nobody."""
    if 0 < part * 100 < whole:
        return _("under 1 %")
    return percent(part, whole)


def show(request: Request) -> Response:
    with work_of(request, "administration.kommune") as work:
        return kommune(request, work, kommune_of(work, request))


def register(request: Request) -> Response:
    """KS registers what the kommune has signed."""
    form = request.state.form
    with work_of(request, "administration.register_agreement") as work:
        unit = kommune_of(work, request)
        before = agreements.of(work.conn, unit.id)
        errors: dict[str, str] = {}
        days = {name: day_of(form.get(name), name, work, errors) for name in ("ssa_l", "annex")}
        typed = {name: str(form.get(name, "")) for name in days}
        if agreements.is_active(before):
            for name, day in days.items():
                if day is None and name not in errors:
                    errors[name] = _("Kommunen bruker tjenesten. Datoen kan rettes, ikke fjernes.")
        if errors:
            return kommune(request, work, unit, errors=errors, typed=typed)
        if str(form.get("version", "")) != str(before.version):
            return kommune(request, work, unit, typed=typed, problem=SENTENCES["T007"])
        agreements.register(work.conn, work.reach, unit.id, days["ssa_l"], days["annex"])
    return to(unit, REGISTERED)


def appoint(request: Request) -> Response:
    """KS appoints the kommune's administrator: a user found by number, or made."""
    form = request.state.form
    with work_of(request, "administration.appoint") as work:
        unit = kommune_of(work, request)
        person, errors = admin_users.read_person(form, work.settings)
        if person is None:
            typed = admin_users.typed_of(form)
            return kommune(request, work, unit, errors=errors, typed=typed)
        user, known = admin_users.user_of(work, person)
        administration.change_roles(
            work.conn, work.reach, user.uid, unit.id, {"administrator"}, set()
        )
    said = admin_users.outcome(person, known)
    return to(unit, APPOINTED if said == admin_users.ADDED else said)


def dismiss(request: Request) -> Response:
    """KS takes an administrator's role back."""
    with work_of(request, "administration.dismiss") as work:
        unit = kommune_of(work, request)
        user = str(request.state.form.get("user", ""))
        administration.change_roles(work.conn, work.reach, user, unit.id, set(), {"administrator"})
    return to(unit, ENDED)


def kommune(
    request: Request,
    work: Work,
    unit: OrgUnit,
    *,
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    problem: str = "",
) -> Response:
    """One kommune: its road, the agreement, the administrators, and what was done."""
    agreement = in_exercise_time(work, agreements.of(work.conn, unit.id))
    held = [role.user for role in users.in_unit(work.conn, unit.id) if role.role == "administrator"]
    units = org_units.current(work.conn)
    return render.page(
        request,
        "admin/kommune.html",
        status=400 if errors or problem else 200,
        reach=work.reach,
        unit=unit,
        fylke=units.by_id[unit.fylke].name if unit.fylke else "",
        agreement=agreement,
        steps=agreements.steps(agreement, len(held)),
        administrators=held,
        lines=lines(work, administration.changes(work.conn, work.reach, unit.id, 10)),
        errors=errors or {},
        typed=typed or {},
        problem=problem,
    )


def in_exercise_time(work: Work, agreement: Agreement) -> Agreement:
    """The agreement with the day of activation as an exercise counts days; unchanged outside one."""
    if agreement.activated_at is None:
        return agreement
    return replace(agreement, activated_at=agreement.activated_at + work.clock.shift)


def kommune_of(work: Work, request: Request) -> OrgUnit:
    """The kommune of the address, by number. Errors  T003 when there is none."""
    units = org_units.current(work.conn)
    unit = units.by_code.get(request.path_params["number"])
    if unit is None or unit.level != org_units.KOMMUNE_LEVEL:
        raise Refused("T003", status=404)
    return unit


def day_of(value: object, name: str, work: Work, errors: dict[str, str]) -> date | None:
    """The day typed, or None; a sentence in `errors` when it can't be one."""
    text = str(value or "").strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        errors[name] = _("Skriv datoen som dag, måned og år, for eksempel 04.05.2020.")
        return None
    if day > work.clock.today():
        errors[name] = _("Datoen har ikke kommet ennå. Skriv dagen avtalen ble signert.")
    return day


def to(unit: OrgUnit, notice: str) -> Response:
    return RedirectResponse(f"{PATH}/{unit.code}?beskjed={notice}", 303)
