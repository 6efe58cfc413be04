"""Users and roles of one kommune, or of KS and FHI: the matrix, and a new user.

A user is found by the keyed hash of her national number; the number itself is neither kept nor shown
again. Who may give what is decided by access.users.may_grant. Called through web/routes.py; `read_person`,
`user_of` and `own_kommune` also serve the other pages of the administration.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from smittesporing.access import administration, agreements, org_units, users
from smittesporing.access.org_units import OrgUnit
from smittesporing.access.reach import ROLE_NAMES, Reach
from smittesporing.access.users import User
from smittesporing.access.work import Work
from smittesporing.problems import SENTENCES, Refused
from smittesporing.registers import national_number
from smittesporing.registers.national_number import NationalNumber, NotANumber, Synthetic
from smittesporing.settings import Settings
from smittesporing.web.pages import render
from smittesporing.web.pages.sign_in import free_username
from smittesporing.web.pages.words import _
from smittesporing.web.working import work_of

PATH = "/administrasjon/brukere"
NATIONAL_ROLES = ("ks", "fhi")

# What each role opens, in the words of the page.
ROLE_MEANS = {
    "tracer": "Registrerer, ringer og følger opp personer i kommunen.",
    "team_leader": "Som smittesporer, og fordeler oppgaver og tar ut lister.",
    "kommuneoverlege": "Som teamleder, og bestemmer tiltak, gjør unntak og rapporterer.",
    "administrator": "Styrer brukere, enheter og valg. Ser ingen personer som følges opp.",
    "ks": "Registrerer avtaler og oppnevner administratorer. Ser ingen personer som følges opp.",
    "fhi": "Ser publiserte tall for hele landet, aldri personer.",
}

ADDED = render.say(
    "bruker-lagt-til", "done", _("Brukeren er lagt til. Nummeret er ikke lagret i klartekst.")
)
ADDED_CHECK = render.say(
    "bruker-sjekk",
    "warning",
    _("Brukeren er lagt til, men kontrollsifrene i nummeret stemmer ikke. Slipper personen ikke inn: "
      "avslutt rollene og legg personen til på nytt med riktig nummer."),
)  # fmt: skip
KNOWN = render.say(
    "bruker-kjent",
    "done",
    _(
        "Personen var bruker fra før, og har fått rollene her. Navnet er det personen alt er registrert med."
    ),
)
SAVED = render.say("roller-lagret", "done", _("Rollene er lagret. De gjelder fra nå."))
UNCHANGED = render.say("roller-uendret", "info", _("Ingen roller var endret."))


@dataclass(frozen=True)
class NewUser:
    """A name and a number as typed and read; the number lives for the request only."""

    first_name: str
    surname: str
    number: NationalNumber


@dataclass(frozen=True)
class Row:
    """One user of the matrix and the roles she holds here."""

    user: User
    roles: frozenset[str]


def show(request: Request) -> Response:
    with work_of(request, "administration.users") as work:
        return matrix(request, work)


def add(request: Request) -> Response:
    """A new user with at least one role, or new roles for somebody who is a user elsewhere."""
    form = request.state.form
    with work_of(request, "administration.add_user") as work:
        unit, columns = place_of(work)
        person, errors = read_person(form, work.settings)
        chosen = {str(role) for role in form.getlist("rolle")} & set(columns)
        if not chosen:
            errors["rolle"] = _("Velg minst én rolle. Uten rolle slipper ingen inn.")
        if person is None or errors:
            return matrix(request, work, errors=errors, typed=typed_of(form), chosen=chosen)
        user, known = user_of(work, person)
        administration.change_roles(work.conn, work.reach, user.uid, unit.id, chosen, set())
    return RedirectResponse(f"{PATH}?beskjed={outcome(person, known)}", 303)


def change(request: Request) -> Response:
    """Give and take the roles that were ticked and unticked since the page was shown."""
    form = request.state.form
    shown, ticked = pairs(form, "vist"), pairs(form, "rolle")
    try:
        with work_of(request, "administration.change_roles") as work:
            unit, columns = place_of(work)
            members = {role.user.uid for role in users.in_unit(work.conn, unit.id)}
            changed = 0
            for uid in sorted(members):
                give, take = ticked[uid] - shown[uid], shown[uid] - ticked[uid]
                if not (give | take) <= set(columns):
                    raise Refused("T002", status=403)
                if give or take:
                    administration.change_roles(work.conn, work.reach, uid, unit.id, give, take)
                    changed += 1
    except Refused as refusal:
        if refusal.problem.code != "T014":
            raise
        with work_of(request, "administration.users") as work:
            return matrix(request, work, ticked=ticked, problem=SENTENCES["T014"])
    return RedirectResponse(f"{PATH}?beskjed={SAVED if changed else UNCHANGED}", 303)


def matrix(
    request: Request,
    work: Work,
    *,
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    chosen: set[str] | None = None,
    ticked: Mapping[str, set[str]] | None = None,
    problem: str = "",
) -> Response:
    """The page; what was typed and ticked comes back when something was wrong with it."""
    unit, columns = place_of(work)
    rows = rows_of(work, unit)
    active = unit.kommune is None or agreements.is_active(agreements.of(work.conn, unit.id))
    return render.page(
        request,
        "admin/users.html",
        status=400 if errors or problem else 200,
        reach=work.reach,
        unit=unit,
        active=active,
        columns=[(role, *words_of(role)) for role in columns],
        rows=rows,
        counts={role: sum(role in row.roles for row in rows) for role in columns},
        ticked=ticked,
        errors=errors or {},
        typed=typed or {},
        chosen=chosen or set(),
        problem=problem,
    )


def words_of(role: str) -> tuple[str, str, str]:
    """The role's name in a sentence, at the head of a column, and what it opens."""
    word = _(ROLE_NAMES[role])
    return word, word[:1].upper() + word[1:], _(ROLE_MEANS[role])


