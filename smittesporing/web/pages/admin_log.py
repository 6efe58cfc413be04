"""What administrators did, as sentences: the page, and the last lines for other pages.

Reads the append-only list in access.administration; who looked at a person is another log, and stands on
the person's page. Called through web/routes.py, by admin.py and admin_agreements.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.access import administration, org_units
from smittesporing.access.administration import Change
from smittesporing.access.org_units import OrgUnits
from smittesporing.access.reach import ROLE_NAMES
from smittesporing.access.work import Work
from smittesporing.problems import Refused
from smittesporing.tracing import rulebook
from smittesporing.web.pages import render
from smittesporing.web.pages.words import _, day_year, listed
from smittesporing.web.working import work_of

SHOWN = 200


@dataclass(frozen=True)
class Line:
    """One act: when, by whom, what, and where."""

    at: datetime
    by: str
    said: str
    place: str
    number: str


def show(request: Request) -> Response:
    """The list. Errors  T002 for those who administer nothing."""
    with work_of(request, "administration.changes") as work:
        if not (work.reach.may("administer") or work.reach.may("agreements")):
            raise Refused("T002", status=403)
        found = administration.changes(work.conn, work.reach, limit=SHOWN)
        return render.page(
            request, "admin/log.html", reach=work.reach, lines=lines(work, found), limit=SHOWN
        )


def lines(work: Work, changes: Iterable[Change]) -> list[Line]:
    """The changes as sentences, in the order given.

    Times   The list keeps the machine's time; an exercise shows its own, which is the same, shifted.
    """
    units = org_units.current(work.conn)
    return [_line(change, units, work.clock.shift) for change in changes]


def _line(change: Change, units: OrgUnits, shift: timedelta) -> Line:
    unit = units.by_id.get(change.org_unit) if change.org_unit else None
    return Line(
        change.at + shift,
        change.by or _("Systemet"),
        sentence(change, units),
        unit.name if unit else "",
        (unit.code or "") if unit and unit.level == org_units.KOMMUNE_LEVEL else "",
    )


def sentence(change: Change, units: OrgUnits) -> str:
    """What was done, without its subject: «ga Kari Vik rollen smittesporer»."""
    detail = change.detail
    role = _(ROLE_NAMES.get(str(detail.get("role", "")), ""))
    person = change.person or _("en bruker")
    if change.what == "agreement.registered":
        return _(
            "registrerte avtalen: SSA-L %(ssa_l)s, tjenestevedlegget %(annex)s",
            ssa_l=_signed(detail.get("ssa_l")),
            annex=_signed(detail.get("annex")),
        )
    if change.what == "agreement.activated":
        return _("tok tjenesten i bruk")
    if change.what == "role.granted":
        return _("ga %(person)s rollen %(role)s", person=person, role=role)
    if change.what == "role.ended":
        return _("avsluttet rollen %(role)s for %(person)s", person=person, role=role)
    if change.what == "user.added":
        return _("la til brukeren %(person)s", person=person)
    if change.what == "org_unit.added":
        unit = units.by_uid.get(str(detail.get("uid", "")))
        return _("la til enheten %(name)s", name=unit.name if unit else "–")
    if change.what == "org_unit.renamed":
        return _(
            "endret navn fra %(old)s til %(new)s", old=detail.get("from"), new=detail.get("to")
        )
    if change.what in ("org_unit.moved", "org_unit.closed", "org_unit.removed"):
        unit = next((u for u in units.by_id.values() if u.uid == detail.get("uid")), None)
        said = {
            "org_unit.moved": _("flyttet enheten %(name)s", name=unit.name if unit else "–"),
            "org_unit.closed": _("avsluttet enheten %(name)s", name=unit.name if unit else "–"),
            "org_unit.removed": _("fjernet enheten %(name)s", name=unit.name if unit else "–"),
        }
        return said[change.what]
    if change.what == "options.chosen":
        chosen = [option_name(code) for code in detail.get("chosen", ())]
        dropped = [option_name(code) for code in detail.get("dropped", ())]
        parts = [_("slo på «%(names)s»", names=listed(chosen))] if chosen else []
        parts += [_("slo av «%(names)s»", names=listed(dropped))] if dropped else []
        return f" {_('og')} ".join(parts) or _("endret kommunens valg")
    if change.what == "report.sent":
        week = str(detail.get("period", "")).split("W")[-1]
        return _("sendte ukerapporten for uke %(week)s til FHI", week=week)
    return change.what


def option_name(code: str) -> str:
    """The title of the first rule that asks for the option; the code itself when none does."""
    rules = [
        rule for rule in rulebook.load().rules if rule.who.get("option") == code and not rule.ends
    ]
    return min(rules, key=lambda rule: rule.from_).title if rules else code


def _signed(text: object) -> str:
    try:
        return day_year(date.fromisoformat(str(text)))
    except ValueError:
        return _("ikke signert")
