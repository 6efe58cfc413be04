"""Every error code and its sentence, once.

DHIS2's tracker codes keep their number (E1020); ours start with T. A sentence is for readers: what
happened, to what, what to do; never personal data. DHIS2's metadata and query codes, which reuse the
same numbers with other meanings, stand in web/api where they are answered. Called by every room.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """A refusal that is expected: gathered and answered, not raised."""

    code: str
    args: tuple[str, ...] = ()
    uid: str | None = None
    kind: str | None = None

    @property
    def sentence(self) -> str:
        return SENTENCES[self.code].format(*self.args, *("–",) * 9)


class Refused(Exception):
    """An expected refusal that must stop the whole request; the web room turns it into an answer."""

    def __init__(self, code: str, *args: str, status: int = 409, uid: str | None = None) -> None:
        self.problem = Problem(code, args, uid)
        self.status = status
        super().__init__(f"{code} {self.problem.sentence}")


# fmt: off
SENTENCES: dict[str, str] = {
    # access: who may see and do what
    "T001": "Du må logge inn for å se denne siden.",
    "T002": "Rollen din gir ikke adgang til dette. Spør administratoren i kommunen din.",
    "T003": "Fant ikke det du ba om, eller det ligger utenfor kommunen din.",
    "T004": "Kommunen {0} har ikke tatt tjenesten i bruk ennå: {1}.",
    "T005": "Organisasjonsenheten {0} følger Kartverkets register og kan ikke endres her.",
    "T006": "Det finnes alt en bruker med dette fødselsnummeret.",
    "T007": "En annen har endret dette siden du åpnet siden. Begge verdiene er tatt vare på: velg hvilken som gjelder.",
    "T008": "Kommunenummer {0} finnes ikke i registeret for {1}.",
    "T009": "Kommunenummer {0} er delt mellom flere kommuner. Velg én: {1}.",
    "T010": "Feltet «{0}» mangler eller kan ikke leses. {1}",
    "T011": "Siden er for gammel til å lagres. Last den inn på nytt og prøv igjen.",
    "T012": "Forespørselen er for stor. Del den i flere og prøv igjen.",
    # database and start-up
    "T020": "Databasen svarer ikke. Ingenting er lagret; prøv igjen om litt.",
    # tracker: DHIS2's own codes
}
# fmt: on
