"""The product owner's pages: found, read, edited in the draft, tried, published, compared and gone back from."""

import html
import re

import httpx
import pytest

from smittesporing.metadata import draft, store

TOP = "/konfigurasjon"


def now(pool):
    with pool.connection() as connection:
        return store.current(connection)


def drafted(pool):
    with pool.connection() as connection:
        return draft.picture(connection)


def rule_named(pool, name):
    """The rule of that name in the program of index cases."""
    metadata = now(pool)
    program = {"id": metadata.uid("ST_INDEX")}
    return next(
        uid
        for uid, body in metadata.of("programRules").items()
        if (body["name"], body["program"]) == (name, program)
    )


def text_of(answer):
    return html.unescape(re.sub(r"<[^>]+>", "", answer.text))


def address(uid, what):
    return {
        "form": f"{TOP}/programStages/{uid('ST_INDEX_INTERVIEW')}",
        "list": f"{TOP}/optionSets/{uid('ST_OPT_SEX')}",
        "indicator": f"{TOP}/programIndicators/{uid('ST_PI_CASES')}",
        "share": f"{TOP}/indicators/{uid('ST_IND_KNOWN_CONTACT')}",
        "question": f"{TOP}/dataElements/{uid('ST_DISEASE')}",
        "program": f"{TOP}/programs/{uid('ST_INDEX')}",
    }[what]


ACTS = (
    ("get", TOP),
    ("get", f"{TOP}/utkast"),
    ("get", f"{TOP}/versjoner"),
    ("get", f"{TOP}/versjoner/sammenlign"),
    ("get", f"{TOP}/prov/programStages/aaaaaaaaaaa"),
    ("get", f"{TOP}/dataElements/aaaaaaaaaaa"),
    ("get", f"{TOP}/dataElements/aaaaaaaaaaa/siden"),
    ("post", f"{TOP}/utkast/publiser"),
    ("post", f"{TOP}/utkast/forkast"),
    ("post", f"{TOP}/utkast/velg/dataElements/aaaaaaaaaaa"),
    ("post", f"{TOP}/versjoner/1/tilbake"),
    ("post", f"{TOP}/prov/programStages/aaaaaaaaaaa"),
    ("post", f"{TOP}/dataElements/aaaaaaaaaaa/felt"),
    ("post", f"{TOP}/dataElements/aaaaaaaaaaa/setning"),
    ("post", f"{TOP}/dataElements/aaaaaaaaaaa/angre"),
    ("post", f"{TOP}/dataElements/aaaaaaaaaaa/fjern"),
    ("post", f"{TOP}/programStages/aaaaaaaaaaa/sporsmal"),
    ("post", f"{TOP}/programStages/aaaaaaaaaaa/nytt-sporsmal"),
    ("post", f"{TOP}/programIndicators/aaaaaaaaaaa/kopi"),
    ("post", f"{TOP}/programStages/aaaaaaaaaaa/sporsmal/bbbbbbbbbbb/krav"),
    ("post", f"{TOP}/programStages/aaaaaaaaaaa/sporsmal/bbbbbbbbbbb/flytt"),
    ("post", f"{TOP}/programs/aaaaaaaaaaa/sporsmal/bbbbbbbbbbb/krav"),
    ("post", f"{TOP}/programs/aaaaaaaaaaa/sporsmal/bbbbbbbbbbb/flytt"),
    ("post", f"{TOP}/optionSets/aaaaaaaaaaa/svar"),
    ("post", f"{TOP}/optionSets/aaaaaaaaaaa/svar/bbbbbbbbbbb/lukk"),
    ("post", f"{TOP}/programRules/aaaaaaaaaaa/handling/ny"),
    ("post", f"{TOP}/programRules/aaaaaaaaaaa/kopi"),
    ("post", f"{TOP}/programRules/aaaaaaaaaaa/navn"),
    ("post", f"{TOP}/programIndicators/aaaaaaaaaaa/grense/ny"),
    ("post", f"{TOP}/programStages/aaaaaaaaaaa/del"),
    ("post", f"{TOP}/programStages/aaaaaaaaaaa/del/bbbbbbbbbbb/opp"),
    ("post", f"{TOP}/programs/aaaaaaaaaaa/del"),
    ("post", f"{TOP}/programs/aaaaaaaaaaa/del/bbbbbbbbbbb/fjern"),
    ("post", f"{TOP}/optionSets"),
)


