"""Everything exported, imported into an installation that is new, and exported again: the same.

What differs is told property by property. Two databases, two servers, and only HTTP between them.
"""

import json
import os
import time
from dataclasses import replace

import pytest

from smittesporing import database, postgres
from smittesporing.metadata import store
from smittesporing.web.routes import every_route
from tests.api.conftest import PASSWORD, refused, serving
from tests.api.package_aggregate import aggregate
from tests.api.package_old import old_tracker
from tests.conftest import _url, user_with

# Of the installation and the moment, not of the object.
OF_THE_MOMENT = frozenset(("lastUpdated", "lastUpdatedBy", "createdBy"))
KOMMUNE = "5501"


@pytest.fixture(scope="module")
def elsewhere(server, settings):
    """`(method, path, …)` asked of a second, new installation, by its own superuser."""
    name = f"test_{os.getpid()}_elsewhere"
    with database.connect(_url("postgres", "postgres"), autocommit=True) as admin:
        admin.execute(f"create database {name} template template_test")
    there = replace(
        settings,
        database_url=_url(postgres.APP, name),
        counter_url=_url(postgres.COUNTER, name),
    )
    with database.connect(_url(postgres.OWNER, name), autocommit=True) as connection:
        made = user_with(connection, there, "superuser", "NO", "their-admin")
        connection.execute(
            "update access.user_account set password = %s where uid = %s",
            (_hash(), made.user),
        )
    store.drop_cache()
    with serving(there, list(every_route())) as client:
        yield lambda method, path, **more: client.request(
            method, f"/api/{path}", auth=("their-admin", PASSWORD), timeout=120, **more
        )
    store.drop_cache()
    with database.connect(_url("postgres", "postgres"), autocommit=True) as admin:
        admin.execute(f"drop database {name} with (force)")


def _hash():
    from smittesporing.access import passwords

    return passwords.hashed(PASSWORD)


def objects(package):
    return {
        (plural, body["id"]): {
            name: value for name, value in body.items() if name not in OF_THE_MOMENT
        }
        for plural, bodies in package.items()
        if isinstance(bodies, list)
        for body in bodies
    }


def told(value):
    return json.dumps(value, ensure_ascii=False)[:160]


def differences(first, second):
    """What differs between two exports, a line each; none when they are the same."""
    one, two = objects(first), objects(second)
    lines = [
        f"only in the first: {plural} {uid}" for plural, uid in sorted(one.keys() - two.keys())
    ]
    lines += [f"only in the second: {plural} {uid}" for plural, uid in sorted(two.keys() - one)]
    for key in sorted(one.keys() & two.keys()):
        for name in sorted(one[key].keys() | two[key].keys()):
            was, now = one[key].get(name), two[key].get(name)
            if was != now:
                lines.append(f"{key[0]} {key[1]} {name}: {told(was)} → {told(now)}")
    return lines


def test_differences_are_told_by_property():
    was = {"options": [{"id": "a", "name": "A", "lastUpdated": "then"}]}
    now = {"options": [{"id": "a", "name": "B"}, {"id": "b"}], "system": {}}
    assert differences(was, now) == ["only in the second: options b", 'options a name: "A" → "B"']
    assert differences(was, was) == []


@pytest.fixture(scope="module")
def filled(ask, shared):
    """An installation with WHO's package, an old one, an aggregate one and a team of its own."""
    who = (shared / "data/dhis2/C19_CS-2.37/metadata.json").read_bytes()
    for body in (who, json.dumps(old_tracker()), json.dumps(aggregate())):
        answer = ask("POST", "metadata", by="admin", content=body)
        assert answer.status_code == 200, refused(answer.json())
    units = ask("GET", f"organisationUnits?filter=code:eq:{KOMMUNE}", by="admin").json()
    bydel = {"id": "tripBydel01", "name": "Reisebydel", "shortName": "Reise"}
    bydel |= {"openingDate": "2020-01-01", "parent": {"id": units["organisationUnits"][0]["id"]}}
    answer = ask("POST", "metadata", by="admin", json={"organisationUnits": [bydel]})
    assert answer.status_code == 200, refused(answer.json())


