"""The administration's pages, asked for as each role through the real service and a real PostgreSQL."""

from datetime import date

import httpx
import pytest

from sandbox.register import a_number
from smittesporing.access import administration, agreements, org_units, users
from smittesporing.access.reach import reach_for

NUMBER = a_number(7, 3, 1985, 140)
ADDRESSES = (
    "/administrasjon",
    "/administrasjon/brukere",
    "/administrasjon/enheter",
    "/administrasjon/logg",
    "/administrasjon/kommuner/5501",
)


@pytest.fixture
def db(pool):
    with pool.connection() as connection:
        yield connection


@pytest.fixture
def not_yet(browse_as, pool, settings):
    """`not_yet("5528")` → the browser of an administrator whose kommune has signed nothing."""

    def make(kommune):
        with pool.connection() as connection:
            unit = org_units.current(connection).by_code[kommune]
            user = users.add(
                connection,
                settings,
                username=f"adm-{kommune}",
                first_name="Arne",
                surname="Admin",
            )
            users.grant(connection, user.uid, unit.id, "administrator")
            reach = reach_for(connection, user.uid)
        return browse_as(reach)

    return make


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("role", ["tracer", "team_leader", "kommuneoverlege"])
def test_those_who_trace_see_nothing_of_the_administration(browse, path, role):
    assert browse(role, "5501").get(path).status_code == 403


def test_fhi_administers_nothing_and_a_stranger_is_sent_to_sign_in(browse, service_url):
    assert browse("fhi", "NO").get("/administrasjon").status_code == 403
    assert httpx.get(f"{service_url}/administrasjon", trust_env=False).status_code == 303


def test_ks_sees_every_kommune_what_is_missing_and_who_can_fix_it(browse):
    ks = browse("ks", "NO")
    page = ks.get("/administrasjon").text
    assert "357 kommuner" in page and "KS registrerer" in page
    found = ks.get("/administrasjon?q=troms%C3%B8").text
    assert "/administrasjon/kommuner/5501" in found
    assert "/administrasjon/kommuner/0301" not in found
    assert "Ingen kommune passer" in ks.get("/administrasjon?q=finnesikke").text


def test_a_kommune_in_use_whose_administrator_has_left_is_in_use_and_ks_is_told(browse, as_role):
    as_role("tracer", "5540")
    ks = browse("ks", "NO")
    assert "/administrasjon/kommuner/5540" in ks.get("/administrasjon?vei=i-bruk").text
    assert "/administrasjon/kommuner/5540" in ks.get("/administrasjon?vei=administrator").text
    assert "har ingen administrator. Oppnevn en" in ks.get("/administrasjon/kommuner/5540").text


def test_ks_registers_what_is_signed_and_the_list_follows(browse, db):
    ks = browse("ks", "NO")
    at = "/administrasjon/kommuner/5516"
    answer = ks.post(f"{at}/avtale", ssa_l="2020-05-04", annex="2020-05-05", version="0")
    assert answer.status_code == 303
    assert agreements.of(db, 5516).annex_signed_on == date(2020, 5, 5)
    assert "5516" in ks.get("/administrasjon?vei=administrator").text
    assert "registrerte avtalen" in ks.get(at).text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"ssa_l": "2022-01-21", "annex": ""}, "Datoen har ikke kommet ennå"),
        ({"ssa_l": "4. mai", "annex": ""}, "Skriv datoen"),
    ],
)
def test_a_date_that_cannot_be_is_told_at_its_field_and_stays_typed(browse, db, typed, said):
    answer = browse("ks", "NO").post("/administrasjon/kommuner/5520/avtale", version="0", **typed)
    assert answer.status_code == 400
    assert said in answer.text and f'value="{typed["ssa_l"]}"' in answer.text
    assert agreements.of(db, 5520).ssa_l_signed_on is None


def test_an_older_page_does_not_write_over_a_newer_registration(browse, db):
    ks = browse("ks", "NO")
    at = "/administrasjon/kommuner/5522/avtale"
    assert ks.post(at, ssa_l="2020-05-04", annex="", version="0").status_code == 303
    answer = ks.post(at, ssa_l="", annex="2020-06-01", version="0")
    assert answer.status_code == 400 and "En annen har endret" in answer.text
    assert agreements.of(db, 5522).ssa_l_signed_on == date(2020, 5, 4)


def test_a_date_of_a_kommune_in_use_is_corrected_and_never_removed(browse, db, as_role):
    as_role("tracer", "5524")
    ks = browse("ks", "NO")
    version = agreements.of(db, 5524).version
    at = "/administrasjon/kommuner/5524/avtale"
    answer = ks.post(at, ssa_l="", annex="2020-05-01", version=str(version))
    assert answer.status_code == 400 and "ikke fjernes" in answer.text


