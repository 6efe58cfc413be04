"""JSON Patch on plain objects."""

import pytest

from smittesporing.web.api.patch import Unpatchable, patched

BODY = {"name": "A", "style": {"icon": "x"}, "list": [{"id": "1"}, {"id": "2"}]}


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ({"op": "replace", "path": "/name", "value": "B"}, {"name": "B"}),
        ({"op": "add", "path": "/code", "value": "C"}, {"code": "C"}),
        ({"op": "remove", "path": "/style/icon"}, {"style": {}}),
        ({"op": "add", "path": "/a~1b", "value": 1}, {"a/b": 1}),
        (
            {"op": "add", "path": "/list/-", "value": {"id": "3"}},
            {"list": [{"id": "1"}, {"id": "2"}, {"id": "3"}]},
        ),
        ({"op": "add", "path": "/list/0", "value": {}}, {"list": [{}, {"id": "1"}, {"id": "2"}]}),
        (
            {"op": "replace", "path": "/list/1/id", "value": "9"},
            {"list": [{"id": "1"}, {"id": "9"}]},
        ),
        ({"op": "remove", "path": "/list/0"}, {"list": [{"id": "2"}]}),
        ({"op": "remove", "path": "/list/9"}, {}),
        ({"op": "remove", "path": "/missing/below"}, {}),
        ({"op": "add", "path": "/list/2", "value": 3}, {"list": [{"id": "1"}, {"id": "2"}, 3]}),
        ({"op": "replace", "path": "/list/0", "value": 0}, {"list": [0, {"id": "2"}]}),
        ({"op": "replace", "path": "/code", "value": "C"}, {"code": "C"}),
        ({"op": "test", "path": "/style", "value": {"icon": "x"}}, {}),
        ({"op": "copy", "path": "/code", "from": "/style/icon"}, {"code": "x"}),
        ({"op": "move", "path": "/code", "from": "/style/icon"}, {"code": "x", "style": {}}),
        ({"op": "remove-by-id", "path": "/list", "id": "1"}, {"list": [{"id": "2"}]}),
    ],
)
def test_operation(operation, expected):
    before = {**BODY, "list": [dict(each) for each in BODY["list"]]}
    assert patched(BODY, [operation]) == {**BODY, **expected}
    assert before == BODY, "the object given is left as it was"


@pytest.mark.parametrize(
    "operations",
    [
        {"op": "add"},
        ["text"],
        [{"op": "add", "path": 7}],
        [{"op": "add", "path": "", "value": 1}],
        [{"op": "add", "path": "/name"}],
        [{"op": "move", "path": "/name", "value": 1}],
        [{"op": "add", "path": "/list/9", "value": {}}],
        [{"op": "add", "path": "/missing/below", "value": 1}],
        [{"op": "test", "path": "/name", "value": "B"}],
        [{"op": "copy", "path": "/name", "from": "/missing"}],
        [{"op": "move", "path": "/style/x", "from": "/style"}],
        [{"op": "copy", "path": "/name"}],
        [{"op": "swap", "path": "/name", "value": 1}],
        [{"op": "replace", "path": "/name/below", "value": 1}],
        [{"op": "remove-by-id", "path": "/name", "id": "1"}],
    ],
)
def test_what_is_no_patch_is_refused(operations):
    with pytest.raises(Unpatchable):
        patched(BODY, operations)
