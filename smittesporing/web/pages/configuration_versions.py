"""/konfigurasjon/versjoner: what was changed when, by whom and why; any two compared; and the way back.

Going back fills the draft, so that it is checked and tried like any change. Called through web/routes.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from smittesporing.metadata import back, versions
from smittesporing.metadata.versions import Change
from smittesporing.problems import Refused
from smittesporing.web.pages import render
from smittesporing.web.pages.configuration_compare import Line, differences
from smittesporing.web.pages.configuration_desk import PATH, Desk, desk_of
from smittesporing.web.pages.configuration_words import ORIGINS, kind_word
from smittesporing.web.pages.words import _
from smittesporing.web.working import work_of

VERSIONS = f"{PATH}/versjoner"
ROWS = 50
BACK = render.say(
    "konfigurasjon-tilbake", "done",
    _("Utkastet er fylt med den eldre versjonen. Se over, prøv og publiser det."),
)  # fmt: skip
FIRST = render.say(
    "konfigurasjon-tilbake-utkast", "warning",
    _("Utkastet har alt endringer. Publiser eller forkast dem før du går tilbake til en eldre versjon."),
)  # fmt: skip
SAME = render.say(
    "konfigurasjon-tilbake-lik", "info", _("Det er ingen forskjell på den versjonen og det som gjelder nå.")
)  # fmt: skip


@dataclass(frozen=True)
class Differing:
    """One object that differs between two versions."""

    plural: str
    uid: str
    name: str
    kind: str
    href: str
    word: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Sum:
    """How many of a kind were added, changed and taken away."""

    kind: str
    added: int
    changed: int
    removed: int


def show(request: Request) -> Response:
    """The versions, newest first."""
    before = _number(request.query_params.get("for", ""))
    with work_of(request, "configuration.read") as work:
        desk = desk_of(work)
        found = versions.versions(desk.conn, ROWS + 1, before)
        return render.page(
            request,
            "configuration/versions.html",
            menu="konfigurasjon",
            desk=desk,
            versions=found[:ROWS],
            more=found[ROWS - 1].number if len(found) > ROWS else 0,
            newest=desk.version,
            origins={key: _(word) for key, word in ORIGINS.items()},
            path=VERSIONS,
        )


def compare(request: Request) -> Response:
    """What differs from one version to another, object by object, property by property."""
    asked = request.query_params
    with work_of(request, "configuration.read") as work:
        desk = desk_of(work)
        newest = desk.version
        last = min(_number(asked.get("til", "")) or newest, newest)
        first = min(_number(asked.get("fra", "")), newest) if asked.get("fra") else last - 1
        first = max(first, 0)
        every = versions.between(desk.conn, first, last)
        changes = [change for change in every if desk.visible(change.plural, change.body)]
        shown = sorted(
            (differing(desk, change) for change in changes),
            key=lambda each: (_ORDER[each.word], each.kind, each.name.lower()),
        )
        page = max(_number(asked.get("side", "")), 1)
        pages = max(1, -(-len(shown) // ROWS))
        page = min(page, pages)
        return render.page(
            request,
            "configuration/compare.html",
            menu="konfigurasjon",
            desk=desk,
            first=versions.version(desk.conn, first),
            last=versions.version(desk.conn, last),
            from_=first,
            to=last,
            numbers=list(range(newest, 0, -1))[:500],
            found=shown[(page - 1) * ROWS : page * ROWS],
            sums=sums(changes),
            total=len(shown),
            hidden=len(every) - len(changes),
            page=page,
            pages=pages,
            newest=newest,
            way=_way(desk, last) if last < newest else None,
            origins={key: _(word) for key, word in ORIGINS.items()},
            path=VERSIONS,
        )


_ORDER = {"changed": 0, "added": 1, "removed": 2}


def differing(desk: Desk, change: Change) -> Differing:
    lines = (
        differences(desk, change.plural, change.before, change.after)
        if change.word == "changed"
        else []
    )
    body = change.body
    known = desk.either(change.plural, change.uid) is not None
    name = str(body.get("name") or body.get("code") or "") or desk.name(change.plural, change.uid)
    return Differing(
        change.plural,
        change.uid,
        name,
        kind_word(change.plural),
        desk.href(change.plural, change.uid) if known else "",
        change.word,
        tuple(lines),
    )


def sums(changes: list[Change]) -> list[Sum]:
    """How many of each kind, for a first look."""
    kinds: dict[str, dict[str, int]] = {}
    for change in changes:
        counts = kinds.setdefault(change.plural, {"added": 0, "changed": 0, "removed": 0})
        counts[change.word] += 1
    found = [Sum(kind_word(plural), **counts) for plural, counts in kinds.items()]
    return sorted(found, key=lambda each: each.kind)


def _way(desk: Desk, number: int) -> dict[str, list[str]]:
    """What going back to a version would take away, close and keep, by name."""
    way = back.way_back(desk.conn, number, desk.visible)
    return {
        "put": [desk.name(*key) for key in way.put],
        "removed": [desk.name(*key) for key in way.removed],
        "closed": [str(body.get("name") or key[1]) for key, body in way.closed.items()],
        "kept": [desk.name(*key) for key in way.kept],
    }


def go_back(request: Request) -> Response:
    """Fill the draft with an earlier version; a draft that has something is never written over."""
    number = _number(request.path_params["number"])
    with work_of(request, "configuration.edit") as work:
        desk = desk_of(work)
        if versions.version(desk.conn, number) is None:
            raise Refused("T003", status=404)
        if desk.entries:
            return RedirectResponse(f"{PATH}/utkast?beskjed={FIRST}", 303)
        way = back.way_back(desk.conn, number, desk.visible)
        if not (way.put or way.removed or way.closed):
            return RedirectResponse(f"{VERSIONS}?beskjed={SAME}", 303)
        back.into_draft(desk.conn, desk.reach, way)
    return RedirectResponse(f"{PATH}/utkast?beskjed={BACK}", 303)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
