"""docs/rules.md: every rule in the order it took effect, for people who read rather than run.

Written from the rule files, never by hand: `python -m smittesporing.tracing.rules_page` writes it,
and a test fails when it is behind. The page of rules in the service is the web room's own.
"""

from __future__ import annotations

from pathlib import Path

from smittesporing.tracing import rulebook
from smittesporing.tracing.days import moment
from smittesporing.tracing.people import Certainty
from smittesporing.tracing.rule import Rule, Rulebook

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
HEAD = """# The rules in force, line by line

Written by `python -m smittesporing.tracing.rules_page` from `smittesporing/tracing/rules/*.toml`; do
not edit. Each rule holds until the next of its line. "Usikker dato" marks those whose day or content
is approximate or background; what the sources disagree about stands in `docs/decisions/`."""


def markdown(book: Rulebook, disease: str = "COVID19") -> str:
    """The whole page as Markdown, one table per topic and line."""
    parts = [HEAD]
    topics = dict.fromkeys(rule.topic for rule in book.rules if rule.disease == disease)
    for topic in sorted(topics):
        rules = [r for r in rulebook.timeline(book, disease) if r.topic == topic]
        for line in sorted({r.line for r in rules}, key=lambda line: _rank(rules, line)):
            parts.append(f"\n## {topic}: {line}\n")
            parts.append("| Fra | Regel | Sikkerhet | Kilde |\n| --- | --- | --- | --- |")
            parts += [_row(rule) for rule in rules if rule.line == line]
    return "\n".join(parts) + "\n"


def _rank(rules: list[Rule], line: str) -> tuple[int, str]:
    return next(rule.rank for rule in rules if rule.line == line), line


def _row(rule: Rule) -> str:
    text = " ".join(part for part in (f"**{rule.title}.**", rule.sentence, rule.note) if part)
    force = "plikt" if rule.force == "duty" else "råd"
    sure = "kilde" if rule.certainty is Certainty.SOURCED else "usikker dato"
    kept = "" if rule.ongoing else "; ikke for løpende tiltak"
    source = f"[{rule.citation.title}]({rule.citation.url})"
    return f"| {moment(rule.from_)} | {text} | {force}{kept}, {sure} | {source} |"


if __name__ == "__main__":
    PAGE.write_text(markdown(rulebook.load()), encoding="utf-8")
