"""The two walls, each tried with the other off: reach in our statements, row-level security beneath."""

import psycopg
import pytest

from smittesporing.access.work import Work
from smittesporing.tracker import answers, listing, read
from smittesporing.uid import new_uid

PEOPLE = ("tracked_entity", "enrollment", "event", "relationship_end", "note", "program_owner",
          "history")  # fmt: skip
NUMBER = "01810012345"


@pytest.fixture(scope="module")
def made():
    return {name: new_uid() for name in ("person", "enrollment", "event", "other", "link")}


@pytest.fixture
def scene(world, made):
    """One person of Tromsø with everything that can hang on her; and Tromsø and Bergen's tracers."""
    tromso, bergen = world("tracer", "5501"), world("tracer", "4601")
    with tromso.work() as here:
        if read.person(here, made["person"]) is None:
            exposure = tromso.event("ST_CONTACT_EXPOSURE", event=made["other"])
            report = tromso.send(
                {
                    "trackedEntities": [
                        tromso.person(
                            trackedEntity=made["person"],
                            values={"ST_NATIONAL_ID": NUMBER},
                            enrollments=[
                                tromso.enrollment(
                                    enrollment=made["enrollment"],
                                    notes=[{"value": "et notat"}],
                                    events=[
                                        tromso.event("ST_INDEX_INTERVIEW", event=made["event"])
                                    ],
                                )
                            ],
                        ),
                        tromso.person(
                            enrollments=[tromso.enrollment("ST_CONTACT", events=[exposure])]
                        ),
                    ],
                    "relationships": [
                        tromso.link(
                            "ST_EXPOSURE_LINK",
                            ("enrollment", made["enrollment"]),
                            ("event", made["other"]),
                            relationship=made["link"],
                        )
                    ],
                }
            )
            assert report.ok, report.errors
    return tromso, bergen


@pytest.mark.parametrize("table", PEOPLE)
def test_wall_two_shows_the_neighbour_no_row(scene, table):
    tromso, bergen = scene
    count = f"select count(*) as n from tracker.{table}"
    with tromso.work() as here:
        assert here.conn.execute(count).fetchone()["n"] > 0
    with bergen.work() as here:
        assert here.conn.execute(count).fetchone()["n"] == 0


@pytest.mark.parametrize("table", PEOPLE)
def test_wall_two_is_forced_and_the_service_owns_nothing(owner, table):
    row = owner.execute(
        """select c.relrowsecurity, c.relforcerowsecurity, pg_get_userbyid(c.relowner) as owner
             from pg_class c where c.oid = format('tracker.%%I', %s::text)::regclass""",
        (table,),
    ).fetchone()
    assert row == {
        "relrowsecurity": True,
        "relforcerowsecurity": True,
        "owner": "smittesporing_owner",
    }


def test_without_a_context_there_is_an_error_and_no_row(pool):
    with pool.connection() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("select * from tracker.tracked_entity")


@pytest.mark.parametrize(
    "statement",
    [
        "update tracker.history set username = 'x'",
        "delete from tracker.history",
        "delete from tracker.event",
        "truncate tracker.event",
        "select * from tracker.uid_directory",
        "select * from tracker.unique_value",
        "alter table tracker.event disable row level security",
        "update tracker.transfer set to_owner = 1",
    ],
)
def test_what_the_service_may_not_do_to_the_tables(scene, statement):
    tromso, _ = scene
    with pytest.raises(psycopg.errors.InsufficientPrivilege), tromso.work() as here:
        here.conn.execute(statement)


def test_a_row_cannot_be_given_to_a_kommune_one_does_not_write_in(scene, made):
    tromso, bergen = scene
    with pytest.raises(psycopg.errors.InsufficientPrivilege), tromso.work() as here:
        here.conn.execute(
            "update tracker.event set owner = 4601 where event = %s", (made["event"],)
        )
    with bergen.work() as here:
        moved = here.conn.execute("update tracker.event set owner = 4601").rowcount
        assert moved == 0
    with pytest.raises(psycopg.errors.InsufficientPrivilege), bergen.work() as here:
        here.conn.execute(
            "select tracker.move_owner(%s, %s, %s, 4601, 'x', null)",
            (made["person"], bergen.uid("ST_INDEX"), made["enrollment"]),
        )


def everybody(connection, settings, reach):
    """A work whose database wall is wide open: the owner's role sees every row."""
    return Work(connection, reach, settings, "test")


def test_wall_one_stands_when_wall_two_is_off(scene, made, owner, settings):
    _, bergen = scene
    with owner.transaction():
        open_ = everybody(owner, settings, bergen.reach)
        open_.renew()
        assert read.people(open_, [made["person"]]) == {}
        assert read.enrollments_where(open_, program=bergen.uid("ST_INDEX")) == []
        assert read.events_where(open_, stages=[bergen.uid("ST_INDEX_INTERVIEW")]) == []
        for find, params in (
            (listing.tracked_entities, {"trackedEntityType": [bergen.uid("ST_PERSON")]}),
            (listing.enrollments, {}),
            (listing.events, {}),
        ):
            assert find(open_, params).rows == []
            wide = {**params, "orgUnit": [bergen.units.by_code["5501"].uid]}
            assert find(open_, wide).rows == []


def test_the_national_number_is_nowhere_in_the_tables_as_text(scene, owner, made):
    texts = []
    for table in (*PEOPLE, "uid_directory", "unique_value", "job"):
        rows = owner.execute(f"select t::text as text from tracker.{table} t").fetchall()
        texts += [row["text"] for row in rows]
    for row in owner.execute("select name from projection.structure").fetchall():
        rows = owner.execute(f'select t::text as text from projection."{row["name"]}" t').fetchall()
        texts += [each["text"] for each in rows]
    texts += [
        row["text"] for row in owner.execute("select t::text as text from access.log_request t")
    ]
    assert texts and not any(NUMBER in text for text in texts)
    tromso, _ = scene
    with tromso.work() as here:
        assert read.person(here, made["person"]).value(tromso.uid("ST_NATIONAL_ID")) == NUMBER


def test_no_log_row_no_data(scene, made, owner):
    tromso, _ = scene
    with tromso.work() as here:
        page = listing.events(here, {"programStage": [tromso.uid("ST_INDEX_INTERVIEW")]})
        answers.events(here, page.rows, "event")
        request = here.request
        read.people(here, [made["person"]])
        assert here.request == request is not None
    shown = owner.execute(
        "select tracked_entity from access.log_person where request = %s", (request,)
    ).fetchall()
    assert made["person"] in {row["tracked_entity"] for row in shown}
