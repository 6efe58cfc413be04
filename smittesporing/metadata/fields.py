"""DHIS2's `fields` language: which properties of an object an answer holds, and under which names.

Text is parsed once into a tree and compiled once for a kind of object. What a preset holds, where a
reference leads and how a property is read are the caller's, through a `Shape` that never changes and
a `World` that does; so the same language serves metadata (web/api/world.py) and tracker records
(`choose`). Holds no schema. The transformers stand in transformers.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any, Final, Protocol

from smittesporing.metadata import transformers
from smittesporing.metadata.transformers import MISSING, Json

__all__ = ["MISSING", "Field", "Json", "Selection", "Shape", "Tree", "Unreadable", "World"]

Selection = Callable[[Mapping[str, Json]], dict[str, Json]]
Getter = Callable[[Any, Mapping[str, Json]], Json]
_Plan = Callable[[Any, Mapping[str, Json]], dict[str, Json]]

DEEPEST: Final = 20
_OPENING: Final = frozenset("[(")
_CLOSING: Final = frozenset("])")
_SIGNS: Final = frozenset("[](),!:~|;*")


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


@dataclass(frozen=True, slots=True)
class Preset:
    """What `:name` stands for: these properties, and of what else an object has, what rest takes."""

    names: tuple[str, ...] = ()
    rest: Callable[[str], bool] | None = None


class Shape(Protocol):
    """What is always so of the objects a world holds; kinds are words of the shape's own.

    Shapes are told apart by hash, so that what is compiled for one is compiled once.
    """

    def __hash__(self) -> int: ...

    def preset(self, kind: str, name: str) -> Preset:
        """What the preset stands for on objects of this kind (`all` for `*`)."""
        ...

    def getter(self, kind: str, name: str) -> Getter:
        """How the property is read: from a world and an object, the value or MISSING."""
        ...

    def below(self, kind: str, name: str) -> str:
        """The kind of what the property holds."""
        ...

    def refers(self, kind: str) -> bool:
        """Whether a value of this kind may be a mere reference to an object."""
        ...


class World(Protocol):
    """What a compiled selection asks about the objects it meets."""

    @property
    def shape(self) -> Shape: ...

    def whole(self, kind: str, value: Mapping[str, Json]) -> Mapping[str, Json]:
        """The object itself where the value is only a reference to it."""
        ...


@lru_cache(maxsize=1024)
def parse(text: str) -> Tree:
    """The tree of a `fields` text; several parameters are joined with commas by the caller.

    Shape   Read as leniently as DHIS2 does, because its own apps need it: a closing bracket ends an
            entry, comma or not; white space and stray signs mean nothing; what is left open at the
            end is closed there.
    Errors  `Unreadable` for a closing bracket too many and for nesting deeper than DEEPEST.
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
        while (sign := self._next()) and sign not in _CLOSING:
            start = self.at
            entry = self._entry(depth)
            if entry is not None:
                found.append(entry)
            if self._next() == "," or self.at == start:
                self.at += 1
        return _merged(found)

    def _entry(self, depth: int) -> Field | None:
        excluded = preset = False
        while (sign := self._next()) in ("!", ":"):
            excluded = excluded or sign == "!"
            preset = preset or sign == ":"
            self.at += 1
        if self._next() == "*":
            self.at += 1
            name, preset = "all", True
        else:
            name = self._word()
        entry = Field(name, excluded=excluded, preset=preset)
        while (sign := self._next()) and sign in "[(~:|":
            self.at += 1
            if sign in _OPENING:
                children = self.entries(depth + 1)
                if self._next() in _CLOSING:
                    self.at += 1
                entry = replace(entry, children=children)
                if self._next() not in ("~", "|") and not self.text.startswith("::", self.at):
                    break
            else:
                if sign == ":" and self._next() == ":":
                    self.at += 1
                entry = replace(entry, transformers=(*entry.transformers, self._transformer()))
        return entry if name else None

    def _transformer(self) -> tuple[str, tuple[str, ...]]:
        name = self._word()
        arguments: tuple[str, ...] = ()
        if self._next() == "(":
            end = self.text.find(")", self.at)
            end = len(self.text) if end < 0 else end
            inside = self.text[self.at + 1 : end]
            arguments = tuple(part.strip() for part in inside.split(";"))
            self.at = min(end + 1, len(self.text))
        return name, arguments

    def _next(self) -> str:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.text[self.at] if self.at < len(self.text) else ""

    def _word(self) -> str:
        self._next()
        start = self.at
        while self.at < len(self.text):
            sign = self.text[self.at]
            if sign in _SIGNS or sign.isspace():
                break
            self.at += 1
        return self.text[start : self.at]


