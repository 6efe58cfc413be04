"""What every page of the configuration stands on: what is published, the draft, names, and who may see what.

Opens all of it once a request. Draws nothing and changes nothing. Called by the other configuration pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from starlette.requests import Request

from smittesporing.access.work import Work
from smittesporing.metadata import draft, exchange, store, uses, versions
from smittesporing.metadata.draft import Entry, Key
from smittesporing.metadata.forms import reference
from smittesporing.metadata.incoming import own
from smittesporing.metadata.kinds import KINDS
from smittesporing.metadata.sharing import sharing
from smittesporing.metadata.snapshot import Body, Metadata
from smittesporing.metadata.uses import Use, Uses
from smittesporing.problems import Refused
from smittesporing.web.pages.configuration_words import kind_word

PATH = "/konfigurasjon"

# Kinds that are shown within another's page, and the reference that leads there.
WITHIN: dict[str, tuple[str, str]] = {
    "options": ("optionSet", "optionSets"),
    "programRuleActions": ("programRule", "programRules"),
    "programStageSections": ("programStage", "programStages"),
    "programSections": ("program", "programs"),
}
# What an object without sharing of its own belongs to.
_PARENTS = (
    *WITHIN.values(),
    ("program", "programs"),
)


@dataclass(frozen=True)
class Shown:
    """One object as a line: what it is called, what it is, where its page is, and what the draft says."""

    plural: str
    uid: str
    name: str
    kind: str
    code: str
    href: str
    used: int = 0
    origin: str = ""
    drafted: str = ""
    within: str = ""


class Desk:
    """The configuration as the product owner sees it: published, and as the draft would make it."""

    def __init__(self, work: Work) -> None:
        if not exchange.may_write(work.reach):
            raise Refused("T002", status=403)
        self.work = work
        self.conn = work.conn
        self.reach = work.reach
        self.published: Metadata = store.current(work.conn)
        self.entries: Mapping[Key, Entry] = draft.entries(work.conn)
        self.seen = draft.now_seen(work.conn) if self.entries else 0

    @cached_property
    def metadata(self) -> Metadata:
        """The configuration with the draft laid over it."""
        return _picture(self.published, _Stamped(self.entries))

    @cached_property
    def uses(self) -> Uses:
        return uses.uses_in(self.metadata)

    @cached_property
    def shipped(self) -> frozenset[Key]:
        """The objects that came with the service."""
        rows = self.conn.execute("select type, uid from metadata.shipped").fetchall()
        return frozenset((row["type"], row["uid"]) for row in rows)

    @cached_property
    def version(self) -> int:
        return versions.newest(self.conn)

    # Objects -----------------------------------------------------------------------------------------

    def body(self, plural: str, uid: str) -> Body:
        """The object as the draft has it. Errors  T003 when it is not there or not hers to see."""
        found = self.metadata.get(plural, uid) if plural in KINDS else None
        if found is None or not self.visible(plural, found):
            raise Refused("T003", status=404)
        return found

    def either(self, plural: str, uid: str) -> Body | None:
        """The object in the draft, else as published: one that is to be taken away has a name, too."""
        return self.metadata.get(plural, uid) or self.published.get(plural, uid)

    def visible(self, plural: str, body: Mapping[str, Any]) -> bool:
        """Whether sharing lets her see it; what has none follows what it belongs to."""
        kind = KINDS.get(plural)
        if kind is None or not versions_kept(plural):
            return False
        if kind.shareable:
            return self.reach.superuser or sharing(body).reads(self.reach)
        for through, parent in _PARENTS:
            uid = reference(body, through)
            if uid:
                above = self.either(parent, uid)
                return above is None or self.visible(parent, above)
        return True

    def name(self, plural: str, uid: str) -> str:
        """What it is called; an action is called after its rule, and an unknown one by its identifier."""
        body = self.either(plural, uid)
        if body is None:
            return uid
        if plural == "programRuleActions":
            rule = reference(body, "programRule") or ""
            return self.name("programRules", rule) if rule else uid
        return str(body.get("name") or body.get("code") or uid)

    def href(self, plural: str, uid: str) -> str:
        """The page where it is shown; what lies within another, at its place there."""
        within = WITHIN.get(plural)
        body = self.either(plural, uid)
        if within and body is not None:
            above = reference(body, within[0])
            if above:
                return f"{PATH}/{within[1]}/{above}#o-{uid}"
        return f"{PATH}/{plural}/{uid}"

    def drafted(self, plural: str, uid: str) -> str:
        """What the draft does with it, with its parts: new, changed, gone or nothing."""
        entry = self.entries.get((plural, uid))
        if entry is not None:
            if entry.body is None:
                return "gone"
            return "new" if self.published.get(plural, uid) is None else "changed"
        return "changed" if (plural, uid) in self._above else ""

    @cached_property
    def _above(self) -> frozenset[Key]:
        """What has a part in the draft."""
        found = set()
        for (plural, uid), entry in self.entries.items():
            within = WITHIN.get(plural)
            body = entry.body or self.published.get(plural, uid) or {}
            if within and (above := reference(body, within[0])):
                found.add((within[1], above))
        return frozenset(found)

    def line(self, plural: str, uid: str) -> Shown:
        """The object as a line of a list."""
        body = self.either(plural, uid) or {}
        return Shown(
            plural,
            uid,
            self.name(plural, uid),
            kind_word(plural),
            str(body.get("code") or ""),
            self.href(plural, uid),
            used=len(self._pages(self.uses.used_by(plural, uid), (plural, uid))),
            origin="shipped" if (plural, uid) in self.shipped else "",
            drafted=self.drafted(plural, uid),
            within=self.name(*above)
            if (above := self.page_key(plural, uid)) != (plural, uid)
            else "",
        )

    def used_by(self, plural: str, uid: str) -> list[Shown]:
        """What uses the object, one line a page, by kind and name; its own parts are left out."""
        return self._lines(self.uses.used_by(plural, uid), (plural, uid))

    def used(self, plural: str, uid: str) -> list[Shown]:
        """What the object and its parts use."""
        found = list(self.uses.uses(plural, uid))
        for use in self.uses.used_by(plural, uid):
            if self.page_key(*use.key) == (plural, uid):
                found += self.uses.uses(*use.key)
        return self._lines(found, (plural, uid))

    def _pages(self, found: Iterable[Use], here: Key) -> set[Key]:
        return {
            self.page_key(*use.key)
            for use in found
            if (body := self.metadata.get(*use.key)) is not None and self.visible(use.plural, body)
        } - {here}

    def _lines(self, found: Iterable[Use], here: Key) -> list[Shown]:
        lines = [self.line(*key) for key in self._pages(found, here)]
        return sorted(lines, key=lambda each: (each.kind, each.name.lower(), each.uid))

    def page_key(self, plural: str, uid: str) -> Key:
        """The object whose page shows it: a rule for an action, a form for one of its parts."""
        within = WITHIN.get(plural)
        body = self.either(plural, uid)
        above = reference(body, within[0]) if within and body is not None else None
        return (within[1], above) if within and above else (plural, uid)

    def page_of(self, plural: str, uid: str) -> Shown:
        """The line of the object whose page shows it."""
        return self.line(*self.page_key(plural, uid))


def versions_kept(plural: str) -> bool:
    """Whether the pages are about the kind: what has versions."""
    return plural not in versions.NOT_KEPT


def desk_of(work: Work) -> Desk:
    """The desk of this request. Errors  T002 for those who may not change configuration."""
    return Desk(work)


def seen_of(request: Request) -> int | None:
    """What the page says it had seen of the draft; None when it says nothing one can read."""
    text = str(request.state.form.get("version", ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def own_body(plural: str, body: Mapping[str, Any]) -> Body:
    """The object without what is computed."""
    return own(plural, dict(body))


@dataclass(frozen=True)
class _Stamped:
    """The draft as a key of a cache: the same writings give the same picture."""

    entries: Mapping[Key, Entry]

    @cached_property
    def stamp(self) -> tuple[object, ...]:
        return tuple((entry.key, entry.at, entry.base) for entry in self.entries.values())

    def __hash__(self) -> int:
        return hash(self.stamp)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Stamped) and other.stamp == self.stamp


@lru_cache(maxsize=4)
def _picture(published: Metadata, stamped: _Stamped) -> Metadata:
    return draft.laid_over(published, stamped.entries)
