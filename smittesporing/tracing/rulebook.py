"""The dated rules: which one is in force, when, where and for which disease.

A rule belongs to a line (for example quarantine / household); the next rule of the line ends it.
Lines of a topic are asked in the order of their rank. Reading and checking the TOML files is
rule_files.py's work; what a rule means for a person is measures.py's. Called by every judging
file of the room and by the page that shows the rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from pathlib import Path

from smittesporing.tracing.people import Jurisdiction
from smittesporing.tracing.rule import Rule, Rulebook
from smittesporing.tracing.rule_files import checked, read, read_file

__all__ = [
    "NO_RULE",
    "Rule",
    "Rulebook",
    "by_id",
    "changes",
    "in_force",
    "load",
    "the_rule",
    "timeline",
    "with_local",
]

NO_RULE = "Ingen regel i kraft."
SHIPPED = Path(__file__).parent / "rules"


@cache
def load() -> Rulebook:
    """The rules shipped with the service, checked. Raises RuleFileError naming file and rule."""
    return read(sorted(SHIPPED.glob("*.toml")))


def in_force(
    book: Rulebook, topic: str, at: datetime, disease: str, where: Jurisdiction
) -> tuple[Rule, ...]:
    """The rules of the topic that hold at that moment, the first to be asked first.

    Local   A kommune's own rule replaces the national rule of the same line while it lasts.
    None    Empty for a disease without a rulebook, and before the first rule: "ingen regel i kraft".
    """
    holding = [
        rule
        for rule in book.rules
        if rule.topic == topic
        and rule.disease == disease
        and rule.jurisdiction in ("NO", where.kommune)
        and rule.from_ <= at
        and (rule.until is None or at < rule.until)
    ]
    local = {rule.line for rule in holding if rule.jurisdiction != "NO"}
    chosen = [rule for rule in holding if rule.jurisdiction != "NO" or rule.line not in local]
    return tuple(sorted((rule for rule in chosen if not rule.ends), key=lambda rule: rule.rank))


def the_rule(
    book: Rulebook, topic: str, line: str, at: datetime, disease: str, where: Jurisdiction
) -> Rule | None:
    """The one rule of that line in force then and there, or None."""
    for rule in in_force(book, topic, at, disease, where):
        if rule.line == line:
            return rule
    return None


def changes(
    book: Rulebook,
    topic: str,
    after: datetime,
    until: datetime,
    disease: str,
    where: Jurisdiction,
) -> tuple[datetime, ...]:
    """The moments after `after`, `until` included, at which a rule of the topic starts or stops."""
    moments = {
        moment
        for rule in book.rules
        if rule.topic == topic
        and rule.disease == disease
        and rule.jurisdiction in ("NO", where.kommune)
        for moment in (rule.from_, rule.until)
        if moment is not None and after < moment <= until
    }
    return tuple(sorted(moments))


def timeline(book: Rulebook, disease: str) -> tuple[Rule, ...]:
    """Every rule of the disease in the order they took effect, for the page of rules."""
    return tuple(
        sorted(
            (rule for rule in book.rules if rule.disease == disease),
            key=lambda rule: (rule.from_, rule.topic, rule.rank, rule.jurisdiction),
        )
    )


def by_id(book: Rulebook, rule_id: str) -> Rule | None:
    """The rule a stored decision names; rules are never removed, so None means another version."""
    return next((rule for rule in book.rules if rule.id == rule_id), None)


def with_local(book: Rulebook, files: Iterable[Path]) -> Rulebook:
    """The book with a kommune's own rules added and checked together with the national ones."""
    local = tuple(rule for file in files for rule in read_file(file))
    return checked(book.rules + local)
