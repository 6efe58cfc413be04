"""Norwegian sentences about verdicts and measures, as a sheet of paper would say them.

Words only: every day and number is handed in. The names of rules stand in their files. Called by
measures.py, isolation.py and waiting.py, and by pages for the two lines of a row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from smittesporing.tracing.days import and_list, last_day, listed, upper_first, words
from smittesporing.tracing.people import Basis, Category, MeasureKind, Proposal, Scope, Verdict
from smittesporing.tracing.rule import Rule, Template
from smittesporing.tracing.selection import Selected

QUARANTINE_WORDS = {
    Scope.ALL: "Karantene",
    Scope.LEISURE: "Fritidskarantene",
    Scope.WORK: "Karantene i arbeidstiden",
}
TEST_WORDS = {
    MeasureKind.DUTY_TO_TEST: ("Plikt til test", "Plikt til daglig test"),
    MeasureKind.ADVICE_TO_TEST: ("Anbefalt test", "Anbefalt daglig test"),
}


@dataclass(frozen=True)
class Summary:
    """The two lines of a row: what it is and until when; what may be done, or what is missing."""

    headline: str
    detail: str


def summary(verdict: Verdict, proposals: Iterable[Proposal]) -> Summary:
    """The verdict and what follows from it, shortest first.

    Example  "Nærkontakt, samme husstand. Karantene til og med 28. januar." and
             "Kan avsluttes med negativ test tatt tidligst 25. januar."
    """
    if verdict.category in (Category.NOT_CONTACT, Category.UNDECIDED):
        rest = verdict.reasons[1:] if verdict.category is Category.NOT_CONTACT else verdict.reasons
        return Summary(verdict.sentence, rest[0] if rest else "")
    proposals = tuple(proposals)
    if not verdict.rule:
        return Summary(verdict.sentence, "")
    quarantines = [p for p in proposals if p.kind is MeasureKind.INFECTION_QUARANTINE]
    tests = [p for p in proposals if p.kind in TEST_WORDS]
    watch = [p for p in proposals if p.kind is MeasureKind.SYMPTOM_WATCH]
    running = [p for p in quarantines if p.ended_on is None]
    if running:
        first = [p.sentence for p in running]
        second = [p.detail for p in running if p.detail]
        second += [p.sentence for p in tests if p.kind is MeasureKind.DUTY_TO_TEST]
    else:
        if quarantines:
            first = [p.sentence for p in quarantines]
            second = [p.sentence for p in (*tests, *watch) if p.ended_on is None]
            return Summary(" ".join([verdict.sentence, *first]), " ".join(second))
        exempt = next((p.exempt for p in proposals if p.exempt), "")
        first = [f"Ikke karantene: {exempt}." if exempt else "Ikke karantene."]
        first += [p.sentence for p in tests]
        second = [p.sentence for p in watch]
    return Summary(" ".join([verdict.sentence, *first]), " ".join(second))


def measure_words(
    proposal: Proposal, template: Template, rule: Rule, day_0: date | None, tested_on: date | None
) -> tuple[str, str]:
    """(sentence, detail) of a contact's measure; `tested_on` is the negative test that ended it."""
    if proposal.kind is MeasureKind.SYMPTOM_WATCH:
        if proposal.earliest_end is None:
            return "Følg med på symptomer.", ""
        return f"Følg med på symptomer til og med {words(proposal.earliest_end)}.", ""
    if proposal.kind in TEST_WORDS:
        return _test_sentence(proposal, template), ""
    name = QUARANTINE_WORDS[proposal.scope]
    if proposal.ended_on is not None and tested_on is not None:
        return f"{name} avsluttet med negativ test tatt {words(tested_on)}.", ""
    if day_0 is None:
        return f"{name}. Sluttdato settes senere.", _open_detail(proposal)
    if template.until_negative:
        return f"{name} til negativt svar på test.", ""
    if proposal.earliest_end is None:
        return f"{name}.", ""
    detail = ""
    if proposal.test_out is not None:
        detail = f"Kan avsluttes med negativ test tatt tidligst {words(proposal.test_out)}."
    daily = rule.values.get("replaced_by_daily_tests")
    if daily is not None:
        until = words(last_day(day_0, int(daily)))
        detail = f"{detail} Kan erstattes med daglig test til og med {until}.".strip()
    return f"{name} til og med {words(proposal.earliest_end)}.", detail


def quarantine_why(
    template: Template, day_0: date | None, end: date | None, test_out: date | None
) -> tuple[str, ...]:
    """How the days were counted, one sentence each."""
    if day_0 is None:
        return ()
    sentences: list[str] = []
    if end is not None and template.days is not None:
        sentences.append(f"{words(day_0)} + {template.days} døgn = til og med {words(end)}.")
    if template.until_negative:
        sentences.append("Karantenen varer til første negative svar, uansett dag.")
    elif test_out is not None:
        sentences.append(
            f"Negativ test kan avslutte karantenen fra dag {template.test_out_day}, "
            f"{words(test_out)}. Plikten varer til svaret er kommet."
        )
    return tuple(sentences)


def exempt_why(selected: Selected) -> tuple[str, ...]:
    """What exempts the person, or which exemptions were tried and do not hold."""
    if selected.rule.exemption:
        return (f"{selected.rule.title}: {selected.rule.sentence}",)
    if selected.refused:
        return (f"Ingen fritak gjelder ({', '.join(dict.fromkeys(selected.refused))}).",)
    return ()


def isolation_words(end: str, basis: Basis, fever: bool, rule: Rule) -> tuple[str, str]:
    """(sentence, detail) of an isolation; ending it is an act, so `end` (in words) is the earliest."""
    if not end:
        if rule.values.get("negative_pcr"):
            return "Isolasjon. Sluttdato settes senere.", rule.sentence
        return "Isolasjon. Legen avgjør når den oppheves.", ""
    if basis is Basis.ADVICE:
        return f"Råd om å holde seg hjemme til og med {end}.", ""
    detail = "Oppheves når det også har gått 24 timer uten feber." if fever else ""
    return f"Isolasjon tidligst til og med {end}.", detail


def _test_sentence(proposal: Proposal, template: Template) -> str:
    single, daily = TEST_WORDS[proposal.kind]
    at_work = " for å kunne arbeide" if proposal.scope is Scope.WORK else ""
    if template.daily_until_day is not None and proposal.test_days:
        return f"{daily} til og med {words(proposal.test_days[-1])}."
    if proposal.test_days and _has_window(proposal, template):
        *fixed, first = proposal.test_days
        span = f"én gang fra {_from_to(first, proposal.earliest_end or first)}"
        return f"{single} {and_list([*([listed(fixed)] if fixed else []), span])}{at_work}."
    if proposal.test_days:
        return f"{single} {listed(proposal.test_days)}{at_work}."
    return f"{single}{at_work}."


def _has_window(proposal: Proposal, template: Template) -> bool:
    """Whether the last test may be taken on any day up to the template's last day."""
    last = proposal.test_days[-1]
    return template.days is not None and (proposal.earliest_end or last) > last


def _from_to(first: date, to: date) -> str:
    """5. til 9. mai; 31. mai til 4. juni."""
    start = f"{first.day}." if first.month == to.month else words(first)
    return f"{start} til {words(to)}"


def _open_detail(proposal: Proposal) -> str:
    detail = proposal.why[0] if proposal.why else ""
    if proposal.expected_end is not None:
        detail += f" Trolig til og med {words(proposal.expected_end)}."
    return upper_first(detail)