def test_the_road_is_walked_from_signature_to_activation(browse, not_yet, db, settings):
    ks, admin = browse("ks", "NO"), not_yet("5526")
    assert "SSA-L for Fiks-plattformen er signert» gjenstår" in admin.get("/administrasjon").text
    refused = admin.post("/administrasjon/ta-i-bruk")
    assert refused.status_code == 409 and "gjenstår" in refused.text
    ks.post(
        "/administrasjon/kommuner/5526/avtale", ssa_l="2020-05-04", annex="2020-05-05", version="0"
    )
    assert "Alt er klart" in admin.get("/administrasjon").text
    added = admin.post(
        "/administrasjon/brukere",
        first_name="Siri",
        surname="Sporer",
        national_number=a_number(8, 3, 1985, 140),
        rolle=["tracer"],
    )
    assert added.status_code == 303
    assert admin.post("/administrasjon/ta-i-bruk").status_code == 303
    assert "Kommunen har brukt tjenesten siden" in admin.get("/administrasjon").text
    assert "Siri Sporer" in admin.get("/administrasjon").text


def test_ks_appoints_by_number_and_the_number_is_found_nowhere_afterwards(browse, db, settings):
    ks = browse("ks", "NO")
    at = "/administrasjon/kommuner/5530"
    answer = ks.post(
        f"{at}/administrator", first_name="Åse", surname="Øyen", national_number=NUMBER
    )
    assert answer.status_code == 303
    user = users.by_national_number(db, NUMBER, settings)
    assert user is not None and (user.name, user.username) == ("Åse Øyen", "ase.oyen")
    for page in (ks.get(at), ks.get("/administrasjon/logg")):
        assert "Åse Øyen" in page.text and NUMBER not in page.text
    kept = db.execute("select row_to_json(u)::text as t from access.user_account u").fetchall()
    noted = db.execute("select detail::text as t from access.change").fetchall()
    assert not any(NUMBER in row["t"] for row in [*kept, *noted])
    ended = ks.post(f"{at}/administrator/slutt", user=user.uid)
    assert ended.status_code == 303 and agreements.administrators(db, 5530) == 0


def test_a_known_person_gets_the_role_and_is_not_made_twice(browse, db, settings):
    number = a_number(9, 3, 1985, 140)
    users.add(
        db,
        settings,
        username="known",
        first_name="Kjent",
        surname="Fra før",
        national_number=number,
    )
    db.commit()
    admin = browse("administrator", "5501")
    answer = admin.post(
        "/administrasjon/brukere",
        first_name="Annet",
        surname="Navn",
        national_number=number,
        rolle=["tracer", "team_leader"],
    )
    assert answer.headers["location"].endswith("beskjed=bruker-kjent")
    held = {r.role for r in users.in_unit(db, 5501) if r.user.username == "known"}
    assert held == {"tracer", "team_leader"}
    assert "Kjent Fra før" in admin.get("/administrasjon/brukere").text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"national_number": "123"}, "elleve sifre"),
        ({"national_number": "07038514062"}, "oppdiktede personer"),
        ({"first_name": ""}, "Skriv fornavnet"),
        ({"rolle": []}, "Velg minst én rolle"),
        ({"rolle": ["ks"]}, "Velg minst én rolle"),
        ({"rolle": ["superuser"]}, "Velg minst én rolle"),
    ],
)
def test_what_is_wrong_with_a_new_user_is_told_and_nothing_typed_is_lost(browse, db, fields, said):
    typed = {
        "first_name": "Per",
        "surname": "Prøve",
        "national_number": a_number(10, 3, 1985, 140),
        "rolle": ["tracer"],
        **fields,
    }
    answer = browse("administrator", "5501").post("/administrasjon/brukere", **typed)
    assert answer.status_code == 400 and said in answer.text
    assert 'value="Prøve"' in answer.text
    assert users.by_username(db, "per.prove") is None


def test_a_number_whose_check_digits_do_not_fit_is_warned_of_and_not_refused(browse, db):
    number = a_number(11, 3, 1985, 140)
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    answer = browse("administrator", "5501").post(
        "/administrasjon/brukere",
        first_name="Slurv",
        surname="Siffer",
        national_number=wrong,
        rolle=["tracer"],
    )
    assert answer.headers["location"].endswith("beskjed=bruker-sjekk")


def test_the_matrix_changes_only_what_was_ticked_and_unticked(browse, db, settings):
    admin = browse("administrator", "5534", "matrix-admin")
    user = users.add(db, settings, username="m-one", first_name="En", surname="Bruker")
    users.grant(db, user.uid, 5534, "tracer")
    db.commit()
    answer = admin.post(
        "/administrasjon/brukere/roller",
        vist=[f"{user.uid}:tracer", f"{admin.reach.user}:administrator"],
        rolle=[f"{user.uid}:team_leader", f"{admin.reach.user}:administrator"],
    )
    assert answer.status_code == 303
    held = {(r.user.username, r.role) for r in users.in_unit(db, 5534)}
    assert held == {("m-one", "team_leader"), ("matrix-admin", "administrator")}
    said = admin.get("/administrasjon/logg").text
    assert "ga En Bruker rollen teamleder" in said
    assert "avsluttet rollen smittesporer for En Bruker" in said