def _merged(entries: Iterable[Field]) -> Tree:
    """The same property asked for twice under the same name is one entry with both's children.

    `a.b` is an older way to write `a[b]`.
    """
    merged: dict[tuple[Any, ...], Field] = {}
    for given in entries:
        entry = given
        while "." in entry.name.strip(".") and not entry.preset:
            head, _, tail = entry.name.strip(".").partition(".")
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
    """The function that makes the answer from one object of that kind, as this world sees it.

    Shape   A property that the object lacks is left out, whatever is asked below it. An explicit
            entry wins over a preset beside it; an exclusion wins over both. The same tree, shape
            and kind are compiled once.
    """
    return partial(_planned(tree, world.shape, kind), world)


@lru_cache(maxsize=2048)
def _planned(tree: Tree, shape: Shape, kind: str) -> _Plan:
    excluded = {entry.name for entry in tree if entry.excluded and not entry.preset}
    for entry in tree:
        if entry.excluded and entry.preset:
            excluded.update(shape.preset(kind, entry.name).names)
    named = [
        entry
        for entry in tree
        if not entry.preset and not entry.excluded and entry.name not in excluded
    ]
    presets = [
        shape.preset(kind, entry.name) for entry in tree if entry.preset and not entry.excluded
    ]
    taken = {entry.name for entry in named} | excluded
    names = dict.fromkeys(name for each in presets for name in each.names if name not in taken)
    read = [(name, shape.getter(kind, name)) for name in names]
    rests = [each.rest for each in presets if each.rest is not None]
    known = taken.union(names)
    puts = [_putting(entry, shape, kind) for entry in named]

    def select(world: Any, body: Mapping[str, Json]) -> dict[str, Json]:
        answer: dict[str, Json] = {}
        for name, get in read:
            value = get(world, body)
            if value is not MISSING:
                answer[name] = value
        if rests:
            for name in body:
                if name not in known and any(rest(name) for rest in rests):
                    answer[name] = body[name]
        for put in puts:
            put(world, body, answer)
        return answer

    return select


def _putting(
    entry: Field, shape: Shape, kind: str
) -> Callable[[Any, Mapping[str, Json], dict[str, Json]], None]:
    """One explicit entry, made ready: reads the value, chooses below it, transforms and renames."""
    get = shape.getter(kind, entry.name)
    below = shape.below(kind, entry.name)
    inner = None if entry.children is None else _inner(entry.children, shape, below)
    target, steps = transformers.steps(entry.name, entry.transformers)

    def put(world: Any, body: Mapping[str, Json], answer: dict[str, Json]) -> None:
        value = get(world, body)
        if value is MISSING:
            return
        if inner is not None:
            if isinstance(value, list | tuple):
                value = [
                    inner(world, world.whole(below, each)) if isinstance(each, Mapping) else each
                    for each in value
                ]
            elif isinstance(value, Mapping):
                value = inner(world, world.whole(below, value))
        for step in steps:
            value = step(value, lambda each, name: _plucked(world, below, each, name))
        answer[target] = value

    return put


def _inner(children: Tree, shape: Shape, below: str) -> _Plan:
    """The plan below a property: with nothing but exclusions, what an answer holds without them."""
    if children and all(entry.excluded for entry in children):
        whole = Field("id") if shape.refers(below) else Field("all", preset=True)
        children = (whole, *children)
    return _planned(children, shape, below)


def _plucked(world: Any, kind: str, each: Mapping[str, Json], name: str) -> Json:
    return world.shape.getter(kind, name)(world, world.whole(kind, each))


@dataclass(frozen=True, slots=True)
class _PlainShape:
    """Plain nested dictionaries: nothing computed, no references."""

    presets: tuple[tuple[str, tuple[str, ...]], ...]

    def preset(self, kind: str, name: str) -> Preset:
        names = dict(self.presets).get(name)
        return Preset(rest=_everything) if names is None else Preset(names)

    def getter(self, kind: str, name: str) -> Getter:
        return lambda world, body: body.get(name, MISSING)

    def below(self, kind: str, name: str) -> str:
        return ""

    def refers(self, kind: str) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class _PlainWorld:
    shape: _PlainShape

    def whole(self, kind: str, value: Mapping[str, Json]) -> Mapping[str, Json]:
        return value


def _everything(name: str) -> bool:
    return True


def choose(text: str, presets: Mapping[str, tuple[str, ...]] | None = None) -> Selection:
    """The selection over plain dictionaries, such as tracker's JSON, that a `fields` text asks for.

    Shape   presets maps a preset's name, without colon, to the properties it stands for; any other
            preset, `*` and `:all` among them, stands for all the object has.
    Errors  `Unreadable` when the text is not in the language.
    """
    return compile(parse(text), _PlainWorld(_PlainShape(tuple((presets or {}).items()))), "")
