"""The `filter` language over plain dictionaries."""

import pytest

from smittesporing.metadata.fields import MISSING, Preset
from smittesporing.metadata.filters import Refusal, matching, ordered, parse, split


class FlatShape:
    """Dictionaries without references, where `shout` is computed."""

    def preset(self, kind, name):
        return Preset(rest=lambda each: True)

    def getter(self, kind, name):
        if name == "shout":
            return lambda world, body: body["name"].upper()
        return lambda world, body: body.get(name, MISSING)

    def below(self, kind, name):
        return name

    def refers(self, kind):
        return False


class Flat:
    shape = FlatShape()

    def whole(self, kind, value):
        return value


OBJECTS = [
    {
        "id": "aaaaaaaaaa1",
        "name": "Test result",
        "code": "ST_TEST",
        "level": 2,
        "open": True,
        "lastUpdated": "2022-01-20T12:00:00.000",
        "groups": [{"id": "g1", "name": "Lab"}, {"id": "g2", "name": "Other"}],
        "program": {"id": "p1"},
        "access": {"data": {"read": True}},
    },
    {
        "id": "bbbbbbbbbb2",
        "name": "interview",
        "level": 10,
        "open": False,
        "lastUpdated": "2022-01-25T08:00:00.000",
        "groups": [],
        "program": {"id": "p2"},
        "access": {"data": {"read": False}},
    },
    {"id": "cccccccccc3", "name": "Åre: sted", "code": "X", "level": 3},
]


def found(*filters, any_of=False, query=""):
    holds = matching([parse(each) for each in filters], Flat(), "x", any_of=any_of, query=query)
    return "".join(each["id"][0] for each in OBJECTS if holds(each))


@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        ("id:eq:aaaaaaaaaa1", "a"),
        ("id:in:[aaaaaaaaaa1,cccccccccc3]", "ac"),
        ("id:in:[ aaaaaaaaaa1 , nothing ]", "a"),
        ("id:!in:[aaaaaaaaaa1]", "bc"),
        ("id:!eq:aaaaaaaaaa1", "bc"),
        ("id:ne:aaaaaaaaaa1", "bc"),
        ("id:neq:aaaaaaaaaa1", "bc"),
        ("name:eq:Interview", ""),
        ("name:ieq:Interview", "b"),
        ("name:like:Test", "a"),
        ("name:like:test", ""),
        ("name:ilike:TEST", "a"),
        ("name:!ilike:test", "bc"),
        ("name:$like:Test", "a"),
        ("name:$ilike:INTER", "b"),
        ("name:like$:result", "a"),
        ("name:ilike$:VIEW", "b"),
        ("name:startsWith:test", "a"),
        ("name:endsWith:VIEW", "b"),
        ("name:!endsWith:VIEW", "ac"),
        ("name:!$ilike:INTER", "ac"),
        ("name:!like$:result", "bc"),
        ("name:token:result te", "a"),
        ("name:!token:result", "bc"),
        ("name:eq:Åre: sted", "c"),
        ("level:gt:2", "bc"),
        ("level:ge:3", "bc"),
        ("level:lt:10", "ac"),
        ("level:le:2", "a"),
        ("level:eq:10", "b"),
        ("level:in:[2,3]", "ac"),
        ("level:gt:word", ""),
        ("open:eq:true", "a"),
        ("open:eq:FALSE", "b"),
        ("code:null", "b"),
        ("code:!null", "ac"),
        ("groups:empty", "bc"),
        ("groups:!empty", "a"),
        ("groups:gt:1", "a"),
        ("groups:eq:0", "b"),
        ("groups.id:eq:g2", "a"),
        ("groups.name:in:[Lab,None]", "a"),
        ("program.id:in:[p2]", "b"),
        ("program:eq:p1", "a"),
        ("access.data.read:eq:true", "a"),
        ("access.data.read:in:[true]", "a"),
        ("shout:eq:INTERVIEW", "b"),
        ("lastUpdated:gt:2022-01-21", "b"),
        ("lastUpdated:ge:2022-01-20T12:00:00.000", "ab"),
        ("lastUpdated:lt:2022-01-25", "a"),
        ("identifiable:token:st_te", "ac"),
        ("identifiable:eq:X", "c"),
        ("nothing.below:eq:1", ""),
        ("name.below:eq:1", ""),
    ],
)
def test_filter(filter_, expected):
    assert found(filter_) == expected


def test_filters_join_by_and_unless_or_is_asked_for():
    assert found("level:gt:2", "open:eq:false") == "b"
    assert found("level:gt:9", "code:eq:X", any_of=True) == "bc"


def test_query_is_asked_beside_the_filters_even_when_they_join_by_or():
    assert found("level:gt:2", "code:eq:X", any_of=True, query="åre") == "c"


@pytest.mark.parametrize(
    ("query", "expected"), [("X", "c"), ("x", ""), ("ERV", "b"), ("ST_TEST", "a")]
)
def test_query_is_the_id_or_code_itself_or_a_part_of_the_name(query, expected):
    assert found(query=query) == expected


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("name:eq:a", ["name:eq:a"]),
        ("name:eq:a,code:null", ["name:eq:a", "code:null"]),
        ("id:in:[a,b],code:!null,name:eq:x", ["id:in:[a,b]", "code:!null", "name:eq:x"]),
        ("name:like:Oslo, Norway", ["name:like:Oslo, Norway"]),
        ("name:like:a:b,c", ["name:like:a:b,c"]),
        ("", []),
    ],
)
def test_several_filters_may_stand_in_one_parameter(text, parts):
    assert split(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        *("name", "name:", "name:resembles:x", ":eq:1", "name:eq", "", "a..b:eq:1"),
        *("name:in:a", "name:in:[]", "name:!in:a,b"),
    ],
)
def test_filter_that_cannot_be_read_is_refused(text):
    with pytest.raises(Refusal):
        parse(text)


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        ([], "bac"),
        (["name:asc"], "abc"),
        (["name:iasc"], "bac"),
        (["name:ASC"], "abc"),
        (["level:desc"], "bca"),
        (["level"], "acb"),
        (["code:asc", "level:desc"], "acb"),
        (["code:desc"], "bca"),
        (["program.id:desc"], "cba"),
    ],
)
def test_order(orders, expected):
    assert "".join(each["id"][0] for each in ordered(OBJECTS, orders, Flat(), "x")) == expected
