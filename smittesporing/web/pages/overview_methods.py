"""What each figure counts: its method card, from the shipped indicators and in plain words.

Reads metadata only. Called by overview.py and report.py.
"""

from dataclasses import dataclass

from smittesporing.analytics import query
from smittesporing.analytics.counting import place
from smittesporing.analytics.question import RESIDENCE
from smittesporing.metadata.snapshot import Metadata
from smittesporing.web.pages.words import _

# Figures that are shares are shown with the count they are part of.
_WHOLE = {"ST_PI_CASES_KNOWN_SETTING": "ST_PI_CASES", "ST_PI_CASES_IN_QUARANTINE": "ST_PI_CASES"}
_NOW = ("ST_PI_ISOLATIONS_NOW", "ST_PI_QUARANTINES_NOW")


@dataclass(frozen=True)
class Method:
    """A method card: pairs of word and text, under the figure's own name."""

    code: str
    name: str
    facts: tuple[tuple[str, str], ...]


def method(metadata: Metadata, code: str) -> Method:
    """The card of a program indicator. Errors  T003 when there is none with that code."""
    uid = query.resolve(metadata, code)
    body = metadata.get("programIndicators", uid) or metadata.get("indicators", uid) or {}
    name = str(body.get("name", code))
    says = str(body.get("description", ""))
    facts: list[tuple[str, str]] = [(_("Hva som telles"), says)]
    whole = _WHOLE.get(code)
    if whole is not None:
        other = metadata.by_code("programIndicators", whole) or {}
        facts = [(_("Teller"), says), (_("Nevner"), str(other.get("description", "")))]
    if code == "ST_PI_DAYS_TO_FIRST_CALL":
        half = _("Medianen: i halvparten av sakene gikk det kortere tid.")
        facts.append((_("Hva oversikten viser"), half))
    if metadata.get("programIndicators", uid) is not None:
        at_home = place(metadata, uid).kind == RESIDENCE
        facts.append(
            (
                _("Hvor det telles"),
                _("I kommunen der personen bodde på prøvedatoen.")
                if at_home
                else _("I kommunen som følger opp saken."),
            )
        )
    when = _("Slik det er akkurat nå.") if code in _NOW else _("Etter ISO-uke, mandag til søndag.")
    facts.append((_("Når det telles"), when))
    facts.append((_("Kilde"), _("Registreringene i Smittesporing, kode %(code)s.", code=code)))
    return Method(code, name, tuple(facts))
