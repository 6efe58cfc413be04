"""What an import did, and DHIS2's ImportReport of it.

Counts and problems; no values of anybody. Made by the importer; `as_json` is called by the web room.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from smittesporing.problems import Problem
from smittesporing.tracker.records import KINDS

CREATE, UPDATE, DELETE, IGNORE = "CREATE", "UPDATE", "DELETE", "IGNORE"


@dataclass(frozen=True)
class Options:
    """How to import; the defaults are those of DHIS2's source, save that we run at once."""

    strategy: str = "CREATE_AND_UPDATE"  # CREATE, UPDATE, DELETE
    mode: str = "COMMIT"  # VALIDATE: check and write nothing
    atomic: str = "ALL"  # OBJECT: write what is right, refuse the rest
    validation: str = "FULL"  # SKIP, for superusers only
    skip_rules: bool = False
    report: str = "ERRORS"  # WARNINGS, FULL
    id_scheme: str = "UID"  # CODE
    id_schemes: dict[str, str] = field(default_factory=dict)  # "orgUnit" → "CODE"


@dataclass(frozen=True)
class Done:
    """One record that was written, or left as it was (IGNORE)."""

    kind: str
    uid: str
    action: str
    tracked_entity: str


@dataclass(frozen=True)
class Report:
    """The outcome. `done` is empty when nothing was written."""

    total: int
    done: tuple[Done, ...] = ()
    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    committed: bool = False
    # Sent records that were refused or not reached, and so have no line in `done`.
    ignored: int = 0

    @property
    def status(self) -> str:
        """OK, WARNING or ERROR."""
        return "ERROR" if self.errors else "WARNING" if self.warnings else "OK"

    @property
    def ok(self) -> bool:
        return not self.errors

    @property
    def touched(self) -> tuple[str, ...]:
        """The people whose records were written, sorted; what `casebook.decide` is called with."""
        return tuple(sorted({one.tracked_entity for one in self.done if one.action != IGNORE}))

    def touched_but_by(self, kind: str) -> frozenset[str]:
        """The people touched by records of other kinds than this one."""
        done = (one for one in self.done if one.kind != kind and one.action != IGNORE)
        return frozenset(one.tracked_entity for one in done)

    def uids(self, kind: str) -> tuple[str, ...]:
        """The uids of one kind, in the order they were sent."""
        return tuple(one.uid for one in self.done if one.kind == kind)

    def as_json(self, mode: str = "ERRORS") -> dict[str, Any]:
        """DHIS2's ImportReport, bare; `bundleReport` only when something was committed."""
        answer: dict[str, Any] = {
            "status": self.status,
            "validationReport": {
                "errorReports": [_problem(one) for one in self.errors],
                "warningReports": [_warning(one) for one in self.warnings],
            },
            "stats": _stats(self.done, self.ignored, self.total),
        }
        if self.committed:
            answer["bundleReport"] = {
                "typeReportMap": {kind: self._of_kind(kind) for kind in KINDS}
            }
        if mode == "FULL":
            answer["timingsStats"] = {"timers": {}}
        return answer

    def _of_kind(self, kind: str) -> dict[str, Any]:
        mine = [one for one in self.done if one.kind == kind]
        return {
            "trackerType": kind,
            "stats": _stats(mine, 0, len(mine)),
            "objectReports": [
                {"trackerType": kind, "uid": one.uid, "errorReports": []}
                for one in mine
                if one.action != IGNORE
            ],
        }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "message": problem.sentence,
        "errorCode": problem.code,
        "trackerType": problem.kind,
        "uid": problem.uid,
        "args": list(problem.args),
    }


def _warning(problem: Problem) -> dict[str, Any]:
    """DHIS2 gives a warning's code another name than an error's."""
    told = _problem(problem)
    return {"warningCode": told.pop("errorCode"), **told}


def _stats(done: Iterable[Done], ignored: int, total: int) -> dict[str, int]:
    counted = {CREATE: 0, UPDATE: 0, DELETE: 0, IGNORE: ignored}
    for one in done:
        counted[one.action] += 1
    return {
        "created": counted[CREATE],
        "updated": counted[UPDATE],
        "deleted": counted[DELETE],
        "ignored": counted[IGNORE],
        "total": total,
    }
