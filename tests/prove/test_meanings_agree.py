"""A hundred thousand random expressions in both meanings; the normal run asks the same of 2 000.

SMITTESPORING_PROVE_EXPRESSIONS sets another number.
"""

import os

import pytest

from smittesporing import database
from tests.expression.agreement import ask_many
from tests.expression.little_program import make_tables

MANY = int(os.environ.get("SMITTESPORING_PROVE_EXPRESSIONS", "100000"))


@pytest.fixture(scope="module")
def tables(pool, owner_url):
    with pool.connection() as conn:
        make_tables(conn)
    with database.connect(owner_url, autocommit=True) as conn:
        yield conn


def test_both_meanings_agree_on_every_one_of_very_many_random_expressions(tables):
    tally = ask_many(tables, MANY)
    assert tally.found[:5] == []
    assert tally.asked >= MANY
    assert tally.undecided < tally.compared / 100
