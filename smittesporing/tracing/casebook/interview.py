"""The interview as questions: sections from metadata, what program rules hide, require and warn of.

One rule engine, the tracker's; this file only describes the situation and gathers what the rules say. Also
which answers MSIS and FHI's weekly figures lack, and whose value stands when two type at once. Called by
pages.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from smittesporing.metadata.forms import Attribute, DataElement, Section
from smittesporing.metadata.programs import StageElement
from smittesporing.problems import Refused
from smittesporing.tracing.casebook import files, register
from smittesporing.tracing.casebook.book import Book
from smittesporing.tracker.records import Enrollment, Event, TrackedEntity
from smittesporing.tracker.rules import Happened, Situation, effects

SHOWN_ACTIONS = frozenset(
    {"HIDEFIELD", "HIDESECTION", "SHOWWARNING", "SHOWERROR", "SETMANDATORYFIELD", "HIDEOPTION"}
)
# Set by the service or by an act, never typed.
SYSTEM = frozenset(
    {"ST_CASE_NUMBER", "ST_COUNT_DATE", "ST_REGISTERED_BY_MISTAKE", "ST_SOURCE_ID", "ST_AGE_AT"}
)
# Whose turn it is in a conversation, the person's sections or the interview's; each in metadata's order.
ORDER = (
    "ST_INDEX_WHO",
    "ST_INDEX_REACH",
    "ST_INDEX_INTERVIEW_HEALTH",
    "ST_INDEX_LIVES",
    "ST_INDEX_INTERVIEW_HOME",
    "ST_INDEX_WORK",
    "ST_INDEX_INTERVIEW_WHERE",
    "ST_INDEX_VACCINE",
    "ST_INDEX_INTERVIEW_ABOUT",
    "ST_INDEX_INTERVIEW_OFFICE",
)
# What the clinician's report to MSIS asks for: FHI, klinikermelding (meldingsskjema for covid-19).
MSIS = (
    *("ST_SEX", "ST_RESIDENCE", "ST_BIRTH_COUNTRY", "ST_OCCUPATION"),
    *("ST_SYMPTOMS", "ST_ONSET_DATE", "ST_UNDERLYING", "ST_INFECTED_WHERE_KIND"),
    *("ST_INFECTED_COUNTRY", "ST_INFECTED_KOMMUNE", "ST_INFECTED_CONTINENT", "ST_KNOWN_CONTACT"),
    *("ST_EXPOSURE_SETTING", "ST_TEST_REASON"),
)
# What FHI's weekly indicators are counted from beside the report.
WEEKLY = ("ST_CASE_STATUS", "ST_FIRST_CALL_DATE", "ST_WAS_IN_QUARANTINE")


@dataclass(frozen=True)
class Question:
    """One question as drawn. `several`: answers parted by commas. `on_person` tells where it is kept."""

    code: str
    uid: str
    name: str
    ask: str
    help: str
    value_type: str
    options: tuple[tuple[str, str], ...]
    several: bool
    value: str
    hidden: bool
    required: bool
    warning: str
    on_person: bool
    may_lie_ahead: bool = False


@dataclass(frozen=True)
class Part:
    """A section of the interview. `code` names it; `answered` of `asked` visible questions."""

    code: str
    uid: str
    title: str
    questions: tuple[Question, ...]
    hidden: bool

    @property
    def asked(self) -> int:
        return sum(not one.hidden for one in self.questions)

    @property
    def answered(self) -> int:
        return sum(bool(one.value) for one in self.questions if not one.hidden)


@dataclass(frozen=True)
class Said:
    """What the rules say about the fields: uids hidden and required, sections hidden, warnings by uid."""

    hidden: frozenset[str]
    sections: frozenset[str]
    required: frozenset[str]
    warnings: Mapping[str, str]


def case_file(book: Book, enrollment: str) -> files.CaseFile:
    """The case behind an index's address. Errors  T003 also for an enrollment as contact."""
    file = files.case_file(book, enrollment)
    if file.enrollment.program != book.uid("ST_INDEX"):
        raise Refused("T003", status=404)
    return file


def happened(event: Event) -> Happened:
    """An event as the rules see it."""
    return Happened(
        event=event.event,
        stage=event.program_stage,
        status=event.status or "ACTIVE",
        org_unit=event.org_unit,
        occurred_at=event.occurred_at,
        scheduled_at=event.scheduled_at,
        created_at=event.created_at,
        completed_at=event.completed_at,
        data={uid: value for uid, value in event.data.items() if value},
    )


