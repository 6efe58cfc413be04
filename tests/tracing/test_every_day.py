"""What must hold on every day of the rulebook, for everybody: no story is needed for it."""

from datetime import date, datetime, timedelta

import pytest

from smittesporing.tracing import follow_up, isolation, measures, rulebook, sentences
from smittesporing.tracing.classify import LABELS
from smittesporing.tracing.days import OSLO
from smittesporing.tracing.people import (
    Category,
    Contact,
    Infection,
    Jurisdiction,
    Verdict,
)
from tests.tracing.story import a_case, a_contact, an_exposure

BOOK = rulebook.load()
WHERE = Jurisdiction("5501", frozenset({"TEST_INSTEAD_OF_QUARANTINE"}))
FIRST, LAST = date(2020, 3, 10), date(2022, 2, 20)
DAYS = [FIRST + timedelta(days=n) for n in range(0, (LAST - FIRST).days, 5)]
LATER = (0, 1, 6, 9, 12)
PEOPLE = (
    Contact("unknown"),
    a_contact({"age": 10}),
    a_contact({"age": 19, "pupil": True, "test_regime_kept": False}),
    a_contact({"vaccinations": [date(2021, 3, 1), date(2021, 6, 1), date(2021, 11, 1)]}),
    a_contact({"critical_work": True, "test_regime_kept": True}),
    Contact("immune", age=40, vaccinations=(), infections=(Infection(date(2020, 12, 1), True),)),
)


def moments(day_0):
    for later in LATER:
        day = day_0 + timedelta(days=later)
        yield datetime(day.year, day.month, day.day, 23, 30, tzinfo=OSLO)


@pytest.mark.parametrize("category", [Category.HOUSEHOLD, Category.OTHER_CLOSE])
@pytest.mark.parametrize("contact", PEOPLE, ids=lambda contact: str(contact.age))
def test_measures_are_whole_on_every_day(contact, category):
    verdict = Verdict(category, "rule", f"{LABELS[category]}.", ())
    for day_0 in DAYS:
        case = a_case({"onset_on": day_0})
        exposed = (measures.Exposed(case, an_exposure({"last_on": day_0}), category),)
        for at in moments(day_0):
            found = measures.for_contact(contact, exposed, BOOK, at, WHERE)
            kinds = [(p.kind, p.scope) for p in found]
            assert len(kinds) == len(set(kinds)), (day_0, at)
            for proposal in found:
                assert proposal.sentence and proposal.why, (day_0, at)
                assert rulebook.by_id(BOOK, proposal.rule), (day_0, at)
                assert proposal.earliest_end is None or proposal.from_ <= proposal.earliest_end
                assert not (proposal.open_end and proposal.earliest_end), (day_0, at)
                assert proposal.ended_on is None or proposal.ended_on <= at.date(), (day_0, at)
            assert sentences.summary(verdict, found).headline.startswith(LABELS[category])
            follow_up.calls_for_contact(contact, category, found, BOOK, at, WHERE)


def test_every_confirmed_case_is_isolated_or_advised_from_the_first_rule_on():
    for day_0 in DAYS:
        case = a_case({"onset_on": day_0, "age": 40})
        for at in moments(day_0):
            found = isolation.for_case(case, BOOK, at, WHERE)
            first_rule = datetime(2020, 3, 13, tzinfo=OSLO)
            assert len(found) == (1 if at >= first_rule else 0), (day_0, at)
            assert all(p.earliest_end is None or p.earliest_end >= day_0 for p in found)


def test_a_household_contact_of_yesterday_is_in_quarantine_on_every_day_that_had_the_duty():
    free = [
        (date(2021, 9, 26), date(2021, 11, 16)),
        (date(2022, 2, 2), date(2022, 12, 31)),
    ]
    for day_0 in (FIRST + timedelta(days=n) for n in range(3, (LAST - FIRST).days)):
        at = datetime(day_0.year, day_0.month, day_0.day, 12, tzinfo=OSLO) + timedelta(days=1)
        exposed = (
            measures.Exposed(
                a_case({"onset_on": day_0}), an_exposure({"last_on": day_0}), Category.HOUSEHOLD
            ),
        )
        found = measures.for_contact(a_contact({}), exposed, BOOK, at, WHERE)
        running = [p for p in found if p.kind == "INFECTION_QUARANTINE" and p.ended_on is None]
        duty = not any(first <= at.date() < end for first, end in free)
        assert bool(running) is duty, at
