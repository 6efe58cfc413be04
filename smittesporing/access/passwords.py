"""What a password must be, and its hash: for machines and for the demo; people sign in by ID-porten.

Hashing is argon2, slow on purpose. Called by users.py, accounts.py and the API.
"""

from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

SHORTEST, LONGEST = 8, 72
REMEMBERED = 24
_hasher = PasswordHasher()


def hashed(password: str) -> str:
    return _hasher.hash(password)


def matches(kept: str, password: str) -> bool:
    """Whether this is the password behind the hash; false for a hash that is none."""
    try:
        return _hasher.verify(kept, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def fault(password: str, username: str = "", email: str = "") -> str | None:
    """What is wrong with a new password, in a sentence; None when nothing is.

    Shape   DHIS2's rules: 8 to 72 signs; a digit, an upper case letter and a sign that is neither
            letter nor digit; not the user name or the e-mail address within it.
    """
    if not SHORTEST <= len(password) <= LONGEST or "\0" in password:
        return f"A password has {SHORTEST} to {LONGEST} characters."
    if not any(each.isdigit() for each in password):
        return "A password has a digit in it."
    if not any(each.isupper() for each in password):
        return "A password has an upper case letter in it."
    if all(each.isalnum() for each in password):
        return "A password has a sign in it that is neither letter nor digit."
    within = password.lower()
    if any(each and each.lower() in within for each in (username, email)):
        return "A password does not hold the user name or the e-mail address."
    return None


def used_before(past: Iterable[str], password: str) -> bool:
    """Whether the password is among the hashes of earlier ones; as slow as they are many."""
    return any(matches(kept, password) for kept in past)
