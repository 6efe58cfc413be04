"""Sixty packages nobody has seen: `tests/api/test_strange_packages.py` at length."""

import pytest

from tests.api.strange import package
from tests.api.strange_walk import MANY, Walk, told


@pytest.mark.parametrize("seed", range(1000, 1060))
def test_package_that_chance_made_comes_in_whole_and_leaves_no_trace(ask, elsewhere, seed):
    body, maker = package(seed)
    faults = Walk(ask, elsewhere, body, maker, MANY).run()
    assert not faults, f"{maker.version}\n{told(faults)}"
