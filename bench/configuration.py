"""How fast configuration is: packages in, lists out, rules parsed and evaluated. `./dev bench configuration`.

Starts a service of its own without people, imports WHO's package beside the shipped programme, and prints
each figure beside its target. Knows nothing of tracers' work: the other operations do that.
"""

import argparse
import itertools
import json
import os
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from bench.driver import Server
from bench.measure import percentile
from bench.own_server import ADMIN, TRACER, Own, own_server
from smittesporing import database, postgres
from smittesporing.expression.nodes import ExpressionError, Mode
from smittesporing.expression.parse import parse
from smittesporing.metadata import store
from smittesporing.metadata.kinds import KINDS
from smittesporing.metadata.snapshot import Metadata
from smittesporing.tracker.programrules import SERVER
from smittesporing.tracker.rules import Happened, Situation, effects

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("SMITTESPORING_SHARED", str(ROOT.parent / "shared")))
PACKAGE = SHARED / "data" / "dhis2" / "C19_CS-2.37" / "metadata.json"
CASES = "uYjxkTbwRNf"

# What DHIS2's Capture asks of every program when it starts.
CAPTURE = (
    "id,version,displayName,displayShortName,description,programType,style,displayFrontPageList,"
    "displayIncidentDateLabel,displayEnrollmentDateLabel,displayEnrollmentLabel,displayFollowUpLabel,"
    "displayOrgUnitLabel,displayRelationshipLabel,displayNoteLabel,displayProgramStageLabel,displayEventLabel,"
    "displayTrackedEntityAttributeLabel,minAttributesRequiredToSearch,useFirstStageDuringRegistration,"
    "onlyEnrollOnce,featureType,selectEnrollmentDatesInFuture,selectIncidentDatesInFuture,accessLevel,"
    "expiryPeriodType,expiryDays,completeEventsExpiryDays,displayIncidentDate,dataEntryForm[id,htmlCode],"
    "access[data[read,write]],trackedEntityType[id],"
    "categoryCombo[id,displayName,isDefault,categories[id,displayName]],"
    "programStages[id,access,autoGenerateEvent,openAfterEnrollment,generatedByEnrollmentDate,"
    "reportDateToUse,minDaysFromStart,name,displayName,description,displayExecutionDateLabel,"
    "displayDueDateLabel,formType,featureType,validationStrategy,enableUserAssignment,repeatable,sortOrder,"
    "style,dataEntryForm[id,htmlCode],"
    "programStageSections[id,displayName,displayDescription,sortOrder,dataElements[id]],"
    "programStageDataElements[compulsory,displayInReports,renderOptionsAsRadio,allowFutureDate,renderType[*],"
    "dataElement[id,optionSet[id,version]]]],"
    "programSections[id,displayDescription,displayFormName,sortOrder,trackedEntityAttributes],"
    "programTrackedEntityAttributes[trackedEntityAttribute[id,optionSet[id,version]],displayInList,"
    "searchable,mandatory,renderOptionsAsRadio,allowFutureDate]"
)


@dataclass(frozen=True)
class Row:
    """One figure in milliseconds, and what it is measured against; `times` says how often it was done.

    cpu  processor time each, on average, of the service's Python: what it takes whatever else the
         machine does. PostgreSQL's is not in it.
    """

    operation: str
    variant: str
    times: int
    p50: float
    p95: float
    cpu: float
    target: float | None

    @property
    def ratio(self) -> float | None:
        return self.p95 / self.target if self.target else None

    def line(self) -> str:
        against = f"{self.target:>10.3g}{self.ratio:>8.2f}" if self.ratio and self.target else ""
        missed = "  missed" if self.ratio and self.ratio > 1 else ""
        return (
            f"{self.operation:<27}{self.variant:<34}{self.times:>6}"
            f"{self.p50:>10.3f}{self.p95:>10.3f}{self.cpu:>10.3f}{against}{missed}"
        )


HEAD = (
    f"{'operation':<27}{'variant':<34}{'times':>6}{'p50 ms':>10}{'p95 ms':>10}{'cpu ms':>10}"
    f"{'target':>10}{'ratio':>8}"
)


