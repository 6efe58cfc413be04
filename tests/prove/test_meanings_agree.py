"""A hundred thousand random expressions in both meanings; the normal run asks the same of 2 000.

In parts, so that `-n 2` asks two at once. SMITTESPORING_PROVE_EXPRESSIONS sets another number.
"""

import os

import pytest

from smittesporing import database
from tests.expression.agreement import ask_many
from tests.expression.little_program import make_tables

PARTS = 20
MANY = int(os.environ.get("SMITTESPORING_PROVE_EXPRESSIONS", "100000")) // PARTS


@pytest.fixture(scope="module")
def tables(pool, owner_url):
    with pool.connection() as conn:
        make_tables(conn)
    with database.connect(owner_url, autocommit=True) as conn:
        yield conn


@pytest.mark.parametrize("part", range(PARTS))
def test_both_meanings_agree_on_every_one_of_very_many_random_expressions(tables, part):
    tally = ask_many(tables, MANY, first=1_000_000 * part)
    assert tally.found[:5] == []
    assert tally.asked >= MANY
    assert tally.undecided < tally.compared / 100
