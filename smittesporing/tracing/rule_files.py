"""Rules read from TOML and checked: every block complete, no gap, no overlap.

A fault names the file and the rule, says what is wrong and what to do, and nothing is loaded:
a half rulebook would give wrong days. Does not choose between rules. Called by rulebook.py.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from smittesporing.tracing.days import OSLO, midnight, moment
from smittesporing.tracing.people import (
    Basis,
    Category,
    Certainty,
    Citation,
    MeasureKind,
    Scope,
    TestKind,
)
from smittesporing.tracing.rule import Rule, Rulebook, Template
from smittesporing.tracing.who import CONDITIONS

REQUIRED = ("id", "topic", "line", "from", "force", "certainty", "citation", "title", "sentence")
OPTIONAL = (
    "rank",
    "disease",
    "jurisdiction",
    "until",
    "ongoing",
    "ends",
    "who",
    "measure",
    "values",
    "exemption",
    "note",
)
BASIS = {"duty": Basis.REGULATION, "advice": Basis.ADVICE}
BASE_TOPICS = ("quarantine",)  # topics that must answer for every category


class RuleFileError(ValueError):
    """The rules cannot be used; the message lists every fault with its file and rule."""


def read(files: Iterable[Path]) -> Rulebook:
    """All rules of the files as one checked book."""
    return checked(tuple(rule for file in files for rule in read_file(file)))


def read_file(file: Path) -> tuple[Rule, ...]:
    """The rules of one file, each complete by itself; not yet checked against each other."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RuleFileError(f"{file.name}: not readable as TOML: {error}.") from error
    defaults: Mapping[str, Any] = content.get("defaults", {})
    rules: list[Rule] = []
    faults: list[str] = []
    for number, block in enumerate(content.get("rule", []), start=1):
        try:
            rules.append(_rule({**defaults, **block}, file.name))
        except (KeyError, TypeError, ValueError) as error:
            name = block.get("id", f"rule number {number}")
            faults.append(f"{file.name}, {name}: {error}")
    if faults:
        raise RuleFileError("\n".join(faults))
    return tuple(rules)


def checked(rules: tuple[Rule, ...]) -> Rulebook:
    """The book, or RuleFileError with every gap, overlap and double id."""
    faults = check(rules)
    if faults:
        raise RuleFileError("\n".join(faults))
    return Rulebook(_with_until(rules))


def check(rules: Sequence[Rule]) -> tuple[str, ...]:
    """Every fault between rules, each as one sentence that names file and rule."""
    faults: list[str] = []
    seen: dict[str, Rule] = {}
    for rule in rules:
        if rule.id in seen:
            faults.append(f"{rule.file}, {rule.id}: the id is used in {seen[rule.id].file} too.")
        seen[rule.id] = rule
    for line in _lines(rules).values():
        faults += _gaps_and_overlaps(line)
    faults += _ranks(rules)
    faults += _uncovered(_with_until(rules))
    faults += _weaker_local(_with_until(rules))
    return tuple(faults)


def _rule(block: Mapping[str, Any], file: str) -> Rule:
    for key in REQUIRED:
        if key not in block:
            raise ValueError(f"'{key}' is missing.")
    unknown = sorted(set(block) - set(REQUIRED) - set(OPTIONAL))
    if unknown:
        raise ValueError(f"unknown key '{unknown[0]}'.")
    if block["force"] not in BASIS:
        raise ValueError("'force' must be duty or advice.")
    citation = block["citation"]
    if not str(citation.get("url", "")).startswith("http") or not citation.get("title"):
        raise ValueError("'citation' needs a title and a url.")
    published = citation.get("published")
    if published is not None and type(published) is not date:
        raise ValueError("'published' must be a date.")
    from_ = _moment(block["from"])
    until = _moment(block["until"]) if "until" in block else None
    if until is not None and until <= from_:
        raise ValueError("'until' must be later than 'from'.")
    ends = bool(block.get("ends", False))
    measures = tuple(_template(item, block["force"]) for item in block.get("measure", ()))
    if ends and measures:
        raise ValueError("a rule that ends its line lays no measures on anybody.")
    return Rule(
        id=str(block["id"]),
        topic=str(block["topic"]),
        line=str(block["line"]),
        rank=int(block.get("rank", 50)),
        disease=str(block.get("disease", "COVID19")),
        jurisdiction=str(block.get("jurisdiction", "NO")),
        from_=from_,
        until=until,
        ongoing=bool(block.get("ongoing", True)),
        ends=ends,
        who=_who(block.get("who", {})),
        measures=measures,
        values=dict(block.get("values", {})),
        force=str(block["force"]),
        certainty=Certainty(block["certainty"]),
        citation=Citation(str(citation["title"]), str(citation["url"]), published),
        title=str(block["title"]),
        sentence=str(block["sentence"]),
        exemption=str(block.get("exemption", "")),
        note=str(block.get("note", "")),
        file=file,
    )


def _template(item: Mapping[str, Any], force: str) -> Template:
    known = set(Template.__dataclass_fields__) - {"basis"} | {"force"}
    unknown = sorted(set(item) - known)
    if unknown:
        raise ValueError(f"unknown key '{unknown[0]}' in a measure.")
    return Template(
        kind=MeasureKind(item["kind"]),
        basis=BASIS[item.get("force", force)],
        scope=Scope(item.get("scope", "ALL")),
        days=_days(item, "days"),
        at_least=_days(item, "at_least"),
        symptom_free_days=_days(item, "symptom_free_days"),
        fever_free_hours=_days(item, "fever_free_hours"),
        test_out_day=_days(item, "test_out_day"),
        test_out_kinds=tuple(TestKind(kind).value for kind in item.get("test_out_kinds", ())),
        until_negative=bool(item.get("until_negative", False)),
        test_at_once=bool(item.get("test_at_once", False)),
        test_days=tuple(int(day) for day in item.get("test_days", ())),
        daily_until_day=_days(item, "daily_until_day"),
        when=_who(item.get("when", {})),
    )


