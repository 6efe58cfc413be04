"""What is shipped, brought into a real database."""

import msgspec
import pytest

from smittesporing.metadata import edition, exchange, install, store, versions
from smittesporing.metadata.incoming import own


def test_what_is_shipped_installs_and_a_second_start_writes_nothing(pool):
    with pool.connection() as connection:
        install.install(connection)
        version = store.current(connection).version
        assert len(store.current(connection).of("programIndicators")) > 40
        second = install.install(connection)
        assert (second.created, second.updated) == (0, 0)
        assert store.current(connection).version == version


def test_shipped_programs_serve_every_org_unit(pool):
    with pool.connection() as connection:
        metadata = store.current(connection)
        for code in ("ST_INDEX", "ST_CONTACT", "ST_CLUSTERS"):
            program = metadata.programs[metadata.uid(code)]
            assert program.org_units == metadata.of("organisationUnits").keys()
            assert program.stages and program.attributes


def test_what_the_product_owner_changed_stands_at_the_next_start(pool):
    with pool.connection() as connection:
        body = own("optionSets", store.current(connection).by_code("optionSets", "ST_OPT_SEX"))
        exchange.import_metadata(connection, {"optionSets": [{**body, "name": "Juridisk"}]}, None)
        install.install(connection)
        assert store.current(connection).get("optionSets", body["id"])["name"] == "Juridisk"
        connection.rollback()


def as_if_shipped_before(connection, plural, uid, change):
    """Let the last edition have had the object otherwise: `change` alters what was shipped."""
    row = connection.execute(
        "select body::text as body from metadata.shipped where type = %s and uid = %s",
        (plural, uid),
    ).fetchone()
    body = msgspec.json.decode(row["body"])
    change(body)
    connection.execute(
        "update metadata.shipped set digest = 'old', body = %s::text::jsonb where type = %s and uid = %s",
        (msgspec.json.encode(body).decode(), plural, uid),
    )


def test_what_is_new_in_the_files_comes_in_and_her_other_edits_stand(pool):
    with pool.connection() as connection:
        body = own("optionSets", store.current(connection).by_code("optionSets", "ST_OPT_SEX"))
        hers = {**body, "name": "Juridisk", "description": "Hennes"}
        exchange.import_metadata(connection, {"optionSets": [hers]}, None)
        as_if_shipped_before(
            connection, "optionSets", body["id"], lambda shipped: shipped.update(name="Gammelt")
        )
        connection.commit()
    with pool.connection() as connection:
        install.install(connection)
        after = store.current(connection).get("optionSets", body["id"])
        assert (after["name"], after["description"]) == (body["name"], "Hennes")
        made = versions.versions(connection, limit=1)[0]
        assert (made.origin, made.changed) == ("shipped", 1)


def test_a_question_she_added_stays_when_the_edition_adds_another(pool):
    with pool.connection() as connection:
        metadata = store.current(connection)
        stage = own("programStages", metadata.by_code("programStages", "ST_INDEX_TEST"))
        rows = stage["programStageDataElements"]
        added = {**rows[0], "id": "rowAdded001", "dataElement": {"id": metadata.uid("ST_MINUTES")}}
        hers = {**stage, "programStageDataElements": [*rows[1:], added]}
        exchange.import_metadata(connection, {"programStages": [hers]}, None)
        as_if_shipped_before(
            connection,
            "programStages",
            stage["id"],
            lambda shipped: shipped["programStageDataElements"].pop(),
        )
        install.install(connection)
        after = store.current(connection).stages[stage["id"]].elements_by_uid
        assert metadata.uid("ST_MINUTES") in after, "hers"
        assert rows[0]["dataElement"]["id"] not in after, "she took it away, the edition left it"
        assert rows[-1]["dataElement"]["id"] in after, "the edition's"
        connection.rollback()


def test_without_the_last_editions_text_the_shipped_object_takes_its_place(pool):
    with pool.connection() as connection:
        body = own("optionSets", store.current(connection).by_code("optionSets", "ST_OPT_SEX"))
        exchange.import_metadata(connection, {"optionSets": [{**body, "name": "Juridisk"}]}, None)
        connection.execute(
            "update metadata.shipped set digest = 'old', body = null where uid = %s", (body["id"],)
        )
        install.install(connection)
        assert store.current(connection).get("optionSets", body["id"])["name"] == body["name"]
        connection.rollback()


@pytest.mark.parametrize(
    ("stands", "before", "now", "made"),
    [
        ({"a": 1}, {"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": 5}, {"a": 1}, {"a": 1}, {"a": 5}),
        ({"a": 5}, {"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": 1, "b": 1}, {"a": 1, "b": 1}, {"a": 1}, {"a": 1}),
        ({"a": 1}, {"a": 1, "b": 1}, {"a": 1, "b": 1}, {"a": 1}),
        ({"a": ["x", "y"]}, {"a": ["x"]}, {"a": ["x", "z"]}, {"a": ["x", "y", "z"]}),
        ({"a": ["x", "y"]}, {"a": ["x", "y"]}, {"a": ["y"]}, {"a": ["y"]}),
        ({"a": []}, {"a": ["x"]}, {"a": ["x", "z"]}, {"a": ["z"]}),
        (
            {"a": [{"id": "r", "n": 9}, {"id": "s"}]},
            {"a": [{"id": "r", "n": 1}, {"id": "s"}]},
            {"a": [{"id": "r", "n": 1}, {"id": "s", "n": 2}]},
            {"a": [{"id": "r", "n": 9}, {"id": "s", "n": 2}]},
        ),
    ],
)
def test_an_edition_changes_what_it_changed(stands, before, now, made):
    assert edition.brought(stands, before, now) == made


def test_a_unit_that_has_come_since_is_served_without_undoing_an_edit_of_the_program(pool):
    with pool.connection() as connection:
        stored = store.current(connection).by_code("programs", "ST_INDEX")
        body = own("programs", stored)
        fewer = body["organisationUnits"][:-1]
        changed = {**body, "name": "Smittede", "organisationUnits": fewer}
        exchange.import_metadata(connection, {"programs": [changed]}, None)
        install.install(connection)
        after = store.current(connection).programs[body["id"]]
        assert after.name == "Smittede"
        assert len(after.org_units) == len(body["organisationUnits"])
        connection.rollback()
