"""dhis2w-client against a server, where there is a Python 3.13: it knows the types of DHIS2's objects."""

DHIS2W = "with_dhis2w"


def test_dhis2w_reads_every_kind_it_knows_and_finds_its_types(run):
    read = run(DHIS2W, "read")
    assert (read["version"][:4], read["me"]) == ("2.42", "odd-admin")
    assert read["faults"] == {}
    assert read["counts"]["programs"] == 3
    assert len(read["counts"]) > 40


def test_dhis2w_makes_changes_and_removes_a_data_element(run):
    assert run(DHIS2W, "elements") == {"shortName": "changed", "removed": "OK"}


def test_dhis2w_registers_a_person(run, uid, unit):
    words = (uid("ST_CONTACT"), unit, uid("ST_PERSON"), uid("ST_GIVEN_NAME"))
    assert run(DHIS2W, "registered", *words, by="tracer") == {"found": [True]}
