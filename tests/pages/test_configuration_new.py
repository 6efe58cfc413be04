"""What did not exist: a list of answers, a part of a form, a question, and the name a rule speaks of it by."""

import pytest

from smittesporing.metadata import draft
from tests.pages.test_configuration import TOP, drafted, now


def form(uid):
    return f"{TOP}/programStages/{uid('ST_INDEX_INTERVIEW')}"


def rule_of_index(pool, uid):
    rules = now(pool).of("programRules").items()
    return next(one for one, body in rules if body["program"]["id"] == uid("ST_INDEX"))


def told(ks, path, **fields):
    """The answer to a form that a script posts, where what is wrong is told."""
    return ks.client.post(
        path, data={"csrf": ks.csrf, **fields}, headers={"hx-request": "true"}
    ).text


def parts(metadata, uid):
    return [section.name for section in metadata.stages[uid("ST_INDEX_INTERVIEW")].sections]


def test_from_an_empty_list_to_a_rule_about_a_new_question_by_the_pages_alone(ks, uid, pool):
    stage = uid("ST_INDEX_INTERVIEW")
    at = ks.post(f"{TOP}/optionSets", navn="Slags båt").headers["location"]
    for name, code in (("Seilbåt", "SAIL"), ("Motorbåt", "MOTOR")):
        ks.post(f"{at}/svar", navn=name, kode=code)
    listed = at.rpartition("/")[2]
    ks.post(f"{form(uid)}/del", navn="Til sjøs")
    part = drafted(pool).stages[stage].sections[-1]
    assert part.name == "Til sjøs"
    ks.post(
        f"{form(uid)}/nytt-sporsmal",
        **{"navn": "Hva slags båt?", "slag": "TEXT", "liste": listed, "del": part.uid},
    )
    made = drafted(pool).by_code("dataElements", "ST_HVA_SLAGS_BAT")
    rule = f"{TOP}/programRules/{rule_of_index(pool, uid)}"
    assert "Hva slags båt?" in ks.get(rule).text
    ks.post(f"{rule}/navn", sporsmal=made["id"])
    copy = ks.post(f"{rule}/kopi").headers["location"]
    said = ks.post(f"{copy}/setning", condition="#{ST_HVA_SLAGS_BAT} == 'SAIL'")
    assert "«Hva slags båt?» er lik «Seilbåt»" in said.text
    ks.post(f"{copy}/felt", condition="#{ST_HVA_SLAGS_BAT} == 'SAIL'")
    assert ks.post(f"{TOP}/utkast/publiser", notat="Båter").status_code == 303
    after = now(pool)
    assert after.stages[stage].sections[-1].questions == (made["id"],)
    assert after.option_sets[listed].names == {"SAIL": "Seilbåt", "MOTOR": "Motorbåt"}
    assert after.by_code("optionSets", "ST_OPT_SLAGS_BAT")["id"] == listed
    assert "ST_HVA_SLAGS_BAT" in {
        each.name for each in after.program_rule_variables[uid("ST_INDEX")]
    }


def test_a_question_has_one_name_in_rules_and_is_then_no_longer_offered(ks, uid, pool):
    rule = f"{TOP}/programRules/{rule_of_index(pool, uid)}"
    assert ks.post(f"{rule}/navn", sporsmal=uid("ST_BIRTH_DATE")).status_code == 404
    assert ks.post(f"{rule}/navn", sporsmal="aaaaaaaaaaa").status_code == 404
    assert "programRuleVariables" not in {plural for plural, _uid in entries(pool)}


def entries(pool):
    with pool.connection() as connection:
        return draft.entries(connection)


def test_parts_change_places_and_an_empty_one_is_taken_away(ks, uid, pool):
    before = parts(now(pool), uid)
    ks.post(f"{form(uid)}/del", navn="På hytta")
    last = drafted(pool).stages[uid("ST_INDEX_INTERVIEW")].sections[-1].uid
    ks.post(f"{form(uid)}/del/{last}/opp")
    assert parts(drafted(pool), uid) == [*before[:-1], "På hytta", before[-1]]
    ks.post(f"{form(uid)}/del/{last}/ned")
    ks.post(f"{form(uid)}/del/{last}/ned")
    assert parts(drafted(pool), uid) == [*before, "På hytta"]
    ks.post(f"{form(uid)}/del/{last}/fjern")
    assert parts(drafted(pool), uid) == before
    assert ks.post(f"{form(uid)}/del/{last}/opp").status_code == 404
    assert ks.post(f"{form(uid)}/del/{last}/noe").status_code == 404


