"""Who follows up: moving an enrollment, or a person's records of a program, to another org unit.

Two ways. `transfer` is DHIS2's: whoever owns gives away at once. `ask`, `answer` and `withdraw` are the
hand-over between kommuner: a row of its own that both sides see, while the sender keeps the duty until
the receiver accepts (decision 3). The rows themselves move in the database, in one function. Called
by web/api/tracker_acts and by `tracing/casebook`.
"""

from dataclasses import dataclass
from datetime import datetime

from psycopg import errors

from smittesporing.access import org_units
from smittesporing.access.work import Work
from smittesporing.metadata import store
from smittesporing.problems import Refused
from smittesporing.tracker import projection
from smittesporing.tracker.desk import is_norwegian
from smittesporing.tracker.read import locate
from smittesporing.tracker.writer import user_info
from smittesporing.uid import new_uid


@dataclass(frozen=True)
class Transfer:
    """A hand-over that was asked for. `from_owner` and `to_owner` are numbers of org units."""

    transfer: str
    tracked_entity: str
    enrollment: str
    program: str
    from_owner: int
    to_owner: int
    state: str  # ASKED, ACCEPTED, REFUSED, WITHDRAWN
    reason: str
    asked_by: str
    asked_at: datetime
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None


_COLUMNS = """transfer, tracked_entity, enrollment, program, from_owner, to_owner, state, reason,
    asked_by, asked_at, answer, answered_by, answered_at"""


def transfer(work: Work, person: str, program: str, to: int) -> None:
    """Give the person's records of a program to another org unit, at once.

    Errors  `Refused` T003 when they are not within reach; 409 when the program does not serve it.
    """
    chosen = store.current(work.conn).programs.get(program)
    unit = org_units.current(work.conn).by_id.get(to)
    if chosen is None or unit is None:
        raise Refused("T003", status=404)
    if not chosen.serves(unit.uid) and not is_norwegian(chosen):
        raise Refused("E1041", unit.uid, program)
    enrollment = None
    if is_norwegian(chosen):
        row = work.conn.execute(
            """select enrollment from tracker.enrollment
                where tracked_entity = %s and program = %s and owner = any (%s) and not deleted
                order by status = 'ACTIVE' desc, enrolled_at desc limit 1""",
            (person, program, list(work.reach.write)),
        ).fetchone()
        if row is None:
            raise Refused("T003", status=404)
        enrollment = row["enrollment"]
    else:
        row = work.conn.execute(
            """select 1 from tracker.program_owner
                where tracked_entity = %s and program = %s and owner = any (%s)""",
            (person, program, list(work.reach.write)),
        ).fetchone()
        if row is None:
            raise Refused("T003", status=404)
    _move(work, person, program, enrollment, to)


def ask(work: Work, enrollment: str, to: int, reason: str) -> Transfer:
    """Ask another kommune to take over an enrollment; nothing moves yet.

    Errors  `Refused` T003 when the enrollment is not one's own; T204 when one is asked for already.
    """
    place = locate(work, (enrollment,)).get(enrollment)
    row = None
    if place is not None:
        row = work.conn.execute(
            """select tracked_entity, program, owner from tracker.enrollment
                where tracked_entity = %s and enrollment = %s and owner = any (%s)
                  and not deleted""",
            (place[1], enrollment, list(work.reach.write)),
        ).fetchone()
    if row is None or to not in org_units.current(work.conn).by_id or row["owner"] == to:
        raise Refused("T003", status=404)
    try:
        with work.conn.transaction():
            work.conn.execute(
                """insert into tracker.transfer
                     (tracked_entity, transfer, enrollment, program, from_owner, to_owner, reason,
                      asked_by, asked_at)
                   values (%s, %s, %s, %s, %s, %s, %s, %s, %s)""",
                (
                    row["tracked_entity"],
                    uid := new_uid(),
                    enrollment,
                    row["program"],
                    row["owner"],
                    to,
                    reason,
                    work.reach.username,
                    work.clock.now(),
                ),
            )
    except errors.UniqueViolation as error:
        raise Refused("T204") from error
    return one(work, uid)


def answer(work: Work, transfer: str, *, accept: bool, text: str = "") -> Transfer:
    """Accept a hand-over, and the records are ours from now on; or refuse it, saying why.

    Errors  `Refused` T204 when it is no longer open, or is not asked of us.
    """
    asked = one(work, transfer)
    if asked.state != "ASKED" or asked.to_owner not in work.reach.write:
        raise Refused("T204")
    if accept:
        _move(work, asked.tracked_entity, asked.program, asked.enrollment, asked.to_owner)
    return _close(work, asked, "ACCEPTED" if accept else "REFUSED", text)


def withdraw(work: Work, transfer: str, text: str = "") -> Transfer:
    """Take back a hand-over that was not answered yet. Errors  `Refused` T204."""
    asked = one(work, transfer)
    if asked.state != "ASKED" or asked.from_owner not in work.reach.write:
        raise Refused("T204")
    return _close(work, asked, "WITHDRAWN", text)


def one(work: Work, transfer: str) -> Transfer:
    """The hand-over of this uid. Errors  `Refused` T003."""
    found = [each for each in transfers(work, states=()) if each.transfer == transfer]
    if not found:
        raise Refused("T003", status=404)
    return found[0]


def transfers(work: Work, states: tuple[str, ...] = ("ASKED",)) -> list[Transfer]:
    """Hand-overs to or from one's org units, newest first; no states means all of them."""
    rows = work.conn.execute(
        f"""select {_COLUMNS} from tracker.transfer
             where (from_owner = any (%(reach)s) or to_owner = any (%(reach)s))
               and (%(states)s::text[] = '{{}}' or state = any (%(states)s::text[]))
             order by asked_at desc""",  # noqa: S608
        {"reach": list(work.reach.read), "states": list(states)},
    ).fetchall()
    work.saw(row["tracked_entity"] for row in rows)
    return [Transfer(**row) for row in rows]


def followed_up_by(work: Work, person: str) -> tuple[int, ...]:
    """The org units that follow up this person now, wherever she is; the asking is logged.

    Asked after an exact match on a unique value, and the only thing one learns of her (decision 2).
    """
    work.saw((person,))
    row = work.conn.execute("select tracker.followed_up_by(%s) as owners", (person,)).fetchone()
    return tuple(row["owners"]) if row else ()


def _close(work: Work, asked: Transfer, state: str, text: str) -> Transfer:
    work.conn.execute(
        """update tracker.transfer
              set state = %s, answer = %s, answered_by = %s, answered_at = %s, version = version + 1
            where tracked_entity = %s and transfer = %s and state = 'ASKED'""",
        (
            state,
            text,
            work.reach.username,
            work.clock.now(),
            asked.tracked_entity,
            asked.transfer,
        ),
    )
    return one(work, asked.transfer)


def _move(work: Work, person: str, program: str, enrollment: str | None, to: int) -> None:
    try:
        with work.conn.transaction():
            work.conn.execute(
                "select tracker.move_owner(%s, %s, %s, %s, %s, %s::text::jsonb)",
                (person, program, enrollment, to, work.reach.username, user_info(work)),
            )
            projection.refresh(work.conn, (person,))
    except (errors.InsufficientPrivilege, errors.NoDataFound) as error:
        raise Refused("T003", status=404) from error
