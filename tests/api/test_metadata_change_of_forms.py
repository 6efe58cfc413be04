"""A form with records changes: what counting reads is built beside and swapped, and the service goes on."""

import threading
import time

import msgspec
import pytest
from psycopg import sql

from smittesporing.metadata import store
from smittesporing.tracker import projection
from smittesporing.uid import new_uid
from tests.api.package_aggregate import DEFAULT

STAGE = "ST_CONTACT_EXPOSURE"


@pytest.fixture
def stage(pool, uid):
    """The stage as one would send it again."""

    def read():
        with pool.connection() as connection:
            metadata = store.current(connection)
        return dict(metadata.get("programStages", metadata.uid(STAGE)))

    return read


@pytest.fixture
def ask_more(ask, stage):
    """`ask_more()` → the uid of a data element that the stage asks for from now on."""

    def changed():
        element = {
            "id": new_uid(),
            "domainType": "TRACKER",
            "valueType": "NUMBER",
            "aggregationType": "SUM",
            "categoryCombo": DEFAULT,
        }
        element |= {"name": f"More {element['id']}", "shortName": element["id"]}
        body = stage()
        rows = [*body["programStageDataElements"], {"dataElement": {"id": element["id"]}}]
        payload = {
            "dataElements": [element],
            "programStages": [{**body, "programStageDataElements": rows}],
        }
        answer = ask("POST", "metadata", by="admin", json=payload)
        assert answer.status_code == 200, answer.text[:1000]
        return element["id"]

    return changed


def count(connection, table, condition="true"):
    query = sql.SQL("select count(*) as n from projection.{} where {}").format(
        sql.Identifier(table), sql.SQL(condition)
    )
    return connection.execute(query).fetchone()["n"]


def test_reads_and_counts_go_on_while_a_stage_with_records_changes(
    ask, ask_more, send, whole, uid, counter_pool
):
    assert send(whole).status_code == 200
    table = f"event_{uid(STAGE)}"
    done = threading.Event()
    waits, answers = [], []

    def keep_asking():
        program = uid("ST_CONTACT")
        while not done.is_set():
            started = time.perf_counter()
            with counter_pool.connection() as connection:
                counted = count(connection, table)
            answer = ask("GET", f"tracker/events?program={program}&pageSize=1")
            answers.append((counted > 0, answer.status_code))
            waits.append(time.perf_counter() - started)

    asking = threading.Thread(target=keep_asking)
    with counter_pool.connection() as long_count:
        # A count that takes its time must delay the change, not those who ask meanwhile.
        before = count(long_count, table)
        asking.start()
        ended = []
        changing = threading.Thread(target=lambda: ended.append((ask_more(), time.perf_counter())))
        changing.start()
        time.sleep(2)
        released = time.perf_counter()
    changing.join(60)
    done.set()
    asking.join(60)
    ((element, at),) = ended
    assert at > released
    assert set(answers) == {(True, 200)}
    assert len(answers) > 1, "others were answered while it waited"
    assert max(waits) < 1.5, "nobody waits for the filling, nor for another's long count"
    with counter_pool.connection() as connection:
        assert count(connection, table) == before
        assert count(connection, table, f'"{element}" is not null') == 0


def test_record_saved_while_a_projection_is_built_is_counted_when_it_is_swapped(
    ask, ask_more, send, whole, uid, pool, counter_pool
):
    assert send(whole).status_code == 200
    table, stage_uid = f"event_{uid(STAGE)}", uid(STAGE)
    person = whole["trackedEntities"][0]["trackedEntity"]
    ask_more()
    with pool.connection() as connection:
        kept = connection.execute(
            "select columns from projection.structure where name = %s", (table,)
        ).fetchone()["columns"]
        fewer = store.current(connection).stages[stage_uid].elements[:1]
        described = [projection._column(one.element.uid, one.element.value_type) for one in fewer]
        prepare = "select projection.prepare(%s, 'event', %s::text::jsonb)"
        connection.execute(prepare, (table, msgspec.json.encode(described).decode()))
        event = {
            "event": new_uid(),
            "program": uid("ST_CONTACT"),
            "programStage": stage_uid,
            "enrollment": whole["trackedEntities"][0]["enrollments"][0]["enrollment"],
            "orgUnit": whole["trackedEntities"][0]["orgUnit"],
            "occurredAt": "2022-01-10",
            "dataValues": [{"dataElement": uid("ST_LAST_CONTACT"), "value": "2022-01-10"}],
        }
        started = time.perf_counter()
        answer = send({"events": [event]})
        assert answer.status_code == 200, answer.text[:1000]
        assert time.perf_counter() - started < 5, "saving does not wait for the building"
        connection.execute("select projection.swap()")
        # And one who comes between the swap and its end waits, and writes into the new table.
        late = {**event, "event": new_uid()}
        answers = []
        waiting = threading.Thread(target=lambda: answers.append(send({"events": [late]})))
        waiting.start()
        time.sleep(1)
        assert answers == []
        connection.commit()
        waiting.join(60)
        assert [answer.status_code for answer in answers] == [200]
    with counter_pool.connection() as counter:
        assert count(counter, table, f"tracked_entity = '{person}'") == 3
        # Who counts by the form of a moment ago finds its columns once more.
        retired = next(each["name"] for each in kept if each not in described)
        assert count(counter, table, f'"{retired}" is not null or true') > 0
    with pool.connection() as connection:
        assert projection.rebuild(connection) == 1
