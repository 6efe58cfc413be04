"""Both meanings of random program indicator expressions, row by row: 2 000 in this run.

tests/prove asks the same of a hundred thousand.
"""

import pytest

from smittesporing import database
from tests.expression.agreement import WINDOWS, ask_many, disagreements, load, records
from tests.expression.little_program import make_tables

MANY = 2_000


@pytest.fixture(scope="module")
def tables(pool, owner_url):
    """A connection as the owner to the projections of the little program, empty."""
    with pool.connection() as conn:
        make_tables(conn)
    with database.connect(owner_url, autocommit=True) as conn:
        yield conn


def test_both_meanings_of_random_expressions_agree(tables):
    tally = ask_many(tables, MANY)
    assert tally.found[:5] == []
    assert tally.asked >= MANY
    # Most have a value, and hardly any was too near to call.
    assert tally.present > tally.compared / 2
    assert tally.undecided < tally.compared / 100


@pytest.mark.parametrize("per_event", [False, True])
def test_a_variable_that_counts_is_divided_as_a_count(tables, per_event):
    made = records(1)
    load(tables, made)
    texts = (
        "V{enrollment_count} / d2:relationshipCount()",
        "log10(V{tei_count} / d2:relationshipCount())",
    )
    asked = [(text, False) for text in texts]
    assert disagreements(tables, made, asked, per_event, min(WINDOWS)).found == []