@pytest.mark.parametrize(
    "who",
    ["tracer", "team_leader", "kommuneoverlege", "administrator", "fhi"],
)
def test_nobody_but_the_product_owner_reads_or_writes_the_configurations_pages(browse, who):
    browser = browse(who, "NO" if who == "fhi" else "5501")
    for method, path in ACTS:
        assert getattr(browser, method)(path).status_code == 403, (method, path)


def test_a_stranger_is_sent_to_sign_in(service_url):
    assert httpx.get(service_url + TOP, trust_env=False).status_code == 303


@pytest.mark.parametrize(("method", "path"), [a for a in ACTS if "aaaaaaaaaaa" in a[1]])
def test_what_is_not_there_is_not_found(ks, method, path):
    assert getattr(ks, method)(path).status_code in (404,), path


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", "Bakgrunnsundersøkelse"),
        ("?gruppe=svarlister", "ST_OPT_SEX"),
        ("?gruppe=regler", "Dose 2 etter dose 1"),
        ("?gruppe=indikatorer", "Nye bekreftet smittede"),
        ("?gruppe=ord", "Lukket svar"),
        ("?q=ST_PI_CASES", "Nye bekreftet smittede"),
        ("?q=hvilken+sykdom", "Sykdom"),
        ("?q=kvinne", "Kjønn"),
        ("?q=finnesikkeher", "Ingen treff"),
        ("?q=%25%5B%28&side=999999", "Ingen treff"),
    ],
)
def test_the_configuration_is_browsed_and_searched(ks, asked, found):
    answer = ks.get(TOP + asked)
    assert answer.status_code == 200 and found in answer.text


@pytest.mark.parametrize("what", ["form", "list", "indicator", "share", "question", "program"])
def test_an_objects_page_tells_who_uses_it_and_its_versions(ks, uid, what):
    answer = ks.get(address(uid, what))
    assert answer.status_code == 200
    assert "Brukes av" in answer.text and "Versjon 1" in answer.text


def test_a_part_is_shown_on_the_page_it_belongs_to(ks, pool):
    option = next(iter(now(pool).of("options")))
    answer = ks.get(f"{TOP}/options/{option}")
    assert answer.status_code == 303 and f"#o-{option}" in answer.headers["location"]


def test_a_question_tells_which_indicators_and_forms_use_it(ks, uid):
    shown = text_of(ks.get(address(uid, "question")))
    assert "Nye bekreftet smittede" in shown and "Bakgrunnsundersøkelse" in shown


def test_a_field_keeps_itself_in_the_draft_and_nothing_else_changes(ks, uid, pool):
    at = address(uid, "question")
    answer = ks.post(f"{at}/felt", formName="Hvilken sykdom?", version="0")
    assert answer.status_code == 200 and answer.json()["version"] > 0
    disease = uid("ST_DISEASE")
    assert drafted(pool).get("dataElements", disease)["formName"] == "Hvilken sykdom?"
    assert now(pool).get("dataElements", disease)["formName"] != "Hvilken sykdom?"
    assert "Endret i utkastet" in ks.get(at).text


@pytest.mark.parametrize(
    ("what", "field", "value", "status"),
    [
        ("question", "name", "", 422),
        ("question", "valueType", "NUMBER", 422),
        ("indicator", "decimals", "halvannen", 422),
        ("indicator", "aggregationType", "MAGI", 422),
        ("indicator", "filter", "(((", 200),
        ("share", "indicatorType", "aaaaaaaaaaa", 422),
        ("question", "name", "x" * 30_000, 422),
    ],
)
def test_a_value_that_cannot_be_is_told_and_a_faulty_expression_is_kept(
    ks, uid, what, field, value, status
):
    answer = ks.post(f"{address(uid, what)}/felt", **{field: value})
    assert answer.status_code == status
    if status == 422:
        assert answer.json()["error"]


