"""The people whom the demo, the tour and the tests speak of by name of their situation.

Each situation of a tracer's day is there once, with its key in `ledger.named`. Days count from the
first day of the exercise. Called by build.py before chance has its say.
"""

from dataclasses import replace

from examples.outbreak.people import Population, Someone, guardian
from examples.outbreak.records import Case, Ledger, Place
from examples.outbreak.spread import Spread

TROMSO, BALSFJORD, ASKER = "5501", "5532", "3203"


def tell(ledger: Ledger, people: Population, spreads: dict[str, Spread]) -> None:
    """Everything with a name, before the infection spreads on by chance."""
    birthday(ledger, people, spreads[TROMSO])
    nursing_home(ledger, people, spreads[TROMSO])
    school_class(ledger, people, spreads[TROMSO])
    workplace(ledger, people, spreads[BALSFJORD])
    concert(ledger, people, spreads[ASKER])
    two_indexes(ledger, people, spreads[TROMSO])
    protected(ledger, people)
    moving(ledger, people, spreads[TROMSO])
    uncertain(ledger, people)


def _case(
    ledger: Ledger, who: Someone, tested: int, onset: int | None, by: str, **answers: str
) -> Case:
    told = {f"ST_{name}": value for name, value in answers.items()}
    return ledger.case(who, tested=tested, onset=onset, answers=told, by=by)


def _remember(ledger: Ledger, key: str, who: Someone) -> None:
    ledger.named[key] = ledger.person(who)["trackedEntity"]


def _infected_at(
    ledger: Ledger, spread: Spread, case: Case, origin: Case | Place, setting: str, certainty: str
) -> None:
    spread.infected.add(case.person.key)
    ledger.source(case, origin, setting, certainty, "Smittesporeren")
    spread.meet(case, case_tracer(spread, case))


def case_tracer(spread: Spread, case: Case) -> str:
    return spread.tracers[case.day % len(spread.tracers)]


def birthday(ledger: Ledger, people: Population, spread: Spread) -> None:
    """A party where one guest infected most of the others: the superspreading event."""
    party = ledger.place(
        "birthday", TROMSO,
        NAME="Bursdag på Nordbyen grendehus", NATURE="EVENT", KIND="PRIVATE",
        ADDRESS="Fjellheimvegen 2, 9016 Tromsø", START=ledger.date(-12), END=ledger.date(-12),
        UNIDENTIFIED="3",
    )  # fmt: skip
    guests = [people.household(TROMSO, (age,))[0] for age in (41, *range(24, 62, 2))]
    host = guests[0]
    for guest in guests[1:]:
        family = people.household(TROMSO, (39, 7), family=guest.family)
        spread.home(
            [guest, *(replace(w, street=guest.street, postal=guest.postal) for w in family)]
        )
    spread.home([host])
    spread.infected.add(host.key)
    first = _case(
        ledger, host, -9, -11, "sporer.tromso",
        KNOWN_CONTACT="NO", EXPOSURE_SETTING="RESTAURANT", INFECTED_WHERE_KIND="KOMMUNE",
        INFECTED_KOMMUNE="0301", VARIANT="OMICRON" if spread.modern else "NONE",
    )  # fmt: skip
    ledger.source(first, None, "", "", "")
    _remember(ledger, "superspreader", host)
    for order, guest in enumerate(guests):
        role = "VISITOR" if order else "ORGANISER"
        ledger.present(party, guest, ledger.at(-12, "18:00"), ledger.at(-12, "23:30"), role)
    for order, guest in enumerate(guests[1:], start=1):
        values = {"ST_DISTANCE_M": "1", "ST_MINUTES": "180", "ST_INDOORS": "true"}
        values |= {"ST_WHO_TELLS": "ORGANISER", "ST_CONTACT_SETTING": "Bursdag"}
        values["ST_TOLD_AT"] = ledger.at(-8, "18:00")
        contact = ledger.contact(
            guest, first, relation="FRIEND", first=-12, last=-12, values=values, by="sporer.tromso"
        )
        spread.follow(contact, -8, "sporer.tromso")
        if order > 14:
            continue
        onset = -9 + order % 3
        case = _case(
            ledger, guest, onset + 1, onset, spread.tracers[order % 3],
            KNOWN_CONTACT="YES", EXPOSURE_SETTING="PRIVATE_EVENT", COMMON_SOURCE="true",
            COMMON_SOURCE_PLACE=party.name, WAS_IN_QUARANTINE="YES", TEST_REASON="TRACING",
        )  # fmt: skip
        ledger.test(contact.record, "ST_CONTACT_TEST", onset + 1, "POSITIVE", answered=onset + 2)
        ledger.close(contact.record, onset + 2)
        origin: Case | Place = first if order <= 10 else party
        certainty = "PROBABLE" if order <= 10 else "POSSIBLE"
        _infected_at(ledger, spread, case, origin, "PRIVATE_EVENT", certainty)
    _remember(ledger, "contact-and-case", guests[1])


