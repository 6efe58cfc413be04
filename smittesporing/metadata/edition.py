"""What a new edition of a shipped object changes in it as it stands, with the product owner's edits kept.

An edition says what the object was in the files and what it is now; only the difference is brought in.
Knows no database. Called by install.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from smittesporing.metadata.snapshot import Body


def brought(stands: Body, before: Body, now: Body) -> Body:
    """The object as it stands with what the edition changed.

    Shape   A property that the files changed takes the files' value; lists are changed item by item, so
            that a question she added stays when the edition adds another.
    """
    made = dict(stands)
    for name in before.keys() | now.keys():
        was, is_ = before.get(name), now.get(name)
        if was == is_:
            continue
        here = stands.get(name)
        if isinstance(was, list) and isinstance(is_, list) and isinstance(here, list):
            made[name] = _items(here, was, is_)
        elif name in now:
            made[name] = is_
        else:
            made.pop(name, None)
    return made


def _items(here: Sequence[Any], was: Sequence[Any], is_: Sequence[Any]) -> list[Any]:
    """The items that stand, each changed, taken away or added as the files did; new ones come last."""
    before = {_key(each): each for each in was}
    now = {_key(each): each for each in is_}
    kept = []
    for each in here:
        key = _key(each)
        if key in before and key not in now:
            continue
        changed = key in now and before.get(key) != now[key]
        kept.append(now[key] if changed else each)
    standing = {_key(each) for each in here}
    # One that she took away and the files did not touch stays away.
    return [*kept, *(now[k] for k in now if k not in standing and before.get(k) != now[k])]


def _key(item: Any) -> str:
    """What tells an item from its neighbours: its identifier, else what it refers to, else all of it."""
    if isinstance(item, Mapping):
        if isinstance(item.get("id"), str):
            return str(item["id"])
        for value in item.values():
            if isinstance(value, Mapping) and isinstance(value.get("id"), str):
                return str(value["id"])
    return msgspec.json.encode(item, order="deterministic").decode()
