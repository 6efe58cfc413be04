"""The draft tried on made-up answers, published as a version, compared, and gone back from."""

import re

import pytest

from smittesporing.metadata import draft, exchange, store, versions
from smittesporing.metadata.incoming import own
from tests.pages.test_configuration import TOP, address, drafted, now, rule_named, text_of
from tests.pages.test_people import FORM

# Trying -------------------------------------------------------------------------------------------------


def test_a_form_is_tried_with_answers_that_are_kept_nowhere(ks, uid, pool):
    stage = uid("ST_INDEX_INTERVIEW")
    at = f"{TOP}/prov/programStages/{stage}"
    assert "Ingenting lagres" in ks.get(f"{at}?eksempel=3").text
    answer = ks.client.post(
        at,
        data={"csrf": ks.csrf, uid("ST_SYMPTOMS"): "false"},
        headers={"hx-request": "true"},
    )
    assert "skjules" in answer.text
    assert "smittesporing:fields" in answer.headers["hx-trigger"]
    with pool.connection() as connection:
        assert draft.entries(connection) == {}


def test_the_trial_tells_what_only_the_draft_does(ks, uid, pool):
    rule = rule_named(pool, "Variant bare i positiv prøve")
    ks.post(f"{TOP}/programRules/{rule}/felt", condition="1 == 2", version="0")
    shown = ks.get(f"{TOP}/prov/programStages/{uid('ST_INDEX_TEST')}").text
    assert "bare i det publiserte" in shown
    assert "Vaksine dose" not in shown, "what rules do in other forms is told there"


def test_an_indicator_is_counted_old_and_new_over_made_up_rows(ks, uid):
    at = f"{TOP}/prov/programIndicators/{uid('ST_PI_CASES')}"
    before = text_of(ks.get(at))
    assert "200 oppdiktede rader" in before
    ks.post(f"{address(uid, 'indicator')}/felt", filter="V{enrollment_status} != 'X'")
    after = ks.get(at).text
    assert "kommer med" in re.sub(r"(?s).*<tbody>", "", after)
    assert ks.get(f"{TOP}/prov/indicators/{uid('ST_IND_KNOWN_CONTACT')}").status_code == 200


def test_every_form_rule_and_indicator_of_the_programme_can_be_shown_and_tried(ks, pool):
    metadata = now(pool)
    for plural in ("programStages", "programRules", "programIndicators", "indicators"):
        for uid in list(metadata.of(plural))[::7]:
            assert ks.get(f"{TOP}/{plural}/{uid}").status_code == 200, (plural, uid)
            assert ks.get(f"{TOP}/prov/{plural}/{uid}").status_code in (200, 303), (plural, uid)


# Publishing, comparing, going back ------------------------------------------------------------------------


def test_a_draft_is_published_as_a_version_that_is_compared_and_gone_back_from(ks, uid, pool):
    at, disease = address(uid, "question"), uid("ST_DISEASE")
    was = now(pool).get("dataElements", disease)["formName"]
    with pool.connection() as connection:
        before = versions.newest(connection)
    ks.post(f"{at}/felt", formName="Hva gjelder saken?")
    answer = ks.post(f"{TOP}/utkast/publiser", notat="Enklere spørsmål")
    assert answer.status_code == 303
    assert now(pool).get("dataElements", disease)["formName"] == "Hva gjelder saken?"
    listed = ks.get(f"{TOP}/versjoner").text
    assert f"Versjon {before + 1}" in listed and "Enklere spørsmål" in listed
    compared = text_of(ks.get(f"{TOP}/versjoner/sammenlign?fra={before}&til={before + 1}"))
    assert "1 forskjell" in compared and "Hva gjelder saken?" in compared and was in compared
    ks.post(f"{TOP}/versjoner/{before}/tilbake")
    assert drafted(pool).get("dataElements", disease)["formName"] == was
    ks.post(f"{TOP}/utkast/publiser", notat="Tilbake")
    assert now(pool).get("dataElements", disease)["formName"] == was


