"""The synthetic people who can sign in, read from the demo's list of users.

Only numbers with month + 80 (Skatteetaten's synthetic range) are let in: no number here can belong
to anybody. Called by idporten.py and folkeregister.py.
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

SYNTHETIC = re.compile(r"\d{2}(8[1-9]|9[0-2])\d{7}")


@dataclass(frozen=True)
class Person:
    """Someone in the login list: the number signs in, the rest helps one to choose."""

    username: str
    name: str
    national_number: str
    about: str = ""
    group: str = ""


def is_synthetic(number: str) -> bool:
    """Eleven digits whose month is 81 to 92."""
    return SYNTHETIC.fullmatch(number) is not None


def read_people(path: Path | None) -> tuple[Person, ...]:
    """The people in the file, in its order; none when there is no file.

    Read leniently: unknown fields are ignored, an entry without a synthetic number is left out.
    """
    if path is None or not path.exists():
        return ()
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("user", [])
    found = [_person(entry) for entry in entries if isinstance(entry, dict)]
    return tuple(person for person in found if is_synthetic(person.national_number))


def _person(entry: dict[str, object]) -> Person:
    def text(*names: str) -> str:
        return next((str(entry[name]) for name in names if entry.get(name)), "")

    return Person(
        username=text("username"),
        name=text("name") or " ".join(filter(None, (text("given_name"), text("family_name")))),
        national_number=text("national_number"),
        about=text("about", "description", "title", "job"),
        group=text("group", "kommune_name", "workplace"),
    )
