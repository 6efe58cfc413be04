"""A measure living through changes of the rules.

Starts under the rules of day 0 and meets every later change: one that reaches running measures
takes over, one that does not leaves them, and what had ended keeps the rule it ended under.
Knows neither contacts nor cases. Called by measures.py and isolation.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from smittesporing.tracing.days import business_day, midnight, moment, words
from smittesporing.tracing.people import MeasureKind, Proposal
from smittesporing.tracing.rule import Rule

QUARANTINES = (MeasureKind.INFECTION_QUARANTINE, MeasureKind.WAITING_QUARANTINE)
NAMES = {
    MeasureKind.ISOLATION: "Isolasjonen",
    MeasureKind.INFECTION_QUARANTINE: "Karantenen",
    MeasureKind.WAITING_QUARANTINE: "Ventekarantenen",
}


@dataclass(frozen=True)
class State:
    """The measures of one person under one rule."""

    rule: Rule
    proposals: tuple[Proposal, ...]


Decide = Callable[[datetime], State | None]


def live_through(
    decide: Decide, start: datetime, changes: Iterable[datetime]
) -> tuple[Proposal, ...]:
    """What stands after all changes: the running measures, and those that a change ended."""
    state = decide(start)
    ended: tuple[Proposal, ...] = ()
    for change in changes:
        if state is not None and not is_running(state, change):
            break
        new = decide(change)
        if state is None:
            state = new
            continue
        if new is None:
            ended += _lifted(state, (), change, state.rule)
            state = None
            break
        if new.rule.id == state.rule.id or not new.rule.ongoing:
            continue
        ended += _lifted(state, new.proposals, change, new.rule)
        state = State(new.rule, _reached(state, new, change))
    standing = state.proposals if state is not None else ()
    kept = {(p.kind, p.scope) for p in standing}
    return standing + tuple(p for p in ended if (p.kind, p.scope) not in kept)


def is_running(state: State, at: datetime) -> bool:
    """Whether the measure still runs: its quarantine or isolation, else tests and watching."""
    held = [p for p in state.proposals if p.kind in NAMES]
    return any(runs(p, at) for p in held or state.proposals)


def runs(proposal: Proposal, at: datetime) -> bool:
    """Whether this one measure holds at that moment; a day alone counts from 00:00."""
    if proposal.ended_on is not None:
        return at <= midnight(proposal.ended_on)
    if proposal.kind is MeasureKind.ISOLATION or proposal.open_end:
        return True
    if proposal.earliest_end is None:
        return False
    return at < midnight(proposal.earliest_end + timedelta(days=1))


def last_day_before(change: datetime) -> date:
    """The last day that was wholly or partly under the old rule."""
    return business_day(change - timedelta(microseconds=1))


def _lifted(
    state: State, new: tuple[Proposal, ...], change: datetime, rule: Rule
) -> tuple[Proposal, ...]:
    """The quarantines that ran and that the new rule no longer asks for, as ended."""
    asked = {(p.kind, p.scope) for p in new}
    day = last_day_before(change)
    return tuple(
        replace(
            old,
            earliest_end=day,
            ended_on=day,
            open_end=False,
            test_out=None,
            test_days=(),
            rule=rule.id,
            citation=rule.citation,
            certainty=rule.certainty,
            sentence=f"{NAMES[old.kind]} ble opphevet {moment(change)}.",
            detail="",
            why=(*old.why, f"Regelen endret seg {moment(change)}: {rule.sentence}"),
            changed_at=change,
        )
        for old in state.proposals
        if old.kind in QUARANTINES and (old.kind, old.scope) not in asked and runs(old, change)
    )


def _reached(state: State, new: State, change: datetime) -> tuple[Proposal, ...]:
    olds = {(p.kind, p.scope): p for p in state.proposals}
    done: list[Proposal] = []
    for proposal in new.proposals:
        old = olds.get((proposal.kind, proposal.scope))
        reached = _reach_one(proposal, old, change)
        if reached is not None:
            done.append(reached)
    return tuple(done)


def _reach_one(proposal: Proposal, old: Proposal | None, change: datetime) -> Proposal | None:
    """The new rule's measure on somebody already under the old: never before the change."""
    day = last_day_before(change)
    why: tuple[str, ...] = (
        f"Regelen endret seg {moment(change)} og gjelder også dem som alt har tiltak.",
    )
    if old is not None and old.sentence != proposal.sentence:
        why += (f"Før endringen: {old.sentence}",)
    reached = replace(proposal, changed_at=change, why=proposal.why + why)
    if proposal.kind in (MeasureKind.ADVICE_TO_TEST, MeasureKind.DUTY_TO_TEST):
        ahead = tuple(
            d for d in proposal.test_days if midnight(d) >= midnight(business_day(change))
        )
        return None if proposal.test_days and not ahead else replace(reached, test_days=ahead)
    if proposal.ended_on is not None and midnight(proposal.ended_on) < change:
        reached = replace(reached, ended_on=business_day(change))
    end = proposal.earliest_end
    if end is None or proposal.kind not in NAMES or end >= day:
        return reached
    earlier = old.earliest_end if old is not None and old.earliest_end is not None else day
    end = max(end, min(earlier, day))
    if proposal.kind is MeasureKind.ISOLATION:
        sentence = proposal.sentence
        if end == day:
            sentence = f"Isolasjonen kan oppheves fra regelen endret seg {moment(change)}."
        return replace(reached, earliest_end=end, sentence=sentence)
    return replace(
        reached,
        earliest_end=end,
        ended_on=end,
        sentence=f"{NAMES[proposal.kind]} var over {words(end)}, da regelen endret seg.",
        detail="",
    )
