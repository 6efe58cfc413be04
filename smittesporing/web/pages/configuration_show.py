"""One object's page: what it is in words, its fields, what uses it and what it uses, and its history.

Each kind has its own middle; the rest is the same for all. Called through web/routes.py; the writing parts
answer with `side` so that the words beside the fields follow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from smittesporing.metadata import draft, versions
from smittesporing.metadata.forms import reference
from smittesporing.metadata.snapshot import Body
from smittesporing.problems import Refused
from smittesporing.web.pages import (
    configuration_form,
    configuration_indicator,
    configuration_options,
    configuration_rule,
    render,
)
from smittesporing.web.pages.configuration_compare import Line, differences
from smittesporing.web.pages.configuration_desk import PATH, WITHIN, Desk, Shown, desk_of, own_body
from smittesporing.web.pages.configuration_fields import fields_of, sentences_of
from smittesporing.web.pages.configuration_words import kind_word, value_word
from smittesporing.web.pages.words import _
from smittesporing.web.working import work_of

UNDONE = render.say("konfigurasjon-angret", "done", _("Endringene i utkastet er angret her."))
REMOVED = render.say(
    "konfigurasjon-fjernet", "done", _("Tas bort når utkastet publiseres. Du kan angre.")
)

# What stands in the middle of the page of a kind, and which template draws it.
Middle = Callable[[Desk, Body], dict[str, Any]]
MIDDLES: dict[str, tuple[str, Middle]] = {
    "programs": ("configuration/form.html", configuration_form.profile),
    "programStages": ("configuration/form.html", configuration_form.stage_form),
    "optionSets": ("configuration/options.html", configuration_options.middle),
    "programRules": ("configuration/rule.html", configuration_rule.middle),
    "programIndicators": ("configuration/indicator.html", configuration_indicator.middle),
}
# What may be taken away as a whole: what holds no data.
REMOVABLE = frozenset(
    ("programRules", "programRuleVariables", "programIndicators", "indicators", "constants")
)


@dataclass(frozen=True)
class Event:
    """One version of the object: which, and what it changed."""

    version: versions.Version
    word: str
    lines: tuple[Line, ...]


def show(request: Request) -> Response:
    """The object's page. Errors  T003 when there is no such object or she may not see it."""
    plural, uid = request.path_params["plural"], request.path_params["uid"]
    with work_of(request, "configuration.read") as work:
        desk = desk_of(work)
        body = _body(desk, plural, uid)
        within = WITHIN.get(plural)
        if within and reference(body, within[0]):
            return RedirectResponse(desk.href(plural, uid), 303)
        return page(request, desk, plural, body)


def page(request: Request, desk: Desk, plural: str, body: Body, **more: Any) -> Response:
    """The whole page of an object."""
    template, middle = MIDDLES.get(plural, ("configuration/plain.html", plain))
    gone = desk.drafted(plural, body["id"]) == "gone"
    return render.page(
        request,
        "configuration/show.html",
        menu="konfigurasjon",
        middle="configuration/gone.html" if gone else template,
        **beside(desk, plural, body),
        **({} if gone else middle(desk, body)),
        **more,
    )


def _body(desk: Desk, plural: str, uid: str) -> Body:
    """The object, also when the draft takes it away."""
    entry = desk.entries.get((plural, uid))
    live = desk.published.get(plural, uid)
    if entry is not None and entry.body is None and live is not None and desk.visible(plural, live):
        return live
    return desk.body(plural, uid)


def beside(desk: Desk, plural: str, body: Body) -> dict[str, Any]:
    """What all kinds share: head, fields, sentences, uses, draft and history."""
    uid = str(body["id"])
    return {
        "desk": desk,
        "line": desk.line(plural, uid),
        "body": body,
        "facts": facts(desk, plural, body),
        "says": says_of(desk, plural, body),
        "fields": fields_of(desk, plural, body),
        "sentences": sentences_of(desk, plural, body),
        "used_by": desk.used_by(plural, uid),
        "uses": desk.used(plural, uid),
        "drafted": drafted(desk, plural, body),
        "history": history(desk, plural, uid),
        "removable": plural in REMOVABLE,
        "path": f"{PATH}/{plural}/{uid}",
        "crumbs": crumbs(desk, plural, body),
    }


