"""A program copied: everything of it is new, and nothing else is."""

import pytest

from tests.conftest import SHARED

CASES = "uYjxkTbwRNf"
PACKAGE = SHARED / "data" / "dhis2" / "C19_CS-2.37" / "metadata.json"
PARTS = {
    "programStages": "program.id",
    "programSections": "program.id",
    "programIndicators": "program.id",
    "programRuleVariables": "program.id",
    "programStageSections": "programStage.program.id",
}


@pytest.fixture(scope="module")
def copied(ask):
    answer = ask("POST", "metadata", by="admin", content=PACKAGE.read_bytes())
    assert answer.status_code == 200
    answer = ask("POST", f"programs/{CASES}/copy", by="admin")
    assert answer.status_code == 201, answer.text
    return answer.headers["location"].rpartition("/")[2]


def owned(read, plural, path, program):
    return read(f"{plural}?filter={path}:eq:{program}&fields=:owner&paging=false")[plural]


def test_its_name_says_so_and_its_questions_are_the_same(read, copied):
    old, new = (read(f"programs/{uid}?fields=:owner") for uid in (CASES, copied))
    assert new["name"] == f"Copy of {old['name']}"
    assert "code" not in new and new["accessLevel"] == old["accessLevel"]
    asked = [
        [row["trackedEntityAttribute"]["id"] for row in each["programTrackedEntityAttributes"]]
        for each in (old, new)
    ]
    assert asked[0] == asked[1] and asked[0]


@pytest.mark.parametrize(("plural", "path"), PARTS.items())
def test_its_parts_are_as_many_and_none_is_shared(read, copied, plural, path):
    old, new = (owned(read, plural, path, uid) for uid in (CASES, copied))
    assert len(old) == len(new)
    assert not {each["id"] for each in old} & {each["id"] for each in new}
    assert CASES not in str(new)


def test_its_indicators_speak_of_its_own_stages(read, copied):
    old, new = (
        {each["id"] for each in owned(read, "programStages", "program.id", uid)}
        for uid in (CASES, copied)
    )
    expressions = " ".join(
        f"{each['expression']} {each.get('filter', '')}"
        for each in owned(read, "programIndicators", "program.id", copied)
    )
    assert any(uid in expressions for uid in new)
    assert not any(uid in expressions for uid in old)


def test_a_copy_of_ones_own_name_can_be_made_once(ask, read, copied):
    again = ask("POST", f"programs/{CASES}/copy", by="admin")
    assert again.status_code == 409
    other = ask("POST", f"programs/{CASES}/copy?prefix=Prøve: ", by="admin")
    assert other.status_code == 201
    uid = other.headers["location"].rpartition("/")[2]
    assert read(f"programs/{uid}?fields=name")["name"].startswith("Prøve: ")


def test_who_may_not_write_configuration_copies_nothing(ask, copied):
    assert ask("POST", f"programs/{CASES}/copy").status_code in (403, 404)
    assert ask("POST", "programs/aaaaaaaaaaa/copy", by="admin").status_code == 404
