"""Files, pictures in sizes, icons, and what clients ask of a server at start."""

import hashlib
import io
import zlib

import pytest
from PIL import Image

from smittesporing.access import log
from smittesporing.access.work import work
from smittesporing.uid import new_uid
from smittesporing.web.api import images
from smittesporing.web.api.images import NoPicture


def a_picture(width=900, height=600, kind="PNG"):
    written = io.BytesIO()
    Image.new("RGB", (width, height), "seagreen").save(written, format=kind)
    return written.getvalue()


def upload(ask, content, name="bilde.png", kind="image/png", by="tracer", query=""):
    return ask("POST", f"fileResources{query}", by=by, files={"file": (name, content, kind)})


def test_a_file_is_sent_and_its_card_says_what_it_is(ask):
    content = a_picture()
    answer = upload(ask, content)
    assert answer.status_code == 202, answer.text
    card = answer.json()["response"]["fileResource"]
    assert card["contentMd5"] == hashlib.md5(content).hexdigest()
    assert card["contentLength"] == len(content)
    assert (card["storageStatus"], card["domain"]) == ("STORED", "DATA_VALUE")
    assert (card["contentType"], card["name"]) == ("image/png", "bilde.png")
    assert ask("GET", f"fileResources/{card['id']}").json()["id"] == card["id"]
    data = ask("GET", f"fileResources/{card['id']}/data")
    assert data.content == content and data.headers["content-type"] == "image/png"


def test_a_file_of_a_value_is_its_senders_alone_and_for_a_day(ask, owner):
    uid = upload(ask, a_picture()).json()["response"]["fileResource"]["id"]
    for path in (f"fileResources/{uid}", f"fileResources/{uid}/data"):
        assert ask("GET", path, by="admin").status_code == 404
    owner.execute(
        "update tracker.file_resource set created_at = now() - interval '25 hours' where uid = %s",
        (uid,),
    )
    assert ask("GET", f"fileResources/{uid}/data").status_code == 404


@pytest.mark.parametrize(
    ("dimension", "size"),
    [
        ("SMALL", (256, 171)),
        ("MEDIUM", (512, 341)),
        ("LARGE", (900, 600)),
        ("ORIGINAL", (900, 600)),
    ],
)
def test_a_picture_comes_in_the_size_asked_for(ask, dimension, size):
    uid = upload(ask, a_picture()).json()["response"]["fileResource"]["id"]
    data = ask("GET", f"fileResources/{uid}/data?dimension={dimension}")
    assert Image.open(io.BytesIO(data.content)).size == size


def a_bomb():
    """A PNG of a few bytes that says it is 60 000 × 60 000."""

    def chunk(name, body):
        return (
            len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")
        )

    head = (60_000).to_bytes(4, "big") * 2 + bytes((8, 2, 0, 0, 0))
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def test_a_picture_that_would_burst_is_refused_before_it_is_opened(ask):
    with pytest.raises(NoPicture):
        images.check(a_bomb(), "image/png")
    answer = upload(ask, a_bomb())
    assert (answer.status_code, answer.json()["errorCode"]) == (409, "E6101")


@pytest.mark.parametrize(
    ("name", "kind", "content", "status"),
    [
        pytest.param("side.html", "text/plain", b"<script>", 409, id="a page by its name"),
        pytest.param("side.txt", "text/html", b"<script>", 409, id="a page by its kind"),
        pytest.param("tegning.svg", "image/svg+xml", b"<svg/>", 409, id="a drawing with scripts"),
        pytest.param("bilde.png", "image/png", b"no picture", 409, id="no picture"),
        pytest.param("bilde.png", "image/png", a_picture(kind="JPEG"), 409, id="another kind"),
        pytest.param("liste.csv", "text/csv", b"a;b\n", 202, id="a list"),
        pytest.param("brev.pdf", "application/pdf", b"%PDF-1.4", 202, id="a letter"),
    ],
)
def test_only_kinds_that_no_browser_runs_are_kept(ask, name, kind, content, status):
    assert upload(ask, content, name, kind).status_code == status


