"""What a rule's variables hold: by source, by code or name, and after an assignment. No database."""

from datetime import UTC, date, datetime

import pytest

from smittesporing.metadata.snapshot import Metadata
from smittesporing.tracker.rules import Happened, Situation, effects

PROGRAM, STAGE, OTHER = "Program0001", "Stage000001", "Stage000002"
RESULT, COUNT, SEX = "Result00001", "Count000001", "Sex00000001"
OPTIONS = "Options0001"
SHOW = frozenset(("DISPLAYTEXT", "ASSIGN"))


def variable(name, source, uid, *, stage=None, code=False):
    kind = "trackedEntityAttribute" if source == "TEI_ATTRIBUTE" else "dataElement"
    body = {
        "id": f"V{name}".ljust(11, "0")[:11],
        "name": name,
        "program": {"id": PROGRAM},
        "programRuleVariableSourceType": source,
        "useCodeForOptionSet": code,
        kind: {"id": uid},
    }
    return body | ({"programStage": {"id": stage}} if stage else {})


VARIABLES = [
    variable("here", "DATAELEMENT_CURRENT_EVENT", RESULT),
    variable("here_code", "DATAELEMENT_CURRENT_EVENT", RESULT, code=True),
    variable("newest", "DATAELEMENT_NEWEST_EVENT_PROGRAM", RESULT),
    variable("newest_code", "DATAELEMENT_NEWEST_EVENT_PROGRAM", RESULT, code=True),
    variable("of_stage", "DATAELEMENT_NEWEST_EVENT_PROGRAM_STAGE", RESULT, stage=OTHER),
    variable("before", "DATAELEMENT_PREVIOUS_EVENT", RESULT, code=True),
    variable("count", "DATAELEMENT_NEWEST_EVENT_PROGRAM", COUNT),
    variable("sex", "TEI_ATTRIBUTE", SEX),
    {
        "id": "Vcalculated",
        "name": "calculated",
        "program": {"id": PROGRAM},
        "programRuleVariableSourceType": "CALCULATED_VALUE",
        "valueType": "NUMBER",
    },
]


def metadata(*rules):
    """The program with these rules: (condition, what is shown) or (condition, ASSIGN's content, data)."""
    made, actions = {}, {}
    for place, (condition, *action) in enumerate(rules):
        rule, act = f"Rule{place:07d}", f"Act{place:08d}"
        made[rule] = {
            "id": rule, "name": rule, "program": {"id": PROGRAM}, "condition": condition,
            "priority": place, "programRuleActions": [{"id": act}],
        }  # fmt: skip
        shown = {"programRuleActionType": "DISPLAYTEXT", "data": action[-1]}
        if len(action) == 2:
            shown |= {"programRuleActionType": "ASSIGN", "content": action[0]}
        actions[act] = {"id": act, "programRule": {"id": rule}, **shown}
    element = {"domainType": "TRACKER", "aggregationType": "NONE"}
    return Metadata(
        1,
        {
            "options": {
                f"Option{code:05d}"[:11]: {
                    "id": f"Option{code:05d}"[:11], "code": name.upper(), "name": name,
                    "optionSet": {"id": OPTIONS}, "sortOrder": code,
                }
                for code, name in enumerate(("Positive", "Negative", "Female"), start=1)
            },
            "optionSets": {OPTIONS: {"id": OPTIONS, "name": "Results", "valueType": "TEXT"}},
            "dataElements": {
                RESULT: {"id": RESULT, "name": "Result", "valueType": "TEXT",
                         "optionSet": {"id": OPTIONS}, **element},
                COUNT: {"id": COUNT, "name": "Count", "valueType": "NUMBER", **element},
            },
            "trackedEntityAttributes": {
                SEX: {"id": SEX, "name": "Sex", "valueType": "TEXT", "optionSet": {"id": OPTIONS}}
            },
            "programs": {PROGRAM: {"id": PROGRAM, "name": "Program", "programType": "WITH_REGISTRATION"}},
            "programStages": {
                uid: {"id": uid, "name": uid, "program": {"id": PROGRAM}} for uid in (STAGE, OTHER)
            },
            "programRules": made,
            "programRuleActions": actions,
            "programRuleVariables": {each["id"]: each for each in VARIABLES},
        },
    )  # fmt: skip


