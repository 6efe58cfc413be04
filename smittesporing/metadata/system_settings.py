"""System settings and user settings: DHIS2 2.42's keys with their defaults, and what was set instead.

A key that DHIS2 does not know is not kept. Nothing in the service is steered by them: clients read them
to learn how to show things. Called by web/api/settings.py and web/api/me.py.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from psycopg.types.json import Jsonb

from smittesporing.database import Connection

Value = str | int | float | bool
_DECLARED = tomllib.loads(files(__package__).joinpath("settings.toml").read_text(encoding="utf-8"))
DEFAULTS: Mapping[str, Value] = _DECLARED["system"]
# What a user may choose for herself; null where she has chosen nothing and the system says nothing.
OF_USERS: Mapping[str, Value] = _DECLARED["user"]
CONFIDENTIAL = frozenset(_DECLARED["kinds"]["confidential"])
TRANSLATED = frozenset(_DECLARED["kinds"]["translated"])


class Unfit(ValueError):
    """The value is not of the kind the key has."""


def every(connection: Connection) -> dict[str, Value]:
    """All settings, each as it was set or by default."""
    rows = connection.execute("select key, value from metadata.system_setting").fetchall()
    stated = {row["key"]: typed(row["key"], row["value"]) for row in rows if row["key"] in DEFAULTS}
    return {**DEFAULTS, **stated}


def translation(connection: Connection, key: str, locale: str) -> str | None:
    """What a translated key reads in the language; None when nobody has said."""
    row = connection.execute(
        "select value from metadata.system_setting_translation where key = %s and locale = %s",
        (key, locale),
    ).fetchone()
    return str(row["value"]) if row else None


def put(connection: Connection, key: str, text: str) -> None:
    """Set one; an empty text takes it back to the default.

    Errors  `Unfit` when the text is no value of that key's kind.
    """
    if not text:
        connection.execute("delete from metadata.system_setting where key = %s", (key,))
        return
    typed(key, text)
    connection.execute(
        """insert into metadata.system_setting (key, value) values (%s, %s)
           on conflict (key) do update set value = excluded.value, last_updated = now()""",
        (key, text),
    )


def remove(connection: Connection, key: str) -> None:
    """Back to the default, in every language."""
    connection.execute("delete from metadata.system_setting where key = %s", (key,))
    connection.execute("delete from metadata.system_setting_translation where key = %s", (key,))


def translate(connection: Connection, key: str, locale: str, text: str) -> None:
    """Set or, with an empty text, take away what the key reads in the language."""
    connection.execute(
        "delete from metadata.system_setting_translation where key = %s and locale = %s",
        (key, locale),
    )
    if text:
        connection.execute(
            "insert into metadata.system_setting_translation (key, locale, value) values (%s, %s, %s)",
            (key, locale, text),
        )


def typed(key: str, text: str) -> Value:
    """The text as a value of the kind that the key's default has. Errors  `Unfit`."""
    return _typed(DEFAULTS.get(key, ""), text)


def _typed(default: Value, text: str) -> Value:
    if isinstance(default, bool):
        if text.lower() not in ("true", "false"):
            raise Unfit(f"{text!r} is neither true nor false")
        return text.lower() == "true"
    if isinstance(default, int):
        try:
            return int(text)
        except ValueError:
            raise Unfit(f"{text!r} is no whole number") from None
    if isinstance(default, float):
        try:
            return float(text)
        except ValueError:
            raise Unfit(f"{text!r} is no number") from None
    return text


def own_of(connection: Connection, user: str) -> dict[str, Any]:
    """What a user has chosen herself."""
    row = connection.execute(
        "select settings from access.user_account where uid = %s", (user,)
    ).fetchone()
    return dict(row["settings"]) if row else {}


def of_user(connection: Connection, user: str, *, fallback: bool = True) -> dict[str, Any]:
    """A user's settings; where she has chosen nothing, the system's, and then the default.

    Shape   Without fallback the system's are passed over.
    """
    own = own_of(connection, user)
    system = every(connection) if fallback else {}
    return {**{key: system.get(key, value) for key, value in OF_USERS.items()}, **own}


def put_of_user(connection: Connection, user: str, settings: Mapping[str, str]) -> None:
    """Set some of hers. Errors  `Unfit`."""
    values = {key: _typed(OF_USERS[key], text) for key, text in settings.items()}
    connection.execute(
        "update access.user_account set settings = settings || %s where uid = %s",
        (Jsonb(values), user),
    )


def remove_of_user(connection: Connection, user: str, key: str) -> None:
    connection.execute(
        "update access.user_account set settings = settings - %s::text where uid = %s", (key, user)
    )
