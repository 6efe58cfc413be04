"""The head of an index's pages: who, which case, which dates, and the days as a drawing.

Turns a case file into places on a line; the template only writes them. Pure: reads no database and no
clock, and judges nothing. Called by templates/index/head.html through render.py.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from smittesporing.tracing import windows
from smittesporing.tracing.casebook.files import CaseFile
from smittesporing.tracing.casebook.measure_rows import MeasureRow
from smittesporing.tracing.people import Outcome, TestResult, Window, first_positive
from smittesporing.web.pages.words import _, day_month, day_named, day_tight

WIDTH, MARGIN = 1060, 112
MOST_DAYS, FEWEST_DAYS, BEFORE = 32, 14, 14
DOTS = 4
WEEKDAYS = ("ma", "ti", "on", "to", "fr", "lø", "sø")
STATUS = {
    "SUSPECTED": "mistenkt",
    "PROBABLE": "sannsynlig",
    "CONFIRMED": "bekreftet",
    "RULED_OUT": "avkreftet",
}
TESTS = {
    "PCR": "PCR",
    "ANTIGEN_HEALTH": "Hurtigtest",
    "ANTIGEN_SELF": "Selvtest",
    "OTHER": "Prøve",
}
RESULTS = {
    "POSITIVE": "positiv",
    "NEGATIVE": "negativ",
    "INCONCLUSIVE": "ikke konklusiv",
    "PENDING": "venter på svar",
}


@dataclass(frozen=True)
class Day:
    """One column."""

    x: float
    middle: float
    weekday: str
    number: str
    is_today: bool
    is_weekend: bool


@dataclass(frozen=True)
class Band:
    """A window from x over width. `kind` is infected or infectious."""

    x: float
    width: float
    kind: str
    text: str


@dataclass(frozen=True)
class Mark:
    """An onset or a test, its words, and the side they stand on."""

    x: float
    y: int
    kind: str
    text: str
    text_x: float
    anchor: str


@dataclass(frozen=True)
class Dot:
    x: float
    y: int
    kind: str


@dataclass(frozen=True)
class Timeline:
    """The drawing, and the same in sentences for those who do not see it."""

    width: int
    day_width: float
    days: tuple[Day, ...]
    bands: tuple[Band, ...]
    marks: tuple[Mark, ...]
    dots: tuple[Dot, ...]
    counts: tuple[tuple[float, int], ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Head:
    """What stands above every tab of a case. `tests` is the test that counts, in words, or ""."""

    chip: str
    chip_shape: str
    test: str
    infectious_from: date | None
    isolation: MeasureRow | None
    isolation_words: str
    reasons: tuple[str, ...]
    rules: tuple["Source", ...]
    places: int
    timeline: Timeline | None
    unknown: str = ""


@dataclass(frozen=True)
class Source:
    """A rule by name, with its citation. `url` is empty when the source has no address."""

    what: str
    rule: str
    title: str
    url: str
    certainty: str = field(default="")


def head_of(file: CaseFile, today: date) -> Head:
    """The head of this case's pages."""
    case = file.case
    isolation = file.isolation
    test = first_positive(case.tests) or (case.tests[-1] if case.tests else None)
    reasons = [window.reason for window in (file.infectious, file.infected) if window]
    if isolation is not None:
        reasons += list(isolation.why)
    return Head(
        chip=_("Indeks %(n)s", n=file.number) + ", " + _(STATUS[case.status.value]),
        chip_shape={"CONFIRMED": "dot", "RULED_OUT": "ring"}.get(case.status.value, "half"),
        test=test_words(test) if test else "",
        infectious_from=file.infectious.from_ if file.infectious else None,
        isolation=isolation,
        isolation_words=_isolation(isolation),
        reasons=tuple(dict.fromkeys(reasons)),
        rules=_sources(file.infectious, file.infected, isolation),
        places=places_of(file),
        timeline=timeline_of(file, today),
        unknown="" if windows.day_0_of_case(case) else _unknown(file),
    )


