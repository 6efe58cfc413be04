"""The people and facts that FHI's rules speak of: cases, contacts, exposures, tests, doses.

Plain frozen values with every input the rules ask for, and what the rules answer (Verdict,
Proposal). `None` in an optional fact means "not asked or not answered", never "no": a rule that
needs the fact says so in `missing`. Knows nothing of records, storage or screens. Filled by
casebook.py; read by every other file of the room.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Category(StrEnum):
    HOUSEHOLD = "HOUSEHOLD"  # same household, or equally near
    OTHER_CLOSE = "OTHER_CLOSE"
    NOT_CONTACT = "NOT_CONTACT"
    UNDECIDED = "UNDECIDED"


class CaseStatus(StrEnum):
    SUSPECTED = "SUSPECTED"
    PROBABLE = "PROBABLE"
    CONFIRMED = "CONFIRMED"
    RULED_OUT = "RULED_OUT"


class Relation(StrEnum):
    HOUSEHOLD = "HOUSEHOLD"
    PARTNER = "PARTNER"
    FAMILY = "FAMILY"
    FRIEND = "FRIEND"
    COLLEAGUE = "COLLEAGUE"
    CLASSMATE = "CLASSMATE"
    KINDERGARTEN_COHORT = "KINDERGARTEN_COHORT"
    NEIGHBOUR = "NEIGHBOUR"
    PATIENT_CARE = "PATIENT_CARE"
    SERVICE = "SERVICE"
    TRAVEL = "TRAVEL"
    OTHER = "OTHER"


class TestKind(StrEnum):
    __test__ = False  # pytest would otherwise collect it by its name
    PCR = "PCR"
    ANTIGEN_HEALTH = "ANTIGEN_HEALTH"
    ANTIGEN_SELF = "ANTIGEN_SELF"
    OTHER = "OTHER"


class Outcome(StrEnum):
    POSITIVE = "POSITIVE"
    NEGATIVE = "NEGATIVE"
    INCONCLUSIVE = "INCONCLUSIVE"
    PENDING = "PENDING"


class Variant(StrEnum):
    NONE = "NONE"
    SUSPECTED_OMICRON = "SUSPECTED_OMICRON"
    OMICRON = "OMICRON"
    RULED_OUT = "RULED_OUT"
    OTHER = "OTHER"


class MeasureKind(StrEnum):
    ISOLATION = "ISOLATION"
    INFECTION_QUARANTINE = "INFECTION_QUARANTINE"
    WAITING_QUARANTINE = "WAITING_QUARANTINE"
    ENTRY_QUARANTINE = "ENTRY_QUARANTINE"
    DUTY_TO_TEST = "DUTY_TO_TEST"
    ADVICE_TO_TEST = "ADVICE_TO_TEST"
    SYMPTOM_WATCH = "SYMPTOM_WATCH"


class Scope(StrEnum):
    ALL = "ALL"
    LEISURE = "LEISURE"
    WORK = "WORK"


class Basis(StrEnum):
    REGULATION = "REGULATION"
    DECISION = "DECISION"
    ADVICE = "ADVICE"


class WhoTells(StrEnum):
    KOMMUNE = "KOMMUNE"
    CASE = "CASE"
    SCHOOL = "SCHOOL"
    EMPLOYER = "EMPLOYER"
    ORGANISER = "ORGANISER"


class Certainty(StrEnum):
    """How sure the date and content of a rule are; the last two are marked "usikker dato"."""

    SOURCED = "sourced"
    APPROXIMATE = "approximate"
    BACKGROUND = "background"


@dataclass(frozen=True)
class Citation:
    """Where a rule stands. `published` is None when the page carries no date."""

    title: str
    url: str
    published: date | None = None


@dataclass(frozen=True)
class TestResult:
    __test__ = False
    on: date  # the day the sample was taken
    result: Outcome
    kind: TestKind = TestKind.PCR
    answered_on: date | None = None
    variant: Variant | None = None


@dataclass(frozen=True)
class Vaccination:
    on: date
    product: str = ""  # as in the profile: Comirnaty, Moderna, AstraZeneca, Janssen, annenvaksine


@dataclass(frozen=True)
class Infection:
    """An earlier covid-19 infection: the day of the positive sample, and whether it is proven."""

    positive_on: date
    documented: bool | None = None
    isolation_ended_on: date | None = None


@dataclass(frozen=True)
class Jurisdiction:
    """The kommune whose rules count, and the options it has chosen to use."""

    kommune: str = "NO"
    options: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Case:
    """An index case. `isolation_ended_on` is the day somebody ended the isolation (an act)."""

    uid: str
    disease: str = "COVID19"
    status: CaseStatus = CaseStatus.SUSPECTED
    onset_on: date | None = None
    symptoms: bool | None = None
    tests: tuple[TestResult, ...] = ()
    report_on: date | None = None
    registered_on: date | None = None  # the day the case came to us; the first call is due then
    variant: Variant = Variant.NONE
    birth_on: date | None = None
    age: int | None = None
    vaccinations: tuple[Vaccination, ...] | None = None  # None: not known; (): known to be none
    infections: tuple[Infection, ...] | None = None
    fever_free_since: date | None = None
    symptom_free_since: date | None = None
    isolation_ended_on: date | None = None


@dataclass(frozen=True)
class Exposure:
    """One case × one contact. `equally_near` is the tracer's own judgement, where she made one."""

    uid: str
    case_uid: str
    contact_uid: str
    relation: Relation | None = None
    first_on: date | None = None
    last_on: date | None = None
    ongoing: bool = False  # "pågår": no last contact yet
    distance_m: float | None = None
    minutes: int | None = None
    physical: bool | None = None
    secretions: bool | None = None
    indoors: bool | None = None
    protected: bool | None = None
    keeps_distance: bool | None = None
    equally_near: bool | None = None
    setting: str = ""


