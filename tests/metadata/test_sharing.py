"""What the eight characters of sharing give to whom."""

from dataclasses import dataclass

import pytest

from smittesporing.metadata.sharing import as_json, sharing


@dataclass(frozen=True)
class Somebody:
    user: str = "user0000001"
    authorities: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()


IN_GROUP = Somebody(groups=frozenset({"group000001"}))
SUPERUSER = Somebody(authorities=frozenset({"ALL"}))
STRANGER = Somebody(user="stranger001")


def given(public="--------", owner=None, user=None, group=None):
    return sharing(
        {
            "sharing": {
                "public": public,
                "owner": owner,
                "users": {"user0000001": {"access": user}} if user else {},
                "userGroups": {"group000001": {"access": group}} if group else {},
            }
        }
    )


@pytest.mark.parametrize(
    ("object_", "viewer", "reads", "changes", "data_reads", "data_writes"),
    [
        (given(), STRANGER, False, False, False, False),
        (given(), SUPERUSER, True, True, True, True),
        (given("r-------"), STRANGER, True, False, False, False),
        (given("rwrw----"), STRANGER, True, True, True, True),
        (given("r-r-----"), STRANGER, True, False, True, False),
        (given("r--w----"), STRANGER, True, False, True, True),
        (given(group="r-rw----"), IN_GROUP, True, False, True, True),
        (given(group="r-rw----"), STRANGER, False, False, False, False),
        (given(user="rw------"), Somebody(), True, True, False, False),
        (given(owner="user0000001"), Somebody(), True, True, False, False),
    ],
)
def test_sharing(object_, viewer, reads, changes, data_reads, data_writes):
    assert object_.reads(viewer) is reads
    assert object_.changes(viewer) is changes
    assert object_.data_read(viewer) is data_reads
    assert object_.data_write(viewer) is data_writes


def test_legacy_access_lists_say_the_same_and_todays_form_wins():
    legacy = {
        "publicAccess": "r-------",
        "userGroupAccesses": [{"access": "rw------", "userGroupUid": "group000001"}],
        "userAccesses": [{"access": "r-r-----", "id": "user0000001"}],
    }
    read = sharing(legacy)
    assert (read.public, read.groups, read.users) == (
        "r-------",
        {"group000001": "rw------"},
        {"user0000001": "r-r-----"},
    )
    assert sharing({**legacy, "sharing": {"public": "--------"}}).public == "--------"
    assert sharing({"sharing": as_json(read)}).groups == read.groups