def nursing_home(ledger: Ledger, people: Population, spread: Spread) -> None:
    """A ward: a nurse, colleagues and residents; one in hospital, one dead."""
    ward = ledger.place(
        "nursing-home", TROMSO,
        NAME="Havblikk omsorgssenter, avdeling 2", NATURE="PLACE", KIND="NURSING_HOME",
        ADDRESS="Havnesvingen 10, 9010 Tromsø", START=ledger.date(-20), UNIDENTIFIED="0",
        CONTACT_NAME="Avdelingsleder", CONTACT_PHONE="99998001",
    )  # fmt: skip
    job = {
        "ST_OCCUPATION": "HEALTH",
        "ST_WORKPLACE": ward.name,
        "ST_WORKPLACE_KIND": "NURSING_HOME",
    }
    staff = [
        replace(people.household(TROMSO, (age,))[0], attributes=job) for age in (29, 47, 55, 33)
    ]
    residents = [people.someone(TROMSO, age) for age in (83, 91, 88, 86, 94, 79, 90)]
    for who in staff + residents:
        spread.home([who])
        role = "STAFF" if who in staff else "RESIDENT"
        ledger.present(ward, who, ledger.at(-18, "08:00"), ledger.at(-10, "16:00"), role)
    nurse = _case(
        ledger, staff[0], -14, -15, "sporer2.tromso", KNOWN_CONTACT="NO", EXPOSURE_SETTING="UNKNOWN"
    )
    spread.infected.add(staff[0].key)
    ledger.source(nurse, None, "", "", "")
    for order, who in enumerate((*residents[:4], staff[1])):
        onset = -12 + order
        case = _case(
            ledger, who, onset + 1, onset, "sporer2.tromso",
            KNOWN_CONTACT="YES", EXPOSURE_SETTING="HEALTH_INSTITUTION", COMMON_SOURCE="true",
            COMMON_SOURCE_PLACE=ward.name, UNDERLYING="true", UNDERLYING_KINDS="HEART,DIABETES",
        )  # fmt: skip
        spread.infected.add(who.key)
        ledger.source(case, nurse, "HEALTH_INSTITUTION", "PROBABLE", "Kommuneoverlegen")
        status = {1: "HOSPITAL", 2: "DEAD"}.get(order, "SYMPTOMS")
        told = {"ST_CALL_REASON": "DAILY", "ST_CALL_OUTCOME": "REACHED", "ST_HEALTH_STATUS": status}
        if status == "HOSPITAL":
            told["ST_HOSPITAL"] = "UNN Tromsø"
            _remember(ledger, "in-hospital", who)
        if status == "DEAD":
            told["ST_DEATH_DATE"] = ledger.date(-3)
            _remember(ledger, "dead", who)
        ledger.call(case.record, "ST_INDEX_FOLLOW_UP", -2, "sporer2.tromso", told)
    for who in (*residents[4:], *staff[2:]):
        values = {"ST_PROTECTED": "true" if who in staff else "false", "ST_WHO_TELLS": "EMPLOYER"}
        values |= {"ST_DISTANCE_M": "1", "ST_MINUTES": "30", "ST_INDOORS": "true"}
        ledger.contact(
            who,
            nurse,
            relation="PATIENT_CARE",
            first=-16,
            last=-13,
            values=values,
            by="sporer2.tromso",
        )