def test_a_part_that_asks_something_stays_and_says_what_to_do(ks, uid, pool):
    first = now(pool).stages[uid("ST_INDEX_INTERVIEW")].sections[0]
    answer = told(ks, f"{form(uid)}/del/{first.uid}/fjern")
    assert f"Flytt spørsmålene ut av «{first.name}» først" in answer
    assert parts(drafted(pool), uid)[0] == first.name


def test_a_part_that_a_rule_hides_stays_and_names_the_rule(ks, uid, pool):
    ks.post(f"{form(uid)}/del", navn="På hytta")
    part = drafted(pool).stages[uid("ST_INDEX_INTERVIEW")].sections[-1].uid
    rule = rule_of_index(pool, uid)
    ks.post(
        f"{TOP}/programRules/{rule}/handling/ny",
        type="HIDESECTION",
        mal=f"programStageSection:{part}",
    )
    assert "skjules av en regel" in told(ks, f"{form(uid)}/del/{part}/fjern")
    assert parts(drafted(pool), uid)[-1] == "På hytta"


def test_the_first_part_of_a_form_takes_all_its_questions(ks, uid, pool):
    stage = next(each for each in now(pool).stages.values() if each.elements)
    for section in stage.sections:
        with pool.connection() as connection:
            draft.remove(connection, ks.reach, "programStageSections", section.uid)
    assert not drafted(pool).stages[stage.uid].sections
    ks.post(f"{TOP}/programStages/{stage.uid}/del", navn="Alt")
    (part,) = drafted(pool).stages[stage.uid].sections
    assert part.questions == tuple(one.element.uid for one in stage.elements)


@pytest.mark.parametrize(
    ("path", "name", "said"),
    [
        ("form/del", " ", "Skriv hva delen skal hete"),
        ("form/del", "Om smitten", "Skjemaet har alt en del"),
        ("lists", "", "Skriv hva svarlisten skal hete"),
        ("lists", "Kjønn", "En annen svarliste heter det samme"),
    ],
)
def test_what_cannot_be_called_so_is_told(ks, uid, pool, path, name, said):
    first = parts(now(pool), uid)[0]
    at = f"{TOP}/optionSets" if path == "lists" else f"{form(uid)}/del"
    answer = told(ks, at, navn=first if name == "Om smitten" else name)
    assert said in answer
    assert not entries(pool)


def test_a_new_question_gets_a_code_of_the_programmes_form_and_is_asked_in_its_part(ks, uid, pool):
    at, stage = form(uid), uid("ST_INDEX_INTERVIEW")
    section = now(pool).stages[stage].sections[1].uid
    ks.post(f"{at}/nytt-sporsmal", navn="Bor på båt?", slag="BOOLEAN", **{"del": section})
    after = drafted(pool)
    made = after.by_code("dataElements", "ST_BOR_PA_BAT")
    assert after.stages[stage].sections[1].questions[-1] == made["id"]
    assert ks.post(f"{TOP}/utkast/publiser", notat="Om båt").status_code == 303
    assert made["id"] in now(pool).stages[stage].elements_by_uid


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"navn": "", "slag": "TEXT"}, "Skriv hva spørsmålet skal hete"),
        ({"navn": "Sykdom", "slag": "TEXT"}, "heter det samme"),
        ({"navn": "Nytt", "slag": "IMAGE"}, "Velg hva slags svar"),
        ({"navn": "Nytt", "slag": "DATE", "liste": "aaaaaaaaaaa"}, "En svarliste hører til"),
    ],
)
def test_a_new_question_that_cannot_be_is_told(ks, uid, fields, said):
    answer = ks.client.post(
        f"{form(uid)}/nytt-sporsmal",
        data={"csrf": ks.csrf, **fields},
        headers={"hx-request": "true"},
    )
    assert said in answer.text
