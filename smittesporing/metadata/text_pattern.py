"""DHIS2's patterns for generated values, such as `"COVID19_CONTACT" + SEQUENTIAL(#######)`.

A pattern is parts joined by `+`: a quoted text, one part that is generated, the code of an org unit, today's
date. Called by check.py and tracker/reserving.py.
"""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

RANDOM, SEQUENTIAL, ORG_UNIT_CODE = "RANDOM", "SEQUENTIAL", "ORG_UNIT_CODE"
_PARTS = {
    "TEXT": re.compile(r'"((?:[^"\\]|\\.)*)"'),
    RANDOM: re.compile(r"RANDOM\(([#Xx*]{1,12})\)"),
    SEQUENTIAL: re.compile(r"SEQUENTIAL\((#{1,12})\)"),
    ORG_UNIT_CODE: re.compile(r"ORG_UNIT_CODE\((|\^?\.+\$?)\)"),
    "CURRENT_DATE": re.compile(r"CURRENT_DATE\((.+?)\)"),
}
_SIGNS = {
    "#": string.digits,
    "X": string.ascii_uppercase,
    "x": string.ascii_lowercase,
    "*": string.ascii_letters + string.digits,
}
# What a run of a letter in a date's form is: Java's letters, those that patterns use.
_RUN = re.compile(r"'([^']*)'|(y+|M+|d+|D+|w+|u+|H+|m+|s+)|(.)", re.DOTALL)


class Unusable(Exception):
    """No value can be made of the pattern; the sentence says why."""


@dataclass(frozen=True)
class Part:
    """One part of a pattern: what kind, as it is written, and what stands between its brackets."""

    kind: str
    written: str
    form: str


@dataclass(frozen=True)
class TextPattern:
    """A pattern that can be read."""

    parts: tuple[Part, ...]

    @property
    def all_generated(self) -> list[Part]:
        """The parts that are generated; configuration with any number but one is refused."""
        return [part for part in self.parts if part.kind in (RANDOM, SEQUENTIAL)]

    @property
    def generated(self) -> Part | None:
        return next(iter(self.all_generated), None)

    @property
    def required(self) -> list[str]:
        """The names of what only the one who asks can know."""
        return [part.kind for part in self.parts if part.kind == ORG_UNIT_CODE]

    @property
    def room(self) -> int:
        """How many values the generated part can have."""
        if self.generated is None:
            return 1
        count = 1
        for sign in self.generated.form:
            count *= len(_SIGNS[sign])
        return count

    def key(self, known: Mapping[str, str], now: datetime) -> str:
        """The pattern with all filled in but the generated part. Errors  `Unusable`."""
        generated = self.generated
        return self.value(known, now, generated.written if generated else "")

    def value(self, known: Mapping[str, str], now: datetime, generated: str) -> str:
        """The pattern with all filled in. Errors  `Unusable` when a code does not fit its form."""
        return "".join(_filled(part, known, now, generated) for part in self.parts)

    def random(self) -> str:
        """One value of a random part."""
        form = self.generated.form if self.generated else ""
        return "".join(secrets.choice(_SIGNS[sign]) for sign in form)


def parse(text: str) -> TextPattern:
    """The pattern. Errors  `Unusable` for a text that is none."""
    parts: list[Part] = []
    place = 0
    while place < len(text) or not parts:
        rest = text[place:].lstrip()
        part = next(
            (
                Part(kind, found.group(0), found.group(1))
                for kind, shape in _PARTS.items()
                if (found := shape.match(rest))
            ),
            None,
        )
        if part is None:
            raise Unusable(f"The pattern cannot be read from {rest[:40]!r}")
        parts.append(part)
        after = rest[len(part.written) :].lstrip()
        if after and not after.startswith("+"):
            raise Unusable(f"The parts of a pattern are joined by +, not by {after[:10]!r}")
        if after == "+":
            raise Unusable("A pattern does not end with +")
        place = len(text) - len(after) + 1 if after else len(text)
    return TextPattern(tuple(parts))


def _filled(part: Part, known: Mapping[str, str], now: datetime, generated: str) -> str:
    if part.kind == "TEXT":
        return re.sub(r"\\(.)", r"\1", part.form)
    if part.kind == "CURRENT_DATE":
        return _dated(part.form, now)
    if part.kind == ORG_UNIT_CODE:
        return _cut(part.form, known.get(ORG_UNIT_CODE, ""))
    return generated


def _cut(form: str, code: str) -> str:
    """As many signs of the code as the form has dots, from its start or, with `$`, from its end."""
    dots = form.count(".")
    whole = form.startswith("^") and form.endswith("$")
    if len(code) < max(dots, 1) or (whole and len(code) != dots):
        raise Unusable(f"The code {code!r} is too short for ORG_UNIT_CODE({form})")
    if not dots:
        return code
    return code[-dots:] if form.endswith("$") else code[:dots]


def _dated(form: str, now: datetime) -> str:
    return "".join(quoted or other or _run(run, now) for quoted, run, other in _RUN.findall(form))


def _run(run: str, now: datetime) -> str:
    _year, week, weekday = now.isocalendar()
    number = {
        "y": now.year, "M": now.month, "d": now.day, "H": now.hour, "m": now.minute,
        "s": now.second, "D": now.timetuple().tm_yday, "w": week, "u": weekday,
    }[run[0]]  # fmt: skip
    if run == "yy":
        return f"{now.year % 100:02}"
    if run in ("MMM", "MMMM"):
        return now.strftime("%b" if run == "MMM" else "%B")
    return f"{number:0{len(run)}}"