def school_class(ledger: Ledger, people: Population, spread: Spread) -> None:
    """Class 7B: one pupil came ill to school, three were infected, the class was told by the school."""
    room = ledger.place(
        "school-class", TROMSO,
        NAME="7B, Bjørkelia skole", NATURE="PLACE", KIND="SCHOOL_CLASS",
        ADDRESS="Bjørnefaret 1, 9020 Tromsdalen", START=ledger.date(-16),
        CONTACT_NAME="Rektor", CONTACT_PHONE="99998002",
    )  # fmt: skip
    pupils: list[Someone] = []
    for order in range(18):
        parent, child = people.household(TROMSO, (40 + order % 6, 12))
        at_school = {"ST_OCCUPATION": "PUPIL", "ST_WORKPLACE": room.name}
        child = replace(child, phone="", attributes=guardian(parent) | at_school)
        spread.home([parent, child])
        pupils.append(child)
        ledger.present(room, child, ledger.at(-9, "08:30"), ledger.at(-9, "14:00"), "PUPIL")
    first = _case(
        ledger, pupils[0], -7, -8, "sporer3.tromso",
        KNOWN_CONTACT="UNKNOWN", EXPOSURE_SETTING="ORGANISED_LEISURE",
    )  # fmt: skip
    spread.infected.add(pupils[0].key)
    ledger.source(first, None, "", "", "")
    _remember(ledger, "child-with-guardian", pupils[0])
    for order, pupil in enumerate(pupils[1:], start=1):
        values = {"ST_DISTANCE_M": "1.5", "ST_MINUTES": "240", "ST_INDOORS": "true"}
        values |= {"ST_PUPIL": "true", "ST_WHO_TELLS": "SCHOOL", "ST_CONTACT_SETTING": room.name}
        contact = ledger.contact(
            pupil,
            first,
            relation="CLASSMATE",
            first=-9,
            last=-9,
            values=values,
            by="sporer3.tromso",
        )
        if order <= 3:
            ledger.test(contact.record, "ST_CONTACT_TEST", -4, "POSITIVE", answered=-3)
            ledger.close(contact.record, -3)
            case = _case(
                ledger, pupil, -4, -5, "sporer3.tromso",
                KNOWN_CONTACT="YES", EXPOSURE_SETTING="SCHOOL", COMMON_SOURCE="true",
                COMMON_SOURCE_PLACE=room.name, WAS_IN_QUARANTINE="YES",
            )  # fmt: skip
            _infected_at(ledger, spread, case, first, "SCHOOL", "PROBABLE")


