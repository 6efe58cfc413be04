"""The configuration's words: what its kinds and properties are called, and values as a reader says them.

Names only; decides nothing and reads no database. Called by the other configuration pages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from smittesporing.metadata.kinds import KINDS
from smittesporing.metadata.versions import BEFORE, IMPORT, PUBLISHED, SHIPPED
from smittesporing.web.pages.words import _, number

# Kind → (one, many).
KIND_WORDS: dict[str, tuple[str, str]] = {
    "programs": ("Program", "Programmer"),
    "programStages": ("Skjema", "Skjemaer"),
    "programStageSections": ("Del av skjema", "Deler av skjemaer"),
    "programSections": ("Del av program", "Deler av programmer"),
    "dataElements": ("Spørsmål", "Spørsmål"),
    "trackedEntityAttributes": ("Fast opplysning", "Faste opplysninger"),
    "trackedEntityTypes": ("Type det registreres på", "Typer det registreres på"),
    "relationshipTypes": ("Kobling", "Koblinger"),
    "optionSets": ("Svarliste", "Svarlister"),
    "options": ("Svar", "Svar"),
    "optionGroups": ("Gruppe av svar", "Grupper av svar"),
    "optionGroupSets": ("Sett av svargrupper", "Sett av svargrupper"),
    "programRules": ("Regel", "Regler"),
    "programRuleActions": ("Handling i regel", "Handlinger i regler"),
    "programRuleVariables": ("Navn i regler", "Navn i regler"),
    "programIndicators": ("Indikator", "Indikatorer"),
    "programIndicatorGroups": ("Gruppe av indikatorer", "Grupper av indikatorer"),
    "indicators": ("Forholdstall", "Forholdstall"),
    "indicatorGroups": ("Gruppe av forholdstall", "Grupper av forholdstall"),
    "indicatorTypes": ("Måleenhet", "Måleenheter"),
    "constants": ("Konstant", "Konstanter"),
    "attributes": ("Egen egenskap", "Egne egenskaper"),
    "legendSets": ("Inndeling", "Inndelinger"),
    "programNotificationTemplates": ("Mal for beskjed", "Maler for beskjeder"),
    "categories": ("Kategori", "Kategorier"),
    "categoryOptions": ("Kategorivalg", "Kategorivalg"),
    "categoryCombos": ("Kategorisett", "Kategorisett"),
    "categoryOptionCombos": ("Kombinasjon av valg", "Kombinasjoner av valg"),
    "dataSets": ("Datasett", "Datasett"),
    "validationRules": ("Kontrollregel", "Kontrollregler"),
    "organisationUnitLevels": ("Nivå", "Nivåer"),
    "organisationUnitGroups": ("Gruppe av enheter", "Grupper av enheter"),
}

PROPERTIES: dict[str, str] = {
    "name": "Navn",
    "shortName": "Kort navn",
    "code": "Kode",
    "description": "Forklaring",
    "formName": "Tekst i skjemaet",
    "valueType": "Slags svar",
    "optionSet": "Svarliste",
    "options": "Svar",
    "sortOrder": "Plass i rekkefølgen",
    "condition": "Vilkår",
    "priority": "Rekkefølge mellom regler",
    "program": "Program",
    "programStage": "Skjema",
    "programStageSection": "Del av skjema",
    "programStageDataElements": "Spørsmål i skjemaet",
    "programTrackedEntityAttributes": "Faste opplysninger",
    "trackedEntityTypeAttributes": "Opplysninger",
    "dataElements": "Spørsmål",
    "dataElement": "Spørsmål",
    "trackedEntityAttribute": "Fast opplysning",
    "trackedEntityAttributes": "Faste opplysninger",
    "trackedEntityType": "Registreres på",
    "programRule": "Regel",
    "programRuleActionType": "Hva regelen gjør",
    "programRuleVariableSourceType": "Hvor verdien hentes",
    "useCodeForOptionSet": "Sammenligner koder",
    "content": "Tekst",
    "data": "Uttrykk",
    "location": "Hvor teksten vises",
    "evaluationTime": "Når",
    "expression": "Uttrykk",
    "filter": "Tell bare med når",
    "aggregationType": "Regnemåte",
    "analyticsType": "Teller",
    "analyticsPeriodBoundaries": "Hvilke dager som er med",
    "decimals": "Desimaler",
    "numerator": "Teller",
    "numeratorDescription": "Teller i ord",
    "denominator": "Nevner",
    "denominatorDescription": "Nevner i ord",
    "indicatorType": "Måleenhet",
    "value": "Verdi",
    "factor": "Ganges med",
    "repeatable": "Kan fylles ut flere ganger",
    "executionDateLabel": "Navn på datoen",
    "organisationUnits": "Enheter",
    "sharing": "Hvem som har adgang",
    "attributeValues": "Egne egenskaper",
    "translations": "Oversettelser",
    "renderType": "Visning",
    "style": "Farge og ikon",
    "aggregateType": "Regnemåte",
    "programIndicators": "Indikatorer",
    "indicators": "Forholdstall",
    "domainType": "Område",
    "unique": "Må være ulik for alle",
    "mandatory": "Må fylles ut",
    "accessLevel": "Adgang",
    "fromToName": "Navn fra første til andre",
    "toFromName": "Navn fra andre til første",
    "displayInForm": "Vises i skjemaet",
    "validationStrategy": "Når svar må være fylt ut",
}

VALUES: dict[str, str] = {
    "TEXT": "tekst",
    "LONG_TEXT": "lang tekst",
    "MULTI_TEXT": "flere svar",
    "NUMBER": "tall",
    "INTEGER": "heltall",
    "INTEGER_POSITIVE": "heltall over null",
    "INTEGER_ZERO_OR_POSITIVE": "heltall fra null",
    "INTEGER_NEGATIVE": "heltall under null",
    "PERCENTAGE": "prosent",
    "BOOLEAN": "ja eller nei",
    "TRUE_ONLY": "avkryssing",
    "DATE": "dato",
    "DATETIME": "dato og klokkeslett",
    "TIME": "klokkeslett",
    "AGE": "alder",
    "PHONE_NUMBER": "telefonnummer",
    "EMAIL": "e-post",
    "EVENT": "hendelser",
    "ENROLLMENT": "saker",
    "COUNT": "antall",
    "SUM": "sum",
    "AVERAGE": "gjennomsnitt",
    "MEDIAN": "median",
    "MIN": "minste",
    "MAX": "største",
    "NONE": "ingen",
    "DEFAULT": "vanlig (sum)",
    "CUSTOM": "egen (står i uttrykket)",
    "STDDEV": "standardavvik",
    "VARIANCE": "varians",
    "ALWAYS": "alltid",
    "ON_COMPLETE": "når skjemaet er ferdig",
    "ON_UPDATE_AND_INSERT": "hver gang noe lagres",
}

# What a rule does: the choice in the list, and the verb before what it acts on.
ACTIONS: dict[str, tuple[str, str]] = {
    "HIDEFIELD": ("Skjul et spørsmål", "skjules"),
    "HIDESECTION": ("Skjul en del av skjemaet", "skjules"),
    "SETMANDATORYFIELD": ("Krev svar", "må fylles ut"),
    "SHOWWARNING": ("Advar", "får advarselen"),
    "SHOWERROR": ("Avvis svaret", "avvises med"),
    "WARNINGONCOMPLETE": ("Advar når skjemaet gjøres ferdig", "får advarselen, når skjemaet gjøres ferdig,"),
    "ERRORONCOMPLETE": ("Avvis når skjemaet gjøres ferdig", "avvises, når skjemaet gjøres ferdig, med"),
    "ASSIGN": ("Fyll inn en verdi", "fylles ut med"),
    "HIDEOPTION": ("Skjul et svar", "skjules"),
    "HIDEOPTIONGROUP": ("Skjul en gruppe av svar", "skjules"),
    "SHOWOPTIONGROUP": ("Vis bare en gruppe av svar", "vises"),
    "HIDEPROGRAMSTAGE": ("Skjul et skjema", "skjules"),
    "DISPLAYTEXT": ("Vis en tekst", "vises"),
    "DISPLAYKEYVALUEPAIR": ("Vis en tekst med verdi", "vises"),
    "SENDMESSAGE": ("Send en beskjed", "sendes"),
    "SCHEDULEMESSAGE": ("Planlegg en beskjed", "planlegges"),
    "SCHEDULEEVENT": ("Planlegg et skjema", "planlegges"),
}  # fmt: skip

TARGETS: dict[str, str] = {
    "EVENT_DATE": "hendelsesdatoen",
    "ENROLLMENT_DATE": "datoen saken ble registrert",
    "INCIDENT_DATE": "symptomstart, ellers prøvedato",
    "SCHEDULED_DATE": "planlagt dato",
}
LIMITS: dict[str, str] = {
    "AFTER_START_OF_REPORTING_PERIOD": "fra og med første dag i perioden",
    "BEFORE_END_OF_REPORTING_PERIOD": "til og med siste dag i perioden",
    "BEFORE_START_OF_REPORTING_PERIOD": "før første dag i perioden",
    "AFTER_END_OF_REPORTING_PERIOD": "etter siste dag i perioden",
}
OFFSETS: dict[str, tuple[str, str]] = {
    "Daily": ("dag", "dager"),
    "Weekly": ("uke", "uker"),
    "Monthly": ("måned", "måneder"),
    "Quarterly": ("kvartal", "kvartaler"),
    "Yearly": ("år", "år"),
}
ORIGINS: dict[str, str] = {
    SHIPPED: "fulgte med tjenesten",
    IMPORT: "kom inn ved API",
    PUBLISHED: "publisert herfra",
    BEFORE: "slik det var før versjonene begynte",
}
CHANGES = {"added": "Lagt til", "changed": "Endret", "removed": "Tatt bort"}


def kind_word(plural: str) -> str:
    """What one object of the kind is called: ours where we have a word, else DHIS2's own name."""
    known = KIND_WORDS.get(plural)
    if known:
        return _(known[0])
    kind = KINDS.get(plural)
    return kind.klass.rpartition(".")[2] if kind else plural


