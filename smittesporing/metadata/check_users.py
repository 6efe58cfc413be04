"""What a user's own properties must be like, whoever asks: lengths, addresses, numbers.

Called by accounts.py, which asks what she may be given and by whom.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from smittesporing.access.accounts import Account
from smittesporing.metadata.report import Refusal
from smittesporing.metadata.schema import SCHEMAS
from smittesporing.uid import is_uid

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_INTERNATIONAL = re.compile(r"\+(?:[0-9].?){4,14}[0-9]")


def misshapen(account: Account, source: Mapping[str, Any]) -> Iterator[Refusal]:
    """What of the user is too long, or is no identifier, address or number."""
    if not is_uid(account.uid):
        yield Refusal("E4014", (account.uid, "id"), "id")
    for name, stated in SCHEMAS["users"].properties.items():
        value = source.get(name)
        # Passwords and identifiers have rules of their own.
        if not isinstance(value, str) or not stated.most or stated.type not in ("TEXT", "EMAIL"):
            continue
        if len(value) > stated.most:
            yield Refusal("E4001", (name, f"{stated.most:.0f}", str(len(value))), name)
    if account.email and not _EMAIL.fullmatch(account.email):
        yield Refusal("E4003", ("email", account.email), "email")
    number = source.get("whatsApp")
    if number and not _INTERNATIONAL.fullmatch(str(number)):
        yield Refusal("E4027", ("whatsApp is no international telephone number",), "whatsApp")
