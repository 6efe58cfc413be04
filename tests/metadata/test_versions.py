"""Every change of the configuration is a version, whatever its door; and what uses what."""

import time

import pytest

from smittesporing.expression.nodes import Mode
from smittesporing.metadata import exchange, store, uses, versions, wording
from smittesporing.metadata.incoming import Manner, own
from smittesporing.metadata.kinds import KINDS

SET = "optSetVVVV1"


@pytest.fixture
def connection(pool, as_role):
    with pool.connection() as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def ks(as_role):
    return as_role("ks", "NO")


def option_set(name, **more):
    return {"optionSets": [{"id": SET, "name": name, "valueType": "TEXT", **more}]}


def imported(connection, payload, reach=None, **manner):
    report = exchange.import_metadata(connection, payload, reach, Manner(**manner))
    assert report.ok, [refusal for each in report.objects for refusal in each.refusals]
    connection.commit()
    return versions.newest(connection)


def test_the_shipped_programme_is_the_first_version(connection):
    first = versions.version(connection, 1)
    assert (first.origin, first.by) == ("shipped", None)
    assert first.changed > 1000


def test_an_import_by_the_api_is_a_version_with_its_maker_and_a_second_one_is_not(connection, ks):
    before = versions.newest(connection)
    made = imported(connection, option_set("Farger"), ks)
    assert made == before + 1
    shown = versions.version(connection, made)
    assert (shown.origin, shown.by, shown.changed) == ("import", ks.user, 1)
    assert imported(connection, option_set("Farger"), ks) == made


def test_versions_are_compared_in_either_direction_and_what_came_back_is_no_difference(connection):
    one = imported(connection, option_set("Farger"))
    two = imported(connection, option_set("Lukter"))
    assert [c.word for c in versions.between(connection, one - 1, two)] == ["added"]
    (change,) = versions.between(connection, one, two)
    assert (change.word, change.properties()) == ("changed", ("name",))
    (back,) = versions.between(connection, two, one)
    assert (back.before["name"], back.after["name"]) == ("Lukter", "Farger")
    gone = imported(connection, {"optionSets": [{"id": SET}]}, strategy="DELETE")
    assert [c.word for c in versions.between(connection, two, gone)] == ["removed"]
    assert versions.between(connection, one - 1, gone) == []
    assert versions.body_at(connection, "optionSets", SET, two)["name"] == "Lukter"
    assert [body is None for _, body in versions.of_object(connection, "optionSets", SET)][:3] == [
        True, False, False,
    ]  # fmt: skip


def test_a_refused_import_and_one_that_is_rolled_back_leave_no_version(connection):
    before = versions.newest(connection)
    report = exchange.import_metadata(connection, {"optionSets": [{"id": SET}]}, None)
    assert not report.ok
    connection.commit()
    exchange.import_metadata(connection, option_set("Rullet tilbake"), None)
    connection.rollback()
    assert versions.newest(connection) == before


def test_the_services_role_reads_the_history_and_cannot_rewrite_it(owner):
    rows = owner.execute(
        """select table_name, privilege_type from information_schema.role_table_grants
            where grantee = 'smittesporing_app' and table_schema = 'metadata'
              and table_name in ('version', 'revision')"""
    ).fetchall()
    assert {row["privilege_type"] for row in rows} == {"SELECT"}


def test_database_and_pages_agree_on_what_has_versions(connection):
    rows = connection.execute(
        "select kind, metadata.is_configuration(kind) as kept from unnest(%s::text[]) as kind",
        ([*KINDS],),
    ).fetchall()
    assert {row["kind"] for row in rows if not row["kept"]} == versions.NOT_KEPT


def test_who_works_here_is_no_version(connection, ks):
    before = versions.newest(connection)
    group = {"userGroups": [{"id": "userGroupV1", "name": "Fagfolk", "users": [{"id": ks.user}]}]}
    assert imported(connection, group) == before


