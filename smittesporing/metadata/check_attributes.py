"""What must hold for values of custom attributes: assigned to the kind, fitting, unique, not missing.

DHIS2 lets an installation add attributes to any kind of object; these are the rules such values obey.
Called by exchange.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping
from datetime import date
from typing import Any

from smittesporing.metadata.forms import reference
from smittesporing.metadata.kinds import KINDS, Kind
from smittesporing.metadata.report import Refusal
from smittesporing.metadata.shapes import is_geojson

Body = dict[str, Any]
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


def _whole(text: str, least: int | None = None, most: int | None = None) -> bool:
    if not re.fullmatch(r"-?\d{1,10}", text):
        return False
    number = int(text)
    return (least is None or number >= least) and (most is None or number <= most)


def _number(text: str, least: float | None = None, most: float | None = None) -> bool:
    if not re.fullmatch(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?", text):
        return False
    number = float(text)
    return (least is None or number >= least) and (most is None or number <= most)


def _day(text: str) -> bool:
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return False
    return True


# Value type → the code of a value that does not fit, and whether one does.
_FITS: dict[str, tuple[str, Callable[[str], bool]]] = {
    "GEOJSON": ("E6004", is_geojson),
    "INTEGER": ("E6006", _whole),
    "INTEGER_POSITIVE": ("E6007", lambda text: _whole(text, 1)),
    "NUMBER": ("E6008", _number),
    "INTEGER_ZERO_OR_POSITIVE": ("E6009", lambda text: _whole(text, 0)),
    "PERCENTAGE": ("E6010", lambda text: _number(text, 0, 100)),
    "UNIT_INTERVAL": ("E6011", lambda text: _number(text, 0, 1)),
    "INTEGER_NEGATIVE": ("E6013", lambda text: _whole(text, None, -1)),
    "DATE": ("E6014", _day),
    "DATETIME": ("E6015", _day),
    "BOOLEAN": ("E6016", lambda text: text in ("true", "false")),
    "TRUE_ONLY": ("E6017", lambda text: text == "true"),
    "EMAIL": ("E6018", lambda text: bool(re.fullmatch(r"[^@\s]+@[^@\s]+", text))),
}


class Attributes:
    """The custom attributes of the picture after an import, asked object by object.

    Packages carry values of attributes that are not assigned to the kind, and bring those attributes
    along: `coming` are the uids of such, whose assignment is not asked for.
    """

    def __init__(
        self, objects: Mapping[str, Mapping[str, Body]], coming: Container[str] = ()
    ) -> None:
        self._coming = coming
        self._known = objects["attributes"]
        self._objects = objects
        self._mandatory: dict[str, list[str]] = {}
        self._taken: dict[tuple[str, str], dict[str, str]] = {}
        for uid, attribute in self._known.items():
            if attribute.get("mandatory") is True:
                for plural in KINDS:
                    if _assigned(attribute, KINDS[plural]):
                        self._mandatory.setdefault(plural, []).append(uid)

    def refusals(self, kind: Kind, body: Body, known: Body | None) -> Iterator[Refusal]:
        """What is wrong with the object's own values; an unknown attribute is a dangling reference.

        Shape   known is the object as it was: a value it had already may stay.
        """
        values, had = _values(body), _values(known or {})
        for uid in self._mandatory.get(kind.plural, ()):
            if not values.get(uid):
                yield Refusal("E4011", (uid,), "value", about="attributes")
        for uid, value in values.items():
            attribute = self._known.get(uid)
            if attribute is None:
                continue
            if not _assigned(attribute, kind) and uid not in self._coming and uid not in had:
                klass = kind.klass.rpartition(".")[2]
                yield Refusal("E6012", (uid, klass), "attributeValues", about="attributes")
                yield Refusal("E4010", (uid, klass), "attributeValues", about="attributes")
                continue
            code, fits = _FITS.get(str(attribute.get("valueType")), ("", bool))
            if value and code and not fits(value):
                yield Refusal(code, (value,), "value", about="attributes")
            elif value and attribute.get("unique") is True:
                holder = self._holders(kind.plural, uid).setdefault(value, str(body["id"]))
                if holder != body["id"]:
                    args = (str(attribute.get("name") or uid), value)
                    yield Refusal("E4009", args, "value", about="attributes")

    def _holders(self, plural: str, attribute: str) -> dict[str, str]:
        """Who of the kind has which value of a unique attribute; read when first asked."""
        held = self._taken.get((plural, attribute))
        if held is None:
            held = self._taken[plural, attribute] = {}
            for uid, body in self._objects[plural].items():
                for row in body.get("attributeValues") or ():
                    if isinstance(row, Mapping) and reference(row, "attribute") == attribute:
                        held.setdefault(str(row.get("value") or ""), uid)
        return held


def _values(body: Body) -> dict[str, str]:
    return {
        reference(row, "attribute") or "": str(row.get("value") or "")
        for row in body.get("attributeValues") or ()
        if isinstance(row, Mapping)
    }


def _assigned(attribute: Body, kind: Kind) -> bool:
    """Whether objects of the kind may carry the attribute: by a flag each, or in the list of kinds."""
    listed = attribute.get("objectTypes")
    if attribute.get(f"{kind.singular}Attribute") is True:
        return True
    return isinstance(listed, list) and _CAPITAL.sub("_", kind.singular).upper() in listed
