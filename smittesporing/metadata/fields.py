"""DHIS2's `fields` language: which properties of an object an answer holds, and under which names.

Text is parsed once into a tree and compiled to a function over dictionaries. What a preset holds,
where a reference leads and what is computed are the caller's, through a `World`; so the same
language serves metadata (web/api/world.py) and tracker records (`choose`). Holds no schema.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final, Protocol

Json = Any
Selection = Callable[[Mapping[str, Json]], dict[str, Json]]

MISSING: Final = object()
DEEPEST = 20
TRANSFORMERS = frozenset(("rename", "size", "isempty", "isnotempty", "pluck", "keyby", "paging"))


class Unreadable(ValueError):
    """The text is not in the language; the message says where it stops making sense."""


@dataclass(frozen=True, slots=True)
class Field:
    """One entry: a property, a preset or an exclusion; children None means the property whole."""

    name: str
    children: tuple[Field, ...] | None = None
    transformers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    excluded: bool = False
    preset: bool = False


Tree = tuple[Field, ...]


class World(Protocol):
    """What a compiled selection asks about the objects it meets; kinds are words of the world's."""

    def preset(self, kind: str, name: str, body: Mapping[str, Json]) -> Iterable[str]:
        """The property names that `:name` stands for on this object (`all` for `*`)."""
        ...

    def value(self, kind: str, body: Mapping[str, Json], name: str) -> Json:
        """The property's value, stored or computed, or MISSING."""
        ...

    def below(self, kind: str, name: str) -> str:
        """The kind of what the property holds."""
        ...

    def whole(self, kind: str, value: Mapping[str, Json]) -> Mapping[str, Json]:
        """The object itself where the value is only a reference to it."""
        ...


@lru_cache(maxsize=1024)
def parse(text: str) -> Tree:
    """The tree of a `fields` text; several parameters are joined with commas by the caller.

    Errors  `Unreadable` for brackets that do not match and for nesting deeper than DEEPEST.
    """
    reader = _Reader(text)
    tree = reader.entries(0)
    if reader.at < len(text):
        raise Unreadable(f"unexpected {text[reader.at]!r} at position {reader.at + 1}")
    return tree


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def entries(self, depth: int) -> Tree:
        if depth > DEEPEST:
            raise Unreadable(f"nested deeper than {DEEPEST}")
        found: list[Field] = []
        while True:
            entry = self._entry(depth)
            if entry is not None:
                found.append(entry)
            if self._next() != ",":
                return _merged(found)
            self.at += 1

    def _entry(self, depth: int) -> Field | None:
        excluded = self._next() == "!"
        if excluded:
            self.at += 1
        preset = self._next() == ":"
        if preset:
            self.at += 1
        name = self._word()
        if not name:
            if excluded or preset:
                raise Unreadable(f"a name is missing at position {self.at + 1}")
            return None
        if name == "*":
            name, preset = "all", True
        entry = Field(name, excluded=excluded, preset=preset)
        while (sign := self._next()) in ("[", "~", ":", "|"):
            self.at += 1
            if sign == "[":
                children = self.entries(depth + 1)
                if self._next() != "]":
                    raise Unreadable(f"']' is missing at position {self.at + 1}")
                self.at += 1
                entry = replace(entry, children=children)
            else:
                if sign == ":" and self._next() == ":":
                    self.at += 1
                entry = replace(entry, transformers=(*entry.transformers, self._transformer()))
        return entry

    def _transformer(self) -> tuple[str, tuple[str, ...]]:
        name = self._word()
        arguments: tuple[str, ...] = ()
        if self._next() == "(":
            end = self.text.find(")", self.at)
            if end < 0:
                raise Unreadable(f"')' is missing after position {self.at + 1}")
            inside = self.text[self.at + 1 : end]
            arguments = tuple(part.strip() for part in inside.split(";"))
            self.at = end + 1
        return name.lower(), arguments

    def _next(self) -> str:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.text[self.at] if self.at < len(self.text) else ""

    def _word(self) -> str:
        self._next()
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in ",[]()!:~| \t\r\n":
            self.at += 1
        return self.text[start : self.at]


def _merged(entries: list[Field]) -> Tree:
    """The same property asked for twice under the same name is one entry with both's children.

    `a.b` is an older way to write `a[b]`.
    """
    merged: dict[tuple[Any, ...], Field] = {}
    for given in entries:
        entry = given
        while "." in entry.name and not entry.preset:
            head, _, tail = entry.name.partition(".")
            inner = replace(entry, name=tail)
            entry = Field(head, children=_merged([inner]))
        key = (entry.name, entry.transformers, entry.excluded, entry.preset)
        before = merged.get(key)
        if before is None or before.children is None:
            merged[key] = entry if entry.children is not None or before is None else before
        elif entry.children is not None:
            both = [*before.children, *entry.children]
            merged[key] = replace(entry, children=_merged(both))
    return tuple(merged.values())


def asks_for(tree: Tree, path: str) -> bool:
    """Whether an answer will hold the property at this path (`enrollments.events`).

    Any preset is taken to hold what is not excluded beside it, and a property asked for whole to
    hold all below it: a reader may load too much, never too little.
    """
    head, _, rest = path.partition(".")
    if any(entry.excluded and entry.name == head for entry in tree):
        return False
    named = [entry for entry in tree if entry.name == head and not entry.preset]
    for entry in named:
        if not rest or entry.children is None or asks_for(entry.children, rest):
            return True
    return not named and any(entry.preset and not entry.excluded for entry in tree)