def test_a_large_import_costs_little_more_for_being_remembered(connection):
    options = [
        {"id": f"optVers{n:04d}", "code": str(n), "name": f"Valg {n}", "optionSet": {"id": SET}}
        for n in range(2000)
    ]
    started = time.perf_counter()
    made = imported(connection, {**option_set("Mange"), "options": options})
    assert time.perf_counter() - started < 5
    assert versions.version(connection, made).changed == 2001


def test_references_are_found_both_ways_and_inside_expressions(connection):
    metadata = store.current(connection)
    web = uses.uses_in(metadata)
    interview, status = metadata.uid("ST_INDEX_INTERVIEW"), metadata.uid("ST_CASE_STATUS")
    cases = metadata.by_code("programIndicators", "ST_PI_CASES")["id"]
    using = {use.key for use in web.used_by("dataElements", status)}
    assert {("programStages", interview), ("programIndicators", cases)} <= using
    assert ("dataElements", status) in {use.key for use in web.uses("programIndicators", cases)}
    share = metadata.by_code("indicators", "ST_IND_KNOWN_CONTACT")["id"]
    assert ("indicators", share) in {use.key for use in web.used_by("programIndicators", cases)}
    disease = web.used_by("dataElements", metadata.uid("ST_DISEASE"))
    variable = next(use.uid for use in disease if use.plural == "programRuleVariables")
    assert {use.plural for use in web.used_by("programRuleVariables", variable)} <= {
        "programRules", "programRuleActions",
    }  # fmt: skip


def test_an_expression_that_cannot_be_read_counts_for_no_use(connection):
    metadata = store.current(connection)
    body = own("programIndicators", metadata.by_code("programIndicators", "ST_PI_CASES"))
    exchange.import_metadata(connection, {"programIndicators": [{**body, "filter": "(("}]}, None)
    web = uses.uses_in(store.current(connection))
    status = metadata.uid("ST_CASE_STATUS")
    assert ("dataElements", status) not in {
        use.key for use in web.uses("programIndicators", body["id"])
    }


@pytest.mark.parametrize(
    ("text", "fault", "column"),
    [
        ("#{ST_DISEASE} == 'COVID19'", "", 0),
        ("#{ST_DISEASE} == ", "parse", 18),
        ("1 == 1 && #{FINNES_IKKE} == 2", "unknown", 11),
    ],
)
def test_a_condition_is_said_in_norwegian_or_its_fault_is_placed(connection, text, fault, column):
    metadata = store.current(connection)
    said = wording.said(metadata, text, Mode.RULE_ENGINE_CONDITION, metadata.uid("ST_INDEX"))
    assert said.column == column
    assert bool(said.sentence) == (fault == "")
    assert bool(said.unknown) == (fault == "unknown")
    assert said.sentence in ("", "«Sykdom» er lik «Covid-19»")


def test_every_shipped_expression_can_be_said(connection):
    metadata = store.current(connection)
    faulty = [
        (plural, body.get("name"), list(wording.faults(metadata, plural, uid)))
        for plural in uses.EXPRESSIONS
        for uid, body in metadata.of(plural).items()
        if list(wording.faults(metadata, plural, uid))
    ]
    assert faulty == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("#{ST_DISEASE} == 'COVID19'", "«Sykdom» er lik «Covid-19»"),
        ("'COVID19' != #{ST_DISEASE}", "«Covid-19» er ulik «Sykdom»"),
        ("!(#{ST_DISEASE} == 'FINNES_IKKE')", "ikke («Sykdom» er lik «FINNES_IKKE»)"),
    ],
)
def test_answers_are_said_by_name_and_not_by_code(connection, text, sentence):
    metadata = store.current(connection)
    program = metadata.uid("ST_INDEX")
    assert wording.said(metadata, text, Mode.RULE_ENGINE_CONDITION, program).sentence == sentence
