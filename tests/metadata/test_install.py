"""What is shipped, brought into a real database."""

from smittesporing.metadata import exchange, install, store, versions
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


def test_a_shipped_object_that_is_new_in_the_files_takes_its_place_again(pool):
    with pool.connection() as connection:
        body = own("optionSets", store.current(connection).by_code("optionSets", "ST_OPT_SEX"))
        exchange.import_metadata(connection, {"optionSets": [{**body, "name": "Juridisk"}]}, None)
        connection.execute(
            "update metadata.shipped set digest = 'old' where uid = %s", (body["id"],)
        )
        connection.commit()
    with pool.connection() as connection:
        install.install(connection)
        assert store.current(connection).get("optionSets", body["id"])["name"] == body["name"]
        made = versions.versions(connection, limit=1)[0]
        assert (made.origin, made.changed) == ("shipped", 1)


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
