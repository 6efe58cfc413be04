"""The product owner's pages of a package nobody has seen: each kind and object has one, and none fails."""

import pytest

from smittesporing.metadata.exchange import import_metadata
from smittesporing.metadata.kinds import KINDS
from smittesporing.metadata.versions import NOT_KEPT
from tests.api.strange import package

TOP = "/konfigurasjon"


@pytest.fixture(scope="module")
def strange(pool):
    body, maker = package(7, "2.42")
    with pool.connection() as connection:
        assert import_metadata(connection, body, None).ok
    return body, maker


def test_each_kind_of_a_strange_package_has_a_page_for_who_may_read_it(browse, strange):
    ks, (body, maker) = browse("ks", "NO"), strange
    answers = {}
    for plural, (first, *_) in maker.ids.items():
        if plural in NOT_KEPT:
            continue
        public = body[plural][0].get("sharing", {}).get("public", "r-")
        expected = {200, 303} if public[0] == "r" else {404}
        if not KINDS[plural].shareable:
            # What has no sharing follows what it belongs to.
            expected = {200, 303, 404}
        for tail in ("", "/siden"):
            status = ks.get(f"{TOP}/{plural}/{first}{tail}").status_code
            answers[plural, tail] = status, expected
    wrong = {key: each for key, each in answers.items() if each[0] not in each[1]}
    assert not wrong
    assert sum(status == 200 for status, _ in answers.values()) > 20


@pytest.mark.parametrize("tail", ["", "/versjoner", "/versjoner/sammenlign", "/utkast"])
def test_pages_of_all_configuration_hold_a_strange_package(browse, strange, tail):
    assert browse("ks", "NO").get(f"{TOP}{tail}").status_code == 200


def test_strange_forms_rules_and_indicators_are_tried(browse, strange):
    ks, (_, maker) = browse("ks", "NO"), strange
    for plural in ("programStages", "programs", "programRules", "programIndicators"):
        for uid in maker.ids[plural]:
            answer = ks.get(f"{TOP}/prov/{plural}/{uid}")
            assert answer.status_code in (200, 303, 404), (plural, uid)