def workplace(ledger: Ledger, people: Population, spread: Spread) -> None:
    """A fish landing in Balsfjord: people with a passport, a D-number or a felles hjelpenummer."""
    plant = ledger.place(
        "workplace", BALSFJORD,
        NAME="Lomtinden fiskemottak", NATURE="PLACE", KIND="WORKPLACE",
        ADDRESS="Sagvegen 4, 9050 Storsteinnes", START=ledger.date(-13), UNIDENTIFIED="2",
        CONTACT_NAME="Skiftleder", CONTACT_PHONE="99998003",
    )  # fmt: skip
    job = {"ST_WORKPLACE": plant.name, "ST_WORKPLACE_KIND": "OTHER", "ST_OCCUPATION": "FOOD"}
    crew = [people.household(BALSFJORD, (age,))[0] for age in (36, 28, 33, 45, 51, 26, 39)]
    crew = [replace(who, attributes=job, doses=()) for who in crew]
    away = {"ST_OTHER_ID_KIND": "PASSPORT", "ST_LANGUAGE": "pl", "ST_BIRTH_COUNTRY": "PL"}
    passport = job | away | {"ST_OTHER_ID": "ZS0000017", "ST_OTHER_ID_COUNTRY": "PL"}
    crew[1] = replace(
        crew[1], given="Marek", family="Nowacki", sex="MALE", number=None, attributes=passport
    )
    crew[2] = replace(crew[2], given="Tomas", family="Petraitis", sex="MALE",
                      number=people.number(crew[2].born, "MALE", d_number=True),
                      attributes=job | {"ST_LANGUAGE": "lt", "ST_BIRTH_COUNTRY": "LT"})  # fmt: skip
    crew[3] = replace(crew[3], given="Ivana", family="Kolar", sex="FEMALE", number=None,
                      attributes=job | {"ST_HELP_NUMBER": "80000000179", "ST_LANGUAGE": "en"})  # fmt: skip
    for who in crew:
        spread.home([who])
        ledger.present(plant, who, ledger.at(-9, "07:00"), ledger.at(-9, "15:00"), "STAFF")
    first = _case(
        ledger, crew[0], -8, -9, "sporer.balsfjord", EXPOSURE_SETTING="UNKNOWN", KNOWN_CONTACT="NO"
    )
    spread.infected.add(crew[0].key)
    ledger.source(first, None, "", "", "")
    for order, who in enumerate(crew[1:5]):
        case = _case(
            ledger, who, -5 + order % 2, -6 + order % 2, "sporer.balsfjord",
            KNOWN_CONTACT="YES", EXPOSURE_SETTING="WORKPLACE", COMMON_SOURCE="true",
            COMMON_SOURCE_PLACE=plant.name, INTERPRETER="true" if order < 2 else "false",
        )  # fmt: skip
        _infected_at(ledger, spread, case, first, "WORKPLACE", "PROBABLE")
    _remember(ledger, "without-number", crew[1])
    _remember(ledger, "d-number", crew[2])
    for who in crew[5:]:
        values = {"ST_DISTANCE_M": "1", "ST_MINUTES": "60", "ST_INDOORS": "true"}
        ledger.contact(
            who,
            first,
            relation="COLLEAGUE",
            first=-10,
            last=-9,
            values=values,
            by="sporer.balsfjord",
        )


def concert(ledger: Ledger, people: Population, spread: Spread) -> None:
    """A concert in Asker whose source is the event, not a known person."""
    hall = ledger.place(
        "concert", ASKER,
        NAME="Vinterkonsert i Løkkesalen", NATURE="EVENT", KIND="CONCERT",
        ADDRESS="Løkkeveien 20, 1384 Asker", START=ledger.date(-10), END=ledger.date(-10),
        UNIDENTIFIED="40",
    )  # fmt: skip
    for order in range(9):
        home = people.household(ASKER, (30 + 4 * order, 28 + 4 * order))
        spread.home(home)
        ledger.present(hall, home[0], ledger.at(-10, "19:00"), ledger.at(-10, "22:00"), "VISITOR")
        if order < 6:
            case = _case(
                ledger, home[0], -6 + order % 3, -7 + order % 3, spread.tracers[order % 2],
                KNOWN_CONTACT="NO", EXPOSURE_SETTING="PUBLIC_EVENT", COMMON_SOURCE="true",
                COMMON_SOURCE_PLACE=hall.name,
            )  # fmt: skip
            _infected_at(ledger, spread, case, hall, "PUBLIC_EVENT", "PROBABLE")


