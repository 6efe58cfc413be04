"""What is open in the kommune today, as counted: calls that are due, positive answers, measures that end.

One statement says what is open; the list, the tabs' numbers and the team's board all ask it, so that they
agree. Shows nobody and logs nobody. Called by tasks.py and by pages.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from smittesporing.settings import OSLO
from smittesporing.tracing.casebook.book import Book
from smittesporing.tracing.casebook.measure_rows import QUARANTINES

# One row per person and episode: her earliest due call; without one her positive test, or what ends.
# `who` is whom it is given to; a measure and a test go to whoever follows the person up.
_OPEN = """
with active as materialized (
    select tracked_entity, enrollment from tracker.enrollment
     where program = any (%(programs)s) and owner = any (%(owners)s::int[]) and status = 'ACTIVE'
       and not deleted
), calls as materialized (
    select tracked_entity, enrollment, min(scheduled_at) as at,
           (array_agg(event order by scheduled_at, event))[1] as event,
           (array_agg(assigned_user order by scheduled_at, event))[1] as who
      from tracker.event join active using (tracked_entity, enrollment)
     where program_stage = any (%(stages)s) and owner = any (%(owners)s::int[])
       and status in ('SCHEDULE', 'OVERDUE') and scheduled_at < %(tomorrow)s and not deleted
     group by tracked_entity, enrollment
), uncalled as materialized (
    select tracked_entity, enrollment from active
    except select tracked_entity, enrollment from calls
), positive as (
    select distinct on (tracked_entity, enrollment) tracked_entity, enrollment, event, occurred_at as at
      from tracker.event join uncalled using (tracked_entity, enrollment)
     where program_stage = %(tests)s and owner = any (%(owners)s::int[]) and not deleted
       and data #>> array[%(result)s, 'value'] = 'POSITIVE'
     order by tracked_entity, enrollment, occurred_at
), measures as (
    select tracked_entity, enrollment, event, occurred_at as at,
           case when data #>> array[%(kind)s, 'value'] = 'ISOLATION' then 'CAN_END' else 'ENDING' end
               as what
      from tracker.event join uncalled using (tracked_entity, enrollment)
     where program_stage = any (%(measures)s) and owner = any (%(owners)s::int[]) and not deleted
       and data #>> array[%(state)s, 'value'] in ('CONFIRMED', 'DECIDED')
       and data #>> array[%(ended)s, 'value'] is null
       and ((data #>> array[%(kind)s, 'value'] = 'ISOLATION'
             and data #>> array[%(end)s, 'value'] <= %(today_text)s)
            or (data #>> array[%(kind)s, 'value'] = any (%(quarantines)s)
                and data #>> array[%(end)s, 'value'] = %(tomorrow_text)s))
), open as (
    select tracked_entity, enrollment, event, at, 'CALL' as what, who from calls
     union all
    select p.tracked_entity, p.enrollment, p.event, p.at, p.what, f.who
      from (select tracked_entity, enrollment, event, at, 'POSITIVE' as what from positive
             union all
            select tracked_entity, enrollment, event, at, what from measures) p
      left join lateral (
           select f.assigned_user as who from tracker.event f
            where f.tracked_entity = p.tracked_entity and f.enrollment = p.enrollment
              and f.program_stage = any (%(stages)s) and f.assigned_user is not null and not f.deleted
            order by coalesce(f.occurred_at, f.scheduled_at) desc limit 1) f on true
)
"""
_COUNTS = (
    _OPEN
    + """
select count(*) filter (where who = %(me)s) as mine, count(*) as team,
       count(*) filter (where who is null) as unassigned from open"""
)
_IN_TAB = """(%(tab)s = 'team' or (%(tab)s = 'mine' and who = %(me)s)
       or (%(tab)s = 'unassigned' and who is null))"""
_LIST = (
    _OPEN
    + """
select tracked_entity, enrollment, event, what, who from open
 where """
    + _IN_TAB
    + """
 order by what = 'POSITIVE' desc, what = 'CALL' desc, at, event limit %(limit)s"""
)
_NEWS = (
    _OPEN
    + """
select count(*) filter (where e.updated_at > %(since)s::timestamptz) as n, max(e.updated_at) as newest
  from open o join tracker.event e on e.tracked_entity = o.tracked_entity and e.event = o.event
 where """
    + _IN_TAB
)
_MADE = """
select assigned_user as who, count(distinct enrollment) filter (where outcome in ('REACHED', 'POSTPONED'))
           as done,
       count(*) filter (where outcome = 'REACHED') as reached,
       count(*) filter (where outcome in ('NO_ANSWER', 'LEFT_MESSAGE', 'WRONG_NUMBER')) as missed
  from (select assigned_user, enrollment, data #>> array[%(outcome)s, 'value'] as outcome
          from tracker.event
         where program_stage = any (%(stages)s) and owner = any (%(owners)s::int[]) and not deleted
           and status in ('ACTIVE', 'COMPLETED') and occurred_at >= %(today)s
           and occurred_at < %(tomorrow)s) e
 group by assigned_user"""
_BOARD = (
    _OPEN
    + """
select who, count(*) as open, count(*) filter (where what = 'CALL' and at < %(today)s) as overdue
  from open group by who"""
)


@dataclass(frozen=True)
class Counts:
    """How much is open in each tab, and what was done today."""

    mine: int
    team: int
    unassigned: int
    done_by_me: int
    done: int
    reached_by_me: int
    no_answer_by_me: int
    new_contacts: int


@dataclass(frozen=True)
class Open:
    """One open thing. `what` is CALL, POSITIVE, CAN_END or ENDING."""

    tracked_entity: str
    enrollment: str
    event: str
    what: str
    who: str | None


@dataclass(frozen=True)
class Load:
    """What one person has on the board; `who` None is what nobody has."""

    who: str | None
    open: int
    overdue: int
    done: int
    missed: int


def _values(book: Book) -> dict[str, Any]:
    tomorrow = book.today + timedelta(days=1)
    return {
        "me": book.work.reach.user,
        "owners": list(book.work.reach.write),
        "stages": [book.uid("ST_INDEX_FOLLOW_UP"), book.uid("ST_CONTACT_FOLLOW_UP")],
        "programs": [book.uid("ST_INDEX"), book.uid("ST_CONTACT")],
        "tests": book.uid("ST_CONTACT_TEST"),
        "measures": [book.uid("ST_INDEX_MEASURE"), book.uid("ST_CONTACT_MEASURE")],
        "result": book.uid("ST_TEST_RESULT"),
        "kind": book.uid("ST_MEASURE_KIND"),
        "state": book.uid("ST_MEASURE_STATE"),
        "ended": book.uid("ST_MEASURE_ENDED_ON"),
        "end": book.uid("ST_MEASURE_EARLIEST_END"),
        "outcome": book.uid("ST_CALL_OUTCOME"),
        "quarantines": sorted(QUARANTINES),
        "today": datetime.combine(book.today, time.min, OSLO),
        "today_text": book.today.isoformat(),
        "tomorrow": datetime.combine(tomorrow, time.min, OSLO),
        "tomorrow_text": tomorrow.isoformat(),
    }


def counts(book: Book) -> Counts:
    """The tabs' numbers for the kommune one works in; shows nobody and logs nobody."""
    values = _values(book)
    row = book.work.conn.execute(_COUNTS, values).fetchone()
    assert row is not None
    made = {one["who"]: one for one in book.work.conn.execute(_MADE, values).fetchall()}
    mine = made.get(book.work.reach.user, {"done": 0, "reached": 0, "missed": 0})
    new = book.work.conn.execute(
        """select count(*) as n from tracker.enrollment
            where program = %s and owner = any (%s::int[]) and enrolled_at >= %s and enrolled_at < %s
              and not deleted""",
        (book.uid("ST_CONTACT"), values["owners"], values["today"], values["tomorrow"]),
    ).fetchone()
    assert new is not None
    return Counts(
        **row,
        done_by_me=mine["done"],
        done=sum(one["done"] for one in made.values()),
        reached_by_me=mine["reached"],
        no_answer_by_me=mine["missed"],
        new_contacts=new["n"],
    )


def listed(book: Book, tab: str, limit: int) -> list[Open]:
    """What is open in the tab, positive answers and the longest overdue calls first, at most `limit`."""
    values = {**_values(book), "tab": tab, "limit": limit}
    return [Open(**row) for row in book.work.conn.execute(_LIST, values).fetchall()]


def news(book: Book, tab: str, since: datetime | None = None) -> tuple[int, datetime | None]:
    """How much has come into the tab or been given after `since`, and when the newest did."""
    values = {**_values(book), "tab": tab, "since": since}
    row = book.work.conn.execute(_NEWS, values).fetchone()
    return (row["n"], row["newest"]) if row else (0, None)


def board(book: Book) -> list[Load]:
    """Who has how much: everybody with something open or done today, and what nobody has."""
    values = _values(book)
    opened = {row["who"]: row for row in book.work.conn.execute(_BOARD, values).fetchall()}
    made = {row["who"]: row for row in book.work.conn.execute(_MADE, values).fetchall()}
    return [
        Load(
            who=who,
            open=opened[who]["open"] if who in opened else 0,
            overdue=opened[who]["overdue"] if who in opened else 0,
            done=made[who]["done"] if who in made else 0,
            missed=made[who]["missed"] if who in made else 0,
        )
        for who in sorted(opened.keys() | made.keys(), key=lambda who: who or "")
    ]
