"""/administrasjon: what stands between a kommune and its work, and who can do something about it.

Which page it is follows from the role: KS sees every kommune's road (admin_agreements.py), a kommune's
administrator her own, with the options the rules leave to the kommune. Called through web/routes.py.
"""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from smittesporing.access import administration, agreements, org_units, users
from smittesporing.access.org_units import OrgUnit
from smittesporing.access.reach import ROLE_NAMES
from smittesporing.access.work import Work
from smittesporing.problems import Refused
from smittesporing.tracing import rulebook
from smittesporing.tracing.rulebook import Rule
from smittesporing.web.pages import admin_agreements, render
from smittesporing.web.pages.admin_agreements import in_exercise_time
from smittesporing.web.pages.admin_log import lines, option_name
from smittesporing.web.pages.admin_users import own_kommune
from smittesporing.web.pages.words import _
from smittesporing.web.working import work_of

PATH = "/administrasjon"

ACTIVATED = render.say(
    "tatt-i-bruk", "done", _("Tjenesten er tatt i bruk. De som har roller her, slipper inn fra nå.")
)
CHOSEN = render.say(
    "valg-lagret", "done", _("Valgene er lagret. Nye vurderinger følger dem fra nå.")
)

# What the kommune can't do while nobody holds the role.
WITHOUT = {
    "tracer": "Ingen kan registrere og ringe.",
    "team_leader": "Ingen fordeler oppgaver. Kommuneoverlegen kan også gjøre det.",
    "kommuneoverlege": "Ingen kan bestemme tiltak, gjøre unntak eller rapportere.",
}


@dataclass(frozen=True)
class Post:
    """One role that the work needs: who holds it, and what is missing without."""

    role: str
    names: tuple[str, ...]
    without: str


@dataclass(frozen=True)
class Option:
    """One choice that the rules leave to the kommune, with the rules that ask for it."""

    code: str
    title: str
    rules: tuple[Rule, ...]
    chosen: bool
    asked_now: bool


def show(request: Request) -> Response:
    """KS's list, or the kommune's own page. Errors  T002 for those who administer nothing."""
    with work_of(request, "administration.read") as work:
        if work.reach.may("agreements"):
            return admin_agreements.kommuner(request, work)
        return own(request, work)


def own(request: Request, work: Work, *, problem: str = "") -> Response:
    """The kommune's road, its people, its units and its choices."""
    unit = own_kommune(work)
    agreement = in_exercise_time(work, agreements.of(work.conn, unit.id))
    held = users.in_unit(work.conn, unit.id)
    administrators = sum(role.role == "administrator" for role in held)
    steps = agreements.steps(agreement, administrators)
    units = org_units.current(work.conn)
    posts = [
        Post(role, tuple(r.user.name for r in held if r.role == role), _(without))
        for role, without in WITHOUT.items()
    ]
    return render.page(
        request,
        "admin/own.html",
        status=409 if problem else 200,
        reach=work.reach,
        unit=unit,
        agreement=agreement,
        active=agreements.is_active(agreement),
        steps=steps,
        missing=next((step for step in steps if not step.done), None),
        posts=posts,
        role_names=ROLE_NAMES,
        local_units=len(units.descendants(unit.id)) - 1,
        options=options_for(work, unit),
        lines=lines(work, administration.changes(work.conn, work.reach, limit=5)),
        problem=problem,
    )


def activate(request: Request) -> Response:
    """The kommune's administrator takes the service into use; a step that is missing is named."""
    try:
        with work_of(request, "administration.activate") as work:
            agreements.activate(work.conn, work.reach.user, own_kommune(work).id)
    except Refused as refusal:
        if refusal.problem.code != "T004":
            raise
        with work_of(request, "administration.read") as work:
            return own(request, work, problem=refusal.problem.sentence)
    return RedirectResponse(f"{PATH}?beskjed={ACTIVATED}", 303)


def choose(request: Request) -> Response:
    """The kommune's choices among what the rules leave open."""
    chosen = {str(code) for code in request.state.form.getlist("valg")}
    with work_of(request, "administration.choose_options") as work:
        unit = own_kommune(work)
        administration.choose_options(work.conn, work.reach, unit.id, chosen, option_codes())
    return RedirectResponse(f"{PATH}?beskjed={CHOSEN}#valg", 303)


def option_codes() -> tuple[str, ...]:
    """Every option that some rule asks for, in the order the rules came."""
    rules = sorted(rulebook.load().rules, key=lambda rule: rule.from_)
    asked = [str(rule.who["option"]) for rule in rules if "option" in rule.who]
    return tuple(dict.fromkeys(asked))


def options_for(work: Work, unit: OrgUnit) -> list[Option]:
    """The choices, whether the kommune has made them, and whether any rule asks today."""
    chosen = administration.options_of(work.conn, unit.id)
    now = work.clock.now()
    found = []
    for code in option_codes():
        asking = [rule for rule in rulebook.load().rules if rule.who.get("option") == code]
        rules = tuple(sorted(asking, key=lambda rule: rule.from_))
        asked_now = any(holds(rule, now) for rule in rules)
        found.append(Option(code, option_name(code), rules, code in chosen, asked_now))
    return found


def holds(rule: Rule, at: datetime) -> bool:
    return rule.from_ <= at and (rule.until is None or at < rule.until)
