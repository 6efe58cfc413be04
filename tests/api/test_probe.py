"""Two thousand requests that nobody thought of: none is a fault, none is answered otherwise than stated."""

import pytest


# A connection pool of the server, in the same process, draws a number when it likes.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
@pytest.mark.parametrize("who", ["tracer", "admin"])
def test_no_request_is_a_fault_or_answered_otherwise_than_stated(ask, client, uid, unit, who):
    # schemathesis takes a second to load, and only here.
    from tests.api.probe import Known, Probe

    found = Probe(ask, str(client.base_url), who, Known.to(ask, uid, unit, who)).run(each=6)
    assert not found.faults, found.told()
    assert found.requests > 1_000