def two_indexes(ledger: Ledger, people: Population, spread: Spread) -> None:
    """A contact exposed by two cases, and a household whose quarantine lives through 26 January."""
    mother, father, sister, child = people.household(TROMSO, (43, 44, 20, 14))
    spread.home([mother, father, sister, child])
    spread.infected |= {mother.key, father.key, sister.key, child.key}
    one = _case(ledger, mother, -3, -4, "sporer.tromso", KNOWN_CONTACT="NO", EXPOSURE_SETTING="WORKPLACE",
                LIVES_WITH_OTHERS="true", CAN_KEEP_DISTANCE="true")  # fmt: skip
    two = _case(ledger, father, -2, -3, "sporer.tromso", KNOWN_CONTACT="YES", EXPOSURE_SETTING="HOUSEHOLD",
                LIVES_WITH_OTHERS="true", CAN_KEEP_DISTANCE="true")  # fmt: skip
    ledger.source(one, None, "", "", "")
    ledger.source(two, one, "HOUSEHOLD", "CERTAIN", "Den smittede")
    for who in (sister, child):
        for case, last in ((one, -3), (two, -1)):
            values = {"ST_CAN_KEEP_DISTANCE": "true", "ST_WHO_TELLS": "KOMMUNE"}
            contact = ledger.contact(
                who,
                case,
                relation="HOUSEHOLD",
                first=last - 2,
                last=last,
                values=values,
                by="sporer.tromso",
            )
        spread.follow(contact, -1, "sporer.tromso")
    _remember(ledger, "two-indexes", sister)
    _remember(ledger, "lives-through-the-change", child)
    alone, flatmate = people.household(TROMSO, (24, 25))
    spread.home([alone, flatmate])
    spread.infected |= {alone.key, flatmate.key}
    case = _case(ledger, alone, -2, -2, "sporer2.tromso", KNOWN_CONTACT="UNKNOWN", EXPOSURE_SETTING="UNKNOWN",
                 LIVES_WITH_OTHERS="true", CAN_KEEP_DISTANCE="false")  # fmt: skip
    ledger.contact(
        flatmate, case, relation="HOUSEHOLD", first=-4, last=0,
        values={"ST_CONTACT_ONGOING": "true", "ST_LAST_CONTACT": "", "ST_CAN_KEEP_DISTANCE": "false"},
    )  # fmt: skip
    _remember(ledger, "contact-goes-on", flatmate)


def protected(ledger: Ledger, people: Population) -> None:
    """A mother and her child whose address nobody may know: nothing of it is stored."""
    hidden = {"ST_PROTECTION": "STRICT", "ST_RESIDENCE": "", "ST_PHONE": ""}
    members = people.household(TROMSO, (35, 8), family="Lund")
    mother, child = (replace(who, attributes=hidden, street="", postal="") for who in members)
    case = _case(
        ledger, mother, -3, -4, "leder.tromso", KNOWN_CONTACT="UNKNOWN", EXPOSURE_SETTING="UNKNOWN"
    )
    ledger.contact(child, case, relation="HOUSEHOLD", first=-5, last=-3, by="leder.tromso")
    _remember(ledger, "protected-address", mother)


def moving(ledger: Ledger, people: Population, spread: Spread) -> None:
    """A pending transfer to Asker, and a student registered at a number that is no longer in use."""
    guest = replace(people.someone(ASKER, 23), street="Solsvingen 3", postal="1383 Asker")
    case = ledger.case(
        guest, tested=-2, onset=-3, kommune=TROMSO, by="sporer3.tromso",
        answers={"ST_KNOWN_CONTACT": "NO", "ST_EXPOSURE_SETTING": "UNIVERSITY"},
    )  # fmt: skip
    reason = "Personen har reist hjem til Asker og er i isolasjon der."
    ledger.transfer(case, ASKER, reason)
    _remember(ledger, "pending-transfer", guest)
    student = replace(people.someone(TROMSO, 21), kommune="5402")
    ledger.case(
        student, tested=-6, onset=-7, kommune=TROMSO, by="sporer3.tromso",
        answers={"ST_KNOWN_CONTACT": "NO", "ST_EXPOSURE_SETTING": "UNIVERSITY"},
    )  # fmt: skip
    _remember(ledger, "former-number", student)


def uncertain(ledger: Ledger, people: Population) -> None:
    """A suspected case that waits for its answer, and one ruled out whose contact is free again."""
    waiting, partner = people.household(TROMSO, (30, 31))
    case = _case(ledger, waiting, 0, -1, "", CASE_STATUS="SUSPECTED", KNOWN_CONTACT="UNKNOWN")
    ledger.contact(partner, case, relation="PARTNER", first=-2, last=0)
    _remember(ledger, "suspected", waiting)
    cleared, friend = people.someone(TROMSO, 58), people.someone(TROMSO, 57)
    case = _case(ledger, cleared, -2, -3, "", CASE_STATUS="RULED_OUT", KNOWN_CONTACT="NO")
    ledger.contact(friend, case, relation="FRIEND", first=-3, last=-3,
                   values={"ST_DISTANCE_M": "1", "ST_MINUTES": "60"})  # fmt: skip
    _remember(ledger, "ruled-out", cleared)
