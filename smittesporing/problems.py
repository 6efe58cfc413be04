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
    "T013": "For mange forsøk med feil passord. Vent fem minutter og prøv igjen.",
    "T014": "Kommunen må ha minst én administrator. Gi rollen til en annen først, eller be KS om hjelp.",
    # database and start-up
    "T020": "Databasen svarer ikke. Ingenting er lagret; prøv igjen om litt.",
    "T021": "Noe gikk galt hos oss. Det du skrev i feltene er lagret så langt siden sa «Lagret».",
    # tracing: the casebook's own refusals
    "T101": "Personen er alt registrert som indeks {0} her. Åpne den saken i stedet.",
    "T102": "Personen følges opp av en annen kommune. Be om overføring eller meld eksponeringen dit.",
    "T103": "Isolasjonen i sak {0} løper. Opphev den før saken avsluttes.",
    "T104": "Bare kommuneoverlegen kan frita eller bestemme noe annet enn reglene. Spør kommuneoverlegen.",
    "T105": "Skriv begrunnelsen: vedtaket skal kunne forstås og påklages.",
    "T106": "Isolasjonen kan tidligst oppheves {0}. Kommuneoverlegen kan bestemme noe annet.",
    "T107": "Personen er ikke registrert som feberfri i 24 timer. Spør, og skriv det i samtalen først.",
    "T108": "Overføringen er alt besvart.",
    "T109": "Det venter alt en overføring av denne saken. Trekk den først.",
    "T110": "Raden «{0}» kan ikke leses: {1}",
    "T111": "Listen har {0} rader. Legg inn høyst {1} om gangen: del listen i flere. Ingen rader er lagret.",
    "T112": "Vi fant ingen rader i listen. Lim inn rader fra Excel, eller velg en CSV-fil.",
    "T120": "Velg minst én person som skal bli nærkontakt.",
    "T121": "Indeksen er ikke registrert til stede her. Legg til indeksen først.",
    "T122": "Fant ingen sak med nummer {0} i kommunen. Se etter skrivefeil, eller velg fra listen.",
    "T123": "Velg hvem eller hva som smittet personen.",
    "T124": "En person kan ikke være kilden til sin egen smitte.",
    # tracker: DHIS2's own codes
    "E1000": "You may not capture data in organisation unit {0}.",
    "E1001": "You may not write data of tracked entity type {0}.",
    "E1002": "Tracked entity {0} exists already.",
    "E1003": "You may not change tracked entity {0}.",
    "E1005": "Tracked entity type {0} was not found.",
    "E1006": "Attribute {0} was not found.",
    "E1007": "The value of attribute {1} is not of type {0}.",
    "E1008": "Program stage {0} has no program.",
    "E1010": "Program {0} was not found.",
    "E1011": "Organisation unit {0} was not found.",
    "E1012": "Geometry of type {0} does not fit feature type {1}.",
    "E1013": "Program stage {0} was not found.",
    "E1014": "Program {0} is without registration: nobody can be enrolled in it.",
    "E1015": "Tracked entity {0} already has an active enrollment in program {1}.",
    "E1016": "Tracked entity {0} can be enrolled in program {1} only once.",
    "E1018": "Attribute {0} is mandatory in program {1} and missing.",
    "E1019": "Attribute {0} does not belong to the program.",
    "E1020": "Enrollment date {0} cannot be in the future.",
    "E1021": "Incident date {0} cannot be in the future.",
    "E1022": "Tracked entity {0} is of another type than program {1} takes.",
    "E1023": "The incident date is missing.",
    "E1025": "The enrollment date is missing.",
    "E1029": "Organisation unit {0} is not assigned to program {1}.",
    "E1030": "Event {0} exists already.",
    "E1031": "Event {0} has no date of occurrence.",
    "E1032": "Event {0} was not found.",
    "E1033": "Event {0} names no enrollment.",
    "E1039": "Program stage {0} is not repeatable and already has an event.",
    "E1041": "Organisation unit {0} is not assigned to program {1}.",
    "E1043": "Event {0} was completed too long ago to be changed.",
    "E1046": "Event {0} has neither a date of occurrence nor a scheduled date.",
    "E1048": "{0} is not a valid identifier.",
    "E1049": "Organisation unit {0} was not found.",
    "E1050": "Event {0} has no scheduled date.",
    "E1051": "Event {0} has a completion date but is not completed.",
    "E1052": "Enrollment {0} has a completion date but is active.",
    "E1054": "Attribute option combination {0} is not in category combination {1}.",
    "E1055": "Program {0} needs an attribute option combination of its own.",
    "E1063": "Tracked entity {0} was not found.",
    "E1064": "The value of attribute {0} is already held by another tracked entity.",
    "E1068": "Tracked entity {0} was not found.",
    "E1069": "Program {0} was not found.",
    "E1070": "Organisation unit {0} was not found.",
    "E1075": "An attribute value names no attribute.",
    "E1076": "The mandatory {0} {1} cannot be empty.",
    "E1077": "The value of attribute {0} is longer than {1} signs.",
    "E1079": "Event {0} is in program {1}, its enrollment {2} is not.",
    "E1080": "Enrollment {0} exists already.",
    "E1081": "Enrollment {0} was not found.",
    "E1082": "Event {0} is deleted and cannot be changed.",
    "E1083": "You may not reopen the completed event {0}.",
    "E1089": "Program stage {0} does not belong to program {1}.",
    "E1090": "Attribute {0} is mandatory in tracked entity type {1} and missing.",
    "E1091": "You may not write data of program {0}.",
    "E1095": "You may not write data of program stage {0}.",
    "E1096": "You may not read data of program {0}.",
    "E1100": "Tracked entity {0} has enrollments, and you may not delete them with it.",
    "E1102": "{0} is owned outside your organisation units.",
    "E1103": "Enrollment {0} has events, and you may not delete them with it.",
    "E1104": "You may not read data of program {0} and tracked entity type {1}.",
    "E1113": "Enrollment {0} is deleted and cannot be changed.",
    "E1114": "Tracked entity {0} is deleted and cannot be changed.",
    "E1115": "Category option combination {0} was not found.",
    "E1116": "Category options {0} were not found.",
    "E1117": "Category options {1} make no combination of category combo {0}.",
    "E1118": "Assigned user {0} was not found.",
    "E1119": "Note {0} exists already and is left as it is.",
    "E1120": "Program stage {0} does not assign users; the assigned user is left out.",
    "E1121": "A tracked entity needs {0}.",
    "E1122": "An enrollment needs {0}.",
    "E1123": "An event needs {0}.",
    "E1124": "A relationship needs {0}.",
    "E1125": "The value of {0} is not one of its options.",
    "E1126": "{0} of a tracked entity cannot be changed.",
    "E1127": "{0} of an enrollment cannot be changed.",
    "E1128": "{0} of an event cannot be changed.",
    "E1300": "{0}",
    "E1301": "A program rule requires data element {0}.",
    "E1302": "The value of data element {0} is not of type {1}.",
    "E1303": "Data element {0} is mandatory and missing.",
    "E1304": "Data element {0} was not found.",
    "E1305": "Data element {0} does not belong to the program stage.",
    "E1306": "A program rule requires attribute {0}.",
    "E1307": "A program rule gives data element {0} another value than the one sent.",
    "E1308": "A program rule gave data element {0} its value.",
    "E1309": "A program rule gives attribute {0} another value than the one sent.",
    "E1310": "A program rule gave attribute {0} its value.",
    "E1315": "An event with status {0} cannot have data values.",
    "E1316": "An event cannot go from {0} to {1}.",
    "E4000": "Relationship {0} cannot link a record with itself.",
    "E4001": "Each end of relationship {0} must name exactly one record.",
    "E4006": "Relationship type {0} was not found.",
    "E4010": "This end of the relationship must be of kind {0}, not {1}.",
    "E4012": "{0} {1}, at an end of the relationship, was not found.",
    "E4014": "{0}, at an end of the relationship, is not of {1}.",
    "E4015": "Relationship {0} exists already and is left as it is.",
    "E4016": "Relationship {0} was not found.",
    "E4017": "Relationship {0} is deleted and cannot be changed.",
    "E4018": "Relationship {0} repeats one that exists.",
    "E4020": "You may not write relationship {0}.",
    "E5000": "{0} {1} is not stored because {2} {3} is not.",
    # tracker: ours
    "T200": "«{0}» kan ikke være en dag som ikke har kommet ennå.",
    "T201": "«{0}» er før personen ble født. Rett datoen eller fødselsdatoen.",
    "T202": "Kontrollsifrene i «{0}» stemmer ikke. Se om nummeret er riktig skrevet.",
    "T203": "En annen lagret den samme personen samtidig. Prøv igjen.",
    "T204": "Overføringen er ikke lenger åpen.",
    "T205": "Personen følges opp av en annen kommune: {0}. Be om overføring eller deling.",
}
# fmt: on
