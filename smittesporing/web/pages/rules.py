"""/regler: the dated rules as a page one can read: in force on a day, what came when, and what changed.

Every role may read it; it shows rules, never people. Judges nobody (tracing does) and changes no rule.
Called through web/routes.py.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.access import administration, org_units
from smittesporing.access.work import Work
from smittesporing.tracing import rulebook
from smittesporing.tracing.days import OSLO
from smittesporing.tracing.people import Jurisdiction, MeasureKind
from smittesporing.tracing.rule import Template
from smittesporing.tracing.rulebook import Rule, Rulebook
from smittesporing.web.pages import render
from smittesporing.web.pages.words import _, listed
from smittesporing.web.working import work_of

DISEASE = "COVID19"
DISEASES = {"COVID19": "covid-19", "MERS": "MERS", "OTHER": "annen sykdom"}

# The topics in the order in which the work meets them; one that is not named here comes last.
TOPICS = {
    "case_definition": "Når en smittet er bekreftet",
    "infectious_window": "Når den smittede kan smitte andre",
    "exposure_window": "Når den smittede kan ha blitt smittet",
    "isolation": "Isolasjon",
    "contact_definition": "Hvem er nærkontakt",
    "quarantine": "Smittekarantene",
    "no_distance": "Når man ikke kan holde avstand",
    "restart": "Når karantenen regnes på nytt",
    "waiting_quarantine": "Ventekarantene",
    "entry_quarantine": "Innreisekarantene",
    "protection": "Når vaksine og gjennomgått sykdom teller",
    "who_tells": "Hvem varsler",
    "follow_up": "Oppfølging",
}
KINDS = {
    MeasureKind.ISOLATION: "isolasjon",
    MeasureKind.INFECTION_QUARANTINE: "smittekarantene",
    MeasureKind.WAITING_QUARANTINE: "ventekarantene",
    MeasureKind.ENTRY_QUARANTINE: "innreisekarantene",
    MeasureKind.DUTY_TO_TEST: "testplikt",
    MeasureKind.ADVICE_TO_TEST: "råd om test",
    MeasureKind.SYMPTOM_WATCH: "følge med på symptomer",
}
CERTAINTY = {
    "sourced": "Dagen og innholdet står i kilden.",
    "approximate": "Innholdet står i kilden. Dagen er omtrentlig.",
    "background": "Kilden er bakgrunn: hverken dag eller ordlyd er sikker.",
}


@dataclass(frozen=True)
class Difference:
    """One thing that a rule changed: what, before and now."""

    word: str
    before: str
    now: str


@dataclass(frozen=True)
class Entry:
    """One rule as the page shows it, with the one it took over from."""

    rule: Rule
    topic: str
    before: Rule | None
    differences: tuple[Difference, ...]
    certainty: str
    local: str  # the kommune's name when the rule is a kommune's own
    option_chosen: bool | None  # None when the rule asks for no choice of the kommune

    @property
    def kind(self) -> str:
        """What happened: "ends" the line, "new" line, or "changed" one."""
        if self.rule.ends:
            return "ends"
        return "new" if self.before is None or self.before.ends else "changed"


@dataclass(frozen=True)
class Topic:
    """The rules of one topic that hold on the day."""

    code: str
    word: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Moment:
    """All that changed at one moment. `coming` is true when it is after the day asked for."""

    at: datetime
    coming: bool
    entries: tuple[Entry, ...]


def show(request: Request) -> Response:
    """The rules in force on a day, today when none is asked for, and the timeline of all changes."""
    asked = request.query_params
    with work_of(request, "rules.read") as work:
        today = work.clock.today()
        day, problem = day_asked(asked.get("dag", ""), today)
        # A rule may start at 16 or 23 o'clock: today counts to this moment, other days to their end.
        at = work.clock.now() if day == today else end_of(day)
        book = rulebook.load()
        disease = asked.get("sykdom", DISEASE)
        where = where_of(work)
        names = names_of(work)
        topics = topics_at(book, at, disease, where, names)
        wanted, line = asked.get("tema", ""), asked.get("linje", "")
        moments = timeline(book, at, disease, where, names, wanted, line)
        past = [moment for moment in moments if not moment.coming]
        years = sorted({moment.at.year for moment in moments})
        # The whole story of one topic or line; otherwise a year at a time, as all of it is long.
        year = asked.get("aar", "alle" if wanted or line else str(day.year))
        if year not in map(str, years):
            year = "alle"
        return render.page(
            request,
            "rules/show.html",
            reach=work.reach,
            day=day,
            is_today=day == today,
            problem=problem,
            disease=disease,
            diseases=[(code, _(DISEASES.get(code, code))) for code in sorted(book.diseases)],
            topics=only(topics, wanted, line),
            line=line,
            years=years,
            year=year,
            all_topics=[(code, topic_word(code)) for code in topic_codes(book, disease)],
            topic=wanted,
            in_force=sum(len(topic.entries) for topic in topics),
            uncertain=sum(e.rule.uncertain_date for topic in topics for e in topic.entries),
            latest=past[0].at if past else None,
            coming=[m for m in moments if m.coming and year in ("alle", str(m.at.year))],
            past=[m for m in past if year in ("alle", str(m.at.year))],
        )


def day_asked(text: str, today: date) -> tuple[date, str]:
    """The day of the address, and a sentence when it could not be read."""
    if not text:
        return today, ""
    try:
        return date.fromisoformat(text), ""
    except ValueError:
        return today, _("Dagen kunne ikke leses. Her vises reglene i dag.")


def end_of(day: date) -> datetime:
    """The last moment of the day in Norway."""
    following = day + timedelta(days=1)
    midnight = datetime(following.year, following.month, following.day, tzinfo=OSLO)
    return midnight - timedelta(seconds=1)


def where_of(work: Work) -> Jurisdiction:
    """The kommune she works in, with its choices; the whole country for KS and FHI."""
    units = org_units.current(work.conn)
    unit = units.by_id.get(work.reach.working_in or 0)
    if unit is None or unit.kommune is None:
        return Jurisdiction()
    kommune = units.by_id[unit.kommune]
    options = administration.options_of(work.conn, kommune.id)
    return Jurisdiction(kommune.code or "NO", options)


def names_of(work: Work) -> Mapping[str, str]:
    """Kommuner's names by number, for rules that are a kommune's own."""
    return {code: unit.name for code, unit in org_units.current(work.conn).by_code.items()}


def topic_codes(book: Rulebook, disease: str) -> list[str]:
    """The topics that have rules, in the order of the work."""
    found = {rule.topic for rule in book.rules if rule.disease == disease}
    known = [code for code in TOPICS if code in found]
    return known + sorted(found - set(known))


def topic_word(code: str) -> str:
    return _(TOPICS.get(code, code.replace("_", " ").capitalize()))


def topics_at(
    book: Rulebook, at: datetime, disease: str, where: Jurisdiction, names: Mapping[str, str]
) -> list[Topic]:
    """What holds at the moment, topic by topic; topics without a rule then are left out."""
    found = []
    for code in topic_codes(book, disease):
        rules = rulebook.in_force(book, code, at, disease, where)
        if rules:
            entries = tuple(entry(book, rule, where, names) for rule in rules)
            found.append(Topic(code, topic_word(code), entries))
    return found


def only(topics: Iterable[Topic], topic: str, line: str) -> list[Topic]:
    """The topics asked for, all when none is, with the entries of one line when that is asked for."""
    found = []
    for each in topics:
        entries = tuple(e for e in each.entries if line in ("", e.rule.line))
        if topic in ("", each.code) and entries:
            found.append(replace(each, entries=entries))
    return found


def timeline(
    book: Rulebook,
    at: datetime,
    disease: str,
    where: Jurisdiction,
    names: Mapping[str, str],
    topic: str = "",
    line: str = "",
) -> list[Moment]:
    """Every change, newest first, grouped by the moment it took effect; own kommune's included."""
    rules = [
        rule
        for rule in rulebook.timeline(book, disease)
        if rule.jurisdiction in ("NO", where.kommune)
        and topic in ("", rule.topic)
        and line in ("", rule.line)
    ]
    moments = sorted({rule.from_ for rule in rules}, reverse=True)
    order = {code: place for place, code in enumerate(topic_codes(book, disease))}
    found = []
    for moment in moments:
        here = sorted(
            (r for r in rules if r.from_ == moment), key=lambda r: (order[r.topic], r.rank)
        )
        entries = tuple(entry(book, rule, where, names) for rule in here)
        found.append(Moment(moment, moment > at, entries))
    return found


