"""Invented data for the gallery: one outbreak, the same people on every part."""

from __future__ import annotations

import math
from datetime import date, timedelta
from types import SimpleNamespace

PAST, TODAY, COMING = "past", "today", "coming"


def day_cells(done: int, total: int) -> list[str]:
    return [PAST] * (done - 1) + [TODAY] + [COMING] * (total - done)


def work_row(chip, form, tone, name, age, who, says, phone, act="Ring", day=0, of=10, label=""):
    return SimpleNamespace(
        chip=chip, form=form, tone=tone, name=name, age=age, who=who, says=says, phone=phone, act=act,
        days=day_cells(day, of) if day else None,
        label=label or f"Dag {day} av {of}",
        first=name == "Mari Nordmann",
    )  # fmt: skip


WORK = [
    {
        "word": "Symptomer og prøvesvar",
        "rows": [
            work_row("Ring nå", "dot", "signal", "Mari Nordmann", 34, "Nærkontakt, samme husstand · indeks 2041", "Meldte symptomer kl. 08.12. To anrop uten svar, sist kl. 10.40.", "99990005", day=2),
            work_row("Prøvesvar", "diamond", "signal", "Jonas Berg", 27, "Øvrig nærkontakt · indeks 2033", "Positiv PCR, tatt 19. januar. Blir indeks når du bekrefter.", "99990014", "Åpne", label="Svar kl. 11.48"),
            work_row("Ny indeks", "triangle", "signal", "Marte Lien", 19, "Bekreftet, PCR 19. januar", "Ikke ringt. Vikar ved Fjellvik skole, sårbart sted.", "99990021", "Intervju", label="Svar kl. 09.30"),
        ],
    },
    {
        "word": "Forfalt",
        "rows": [
            work_row("Forfalt", "half", "outline", "Berit Lund", 72, "Øvrig nærkontakt · indeks 2031", "Skulle vært ringt i går. Sårbart sted: Solvik omsorgssenter.", "99990008", day=4),
            work_row("Kan oppheves", "square", "calm", "Nils Bakke", 44, "Indeks · 2019", "Tidligste dag var i går. Bekreft 24 timer uten feber.", "99990031", "Opphev", label="6 av 6 dager gått"),
        ],
    },
]  # fmt: skip

TILES = [
    SimpleNamespace(title="I isolasjon nå", figure="23", unit="", lines=["23 av 77 095 innbyggere", "3,0 per 10 000", "4 kan oppheves i dag"], spark=[3, 4, 4, 8, 14, 23]),
    SimpleNamespace(title="I karantene nå", figure="141", unit="", lines=["141 av 77 095 innbyggere", "18 per 10 000", "4 slutter i morgen"], spark=[40, 55, 50, 70, 110, 141]),
    SimpleNamespace(title="Nye smittede uke 2", figure="31", unit="", lines=["31 av 77 095 innbyggere", "40 per 100 000", "10 flere enn i uke 1 (21)"], spark=[9, 12, 10, 21, 31]),
    SimpleNamespace(title="Kjent eksponeringssted", figure="74", unit="%", lines=["23 av 31 smittede", "uke 2, etter prøvedato", "86 % i uke 1 (18/21)"], spark=[88, 90, 88, 86, 74]),
    SimpleNamespace(title="Allerede i karantene da smitten ble påvist", figure="58", unit="%", lines=["18 av 31 smittede", "uke 2, etter prøvedato", "52 % i uke 1 (11/21)"], spark=[42, 48, 60, 52, 58]),
    SimpleNamespace(title="Fra symptomstart til første samtale, median", figure="1,4", unit="døgn", lines=["28 av 31 smittede", "3 mangler symptomstart", "1,9 døgn i uke 1 (20/21)"], spark=[2.5, 2.2, 2.3, 1.9, 1.4]),
]  # fmt: skip

COLUMNS = [
    {"word": "Kommune"},
    {"word": "Innbyggere", "num": True},
    {"word": "Nye smittede", "num": True},
    {"word": "Per 100 000", "num": True},
    {"word": "Tall fra", "hide": True},
]
ROWS = [
    {"cells": ["Tromsø", 77095, 57, 74, "nå"], "current": True},
    ["Harstad", 24738, 13, 53, "kl. 12.00"],
    ["Senja", 14725, 11, 75, "kl. 12.00"],
    ["Nordreisa", 4812, "skjult", "–", "kl. 12.00"],
]