def place_of(work: Work) -> tuple[OrgUnit, tuple[str, ...]]:
    """Whose users she governs, and the roles that exist there.

    Errors  T002 for anybody but a kommune's administrator and KS.
    """
    reach: Reach = work.reach
    units = org_units.current(work.conn)
    if reach.may("agreements"):
        return units.root, NATIONAL_ROLES
    if reach.may("administer") and reach.working_in is not None:
        return units.by_id[reach.working_in], users.LOCAL_ROLES
    raise Refused("T002", status=403)


def own_kommune(work: Work) -> OrgUnit:
    """The kommune she administers. Errors  T002 when she administers none."""
    if not work.reach.may("administer") or work.reach.working_in is None:
        raise Refused("T002", status=403)
    unit = org_units.current(work.conn).by_id[work.reach.working_in]
    if unit.kommune is None:
        raise Refused("T002", status=403)
    return unit


def rows_of(work: Work, unit: OrgUnit) -> list[Row]:
    """Everybody with a role in the unit, by name."""
    held: dict[str, set[str]] = defaultdict(set)
    people: dict[str, User] = {}
    for role in users.in_unit(work.conn, unit.id):
        people[role.user.uid] = role.user
        held[role.user.uid].add(role.role)
    return [Row(user, frozenset(held[uid])) for uid, user in people.items()]


def read_person(form: FormData, settings: Settings) -> tuple[NewUser | None, dict[str, str]]:
    """The new user as typed, or the sentences that belong at the fields."""
    typed = typed_of(form)
    errors: dict[str, str] = {}
    if not typed["first_name"]:
        errors["first_name"] = _("Skriv fornavnet.")
    if not typed["surname"]:
        errors["surname"] = _("Skriv etternavnet.")
    number = national_number.parse(typed["national_number"])
    if isinstance(number, NotANumber):
        errors["national_number"] = number.sentence
        return None, errors
    if settings.exercise and number.synthetic is Synthetic.NO:
        errors["national_number"] = _(
            "Dette er en øvelse: bruk bare oppdiktede personer, der måneden i nummeret er 80 høyere."
        )
    if errors:
        return None, errors
    return NewUser(typed["first_name"], typed["surname"], number), errors


def typed_of(form: FormData) -> dict[str, str]:
    """The three fields without needless space."""
    fields = ("first_name", "surname", "national_number")
    return {name: " ".join(str(form.get(name, "")).split())[:100] for name in fields}


def user_of(work: Work, person: NewUser) -> tuple[User, bool]:
    """The user with that number, made when there is none; and whether she was one before."""
    known = users.by_national_number(work.conn, person.number.digits, work.settings)
    if known is not None:
        return known, True
    made = users.add(
        work.conn,
        work.settings,
        username=free_username(work.conn, person.first_name, person.surname),
        first_name=person.first_name,
        surname=person.surname,
        national_number=person.number.digits,
        by=work.reach.user,
    )
    return made, False


def outcome(person: NewUser, known: bool) -> str:
    """Which notice follows: known from before, added, or added with a number to look at again."""
    if known:
        return KNOWN
    return ADDED if person.number.check_digits_fit else ADDED_CHECK


def pairs(form: FormData, name: str) -> dict[str, set[str]]:
    """`user:role` values of a form, by user; somebody unknown has none."""
    found: dict[str, set[str]] = defaultdict(set)
    for value in form.getlist(name):
        uid, colon, role = str(value).partition(":")
        if colon:
            found[uid].add(role)
    return found