def test_going_back_closes_answers_and_keeps_questions_that_may_hold_data(ks, uid, pool):
    with pool.connection() as connection:
        before = versions.newest(connection)
    listed, stage, new = uid("ST_OPT_SEX"), uid("ST_INDEX_INTERVIEW"), uid("ST_DISTANCE_M")
    ks.post(f"{address(uid, 'list')}/svar", navn="Annet", kode="OTHER")
    ks.post(f"{address(uid, 'form')}/sporsmal", sporsmal=new, **{"del": ""})
    assert ks.post(f"{TOP}/utkast/publiser", notat="Mer").status_code == 303
    said = text_of(ks.get(f"{TOP}/versjoner/sammenlign?fra={before + 1}&til={before}"))
    assert "Lukkes, og slettes ikke" in said
    ks.post(f"{TOP}/versjoner/{before}/tilbake")
    assert ks.post(f"{TOP}/utkast/publiser", notat="Tilbake").status_code == 303
    after = now(pool)
    assert after.option_sets[listed].has("OTHER")
    assert "OTHER" not in [one.code for one in after.option_sets[listed].options]
    assert new in after.stages[stage].elements_by_uid
    assert all(new not in section.questions for section in after.stages[stage].sections)


def test_what_does_not_hold_is_told_and_nothing_is_published(ks, uid, pool):
    ks.post(f"{address(uid, 'indicator')}/felt", filter="V{enrollment_status} == ")
    with pool.connection() as connection:
        before = versions.newest(connection)
    shown = ks.get(f"{TOP}/utkast").text
    assert "Må rettes" in shown and "Tegn 24:" in shown
    answer = ks.post(f"{TOP}/utkast/publiser", notat="Prøver likevel")
    assert answer.status_code == 409 and "Prøver likevel" in answer.text
    with pool.connection() as connection:
        assert versions.newest(connection) == before


def test_publishing_needs_a_note(ks, uid):
    ks.post(f"{address(uid, 'question')}/felt", name="Diagnose")
    answer = ks.post(f"{TOP}/utkast/publiser", notat=" ")
    assert answer.status_code == 409 and "Skriv hva som er endret" in answer.text


def test_a_draft_that_has_something_is_not_written_over_by_going_back(ks, uid):
    ks.post(f"{address(uid, 'question')}/felt", name="Diagnose")
    answer = ks.post(f"{TOP}/versjoner/1/tilbake")
    assert "tilbake-utkast" in answer.headers["location"]


def test_an_import_under_the_draft_is_shown_and_chosen_between(ks, uid, pool):
    disease = uid("ST_DISEASE")
    ks.post(f"{address(uid, 'question')}/felt", name="Diagnose")
    with pool.connection() as connection:
        body = own("dataElements", store.current(connection).get("dataElements", disease))
        changed = {"dataElements": [{**body, "name": "Lidelse"}]}
        assert exchange.import_metadata(connection, changed, None).ok
    shown = text_of(ks.get(f"{TOP}/utkast"))
    assert "Diagnose" in shown and "Lidelse" in shown
    assert ks.post(f"{TOP}/utkast/publiser", notat="Nå").status_code == 409
    ks.post(f"{TOP}/utkast/velg/dataElements/{disease}", **{"valg.name": "utkast"})
    assert ks.post(f"{TOP}/utkast/publiser", notat="Nå").status_code == 303
    assert now(pool).get("dataElements", disease)["name"] == "Diagnose"
    assert "kom inn ved API" in ks.get(f"{TOP}/versjoner").text


def test_what_sharing_hides_from_her_is_not_found_and_not_listed(ks, pool):
    hidden = {
        "id": "optSetHHHH1",
        "name": "Hemmelig liste",
        "valueType": "TEXT",
        "sharing": {"public": "--------", "users": {}, "userGroups": {}},
    }
    with pool.connection() as connection:
        assert exchange.import_metadata(connection, {"optionSets": [hidden]}, None).ok
    assert ks.get(f"{TOP}/optionSets/optSetHHHH1").status_code == 404
    assert "Hemmelig liste" not in ks.get(f"{TOP}?q=hemmelig").text
    newest = ks.get(f"{TOP}/versjoner/sammenlign").text
    assert "Hemmelig liste" not in newest and "ikke har adgang til" in newest
    assert ks.post(f"{TOP}/optionSets/optSetHHHH1/felt", name="Åpen").status_code == 404


