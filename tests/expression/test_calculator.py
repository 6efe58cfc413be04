"""`./dev expression`: a question a line, an answer a line, and no line that stops it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from smittesporing.cli.expression import answer

ROOT = Path(__file__).parent.parent.parent
RULE = {"mode": "RULE_ENGINE_ACTION"}
NUMBER = {"type": "NUMBER", "value": "10", "candidates": ["10", "8"], "eventDate": "2022-01-20"}


def ask(text, **more):
    return answer(json.dumps({**RULE, "text": text, **more}))


@pytest.mark.parametrize(
    ("text", "more", "value"),
    [
        ("#{a} + 1", {"values": {"a": NUMBER}}, 11.0),
        ("d2:count(#{a})", {"values": {"a": NUMBER}}, 2.0),
        ("d2:lastEventDate('a')", {"values": {"a": NUMBER}}, "2022-01-20"),
        ("C{Const000001} * 2", {"constants": {"Const000001": 2.5}}, 5.0),
        ("V{current_date}", {"today": "2022-01-20"}, "2022-01-20"),
        (
            "V{event_date}",
            {"values": {"event_date": {"type": "DATE", "value": "2022-01-10"}}},
            "2022-01-10",
        ),
        ("d2:hasUserRole('tracer')", {"roles": ["tracer"]}, True),
        ("1 / 0", {}, "Infinity"),
        ("0 / 0", {}, "NaN"),
        ("null", {}, None),
        ("#{a}", {"values": {"a": {"type": "NUMBER", "value": 7}}}, 7.0),
    ],
)
def test_a_question_gets_its_value(text, more, value):
    assert ask(text, **more) == {"value": value}


@pytest.mark.parametrize("text", ["1_000", "nan", "Infinity", "1e", "0x10", "١", "", "1,5"])
def test_a_text_that_only_python_would_take_for_a_number_is_none(text):
    assert "error" in ask(f"'{text}' + 1")


def test_what_cannot_be_read_is_answered_with_its_column():
    assert ask("1 +") == {
        "error": {"column": 4, "message": "Found the end of the expression; expected a value."}
    }
    assert ask("#{unknown} + 1")["error"]["column"] == 1


@pytest.mark.parametrize(
    "line",
    [
        "",
        "x",
        "[]",
        "{}",
        '{"mode": "RULE_ENGINE_ACTION"}',
        '{"mode": "NOPE", "text": "1"}',
        "[" * 10_000,
    ]
    + [
        json.dumps({**RULE, "text": "1", "values": bad})
        for bad in ([], {"a": 1}, {"a": {"value": []}})
    ]
    + [json.dumps({**RULE, "text": "1", "constants": {"a": "x"}}), json.dumps({**RULE, "text": 1})],
)
def test_a_line_that_is_no_question_is_answered_too(line):
    error = answer(line)["error"]
    assert error["column"] == 0 and error["message"].endswith(".")


def test_the_sentence_and_the_statement_come_when_asked_for():
    question = {
        "mode": "PROGRAM_INDICATOR_EXPRESSION",
        "text": "#{Stage000001.Number00001} + 1",
        "values": {"Stage000001.Number00001": {"type": "NUMBER"}},
    }
    reply = answer(json.dumps(question), describing=True, composing=True)
    assert reply["value"] == 1.0
    assert reply["description"] == {"nb": "#{Stage000001.Number00001} + 1"} | {
        "en": "#{Stage000001.Number00001} + 1"
    }
    assert "coalesce" in reply["sql"] and '"row"' in reply["sql"]


def test_the_sentence_is_in_both_languages():
    question = {**RULE, "text": "d2:hasValue(#{a}) && #{a} > 1"}
    said = answer(json.dumps(question), describing=True)["description"]
    assert said == {
        "nb": "#{a} er fylt ut og #{a} er større enn 1",
        "en": "#{a} has a value and #{a} is greater than 1",
    }


def test_the_command_answers_line_by_line():
    lines = [json.dumps({**RULE, "text": text}) for text in ("1 + 1", "1 +", "'å'")]
    done = subprocess.run(
        [sys.executable, "-m", "smittesporing", "expression"],
        input="\n".join(lines).encode(),
        capture_output=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    replies = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [reply.get("value") for reply in replies] == [2.0, None, "å"]