def compile(tree: Tree, world: World, kind: str) -> Selection:
    """The function that makes the answer from one object of that kind.

    Shape   A property that the object lacks is left out, whatever is asked below it. An explicit
            entry wins over a preset beside it; an exclusion wins over both.
    """
    excluded = {entry.name for entry in tree if entry.excluded and not entry.preset}
    dropped = tuple(entry.name for entry in tree if entry.excluded and entry.preset)
    presets = tuple(entry.name for entry in tree if entry.preset and not entry.excluded)
    named = [
        _Getter(entry, world, kind)
        for entry in tree
        if not entry.preset and not entry.excluded and entry.name not in excluded
    ]
    taken = {getter.name for getter in named} | excluded

    def select(body: Mapping[str, Json]) -> dict[str, Json]:
        answer: dict[str, Json] = {}
        if presets:
            skip = taken.union(*(world.preset(kind, name, body) for name in dropped))
            for preset in presets:
                for name in world.preset(kind, preset, body):
                    if name not in skip and name not in answer:
                        value = world.value(kind, body, name)
                        if value is not MISSING:
                            answer[name] = value
        for getter in named:
            getter.put(body, answer)
        return answer

    return select


@dataclass(slots=True)
class _Getter:
    """One explicit entry, made ready."""

    entry: Field
    world: World
    kind: str
    name: str = ""
    inner: Selection | None = None
    below: str = ""
    renamed: str = ""
    steps: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.name = self.renamed = self.entry.name
        self.below = self.world.below(self.kind, self.name)
        if self.entry.children is not None:
            self.inner = compile(self.entry.children, self.world, self.below)
        for name, arguments in self.entry.transformers:
            first = arguments[0] if arguments else ""
            if name == "rename" and first:
                self.renamed = first
            elif name in TRANSFORMERS:
                self.steps.append((name, ";".join(arguments)))

    def put(self, body: Mapping[str, Json], answer: dict[str, Json]) -> None:
        value = self.world.value(self.kind, body, self.name)
        if value is MISSING:
            return
        if self.inner is not None:
            value = self._nested(self.inner, value)
        for name, argument in self.steps:
            value = self._transformed(name, argument, value)
        answer[self.renamed] = value

    def _nested(self, inner: Selection, value: Json) -> Json:
        if isinstance(value, list | tuple):
            return [
                inner(self.world.whole(self.below, each)) if isinstance(each, Mapping) else each
                for each in value
            ]
        if isinstance(value, Mapping):
            return inner(self.world.whole(self.below, value))
        return value

    def _transformed(self, name: str, argument: str, value: Json) -> Json:
        listed = isinstance(value, list | tuple)
        if name == "size":
            return len(value) if listed or isinstance(value, str | Mapping) else value
        if name == "isempty":
            return not value if listed else value
        if name == "isnotempty":
            return bool(value) if listed else value
        if not listed:
            return value
        if name == "pluck":
            return [self._plucked(each, argument or "id") for each in value]
        if name == "keyby":
            return self._keyed(value, argument or "id")
        return _page(value, argument)

    def _plucked(self, each: Json, name: str) -> Json:
        if not isinstance(each, Mapping):
            return each
        if name in each:
            return each[name]
        found = self.world.value(self.below, self.world.whole(self.below, each), name)
        return None if found is MISSING else found

    def _keyed(self, value: Iterable[Json], name: str) -> dict[str, Json]:
        keyed: dict[str, Json] = {}
        for each in value:
            key = self._plucked(each, name)
            if key is None:
                continue
            if str(key) not in keyed:
                keyed[str(key)] = each
            elif isinstance(keyed[str(key)], list):
                keyed[str(key)].append(each)
            else:
                keyed[str(key)] = [keyed[str(key)], each]
        return keyed


def _page(value: list[Json] | tuple[Json, ...], argument: str) -> list[Json]:
    parts = (argument or "1;50").split(";")
    numbers = [int(part) if part.isdecimal() and len(part) < 10 else 0 for part in parts]
    page, size = max(numbers[0], 1), max(numbers[1] if len(numbers) > 1 else 50, 1)
    return list(value[(page - 1) * size : page * size])


@dataclass(frozen=True, slots=True)
class _Plain:
    """A world of plain nested dictionaries: nothing computed, no references."""

    presets: Mapping[str, tuple[str, ...]]

    def preset(self, kind: str, name: str, body: Mapping[str, Json]) -> Iterable[str]:
        return self.presets.get(name, body.keys())

    def value(self, kind: str, body: Mapping[str, Json], name: str) -> Json:
        return body.get(name, MISSING)

    def below(self, kind: str, name: str) -> str:
        return name

    def whole(self, kind: str, value: Mapping[str, Json]) -> Mapping[str, Json]:
        return value


def choose(text: str, presets: Mapping[str, tuple[str, ...]] | None = None) -> Selection:
    """The selection over plain dictionaries, such as tracker's JSON, that a `fields` text asks for.

    Shape   presets maps a preset's name, without colon, to the properties it stands for; any other
            preset, `*` and `:all` among them, stands for all the object has.
    Errors  `Unreadable` when the text is not in the language.
    """
    return compile(parse(text), _Plain(presets or {}), "")
