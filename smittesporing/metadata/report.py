"""What an import of metadata did and refused, as DHIS2 words it.

The shapes only, with the codes of metadata (the tracker's codes share numbers and mean other
things). Made by exchange.py; answered by web/api/metadata.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from smittesporing.metadata.kinds import KINDS, ORDER

SENTENCES: dict[str, str] = {
    "E1107": "Objects of type `{}` are not translated.",
    "E1530": "At least one source {} must be specified.",
    "E1531": "Target {} must be specified.",
    "E1532": "Target {} cannot be a source.",
    "E1533": "{} {} does not exist: `{}`.",
    "E1534": "dataMergeStrategy must be LAST_UPDATED or DISCARD.",
    "E1550": "All sources must have the value type of the target, `{}`; others are [{}].",
    "E1551": "All sources must have the domain type of the target, `{}`; others are [{}].",
    "E1106": "There are duplicate translations for property `{}` and locale `{}`.",
    "E1521": "User `{}` is not allowed to move organisation unit {} there.",
    "E3000": "User `{}` is not allowed to create objects of type {}.",
    "E3001": "User `{}` is not allowed to update object {}.",
    "E3002": "User `{}` is not allowed to delete object {}.",
    "E3003": "User `{}` is not allowed to give anybody user role `{}`.",
    "E3005": "User `{}` is not allowed to change who is in user group `{}`.",
    "E3010": "`{}` is no access string.",
    "E3015": "Invalid access string `{}`.",
    "E3016": "Data access `{}` is not for objects that collect no data.",
    "E3020": "User {} holds more than those may give who would change her.",
    "E3032": "User `{}` is not allowed to write user role `{}`, which gives more than she holds.",
    "E3041": "User `{}` is not allowed to change a superuser.",
    "E4000": "Missing required property `{}`.",
    "E4001": "Property `{}` holds {} characters at most, and was given {}.",
    "E4002": "Property `{}` holds {} characters at least, and was given {}.",
    "E4003": "Property `{}` requires a valid e-mail address, and was given `{}`.",
    "E4004": "Property `{}` requires a valid URL, and was given `{}`.",
    "E4005": "The value of property `{}` does not keep the rules for passwords.",
    "E4006": "Property `{}` requires a colour as #RRGGBB, and was given `{}`.",
    "E4008": "Property `{}` lies between {} and {}, and was given {}.",
    "E4009": "Attribute `{}` is unique, and another object has its value `{}`.",
    "E4010": "Attribute `{}` is not for objects of type `{}`.",
    "E4011": "Attribute `{}` is mandatory and has no value.",
    "E4013": "The closing date `{}` is before the opening date `{}`.",
    "E4014": "Invalid UID `{}` for property `{}`.",
    "E4019": "Failed to read pattern `{}`: {}",
    "E4021": "A pattern generates exactly one part.",
    "E4027": "Object cannot be read: {}.",
    "E4028": "Option set `{}` already contains option with code `{}`.",
    "E4030": "Object could not be deleted because it is associated with another object: {}.",
    "E4033": "There is no action of type `{}`, as program rule `{}` wants.",
    "E4034": "Notification template `{}` of program rule `{}` does not exist.",
    "E4035": "Program rule `{}` sends a message and names no notification template.",
    "E4036": "Program rule `{}` hides a section and names none.",
    "E4037": "Section `{}` of program rule `{}` does not exist.",
    "E4038": "Program rule `{}` hides a program stage and names none.",
    "E4039": "Program stage `{}` of program rule `{}` does not exist.",
    "E4040": "Program rule `{}` hides an option and names none.",
    "E4041": "Option `{}` of program rule `{}` does not exist.",
    "E4042": "Program rule `{}` shows or hides an option group and names none.",
    "E4043": "Option group `{}` of program rule `{}` does not exist.",
    "E4044": "Program rule `{}` names neither data element nor attribute.",
    "E4045": "Data element `{}` of program rule `{}` does not exist.",
    "E4046": "Attribute `{}` of program rule `{}` does not exist.",
    "E4047": "Data element `{}` of program rule `{}` stands in no stage of its program.",
    "E4048": "Attribute `{}` of program rule `{}` is none of its program's.",
    "E4049": "Property `{}` is no user name that can be used: `{}`.",
    "E4050": "Program rule `{}` assigns to neither data element, attribute nor variable.",
    "E4051": "A program rule variable with name `{}` and program uid `{}` already exists.",
    "E4052": "For program rule variable name, `{}` contains the words and, or, or not.",
    "E4053": "Program stage `{}` belongs to no program.",
    "E4054": "Property `{}` is taken already: `{}`.",
    "E4055": "Property `{}` names no user role for `{}`.",
    "E4056": "Property `{}` cannot be changed, and `{}` is not what it was.",
    "E4058": "Program rule `{}` names more than an action of type `{}` can act on.",
    "E4059": "Program rule variable `{}` with source `{}` names no data element.",
    "E4062": "The period `{}` is absolute and has neither start nor end.",
    "E4063": "Users are to be provided, and none is named.",
    "E4064": "An org unit must be named where the mode is `{}`.",
    "E4065": "A filter on values names no data element.",
    "E4066": "There is no data element `{}`.",
    "E4067": "A filter on attributes names none.",
    "E4068": "There is no attribute `{}`.",
    "E4089": "Program rule variable `{}` with source `{}` names no attribute.",
    "E4090": "Program rule variable `{}` has no source type.",
    "E4091": "Program rule variable `{}` with source `{}` names no program stage.",
    "E4092": "Program rule variable `{}` with source `{}` has no value type.",
    "E5000": "Found matching object for reference, but import mode is CREATE. Identifier was {}.",
    "E5001": "No matching object for reference. Identifier was {}.",
    "E5002": "Invalid reference `{}` ({}) on object {} for association `{}`.",
    "E5003": "Property `{}` with value `{}` on object {} already exists on object {}.",
    "E5004": "Id `{}` stands more than once under `{}`; the first is taken.",
    "E6004": "`{}` is no GeoJSON.",
    "E6006": "`{}` is no whole number.",
    "E6007": "`{}` is no positive whole number.",
    "E6008": "`{}` is no number.",
    "E6009": "`{}` is neither zero nor a positive whole number.",
    "E6010": "`{}` is no percentage.",
    "E6011": "`{}` does not lie between 0 and 1.",
    "E6012": "Attribute `{}` is not assigned to `{}`.",
    "E6013": "`{}` is no negative whole number.",
    "E6014": "`{}` is no date.",
    "E6015": "`{}` is no date and time.",
    "E6016": "`{}` is neither true nor false.",
    "E6017": "`{}` is not true.",
    "E6018": "`{}` is no e-mail address.",
    "E7617": "Org unit `{}` is not among those of user `{}`.",
    "E7500": "There is no org unit `{}`.",
    # Ours: no DHIS2 server has locked units.
    "T014": "User `{}` is the last administrator of her kommune.",
    "T005": "Org unit `{}` follows the official register and cannot be changed here.",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one object was not taken: a code, what its sentence needs, and the property at fault."""

    code: str
    args: tuple[str, ...] = ()
    at: str | None = None
    about: str | None = None

    @property
    def sentence(self) -> str:
        """The message; clients should look at the code instead."""
        return SENTENCES[self.code].format(*self.args)


