"""A whole program rule and a whole program indicator as one sentence, Norwegian or English.

Takes plain values, so that the metadata room can say what its own rules and indicators do. Called by the
`…/description` endpoints and by pages that explain a figure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from smittesporing.expression.describe import WORDS, Language, NameOf, describe
from smittesporing.expression.nodes import Boolean, Item, Node


@dataclass(frozen=True, slots=True)
class Effect:
    """What a rule does: DHIS2's type, the name of what it does it to, its content, and its expression."""

    kind: str
    target: str = ""
    content: str = ""
    data: Node | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit on a date: `target` is the item it looks at, or DHIS2's word for it (EVENT_DATE)."""

    target: Node | str
    type: str
    offset: int = 0
    offset_type: str = "Daily"


@dataclass(frozen=True, slots=True)
class Count:
    """What an indicator counts: rows of a program, which of them, and how they add up."""

    program: str
    per_event: bool
    aggregation: str
    expression: Node
    filter: Node | None = None
    limits: Sequence[Limit] = ()


def describe_rule(
    condition: Node | None, effects: Sequence[Effect], name_of: NameOf, language: Language = "nb"
) -> str:
    """ "Hvis …: skjul «…»." In the order of the effects; without a condition "Alltid"."""
    english = language == "en"
    done = "; ".join(_effect(each, name_of, language) for each in effects)
    done = done or ("nothing" if english else "ingenting")
    if condition is None or condition == Boolean(True):
        return f"{'Always' if english else 'Alltid'}: {done}."
    said = describe(condition, name_of, language)
    return f"{'If' if english else 'Hvis'} {said}: {done}."


def _effect(effect: Effect, name_of: NameOf, language: Language) -> str:
    target = f"«{effect.target}»" if effect.target else _SOMETHING[language]
    value = describe(effect.data, name_of, language) if effect.data is not None else ""
    content = f"«{effect.content.strip()}»" if effect.content.strip() else ""
    template = _EFFECTS[language].get(effect.kind) or _EFFECTS[language]["OTHER"]
    said = template.format(target=target, value=value or WORDS[language].nothing, content=content)
    if "{content}" in template and value:
        said = f"{said} {value}"
    return " ".join(said.split())


def describe_indicator(count: Count, name_of: NameOf, language: Language = "nb") -> str:
    """ "Antall registreringer i «…» der …, når … ligger i perioden." What, where, which and when."""
    english = language == "en"
    rows = _ROWS[language][count.per_event]
    where = f"{_IN[language]} «{count.program}»"
    if isinstance(count.expression, Item) and count.expression.name in _THINGS:
        what = describe(count.expression, name_of, language)
    elif count.aggregation == "CUSTOM":
        what = f"{describe(count.expression, name_of, language)} {_OVER[language]} {rows}"
    else:
        value = describe(count.expression, name_of, language)
        how = _HOW[language].get(count.aggregation, _HOW[language]["SUM"])
        what = f"{how} {value} {_OVER[language]} {rows}"
    said = f"{what} {where}"
    if count.filter is not None:
        said += f" {'where' if english else 'der'} {describe(count.filter, name_of, language)}"
    when = _limits(count, name_of, language)
    said += f", {'when' if english else 'når'} {when}."
    return said[0].upper() + said[1:]


def _limits(count: Count, name_of: NameOf, language: Language) -> str:
    limits = count.limits or [
        Limit("EVENT_DATE" if count.per_event else "ENROLLMENT_DATE", type_) for type_ in _WHOLE
    ]
    said: list[str] = []
    targets = list(dict.fromkeys(limit.target for limit in limits))
    for target in targets:
        ours = [limit for limit in limits if limit.target == target]
        date = (
            _DATES[language].get(target, target)
            if isinstance(target, str)
            else describe(target, name_of, language)
        )
        if sorted(one.type for one in ours) == list(_WHOLE) and not any(o.offset for o in ours):
            said.append(f"{date} {_ENDS[language]['WITHIN']}")
            continue
        for one in ours:
            said.append(f"{date} {_ENDS[language][one.type]}{_moved(one, language)}")
    return WORDS[language].both.join(said)


def _moved(limit: Limit, language: Language) -> str:
    if not limit.offset:
        return ""
    unit = _UNITS[language].get(limit.offset_type, _UNITS[language]["Daily"])
    back, forward = ("back", "forward") if language == "en" else ("tilbake", "fram")
    moved = "moved" if language == "en" else "flyttet"
    return f" ({moved} {abs(limit.offset)} {unit} {back if limit.offset < 0 else forward})"