def test_words(test: TestResult) -> str:
    """«PCR 19. januar, positiv»"""
    result = _(RESULTS[test.result.value])
    return f"{_(TESTS[test.kind.value])} {day_month(test.on)}, {result}"


def _unknown(file: CaseFile) -> str:
    if file.case.tests:
        return _("Skriv symptomstart, eller et positivt prøvesvar, så regnes smitteperioden ut.")
    return _("Skriv symptomstart eller prøvedato, så regnes smitteperioden og isolasjonen ut.")


def _isolation(row: MeasureRow | None) -> str:
    if row is None:
        return ""
    if row.state == "PROPOSED":
        return _("foreslått")
    return {"EXEMPT": _("fritatt"), "DECIDED": _("vedtatt")}.get(row.state, "")


def _sources(
    infectious: Window | None, infected: Window | None, isolation: MeasureRow | None
) -> tuple[Source, ...]:
    found = [
        Source(what, one.rule, one.citation.title, one.citation.url, one.certainty.value)
        for what, one in ((_("Smitteperiode"), infectious), (_("Smittetidspunkt"), infected))
        if one is not None
    ]
    if isolation is not None:
        title, url = parted(isolation.citation)
        found.append(Source(_("Isolasjon"), isolation.rule, title, url))
    return tuple(found)


def parted(citation: str) -> tuple[str, str]:
    """A stored citation as its title and its address."""
    title, _space, last = citation.rpartition(" ")
    return (title, last) if last.startswith(("https://", "http://")) else (citation, "")


def places_of(file: CaseFile) -> int:
    """How many places and events the person is linked to: links that start in the person herself."""
    uid = file.person.uid
    return sum(
        1
        for link in file.entity.relationships
        if not link.deleted
        and link.from_.tracked_entity == uid
        and not link.from_.enrollment
        and link.to.event
    )


@dataclass(frozen=True)
class Scale:
    """From day to place."""

    first: date
    last: date
    width: float

    def at(self, day: date) -> float:
        return round(MARGIN + (day - self.first).days * self.width, 2)


# The drawing -------------------------------------------------------------------------------------------


def timeline_of(file: CaseFile, today: date) -> Timeline | None:
    """The days around this illness; None before onset or a test is known."""
    start = windows.day_0_of_case(file.case)
    if start is None:
        return None
    first, last = _ends(file, start[0], today)
    count = (last - first).days + 1
    width = round((WIDTH - MARGIN) / count, 2)

    scale = Scale(first, last, width)
    days = tuple(
        Day(
            x=scale.at(day),
            middle=round(scale.at(day) + width / 2, 2),
            weekday=_("i dag") if day == today else WEEKDAYS[day.weekday()],
            number=f"{day.day}.",
            is_today=day == today,
            is_weekend=day.weekday() >= 5,
        )
        for day in (first + timedelta(days=n) for n in range(count))
    )
    dots, counts = _contacts(file, today, scale)
    return Timeline(
        width=WIDTH,
        day_width=width,
        days=days,
        bands=_bands(file, scale),
        marks=_marks(file, scale),
        dots=dots,
        counts=tuple((x, n) for x, n, _day in counts),
        sentences=_sentences(file, [(day, n) for _x, n, day in counts]),
    )


def _ends(file: CaseFile, day_0: date, today: date) -> tuple[date, date]:
    first = file.infected.from_ if file.infected else day_0 - timedelta(days=BEFORE)
    last = day_0 + timedelta(days=6)
    isolation = file.isolation
    if isolation is not None and isolation.earliest_end is not None:
        last = max(last, isolation.earliest_end)
    if (today - first).days < MOST_DAYS - 2:
        last = max(last, today)
    last += timedelta(days=1)
    first = max(first, last - timedelta(days=MOST_DAYS - 1))
    return min(first, last - timedelta(days=FEWEST_DAYS - 1)), last