def _days(item: Mapping[str, Any], key: str) -> int | None:
    if key not in item:
        return None
    value = item[key]
    if type(value) is not int or not 0 <= value <= 60:
        raise ValueError(f"'{key}' must be a whole number from 0 to 60.")
    return value


def _who(who: Mapping[str, Any]) -> Mapping[str, Any]:
    for key in who:
        if key not in CONDITIONS:
            raise ValueError(f"unknown condition '{key}'.")
    return dict(who)


def _moment(value: Any) -> datetime:
    """A date counts from 00:00 in Norway; a time without zone is Norwegian time."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=OSLO) if value.tzinfo is None else value
    if isinstance(value, date):
        return midnight(value)
    raise ValueError("'from' and 'until' must be a date or a date with time.")


def _lines(rules: Iterable[Rule]) -> dict[tuple[str, str, str, str], list[Rule]]:
    lines: dict[tuple[str, str, str, str], list[Rule]] = defaultdict(list)
    for rule in sorted(rules, key=lambda rule: rule.from_):
        lines[rule.disease, rule.jurisdiction, rule.topic, rule.line].append(rule)
    return lines


def _with_until(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    done: list[Rule] = []
    for line in _lines(rules).values():
        for rule, follower in zip(line, [*line[1:], None], strict=True):
            end = rule.until or (follower.from_ if follower else None)
            done.append(replace(rule, until=end))
    return tuple(done)


def _gaps_and_overlaps(line: Sequence[Rule]) -> list[str]:
    faults: list[str] = []
    for rule, follower in pairwise(line):
        where = f"{follower.file}, {follower.id}"
        if rule.from_ == follower.from_ or (rule.until and rule.until > follower.from_):
            faults.append(f"{where}: overlaps {rule.id} at {moment(follower.from_)}.")
        elif rule.until and rule.until < follower.from_:
            faults.append(
                f"{where}: a gap, since {rule.id} stops at {moment(rule.until)}. "
                "Remove its 'until', or add a rule that ends the line."
            )
        if rule.ends and follower.ends:
            faults.append(f"{where}: the line has already ended with {rule.id}.")
    last = line[-1]
    if last.until is not None and last.jurisdiction == "NO":
        faults.append(
            f"{last.file}, {last.id}: a gap after {moment(last.until)}. "
            "Add a rule with ends = true instead of 'until'."
        )
    return faults


def _ranks(rules: Iterable[Rule]) -> list[str]:
    faults: list[str] = []
    rank_of: dict[tuple[str, str, str], int] = {}
    line_of: dict[tuple[str, str, int], str] = {}
    for rule in rules:
        rank = rank_of.setdefault((rule.disease, rule.topic, rule.line), rule.rank)
        if rank != rule.rank:
            faults.append(
                f"{rule.file}, {rule.id}: the line {rule.line} has rank {rank} elsewhere."
            )
        line = line_of.setdefault((rule.disease, rule.topic, rule.rank), rule.line)
        if line != rule.line:
            faults.append(f"{rule.file}, {rule.id}: overlaps line {line}, which has the same rank.")
    return faults


def _uncovered(rules: Sequence[Rule]) -> list[str]:
    """From a topic's first rule on, each category must have a rule that asks nothing more."""
    faults: list[str] = []
    for disease, topic in sorted({(r.disease, r.topic) for r in rules if r.topic in BASE_TOPICS}):
        national = [
            r
            for r in rules
            if (r.disease, r.topic, r.jurisdiction) == (disease, topic, "NO") and not r.ends
        ]
        for category in (Category.HOUSEHOLD, Category.OTHER_CLOSE):
            bases = [r for r in national if dict(r.who) == {"category": category.value}]
            for rule in national:
                held = any(
                    b.from_ <= rule.from_ and (b.until is None or rule.from_ < b.until)
                    for b in bases
                )
                if not held:
                    faults.append(
                        f"{rule.file}, {rule.id}: a gap, no rule for every {category.value} "
                        f"at {moment(rule.from_)}."
                    )
    return faults


def _weaker_local(rules: Sequence[Rule]) -> list[str]:
    """A kommune may be stricter than the country, never milder."""
    faults: list[str] = []
    for local in (rule for rule in rules if rule.jurisdiction != "NO"):
        for national in rules:
            same = (national.disease, national.topic, national.line, national.jurisdiction) == (
                local.disease,
                local.topic,
                local.line,
                "NO",
            )
            apart = (local.until is not None and local.until <= national.from_) or (
                national.until is not None and national.until <= local.from_
            )
            if same and not apart and _strictness(local) < _strictness(national):
                faults.append(f"{local.file}, {local.id}: milder than {national.id}.")
    return faults


def _strictness(rule: Rule) -> tuple[int, int]:
    quarantine = (MeasureKind.INFECTION_QUARANTINE, MeasureKind.ISOLATION)
    binding = [m for m in rule.measures if m.basis is Basis.REGULATION and m.kind in quarantine]
    length = max((m.days or m.at_least or 0 for m in binding), default=-1)
    return length, 1 if rule.force == "duty" else 0
