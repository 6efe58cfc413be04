"""Bydeler and teams below one's own kommune: add and rename; Kartverket's units are shown and locked.

Called through web/routes.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from smittesporing.access import administration, org_units
from smittesporing.access.org_units import OrgUnit, OrgUnits
from smittesporing.access.work import Work
from smittesporing.metadata import places
from smittesporing.problems import Refused
from smittesporing.web.pages import render
from smittesporing.web.pages.admin_users import own_kommune
from smittesporing.web.pages.words import _
from smittesporing.web.working import work_of

PATH = "/administrasjon/enheter"
ADDED = render.say("enhet-lagt-til", "done", _("Enheten er lagt til."))
RENAMED = render.say("enhet-endret", "done", _("Navnet er endret."))


@dataclass(frozen=True)
class Branch:
    """One unit with those below it, by name."""

    unit: OrgUnit
    below: tuple["Branch", ...]


def show(request: Request) -> Response:
    with work_of(request, "administration.units") as work:
        return tree(request, work)


def add(request: Request) -> Response:
    """A new bydel or team below the kommune, or below one that is there."""
    form = request.state.form
    typed = {"name": str(form.get("name", ""))[:200], "parent": str(form.get("parent", ""))}
    with work_of(request, "administration.add_unit") as work:
        units = org_units.current(work.conn)
        parent = units.by_uid.get(typed["parent"])
        if parent is None:
            return tree(request, work, typed=typed, errors={"parent": _("Velg hva den hører til.")})
        administration.own_unit(work.conn, work.reach, parent.id)
        problem = name_problem(units, parent, typed["name"])
        if problem:
            return tree(request, work, typed=typed, errors={"name": problem})
        name = administration.unit_name(typed["name"])
        added = org_units.add(work.conn, parent.id, name, work.reach.user)
        places.assign_like_parent(work.conn, added.uid)
    return RedirectResponse(f"{PATH}?beskjed={ADDED}", 303)


def rename(request: Request) -> Response:
    """A new name for a unit that the kommune made."""
    written = str(request.state.form.get("name", ""))[:200]
    with work_of(request, "administration.rename_unit") as work:
        units = org_units.current(work.conn)
        unit = units.by_uid.get(request.path_params["unit"])
        if unit is None:
            raise Refused("T003", status=404)
        administration.own_unit(work.conn, work.reach, unit.id)
        above = units.by_id[unit.parent] if unit.parent is not None else unit
        problem = "" if unit.official else name_problem(units, above, written, unit)
        if problem:
            return tree(request, work, renaming=(unit.uid, written, problem))
        administration.rename(work.conn, work.reach, unit.id, written)
    return RedirectResponse(f"{PATH}?beskjed={RENAMED}", 303)


def tree(
    request: Request,
    work: Work,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    renaming: tuple[str, str, str] = ("", "", ""),
) -> Response:
    """The page. renaming: the unit whose new name was refused, the name, and why."""
    unit = own_kommune(work)
    units = org_units.current(work.conn)
    root = branch(units, unit)
    return render.page(
        request,
        "admin/units.html",
        status=400 if errors or renaming[0] else 200,
        reach=work.reach,
        unit=unit,
        root=root,
        parents=[{"value": each.uid, "word": word} for each, word in flat(root)],
        typed=typed or {"name": "", "parent": unit.uid},
        errors=errors or {},
        renaming=renaming,
    )


def branch(units: OrgUnits, unit: OrgUnit) -> Branch:
    below = sorted(units.children(unit.id), key=lambda each: alphabet(each.name))
    return Branch(unit, tuple(branch(units, each) for each in below))


def alphabet(name: str) -> str:
    """A key that sorts æ, ø and å last, as app.nb_key does in the database."""
    return name.lower().translate(str.maketrans("æøåäö", "{|}{|"))


def flat(root: Branch, before: str = "") -> list[tuple[OrgUnit, str]]:
    """Every unit with its way down as words: «Tromsø», «Bydel sør», «Bydel sør › Team 2»."""
    found = [(root.unit, before + root.unit.name)]
    for each in root.below:
        found += flat(each, "" if root.unit.official else f"{before}{root.unit.name} › ")
    return found


def name_problem(units: OrgUnits, parent: OrgUnit, name: str, itself: OrgUnit | None = None) -> str:
    """Why the name can't be used below that parent; empty when it can."""
    try:
        written = administration.unit_name(name)
    except Refused as refusal:
        return refusal.problem.args[1]
    taken = {each.name.casefold() for each in units.children(parent.id) if each != itself}
    if written.casefold() in taken:
        return _("Det finnes alt en enhet med dette navnet her. Velg et annet.")
    return ""