def entry(book: Rulebook, rule: Rule, where: Jurisdiction, names: Mapping[str, str]) -> Entry:
    """The rule with what it took over from and what it changed."""
    before = previous(book.rules, rule)
    option = rule.who.get("option")
    return Entry(
        rule,
        topic_word(rule.topic),
        before,
        differences(before, rule) if before is not None and not rule.ends else (),
        _(CERTAINTY[rule.certainty.value]),
        "" if rule.jurisdiction == "NO" else names.get(rule.jurisdiction, rule.jurisdiction),
        None if option is None or where.kommune == "NO" else option in where.options,
    )


def previous(rules: Iterable[Rule], rule: Rule) -> Rule | None:
    """The rule of the same line that held until this one took over; None for the first."""
    for other in rules:
        same = (other.disease, other.jurisdiction, other.topic, other.line) == (
            rule.disease,
            rule.jurisdiction,
            rule.topic,
            rule.line,
        )
        if same and other.until == rule.from_ and other is not rule:
            return other
    return None


def differences(before: Rule, now: Rule) -> tuple[Difference, ...]:
    """What a reader would notice between two versions of a line; empty when only words changed."""
    if before.ends:
        return ()
    found = [
        Difference(word, _(old), _(new))
        for word, old, new in (
            (_("Form"), force_word(before.force), force_word(now.force)),
            (_("Tiltak"), kinds(before.measures), kinds(now.measures)),
        )
        if old != new
    ]
    old_days, new_days = _days(before), _days(now)
    for word in dict.fromkeys([*old_days, *new_days]):
        old, new = old_days.get(word, "–"), new_days.get(word, "–")
        if old != new:
            found.append(Difference(word, old, new))
    return tuple(found)


