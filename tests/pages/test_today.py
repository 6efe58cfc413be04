"""*I dag* and the log of calls through the door: what is shown, kept, refused, taken back; and who gets in."""

import re

import psycopg
import pytest

from smittesporing.access.work import work
from smittesporing.tracing.casebook import calls, files, measures, register, sheet
from smittesporing.tracing.casebook.book import open_book
from smittesporing.tracing.casebook.typed import understand

INDEX = {
    "ST_CASE_STATUS": "CONFIRMED",
    "ST_SYMPTOMS": "true",
    "ST_ONSET_DATE": "2022-01-18",
    "ST_REPORT_DATE": "2022-01-19",
}
HTMX = {"hx-request": "true"}


@pytest.fixture(scope="module")
def numbers():
    return iter(range(99995000, 99996000))


@pytest.fixture
def tracer(browse):
    return browse("tracer", "5501")


@pytest.fixture
def leader(browse):
    return browse("team_leader", "5501")


@pytest.fixture
def contact(pool, settings, as_role, numbers):
    """A household contact of Tromsø with a call due today: (enrollment, event, index)."""
    with work(pool, as_role("tracer", "5501"), settings, action="test") as here:
        book = open_book(here)
        number = next(numbers)
        person = {"ST_GIVEN_NAME": "Ola", "ST_FAMILY_NAME": "Prøve", "ST_PHONE": str(number)}
        made = register.register_index(book, person, INDEX)
        index = files.case_file(book, made.enrollment)
        cells = {"name": f"Kari Prøve{number}", "phone": str(next(numbers)),
                 "relation": "husstand", "last": "18.1."}  # fmt: skip
        saved = sheet.save_row(book, index, understand(cells, book.today))
        record = files.enrollment_of(book.person(saved.tracked_entity), saved.enrollment)
        return saved.enrollment, calls.due_of(book, record)[0].event, made.enrollment


def answer(browser, contact, **fields):
    """Log a call as htmx does it from the list."""
    enrollment, event, _ = contact
    kept = {"planlagt": event, "fra": "i-dag", "vis": "teamet", "csrf": browser.csrf}
    return browser.client.post(f"/samtale/{enrollment}", data={**kept, **fields}, headers=HTMX)


def row(page, event):
    found = re.search(
        rf'<li class="work-row[^"]*" data-row id="rad-{event}".*?</li>\n', page.text, re.S
    )
    return found.group(0) if found else ""


def test_the_first_sentence_says_whom_to_ring_and_the_row_says_why(tracer, contact):
    page = tracer.get("/i-dag?vis=teamet")
    assert page.status_code == 200
    assert re.search(r'<p class="says"><span id="forst">(Ring|Begynn med) .+\.', page.text)
    line = row(page, contact[1])
    for words in ("Ring i dag", "Nærkontakt, samme husstand", "indeks ", "Dag 2 av 10"):
        assert words in line
    assert "Ikke karantene. Test anbefales dag 3 og 5." in page.text  # the rule in force that day


def test_those_whose_quarantine_ends_tomorrow_stand_together_on_one_line(
    tracer, pool, settings, as_role, numbers
):
    names = [f"Siri Vik{next(numbers)}", f"Ivar Strand{next(numbers)}"]
    with work(pool, as_role("tracer", "5501"), settings, action="test") as here:
        book = open_book(here)
        person = {"ST_GIVEN_NAME": "Ola", "ST_FAMILY_NAME": "Prøve", "ST_PHONE": str(next(numbers))}
        early = INDEX | {"ST_ONSET_DATE": "2022-01-12", "ST_REPORT_DATE": "2022-01-13"}
        index = files.case_file(book, register.register_index(book, person, early).enrollment)
        for name in names:
            cells = {
                "name": name,
                "phone": str(next(numbers)),
                "relation": "husstand",
                "last": "11.1.",
            }
            saved = sheet.save_row(book, index, understand(cells, book.today))
            measures.confirm_verdict(book, saved.enrollment, saved.event)
            record = files.enrollment_of(book.person(saved.tracked_entity), saved.enrollment)
            for due in calls.due_of(book, record)[:1]:
                calls.log_call(book, saved.enrollment, {"ST_CALL_OUTCOME": "REACHED"}, due.event)
    page = tracer.get("/i-dag?vis=mine").text
    line = page[page.index("Slutter i morgen <span>2</span>") :]
    assert names[0] in line and names[1] in line and "Se de 2" in line
    assert "Siste dag er fredag 21. januar." in line or "Siste dag er 21. januar." in line


