"""What awaits the shift on the first day: overdue calls, symptoms reported, positive answers.

The other calls of the day are planned by the casebook from the measures. Called by build.py last.
"""

from examples.outbreak.records import Ledger
from examples.outbreak.spread import Spread


def today(ledger: Ledger, spreads: dict[str, Spread]) -> None:
    """Give each kommune's open contacts and cases the news and the calls of the morning."""
    for kommune, spread in spreads.items():
        open_contacts = [
            contact
            for contact in ledger.contacts.values()
            if contact.kommune == kommune
            and contact.record["status"] == "ACTIVE"
            and contact.last + 10 >= 0
            and contact.person.key not in ledger.cases
        ]
        stage = "ST_CONTACT_FOLLOW_UP"
        for order, contact in enumerate(open_contacts):
            by = spread.tracers[order % len(spread.tracers)] if order % 3 else ""
            if order % 10 == 1:
                ledger.due(contact.record, stage, -1 - order % 2, "DAILY", by)
            elif order in (2, 14):
                told = {"ST_CALL_REASON": "DAILY", "ST_CALL_OUTCOME": "REACHED"}
                told |= {"ST_HEALTH_STATUS": "SYMPTOMS", "ST_ONSET_DATE": ledger.date(0)}
                ledger.call(contact.record, stage, 0, spread.tracers[0], told, "00:05")
                ledger.due(contact.record, stage, 0, "SYMPTOMS", by)
                ledger.named.setdefault(
                    "symptoms-today", ledger.person(contact.person)["trackedEntity"]
                )
            elif order in (5, 12, 25):
                ledger.test(contact.record, "ST_CONTACT_TEST", -1, "POSITIVE", answered=0)
                ledger.named.setdefault(
                    "positive-today", ledger.person(contact.person)["trackedEntity"]
                )
            elif order in (7, 22):
                ledger.test(contact.record, "ST_CONTACT_TEST", 0, "PENDING")
            elif order % 10 == 8:
                told = {"ST_CALL_REASON": "DAILY", "ST_CALL_OUTCOME": "NO_ANSWER"}
                ledger.call(contact.record, stage, -1, spread.tracers[0], told)
        active = [
            case
            for case in ledger.cases.values()
            if case.kommune == kommune and case.record["status"] == "ACTIVE" and case.day >= -9
        ]
        for order, case in enumerate(active):
            by = spread.tracers[order % len(spread.tracers)]
            if order % 5 == 0:
                ledger.due(case.record, "ST_INDEX_FOLLOW_UP", -1, "DAILY", by)
