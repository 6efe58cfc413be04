"""What the service was told at start, and the clock it works by.

Read once, from the environment, by the doors (cli, web) and by tests; handed down as plain values.
Two clocks exist on purpose (decision 23): the business clock, which an exercise may shift, serves
people, rules and date checks; sessions, tokens, log and history use the machine's own.
"""

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")


@dataclass(frozen=True)
class Clock:
    """The business clock: real, or `shift` away from the machine's (an exercise)."""

    shift: timedelta = timedelta()

    def now(self) -> datetime:
        """The moment the service works in, in Norwegian time."""
        return (datetime.now(UTC) + self.shift).astimezone(OSLO)

    def today(self) -> date:
        return self.now().date()

    @property
    def shifted(self) -> bool:
        return self.shift != timedelta()


@dataclass(frozen=True)
class FixedClock(Clock):
    """A clock that stands still, for tests and for building data of a given day."""

    at: datetime = datetime(2022, 1, 20, 12, 0, tzinfo=OSLO)

    def now(self) -> datetime:
        return self.at

    @property
    def shifted(self) -> bool:
        return True


@dataclass(frozen=True)
class Settings:
    """Everything configurable. Keys are bytes; `base_url` has no slash at the end."""

    database_url: str = field(repr=False)
    counter_url: str = field(repr=False)
    context_key: bytes = field(repr=False)
    field_key: bytes = field(repr=False)
    base_url: str
    issuer: str
    client_id: str
    client_key: str
    register_url: str
    register_token_url: str
    exercise: bool
    clock: Clock


class Missing(Exception):
    """A setting is missing or contradicts another; the text says which and what to do."""


def from_environment(env: Mapping[str, str] | None = None) -> Settings:
    """The settings that the environment gives.

    Errors  `Missing` names the variable. A shifted clock without SMITTESPORING_EXERCISE=1 is refused:
            production never works in another day than today.
    """
    values = os.environ if env is None else env

    def need(name: str) -> str:
        value = values.get(f"SMITTESPORING_{name}", "")
        if not value:
            raise Missing(
                f"SMITTESPORING_{name} is not set. docs/operations.md lists the settings."
            )
        return value

    def key(name: str) -> bytes:
        raw = base64.b64decode(need(name))
        if len(raw) != 32:
            raise Missing(f"SMITTESPORING_{name} must be 32 bytes in Base64.")
        return raw

    exercise = values.get("SMITTESPORING_EXERCISE") == "1"
    shift = timedelta(seconds=float(values.get("SMITTESPORING_CLOCK_SHIFT_SECONDS", "0")))
    if shift and not exercise:
        raise Missing(
            "SMITTESPORING_CLOCK_SHIFT_SECONDS is for exercises only (SMITTESPORING_EXERCISE=1)."
        )
    return Settings(
        database_url=need("DATABASE_URL"),
        counter_url=need("COUNTER_URL"),
        context_key=key("CONTEXT_KEY"),
        field_key=key("FIELD_KEY"),
        base_url=need("BASE_URL").rstrip("/"),
        issuer=values.get("SMITTESPORING_ISSUER", ""),
        client_id=values.get("SMITTESPORING_CLIENT_ID", ""),
        client_key=values.get("SMITTESPORING_CLIENT_KEY", ""),
        register_url=values.get("SMITTESPORING_REGISTER_URL", ""),
        register_token_url=values.get("SMITTESPORING_REGISTER_TOKEN_URL", ""),
        exercise=exercise,
        clock=Clock(shift),
    )
