"""JSON Patch (RFC 6902) as DHIS2 takes it, with DHIS2's own remove-by-id.

Pure: makes a new object from an old one and a list of operations. Called by objects.py.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, Final

MOST_OPERATIONS: Final = 10_000
_NOTHING: Final = object()

Json = Any


class Unpatchable(ValueError):
    """The operations are not a JSON Patch, or one names what is not there."""


def patched(body: dict[str, Json], operations: Json) -> dict[str, Json]:
    """The object after the operations; the given one stays as it was.

    Shape   As DHIS2 has it: removing what is not there is no fault, and replacing it adds it.
    Errors  `Unpatchable`: not a list of operations, an unknown operation, a path that leads nowhere,
            a test that fails.
    """
    if not isinstance(operations, list) or len(operations) > MOST_OPERATIONS:
        raise Unpatchable("A JSON Patch is a list of operations")
    made: Json = copy.deepcopy(body)
    for operation in operations:
        if not isinstance(operation, dict) or not isinstance(operation.get("path"), str):
            raise Unpatchable("Each operation of a JSON Patch has an op and a path")
        apply = _OPERATIONS.get(str(operation.get("op")))
        if apply is None:
            known = ", ".join(_OPERATIONS)
            raise Unpatchable(f"Operation {operation.get('op')!r} is not one of {known}")
        apply(made, operation)
    assert isinstance(made, dict), "no operation replaces the object itself"
    return made


def _add(made: Json, operation: dict[str, Json]) -> None:
    _put(made, operation["path"], _stated(operation))


def _replace(made: Json, operation: dict[str, Json]) -> None:
    value = _stated(operation)
    _drop(made, operation["path"])
    _put(made, operation["path"], value)


def _remove(made: Json, operation: dict[str, Json]) -> None:
    _drop(made, operation["path"])


def _remove_by_id(made: Json, operation: dict[str, Json]) -> None:
    path = operation["path"]
    listed = _at(made, _steps(path))
    if not isinstance(listed, list):
        raise Unpatchable(f"{path} is not a list")
    wanted = operation.get("id")
    listed[:] = [
        each for each in listed if not (isinstance(each, dict) and each.get("id") == wanted)
    ]


def _test(made: Json, operation: dict[str, Json]) -> None:
    if _at(made, _steps(operation["path"])) != _stated(operation):
        raise Unpatchable(f"The value at {operation['path']} is not the one tested for")


def _copy(made: Json, operation: dict[str, Json]) -> None:
    _put(made, operation["path"], copy.deepcopy(_source(made, operation)))


def _move(made: Json, operation: dict[str, Json]) -> None:
    value = _source(made, operation)
    if operation["path"].startswith(f"{operation['from']}/"):
        raise Unpatchable(f"{operation['from']} cannot move into itself")
    _drop(made, operation["from"])
    _put(made, operation["path"], value)


_OPERATIONS: Final[dict[str, Callable[[Json, dict[str, Json]], None]]] = {
    "add": _add,
    "replace": _replace,
    "remove": _remove,
    "remove-by-id": _remove_by_id,
    "test": _test,
    "copy": _copy,
    "move": _move,
}


def _stated(operation: dict[str, Json]) -> Json:
    if "value" not in operation:
        raise Unpatchable(f"Operation {operation.get('op')} on {operation['path']} has no value")
    return operation["value"]


def _source(made: Json, operation: dict[str, Json]) -> Json:
    if not isinstance(operation.get("from"), str):
        raise Unpatchable(f"Operation {operation.get('op')} has no from")
    value = _at(made, _steps(operation["from"]))
    if value is _NOTHING:
        raise Unpatchable(f"Path {operation['from']} leads nowhere")
    return value


def _steps(path: str) -> list[str]:
    steps = [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]
    if not path.startswith("/") or not steps[0]:
        raise Unpatchable(f"Path {path!r} names no property")
    return steps


def _at(made: Json, steps: list[str]) -> Json:
    """What stands at the path, or _NOTHING."""
    value = made
    for step in steps:
        if isinstance(value, dict):
            value = value.get(step, _NOTHING)
        elif isinstance(value, list) and _is_place(step) and int(step) < len(value):
            value = value[int(step)]
        else:
            return _NOTHING
    return value


def _put(made: Json, path: str, value: Json) -> None:
    *above, last = _steps(path)
    holder = _at(made, above)
    if isinstance(holder, dict):
        holder[last] = value
    elif isinstance(holder, list) and last == "-":
        holder.append(value)
    elif isinstance(holder, list) and _is_place(last) and int(last) <= len(holder):
        holder.insert(int(last), value)
    else:
        raise Unpatchable(f"Path {path} leads nowhere")


def _drop(made: Json, path: str) -> None:
    *above, last = _steps(path)
    holder = _at(made, above)
    if isinstance(holder, dict):
        holder.pop(last, None)
    elif isinstance(holder, list) and _is_place(last) and int(last) < len(holder):
        del holder[int(last)]


def _is_place(step: str) -> bool:
    return step.isdecimal() and len(step) < 10
