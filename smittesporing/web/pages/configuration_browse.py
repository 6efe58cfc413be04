"""/konfigurasjon: all configuration by group, and searched by name, code and identifier.

Shows what there is, how many use it, where it came from, and what the draft does with it. Called through
web/routes.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.metadata.kinds import KINDS
from smittesporing.metadata.snapshot import Body
from smittesporing.web.pages import render
from smittesporing.web.pages.configuration_desk import (
    PATH,
    Desk,
    Shown,
    desk_of,
    versions_kept,
)
from smittesporing.web.pages.configuration_words import kind_word
from smittesporing.web.working import work_of

ROWS = 50
FORMS, LISTS, RULES, INDICATORS, WORDS = "skjemaer", "svarlister", "regler", "indikatorer", "ord"
GROUPS: dict[str, tuple[str, ...]] = {
    FORMS: ("programs", "programStages", "dataElements", "trackedEntityAttributes"),
    LISTS: ("optionSets",),
    RULES: ("programRules", "programRuleVariables"),
    INDICATORS: ("programIndicators", "indicators"),
}
_PARTS = frozenset(("options", "programStageSections", "programSections", "programRuleActions"))
_REST = tuple(
    plural
    for plural in KINDS
    if versions_kept(plural)
    and plural not in _PARTS
    and not any(plural in kinds for kinds in GROUPS.values())
)
ALL = {**GROUPS, WORDS: _REST}


@dataclass(frozen=True)
class Part:
    """A heading within a form, and the questions under it."""

    name: str
    lines: tuple[Shown, ...]


@dataclass(frozen=True)
class Form:
    """A stage, or the profile of a program, with its parts."""

    line: Shown
    parts: tuple[Part, ...]

    @property
    def asked(self) -> int:
        return sum(len(part.lines) for part in self.parts)


@dataclass(frozen=True)
class Tree:
    """A program with its forms."""

    line: Shown
    description: str
    forms: tuple[Form, ...]


def show(request: Request) -> Response:
    """One group as lines, the forms as a tree, or what a search found in all of them."""
    group = request.query_params.get("gruppe", FORMS)
    return group_page(request, group if group in ALL else FORMS)


def group_page(request: Request, group: str, problem: str = "", typed: str = "") -> Response:
    """The page of one group; `problem` is told beside what was typed as the name of something new."""
    asked = request.query_params
    wanted = " ".join(asked.get("q", "").split())[:100]
    with work_of(request, "configuration.read") as work:
        desk = desk_of(work)
        found = searched(desk, wanted) if wanted else []
        as_tree = group == FORMS and not wanted
        if not wanted and not as_tree:
            kind = asked.get("slag", "")
            kinds = tuple(p for p in ALL[group] if kind in ("", p))
            found = sorted(
                _keys(desk, kinds),
                key=lambda key: (kinds.index(key[0]), desk.name(*key).lower()),
            )
        pages = max(1, -(-len(found) // ROWS))
        at = min(max(_number(asked.get("side", "1")), 1), pages)
        lines = [desk.line(*key) for key in found[(at - 1) * ROWS : at * ROWS]]
        return render.page(
            request,
            "configuration/browse.html",
            desk=desk,
            group=group,
            q=wanted,
            counts={name: sum(1 for _ in _keys(desk, kinds)) for name, kinds in ALL.items()},
            kinds=[(p, kind_word(p)) for p in ALL[group] if any(True for _ in _keys(desk, (p,)))],
            kind=asked.get("slag", ""),
            trees=trees(desk) if as_tree else (),
            lines=lines,
            found=len(found),
            page=at,
            pages=pages,
            path=PATH,
            problem=problem,
            typed=typed,
        )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _keys(desk: Desk, kinds: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """What she may see of these kinds, with what the draft takes away."""
    for plural in kinds:
        gone = {
            uid: desk.published.of(plural)[uid]
            for (kind, uid), entry in desk.entries.items()
            if kind == plural and entry.body is None and uid in desk.published.of(plural)
        }
        for uid, body in {**desk.metadata.of(plural), **gone}.items():
            if desk.visible(plural, body):
                yield plural, uid


def _order(desk: Desk, key: tuple[str, str]) -> tuple[str, str]:
    return (kind_word(key[0]), desk.name(*key).lower())


def searched(desk: Desk, text: str) -> list[tuple[str, str]]:
    """Objects whose name, code, identifier or text in the form has the words; whole beginnings first."""
    words = text.casefold().split()
    found = []
    for plural in KINDS:
        if not versions_kept(plural) or plural == "programRuleActions":
            continue
        for key in _keys(desk, (plural,)):
            body = desk.either(*key) or {}
            rank = _rank(body, words)
            if rank is not None:
                found.append((rank, _order(desk, key), key))
    return [key for _rank_, _order_, key in sorted(found)]


def _rank(body: Body, words: list[str]) -> int | None:
    """0 when the name or code begins so, 1 when they have it, 2 elsewhere; None when it is not there."""
    name, code = str(body.get("name", "")).casefold(), str(body.get("code", "")).casefold()
    rest = f"{body.get('id', '')} {body.get('formName', '')}".casefold()
    if all(word in f"{name} {code}" for word in words):
        whole = " ".join(words)
        return 0 if name.startswith(whole) or code.startswith(whole) else 1
    return 2 if all(word in f"{name} {code} {rest}" for word in words) else None


def trees(desk: Desk) -> list[Tree]:
    """The programs she may see, each with its profile and its stages."""
    metadata = desk.metadata
    found = []
    for program in metadata.programs.values():
        body = metadata.get("programs", program.uid) or {}
        if not desk.visible("programs", body):
            continue
        forms = []
        if program.sections:
            profile = Shown(
                "programs", program.uid, "", "", "", f"{PATH}/programs/{program.uid}#profil"
            )
            sections = [(s.name, s.questions) for s in program.sections]
            forms.append(Form(profile, _parts(desk, sections, "trackedEntityAttributes")))
        for stage in program.stages:
            raw = metadata.get("programStages", stage.uid) or {}
            asked = [one.element.uid for one in stage.elements]
            sections = [(s.name, s.questions) for s in stage.sections] or [("", tuple(asked))]
            if desk.visible("programStages", raw):
                forms.append(
                    Form(
                        desk.line("programStages", stage.uid),
                        _parts(desk, sections, "dataElements"),
                    )
                )
        line = desk.line("programs", program.uid)
        found.append(Tree(line, str(body.get("description") or ""), tuple(forms)))
    return sorted(
        found, key=lambda tree: (tree.line.origin != "shipped", -len(tree.forms), tree.line.name)
    )


def _parts(
    desk: Desk, sections: list[tuple[str, tuple[str, ...]]], plural: str
) -> tuple[Part, ...]:
    return tuple(
        Part(
            name,
            tuple(
                desk.line(plural, uid)
                for uid in questions
                if desk.metadata.get(plural, uid) is not None
            ),
        )
        for name, questions in sections
    )