def test_going_back_leaves_what_sharing_hides_from_her_alone(ks, pool):
    kept = {"public": "--------", "users": {}, "userGroups": {}}
    program = {
        "id": "programHHH1",
        "name": "Andres program",
        "shortName": "Andres",
        "programType": "WITHOUT_REGISTRATION",
        "sharing": kept,
    }
    rule = {
        "id": "progRuleHH1",
        "name": "Andres regel",
        "program": {"id": "programHHH1"},
        "condition": "true",
    }
    with pool.connection() as connection:
        before = versions.newest(connection)
        payload = {"programs": [program], "programRules": [rule]}
        report = exchange.import_metadata(connection, payload, None)
        assert report.ok, [refusal for each in report.objects for refusal in each.refusals]
    assert ks.get(f"{TOP}/programRules/progRuleHH1").status_code == 404
    answer = ks.post(f"{TOP}/versjoner/{before}/tilbake")
    assert "tilbake-lik" in answer.headers["location"]
    assert drafted(pool).get("programRules", "progRuleHH1") is not None


# What the tracer sees of it ---------------------------------------------------------------------------------


@pytest.fixture
def case(browse):
    """The tracer's client and the address of a fresh index."""
    tracer = browse("tracer", "5501")
    made = tracer.post("/personer/ny", **(FORM | {"ST_PHONE": "99994711", "sure": "1"}))
    assert made.status_code == 303
    return tracer, "/indeks/" + made.headers["location"].split("/")[2].split("?")[0]


def test_a_published_question_is_asked_and_answered_and_a_draft_is_not_seen(ks, uid, case):
    tracer, index = case
    ks.post(f"{address(uid, 'form')}/nytt-sporsmal", navn="Bor på båt?", slag="BOOLEAN")
    assert "Bor på båt?" not in tracer.get(index).text
    assert ks.post(f"{TOP}/utkast/publiser", notat="Om båt").status_code == 303
    assert "Bor på båt?" in tracer.get(index).text
    assert tracer.post(f"{index}/svar", ST_BOR_PA_BAT="true").status_code == 200


def test_a_closed_answer_is_no_longer_offered_and_stands_where_it_is_given(ks, uid, case, pool):
    tracer, index = case
    setting = uid("ST_EXPOSURE_SETTING")
    listed = now(pool).data_elements[setting].option_set
    chosen, other = listed.options[0], listed.options[1]
    assert tracer.post(f"{index}/svar", ST_EXPOSURE_SETTING=chosen.code).status_code == 200
    for option in (chosen, other):
        ks.post(f"{TOP}/optionSets/{listed.uid}/svar/{option.uid}/lukk")
    assert ks.post(f"{TOP}/utkast/publiser", notat="To steder lukkes").status_code == 303
    shown = tracer.get(index).text
    field = shown[shown.index('data-field="ST_EXPOSURE_SETTING"') :].split("</select>")[0]
    assert f'value="{chosen.code}" selected' in field
    assert f'value="{other.code}"' not in field


def test_a_rule_that_is_published_hides_on_the_tracers_page(ks, uid, case, pool):
    tracer, index = case
    rule = rule_named(pool, "Symptomstart bare med symptomer")
    ks.post(f"{TOP}/programRules/{rule}/felt", condition="true")
    assert ks.post(f"{TOP}/utkast/publiser", notat="Alltid skjult").status_code == 303
    fields = tracer.post(f"{index}/svar", ST_SYMPTOMS="true").json()["fields"]
    assert fields["ST_ONSET_DATE"]["hidden"] is True


def test_a_part_that_is_moved_is_moved_in_the_tracers_interview(ks, uid, case, pool):
    tracer, index = case
    sections = now(pool).stages[uid("ST_INDEX_INTERVIEW")].sections
    first, second = sections[0], sections[1]
    shown = tracer.get(index).text
    assert shown.index(f'id="del-{first.uid}"') < shown.index(f'id="del-{second.uid}"')
    ks.post(f"{address(uid, 'form')}/del/{first.uid}/ned")
    assert ks.post(f"{TOP}/utkast/publiser", notat="Hjemme først").status_code == 303
    shown = tracer.get(index).text
    assert shown.index(f'id="del-{second.uid}"') < shown.index(f'id="del-{first.uid}"')


