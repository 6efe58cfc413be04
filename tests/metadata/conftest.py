"""What tests of configuration share: a transaction that is rolled back, a superuser, small objects."""

import pytest


@pytest.fixture
def connection(pool, as_role):
    """A transaction as the service's role, rolled back at the end."""
    as_role("superuser", "NO")
    with pool.connection() as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def admin(as_role):
    return as_role("superuser", "NO")


def option_set(uid="optSetAAAA1", **more):
    return {"id": uid, "name": f"Set {uid}", "valueType": "TEXT", **more}


def option(uid, code, **more):
    return {"id": uid, "code": code, "name": code.title(), **more}


def codes(report):
    return sorted(refusal.code for each in report.objects for refusal in each.refusals)