_THINGS = (
    "enrollment_count",
    "event_count",
    "scheduled_event_count",
    "tei_count",
    "org_unit_count",
)
_WHOLE = ("AFTER_START_OF_REPORTING_PERIOD", "BEFORE_END_OF_REPORTING_PERIOD")
_Texts = Mapping[Language, Mapping[str, str]]
_SOMETHING: Mapping[Language, str] = {"nb": "et felt", "en": "a field"}
_IN: Mapping[Language, str] = {"nb": "i", "en": "in"}
_OVER: Mapping[Language, str] = {"nb": "over", "en": "over"}
_ROWS: Mapping[Language, tuple[str, str]] = {
    "nb": ("registreringene", "hendelsene"),
    "en": ("the enrollments", "the events"),
}
_HOW: _Texts = {
    "nb": {
        "COUNT": "antall verdier av", "SUM": "summen av", "AVERAGE": "gjennomsnittet av",
        "DEFAULT": "gjennomsnittet av", "MIN": "den laveste", "MAX": "den høyeste",
        "STDDEV": "standardavviket av", "VARIANCE": "variansen av", "FIRST": "den første i hver enhet av",
        "LAST": "den siste i hver enhet av", "FIRST_AVERAGE_ORG_UNIT": "gjennomsnittet av den første i hver enhet av",
        "LAST_AVERAGE_ORG_UNIT": "gjennomsnittet av den siste i hver enhet av",
        "LAST_IN_PERIOD_AVERAGE_ORG_UNIT": "gjennomsnittet av", "NONE": "hver enkelt av",
    },
    "en": {
        "COUNT": "the number of values of", "SUM": "the sum of", "AVERAGE": "the mean of",
        "DEFAULT": "the mean of", "MIN": "the lowest", "MAX": "the highest",
        "STDDEV": "the standard deviation of", "VARIANCE": "the variance of",
        "FIRST": "the first in each org unit of", "LAST": "the last in each org unit of",
        "FIRST_AVERAGE_ORG_UNIT": "the mean of the first in each org unit of",
        "LAST_AVERAGE_ORG_UNIT": "the mean of the last in each org unit of",
        "LAST_IN_PERIOD_AVERAGE_ORG_UNIT": "the mean of", "NONE": "each of",
    },
}  # fmt: skip
_DATES: _Texts = {
    "nb": {
        "EVENT_DATE": "hendelsesdatoen", "ENROLLMENT_DATE": "registreringsdatoen",
        "INCIDENT_DATE": "hendelsesdatoen for registreringen", "SCHEDULED_DATE": "den planlagte datoen",
    },
    "en": {
        "EVENT_DATE": "the event date", "ENROLLMENT_DATE": "the enrollment date",
        "INCIDENT_DATE": "the incident date", "SCHEDULED_DATE": "the scheduled date",
    },
}  # fmt: skip
_ENDS: _Texts = {
    "nb": {
        "WITHIN": "ligger i perioden",
        "AFTER_START_OF_REPORTING_PERIOD": "er fra og med periodens første dag",
        "AFTER_END_OF_REPORTING_PERIOD": "er etter periodens siste dag",
        "BEFORE_START_OF_REPORTING_PERIOD": "er før periodens første dag",
        "BEFORE_END_OF_REPORTING_PERIOD": "er til og med periodens siste dag",
    },
    "en": {
        "WITHIN": "lies in the period",
        "AFTER_START_OF_REPORTING_PERIOD": "is on or after the first day of the period",
        "AFTER_END_OF_REPORTING_PERIOD": "is after the last day of the period",
        "BEFORE_START_OF_REPORTING_PERIOD": "is before the first day of the period",
        "BEFORE_END_OF_REPORTING_PERIOD": "is on or before the last day of the period",
    },
}
_UNITS: _Texts = {
    "nb": {"Daily": "dager", "Weekly": "uker", "BiWeekly": "dobbeltuker", "Monthly": "måneder",
           "BiMonthly": "dobbeltmåneder", "Quarterly": "kvartaler", "SixMonthly": "halvår", "Yearly": "år"},
    "en": {"Daily": "days", "Weekly": "weeks", "BiWeekly": "fortnights", "Monthly": "months",
           "BiMonthly": "two-month periods", "Quarterly": "quarters", "SixMonthly": "half-years", "Yearly": "years"},
}  # fmt: skip
_EFFECTS: _Texts = {
    "nb": {
        "ASSIGN": "sett {target} til {value}", "HIDEFIELD": "skjul {target}", "HIDESECTION": "skjul delen {target}",
        "HIDEPROGRAMSTAGE": "skjul steget {target}", "HIDEOPTION": "skjul valget {target}",
        "HIDEOPTIONGROUP": "skjul valgene i {target}", "SHOWOPTIONGROUP": "vis bare valgene i {target}",
        "SETMANDATORYFIELD": "krev svar på {target}", "DISPLAYTEXT": "vis teksten {content}",
        "DISPLAYKEYVALUEPAIR": "vis {content}", "SHOWWARNING": "advar {content}", "SHOWERROR": "meld feil {content}",
        "WARNINGONCOMPLETE": "advar ved fullføring {content}", "ERRORONCOMPLETE": "hindre fullføring {content}",
        "CREATEEVENT": "opprett en hendelse i {target}", "SCHEDULEEVENT": "planlegg en hendelse i {target}",
        "SENDMESSAGE": "send meldingen {target}", "SCHEDULEMESSAGE": "send meldingen {target} senere",
        "OTHER": "gjør noe med {target}",
    },
    "en": {
        "ASSIGN": "set {target} to {value}", "HIDEFIELD": "hide {target}", "HIDESECTION": "hide the section {target}",
        "HIDEPROGRAMSTAGE": "hide the stage {target}", "HIDEOPTION": "hide the option {target}",
        "HIDEOPTIONGROUP": "hide the options of {target}", "SHOWOPTIONGROUP": "show only the options of {target}",
        "SETMANDATORYFIELD": "ask for {target}", "DISPLAYTEXT": "show the text {content}",
        "DISPLAYKEYVALUEPAIR": "show {content}", "SHOWWARNING": "warn {content}",
        "SHOWERROR": "report an error {content}", "WARNINGONCOMPLETE": "warn at completion {content}",
        "ERRORONCOMPLETE": "prevent completion {content}", "CREATEEVENT": "create an event in {target}",
        "SCHEDULEEVENT": "schedule an event in {target}",
        "SENDMESSAGE": "send the message {target}", "SCHEDULEMESSAGE": "send the message {target} later",
        "OTHER": "do something with {target}",
    },
}  # fmt: skip