DAY_ROW = [
    {
        "number": n,
        "date": date(2022, 1, 18) + timedelta(n),
        "state": "zero" if n == 0 else PAST if n < 2 else TODAY if n == 2 else COMING if n < 7 else "test",
        "note": "test kan avslutte" if n == 8 else "",
    }
    for n in range(11)
]  # fmt: skip


def curve() -> dict[str, object]:
    kinds = ["household", "work", "school", "private", "abroad", "unknown"]
    words = ["Husstand", "Arbeid", "Skole og barnehage", "Privat arrangement", "Utlandet", "Ukjent"]
    pattern = "2 2 5 32 0 0 31 35 05 42 0 1 3 3 03 00 5 05 14 35 024 003 0012 002 0155 0032 00255 051 0023 012 00 3 03 1 0 014 0033 05 00".split()  # noqa: E501
    start = date(2021, 12, 13)
    days = [
        {"day": (start + timedelta(i)).isoformat(), "counts": {kinds[int(c)]: code.count(c) for c in sorted(code)}}
        for i, code in enumerate(pattern)
    ]  # fmt: skip
    return {
        "kinds": [{"key": k, "word": w} for k, w in zip(kinds, words, strict=True)],
        "days": days,
        "href": "/personer?prøvedato={day}&sted={kind}",
        "marks": [{"day": "2022-01-11", "word": "Tiltak 11. januar: rødt nivå, Fjellvik skole"}],
        "provisional_from": "2022-01-19",
    }


PLACES = [
    ("5501", "Tromsø", 69.65, 18.96, 77095, 74), ("1804", "Bodø", 67.28, 14.40, 52560, 61),
    ("5001", "Trondheim", 63.43, 10.39, 207595, 120), ("0301", "Oslo", 59.91, 10.75, 697010, 240),
    ("4601", "Bergen", 60.39, 5.32, 285601, 130), ("1103", "Stavanger", 58.97, 5.73, 144147, 95),
    ("4204", "Kristiansand", 58.15, 8.00, 112588, 88), ("1806", "Narvik", 68.44, 17.43, 21661, 30),
    ("5503", "Harstad", 68.80, 16.54, 24738, 53), ("5530", "Senja", 69.23, 17.98, 14725, 75),
    ("5603", "Hammerfest", 70.66, 23.68, 11274, 12), ("5605", "Sør-Varanger", 69.73, 30.05, 10103, None),
    ("1507", "Ålesund", 62.47, 6.15, 66670, 44), ("3403", "Hamar", 60.79, 11.07, 31999, 140),
    ("3301", "Drammen", 59.74, 10.20, 101859, 210), ("3407", "Gjøvik", 60.80, 10.69, 30267, 66),
    ("5507", "Alta", 69.97, 23.27, 20847, 27), ("1833", "Rana", 66.31, 14.14, 26092, 18),
]  # fmt: skip


def places() -> dict[str, object]:
    found = [
        {"id": code, "name": name, "lat": lat, "lon": lon, "population": people, "value": value,
         "count": None if value is None else round(value * people / 100000),
         "href": f"/oversikt?kommune={code}", "own": code == "5501", "label": name in {"Tromsø", "Oslo", "Bergen", "Bodø", "Trondheim"}}
        for code, name, lat, lon, people, value in PLACES
    ]  # fmt: skip
    for i in range(300):
        lat = 58.2 + 12.4 * ((i * 0.618) % 1) ** 1.7
        middle = 9 if lat < 63.5 else 11.5 + (lat - 63.5) * 2.1
        lon = middle + math.sin(i * 12.9) * (2.2 if lat < 63.5 else 1.3)
        value = None if i % 3 == 0 else (i * 37) % 260
        found.append(
            {"id": f"x{i}", "name": f"Kommune {i + 1}", "lat": lat, "lon": lon,
             "population": 900 + (i * 7919) % 14000, "value": value, "count": value and value // 10,
             "href": f"/oversikt?kommune=x{i}"}
        )  # fmt: skip
    return {"places": found, "classes": [25, 50, 100, 200], "unit": "per 100 000", "days": 14}