def test_a_file_that_is_missing_huge_or_there_already_is_refused(ask):
    assert ask("POST", "fileResources", json={}).status_code == 400
    answer = upload(ask, b"x" * 10_000_001, "stor.txt", "text/plain")
    assert answer.status_code == 409
    uid = new_uid()
    first = upload(ask, b"a", "a.txt", "text/plain", query=f"?uid={uid}")
    assert (first.status_code, first.json()["response"]["fileResource"]["id"]) == (202, uid)
    assert (first.json()["httpStatus"], first.json()["httpStatusCode"]) == ("Accepted", 202)
    again = upload(ask, b"b", "a.txt", "text/plain", query=f"?uid={uid}")
    assert (again.status_code, again.json()["errorCode"]) == (409, "E1119")


@pytest.mark.parametrize(
    ("name", "kind", "content", "status"),
    [
        pytest.param("jeg.png", "image/png", a_picture(), 202, id="a face"),
        pytest.param("jeg.tiff", "image/png", a_picture(), 409, id="another ending"),
        pytest.param("jeg.webp", "image/webp", a_picture(kind="WEBP"), 409, id="another kind"),
        pytest.param("jeg.png", "image/png", b"x" * 2_000_001, 409, id="too large"),
    ],
)
def test_a_users_picture_is_small_and_of_a_kind_every_browser_shows(
    ask, name, kind, content, status
):
    answer = upload(ask, content, name, kind, query="?domain=USER_AVATAR")
    assert answer.status_code == status


def test_what_is_sent_is_never_run_in_the_services_name(ask):
    uid = upload(ask, b"{}", "a.json", "application/json").json()["response"]["fileResource"]["id"]
    headers = ask("GET", f"fileResources/{uid}/data").headers
    assert headers["content-disposition"].startswith("attachment")
    assert "sandbox" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


# Files of records ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def places(ask, uid):
    """A program stage with a file and a picture, and an attribute of kind picture on the person."""
    stage, element = uid("ST_CONTACT_EXPOSURE"), new_uid()
    made = {"id": element, "name": f"File {element}", "shortName": element, "valueType": "IMAGE",
            "domainType": "TRACKER", "aggregationType": "NONE"}  # fmt: skip
    body = ask("GET", f"programStages/{stage}?fields=:owner", by="admin").json()
    body["programStageDataElements"].append({"dataElement": {"id": element}})
    package = {"dataElements": [made], "programStages": [body]}
    answer = ask("POST", "metadata", by="admin", json=package)
    assert answer.status_code == 200, answer.text
    return stage, element


def a_file_in_an_event(ask, send, whole, element):
    """The event with a picture in it, its person, and the picture."""
    content = a_picture()
    file = upload(ask, content).json()["response"]["fileResource"]["id"]
    person = whole["trackedEntities"][0]
    event = person["enrollments"][0]["events"][0]
    event["dataValues"].append({"dataElement": element, "value": file})
    answer = send(whole)
    assert answer.status_code == 200, answer.text
    return event["event"], person["trackedEntity"], content


def test_a_file_of_an_event_is_read_with_the_event_and_leaves_a_log_row(
    ask, send, whole, places, pool, settings, as_role
):
    _, element = places
    event, person, content = a_file_in_an_event(ask, send, whole, element)
    path = f"tracker/events/{event}/dataValues/{element}"
    for ending in ("image", "file"):
        assert ask("GET", f"{path}/{ending}").content == content
    small = ask("GET", f"{path}/image?dimension=SMALL")
    assert max(Image.open(io.BytesIO(small.content)).size) == 256
    with work(pool, as_role("tracer", "5501"), settings, action="test") as here:
        actions = [each.action for each in log.looks(here, person)]
    assert actions.count("tracker.file") == 3


def test_a_neighbour_reads_no_file_of_my_event(ask, send, whole, places, settings, pool, as_role):
    from smittesporing.tracker import files

    _, element = places
    event, _, _ = a_file_in_an_event(ask, send, whole, element)
    with work(pool, as_role("tracer", "5503"), settings, action="test") as here:
        assert files.in_event(here, event, element) is None
    with work(pool, as_role("tracer", "5501"), settings, action="test") as here:
        assert files.in_event(here, event, element) is not None


def test_naming_somebody_elses_file_in_ones_own_record_shows_nothing(ask, send, whole, places):
    _, element = places
    file = upload(ask, a_picture(), by="admin").json()["response"]["fileResource"]["id"]
    event = whole["trackedEntities"][0]["enrollments"][0]["events"][0]
    event["dataValues"].append({"dataElement": element, "value": file})
    event["storedBy"] = "odd-admin"
    assert send(whole).status_code == 200
    path = f"tracker/events/{event['event']}/dataValues/{element}/image"
    assert ask("GET", path).status_code == 404


