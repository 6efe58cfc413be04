"""The `fields` language over plain dictionaries."""

import pytest

from smittesporing.metadata.fields import Unreadable, asks_for, choose, parse

PROGRAM = {
    "id": "uYjxkTbwRNf",
    "name": "Index",
    "version": 3,
    "style": {"icon": "virus", "color": "red"},
    "stages": [
        {"id": "stage000001", "name": "Interview", "elements": [{"id": "a", "type": "X"}]},
        {"id": "stage000002", "name": "Test", "elements": []},
    ],
    "empty": [],
}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("id,name", {"id": "uYjxkTbwRNf", "name": "Index"}),
        (" id , name ", {"id": "uYjxkTbwRNf", "name": "Index"}),
        ("id,nothing[of,this]", {"id": "uYjxkTbwRNf"}),
        ("style[icon]", {"style": {"icon": "virus"}}),
        ("style.icon", {"style": {"icon": "virus"}}),
        ("stages[id]", {"stages": [{"id": "stage000001"}, {"id": "stage000002"}]}),
        (
            "stages[id, elements[type]]",
            {
                "stages": [
                    {"id": "stage000001", "elements": [{"type": "X"}]},
                    {"id": "stage000002", "elements": []},
                ]
            },
        ),
        (
            "stages[id],stages[name]",
            {
                "stages": [
                    {"id": "stage000001", "name": "Interview"},
                    {"id": "stage000002", "name": "Test"},
                ]
            },
        ),
        ("name~rename(title)", {"title": "Index"}),
        ("name::rename(title)", {"title": "Index"}),
        ("stages~size", {"stages": 2}),
        ("stages::size", {"stages": 2}),
        ("stages~size~rename(count)", {"count": 2}),
        ("stages~isEmpty,empty~isNotEmpty", {"stages": False, "empty": False}),
        ("stages~isNotEmpty~rename(any),empty~isEmpty", {"any": True, "empty": True}),
        ("stages~pluck(name)", {"stages": ["Interview", "Test"]}),
        ("stages~pluck", {"stages": ["stage000001", "stage000002"]}),
        ("stages~pluck[id]", {"stages": ["stage000001", "stage000002"]}),
        (
            "stages[id,name]~keyBy(name)",
            {
                "stages": {
                    "Interview": {"id": "stage000001", "name": "Interview"},
                    "Test": {"id": "stage000002", "name": "Test"},
                }
            },
        ),
        ("stages[id]~paging(2;1)", {"stages": [{"id": "stage000002"}]}),
        ("name~unheard(of)", {"name": "Index"}),
        ("name~RENAME(title)", {"name": "Index"}),
        ("stages|size|rename(n)", {"n": 2}),
        ("stages~rename(s)[id]", {"s": [{"id": "stage000001"}, {"id": "stage000002"}]}),
        # DHIS2's Capture app leaves out commas after closing brackets.
        (
            "style[icon]stages[id,elements[type]]empty",
            {
                "style": {"icon": "virus"},
                "stages": [
                    {"id": "stage000001", "elements": [{"type": "X"}]},
                    {"id": "stage000002", "elements": []},
                ],
                "empty": [],
            },
        ),
        ("\n  id,\n  style[\n    icon\n  ]\n", {"id": "uYjxkTbwRNf", "style": {"icon": "virus"}}),
        ("style(icon)", {"style": {"icon": "virus"}}),
        ("id,style[icon", {"id": "uYjxkTbwRNf", "style": {"icon": "virus"}}),
        ("id,[", {"id": "uYjxkTbwRNf"}),
        ("id,!,:,~size,", {"id": "uYjxkTbwRNf"}),
        ("style[!icon]", {"style": {"color": "red"}}),
        ("style[*,!color]", {"style": {"icon": "virus"}}),
        (":core,:heard,name~rename(core)", {"id": "uYjxkTbwRNf", "core": "Index"}),
        (":core", {"id": "uYjxkTbwRNf", "name": "Index"}),
        (":core,!name", {"id": "uYjxkTbwRNf"}),
        ("*,!stages,!style,!empty,!version", {"id": "uYjxkTbwRNf", "name": "Index"}),
        (":all,!:core,!stages,!empty,style[color]", {"version": 3, "style": {"color": "red"}}),
        ("", {}),
    ],
)
def test_selection(fields, expected):
    assert choose(fields, {"core": ("id", "name"), "heard": ()})(PROGRAM) == expected


def test_key_that_occurs_twice_gathers_both():
    chosen = choose("list[k,v]~keyBy(k)")({"list": [{"k": "a", "v": 1}, {"k": "a", "v": 2}]})
    assert chosen == {"list": {"a": [{"k": "a", "v": 1}, {"k": "a", "v": 2}]}}


@pytest.mark.parametrize("text", ["a]", "a[b]]", "a)", "[" * 50])
def test_text_outside_the_language_is_refused(text):
    with pytest.raises(Unreadable):
        parse(text)


def test_nesting_without_end_is_refused_before_the_stack_is():
    with pytest.raises(Unreadable):
        parse("a[" * 5000 + "]" * 5000)


@pytest.mark.parametrize(
    ("fields", "path", "asked"),
    [
        ("*", "enrollments", True),
        ("*,!enrollments", "enrollments", False),
        ("trackedEntity,enrollments[enrollment]", "enrollments", True),
        ("trackedEntity,enrollments[enrollment]", "enrollments.events", False),
        ("enrollments", "enrollments.events", True),
        ("enrollments[*,!attributes]", "enrollments.events", True),
        ("enrollments[*,!attributes]", "enrollments.attributes", False),
        ("*,enrollments[enrollment]", "enrollments.events", False),
        ("trackedEntity", "enrollments", False),
    ],
)
def test_what_a_reader_must_load(fields, path, asked):
    assert asks_for(parse(fields), path) is asked