def says_of(desk: Desk, plural: str, body: Body) -> list[str]:
    """The whole rule or indicator in Norwegian; nothing for the other kinds."""
    if plural == "programRules":
        return configuration_rule.rule_words(desk, desk.metadata, str(body["id"]))
    if plural == "programIndicators":
        return configuration_indicator.whole(desk, body)
    return []


def crumbs(desk: Desk, plural: str, body: Body) -> list[dict[str, str]]:
    steps = [{"word": _("Konfigurasjon"), "href": PATH}]
    program = reference(body, "program")
    if program and desk.metadata.get("programs", program):
        steps.append(
            {"word": desk.name("programs", program), "href": desk.href("programs", program)}
        )
    return [*steps, {"word": desk.name(plural, str(body["id"]))}]


def facts(desk: Desk, plural: str, body: Body) -> list[tuple[str, str]]:
    """The quiet facts: kind, code, identifier, what kind of answer."""
    found = [(_("Slag"), kind_word(plural))]
    if body.get("valueType"):
        found.append((_("Slags svar"), value_word(body["valueType"])))
    if body.get("code"):
        found.append((_("Kode"), str(body["code"])))
    return [*found, (_("Identifikator"), str(body["id"]))]


def plain(desk: Desk, body: Body) -> dict[str, Any]:
    """The middle of a kind that has none of its own: its fields."""
    return {}


def drafted(desk: Desk, plural: str, body: Body) -> list[tuple[Shown, str, list[Line]]]:
    """What the draft changes in the object and in its parts: (object, new, changed or gone, lines)."""
    uid = str(body["id"])
    found = []
    for key, entry in desk.entries.items():
        above = _above(desk, key)
        if (plural, uid) not in (key, above):
            continue
        live = desk.published.get(*key)
        word = "gone" if entry.body is None else "new" if live is None else "changed"
        before = own_body(key[0], live) if live is not None else {}
        lines = differences(desk, key[0], before, entry.body) if word == "changed" else []
        found.append((desk.line(*key), word, lines))
    return found


def _above(desk: Desk, key: tuple[str, str]) -> tuple[str, str] | None:
    within = WITHIN.get(key[0])
    body = desk.either(*key)
    uid = reference(body, within[0]) if within and body else None
    return (within[1], uid) if within and uid else None


def history(desk: Desk, plural: str, uid: str) -> list[Event]:
    """The versions that changed the object, newest first, at most twenty."""
    rows = versions.of_object(desk.conn, plural, uid)[:21]
    found = []
    for at, (version, body) in enumerate(rows[:20]):
        before = rows[at + 1][1] if at + 1 < len(rows) else None
        word = "removed" if body is None else "added" if before is None else "changed"
        lines = differences(desk, plural, before or {}, body or {}) if word == "changed" else []
        found.append(Event(version, word, tuple(lines)))
    return found


def side(request: Request) -> Response:
    """The column beside the fields, after something was saved."""
    plural, uid = request.path_params["plural"], request.path_params["uid"]
    with work_of(request, "configuration.read") as work:
        desk = desk_of(work)
        body = _body(desk, plural, uid)
        return render.part(request, "configuration/side.html", **beside(desk, plural, body))


def undo(request: Request) -> Response:
    """Let go of what the draft says of the object and its parts."""
    plural, uid = request.path_params["plural"], request.path_params["uid"]
    with work_of(request, "configuration.edit") as work:
        desk = desk_of(work)
        _body(desk, plural, uid)
        for key in desk.entries:
            if (plural, uid) in (key, _above(desk, key)):
                draft.drop(work.conn, work.reach, *key)
        only_drafted = desk.published.get(plural, uid) is None
    to = PATH if only_drafted else f"{PATH}/{plural}/{uid}"
    return RedirectResponse(f"{to}?beskjed={UNDONE}", 303)


def remove(request: Request) -> Response:
    """Take an object without data away when the draft is published."""
    plural, uid = request.path_params["plural"], request.path_params["uid"]
    with work_of(request, "configuration.edit") as work:
        desk = desk_of(work)
        desk.body(plural, uid)
        if plural not in REMOVABLE:
            raise Refused("T002", status=403)
        if plural == "programRules":
            for key in configuration_rule.actions_of(desk, uid):
                draft.remove(work.conn, work.reach, *key)
        draft.remove(work.conn, work.reach, plural, uid)
        only_drafted = desk.published.get(plural, uid) is None
    to = PATH if only_drafted else f"{PATH}/{plural}/{uid}"
    return RedirectResponse(f"{to}?beskjed={REMOVED}", 303)
