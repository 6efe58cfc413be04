"""The order of the day's work, with the reason beside each task.

Symptoms and positive answers first, then what is overdue, then today's calls; inside each group
the newest contact, vulnerable places and the nearest deadline. Plans nothing. Called through
follow_up.py by casebook.py and by the page *I dag*.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from smittesporing.tracing.days import OSLO, business_day, count, upper_first, words


class TaskKind(StrEnum):
    SYMPTOMS = "SYMPTOMS"  # a contact has reported symptoms
    POSITIVE = "POSITIVE"  # a positive answer has come
    NEW_CASE = "NEW_CASE"  # nobody has talked with this case yet
    CALL = "CALL"  # a planned call
    CAN_END = "CAN_END"  # an isolation may be ended
    ANSWERED = "ANSWERED"  # the person has answered on her own form
    ENDS_TOMORROW = "ENDS_TOMORROW"


@dataclass(frozen=True)
class Task:
    """One thing to do. `since` is when the symptoms, the answer or the form came."""

    uid: str
    kind: TaskKind
    due_on: date
    last_contact: date | None = None
    vulnerable_place: str = ""
    deadline: datetime | None = None
    since: datetime | None = None
    test_on: date | None = None
    attempts: int = 0
    attempted_at: datetime | None = None
    note: str = ""  # what the call is for, as planned


@dataclass(frozen=True)
class RankedTask:
    """A task in its place: the group's heading, the chip, and why, each in Norwegian."""

    task: Task
    place: int
    group: str
    chip: str
    reason: str


URGENT, OVERDUE, TODAY, TOMORROW, LATER = (
    "Symptomer og prøvesvar",
    "Forfalt",
    "Ring i dag",
    "Slutter i morgen",
    "Senere",
)
GROUPS = (URGENT, OVERDUE, TODAY, TOMORROW, LATER)
FIRST = (TaskKind.SYMPTOMS, TaskKind.POSITIVE, TaskKind.NEW_CASE)
CHIPS = {
    TaskKind.SYMPTOMS: "Ring nå",
    TaskKind.POSITIVE: "Prøvesvar",
    TaskKind.NEW_CASE: "Ny indeks",
    TaskKind.CALL: "Ring i dag",
    TaskKind.CAN_END: "Kan oppheves",
    TaskKind.ANSWERED: "Har svart",
    TaskKind.ENDS_TOMORROW: "Karantene",
}


def order(tasks: Iterable[Task], now: datetime) -> tuple[RankedTask, ...]:
    """The tasks in the order in which to do them, each with its group and reason.

    Order   group; inside it symptoms, positive answers and new cases; newest last contact;
            vulnerable places; nearest deadline; then the uid, so that the order is stable.
    """
    today = business_day(now)
    ranked = sorted(tasks, key=lambda task: _key(task, today))
    return tuple(
        RankedTask(task, place, _group(task, today), _chip(task, today), _reason(task, today))
        for place, task in enumerate(ranked, start=1)
    )


def _group(task: Task, today: date) -> str:
    if task.kind in FIRST and task.due_on <= today:
        return URGENT
    if task.kind is TaskKind.ENDS_TOMORROW:
        return TOMORROW
    if task.due_on < today and task.kind is TaskKind.CALL:
        return OVERDUE
    return TODAY if task.due_on <= today else LATER


def _key(task: Task, today: date) -> tuple[int, int, int, bool, float, str]:
    newest = -task.last_contact.toordinal() if task.last_contact is not None else 0
    deadline = task.deadline.timestamp() if task.deadline is not None else float("inf")
    kind = FIRST.index(task.kind) if task.kind in FIRST else len(FIRST)
    group = GROUPS.index(_group(task, today))
    return group, kind, newest, not task.vulnerable_place, deadline, task.uid


def _chip(task: Task, today: date) -> str:
    return OVERDUE if _group(task, today) == OVERDUE else CHIPS[task.kind]


def _reason(task: Task, today: date) -> str:
    parts = [_main(task, today)]
    if task.vulnerable_place:
        parts.append(f"Sårbart sted: {task.vulnerable_place}.")
    if task.attempts:
        last = f", sist kl. {_clock(task.attempted_at)}" if task.attempted_at else ""
        calls = upper_first(count(task.attempts)) if task.attempts > 1 else "Ett"
        parts.append(f"{calls} anrop uten svar{last}.")
    if task.deadline is not None:
        parts.append(f"Gjelder før kl. {_clock(task.deadline)}.")
    return " ".join(part for part in parts if part)


def _main(task: Task, today: date) -> str:
    when = f" {_when(task.since, today)}" if task.since is not None else ""
    if task.kind is TaskKind.SYMPTOMS:
        return f"Meldte symptomer{when}."
    if task.kind is TaskKind.POSITIVE:
        taken = f", tatt {words(task.test_on)}" if task.test_on is not None else ""
        return f"Positiv prøve{taken}. Blir indeks når du bekrefter."
    if task.kind is TaskKind.NEW_CASE:
        return "Ikke ringt."
    if task.kind is TaskKind.CAN_END:
        return f"Tidligste dag var {_day(task.due_on, today)}. Bekreft 24 timer uten feber."
    if task.kind is TaskKind.ANSWERED:
        return f"Har svart på eget skjema{when}."
    if task.kind is TaskKind.ENDS_TOMORROW:
        return f"Siste dag er {words(today + timedelta(days=1))}."
    if task.due_on < today:
        return f"Skulle vært ringt {_day(task.due_on, today)}. {task.note}".strip()
    return task.note or "Planlagt samtale."


def _day(day: date, today: date) -> str:
    names = {0: "i dag", 1: "i går"}
    return names.get((today - day).days, words(day))


def _when(at: datetime, today: date) -> str:
    day = business_day(at)
    return f"kl. {_clock(at)}" if day == today else f"{_day(day, today)} kl. {_clock(at)}"


def _clock(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(OSLO).strftime("%H.%M")
