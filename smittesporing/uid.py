"""DHIS2's eleven-character identifiers: made, derived and recognised.

Knows nothing of what they identify. Called by every room that names a record.
"""

import hashlib
import re
import secrets
import string

LETTERS = string.ascii_letters
ALPHANUMERIC = string.ascii_letters + string.digits
_UID = re.compile(r"[A-Za-z][A-Za-z0-9]{10}")


def new_uid() -> str:
    """A fresh random identifier; 52 · 62¹⁰ possibilities, so collisions are left to the key."""
    first = secrets.choice(LETTERS)
    return first + "".join(secrets.choice(ALPHANUMERIC) for _ in range(10))


def derived_uid(*parts: str) -> str:
    """The identifier that these parts always give, so that a second run names the same record."""
    number = int.from_bytes(hashlib.sha256("\x1f".join(parts).encode()).digest(), "big")
    number, index = divmod(number, len(LETTERS))
    made = LETTERS[index]
    for _ in range(10):
        number, index = divmod(number, len(ALPHANUMERIC))
        made += ALPHANUMERIC[index]
    return made


def is_uid(text: object) -> bool:
    """Whether the text has the form of an identifier; says nothing about its existence."""
    return isinstance(text, str) and _UID.fullmatch(text) is not None