def test_an_empty_list_teaches(browse):
    page = browse("tracer", "3203").get("/i-dag")
    assert "Du har ingen oppgaver igjen" in page.text
    assert (
        "Her kommer alle som kommunen skal ringe"
        in browse("tracer", "3203").get("/i-dag?vis=teamet").text
    )


def test_the_form_asks_what_happened_first_and_knows_the_next_call(tracer, contact):
    enrollment, event, _ = contact
    piece = tracer.client.get(f"/samtale/{enrollment}?fra=i-dag&planlagt={event}", headers=HTMX)
    assert piece.text.lstrip().startswith("<form")
    assert (
        piece.text.index("Hva skjedde?") < piece.text.index("autofocus") < piece.text.index("Notat")
    )
    assert "Tom: som planlagt, tirsdag 25. januar." in piece.text
    whole = tracer.get(f"/samtale/{enrollment}?planlagt={event}")
    assert "<h1>Logg samtalen</h1>" in whole.text


def test_an_answered_call_folds_to_one_line_with_a_way_back(tracer, contact):
    folded = answer(tracer, contact, ST_CALL_OUTCOME="REACHED", ST_HEALTH_STATUS="NO_SYMPTOMS")
    assert "folded" in folded.text and "Angre" in folded.text and "ingen symptomer" in folded.text
    assert 'id="faner" hx-swap-oob="true"' in folded.text
    assert row(tracer.get("/i-dag?vis=teamet"), contact[1]) == ""
    made = re.search(r'name="samtale" value="(\w+)"', folded.text).group(1)
    back = tracer.client.post(
        f"/samtale/{contact[0]}/angre",
        data={"samtale": made, "fra": "i-dag", "vis": "teamet", "csrf": tracer.csrf},
        headers=HTMX,
    )
    event = re.search(r'data-row id="rad-(\w+)"', back.text).group(1)
    assert row(tracer.get("/i-dag?vis=teamet"), event)


def test_new_work_is_told_above_the_list_and_moves_nothing(tracer, leader, contact):
    page = tracer.get("/i-dag").text
    since = re.search(r'hx-get="(/i-dag/nye\?[^"]+)"', page).group(1).replace("&amp;", "&")
    assert tracer.client.get(since, headers=HTMX).text.strip() == ""
    pair = f"{contact[0]}:{contact[1]}"
    leader.post("/i-dag/tildel", valgt=[pair], til=tracer.reach.user, vis="ledige")
    before = "/i-dag/nye?vis=mine&siden=2022-01-20T11:59:59%2B01:00"
    told = tracer.client.get(before, headers=HTMX).text
    assert re.search(r"\d+ nye? oppgave", told) and 'href="/i-dag?vis=mine"' in told
    assert tracer.get("/i-dag/nye?siden=nå").status_code == 400


def test_nobody_answered_and_the_person_stays_on_the_list(tracer, contact):
    folded = answer(
        tracer, contact, ST_CALL_OUTCOME="NO_ANSWER", ST_CALL_NOTE="Ringer igjen kl. 18"
    )
    assert "Står fortsatt på lista" in folded.text
    assert "Ett anrop uten svar" in row(tracer.get("/i-dag?vis=teamet"), contact[1])


def test_without_an_outcome_the_sentence_stands_at_the_field_and_nothing_typed_is_lost(
    tracer, contact
):
    again = answer(tracer, contact, ST_CALL_NOTE="Snakket med mor")
    assert again.headers["hx-retarget"] == f"#samtale-{contact[1]}"
    assert "Velg om du fikk svar." in again.text and "Snakket med mor" in again.text
    for day, sentence in (
        ("2022-01-19", "Velg i dag eller en senere dag"),
        ("snart", "Velg en dag"),
    ):
        assert sentence in answer(tracer, contact, ST_CALL_OUTCOME="REACHED", next_on=day).text
    enrollment, event, _ = contact
    whole = tracer.post(f"/samtale/{enrollment}", planlagt=event, ST_CALL_NOTE="Snakket med mor")
    assert whole.status_code == 400 and "Snakket med mor" in whole.text


def test_a_call_that_a_colleague_logged_first_is_refused(tracer, leader, contact):
    answer(leader, contact, ST_CALL_OUTCOME="REACHED")
    refused = answer(tracer, contact, ST_CALL_OUTCOME="REACHED")
    assert refused.status_code == 409 and "message" in refused.json()


