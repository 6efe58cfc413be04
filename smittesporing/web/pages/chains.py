"""/smittekjeder: who infected whom, as a picture on a time axis and as the equal table.

Chooses a scope (a case, a cluster or the kommune), asks the casebook and shows it. Writes nothing: a
source is kept on the case's own page (events.py). Mounted by chain_routes.py.
"""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from smittesporing.epidemiology.offspring import Estimate, share_of_most_infectious
from smittesporing.problems import Refused
from smittesporing.tracing.casebook import chain, clusters, files, sources
from smittesporing.tracing.casebook.book import Book, as_day, open_book
from smittesporing.tracing.casebook.chain import Chain
from smittesporing.web.pages import chain_picture, render
from smittesporing.web.pages.chain_picture import LANES, choices_of, words_of
from smittesporing.web.pages.words import _, number
from smittesporing.web.working import work_of


def show(request: Request) -> Response:
    """One chain; the kommune's when neither case nor cluster is named."""
    asked = request.query_params
    lanes = asked.get("baner", "")
    lanes = lanes if lanes in LANES else LANES[0]
    case, cluster = asked.get("indeks", ""), asked.get("klynge", "")
    with_contacts = asked.get("kontakter", "1" if case else "0") == "1" and bool(case or cluster)
    only_certain = asked.get("sikre", "") == "1"
    with work_of(request, "chain.read") as work:
        book = open_book(work)
        found, title, says = _scope(request, book, case, cluster, with_contacts)
        shown = certain(found) if only_certain else found
        address = _address(request)
        return render.page(
            request,
            "chains/show.html",
            menu="smittekjeder",
            chain=shown,
            title=title,
            says=says,
            data=chain_picture.picture(book, shown, lanes, book.today, case),
            rows=chain_picture.rows(book, shown, case),
            numbers=numbers_of(shown),
            top=top_of(shown),
            case=case,
            cluster=cluster,
            detail=_detail(book, case) if case else None,
            views=[
                {"word": word, "href": address(baner=key), "current": key == lanes}
                for key, word in zip(
                    LANES, (_("Steder"), _("Husstander"), _("Generasjoner")), strict=True
                )
            ],
            toggles=_toggles(address, case or cluster, with_contacts, only_certain),
            diseases=_diseases(book, found, asked.get("sykdom", "")),
            from_=asked.get("fra", ""),
            to=asked.get("til", ""),
            lanes=lanes,
        )


def _scope(
    request: Request, book: Book, case: str, cluster: str, with_contacts: bool
) -> tuple[Chain, str, str]:
    asked = request.query_params
    if case:
        found = chain.of_case(book, case, with_contacts)
        node = found.cases[case]
        return found, _("Kjeden til %(who)s", who=chain_picture.label_of(node)), counted(found)
    if cluster:
        found = chain.of_cluster(book, cluster, with_contacts)
        name = found.clusters[found.start].name if found.start in found.clusters else ""
        return found, name or _("Klynge"), counted(found)
    found = chain.of_kommune(
        book,
        book.work.reach.read,
        as_day(asked.get("fra", "")),
        as_day(asked.get("til", "")),
        asked.get("sykdom") if "sykdom" in asked else None,
    )
    return found, _("Smittekjeder"), counted(found)


def counted(found: Chain) -> str:
    """«162 smittede. 98 ledd er registrert, 95 personer har en kjent kilde.»"""
    summary = found.summary
    if not summary.cases:
        return ""
    words = [
        _("%(n)s smittede.", n=number(summary.cases)) if summary.cases != 1 else _("Én smittet."),
        _("%(n)s ledd er registrert.", n=number(summary.links))
        if summary.links != 1
        else _("Ett ledd er registrert."),
    ]
    proposed = sum(1 for link in found.links if link.proposed)
    if proposed == 1:
        words.append(_("Én kilde er foreslått og venter på svar."))
    elif proposed:
        words.append(_("%(n)s kilder er foreslått og venter på svar.", n=number(proposed)))
    return " ".join(words)


def certain(found: Chain) -> Chain:
    """The chain with the links that are registered as certain, and no others."""
    links = tuple(
        one for one in found.links if not one.proposed and one.certainty == "CERTAIN"
    )  # fmt: skip
    ends = {uid for link in links for uid in (link.source, link.infected)}
    pairs = [link for link in links if link.kind == "INDEX"]
    return replace(
        found,
        links=links,
        away=tuple(one for one in found.away if one.id in ends),
        summary=chain.summary_of(found.cases, pairs),
    )