def force_word(force: str) -> str:
    return {"duty": "plikt", "advice": "råd"}[force]


def kinds(measures: Iterable[Template]) -> str:
    """The measures in words: «smittekarantene og testplikt»; «ingen» without any."""
    return listed([_(KINDS[kind]) for kind in dict.fromkeys(m.kind for m in measures)]) or _(
        "ingen"
    )


def _days(rule: Rule) -> dict[str, str]:
    """The numbers of the rule's measures, by the word a reader knows them under."""
    found: dict[str, str] = {}
    for measure in rule.measures:
        stated = (
            (_("Varighet"), measure.days, "dager"),
            (_("Minst"), measure.at_least, "døgn"),
            (_("Feberfri"), measure.fever_free_hours, "timer"),
            (_("Uten symptomer"), measure.symptom_free_days, "dager"),
        )
        found.update({word: f"{value} {unit}" for word, value, unit in stated if value is not None})
        if measure.test_out_day is not None:
            found[_("Test kan avslutte")] = _("fra dag %(day)s", day=measure.test_out_day)
        if measure.test_days:
            days = listed([str(day) for day in measure.test_days])
            found[_("Testdager")] = _("dag %(days)s", days=days)
        if measure.daily_until_day is not None:
            found[_("Daglig test")] = _("til dag %(day)s", day=measure.daily_until_day)
    return found
