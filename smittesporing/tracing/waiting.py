"""Waiting quarantine: for those who live with a contact in quarantine.

They are not contacts of the index and count nowhere as such. Called by casebook.py.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from smittesporing.tracing import rulebook
from smittesporing.tracing.days import add_months, last_day, midnight, words
from smittesporing.tracing.people import (
    Basis,
    Contact,
    Jurisdiction,
    MeasureKind,
    Outcome,
    Proposal,
    Scope,
    TestKind,
)
from smittesporing.tracing.rule import Rule, Rulebook


def for_housemate(
    housemate: Contact,
    contact: Contact,
    quarantine: Proposal,
    book: Rulebook,
    at: datetime,
    where: Jurisdiction,
    disease: str = "COVID19",
) -> tuple[Proposal, ...]:
    """The waiting quarantine of somebody who shares a dwelling with a contact in quarantine.

    Shape   From the contact's day 0 to her tenth day at the latest; `test_out` is the first day the
            housemate's own PCR ends it. `ended_on` when a test, the contact's own end or the
            lifting of the duty has ended it.
    None    () when no rule is in force, the contact has no quarantine that runs, or either of them is
            vaccinated or had covid-19 within the months the rule names.
    """
    rule = rulebook.the_rule(book, "waiting_quarantine", "housemate", at, disease, where)
    if rule is None or quarantine.kind is not MeasureKind.INFECTION_QUARANTINE:
        return ()
    day_0 = quarantine.from_
    end = min(
        last_day(day_0, int(rule.values["days"])),
        quarantine.ended_on or quarantine.earliest_end or date.max,
    )
    if at >= midnight(end + timedelta(days=1)) or _exempt(housemate, contact, rule, day_0):
        return ()
    test_out = last_day(day_0, int(rule.values["own_test_from_day"]))
    ended, because = _ended(housemate, contact, day_0, test_out)
    sentence = f"Ventekarantene til nærkontaktens første test er negativ, senest {words(end)}."
    detail = f"Kan avsluttes med egen negativ PCR tatt tidligst {words(test_out)}."
    if ended is not None:
        sentence, detail = because, ""
    return (
        Proposal(
            kind=MeasureKind.WAITING_QUARANTINE,
            scope=Scope.ALL,
            from_=day_0,
            earliest_end=end,
            test_out=test_out,
            test_days=(),
            basis=Basis.REGULATION,
            rule=rule.id,
            citation=rule.citation,
            certainty=rule.certainty,
            sentence=sentence,
            detail=detail,
            why=("Bor sammen med en nærkontakt som er i karantene.", rule.sentence),
            ended_on=ended,
            missing=_missing(housemate),
        ),
    )


def _exempt(housemate: Contact, contact: Contact, rule: Rule, day_0: date) -> bool:
    if any(person.vaccinations for person in (housemate, contact)):
        return True
    months = int(rule.values["immune_months"])
    return any(
        infection.documented
        and infection.positive_on <= day_0 <= add_months(infection.positive_on, months)
        for infection in housemate.infections or ()
    )


def _missing(housemate: Contact) -> tuple[str, ...]:
    missing: list[str] = []
    if housemate.vaccinations is None:
        missing.append("Vaksinasjon er ikke kjent.")
    if housemate.infections is None:
        missing.append("Tidligere covid-19 er ikke oppgitt.")
    return tuple(missing)


def _ended(
    housemate: Contact, contact: Contact, day_0: date, test_out: date
) -> tuple[date | None, str]:
    first = min(
        (test for test in contact.tests if test.on >= day_0), key=lambda t: t.on, default=None
    )
    answers: list[tuple[date, str]] = []
    if first is not None and first.result is Outcome.NEGATIVE:
        answers.append(
            (
                first.answered_on or first.on,
                "Ventekarantenen er over: nærkontakten testet negativt.",
            )
        )
    for test in housemate.tests:
        if test.result is Outcome.NEGATIVE and test.kind is TestKind.PCR and test.on >= test_out:
            answers.append(
                (
                    test.answered_on or test.on,
                    f"Ventekarantenen er over: negativ PCR tatt {words(test.on)}.",
                )
            )
    return min(answers, default=(None, ""), key=lambda a: a[0] or date.max)
