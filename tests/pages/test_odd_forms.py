"""Odd text in addresses and forms of pages: a sentence for the reader, never a fault of ours."""

import pytest

LONG, RAISED = "9" * 5_000, "²"
ADDRESSES = (
    "/personer?side={}", "/personer?vis={}", "/sok?q={}", "/oversikt?uke={}", "/i-dag?dag={}",
    "/hendelser?side={}", "/kjeder?fra={}", "/regler?dag={}", "/rapport?uke={}",
)  # fmt: skip
FORMS = (
    ("/sok", "q"), ("/personer/ny", "ST_AGE"), ("/personer/ny", "ST_GIVEN_NAME"),
    ("/personer/ny", "ST_BIRTH_DATE"), ("/overforinger/ny/aaaaaaaaaaa", "to"),
    ("/indeks/aaaaaaaaaaa/svar", "version"), ("/hendelser/ny", "ST_CLUSTER_NAME"),
)  # fmt: skip


@pytest.fixture
def tracer(browse):  # type: ignore[no-untyped-def]
    return browse("tracer", "5501")


@pytest.mark.parametrize("text", [LONG, RAISED, "-1", "%00", "\ud7ff", "x" * 5_000])
def test_odd_words_in_an_address_are_never_a_fault(tracer, text):
    for pattern in ADDRESSES:
        path = pattern.format(text)
        assert tracer.get(path).status_code < 500, pattern


@pytest.mark.parametrize("text", [LONG, RAISED, "NUL\x00", "1\x00", "\u202e", "x" * 100_000])
def test_odd_words_in_a_form_are_never_a_fault(tracer, text):
    for path, name in FORMS:
        assert tracer.post(path, **{name: text}).status_code < 500, (path, name)
