"""A chain as the picture's data and as the equal table's rows.

Only translates: nodes, lanes, links and words out of casebook.chain.Chain. Reads no record. Called by
chains.py.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from smittesporing.tracing.casebook.book import Book
from smittesporing.tracing.casebook.chain import Chain
from smittesporing.tracing.casebook.links import CaseNode, ContactNode, Link
from smittesporing.tracing.people import Relation
from smittesporing.web.pages.words import _, age

Node = dict[str, Any]
FEW_NODES = 60  # above this the picture folds, and who stands alone is in the table only
FEW_CONTACTS, MANY_CONTACTS = 4, 24  # of one index, and of them all
MOST_LANES = 18
RECENT_DAYS = 21  # contacts stand at today while they may still fall ill
LANES = ("steder", "husstander", "generasjoner")
OTHER = "andre"


@dataclass(frozen=True)
class Row:
    """One line of the table: a case, or an end out of reach."""

    node: str
    number: str
    name: str
    href: str
    day: date | None
    source: str
    certainty: str
    infected: int
    current: bool
    chain: str = ""


def number_of(case: CaseNode) -> str:
    """What the case is called by: its number, or its id in the list it came from."""
    own = case.number != case.enrollment[: len(case.number)]
    return case.number if own or not case.source_id else case.source_id


def name_of(case: CaseNode) -> str:
    """The name; of somebody known by an imported id only, her age."""
    if case.source_id and case.name == case.source_id:
        return age(case.age).replace(" ", "\N{NO-BREAK SPACE}") or _("alder ikke kjent")
    return case.name


def label_of(case: CaseNode) -> str:
    return f"{number_of(case)} {name_of(case)}"


def words_of(book: Book, code: str, value: str) -> str:
    """What people read for an option of a data element or attribute; the code when it has none."""
    uid = book.uid(code)
    element = book.meta.data_elements.get(uid) or book.meta.attributes.get(uid)
    options = element.option_set if element else None
    return (options.name_of(value) if options and value else None) or value


def choices_of(book: Book, code: str) -> list[dict[str, str]]:
    """The choices of a data element or attribute, for a field."""
    uid = book.uid(code)
    element = book.meta.data_elements.get(uid) or book.meta.attributes.get(uid)
    options = element.option_set if element else None
    return [{"value": one.code, "word": one.name} for one in (options.options if options else ())]


def picture(book: Book, found: Chain, lanes: str, today: date, selected: str = "") -> Node:
    """The data of the island `chain`, or one without nodes when there is nothing to draw."""
    linked = {uid for link in found.links for uid in (link.source, link.infected)}
    count = len(found.cases) + len(found.contacts)
    cases = [
        case
        for case in found.cases.values()
        if count <= FEW_NODES or case.enrollment in linked or case.enrollment == selected
    ]
    lane_of = _lanes(book, found, lanes, cases)
    nodes = [_case_node(case, lane_of(case)) for case in cases]
    by_case = {case.enrollment: lane_of(case) for case in cases}
    links = [_link(link) for link in found.links]
    for index, group in _contacts(found, by_case).items():
        shown = [_contact(one, by_case[index], today) for one in group]
        if len(group) > (1 if len(found.contacts) > MANY_CONTACTS else FEW_CONTACTS):
            shown = [_folded(index, shown)]
        nodes += shown
        links += [{"from": index, "to": one["id"], "kind": "contact"} for one in shown]
    for cluster in found.clusters.values():
        key, word = cluster.tracked_entity, cluster.name
        lane = (f"sted-{key}", word) if lanes == "steder" else ("hendelser", _("Hendelser"))
        nodes.append({"id": cluster.enrollment, "kind": "event", "lane": lane,
                      "day": _iso(cluster.start), "name": cluster.name,
                      "href": f"/hendelser/{key}"})  # fmt: skip
    days = {case.enrollment: case.day for case in cases}
    for away in found.away:
        here = next(link for link in found.links if away.id in (link.source, link.infected))
        near = days.get(here.source if here.infected == away.id else here.infected)
        day = None if near is None else near + timedelta(days=-2 if away.is_source else 2)
        nodes.append({"id": away.id, "kind": "away", "lane": ("utenfor", _("Andre kommuner")),
                      "day": _iso(day), "name": away.kommune})  # fmt: skip
    if count <= FEW_NODES:
        for case in cases:
            if case.told == "UNKNOWN" and case.day:
                node = f"ukjent-{case.enrollment}"
                nodes.append({"id": node, "kind": "unknown", "lane": by_case[case.enrollment],
                              "day": _iso(case.day - timedelta(days=3)),
                              "name": _("Ukjent kilde")})  # fmt: skip
                links.append({"from": node, "to": case.enrollment, "kind": "proposed"})
    return _framed(nodes, links, found, today, selected)


def _framed(nodes: list[Node], links: list[Node], found: Chain, today: date, selected: str) -> Node:
    dated = sorted(node["day"] for node in nodes if node["day"])
    known = [node["known"] for node in nodes if node.get("known")]
    first = date.fromisoformat(dated[0]) if dated else today
    last = date.fromisoformat(max([*dated, *known])) if dated else today
    now = last >= today - timedelta(days=RECENT_DAYS)
    counted: Counter[tuple[str, str]] = Counter(node["lane"] for node in nodes)
    kept = {lane for lane, _n in counted.most_common(MOST_LANES)}
    order: dict[tuple[str, str], None] = {}
    for node in sorted(nodes, key=lambda n: (n["day"] or "9", n["name"])):
        if node["lane"] not in kept:
            node["lane"] = (OTHER, _("Andre steder"))
        order.setdefault(node["lane"])
    last_keys = {OTHER: 1, "": 2, "utenfor": 3}
    lanes = sorted(order, key=lambda lane: last_keys.get(lane[0], 0))
    if all(lane[0].startswith("g-") for lane in lanes):
        lanes.sort(key=lambda lane: int(lane[0][2:]))
    for node in nodes:
        node["lane"] = node["lane"][0]
    data: Node = {
        "from": (first - timedelta(days=1)).isoformat(),
        "to": max(last, today if now else last).isoformat(),
        "lanes": [{"key": key, "word": word} for key, word in lanes],
        "nodes": nodes,
        "links": links,
        "detail": "/smittekjeder/node/{id}",
    }
    if now:
        data["today"] = today.isoformat()
    if selected or found.start:
        data["selected"] = selected or found.start
    return data


def _lanes(
    book: Book, found: Chain, lanes: str, cases: Iterable[CaseNode]
) -> Callable[[CaseNode], tuple[str, str]]:
    """The lane (key, word) of each case, by what the reader chose."""
    cases = list(cases)
    at = {
        link.infected: found.clusters[link.source].tracked_entity
        for link in found.links
        if link.kind == "EVENT" and link.source in found.clusters
    }
    homes = Counter(case.household for case in cases if case.household)
    for one in found.contacts:
        if one.household and one.index in found.cases:
            homes[found.cases[one.index].household] += 1
    family: dict[str, str] = {}
    for case in sorted(cases, key=lambda c: str(c.day)):
        family.setdefault(case.household, case.family_name)

    def home(case: CaseNode) -> tuple[str, str] | None:
        if case.household and homes[case.household] > 1:
            return f"hus-{case.household}", _("Husstand %(name)s", name=family[case.household])
        return None

    def place(case: CaseNode) -> tuple[str, str]:
        uid = at.get(case.enrollment) or _shared(found, case)
        if uid:
            return f"sted-{uid}", found.places[uid]
        lived = home(case)
        if lived and case.setting in ("", "HOUSEHOLD"):
            return lived
        if case.setting:
            return f"type-{case.setting}", words_of(book, "ST_EXPOSURE_SETTING", case.setting)
        own = next((p for p in case.places if p in found.places), "")
        return (f"sted-{own}", found.places[own]) if own else ("", _("Sted ikke kjent"))

    def generation(case: CaseNode) -> tuple[str, str]:
        number = found.generations.get(case.enrollment, 0)
        return f"g-{number}", _("Ledd %(n)s", n=number + 1)

    if lanes == "generasjoner":
        return generation
    if lanes == "husstander":
        return lambda case: home(case) or ("", _("Ikke samme husstand som andre her"))
    return place


def _shared(found: Chain, case: CaseNode) -> str:
    """A place where both the case and a registered source of hers have been; "" when there is none."""
    for link in found.sources(case.enrollment):
        source = found.cases.get(link.source)
        if source and not link.proposed and case.setting != "HOUSEHOLD":
            for uid in case.places:
                if uid in source.places and uid in found.places:
                    return uid
    return ""


def _case_node(case: CaseNode, lane: tuple[str, str]) -> Node:
    node = {"id": case.enrollment, "kind": "case", "lane": lane, "day": _iso(case.day),
            "name": label_of(case), "href": f"/indeks/{case.enrollment}"}  # fmt: skip
    if case.known:
        node["known"] = case.known.isoformat()
    return node


def _contacts(found: Chain, lanes: Mapping[str, object]) -> dict[str, list[ContactNode]]:
    """The contacts by the index they met, for the indexes that are drawn."""
    groups: dict[str, list[ContactNode]] = {}
    for one in found.contacts:
        if one.index in lanes:
            groups.setdefault(one.index, []).append(one)
    return groups


def _folded(index: str, contacts: list[Node]) -> Node:
    """Many contacts of one index as one node, which opens the list of them."""
    return {
        **max(contacts, key=lambda one: one["day"] or ""),
        "id": f"kontakter-{index}",
        "name": _("%(n)s nærkontakter", n=len(contacts)),
        "href": f"/indeks/{index}/naerkontakter",
    }


def _contact_id(one: ContactNode) -> str:
    return f"kontakt-{one.enrollment}-{one.index}"


def _contact(one: ContactNode, lane: tuple[str, str], today: date) -> Node:
    recent = one.day is not None and one.day >= today - timedelta(days=RECENT_DAYS)
    node = {"id": _contact_id(one), "kind": "contact", "lane": lane,
            "day": _iso(today if recent else one.day), "name": one.name,
            "href": f"/kontakt/{one.enrollment}"}  # fmt: skip
    if one.known:
        node["known"] = one.known.isoformat()
    return node


def _link(link: Link) -> Node:
    kind = "proposed" if link.proposed else "registered"
    return {"from": link.source, "to": link.infected, "kind": kind}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def rows(book: Book, found: Chain, selected: str = "") -> list[Row]:
    """The table: the same people and ends as in the picture, by day; each source in words."""
    counts = found.count_of
    lines = [
        Row(
            node=case.enrollment,
            number=number_of(case),
            name=name_of(case),
            href=f"/indeks/{case.enrollment}",
            day=case.onset,
            source=source_words(book, found, case),
            certainty=_certainty(book, found, case),
            infected=counts.get(case.enrollment, 0),
            current=case.enrollment == selected,
        )
        for case in sorted(found.cases.values(), key=lambda c: (str(c.day or "9"), number_of(c)))
    ]
    for away in found.away:
        link = next(one for one in found.links if away.id in (one.source, one.infected))
        other = found.cases.get(link.source)
        lines.append(
            Row(
                node=away.id,
                number="–",
                name=_("%(kommune)s, navn skjult", kommune=away.kommune),
                href="",
                day=None,
                source=number_of(other) if other else "–",
                certainty=_name_certainty(book, link) if other else "–",
                infected=0 if other else 1,
                current=False,
            )
        )
    return lines


def source_words(book: Book, found: Chain, case: CaseNode) -> str:
    """«2011», «Bursdag 8.1.», «Utlandet», «kanskje 2033», or a dash."""
    parts = []
    for link in found.sources(case.enrollment):
        if link.source in found.cases:
            word = number_of(found.cases[link.source])
            parts.append(_("kanskje %(who)s", who=word) if link.proposed else word)
        elif link.source in found.clusters:
            parts.append(found.clusters[link.source].name)
        else:
            away = next((one for one in found.away if one.id == link.source), None)
            parts.append(_("noen i %(kommune)s", kommune=away.kommune) if away else "–")
    if not parts and case.told:
        parts.append({"ABROAD": _("Utlandet"), "UNKNOWN": _("Ukjent")}[case.told])
    return ", ".join(dict.fromkeys(parts)) or "–"


def _certainty(book: Book, found: Chain, case: CaseNode) -> str:
    words = [_name_certainty(book, link) for link in found.sources(case.enrollment)]
    return ", ".join(dict.fromkeys(words)) or "–"


def _name_certainty(book: Book, link: Link) -> str:
    if link.proposed:
        return _("foreslått")
    return words_of(book, "ST_SOURCE_CERTAINTY", link.certainty).lower() or _("ikke sagt")


def relation_words(book: Book) -> list[dict[str, str]]:
    """The relations a contact may have to an index."""
    return [
        {"value": one.value, "word": words_of(book, "ST_RELATION", one.value)} for one in Relation
    ]