def configuration(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev bench configuration", description=__doc__)
    parser.add_argument("--requests", type=int, default=20, help="of each kind of object")
    parser.add_argument("--package", type=Path, default=PACKAGE, help="WHO's package C19_CS")
    parser.add_argument("--port", type=int, default=8092)
    parser.add_argument(
        "--data", type=Path, default=postgres.default_data(ROOT) / "bench-configuration"
    )
    parser.add_argument("--out", type=Path, default=ROOT / ".data" / "bench-configuration.json")
    chosen = parser.parse_args(words)
    if chosen.data.exists():
        raise SystemExit(f"{chosen.data} is there already. Remove it, or choose another --data.")
    from bench.__main__ import machine

    rows: list[Row] = []
    faults: list[str] = []
    began = datetime.now(UTC)
    print("Starting PostgreSQL and the service …", flush=True)
    print(HEAD)
    try:
        with own_server(chosen.data, chosen.port, 1, "0301") as own:
            for row in _measured(chosen, own, faults):
                rows.append(row)
                print(row.line(), flush=True)
    finally:
        shutil.rmtree(chosen.data, ignore_errors=True)
    kept = {
        "at": began.isoformat(timespec="seconds"),
        "machine": machine(),
        "rows": [{**asdict(row), "ratio": row.ratio} for row in rows],
    }
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    print(f"{machine()}\nThe figures stand in {chosen.out}.")
    for fault in faults[:5]:
        print(f"  wrong: {fault}")
    return 1 if faults else 0


def _measured(chosen: argparse.Namespace, own: Own, faults: list[str]) -> Iterator[Row]:
    admin, tracer = Server(own.url, ADMIN, own.password), Server(own.url, TRACER, own.password)
    clock = own.processes.cpu
    if chosen.package.exists():
        body = chosen.package.read_bytes()
        for variant, times, target in (("for the first time", 1, 3_000.0), ("again", 5, 2_000.0)):
            act = partial(_sent, admin, body, faults)
            yield _timed("import C19_CS", variant, times, target, act, clock)
    else:
        print(f"(C19_CS is not at {chosen.package}: only the shipped programme is measured)")
    for name, server in (("superuser", admin), ("tracer", tracer)):
        act = partial(_asked, server, "programs", CAPTURE, faults)
        yield _timed("programs as Capture asks", name, chosen.requests, 100.0, act, clock)
    yield from _lists(admin, chosen.requests, faults, clock)
    with database.connect(own.admin_url) as connection:
        metadata = store.current(connection)
    yield from _rules(metadata)


def _timed(
    operation: str,
    variant: str,
    times: int,
    target: float | None,
    act: Callable[[], object],
    clock: Callable[[], float] = time.thread_time,
) -> Row:
    spent = []
    used = clock()
    for _ in range(times):
        began = time.perf_counter()
        act()
        spent.append((time.perf_counter() - began) * 1000)
    cpu = (clock() - used) * 1000 / times
    p95 = percentile(sorted(spent), 0.95)
    return Row(operation, variant, times, statistics.median(spent), p95, cpu, target)


def _sent(server: Server, body: bytes, faults: list[str]) -> None:
    answer = server.client.post("/api/metadata", content=body)
    if answer.status_code != 200:
        faults.append(f"{answer.status_code} metadata {answer.text[:300]}")


def _asked(server: Server, kind: str, fields: str, faults: list[str]) -> None:
    if not server.get(kind, pageSize=50, fields=fields)[kind]:
        faults.append(f"{kind}: an empty list")


def _lists(
    server: Server, times: int, faults: list[str], clock: Callable[[], float]
) -> Iterator[Row]:
    """A page of 50 of each kind that has objects: as names, and with everything."""
    there = [kind for kind in KINDS if server.get(kind, pageSize=1)[kind]]
    for fields in ("id,displayName", ":all"):
        rows = []
        for kind in there:
            act = partial(_asked, server, kind, fields, faults)
            act()
            rows.append(_timed(f"list of 50, {fields}", kind, times, 30.0, act, clock))
        slowest = sorted(rows, key=lambda row: -row.p95)
        yield from slowest[:3]
        rest = slowest[3:]
        if rest:
            yield Row(
                f"list of 50, {fields}",
                f"the other {len(rest)} kinds",
                times,
                statistics.median(row.p50 for row in rest),
                rest[0].p95,
                statistics.mean(row.cpu for row in rest),
                30.0,
            )


def _rules(metadata: Metadata) -> Iterator[Row]:
    """Conditions read without the cache, and all rules of a program on one event with every answer."""
    texts = {
        rule.condition
        for rules in metadata.program_rules.values()
        for rule in rules
        if rule.condition
    }
    readable = [text for text in sorted(texts) if _reads(text)]
    texts_again = itertools.cycle(readable)
    yield _timed(
        "parse and check a rule", f"{len(readable)} conditions", 20 * len(readable), 0.1,
        lambda: parse.__wrapped__(next(texts_again), Mode.RULE_ENGINE_CONDITION),
    )  # fmt: skip
    for uid in sorted(metadata.program_rules, key=lambda uid: uid != CASES):
        program = metadata.programs[uid]
        situation = _situation(metadata, uid)
        name = f"{program.name[:22]}, {len(metadata.program_rules[uid])} rules"
        target = 1.0 if uid == CASES else None
        for label, kinds in (
            ("what an import runs", SERVER),
            ("all effects", _every_kind(metadata, uid)),
        ):
            act = partial(_judged, situation, kinds, kinds is SERVER)
            act()
            yield _timed(f"rules: {label}", name, 200, target, act)


def _judged(situation: Situation, kinds: frozenset[str], own: bool) -> None:
    list(effects(situation, kinds, own=own))


def _reads(text: str) -> bool:
    try:
        parse(text, Mode.RULE_ENGINE_CONDITION)
    except ExpressionError:
        return False
    return True


def _every_kind(metadata: Metadata, program: str) -> frozenset[str]:
    rules = metadata.program_rules[program]
    return frozenset(action.type for rule in rules for action in rule.actions)


_ANSWERS = {"DATE": "2022-01-12", "AGE": "1980-05-17", "BOOLEAN": "true", "TRUE_ONLY": "true"}


def _situation(metadata: Metadata, uid: str) -> Situation:
    """An event in the program's largest stage, every question of it answered, and one event before it."""
    program = metadata.programs[uid]
    stage = max(program.stages, key=lambda each: len(each.elements))
    at = datetime(2022, 1, 12, 12, tzinfo=UTC)
    data = {each.element.uid: _ANSWERS.get(each.element.value_type, "1") for each in stage.elements}

    def happened(event: str) -> Happened:
        return Happened(event, stage.uid, "ACTIVE", "abcdefghijk", at, None, at, None, data)

    attributes = {
        question: _ANSWERS.get(metadata.attributes[question].value_type, "1")
        for question in metadata.attributes
    }
    return Situation(
        metadata, program, date(2022, 1, 20), attributes, "abcdefghijk", "ACTIVE", at, at,
        "abcdefghijk", "0301", (happened("abcdefghij1"),), happened("abcdefghij2"),
    )  # fmt: skip