def _address(request: Request) -> Callable[..., str]:
    """The page's address with some of its choices changed; an empty one is taken away."""
    kept = {
        key: value
        for key, value in request.query_params.items()
        if key in ("indeks", "klynge", "baner", "kontakter", "sikre", "sykdom", "fra", "til")
    }

    def with_(**changes: str) -> str:
        values = {**kept, **changes}
        return "/smittekjeder?" + urlencode({k: v for k, v in values.items() if v != ""})

    return with_


def _toggles(
    address: Callable[..., str], scoped: str, with_contacts: bool, only_certain: bool
) -> list[dict[str, str]]:
    found = []
    if scoped:
        word = _("Skjul nærkontakter") if with_contacts else _("Vis nærkontakter")
        found.append({"word": word, "href": address(kontakter="0" if with_contacts else "1")})
    word = _("Vis alle ledd") if only_certain else _("Bare sikre ledd")
    found.append({"word": word, "href": address(sikre="" if only_certain else "1")})
    return found


def _diseases(book: Book, found: Chain, asked: str) -> list[dict[str, object]]:
    """The diseases of the kommune's cases, when there is more than one to choose between."""
    if len(found.diseases) < 2:
        return []
    shown = {case.disease for case in found.cases.values()}
    return [
        {
            "value": code,
            "word": f"{words_of(book, 'ST_DISEASE', code) or _('Ikke registrert')} ({count})",
            "current": {code} == shown,
        }
        for code, count in sorted(found.diseases.items(), key=lambda pair: -pair[1])
    ]


# Numbers -----------------------------------------------------------------------------------------------


def top_of(found: Chain, most: int = 3) -> list[tuple[str, str, int]]:
    """Those who infected most: (enrollment, label, number)."""
    return [
        (uid, chain_picture.label_of(found.cases[uid]), count)
        for uid, count in found.summary.infected[:most]
        if count and uid in found.cases
    ]


def numbers_of(found: Chain) -> dict[str, object]:
    """The tiles' figures as text, each with what it is counted of."""
    summary = found.summary
    spread = summary.spread
    counts = [count for _, count in summary.infected]
    share = share_of_most_infectious(counts)
    days = summary.intervals
    return {
        "mean_days": number(days.mean, 1) if days.mean is not None else "–",
        "median_days": number(days.median, 1) if days.median is not None else "–",
        "pairs": len(days.days),
        "r": number(spread.mean.value, 2) if spread.mean else "–",
        "r_interval": interval(spread.mean),
        "k": number(spread.dispersion.value, 2) if spread.dispersion else "–",
        "k_interval": interval(spread.dispersion),
        "share": f"{number(share * 100)}\N{NO-BREAK SPACE}%" if share is not None else "",
    }


def interval(found: Estimate | None) -> str:
    """«0,28–1,49»; an end that the data do not bound is said in words."""
    if found is None or (found.low is None and found.high is None):
        return ""
    low = number(found.low, 2) if found.low is not None else "0"
    if found.high is None:
        return _("fra %(low)s, øvre grense kan ikke sies", low=low)
    return f"{low}–{number(found.high, 2)}"


# One node ----------------------------------------------------------------------------------------------


def node(request: Request) -> Response:
    """The panel beside the picture for the node that is chosen."""
    uid = request.path_params["node"]
    with work_of(request, "chain.node") as work:
        detail = _detail(open_book(work), uid)
        return render.part(request, "chains/detail.html", detail=detail)


def _detail(book: Book, uid: str) -> dict[str, object]:
    kind, _sep, rest = uid.partition("-")
    if kind == "annen":
        return {"kind": "away"}
    if kind == "ukjent":
        uid = rest
    if kind == "kontakter":
        return {"kind": "contacts", "href": f"/indeks/{rest}/naerkontakter"}
    if kind == "kontakt":
        enrollment = rest.split("-")[0]
        person = book.person(files.entity_of(book, enrollment))
        record = files.enrollment_of(person, enrollment)
        return {
            "kind": "contact",
            "person": files.person_view(book, person),
            "href": f"/kontakt/{record.enrollment}",
        }
    person = book.person(files.entity_of(book, uid))
    if person.type == book.uid("ST_CLUSTER"):
        return {"kind": "cluster", "cluster": clusters.view_of(book, person)}
    if not any(one.enrollment == uid for one in person.in_program(book.uid("ST_INDEX"))):
        raise Refused("T003", status=404)
    file = files.case_file(book, uid)
    near = sources.around(book, file)
    told = sources.registered(book, file, near)
    return {
        "kind": "case",
        "file": file,
        "sources": told,
        "certainties": {c["value"]: c["word"] for c in choices_of(book, "ST_SOURCE_CERTAINTY")},
        "options": () if told else sources.options(book, file, near),
        "onset": file.case.onset_on,
    }
