"""What the rules make of one row of the contact sheet, before and after it is saved.

Stores nothing and knows no page: facts in, verdict and measures and their two lines out. Called by the
sheet's page at every letter, so it reads the case alone and not all its contacts.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from smittesporing.problems import Refused
from smittesporing.settings import OSLO
from smittesporing.tracing import classify, measures, rulebook, sentences
from smittesporing.tracing.casebook import facts, files
from smittesporing.tracing.casebook.book import Book
from smittesporing.tracing.casebook.typed import TypedRow
from smittesporing.tracing.people import Case, Category, Contact, Exposure, Proposal, Verdict
from smittesporing.tracing.sentences import Summary
from smittesporing.tracker.records import TrackedEntity


@dataclass(frozen=True)
class Earlier:
    """What the rules before `until` would have said of the same facts."""

    until: date
    summary: Summary


@dataclass(frozen=True)
class Judged:
    """What the rules make of a row: the verdict, what follows from it, and its two lines."""

    verdict: Verdict
    proposals: tuple[Proposal, ...]
    summary: Summary
    earlier: Earlier | None = None


@dataclass(frozen=True)
class Index:
    """What a row is judged by: the case, and whose records it belongs to."""

    case: Case
    owner: int


def index_of(book: Book, enrollment: str) -> Index:
    """The case alone, without its contacts: quick enough to judge by at every letter.

    Errors  T003 when it is unknown, out of reach or no index case.
    """
    person = book.person(files.entity_of(book, enrollment))
    record = files.enrollment_of(person, enrollment)
    if record.program != book.uid("ST_INDEX"):
        raise Refused("T003", status=404)
    return Index(facts.case_of(book, person, record), record.owner)


def judge(
    book: Book,
    case: Case,
    row: TypedRow,
    known: TrackedEntity | None,
    owner: int,
    stored: Exposure | None = None,
) -> Judged:
    """The verdict on a row that need not be saved; `stored` is the exposure that the row changes."""
    exposure = exposure_of(case, row)
    if stored is not None:
        exposure = replace(
            stored,
            relation=exposure.relation,
            first_on=exposure.first_on,
            last_on=exposure.last_on,
            ongoing=exposure.ongoing,
            distance_m=exposure.distance_m,
            minutes=exposure.minutes,
            setting=exposure.setting,
        )
    contact = contact_of(book, known)
    if row.birth_on is not None:
        contact = replace(contact, birth_on=row.birth_on)
    return judged(book, case, exposure, contact, owner)


def contact_of(book: Book, known: TrackedEntity | None) -> Contact:
    """What is known of a person as a contact; nothing of one who is new."""
    if known is None:
        return Contact(uid="row")
    open_ones = [e for e in known.in_program(book.uid("ST_CONTACT")) if e.status == "ACTIVE"]
    if open_ones:
        return facts.contact_of(book, known, open_ones[-1])
    return Contact(
        uid="row",
        birth_on=book.day(known, "ST_BIRTH_DATE"),
        age=book.whole(known, "ST_AGE"),
        vaccinations=facts.vaccinations_of(book, known),
        infections=facts.infections_of(book, known, None),
    )


def judged(
    book: Book,
    case: Case,
    exposure: Exposure,
    contact: Contact,
    owner: int,
    category: Category | None = None,
) -> Judged:
    """The verdict of the rules, and what follows from it or from the tracer's own `category`."""
    where = book.where(owner)
    verdict = classify.verdict(case, exposure, contact, book.rules, book.now, where)
    if category is not None and category is not verdict.category:
        verdict = replace(verdict, category=category, sentence=f"{classify.LABELS[category]}.")
    exposed = (measures.Exposed(case, exposure, category or verdict.category),)
    proposals = measures.for_contact(contact, exposed, book.rules, book.now, where)
    earlier = _earlier(book, contact, exposed[0], proposals, verdict, owner)
    return Judged(verdict, proposals, sentences.summary(verdict, proposals), earlier)


def _earlier(
    book: Book,
    contact: Contact,
    exposed: measures.Exposed,
    proposals: tuple[Proposal, ...],
    verdict: Verdict,
    owner: int,
) -> Earlier | None:
    """What the rule before the newest of these would have said, when it said something else."""
    rules = [rulebook.by_id(book.rules, proposal.rule) for proposal in proposals]
    newest = max((rule.from_ for rule in rules if rule is not None), default=None)
    if newest is None:
        return None
    before = newest - timedelta(minutes=1)
    then = measures.what_if(contact, (exposed,), book.rules, book.now, book.where(owner), before)
    said = sentences.summary(verdict, then)
    if said == sentences.summary(verdict, proposals):
        return None
    return Earlier(newest.astimezone(OSLO).date(), said)


def exposure_of(case: Case, row: TypedRow) -> Exposure:
    return Exposure(
        uid="row",
        case_uid=case.uid,
        contact_uid="row",
        relation=row.relation,
        first_on=row.first_on,
        last_on=row.last_on,
        ongoing=row.ongoing,
        distance_m=row.distance_m,
        minutes=row.minutes,
        setting=row.setting,
    )
