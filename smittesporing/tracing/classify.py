"""Is this person a close contact of that case, and of which kind?

One exposure at a time, by the rules of the day of contact. The answer is a proposal with its
reasons; the tracer confirms it. Lays no measures on anybody. Called by casebook.py and by the
sheet of contacts while one types.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from smittesporing.tracing import rulebook
from smittesporing.tracing.days import business_day, midnight, with_year, words
from smittesporing.tracing.people import (
    Case,
    CaseStatus,
    Category,
    Contact,
    Exposure,
    Jurisdiction,
    Outcome,
    Relation,
    Verdict,
    Window,
    age_on,
)
from smittesporing.tracing.rule import Rule, Rulebook
from smittesporing.tracing.windows import infectious_window

LABELS = {
    Category.HOUSEHOLD: "Nærkontakt, samme husstand",
    Category.OTHER_CLOSE: "Øvrig nærkontakt",
    Category.NOT_CONTACT: "Ikke nærkontakt",
    Category.UNDECIDED: "Ikke avgjort",
}
EQUALLY_NEAR = "Nærkontakt, like nær som samme husstand"
STATUS_WORDS = {
    CaseStatus.SUSPECTED: "mistenkt",
    CaseStatus.PROBABLE: "sannsynlig",
    CaseStatus.CONFIRMED: "bekreftet",
    CaseStatus.RULED_OUT: "avkreftet",
}


@dataclass(frozen=True)
class _Found:
    """What the facts alone give, whatever the status of the index."""

    category: Category
    reasons: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    equally_near: bool = False


def verdict(
    case: Case,
    exposure: Exposure,
    contact: Contact,
    book: Rulebook,
    at: datetime,
    where: Jurisdiction,
) -> Verdict:
    """The category of this contact to this case, with the sentence and reasons to show.

    Rule    The definition in force on the day of last contact; for a contact that goes on, today's.
    Index   Must be confirmed: else UNDECIDED, with the category of the facts in `if_confirmed`;
            ruled out gives NOT_CONTACT.
    Missing Facts that could turn the answer give UNDECIDED and are named in `missing`.
    """
    day = _day_of_contact(exposure, at)
    if day is None:
        return _undecided((), ("Dato for siste kontakt mangler.",))
    then = at if exposure.last_on is None else min(midnight(day), at)
    definition = rulebook.the_rule(book, "contact_definition", "contact", then, case.disease, where)
    if definition is None:
        reason = f"Ingen regel for {case.disease} var i kraft {with_year(day)}."
        return Verdict(Category.UNDECIDED, "", rulebook.NO_RULE, (reason,))
    if case.status is CaseStatus.RULED_OUT:
        found = _Found(Category.NOT_CONTACT, ("Indeks er avkreftet, og vurderingen faller bort.",))
        return _verdict(found, definition)
    window = infectious_window(case, book, then, where)
    found = _from_facts(exposure, contact, definition, window, day)
    if case.status is CaseStatus.CONFIRMED:
        return _verdict(found, definition)
    waiting = (
        f"Indeks er {STATUS_WORDS[case.status]}, ikke bekreftet. "
        "Vurderingen gjelder først når smitten er bekreftet."
    )
    return Verdict(
        category=Category.UNDECIDED,
        rule=definition.id,
        sentence=f"{LABELS[Category.UNDECIDED]}: indeks er ikke bekreftet smittet.",
        reasons=(waiting, *found.reasons),
        missing=("Bekreftet prøvesvar for indeks.", *found.missing),
        citation=definition.citation,
        certainty=definition.certainty,
        if_confirmed=found.category,
        equally_near=found.equally_near,
    )


def proposed_status(
    case: Case, book: Rulebook, at: datetime, where: Jurisdiction
) -> tuple[CaseStatus, str]:
    """The status her tests give by the case definition of the day of the test, and why.

    PROBABLE is a positive test of a kind that does not confirm; SUSPECTED is no positive test.
    """
    found = CaseStatus.SUSPECTED, "Ingen positiv prøve er registrert."
    for test in sorted(case.tests, key=lambda test: test.on):
        if test.result is not Outcome.POSITIVE:
            continue
        rule = rulebook.the_rule(
            book, "case_definition", "confirmed", min(midnight(test.on), at), case.disease, where
        )
        if rule is None:
            return CaseStatus.SUSPECTED, rulebook.NO_RULE
        doses = [dose for dose in case.vaccinations or () if dose.on <= test.on]
        key = "confirming_boosted" if len(doses) >= 3 else "confirming"
        if test.kind.value in rule.values[key]:
            return CaseStatus.CONFIRMED, f"Positiv prøve tatt {words(test.on)}. {rule.sentence}"
        found = (
            CaseStatus.PROBABLE,
            f"Positiv prøve tatt {words(test.on)} må bekreftes. {rule.sentence}",
        )
    return found


def _day_of_contact(exposure: Exposure, at: datetime) -> date | None:
    if exposure.last_on is not None:
        return exposure.last_on
    return business_day(at) if exposure.ongoing else None


def _from_facts(
    exposure: Exposure, contact: Contact, definition: Rule, window: Window | None, day: date
) -> _Found:
    near = _nearness(exposure, contact, definition, day)
    if window is None:
        return _Found(
            Category.UNDECIDED, near.reasons, ("Symptomstart eller positiv prøve for indeks.",)
        )
    if day < window.from_:
        outside = (
            f"{words(day)} er før smitteperioden (fra {words(window.from_)}).",
            window.reason,
        )
        extra = near.reasons if near.category is Category.NOT_CONTACT else ()
        return _Found(Category.NOT_CONTACT, outside[:1] + extra + outside[1:])
    first = exposure.first_on or day
    if window.to is not None and first > window.to:
        return _Found(
            Category.NOT_CONTACT,
            (f"{words(first)} er etter at isolasjonen ble opphevet ({words(window.to)}).",),
        )
    last = "Kontakten pågår" if exposure.ongoing else f"Siste kontakt var {words(day)}"
    return _Found(
        near.category,
        (*near.reasons, f"{last}, i smitteperioden. {window.reason}"),
        near.missing,
        near.equally_near,
    )


def _nearness(exposure: Exposure, contact: Contact, definition: Rule, day: date) -> _Found:
    if exposure.relation is Relation.HOUSEHOLD:
        return _Found(
            Category.HOUSEHOLD, ("Bor i samme husstand. Da teller verken avstand eller varighet.",)
        )
    if exposure.protected:
        return _Found(Category.NOT_CONTACT, ("Anbefalt beskyttelsesutstyr ble brukt.",))
    equally = _equally_near(exposure, contact, definition, day)
    if equally is not None:
        return equally
    return _core(exposure, definition)


def _equally_near(
    exposure: Exposure, contact: Contact, definition: Rule, day: date
) -> _Found | None:
    relation = exposure.relation
    if exposure.equally_near:
        return _near("Vurdert som like nær som samme husstand.")
    if exposure.equally_near is False or relation is None:
        return None
    if relation is Relation.PATIENT_CARE and "PATIENT_CARE" in definition.values["equally_near"]:
        if exposure.protected is None:
            return _Found(
                Category.UNDECIDED,
                ("Pleie uten anbefalt beskyttelsesutstyr regnes som like nær.",),
                ("Om anbefalt beskyttelsesutstyr ble brukt.",),
            )
        return _near("Pleiet den smittede uten anbefalt beskyttelsesutstyr.")
    if relation.value in definition.values["equally_near"]:
        return _near(f"{RELATION_WORDS[relation]} regnes som like nær som samme husstand.")
    oldest = definition.values.get("classmate_max_age")
    if relation is Relation.CLASSMATE and oldest is not None:
        age = age_on(contact, day)
        if age is None:
            return _Found(
                Category.UNDECIDED,
                ("Gruppe i 1.–4. trinn regnes som like nær.",),
                ("Alder på nærkontakten.",),
            )
        if age < int(oldest):
            return _near("Samme gruppe i 1.–4. trinn regnes som like nær som samme husstand.")
    return None


def _near(reason: str) -> _Found:
    return _Found(Category.HOUSEHOLD, (reason,), equally_near=True)


def _core(exposure: Exposure, definition: Rule) -> _Found:
    metres, minutes = float(definition.values["distance_m"]), int(definition.values["minutes"])
    close = None if exposure.distance_m is None else exposure.distance_m < metres
    long = None if exposure.minutes is None else exposure.minutes > minutes
    to_judge = _to_judge(exposure, definition)
    if exposure.physical:
        return _Found(Category.OTHER_CLOSE, ("Direkte fysisk kontakt.", *to_judge))
    if exposure.secretions:
        return _Found(Category.OTHER_CLOSE, ("Direkte kontakt med sekret.", *to_judge))
    if close and long:
        reason = f"Under {metres:g} meter i mer enn {minutes} minutter."
        return _Found(Category.OTHER_CLOSE, (reason, *to_judge))
    against = _against(exposure, close, long, metres, minutes)
    far_or_no_touch = close is False or exposure.physical is False
    if (close is False or long is False) and far_or_no_touch:
        return _Found(Category.NOT_CONTACT, against)
    missing: list[str] = []
    if close is None and long is not False:
        missing.append("Avstand.")
    if long is None and close is not False:
        missing.append("Varighet.")
    if exposure.physical is None and (long is False or not missing):
        missing.append("Om det var direkte fysisk kontakt.")
    return _Found(Category.UNDECIDED, against, tuple(missing))


def _against(
    exposure: Exposure, close: bool | None, long: bool | None, metres: float, minutes: int
) -> tuple[str, ...]:
    """Why not, in one sentence: "Over 2 meter og under 15 minutter."."""
    parts: list[str] = []
    if close is False:
        parts.append(
            f"{'over' if (exposure.distance_m or 0) > metres else 'minst'} {metres:g} meter"
        )
    if long is False:
        shorter = (exposure.minutes or 0) < minutes
        parts.append(f"{'under' if shorter else 'ikke over'} {minutes} minutter")
    if exposure.physical is False:
        parts.append("ikke fysisk kontakt")
    if not parts:
        return ()
    text = " og ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]
    return (f"{text[0].upper()}{text[1:]}.",)


def _to_judge(exposure: Exposure, definition: Rule) -> tuple[str, ...]:
    if exposure.equally_near is not None or exposure.relation is None:
        return ()
    if exposure.relation.value not in definition.values.get("equally_near_to_judge", ()):
        return ()
    return (TO_JUDGE[exposure.relation],)


def _verdict(found: _Found, rule: Rule) -> Verdict:
    label = (
        EQUALLY_NEAR
        if found.equally_near and found.category is Category.HOUSEHOLD
        else LABELS[found.category]
    )
    sentence = f"{label}."
    if found.category is Category.NOT_CONTACT and found.reasons:
        sentence = f"{label}: {found.reasons[0][0].lower()}{found.reasons[0][1:]}"
    if found.category is Category.UNDECIDED and found.missing:
        listed = ", ".join(text.rstrip(".").lower() for text in found.missing)
        sentence = f"{label}. Mangler: {listed}."
    return Verdict(
        category=found.category,
        rule=rule.id,
        sentence=sentence,
        reasons=found.reasons,
        missing=found.missing,
        citation=rule.citation,
        certainty=rule.certainty,
        equally_near=found.equally_near,
    )


def _undecided(reasons: tuple[str, ...], missing: tuple[str, ...]) -> Verdict:
    listed = ", ".join(text.rstrip(".").lower() for text in missing)
    return Verdict(
        Category.UNDECIDED,
        "",
        f"{LABELS[Category.UNDECIDED]}. Mangler: {listed}.",
        reasons,
        missing,
    )


RELATION_WORDS = {
    Relation.PARTNER: "Kjæreste",
    Relation.KINDERGARTEN_COHORT: "Samme kohort i barnehage",
    Relation.FRIEND: "Nær venn",
    Relation.COLLEAGUE: "Nærmeste kollega",
    Relation.TRAVEL: "Reisefølge",
}
TO_JUDGE = {
    Relation.COLLEAGUE: "Nærmeste kollega på kontoret regnes som like nær: vurder om det gjelder her.",
    Relation.FRIEND: "Hyttetur eller tilsvarende omgang regnes som like nær: vurder om det gjelder her.",
    Relation.TRAVEL: "Hyttetur eller tilsvarende omgang regnes som like nær: vurder om det gjelder her.",
}
