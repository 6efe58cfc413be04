"""Whatever is posted, an import answers with a report and leaves a picture that can be read."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from smittesporing import database
from smittesporing.access.reach import Reach
from smittesporing.metadata import exchange, store
from smittesporing.metadata.fields import MISSING, Unreadable, choose, compile
from smittesporing.metadata.fields import parse as parse_fields
from smittesporing.metadata.filters import Refusal, matching, ordered, parse
from smittesporing.metadata.incoming import Manner
from smittesporing.metadata.kinds import KINDS
from smittesporing.web.api.world import MetadataWorld

UIDS = st.sampled_from(["aaaaaaaaaa1", "bbbbbbbbbb2", "bjDvmb4bfuf", "", "short"])
NAMES = st.sampled_from(
    sorted(
        {name for kind in KINDS.values() for name in kind.properties}
        | {"id", "name", "shortName", "code", "sharing", "attributeValues", "translations", "users"}
    )
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["TEXT", "OPEN", "EVENT", "rw------", "x", "7", ""]),
    UIDS,
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(NAMES, st.just("id")), inner, max_size=3),
        st.fixed_dictionaries({"id": UIDS}),
    ),
    max_leaves=6,
)
SOUND = {
    "valueType": "TEXT",
    "domainType": "TRACKER",
    "aggregationType": "NONE",
    "value": 1,
    "username": "u",
    "level": 9,
    "code": "C",
    "factor": 1,
    "numerator": "1",
    "denominator": "1",
    "programType": "WITH_REGISTRATION",
    "programRuleVariableSourceType": "CALCULATED_VALUE",
    "programRuleActionType": "HIDEFIELD",
    "condition": "true",
    "periodType": "Daily",
    "fromConstraint": {"relationshipEntity": "PROGRAM_INSTANCE"},
    "toConstraint": {"relationshipEntity": "PROGRAM_INSTANCE"},
}


@st.composite
def payloads(draw):
    """Objects that would be taken as they are, each with a few properties set to anything."""
    payload = {}
    plurals = draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=4, unique=True))
    for plural in plurals:
        kind = KINDS[plural]
        bodies = []
        for place in range(draw(st.integers(1, 2))):
            body = {"id": draw(UIDS.filter(lambda uid: len(uid) == 11)), "name": f"N{place}"}
            body |= {name: SOUND[name] for name in kind.required if name in SOUND}
            body |= {"shortName": "S"}
            own = st.sampled_from(sorted(kind.properties | {"sharing", "sortOrder", "program"}))
            body |= draw(st.dictionaries(own, VALUES, max_size=3))
            bodies.append(body)
        payload[plural] = bodies
    if draw(st.integers(0, 9)) == 0:
        payload[draw(st.sampled_from(sorted(KINDS)))] = draw(st.lists(VALUES, max_size=3))
    return payload


VIEWS = (
    *("option_sets", "data_elements", "attributes", "tracked_entity_types", "stages", "programs"),
    *("relationship_types", "program_rules", "program_rule_variables", "program_indicators"),
    *("indicators", "constants", "option_groups"),
)


ADMIN = Reach(
    user="adminAAAAA1",
    username="admin",
    name="admin",
    read=(),
    write=(),
    working_in=None,
    role="superuser",
    authorities=frozenset({"ALL"}),
)


@pytest.fixture(scope="module")
def connection(settings):
    """One connection for all examples; a pool's own threads would disturb the drawing of them."""
    with database.connect(settings.database_url) as opened:
        yield opened


@effort(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payload=payloads(), strategy=st.sampled_from(["CREATE_AND_UPDATE", "DELETE"]))
def test_no_payload_breaks_the_import_or_the_picture(connection, payload, strategy):
    reach = ADMIN
    manner = Manner(atomic="NONE", strategy=strategy)
    with connection.transaction(force_rollback=True):
        report = exchange.import_metadata(connection, payload, reach, manner)
        assert report.as_json("FULL")["status"] in ("OK", "WARNING")
        metadata = store.current(connection)
        for view in VIEWS:
            getattr(metadata, view)
        world = MetadataWorld(metadata, reach, "", dict, "nb")
        tree = parse_fields(":all,legendSet,programs,user,displayFormName")
        for plural in payload:
            kind = KINDS[plural]
            select = compile(tree, world, plural)
            for body in ordered(world.objects(kind), ["sortOrder:asc", "name"], world, plural):
                select(body)


@given(text=st.text(alphabet="ab[](),:!~*. \t1;", max_size=40))
def test_any_fields_text_is_read_or_refused(text):
    try:
        select = choose(text)
    except Unreadable:
        return
    select({"a": [{"b": {"a": 1}}], "b": "text", "1": None})


class _Flat:
    def preset(self, kind, name, body):
        return body

    def value(self, kind, body, name):
        return body.get(name, MISSING)

    def below(self, kind, name):
        return name

    def whole(self, kind, value):
        return value


@given(
    path=st.sampled_from(["a", "a.b", "b", "1", "identifiable"]),
    operator=st.sampled_from(["eq", "!in", "gt", "like", "$ilike", "empty", "null", "token", "x"]),
    value=st.text(max_size=8),
)
def test_any_filter_is_answered_or_refused(path, operator, value):
    try:
        holds = matching([parse(f"{path}:{operator}:{value}")], _Flat(), "")
    except Refusal:
        return
    for body in ({"a": [{"b": True}]}, {"a": {"b": 2.5}}, {"b": "2022-01-01"}, {"1": None}):
        holds(body)
