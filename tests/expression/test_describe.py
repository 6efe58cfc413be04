"""Sentences that a tracer can read."""

import pytest

from smittesporing.expression.describe import describe
from smittesporing.expression.nodes import Mode
from smittesporing.expression.parse import parse

NAMES = {"age": "Alder", "result": "Prøvesvar"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("#{age} >= 18 && #{age} < 65", "«Alder» er minst 18 og «Alder» er mindre enn 65"),
        ("!d2:hasValue('result')", "ikke («Prøvesvar» er fylt ut)"),
        ("#{result} == '' || d2:count(#{result}) > 1",
         "«Prøvesvar» er lik tom eller antall verdier av («Prøvesvar») er større enn 1"),
        ("d2:daysBetween(V{enrollment_date}, V{event_date}) < 0",
         "antall dager mellom registreringsdatoen og hendelsesdatoen er mindre enn 0"),
        ("(#{age} + 1) * 2.5", "(«Alder» + 1) × 2,5"),
        ("if(#{age} > 17, 'voksen', 'barn')", "«voksen» hvis «Alder» er større enn 17, ellers «barn»"),
        ("#{unknown}", "#{unknown}"),
    ],
)  # fmt: skip
def test_expressions_read_as_norwegian(text: str, sentence: str):
    tree = parse(text, Mode.RULE_ENGINE_ACTION)
    assert describe(tree, lambda item: NAMES.get(item.name)) == sentence
