"""Days and moments of objects, as clients write them."""

import pytest

from smittesporing.uid import new_uid


def option_set(created):
    uid = new_uid()
    return {"id": uid, "name": f"Set {uid}", "valueType": "TEXT", "created": created}


@pytest.mark.parametrize("created", [True, False, [], {}, [1], 1e300])
def test_what_is_no_moment_is_refused(post, read, created):
    body = option_set(created)
    status, answer = post({"optionSets": [body]})
    assert status == 409, answer
    assert not read(f"optionSets?filter=id:eq:{body['id']}")["optionSets"]


@pytest.mark.parametrize(
    ("created", "kept"),
    [
        ("2021-02-03T04:05:06.000", "2021-02-03T04:05:06.000"),
        (1612325106000, "2021-02-03T04:05:06.000"),
    ],
)
def test_a_moment_is_kept_as_text(post, read, created, kept):
    body = option_set(created)
    assert post({"optionSets": [body]})[0] == 200
    assert read(f"optionSets/{body['id']}")["created"] == kept