def chain() -> dict[str, object]:
    def node(key, kind, lane, day, name, **more):
        return {
            "id": key,
            "kind": kind,
            "lane": lane,
            "day": day,
            "name": name,
            "href": f"/person/{key}",
            **more,
        }

    return {
        "from": "2022-01-04", "to": "2022-01-20", "today": "2022-01-20",
        "lanes": [
            {"key": "party", "word": "Bursdag 8. januar", "says": "hendelse 88"},
            {"key": "home", "word": "Husstand Nordmann", "says": "adresse skjult i bildet"},
            {"key": "work", "word": "Nordvik regnskap", "says": "arbeid, sted 214"},
            {"key": "school", "word": "Fjellvik skole, 10B", "says": "skole, sted 31"},
            {"key": "care", "word": "Solvik omsorgssenter", "says": "avdeling 2, sted 12"},
            {"key": "away", "word": "Utenfor Tromsø", "says": "bare kommunen vises"},
        ],
        "nodes": [
            node("2011", "case", "party", "2022-01-06", "2011 Siv Dale", known="2022-01-08"),
            node("e88", "event", "party", "2022-01-08", "Bursdag"),
            node("2024", "case", "party", "2022-01-11", "2024 Rune Eide"),
            node("2026", "case", "party", "2022-01-12", "2026 Lars Ness"),
            node("2047", "case", "home", "2022-01-18", "2047 Ola Nordmann", known="2022-01-19"),
            node("k1", "contact", "home", "2022-01-20", "Emma"),
            node("k2", "contact", "home", "2022-01-20", "Kari"),
            node("2033", "case", "work", "2022-01-15", "2033 Tone Riise"),
            node("k3", "contact", "work", "2022-01-20", "Per"),
            node("k4", "contact", "work", "2022-01-20", "Sara"),
            node("2035", "case", "school", "2022-01-15", "2035 Elev"),
            node("2038", "case", "school", "2022-01-18", "2038 Elev"),
            node("2036", "case", "school", "2022-01-16", "2036 Elev"),
            node("k5", "contact", "school", "2022-01-20", "12 elever"),
            node("u1", "unknown", "care", "2022-01-11", "Ukjent kilde"),
            node("2029", "case", "care", "2022-01-14", "2029 Gerd Solli"),
            node("2031", "case", "care", "2022-01-16", "2031 Helge Moen"),
            node("b1", "away", "away", "2022-01-17", "Balsfjord"),
        ],
        "links": [
            {"from": "2011", "to": "e88"}, {"from": "e88", "to": "2024"}, {"from": "e88", "to": "2026"},
            {"from": "e88", "to": "2047", "kind": "proposed", "share": 0.55}, {"from": "2033", "to": "2047", "kind": "proposed", "share": 0.3},
            {"from": "2026", "to": "2033"}, {"from": "2024", "to": "2035"}, {"from": "2035", "to": "2038"},
            {"from": "2035", "to": "2036"}, {"from": "u1", "to": "2029", "kind": "proposed"}, {"from": "2029", "to": "2031"},
            {"from": "2026", "to": "b1", "kind": "proposed", "share": 0.6},
            {"from": "2047", "to": "k1", "kind": "contact"}, {"from": "2047", "to": "k2", "kind": "contact"},
            {"from": "2047", "to": "k3", "kind": "contact"}, {"from": "2047", "to": "k4", "kind": "contact"},
            {"from": "2038", "to": "k5", "kind": "contact"},
        ],
        "selected": "2047",
    }  # fmt: skip


CHAIN_ROWS = [
    {"cells": [n["id"], n["name"][5:], n["day"], "2026"], "data": n["id"], "current": n["id"] == "2047"}
    for n in chain()["nodes"]  # type: ignore[attr-defined]
    if n["kind"] == "case"
]  # fmt: skip

EXAMPLE = SimpleNamespace(
    work=WORK,
    tiles=TILES,
    columns=COLUMNS,
    rows=ROWS,
    day_row=DAY_ROW,
    curve=curve(),
    map=places(),
    chain=chain(),
    chain_rows=CHAIN_ROWS,
)