def test_everything_exported_comes_out_of_a_new_installation_the_same(ask, filled, elsewhere):
    first = ask("GET", "metadata", by="admin").json()
    assert ("organisationUnits", "tripBydel01") in objects(first)
    taken = elsewhere("POST", "metadata?importReportMode=FULL", json=first)
    assert (taken.status_code, refused(taken.json())) == (200, [])
    second = elsewhere("GET", "metadata").json()
    # What is shipped stood there already, so the import has raised the counter that clients cache by.
    for (plural, uid), body in objects(first).items():
        if plural in ("programs", "optionSets") and str(body.get("code")).startswith("ST_"):
            there = next(each for each in second[plural] if each["id"] == uid)
            assert there["version"] == body["version"] + 1
            there["version"] -= 1
    # A unit is made when it is made.
    for body in (*first["organisationUnits"], *second["organisationUnits"]):
        del body["created"]
    assert differences(first, second) == []


# Computed, of another object, or gone from DHIS2 since 2.37.
NOT_KEPT = frozenset(
    (
        *("access", "externalAccess", "favorite", "favorites", "publicAccess", "user"),
        *("userAccesses", "userGroupAccesses", "dimensionItem", "dimensionItemType"),
        *("periodOffset", "optionSetValue", "legendSet", "registration", "withoutRegistration"),
        *("displayContent", "displayExecutionDateLabel", "displayDueDateLabel", "displayName"),
        *("displayEnrollmentDateLabel", "displayIncidentDateLabel", "displayShortName"),
        *("dataElementGroups", "indicatorGroups", "programIndicatorGroups", "dataSets"),
        *("programIndicators", "programRuleVariables", "categoryOptionCombos", "userCredentials"),
        *("categoryCombos", "users", "created", "lastUpdated", "lastUpdatedBy", "items"),
    )
)
DEFAULTS = {"xYerKDKCefk", "GLevLNI9wkl", "bjDvmb4bfuf", "HllvX50cXC0"}


def lost(given, kept, path=""):
    """What of `given` is not in `kept`, a path each; rows are compared by their ids."""
    if isinstance(given, dict) and isinstance(kept, dict):
        for name, value in given.items():
            if name not in NOT_KEPT and value not in ([], {}, None):
                yield from lost(value, kept.get(name), f"{path}.{name}")
    elif (
        isinstance(given, list) and isinstance(kept, list) and given and isinstance(given[0], dict)
    ):
        by_id = {row.get("id"): row for row in kept if isinstance(row, dict)}
        for place, row in enumerate(given):
            other = by_id.get(row["id"]) if "id" in row else kept[place : place + 1]
            yield from lost(row, other[0] if isinstance(other, list) and other else other, path)
    elif given != kept:
        yield f"{path}: {told(given)} → {told(kept)}"


def test_package_from_who_keeps_each_property_that_dhis2_keeps(filled, ask, shared):
    text = (shared / "data/dhis2/C19_CS-2.37/metadata.json").read_text(encoding="utf-8")
    given = objects(json.loads(text))
    kept = objects(ask("GET", "metadata", by="admin").json())
    missing = [
        f"{plural} {uid} {line}"
        for (plural, uid), body in given.items()
        if uid not in DEFAULTS
        for line in lost(body, kept[plural, uid])
    ]
    # Objects without sharing of their own state an empty one.
    missing = [line for line in missing if '.sharing: {"external": false, "user' not in line]
    assert {line.split(":")[0].partition(".")[2] for line in missing} == {"aggregationType"}
    assert {line.partition(" ")[0] for line in missing} == {"dataElementGroups"}


def test_importing_whos_package_is_fast(ask, filled, elsewhere, shared):
    """The demand is 3 s for the first import and 2 s for the next; here with room for a busy machine."""
    body = (shared / "data/dhis2/C19_CS-2.37/metadata.json").read_bytes()
    started = time.perf_counter()
    answer = ask("POST", "metadata", by="admin", content=body)
    took = time.perf_counter() - started
    print(f"importing C19_CS again took {took:.2f} s")
    assert answer.status_code == 200
    assert took < 6
