"""JSON Patch, as DHIS2 takes it: add, replace, remove and DHIS2's own remove-by-id.

Pure: makes a new object from an old one and a list of operations. Called by objects.py.
"""

from __future__ import annotations

import copy
from typing import Any

MOST_OPERATIONS = 10_000


class Unpatchable(ValueError):
    """The operations are not a JSON Patch, or one names what is not there."""


def patched(body: dict[str, Any], operations: Any) -> dict[str, Any]:
    """The object after the operations; the given one stays as it was.

    Errors  `Unpatchable`: not a list of operations, an unknown operation, a path that leads nowhere.
    """
    if not isinstance(operations, list) or len(operations) > MOST_OPERATIONS:
        raise Unpatchable("A JSON Patch is a list of operations")
    made = copy.deepcopy(body)
    for operation in operations:
        if not isinstance(operation, dict) or not isinstance(operation.get("path"), str):
            raise Unpatchable("Each operation of a JSON Patch has an op and a path")
        _apply(made, operation)
    return made


def _apply(made: dict[str, Any], operation: dict[str, Any]) -> None:
    name, path = operation.get("op"), operation["path"]
    steps = [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]
    if not steps or not steps[0]:
        raise Unpatchable(f"Path {path!r} names no property")
    holder: Any = made
    for step in steps[:-1]:
        holder = _step(holder, step, path)
    last = steps[-1]
    if name == "remove-by-id":
        listed = _step(holder, last, path)
        if not isinstance(listed, list):
            raise Unpatchable(f"{path} is not a list")
        wanted = operation.get("id")
        listed[:] = [x for x in listed if not (isinstance(x, dict) and x.get("id") == wanted)]
    elif name in ("add", "replace"):
        if "value" not in operation:
            raise Unpatchable(f"Operation {name} on {path} has no value")
        _put(holder, last, operation["value"], name == "add", path)
    elif name == "remove":
        if isinstance(holder, list):
            del holder[_place(holder, last, path)]
        elif isinstance(holder, dict):
            holder.pop(last, None)
        else:
            raise Unpatchable(f"Path {path} leads nowhere")
    else:
        raise Unpatchable(f"Operation {name!r} is not one of add, replace, remove, remove-by-id")


def _put(holder: Any, last: str, value: Any, insert: bool, path: str) -> None:
    if isinstance(holder, dict):
        holder[last] = value
    elif isinstance(holder, list) and last == "-" and insert:
        holder.append(value)
    elif isinstance(holder, list):
        place = _place(holder, last, path)
        if insert:
            holder.insert(place, value)
        else:
            holder[place] = value
    else:
        raise Unpatchable(f"Path {path} leads nowhere")


def _step(holder: Any, step: str, path: str) -> Any:
    if isinstance(holder, list):
        return holder[_place(holder, step, path)]
    if isinstance(holder, dict):
        return holder.setdefault(step, {})
    raise Unpatchable(f"Path {path} leads nowhere")


def _place(holder: list[Any], step: str, path: str) -> int:
    if not step.isdecimal() or len(step) > 9 or int(step) >= len(holder):
        raise Unpatchable(f"Path {path} leads nowhere")
    return int(step)