def property_word(name: str) -> str:
    """What a property is called; DHIS2's own name where we have none."""
    return _(PROPERTIES[name]) if name in PROPERTIES else name


def value_word(value: Any) -> str:
    """A plain value as a reader says it; a dash for none."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("ja") if value else _("nei")
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return number(value, 0 if value == int(value) else 2)
    text = str(value)
    return _(VALUES[text]) if text in VALUES else text


def boundary_words(boundary: Mapping[str, Any], called: str) -> str:
    """One limit as words: «prøvedato: fra og med første dag i perioden, flyttet 6 dager tilbake»."""
    limit = LIMITS.get(str(boundary.get("analyticsPeriodBoundaryType")), "")
    words = f"{called}: {_(limit)}"
    offset = int(boundary.get("offsetPeriods") or 0)
    if offset:
        one, many = OFFSETS.get(str(boundary.get("offsetPeriodType")), ("dag", "dager"))
        unit = _(one) if abs(offset) == 1 else _(many)
        way = _("tilbake") if offset < 0 else _("fram")
        words += ", " + _("flyttet %(n)s %(unit)s %(way)s", n=abs(offset), unit=unit, way=way)
    return words


_EXPECTED = (
    ("an operator or the end of the expression", "et tegn mellom to ledd, eller at uttrykket slutter"),
    ("a value or an operator", "en verdi eller et tegn mellom to ledd"),
    ("a value or the name of a function", "en verdi eller navnet på en funksjon"),
    ("a value", "en verdi"),
    ("an item such as #{…}", "et navn i klammer, som #{…}"),
    ("a name between the braces", "et navn mellom klammene"),
    ("a condition in quotes", "et vilkår i anførselstegn"),
    ("an identifier", "en identifikator"),
    ("#{stage.element} with two identifiers", "#{skjema.spørsmål} med to identifikatorer"),
)  # fmt: skip
_FOUND = re.compile(
    r"^Found (?P<found>.*?)(?:, which has no meaning here)?; expected (?P<wanted>.*)\.$", re.DOTALL
)


_TYPES = {
    "a number": "et tall",
    "a text": "en tekst",
    "true or false": "ja eller nei",
    "a date": "en dato",
}
_GIVES = re.compile(r"^The expression gives (?P<found>.*); it must give (?P<wanted>.*)\.$")
_MISFIT = re.compile(r"^(?P<wanted>.*) must be (?P<where>.*), and this is (?P<found>.*)\.$")


def _type_words(text: str) -> str:
    """«a number or a text» → «et tall eller en tekst»."""
    named = (_TYPES.get(each.strip().lower()) for each in re.split(r" or (?=a )", text))
    return f" {_('eller')} ".join(_(word) for word in named if word) or text


def _misfit_words(message: str) -> str:
    """What the types say, in Norwegian; nothing when the fault is another."""
    if match := _GIVES.match(message):
        found, wanted = _type_words(match["found"]), _type_words(match["wanted"])
        return _("Uttrykket gir %(found)s, men må gi %(wanted)s.", found=found, wanted=wanted)
    if match := _MISFIT.match(message):
        where = re.sub(r"^a side of (.+)$", r"ved siden av \1", match["where"])
        where = re.sub(r"^what stands behind (.+)$", r"etter \1", where)
        where = re.sub(r"^argument (\d+) of (.+)$", r"som ledd \1 i \2", where)
        return _(
            "Her må det stå %(wanted)s %(where)s, men dette er %(found)s.",
            wanted=_type_words(match["wanted"]),
            where=where,
            found=_type_words(match["found"]),
        )
    return ""


def fault_words(message: str) -> str:
    """A parser's fault in Norwegian; its own words where we know none."""
    if misfit := _misfit_words(message):
        return misfit
    match = _FOUND.match(message)
    if match:
        wanted = match["wanted"]
        for english, norwegian in _EXPECTED:
            if wanted == english:
                wanted = _(norwegian)
                break
        if wanted.startswith("at least"):
            wanted = _("flere ledd i funksjonen")
        elif "that may stand in" in wanted or wanted.startswith("a variable"):
            wanted = _("noe som kan stå i et slikt uttrykk")
        found = match["found"]
        found = _("slutten av uttrykket") if found == "the end of the expression" else f"«{found}»"
        return _("Fant %(found)s, men ventet %(wanted)s.", found=found, wanted=wanted)
    if "not closed" in message:
        return _("Det som begynner her, er ikke lukket.")
    if "longer than" in message or "more than" in message or "nested" in message:
        return _("Uttrykket er for langt eller for dypt.")
    return message
