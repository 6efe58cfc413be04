"""What a tracer types into a row of the contact sheet, understood.

Text in, facts or a sentence about the cell out: Norwegian dates ("18.1.", "i går"), words for relations,
numbers with comma. Pure. Called by sheet.py.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from smittesporing.tracing.people import Relation

RELATIONS = {
    Relation.HOUSEHOLD: ("husstand", "samme husstand", "bor sammen", "familie hjemme"),
    Relation.PARTNER: ("kjæreste", "partner", "ektefelle", "samboer"),
    Relation.FAMILY: ("familie", "slekt", "besteforelder"),
    Relation.FRIEND: ("venn", "venninne", "kamerat"),
    Relation.COLLEAGUE: ("kollega", "jobb", "arbeid"),
    Relation.CLASSMATE: ("klasse", "klassekamerat", "skole", "medelev"),
    Relation.KINDERGARTEN_COHORT: ("barnehage", "kohort"),
    Relation.NEIGHBOUR: ("nabo",),
    Relation.PATIENT_CARE: ("pasient", "pleie", "helsehjelp"),
    Relation.SERVICE: ("kunde", "service", "butikk", "frisør"),
    Relation.TRAVEL: ("reise", "reisefølge", "skyss", "bil", "buss", "fly"),
    Relation.OTHER: ("annet", "annen", "bekjent"),
}
WORDS = {word: relation for relation, words in RELATIONS.items() for word in words}
ONGOING = ("ongoing", "pågår", "pagar", "fortsatt", "nå")
MASK = "•"
DAYS = {"i dag": 0, "idag": 0, "i går": 1, "igår": 1, "i forgårs": 2}
_DATE = re.compile(r"(\d{1,2})[.\-/ ](\d{1,2})(?:[.\-/ ](\d{2,4}))?\.?")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


@dataclass(frozen=True)
class TypedRow:
    """One row as understood. `errors`: column → what is wrong and what to do; such a row is not saved."""

    given_name: str = ""
    family_name: str = ""
    number: str = ""
    phone: str = ""
    relation: Relation | None = None
    first_on: date | None = None
    last_on: date | None = None
    ongoing: bool = False
    distance_m: float | None = None
    minutes: int | None = None
    setting: str = ""
    # From the national number, which the page's register room reads; never asked for in the sheet.
    birth_on: date | None = None
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (self.given_name or self.family_name or self.number or self.phone)

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


def understand(cells: Mapping[str, str], today: date) -> TypedRow:
    """The row that these cells make.

    Shape   Keys name, number, phone, relation, first, last, distance, minutes, setting; all optional.
    """
    errors: dict[str, str] = {}

    def cell(name: str) -> str:
        text = " ".join(cells.get(name, "").replace("\x00", "").split())
        # A cell that shows dots hides what is stored; nobody has typed there.
        return "" if MASK in text else text

    given, family = names_of(cell("name"))
    digits = re.sub(r"[\s.]", "", cell("number"))
    if digits and not re.fullmatch(r"\d{11}", digits):
        errors["number"] = "Fødselsnummer har 11 siffer. La feltet stå tomt hvis du ikke har det."
    phone = re.sub(r"[^\d+]", "", cell("phone"))
    if cell("phone") and not re.fullmatch(r"\+?\d{5,15}", phone):
        errors["phone"] = "Skriv 8 siffer, eller + og landkode."
    relation = relation_of(cell("relation"))
    if cell("relation") and relation is None:
        errors["relation"] = "Skriv for eksempel husstand, kollega, venn, klasse eller nabo."
    ongoing = cell("last").lower() in ONGOING
    days: dict[str, date | None] = {}
    for name in ("first", "last"):
        text = cell(name)
        days[name] = None if name == "last" and ongoing else day_of(text, today)
        if text and days[name] is None and not (name == "last" and ongoing):
            errors[name] = (
                "Skriv dagen som 18.1., eller «pågår»." if name == "last" else "Skriv 18.1."
            )
    last = days["last"]
    if last is not None and last > today:
        errors["last"] = "Dagen er ikke kommet ennå."
    first = days["first"]
    if first is not None and first > today:
        errors["first"] = "Dagen er ikke kommet ennå."
    elif first and last and first > last:
        errors["first"] = "Første kontakt er etter siste."
    distance = number_of(cell("distance"))
    if cell("distance") and distance is None:
        errors["distance"] = "Skriv meter, for eksempel 1 eller 1,5."
    minutes = number_of(cell("minutes"))
    if cell("minutes") and minutes is None:
        errors["minutes"] = "Skriv minutter, for eksempel 30."
    return TypedRow(
        given_name=given[:60],
        family_name=family[:60],
        number=digits,
        phone=phone,
        relation=relation,
        first_on=first,
        last_on=last,
        ongoing=ongoing,
        distance_m=distance,
        minutes=None if minutes is None else int(minutes),
        setting=cell("setting")[:120],
        errors=errors,
    )


def names_of(text: str) -> tuple[str, str]:
    """(given names, family name) of "Kari Prøve" or, as in lists, "Prøve, Kari"."""
    if "," in text:
        family, _, given = (part.strip() for part in text.partition(","))
        if given and family:
            return given, family
    given, _, family = text.rpartition(" ")
    return (given, family) if given else (family, "")


def relation_of(text: str) -> Relation | None:
    """The relation a word means; codes are understood too; None for a word we do not know."""
    word = text.lower().strip(" .")
    if not word:
        return None
    if text in Relation.__members__:
        return Relation[text]
    if word in WORDS:
        return WORDS[word]
    return next((relation for known, relation in WORDS.items() if word.startswith(known)), None)


def day_of(text: str, today: date) -> date | None:
    """The day a text means; without a year the last such day that has come, or None."""
    word = text.lower().strip()
    if word in DAYS:
        return today - timedelta(days=DAYS[word])
    iso = _ISO.fullmatch(word)
    if iso:
        return _day(int(iso[1]), int(iso[2]), int(iso[3]))
    found = _DATE.fullmatch(word)
    if not found:
        return None
    day, month = int(found[1]), int(found[2])
    if found[3]:
        year = int(found[3])
        return _day(year + 2000 if year < 100 else year, month, day)
    this_year = _day(today.year, month, day)
    if this_year is not None and this_year <= today + timedelta(days=60):
        return this_year
    return _day(today.year - 1, month, day)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def number_of(text: str) -> float | None:
    """A number with comma or point, units after it ignored; None when there is none or it is absurd."""
    found = re.match(r"(\d{1,5}(?:[.,]\d{1,2})?)", text.strip())
    return float(found[1].replace(",", ".")) if found else None