@dataclass(frozen=True)
class Contact:
    """Somebody who may have been infected, with all that exemptions ask for (decision 38)."""

    uid: str
    birth_on: date | None = None
    age: int | None = None
    vaccinations: tuple[Vaccination, ...] | None = None
    infections: tuple[Infection, ...] | None = None
    tests: tuple[TestResult, ...] = ()
    pupil: bool | None = None
    school_staff: bool | None = None
    critical_work: bool | None = None
    test_regime_kept: bool | None = None
    symptoms_on: date | None = None
    registered_on: date | None = None  # the day the contact came to us
    who_tells: WhoTells | None = None
    told_at: datetime | None = None


@dataclass(frozen=True)
class Measure:
    """A measure as stored. Pages and casebook hand it back so that ended ones stay ended."""

    uid: str
    kind: MeasureKind
    from_: date
    earliest_end: date | None
    scope: Scope = Scope.ALL
    basis: Basis = Basis.REGULATION
    rule: str = ""
    state: str = "PROPOSED"
    ended_on: date | None = None


@dataclass(frozen=True)
class Window:
    """Days from–to, both included; `to` None is open. `reason` is one Norwegian sentence."""

    from_: date
    to: date | None
    reason: str
    rule: str
    citation: Citation
    certainty: Certainty


@dataclass(frozen=True)
class Verdict:
    """Contact or not, by the rules of the day of contact, and what decided it.

    `if_confirmed` is what the facts give when the index is not confirmed yet; else None.
    `equally_near` is True when the contact counts as household without living there.
    """

    category: Category
    rule: str
    sentence: str
    reasons: tuple[str, ...]
    missing: tuple[str, ...] = ()
    citation: Citation | None = None
    certainty: Certainty | None = None
    if_confirmed: Category | None = None
    equally_near: bool = False


@dataclass(frozen=True)
class Proposal:
    """One measure proposed for one person.

    Shape   `from_` and `earliest_end` included ("til og med"); None in `earliest_end` with
            `open_end` means that the end cannot be counted yet; `expected_end` is then the best
            guess, or None. `test_out` is the first day a test may be taken that ends the measure.
    Ended   `ended_on` is the last day of a measure that facts or a new rule have ended: a negative
            test, a positive one (the contact becomes a case), a duty that was lifted. Whoever stores
            measures ends the stored one of that kind and scope with this day, `sentence` as reason.
    Reach   `changed_at` is the moment a later rule reached this running measure, else None.
    """

    kind: MeasureKind
    scope: Scope
    from_: date
    earliest_end: date | None
    test_out: date | None
    test_days: tuple[date, ...]
    basis: Basis
    rule: str
    citation: Citation
    certainty: Certainty
    sentence: str
    why: tuple[str, ...]
    open_end: bool = False
    expected_end: date | None = None
    ended_on: date | None = None
    changed_at: datetime | None = None
    missing: tuple[str, ...] = ()
    exposures: tuple[str, ...] = ()
    detail: str = ""  # the second line: "Kan avsluttes med negativ test …"
    exempt: str = ""  # what exempts the person from quarantine, "" when nothing does


def age_on(person: Case | Contact, day: date) -> int | None:
    """Whole years on that day: from the birth date, else the age as stated, else None."""
    if person.birth_on is None:
        return person.age
    had_birthday = (day.month, day.day) >= (person.birth_on.month, person.birth_on.day)
    return day.year - person.birth_on.year - (0 if had_birthday else 1)


def first_positive(tests: tuple[TestResult, ...]) -> TestResult | None:
    """The earliest positive test, by sample day."""
    positive = [test for test in tests if test.result is Outcome.POSITIVE]
    return min(positive, key=lambda test: test.on, default=None)
