"""What is shipped, brought into a real database."""

from smittesporing.metadata import install, store


def test_what_is_shipped_installs_and_a_second_start_writes_nothing(pool):
    with pool.connection() as connection:
        first = install.install(connection)
        assert first.total > 0
        version = store.current(connection).version
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