def _bands(file: CaseFile, scale: Scale) -> tuple[Band, ...]:
    first, last, width, at = scale.first, scale.last, scale.width, scale.at
    found = []
    if file.infected is not None:
        from_ = max(file.infected.from_, first)
        to = min(file.infected.to or last, last)
        if file.infectious is not None:
            # Where both hold, infecting others is what the interview asks about.
            to = min(to, file.infectious.from_ - timedelta(days=1))
        if to >= from_:
            text = _("Kan ha blitt smittet") + f" {day_tight(file.infected.from_)}–{day_tight(to)}"
            found.append(
                Band(at(from_) + 1, (to - from_).days * width + width - 2, "infected", text)
            )
    if file.infectious is not None:
        from_ = max(file.infectious.from_, first)
        isolation = file.isolation
        end = file.infectious.to or (isolation.earliest_end if isolation else None)
        to = max(min(end or last, last), from_)
        text = _("Kan smitte andre fra %(day)s", day=day_month(file.infectious.from_))
        found.append(Band(at(from_) + 1, (to - from_).days * width + width - 2, "infectious", text))
    return tuple(found)


def _marks(file: CaseFile, scale: Scale) -> tuple[Mark, ...]:
    first, last, width, at = scale.first, scale.last, scale.width, scale.at
    found = []

    def mark(day: date, y: int, kind: str, text: str, left: bool, silent: bool = False) -> None:
        if first <= day <= last:
            x = at(day) + width / 2
            text_x, anchor = (x - 11, "end") if left else (x + 11, "start")
            found.append(Mark(x, y, kind, "" if silent else text, text_x, anchor))

    onset = file.case.onset_on
    if onset is not None:
        mark(onset, 112, "onset", _("Symptomstart %(day)s", day=day_tight(onset)), True)
    tests = file.case.tests
    counts = first_positive(tests) or (tests[-1] if tests else None)
    for test in tests:
        kind = "positive" if test.result is Outcome.POSITIVE else "test"
        mark(
            test.on,
            136,
            kind,
            test_words(test),
            (last - test.on).days * width < 190,
            test is not counts,
        )
    return tuple(found)


def _contacts(
    file: CaseFile, today: date, scale: Scale
) -> tuple[tuple[Dot, ...], list[tuple[float, int, date]]]:
    """Dots per day, household first, four at most, and the number below."""
    first, last, width, at = scale.first, scale.last, scale.width, scale.at
    by_day: dict[date, list[str]] = {}
    begin = file.infectious.from_ if file.infectious else first
    for view in file.contacts:
        if view.category == "NOT_CONTACT":
            continue
        exposure = view.exposure
        until = today if exposure.ongoing else exposure.last_on
        since = exposure.first_on or until
        if until is None or since is None:
            continue
        kind = "dot" if view.category == "HOUSEHOLD" else "half"
        day = max(since, begin, first)
        while day <= min(until, last):
            by_day.setdefault(day, []).append(kind)
            day += timedelta(days=1)
    dots: list[Dot] = []
    counts: list[tuple[float, int, date]] = []
    step = min(15.0, width / 2 - 2)
    for day, kinds in sorted(by_day.items()):
        middle = at(day) + width / 2
        for n, kind in enumerate(sorted(kinds)[:DOTS]):
            alone = len(kinds) == 1
            x = middle if alone else middle + (-step / 2 if n % 2 == 0 else step / 2)
            dots.append(Dot(round(x, 2), 168 + 15 * (n // 2), kind))
        counts.append((round(middle, 2), len(kinds), day))
    return tuple(dots), counts


def _sentences(file: CaseFile, counts: list[tuple[date, int]]) -> tuple[str, ...]:
    said = [one.reason for one in (file.infected, file.infectious) if one is not None]
    if file.case.onset_on is not None:
        said.append(_("Symptomstart %(day)s.", day=day_named(file.case.onset_on)))
    said += [test_words(test) + "." for test in file.case.tests]
    said += [_("%(day)s: %(n)s nærkontakter.", day=day_named(day), n=n) for day, n in counts]
    return tuple(said)