def test_a_value_that_is_no_file_is_not_found_as_one(ask, send, whole, uid):
    event = whole["trackedEntities"][0]["enrollments"][0]["events"][0]
    assert send(whole).status_code == 200
    for item in (uid("ST_LAST_CONTACT"), "nothingAAA1"):
        path = f"tracker/events/{event['event']}/dataValues/{item}/file"
        assert ask("GET", path).status_code == 404
    person = whole["trackedEntities"][0]["trackedEntity"]
    path = f"tracker/trackedEntities/{person}/attributes/{uid('ST_GIVEN_NAME')}/image"
    assert ask("GET", path).status_code == 404


# Icons -----------------------------------------------------------------------------------------


def test_icons_are_listed_found_and_drawn(ask):
    body = ask("GET", "icons?paging=false").json()
    assert len(body["icons"]) > 30
    one = ask("GET", "icons/virus_outline").json()
    assert one["key"] == "virus_outline" and "virus" in one["keywords"]
    picture = ask("GET", "icons/virus_outline/icon.svg")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert picture.text.startswith("<svg")
    asked = ask("GET", "icons?keys=virus_outline,phone_negative&fields=key").json()["icons"]
    assert {each["key"] for each in asked} == {"virus_outline", "phone_negative"}
    assert ask("GET", "icons?keys=virus_outline&type=custom").json()["icons"] == []
    assert "household" in ask("GET", "icons/keywords").json()
    assert ask("GET", "icons/nobody_drew_this").status_code == 404


def test_a_custom_icon_is_made_of_a_picture_shown_and_taken_away(ask):
    content = a_picture(64, 64)
    assert upload(ask, content, query="?domain=ICON").status_code == 403
    sent = upload(ask, content, by="admin", query="?domain=ICON")
    file = sent.json()["response"]["fileResource"]["id"]
    key = f"custom-{new_uid()}"
    body = {"key": key, "description": "Own", "keywords": ["own"], "fileResource": {"id": file}}
    assert ask("POST", "icons", json=body).status_code == 403
    assert ask("POST", "icons", by="admin", json=body).status_code == 201
    assert ask("POST", "icons", by="admin", json=body).status_code == 409
    assert (
        ask("POST", "icons", by="admin", json={**body, "key": "virus_outline"}).status_code == 409
    )
    assert ask("GET", f"icons?type=custom&keys={key}&fields=key").json()["icons"] == [{"key": key}]
    assert ask("GET", f"icons/{key}/icon").content == content
    changed = {"description": "Else", "keywords": ["else"]}
    assert ask("PUT", f"icons/{key}", by="admin", json=changed).status_code == 200
    assert ask("GET", f"icons/{key}").json()["keywords"] == ["else"]
    assert ask("DELETE", f"icons/{key}", by="admin").status_code == 200
    assert ask("DELETE", "icons/virus_outline", by="admin").status_code == 404
    assert ask("GET", f"icons/{key}").status_code == 404


# At start --------------------------------------------------------------------------------------


def test_a_page_for_signing_in_learns_what_it_needs_before_anybody_has(client):
    answer = client.get("/api/loginConfig")
    body = answer.json()
    assert answer.status_code == 200
    assert {"applicationTitle", "uiLocale", "oidcProviders", "loginPageLayout"} <= body.keys()
    assert body["apiVersion"].startswith("2.42")


@pytest.mark.parametrize(
    "path",
    ["apps/menu", "locales/ui", "locales/db", "locales/dbLocales", "periodTypes", "system/uid",
     "system/uuid", "system/flags", "system/styles",
     "staticContent/logo_banner", "system/info", "system/ping", "ping"],
)  # fmt: skip
def test_what_a_header_bar_or_a_phone_asks_at_start_is_answered(ask, path):
    assert ask("GET", path).status_code == 200


def test_where_a_category_option_is_used_is_asked_for_by_many(ask):
    body = ask("GET", "categoryOptions/orgUnits?categoryOptions=xYerKDKCefk,nothingAAA1").json()
    assert body == {"xYerKDKCefk": []}
    assert ask("GET", "categoryOptions/orgUnits").status_code == 400


def test_a_machine_that_nobody_knows_is_answered_in_json(client):
    answer = client.get("/api/me")
    assert (answer.status_code, answer.json()["httpStatusCode"]) == (401, 401)
