"""How the infection spread by chance: from introductions, through households, work, school and friends.

Seeded, so the same day gives the same outbreak. A model to make lists, curves and chains worth looking
at, not an estimate of anything. Called by build.py after story.py.
"""

import heapq
from dataclasses import dataclass, field
from itertools import count

from examples.outbreak.people import Population, Someone
from examples.outbreak.records import Case, Contact, Ledger

AGES = ((34,), (71,), (28, 27), (44, 42, 12, 9), (38, 36, 6, 3), (52, 50, 17), (63, 61), (22,))
AGES_MORE = ((47, 45, 15, 13, 8), (31, 30, 1), (26, 25, 24), (79, 76), (41, 14, 11))
SETTINGS = {
    "HOUSEHOLD": "HOUSEHOLD",
    "COLLEAGUE": "WORKPLACE",
    "CLASSMATE": "SCHOOL",
    "FRIEND": "PRIVATE_HOME",
    "TRAVEL": "TRAVEL",
    "OTHER": "RESTAURANT",
}
COUNTRIES = ("ES", "SE", "DK", "GB", "PL")


@dataclass(order=True)
class _Infection:
    day: int
    order: int
    who: Someone = field(compare=False)
    source: Case | None = field(compare=False)
    relation: str = field(compare=False)


@dataclass
class Spread:
    """One kommune's people and the way the infection goes among them."""

    ledger: Ledger
    people: Population
    kommune: str
    tracers: tuple[str, ...]
    modern: bool  # the winter of 2021–22: vaccines, self tests, the case tells others
    homes: dict[str, list[Someone]] = field(default_factory=dict)
    infected: set[str] = field(default_factory=set)
    queue: list[_Infection] = field(default_factory=list)
    numbers: "count[int]" = field(default_factory=count)

    def settle(self, households: int) -> None:
        """So many households, of the kinds found in any kommune."""
        kinds = AGES + AGES_MORE
        for index in range(households):
            self.home(self.people.household(self.kommune, kinds[index % len(kinds)]))

    def home(self, members: list[Someone]) -> None:
        for member in members:
            self.homes[member.key] = members

    def introduce(self, days: tuple[int, ...]) -> None:
        """The infection comes in from outside on these days, to somebody by chance."""
        adults = [who for who in self._everyone() if self._age(who) >= 18]
        for day, who in zip(days, self.people.chance.sample(adults, len(days)), strict=True):
            self.expose(who, day, None, "")

    def expose(self, who: Someone, day: int, source: Case | None, relation: str) -> None:
        """She is infected that day; what follows from it comes in `run`."""
        if who.key not in self.infected:
            self.infected.add(who.key)
            heapq.heappush(self.queue, _Infection(day, next(self.numbers), who, source, relation))

    def run(self, most: int) -> None:
        """Until the queue is empty or so many cases are found; nobody is found after today."""
        found = 0
        while self.queue and found < most:
            found += self._fall_ill(heapq.heappop(self.queue))

    def _fall_ill(self, infection: _Infection) -> bool:
        chance = self.people.chance
        waits = (2, 3, 3, 4) if self.modern else (3, 4, 5, 6, 7)
        onset: int | None = infection.day + chance.choice(waits)
        tested = (onset or 0) + chance.choice((0, 1, 1, 2))
        if chance.random() < 0.12:
            onset = None
        if tested > -1 or infection.who.key in self.ledger.cases:
            return False
        tracer = chance.choice(self.tracers)
        case = self._found(infection, onset, tested, tracer)
        self.meet(case, tracer)
        return True

    def _found(self, infection: _Infection, onset: int | None, tested: int, tracer: str) -> Case:
        chance, ledger, who = self.people.chance, self.ledger, infection.who
        before = ledger.contacts.get(who.key)
        known = before is not None and before.record["status"] == "ACTIVE"
        answers = {
            "ST_KNOWN_CONTACT": "YES" if infection.source else chance.choice(("NO", "UNKNOWN")),
            "ST_EXPOSURE_SETTING": SETTINGS.get(infection.relation, "UNKNOWN"),
            "ST_WAS_IN_QUARANTINE": "YES" if known else "NO",
            "ST_TEST_REASON": "TRACING" if known else "SYMPTOMS",
            "ST_VACCINATED": "true" if len(who.doses) > 1 else "false",
            "ST_LIVES_WITH_OTHERS": "true" if len(self.homes.get(who.key, ())) > 1 else "false",
        }
        if onset is not None:
            answers["ST_FIRST_SYMPTOM"] = chance.choice(
                ("SORE_THROAT", "COUGH", "FEVER", "HEADACHE")
            )
        if chance.random() < 0.15:
            answers |= {"ST_UNDERLYING": "true", "ST_UNDERLYING_KINDS": "ASTHMA"}
        country = chance.choice(COUNTRIES)
        abroad = infection.source is None and chance.random() < 0.3
        if abroad:
            answers |= {
                "ST_EXPOSURE_SETTING": "TRAVEL",
                "ST_INFECTED_WHERE_KIND": "COUNTRY",
                "ST_INFECTED_COUNTRY": country,
                "ST_TRAVEL_REASON": "TOURISM",
                "ST_RETURN_DATE": ledger.date(infection.day + 1),
            }
        elif infection.source is None:
            answers["ST_INFECTED_WHERE_KIND"] = "UNKNOWN"
            answers["ST_EXPOSURE_SETTING"] = chance.choice(("UNKNOWN", "UNKNOWN", "RESTAURANT"))
        case = ledger.case(
            who,
            tested=tested,
            onset=onset,
            kommune=self.kommune,
            answers=answers,
            kind="PCR" if not self.modern or chance.random() < 0.7 else "ANTIGEN_HEALTH",
            by=tracer if tested < -1 else "",
        )
        if known and before is not None:
            ledger.test(before.record, "ST_CONTACT_TEST", tested, "POSITIVE", answered=tested + 1)
            ledger.close(before.record, min(tested + 1, 0))
        if abroad:
            ledger.abroad(case, country)
        elif infection.source is not None:
            sure = "CERTAIN" if infection.relation == "HOUSEHOLD" else "PROBABLE"
            setting = SETTINGS.get(infection.relation, "OTHER")
            ledger.source(case, infection.source, setting, sure, "Den smittede")
        else:
            ledger.source(case, None, "", "", "")
        self._calls(case, tracer)
        return case

    def _calls(self, case: Case, tracer: str) -> None:
        chance, ledger = self.people.chance, self.ledger
        reported = min(case.tested + 1, 0)
        told = {"ST_CALL_REASON": "FIRST_CALL", "ST_CALL_OUTCOME": "REACHED"}
        status = "SYMPTOMS" if chance.random() < 0.7 else "NO_SYMPTOMS"
        told |= {"ST_HEALTH_STATUS": status, "ST_HAS_SUPPORT": "true"}
        ledger.call(case.record, "ST_INDEX_FOLLOW_UP", reported, tracer, told)
        later = case.day + 6
        if later < 0:
            told = {"ST_CALL_REASON": "LAST_DAY", "ST_CALL_OUTCOME": "REACHED"}
            told |= {"ST_HEALTH_STATUS": "RECOVERED", "ST_FEVER_FREE_SINCE": ledger.date(later - 2)}
            ledger.call(case.record, "ST_INDEX_FOLLOW_UP", later, tracer, told, "13:10")

    def meet(self, case: Case, tracer: str) -> None:
        """The people around a case become her contacts, and some of them are infected."""
        chance = self.people.chance
        first = case.day - 2
        for who in self.homes.get(case.person.key, ()):
            if who.key != case.person.key:
                self._meet_one(case, who, "HOUSEHOLD", first, case.tested, tracer, 0.38)
        for _ in range(chance.choice((0, 0, 1, 2) if self.modern else (1, 2, 3))):
            who = chance.choice(self._everyone())
            if who.key == case.person.key or who in self.homes.get(case.person.key, ()):
                continue
            relation = self._relation(case.person, who)
            last = chance.randint(max(first, case.tested - 3), case.tested)
            self._meet_one(case, who, relation, last, last, tracer, 0.3)

    def _relation(self, one: Someone, other: Someone) -> str:
        young = self._age(one) < 19 and self._age(other) < 19
        grown = self._age(one) >= 19 and self._age(other) >= 19
        kinds = ("CLASSMATE",) if young else ("COLLEAGUE", "FRIEND", "OTHER")
        return self.people.chance.choice(kinds if young or grown else ("FRIEND",))

    def _meet_one(
        self,
        case: Case,
        who: Someone,
        relation: str,
        first: int,
        last: int,
        tracer: str,
        risk: float,
    ) -> None:
        chance, ledger = self.people.chance, self.ledger
        ill = ledger.cases.get(who.key)
        if ill is not None and ill.day <= last + 1:
            return
        home = relation == "HOUSEHOLD"
        values = {"ST_WHO_TELLS": "KOMMUNE" if home or not self.modern else "CASE"}
        if home:
            values["ST_CAN_KEEP_DISTANCE"] = chance.choice(("true", "false"))
        else:
            values |= {
                "ST_DISTANCE_M": chance.choice(("0.5", "1", "1", "1.5", "3")),
                "ST_MINUTES": chance.choice(("10", "20", "30", "60", "120")),
                "ST_INDOORS": chance.choice(("true", "true", "false")),
                "ST_CONTACT_SETTING": {"COLLEAGUE": "Jobb", "CLASSMATE": "Skole"}.get(
                    relation, "Besøk"
                ),
            }
        if self._age(who) < 19:
            values["ST_PUPIL"] = "true"
        day = min(case.tested + 1, 0)
        if day < 0:
            values["ST_TOLD_AT"] = ledger.at(day, "14:00")
        contact = ledger.contact(
            who,
            case,
            relation=relation,
            first=first,
            last=last,
            values=values,
            kommune=self.kommune,
            by=tracer if day < 0 else "",
        )
        self.follow(contact, day, tracer)
        if chance.random() < risk:
            self.expose(
                who, chance.randint(max(first, case.day - 1), max(last, case.day)), case, relation
            )

    def follow(self, contact: Contact, day: int, tracer: str) -> None:
        """The first call, and a negative test a week later when that week has passed."""
        ledger = self.ledger
        if len(contact.exposures) > 1 or contact.record["status"] != "ACTIVE":
            return
        if day < 0:
            told = {"ST_CALL_REASON": "FIRST_CALL", "ST_CALL_OUTCOME": "REACHED"}
            told["ST_HEALTH_STATUS"] = "NO_SYMPTOMS"
            ledger.call(contact.record, "ST_CONTACT_FOLLOW_UP", day, tracer, told, "14:20")

    def _everyone(self) -> list[Someone]:
        return [who for home in {id(h): h for h in self.homes.values()}.values() for who in home]

    def _age(self, who: Someone) -> int:
        return (self.people.first_day - who.born).days // 365