def test_the_last_administrator_cannot_untick_herself(browse, db):
    admin = browse("administrator", "5536", "last-admin")
    answer = admin.post(
        "/administrasjon/brukere/roller", vist=[f"{admin.reach.user}:administrator"]
    )
    assert answer.status_code == 400 and "minst én administrator" in answer.text
    assert agreements.administrators(db, 5536) == 1


def test_the_matrix_gives_no_national_role_and_reaches_no_other_kommune(browse, db, as_role):
    admin = browse("administrator", "5501")
    stranger = as_role("tracer", "5532")
    admin.post("/administrasjon/brukere/roller", rolle=[f"{stranger.user}:tracer"])
    assert stranger.user not in {r.user.uid for r in users.in_unit(db, 5501)}
    mine = as_role("tracer", "5501")
    answer = admin.post("/administrasjon/brukere/roller", rolle=[f"{mine.user}:superuser"])
    assert answer.status_code == 403


def test_ks_gives_roles_to_its_own_and_fhis_users(browse, db, settings):
    number = a_number(12, 3, 1985, 140)
    answer = browse("ks", "NO").post(
        "/administrasjon/brukere",
        first_name="Finn",
        surname="Folkehelse",
        national_number=number,
        rolle=["fhi"],
    )
    assert answer.status_code == 303
    user = users.by_national_number(db, number, settings)
    root = org_units.current(db).root.id
    assert [(r.org_unit, r.role) for r in users.in_unit(db, root) if r.user == user] == [
        (root, "fhi")
    ]


def test_bydeler_and_teams_are_added_below_the_kommune_and_renamed(browse, db):
    admin = browse("administrator", "5501")
    kommune = org_units.current(db).by_code["5501"]
    at = "/administrasjon/enheter"
    assert admin.post(at, name="Bydel sør", parent=kommune.uid).status_code == 303
    bydel = next(u for u in org_units.current(db).children(5501) if u.name == "Bydel sør")
    assert admin.post(at, name="Team 2", parent=bydel.uid).status_code == 303
    again = admin.post(at, name="bydel SØR", parent=kommune.uid)
    assert again.status_code == 400 and "Det finnes alt en enhet" in again.text
    assert admin.post(f"{at}/{bydel.uid}/navn", name="Bydel øst").status_code == 303
    page = admin.get(at).text
    assert "Bydel øst" in page and "Team 2" in page and "Låst til Kartverkets register" in page


def test_kartverkets_units_refuse_a_new_name_and_say_why(browse, db):
    kommune = org_units.current(db).by_code["5501"]
    answer = browse("administrator", "5501").post(
        f"/administrasjon/enheter/{kommune.uid}/navn", name="Nytt"
    )
    assert answer.status_code == 409 and "Kartverkets register" in answer.text


@pytest.mark.parametrize("where", ["0301", "NO", "55"])
def test_nothing_is_added_outside_ones_own_kommune(browse, db, where):
    elsewhere = org_units.current(db).by_code[where]
    answer = browse("administrator", "5501").post(
        "/administrasjon/enheter", name="Vårt", parent=elsewhere.uid
    )
    assert answer.status_code == 404


def test_an_option_of_the_rules_is_chosen_and_reaches_them(browse, db):
    admin = browse("administrator", "5538")
    code = "TEST_INSTEAD_OF_QUARANTINE"
    assert code in admin.get("/administrasjon").text
    assert admin.post("/administrasjon/valg", valg=[code, "MADE_UP"]).status_code == 303
    assert administration.options_of(db, 5538) == {code}
    assert "slo på" in admin.get("/administrasjon/logg").text


def test_a_post_without_the_token_changes_nothing(browse, db):
    admin = browse("administrator", "5501")
    answer = admin.client.post("/administrasjon/enheter", data={"name": "X", "parent": "Y"})
    assert answer.status_code == 403


def test_an_administrator_reaches_none_of_kss_addresses(browse):
    admin = browse("administrator", "5501")
    assert admin.get("/administrasjon/kommuner/5501").status_code == 403
    at = "/administrasjon/kommuner/5501"
    for act in ("avtale", "administrator", "administrator/slutt"):
        assert admin.post(f"{at}/{act}").status_code == 403
    assert browse("ks", "NO").get("/administrasjon/enheter").status_code == 403


def test_each_page_asks_the_database_few_questions_however_many_rows(browse, monkeypatch):
    import psycopg

    asked = []
    real = psycopg.Connection.execute

    def counting(self, query, *args, **kwargs):
        asked.append(query)
        return real(self, query, *args, **kwargs)

    ks, admin = browse("ks", "NO"), browse("administrator", "5501")
    monkeypatch.setattr(psycopg.Connection, "execute", counting)
    for browser, path in (
        (ks, ADDRESSES[0]),
        (ks, ADDRESSES[4]),
        *((admin, a) for a in ADDRESSES[:4]),
    ):
        asked.clear()
        assert browser.get(path).status_code == 200
        assert len(asked) <= 20, (path, len(asked))
