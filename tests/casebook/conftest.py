"""A tracer at work in Tromsø on 20 January 2022, and the small words that stories are told with."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from smittesporing.access.work import work
from smittesporing.tracing.casebook.book import Book, open_book


@pytest.fixture
def at_work(pool, settings, as_role) -> Callable[..., object]:  # type: ignore[no-untyped-def]
    """`with at_work() as book:` one transaction of a tracer; role, kommune and settings may be chosen."""

    @contextmanager
    def go(role: str = "tracer", kommune: str = "5501", chosen=None) -> Iterator[Book]:  # type: ignore[no-untyped-def]
        with work(pool, as_role(role, kommune), chosen or settings, action="test") as here:
            yield open_book(here)

    return go