def event(uid, day, stage=STAGE, **data):
    at = datetime(2022, 1, day, tzinfo=UTC)
    return Happened(uid, stage, "ACTIVE", "", at, None, at, None, data)


BEFORE = event("Event000001", 10, **{RESULT: "NEGATIVE", COUNT: "3"})
CURRENT = event("Event000002", 12, **{RESULT: "POSITIVE"})
AFTER = event("Event000003", 14, OTHER, **{RESULT: "NEGATIVE", COUNT: "0"})


def shown(*rules, current=CURRENT):
    known = metadata(*rules)
    situation = Situation(
        metadata=known,
        program=known.programs[PROGRAM],
        today=date(2022, 1, 20),
        attributes={SEX: "FEMALE"},
        events=tuple(each for each in (BEFORE, CURRENT, AFTER) if each is not current),
        current=current,
    )
    return [
        effect.data for effect in effects(situation, SHOW) if effect.action.type == "DISPLAYTEXT"
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("#{here}", "Positive"),
        ("#{here_code}", "POSITIVE"),
        ("#{newest}", "Negative"),
        ("#{newest_code}", "NEGATIVE"),
        ("#{of_stage}", "Negative"),
        ("#{before}", "NEGATIVE"),
        ("#{count} + 1", "1"),
        ("A{sex}", "Female"),
        ("#{sex} == 'Female'", "true"),
        ("#{calculated} + 1", "1"),
        ("d2:hasValue(#{calculated})", "false"),
    ],
)
def test_a_variable_holds_what_its_source_says(text, value):
    assert shown(("true", text)) == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("d2:count(#{here})", "1"),
        ("d2:count(#{newest})", "3"),
        ("d2:count(#{of_stage})", "1"),
        ("d2:count(#{before})", "3"),
        ("d2:count(#{count})", "2"),
        ("d2:countIfValue(#{newest}, 'NEGATIVE')", "2"),
        ("d2:countIfValue(#{newest}, 'Negative')", "0"),
        ("d2:countIfValue(#{here}, 'Positive')", "1"),
        ("d2:countIfZeroPos(#{count})", "2"),
        ("d2:maxValue(#{count})", "3"),
        ("d2:lastEventDate('newest')", "2022-01-14"),
        ("d2:lastEventDate('before')", "2022-01-10"),
        ("d2:lastEventDate('sex')", "2022-01-20"),
        ("V{event_count}", "3"),
        ("d2:daysBetween(V{event_date}, V{current_date})", "8"),
    ],
)
def test_counting_goes_through_the_values_as_they_are_stored(text, value):
    assert shown(("true", text)) == [value]


def test_what_is_assigned_is_a_text_that_later_rules_see():
    assert shown(("true", "#{calculated}", "2 + 3"), ("#{calculated} > 4", "#{calculated}")) == [
        "5"
    ]
    assert shown(("true", "#{calculated}", "2 + 3"), ("true", "d2:count(#{calculated})")) == ["0"]
    assert shown(("true", "#{new}", "'x'"), ("d2:hasValue(#{new})", "#{new}")) == ["x"]
    assert shown(("#{calculated} > 4", "'seen'"), ("true", "#{calculated}", "9")) == []


def test_nothing_comes_before_the_first_event():
    assert shown(
        ("d2:hasValue(#{before})", "'yes'"), ("true", "d2:count(#{before})"), current=BEFORE
    ) == ["0"]


def test_a_rule_or_action_that_fails_fails_alone():
    rules = [("#{nothere} > 1", "'a'"), ("true", "1 + 'x'"), ("'x' > 1", "'b'"), ("true", "'c'")]
    assert shown(*rules) == ["c"]