def test_two_who_write_in_the_same_field_see_both_values(ks, browse, uid):
    at = address(uid, "question")
    other = browse("ks", "NO", "ks-two")
    assert ks.post(f"{at}/felt", name="Smitte", version="0").status_code == 200
    answer = other.post(f"{at}/felt", name="Diagnose", version="0")
    assert answer.status_code == 409
    said = answer.json()
    assert (said["value"], said["by"]) == ("Smitte", "ks NO")
    again = other.post(f"{at}/felt", name="Diagnose", version=str(said["version"]))
    assert again.status_code == 200


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("V{enrollment_status} == 'ACTIVE'", "er lik"),
        ("V{enrollment_status} == ", "Tegn 25:"),
        ("#{aaaaaaaaaaa.bbbbbbbbbbb} == 1", "Programmet har ikke"),
        (
            "V{current_date} + 1 == 2",
            "Her må det stå et tall ved siden av +, men dette er en dato.",
        ),
        ("1 + 1", "Uttrykket gir et tall, men må gi ja eller nei."),
        ("<script>", "&lt;"),
    ],
)
def test_the_sentence_of_what_is_typed_stands_beside_it(ks, uid, text, said):
    answer = ks.post(f"{address(uid, 'indicator')}/setning", filter=text)
    assert answer.status_code == 200
    assert said in answer.text and "<script>" not in answer.text


# Forms, answers, rules, limits --------------------------------------------------------------------------


def order(metadata, code):
    section = metadata.by_code("programStageSections", code)
    return [each["id"] for each in section["dataElements"]]


def test_a_question_is_moved_within_its_part_into_another_and_out_of_the_form(ks, uid, pool):
    at, first = address(uid, "form"), order(now(pool), "ST_INDEX_INTERVIEW_ABOUT")
    element = first[1]
    assert ks.post(f"{at}/sporsmal/{element}/flytt", vei="opp").status_code == 303
    assert order(drafted(pool), "ST_INDEX_INTERVIEW_ABOUT")[:2] == [element, first[0]]
    ks.post(f"{at}/sporsmal/{element}/flytt", **{"del": "utenfor"})
    after = drafted(pool)
    assert element not in order(after, "ST_INDEX_INTERVIEW_ABOUT")
    assert element in after.stages[uid("ST_INDEX_INTERVIEW")].elements_by_uid
    assert "Ikke i skjemaet" in ks.get(at).text


def test_the_last_question_of_a_part_moves_down_into_the_next(ks, uid, pool):
    at, last = address(uid, "form"), order(now(pool), "ST_INDEX_INTERVIEW_HEALTH")[-1]
    ks.post(f"{at}/sporsmal/{last}/flytt", vei="ned")
    sections = drafted(pool).stages[uid("ST_INDEX_INTERVIEW")].sections
    assert last not in sections[0].questions and sections[1].questions[0] == last


def test_what_a_program_asks_about_the_person_is_moved_and_demanded_too(ks, uid, pool):
    at, program = address(uid, "program"), uid("ST_INDEX")
    first = now(pool).programs[program].sections[0].questions
    ks.post(f"{at}/sporsmal/{first[0]}/flytt", vei="ned")
    assert drafted(pool).programs[program].sections[0].questions[:2] == (first[1], first[0])
    asked = ks.post(f"{at}/sporsmal/{first[0]}/krav", compulsory="true", version="0")
    assert asked.status_code == 200
    assert drafted(pool).programs[program].attributes_by_uid[first[0]].mandatory
    ks.post(f"{at}/sporsmal/{first[0]}/flytt", **{"del": "utenfor"})
    after = drafted(pool).programs[program]
    assert first[0] in after.attributes_by_uid
    assert not after.attributes_by_uid[first[0]].mandatory, "nobody can answer what is not asked"


def test_a_question_is_made_compulsory_and_another_is_added(ks, uid, pool):
    at, stage = address(uid, "form"), uid("ST_INDEX_INTERVIEW")
    disease = uid("ST_DISEASE")
    answer = ks.post(f"{at}/sporsmal/{disease}/krav", compulsory="true", version="0")
    assert answer.status_code == 200
    assert drafted(pool).stages[stage].elements_by_uid[disease].compulsory
    new = uid("ST_MINUTES")
    ks.post(f"{at}/sporsmal", sporsmal=new, **{"del": "utenfor"})
    assert new in drafted(pool).stages[stage].elements_by_uid