def test_a_call_is_logged_on_the_persons_own_pages_too(tracer, contact):
    enrollment, event, index = contact
    for page in (f"/kontakt/{enrollment}", f"/indeks/{index}/oppfolging"):
        assert "Hva skjedde?" in tracer.get(page).text
    answer = {
        "ST_CALL_OUTCOME": "REACHED",
        "ST_HEALTH_STATUS": "FEVER",
        "ST_CALL_NOTE": "Sov dårlig",
    }
    done = tracer.post(f"/samtale/{enrollment}", planlagt=event, fra="sak", **answer)
    assert done.headers["location"] == f"/kontakt/{enrollment}?beskjed=samtale-lagret"
    shown = tracer.get(done.headers["location"]).text
    assert "Samtalen er lagret." in shown and "Sov dårlig" in shown
    assert "Ring nå" in tracer.get("/i-dag?vis=teamet").text


def test_postponing_needs_a_day_and_a_reason(tracer, contact):
    enrollment, event, _ = contact
    path = f"/samtale/{enrollment}/utsett"
    kept = {"planlagt": event, "fra": "i-dag", "vis": "teamet"}
    assert "Skriv hvorfor" in tracer.post(path, to="2022-01-21", **kept).text
    assert (
        "Velg i dag eller en senere dag"
        in tracer.post(path, to="2022-01-19", reason="x", **kept).text
    )
    done = tracer.post(path, to="2022-01-21", reason="Jobber", **kept)
    assert done.status_code == 303
    assert row(tracer.get("/i-dag?vis=teamet"), event) == ""


def test_the_team_leader_gives_rows_to_a_tracer_and_the_board_counts_them(tracer, leader, contact):
    enrollment, event, _ = contact
    pair = f"{enrollment}:{event}"
    assert row(tracer.get("/i-dag"), event) == ""
    given = leader.post("/i-dag/tildel", valgt=[pair], til=tracer.reach.user, vis="ledige")
    assert given.status_code == 303
    assert row(tracer.get("/i-dag"), event)
    board = leader.get("/i-dag/tavle")
    assert "tracer 5501" in board.text and "Prøve" not in board.text
    nobody = leader.post("/i-dag/tildel", valgt=[], til="", vis="ledige")
    assert "beskjed=ingen-valgt" in nobody.headers["location"]
    stranger = leader.post("/i-dag/tildel", valgt=[pair], til="aaaaaaaaaaa", vis="ledige")
    assert stranger.status_code == 404


def test_a_tracer_takes_the_next_free_one_and_gives_nothing_to_others(tracer, leader, contact):
    taken = tracer.post("/i-dag/neste")
    assert taken.status_code == 303 and "#rad-" in taken.headers["location"]
    pair = f"{contact[0]}:{contact[1]}"
    refused = tracer.post("/i-dag/tildel", valgt=[pair], til=leader.reach.user)
    assert refused.status_code == 403
    assert tracer.get("/i-dag/tavle").status_code == 403


def test_a_neighbour_gets_404_for_everything_and_sees_nobody(browse, contact):
    neighbour = browse("tracer", "5532")
    enrollment, event, _ = contact
    assert neighbour.get(f"/samtale/{enrollment}").status_code == 404
    for path in (f"/samtale/{enrollment}", f"/samtale/{enrollment}/angre"):
        answer = neighbour.post(path, ST_CALL_OUTCOME="REACHED", planlagt=event, samtale=event)
        assert answer.status_code == 404
    moved = neighbour.post(
        f"/samtale/{enrollment}/utsett", planlagt=event, to="2022-01-21", reason="x"
    )
    assert moved.status_code == 404
    given = neighbour.post(
        "/i-dag/tildel", valgt=[f"{enrollment}:{event}"], til=neighbour.reach.user
    )
    assert given.status_code == 404
    assert row(neighbour.get("/i-dag?vis=teamet"), event) == ""


@pytest.mark.parametrize(
    ("role", "kommune"), [("administrator", "5501"), ("ks", "NO"), ("fhi", "NO")]
)
def test_those_who_see_no_people_have_no_list(browse, role, kommune):
    assert browse(role, kommune).get("/i-dag").status_code == 403


def test_a_list_of_many_takes_no_statement_for_each_row(tracer, contact, monkeypatch):
    counted = []
    whole = psycopg.Connection.execute

    def execute(self, *args, **more):
        counted.append(args[0])
        return whole(self, *args, **more)

    monkeypatch.setattr(psycopg.Connection, "execute", execute)
    page = tracer.get("/i-dag?vis=teamet")
    assert page.text.count('class="work-row') >= 8
    assert len(counted) <= 30, len(counted)
