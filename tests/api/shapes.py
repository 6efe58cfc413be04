"""Whether an answer's JSON is of the types that DHIS2's schemas state, all the way down."""

import re

from smittesporing.metadata.schema import SCHEMAS, leads_to

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}")
_TEXTS = ("TEXT", "IDENTIFIER", "URL", "COLOR", "EMAIL", "PHONENUMBER", "CONSTANT")


def faults(plural: str, body: object, at: str = "") -> list[str]:
    """What of the object is not of its stated type, by path; what no schema states is passed over."""
    if not isinstance(body, dict):
        return [f"{at} is no object"]
    schema = SCHEMAS.get(plural)
    found = []
    for name, value in body.items() if schema else ():
        stated = schema.properties.get(name)
        path = f"{at}.{name}"
        if stated is None:
            continue
        below = leads_to(plural, name)
        if stated.collection:
            if not isinstance(value, list):
                found.append(f"{path} is no list")
            elif below:
                for place, each in enumerate(value):
                    if isinstance(each, dict):
                        found.extend(faults(below, each, f"{path}[{place}]"))
        elif not _fits(stated, value):
            found.append(f"{path} is {value!r}, not {stated.type}")
        elif below and isinstance(value, dict):
            found.extend(faults(below, value, path))
    return found


def _fits(stated: object, value: object) -> bool:
    if stated.type == "BOOLEAN":
        return isinstance(value, bool)
    if stated.type == "INTEGER":
        return isinstance(value, int) and not isinstance(value, bool)
    if stated.type == "NUMBER":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if stated.type == "DATE":
        return isinstance(value, str) and _MOMENT.match(value) is not None
    if stated.constants:
        return value in stated.constants
    if stated.type in _TEXTS:
        return isinstance(value, str)
    return stated.type != "REFERENCE" or isinstance(value, dict)


def keys_below(body: object, *path: str) -> set[str]:
    """The names that objects at the end of the path have, through lists."""
    at = [body]
    for name in path:
        at = [
            member
            for each in at
            if isinstance(each, dict) and name in each
            for member in (each[name] if isinstance(each[name], list) else [each[name]])
        ]
    return {key for each in at if isinstance(each, dict) for key in each}
