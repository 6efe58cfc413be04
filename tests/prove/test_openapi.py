"""Twenty thousand requests that nobody thought of: `tests/api/test_probe.py` at length."""

import pytest

from tests.api.probe import Known, Probe


@pytest.mark.parametrize("who", ["tracer", "admin"])
def test_no_request_of_very_many_is_a_fault_or_answered_otherwise(ask, client, uid, unit, who):
    found = Probe(ask, str(client.base_url), who, Known.to(ask, uid, unit, who)).run(each=50)
    for (label, status), times in sorted(found.statuses.items()):
        print(f"{times:>6} {status} {label}")
    assert not found.faults, found.told()
    assert found.requests > 10_000