def test_an_indicator_begins_as_another_one_is_and_is_published(ks, uid, pool):
    made = ks.post(f"{address(uid, 'indicator')}/kopi").headers["location"].rpartition("/")[2]
    assert drafted(pool).program_indicators[made].name == "Kopi av Nye bekreftet smittede"
    assert ks.get(f"{TOP}/programIndicators/{made}").status_code == 200
    assert ks.post(f"{TOP}/utkast/publiser", notat="Ny indikator").status_code == 303
    assert made in now(pool).program_indicators


def test_answers_are_added_renamed_moved_and_closed_never_deleted(ks, uid, pool):
    at, listed = address(uid, "list"), uid("ST_OPT_SEX")
    assert ks.post(f"{at}/svar", navn="Annet", kode="OTHER").status_code == 303
    assert drafted(pool).option_sets[listed].names["OTHER"] == "Annet"
    female = next(o.uid for o in now(pool).option_sets[listed].options if o.code == "FEMALE")
    ks.post(f"{at}/svar/{female}/ned")
    assert drafted(pool).option_sets[listed].options[1].code == "FEMALE"
    assert ks.post(f"{at}/svar/{female}/fjern").status_code == 404
    ks.post(f"{at}/svar/{female}/lukk")
    after = drafted(pool).option_sets[listed]
    assert "FEMALE" not in [one.code for one in after.options]
    assert after.has("FEMALE") and after.name_of("FEMALE") == "Kvinne"
    assert "FEMALE" in [one.code for one in after.choices("FEMALE")]
    ks.post(f"{at}/svar/{female}/apne")
    assert "FEMALE" in [one.code for one in drafted(pool).option_sets[listed].options]


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("", "X", "Skriv hva svaret skal hete"),
        ("Ny", "æ ø", "Koden er 1–50 tegn"),
        ("Ny", "FEMALE", "Koden finnes alt"),
    ],
)
def test_an_answer_that_cannot_be_is_told_where_it_was_typed(ks, uid, name, code, said):
    answer = ks.client.post(
        f"{address(uid, 'list')}/svar",
        data={"csrf": ks.csrf, "navn": name, "kode": code},
        headers={"hx-request": "true"},
    )
    assert said in answer.text and f'value="{code}"' in answer.text


def test_a_rule_gets_another_act_is_copied_and_taken_away(ks, uid, pool):
    rule = rule_named(pool, "Dose 2 etter dose 1")
    at = f"{TOP}/programRules/{rule}"
    target = f"dataElement:{uid('ST_DISEASE')}"
    ks.post(f"{at}/handling/ny", type="SHOWWARNING", mal=target)
    shown = text_of(ks.get(at))
    assert "«Sykdom» får advarselen" in shown
    answer = ks.post(f"{at}/kopi")
    copy = answer.headers["location"].rpartition("/")[2]
    assert drafted(pool).get("programRules", copy)["name"] == "Kopi av Dose 2 etter dose 1"
    ks.post(f"{at}/fjern")
    assert drafted(pool).get("programRules", rule) is None
    assert now(pool).get("programRules", rule) is not None
    ks.post(f"{at}/angre")
    assert drafted(pool).get("programRules", rule) is not None


def test_the_days_of_an_indicator_are_limited_in_words(ks, uid, pool):
    at, indicator = address(uid, "indicator"), uid("ST_PI_CASES")
    key = now(pool).get("programIndicators", indicator)["analyticsPeriodBoundaries"][0]["id"]
    ks.post(
        f"{at}/grense/{key}",
        dato="ENROLLMENT_DATE",
        grense="AFTER_START_OF_REPORTING_PERIOD",
        antall="-2",
        enhet="Weekly",
    )
    assert "flyttet 2 uker tilbake" in ks.get(at).text
    ks.post(f"{at}/grense/{key}", gjor="fjern")
    assert len(drafted(pool).program_indicators[indicator].boundaries) == 1
