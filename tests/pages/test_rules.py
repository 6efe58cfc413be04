"""The page of rules: what holds on a day, what changed and when, for every role; and the command that checks them."""

from datetime import datetime

import pytest

from smittesporing.cli import check_rules
from smittesporing.settings import OSLO
from smittesporing.tracing import rulebook
from smittesporing.tracing.people import Jurisdiction
from smittesporing.web.pages import rules


@pytest.fixture
def read(browse):
    """`read("tracer", "5501", "/regler?dag=…")` → the page's text."""

    def get(role, kommune, path):
        answer = browse(role, kommune).get(path)
        assert answer.status_code == 200
        return answer.text

    return get


@pytest.mark.parametrize(
    ("role", "kommune"),
    [
        ("tracer", "5501"),
        ("kommuneoverlege", "5501"),
        ("administrator", "5501"),
        ("ks", "NO"),
        ("fhi", "NO"),
    ],
)
def test_every_role_reads_the_rules_of_today_first(read, role, kommune):
    page = read(role, kommune, "/regler")
    assert page.index("I kraft torsdag 20. januar 2022") < page.index("Hva som er endret, og når")


def test_a_day_shows_the_rules_of_that_day_with_source_and_certainty(read):
    page = read("tracer", "5501", "/regler?dag=2020-04-20&tema=isolation")
    kraft = page[page.index("I kraft") : page.index("Hva som er endret, og når")]
    assert "Minst 8 dager fra symptomene startet" in kraft
    assert "usikker dato" in kraft and "covid19healthsystem.org" in kraft
    assert "Minst 10 døgn" not in kraft


def test_before_the_first_rule_the_page_says_that_none_is_in_force(read):
    assert "Ingen regel i kraft" in read("tracer", "5501", "/regler?dag=2019-12-31")


def test_a_day_that_cannot_be_read_gives_today_and_says_so(read):
    page = read("tracer", "5501", "/regler?dag=igår")
    assert "Dagen kunne ikke leses" in page and "torsdag 20. januar 2022" in page


def test_a_change_shows_before_and_now():
    book = rulebook.load()
    at = datetime(2022, 1, 20, tzinfo=OSLO)
    moments = rules.timeline(book, at, "COVID19", Jurisdiction("5501"), {}, "quarantine")
    entries = {entry.rule.id: entry for moment in moments for entry in moment.entries}
    may = entries["covid19.quarantine.household.2020-05-07"]
    assert may.kind == "changed"
    assert [(d.word, d.before, d.now) for d in may.differences] == [
        ("Varighet", "14 dager", "10 dager")
    ]
    first = entries["covid19.quarantine.household.2020-03-13"]
    assert (first.kind, first.before, first.differences) == ("new", None, ())


def test_rules_after_today_are_marked_as_coming():
    at = datetime(2022, 1, 20, 12, tzinfo=OSLO)
    moments = rules.timeline(rulebook.load(), at, "COVID19", Jurisdiction(), {})
    assert [m.at for m in moments] == sorted((m.at for m in moments), reverse=True)
    assert all(moment.coming == (moment.at > at) for moment in moments)
    assert any(moment.coming for moment in moments)


def test_every_rule_of_the_book_stands_on_the_timeline_once():
    book = rulebook.load()
    at = datetime(2022, 1, 20, tzinfo=OSLO)
    moments = rules.timeline(book, at, "COVID19", Jurisdiction(), {})
    shown = [entry.rule.id for moment in moments for entry in moment.entries]
    assert sorted(shown) == sorted(rule.id for rule in book.rules if rule.disease == "COVID19")


def test_every_topic_and_measure_of_the_book_has_a_norwegian_word():
    book = rulebook.load()
    assert {rule.topic for rule in book.rules} <= set(rules.TOPICS)
    assert {m.kind for rule in book.rules for m in rule.measures} <= set(rules.KINDS)


def test_the_command_counts_the_rules_and_names_a_fault(tmp_path, capsys):
    assert check_rules.run([]) == 0
    assert "quarantine" in capsys.readouterr().out
    broken = tmp_path / "local.toml"
    broken.write_text('[[rule]]\nid = "x"\n', encoding="utf-8")
    assert check_rules.run([str(broken)]) == 1
    assert "local.toml, x" in capsys.readouterr().out