def test_an_imported_question_without_a_code_of_ours_is_asked_and_answered(ks, uid, case, pool):
    tracer, index = case
    element = {
        "id": "dataElemXX1",
        "code": "C19 - has a boat",
        "name": "Har båt",
        "shortName": "Har båt",
        "valueType": "BOOLEAN",
        "domainType": "TRACKER",
        "aggregationType": "NONE",
        "sharing": {"public": "rw------"},
    }
    with pool.connection() as connection:
        assert exchange.import_metadata(connection, {"dataElements": [element]}, None).ok
    section = now(pool).stages[uid("ST_INDEX_INTERVIEW")].sections[0].uid
    ks.post(f"{address(uid, 'form')}/sporsmal", sporsmal="dataElemXX1", **{"del": section})
    assert ks.post(f"{TOP}/utkast/publiser", notat="Båt").status_code == 303
    assert 'data-field="dataElemXX1"' in tracer.get(index).text
    assert tracer.post(f"{index}/svar", dataElemXX1="true").status_code == 200
    assert tracer.post(f"{index}/svar", dataElemXX2="true").status_code == 422
    field = tracer.get(index).text.split('data-field="dataElemXX1"')[1][:900]
    assert 'value="true" checked' in field


def test_a_question_added_to_calls_and_tests_is_asked_kept_and_shown_again(ks, uid, case, pool):
    tracer, index = case
    enrollment = index.rpartition("/")[2]
    for code in ("ST_INDEX_FOLLOW_UP", "ST_INDEX_TEST"):
        ks.post(
            f"{TOP}/programStages/{uid(code)}/nytt-sporsmal",
            navn=f"Kjæledyr {code[-4:]}",
            slag="TEXT",
        )
    assert ks.post(f"{TOP}/utkast/publiser", notat="Kjæledyr").status_code == 303
    call = f"/samtale/{enrollment}"
    assert "Kjæledyr W_UP" in tracer.get(call).text
    said = {"ST_CALL_OUTCOME": "REACHED", "ST_HEALTH_STATUS": "NO_SYMPTOMS"}
    assert tracer.post(call, **said, ST_KJAELEDYR_W_UP="Hund").status_code == 303
    assert "Hund" in tracer.get(f"{index}/oppfolging").text
    day = {"ST_TEST_DATE": "2022-01-19", "ST_TEST_KIND": "PCR"}
    assert tracer.post(f"{index}/prover", **day, ST_KJAELEDYR_TEST="Katt").status_code == 303
    assert 'value="Katt"' in tracer.get(index).text


def test_a_question_added_to_a_contacts_test_is_asked_and_kept(ks, uid, case, pool):
    tracer, index = case
    ks.post(
        f"{TOP}/programStages/{uid('ST_CONTACT_TEST')}/nytt-sporsmal",
        navn="Laboratorium",
        slag="TEXT",
    )
    assert ks.post(f"{TOP}/utkast/publiser", notat="Laboratorium").status_code == 303
    tracer.post(f"{index}/dag/2022-01-17", name="Kari Kontakt", phone="99994714")
    contact = re.search(r"/kontakt/\w{11}", tracer.get(index).text)[0]
    assert 'name="ST_LABORATORIUM"' in tracer.get(contact).text
    test = {"ST_TEST_DATE": "2022-01-19", "ST_TEST_KIND": "PCR", "ST_TEST_RESULT": "NEGATIVE"}
    refused = tracer.post(
        f"{contact}/prove", **test | {"ST_TEST_RESULT": ""}, ST_LABORATORIUM="UNN"
    )
    assert 'value="UNN"' in refused.text
    assert tracer.post(f"{contact}/prove", **test, ST_LABORATORIUM="UNN").status_code == 303
    assert "Laboratorium: UNN" in text_of(tracer.get(contact))