def situation(
    book: Book, person: TrackedEntity, enrollment: Enrollment, current: Event | None
) -> Situation:
    """Everything the program's rules may ask about this enrollment."""
    unit = book.units.by_uid.get(enrollment.org_unit)
    return Situation(
        metadata=book.meta,
        program=book.meta.programs[enrollment.program],
        today=book.today,
        attributes={uid: value for uid, value in person.attributes.items() if value},
        enrollment=enrollment.enrollment,
        enrollment_status=enrollment.status or "ACTIVE",
        enrolled_at=enrollment.enrolled_at,
        incident_at=enrollment.occurred_at,
        org_unit=enrollment.org_unit,
        org_unit_code=(unit.code or "") if unit else "",
        events=tuple(
            happened(event)
            for event in enrollment.events
            if not event.deleted and (current is None or event.event != current.event)
        ),
        current=happened(current) if current else None,
        roles=frozenset((book.work.reach.role,)),
        groups=book.work.reach.groups,
    )


def said(where: Situation) -> Said:
    """What the rules hide, require and warn of in this situation."""
    hidden, sections, required = set(), set(), set()
    warnings: dict[str, str] = {}
    for effect in effects(where, SHOWN_ACTIONS):
        action = effect.action
        uid = action.element or action.attribute or ""
        match action.type:
            case "HIDEFIELD":
                hidden.add(uid)
            case "HIDESECTION":
                sections.add(action.stage_section or "")
            case "SETMANDATORYFIELD":
                required.add(uid)
            case "SHOWWARNING" | "SHOWERROR":
                text = " ".join(part for part in (action.content, effect.data) if part)
                warnings.setdefault(uid, text)
    return Said(frozenset(hidden), frozenset(sections), frozenset(required), warnings)


def parts_of(book: Book, file: files.CaseFile) -> tuple[Part, ...]:
    """The interview with its answers, in the order of a conversation.

    Shape   Sections about the person and of the interview keep their own order and take turns as
            ORDER's do; a section that is not named there comes last of its kind.
    """
    event = file.interview
    rules = said(situation(book, file.entity, file.enrollment, event or _blank(book, file)))
    program = book.meta.programs[file.enrollment.program]
    person: list[Part] = []
    for section in program.sections:
        code = str((book.meta.get("programSections", section.uid) or {}).get("code") or section.uid)
        person.append(_part(section, code, _attributes(book, section, file.entity, rules), rules))
    talk: list[Part] = []
    stage = book.meta.stages[book.uid("ST_INDEX_INTERVIEW")]
    for section in stage.sections:
        raw = book.meta.get("programStageSections", section.uid) or {}
        code = str(raw.get("code") or section.uid)
        asked = [stage.elements_by_uid.get(uid) for uid in section.questions]
        questions = [
            _question(book, one.element, event, rules, ahead=one.allow_future_date)
            for one in asked
            if one is not None and one.element.code not in SYSTEM
        ]
        talk.append(_part(section, code, questions, rules))
    return tuple(part for part in _in_turn(person, talk) if part.questions)


def _in_turn(person: list[Part], talk: list[Part]) -> Iterator[Part]:
    turns = [(code, person if code in {p.code for p in person} else talk) for code in ORDER]
    known = {part.code for part in (*person, *talk)}
    left = {id(listed): iter(listed) for listed in (person, talk)}
    for code, listed in turns:
        if code in known:
            yield next(left[id(listed)])
    for rest in left.values():
        yield from rest


def further(
    book: Book, person: TrackedEntity, enrollment: Enrollment, stage: str, drawn: Collection[str]
) -> tuple[Question, ...]:
    """What a stage asks beyond what its page draws by itself: questions that were added to the form.

    Shape   In the form's order, without those that rules hide or that are left out of the form.
    """
    rules = said(situation(book, person, enrollment, None))
    return tuple(
        replace(
            _question(book, one.element, None, rules, ahead=one.allow_future_date),
            required=one.compulsory or one.element.uid in rules.required,
        )
        for one in asked_of(book, stage)
        if one.element.code not in drawn and one.element.uid not in rules.hidden
    )


def asked_of(book: Book, stage: str) -> tuple[StageElement, ...]:
    """What a stage's form asks, in its order; what is left out of the form is not asked."""
    here = book.meta.stages[book.uid(stage)]
    if not here.sections:
        return here.elements
    asked = (uid for section in here.sections for uid in section.questions)
    return tuple(here.elements_by_uid[uid] for uid in asked if uid in here.elements_by_uid)


def _blank(book: Book, file: files.CaseFile) -> Event:
    return Event(
        event="",
        program=file.enrollment.program,
        program_stage=book.uid("ST_INDEX_INTERVIEW"),
        enrollment=file.enrollment.enrollment,
        org_unit=file.enrollment.org_unit,
        status="ACTIVE",
        occurred_at=book.now,
    )


def _part(section: Section, code: str, questions: Iterable[Question], rules: Said) -> Part:
    return Part(code, section.uid, section.name, tuple(questions), section.uid in rules.sections)


