"""The one way in: preload → validate → program rules → persist and project → report.

Every writer comes here: DHIS2's API, pages, `tracing/casebook`, commands. Runs in the caller's
transaction, inside a savepoint of its own, and commits nothing.
"""

from psycopg import errors

from smittesporing.access.work import Work
from smittesporing.problems import Problem, Refused
from smittesporing.tracker import payload as wire
from smittesporing.tracker import projection
from smittesporing.tracker.codes import translated
from smittesporing.tracker.combos import resolved
from smittesporing.tracker.desk import Desk
from smittesporing.tracker.payload import Payload
from smittesporing.tracker.persist import persist
from smittesporing.tracker.preload import preload
from smittesporing.tracker.programrules import apply_rules
from smittesporing.tracker.records import RELATIONSHIP
from smittesporing.tracker.report import IGNORE, Done, Options, Report
from smittesporing.tracker.validate import validate


def importing(work: Work, payload: Payload, options: Options | None = None) -> Report:
    """Import a payload: DHIS2 JSON (bytes, text or a mapping), or a `Bundle` of records.

    Answer  A report; `report.errors` are expected refusals, and under atomic ALL (the default) one
            of them means that nothing was written.
    Errors  `Unreadable` when the payload has not the form of one. `Refused` T203 when another
            transaction took the same uid, unique value or people at the same moment.
    """
    options = options or Options()
    bundle = resolved(work, translated(work, wire.bundle(payload), options))
    total = len(bundle)
    try:
        with work.conn.transaction():
            desk = validate(work, bundle, preload(work, bundle), options)
            work.saw(desk.told_of)
            if not options.skip_rules:
                apply_rules(work, desk)
            if options.mode == "VALIDATE" or (desk.errors and options.atomic == "ALL"):
                return _report(desk, total, committed=False)
            # Judging a large bundle takes its time, and a context lives for half a minute.
            work.renew()
            touched = persist(work, desk)
            work.renew()
            projection.refresh(work.conn, touched)
    except (errors.UniqueViolation, errors.DeadlockDetected) as error:
        raise Refused("T203") from error
    return _report(desk, total, committed=True)


def _report(desk: Desk, total: int, *, committed: bool) -> Report:
    warnings = tuple(desk.warnings)
    if not committed:
        return Report(total, (), tuple(desk.errors), warnings, ignored=total)
    done = [Done(s.kind, s.uid, s.action, s.tracked_entity) for s in desk.steps.values()]
    done += [_left(problem) for problem in warnings if problem.code == "E4015"]
    return Report(
        total,
        tuple(done),
        tuple(desk.errors),
        warnings,
        committed=True,
        ignored=total - len(done),
    )


def _left(problem: Problem) -> Done:
    return Done(RELATIONSHIP, problem.uid or "", IGNORE, "")