@dataclass(slots=True)
class Stats:
    """How many objects met which fate."""

    created: int = 0
    updated: int = 0
    deleted: int = 0
    ignored: int = 0

    @property
    def total(self) -> int:
        return self.created + self.updated + self.deleted + self.ignored

    def as_json(self) -> dict[str, int]:
        return {
            "created": self.created,
            "updated": self.updated,
            "deleted": self.deleted,
            "ignored": self.ignored,
            "total": self.total,
        }


@dataclass(frozen=True, slots=True)
class ObjectReport:
    """One object's fate: created, updated, deleted or ignored, and the refusals if any."""

    plural: str
    uid: str
    index: int
    name: str
    fate: str
    refusals: tuple[Refusal, ...] = ()

    def as_json(self, named: bool = True) -> dict[str, Any]:
        """DHIS2's ObjectReport; its name stands in reports of mode DEBUG only."""
        klass = KINDS[self.plural].klass
        return {
            "klass": klass,
            "index": self.index,
            "uid": self.uid,
            **({"displayName": self.name} if named and self.name else {}),
            "errorReports": [refusal_json(each, klass) for each in self.refusals],
        }


def refusal_json(refusal: Refusal, klass: str) -> dict[str, Any]:
    """One `errorReports` entry about an object of that Java class."""
    about = KINDS.get(refusal.about or "")
    return {
        "message": refusal.sentence,
        "mainKlass": klass,
        "errorKlass": about.klass if about else klass,
        **({"errorProperty": refusal.at} if refusal.at else {}),
        "errorProperties": list(refusal.args),
        "errorCode": refusal.code,
    }


@dataclass(frozen=True, slots=True)
class Report:
    """The whole answer of an import."""

    objects: tuple[ObjectReport, ...]
    status: str = field(default="OK")

    @property
    def ok(self) -> bool:
        return self.status == "OK"

    @property
    def stats(self) -> Stats:
        return _counted(self.objects)

    def as_json(self, mode: str = "ERRORS") -> dict[str, Any]:
        """DHIS2's ImportReport; mode FULL or DEBUG tells of every object, ERRORS of the refused."""
        by_kind: dict[str, list[ObjectReport]] = {}
        for each in self.objects:
            by_kind.setdefault(each.plural, []).append(each)
        return {
            "responseType": "ImportReport",
            "status": self.status,
            "typeReports": [
                {
                    "klass": KINDS[plural].klass,
                    "stats": _counted(reports).as_json(),
                    "objectReports": [
                        each.as_json(mode == "DEBUG")
                        for each in reports
                        if each.refusals or mode in ("FULL", "DEBUG")
                    ],
                }
                for plural, reports in sorted(by_kind.items(), key=lambda item: ORDER[item[0]])
            ],
            "stats": self.stats.as_json(),
        }


def _counted(objects: Iterable[ObjectReport]) -> Stats:
    stats = Stats()
    for each in objects:
        setattr(stats, each.fate, getattr(stats, each.fate) + 1)
    return stats
