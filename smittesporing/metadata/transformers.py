"""The transformers of DHIS2's `fields` language: `options~size`, `groups~pluck(name)~rename(g)`.

Each is a function from one value to another; those that look into the members of a list are handed
the way to read one. Called by fields.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

Json = Any
Read = Callable[[Mapping[str, Json], str], Json]
Step = Callable[[Json, Read], Json]

MISSING: Final = object()


def steps(name: str, stated: Iterable[tuple[str, tuple[str, ...]]]) -> tuple[str, tuple[Step, ...]]:
    """The name a property gets in the answer, and what is done to its value, in order.

    Shape   A transformer nobody knows is passed over, as DHIS2 does.
    """
    made: list[Step] = []
    for word, arguments in stated:
        first = arguments[0] if arguments else ""
        if word == "rename":
            name = first or name
        elif word in _MAKERS:
            made.append(_MAKERS[word](arguments))
    return name, tuple(made)


def _listed(value: Json) -> bool:
    return isinstance(value, list | tuple)


def _size(value: Json, read: Read) -> Json:
    return len(value) if _listed(value) or isinstance(value, str | Mapping) else value


def _is_empty(value: Json, read: Read) -> Json:
    return not value if _listed(value) else value


def _is_not_empty(value: Json, read: Read) -> Json:
    return bool(value) if _listed(value) else value


def _member(each: Json, name: str, read: Read) -> Json:
    """The property of one member, followed to the object where the list holds references."""
    if not isinstance(each, Mapping):
        return MISSING
    return each[name] if name in each else read(each, name)


def _pluck(arguments: tuple[str, ...]) -> Step:
    name = arguments[0] if arguments and arguments[0] else "id"

    def step(value: Json, read: Read) -> Json:
        if not _listed(value):
            return value
        found = ((each, _member(each, name, read)) for each in value)
        return [each if plucked is MISSING else plucked for each, plucked in found]

    return step


def _key_by(arguments: tuple[str, ...]) -> Step:
    name = arguments[0] if arguments and arguments[0] else "id"

    def step(value: Json, read: Read) -> Json:
        if not _listed(value):
            return value
        keyed: dict[str, list[Json]] = {}
        for each in value:
            key = _member(each, name, read)
            if key is not MISSING and key is not None and str(key).strip():
                keyed.setdefault(str(key), []).append(each)
        # A key that occurs twice gathers both.
        return {key: held[0] if len(held) == 1 else held for key, held in keyed.items()}

    return step


def _paging(arguments: tuple[str, ...]) -> Step:
    numbers = [int(each) if each.isdecimal() and len(each) < 10 else 0 for each in arguments]
    page = max(numbers[0] if numbers else 1, 1)
    size = max(numbers[1], 1) if len(numbers) > 1 else 50

    def step(value: Json, read: Read) -> Json:
        return list(value[(page - 1) * size : page * size]) if _listed(value) else value

    return step


def _ids(value: Json, read: Read) -> Json:
    return [_id(each) for each in value] if _listed(value) else value


def _id_objects(value: Json, read: Read) -> Json:
    return [{"id": _id(each)} for each in value] if _listed(value) else value


def _id(each: Json) -> Json:
    return each.get("id") if isinstance(each, Mapping) else each


def _member_of(arguments: tuple[str, ...]) -> Step:
    wanted = arguments[0] if arguments else ""
    return lambda value, read: wanted in _ids(value, read) if _listed(value) else value


def _not_member_of(arguments: tuple[str, ...]) -> Step:
    wanted = arguments[0] if arguments else ""
    return lambda value, read: wanted not in _ids(value, read) if _listed(value) else value


_MAKERS: dict[str, Callable[[tuple[str, ...]], Step]] = {
    "size": lambda arguments: _size,
    "isEmpty": lambda arguments: _is_empty,
    "isNotEmpty": lambda arguments: _is_not_empty,
    "pluck": _pluck,
    "keyBy": _key_by,
    "paging": _paging,
    # Of the short form (`…/gist`) only.
    "is-empty": lambda arguments: _is_empty,
    "is-not-empty": lambda arguments: _is_not_empty,
    "ids": lambda arguments: _ids,
    "id-objects": lambda arguments: _id_objects,
    "member": _member_of,
    "not-member": _not_member_of,
}