def _attributes(
    book: Book, section: Section, person: TrackedEntity, rules: Said
) -> Iterator[Question]:
    for uid in section.questions:
        attribute = book.meta.attributes.get(uid)
        if attribute is None or attribute.code in SYSTEM:
            continue
        if attribute.confidential and person.value(uid):
            continue  # a number once stored is never sent out again to be typed over
        yield _question(book, attribute, person, rules)


def _question(
    book: Book,
    asked: Attribute | DataElement,
    record: TrackedEntity | Event | None,
    rules: Said,
    ahead: bool = False,
) -> Question:
    value = record.value(asked.uid) if record else ""
    options = asked.option_set.choices(value) if asked.option_set else ()
    return Question(
        code=called(asked),
        uid=asked.uid,
        name=asked.name,
        ask=asked.form_name,
        help=asked.description if asked.description != asked.form_name else "",
        value_type=asked.value_type,
        options=tuple((one.code, one.name) for one in options),
        several=asked.value_type == "MULTI_TEXT",
        value=value,
        hidden=asked.uid in rules.hidden,
        required=asked.uid in rules.required,
        warning=rules.warnings.get(asked.uid, ""),
        on_person=isinstance(asked, Attribute),
        may_lie_ahead=ahead,
    )


def called(asked: Attribute | DataElement) -> str:
    """What a field is called: the code of one of our own questions, else the identifier."""
    return asked.code if asked.code and asked.code.startswith("ST_") else asked.uid


@dataclass(frozen=True)
class Missing:
    """What MSIS or the weekly figures lack, of how many asked; code and name of each."""

    lacking: tuple[tuple[str, str], ...]
    asked: int


def missing(parts: Iterable[Part], codes: Iterable[str]) -> Missing:
    """Those of the codes that apply and have no answer, in their order in the interview."""
    wanted = frozenset(codes)
    applying = [
        one
        for part in parts
        for one in part.questions
        if one.code in wanted and not one.hidden and not part.hidden
    ]
    lacking = tuple((one.code, one.name) for one in applying if not one.value)
    return Missing(lacking, len(applying))


def lacks_for_msis(file: files.CaseFile, parts: Iterable[Part]) -> Missing:
    """As `missing`, with what is not a question: who she is, and a test."""
    told = missing(parts, MSIS)
    more = []
    if not file.person.has_number and file.person.birth_on is None:
        more.append(("ST_BIRTH_DATE", "Fødselsnummer eller fødselsdato"))
    if not file.case.tests:
        more.append(("ST_TEST_DATE", "Prøve med dato og svar"))
    return Missing((*more, *told.lacking), told.asked + 2)


# Writing -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Theirs:
    """A colleague's value of a field that was written since the page was read."""

    value: str
    by: str
    seen: int


def seen(book: Book, person: str) -> int:
    """How far the person's history has come: what a page sends back as the version it saw."""
    row = book.work.conn.execute(
        "select coalesce(max(sequence), 0) as last from tracker.history where tracked_entity = %s",
        (person,),
    ).fetchone()
    return int(row["last"]) if row else 0


def theirs(book: Book, person: str, uid: str, value: str, since: int) -> Theirs | None:
    """What somebody else wrote in this field after `since`; None when nobody did, or wrote the same.

    Two who type in different fields of the same record never stand in each other's way.
    """
    row = book.work.conn.execute(
        """select username, user_info, sequence,
                  coalesce(after->'data'->%(uid)s->>'value', after->'attributes'->%(uid)s->>'value', '')
                    as value
             from tracker.history
            where tracked_entity = %(person)s and sequence > %(since)s
              and username <> %(me)s and owners && %(owners)s::int[]
              and (after->'data' ? %(uid)s or after->'attributes' ? %(uid)s)
            order by sequence desc limit 1""",
        {
            "uid": uid,
            "person": person,
            "since": since,
            "me": book.work.reach.username,
            "owners": list(book.work.reach.read),
        },
    ).fetchone()
    if row is None or row["value"] == value:
        return None
    user = row["user_info"] or {}
    name = " ".join(part for part in (user.get("firstName"), user.get("surname")) if part)
    return Theirs(row["value"], name or row["username"], int(row["sequence"]))


def answer(book: Book, enrollment: str, code: str, value: str) -> None:
    """Keep one answer, where it belongs: on the person or in the interview; "" takes it away.

    Errors  T010 for a question that is not asked; the importer's codes for a value it refuses.
    """
    uid = book.uid(code)
    if code in SYSTEM:
        raise Refused("T010", code, "", status=422)
    if uid in book.meta.attributes:
        register.save_profile(book, files.entity_of(book, enrollment), {code: value or None})
    else:
        stage = book.meta.stages[book.uid("ST_INDEX_INTERVIEW")]
        if uid not in stage.elements_by_uid:
            raise Refused("T010", code, "", status=422)
        register.save_interview(book, enrollment, {code: value or None})
