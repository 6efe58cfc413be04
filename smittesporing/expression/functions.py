"""Every function and variable of the language, once: arguments, result, modes and meaning.

A table, no behaviour. `parse` checks against it, `describe` and the documentation read it, and a test
holds `evaluate` and `to_sql` to it. Facts from DHIS2's documentation and its expression parser.
"""

# ruff: noqa: E501  (a table reads by the row)

from dataclasses import dataclass

from smittesporing.expression.nodes import Kind, Mode

RULES = frozenset({Mode.RULE_ENGINE_CONDITION, Mode.RULE_ENGINE_ACTION})
PROGRAM_INDICATORS = frozenset({Mode.PROGRAM_INDICATOR_EXPRESSION, Mode.PROGRAM_INDICATOR_FILTER})
INDICATORS = frozenset({Mode.INDICATOR_EXPRESSION})
VALIDATION = frozenset({Mode.VALIDATION_RULE_EXPRESSION})
PREDICTORS = frozenset({Mode.PREDICTOR_GENERATOR_EXPRESSION, Mode.PREDICTOR_SKIP_TEST})
EVERYWHERE = frozenset(Mode)


@dataclass(frozen=True, slots=True)
class Function:
    """`arguments` are the types in order; the last `optional` may be left out, or the last repeated."""

    name: str
    arguments: tuple[Kind, ...]
    result: Kind
    modes: frozenset[Mode]
    norwegian: str
    english: str
    optional: int = 0
    repeated: bool = False

    @property
    def fewest(self) -> int:
        return len(self.arguments) - self.optional

    @property
    def most(self) -> int | None:
        """None when there is no upper bound."""
        return None if self.repeated else len(self.arguments)

    def kind_of(self, index: int) -> Kind:
        return self.arguments[min(index, len(self.arguments) - 1)]


N, T, B, D, M, S = Kind.NUMBER, Kind.TEXT, Kind.BOOLEAN, Kind.DATE, Kind.MIXED, Kind.SAME
VAR, COND, NAME = Kind.VARIABLE, Kind.CONDITION, Kind.NAME
_BOTH = RULES | PROGRAM_INDICATORS
_AGGREGATES = PROGRAM_INDICATORS | PREDICTORS

# fmt: off
_ALL = (
    # Everywhere
    Function("if", (B, S, S), S, EVERYWHERE, "velger mellom to verdier", "chooses between two values"),
    Function("isNull", (M,), B, EVERYWHERE, "mangler verdi", "has no value"),
    Function("isNotNull", (M,), B, EVERYWHERE, "har verdi", "has a value"),
    Function("firstNonNull", (S,), S, EVERYWHERE, "den første som har verdi", "the first that has a value", repeated=True),
    Function("greatest", (N,), N, EVERYWHERE, "det største av", "the largest of", repeated=True),
    Function("least", (N,), N, EVERYWHERE, "det minste av", "the smallest of", repeated=True),
    Function("log", (N, N), N, EVERYWHERE, "logaritmen av", "the logarithm of", optional=1),
    Function("log10", (N,), N, EVERYWHERE, "titallslogaritmen av", "the base-10 logarithm of"),
    Function("contains", (T, T), B, EVERYWHERE, "inneholder", "contains", repeated=True),
    Function("containsItems", (T, T), B, EVERYWHERE, "har med valgene", "has the items", repeated=True),
    Function("removeZeros", (N,), N, EVERYWHERE, "verdien, uten null", "the value, without zero"),
    Function("normDistCum", (N, N, N), N, EVERYWHERE, "kumulativ normalfordeling", "cumulative normal distribution", optional=2),
    Function("normDistDen", (N, N, N), N, EVERYWHERE, "normalfordelingens tetthet", "density of the normal distribution", optional=2),
    # Program rules and program indicators
    Function("d2:condition", (COND, S, S), S, _BOTH, "velger mellom to verdier", "chooses between two values"),
    Function("d2:contains", (T, T), B, _BOTH, "inneholder", "contains", repeated=True),
    Function("d2:containsItems", (T, T), B, _BOTH, "har med valgene", "has the items", repeated=True),
    Function("d2:count", (VAR,), N, _BOTH, "antall verdier av", "the number of values of"),
    Function("d2:countIfValue", (VAR, M), N, _BOTH, "antall ganger lik", "the number of times equal to"),
    Function("d2:daysBetween", (D, D), N, _BOTH, "antall dager mellom", "days between"),
    Function("d2:weeksBetween", (D, D), N, _BOTH, "antall hele uker mellom", "full weeks between"),
    Function("d2:monthsBetween", (D, D), N, _BOTH, "antall hele måneder mellom", "full months between"),
    Function("d2:yearsBetween", (D, D), N, _BOTH, "antall hele år mellom", "full years between"),
    Function("d2:minutesBetween", (D, D), N, _BOTH, "antall minutter mellom", "minutes between"),
    Function("d2:hasValue", (VAR,), B, _BOTH, "er fylt ut", "has a value"),
    Function("d2:maxValue", (VAR,), N, _BOTH, "den største verdien av", "the largest value of"),
    Function("d2:minValue", (VAR,), N, _BOTH, "den minste verdien av", "the smallest value of"),
    Function("d2:oizp", (N,), N, _BOTH, "1 hvis null eller mer, ellers 0", "1 if zero or more, else 0"),
    Function("d2:zing", (N,), N, _BOTH, "verdien, null hvis negativ", "the value, zero if negative"),
    Function("d2:zpvc", (N,), N, _BOTH, "antall verdier som er null eller mer", "the number of values of zero or more", repeated=True),
    Function("d2:countIfCondition", (VAR, COND), N, _BOTH, "antall ganger der", "the number of times that"),
    # Program rules only
    Function("d2:addDays", (D, N), D, RULES, "datoen pluss dager", "the date plus days"),
    Function("d2:ceil", (N,), N, RULES, "rundet opp", "rounded up"),
    Function("d2:floor", (N,), N, RULES, "rundet ned", "rounded down"),
    Function("d2:round", (N, N), N, RULES, "avrundet", "rounded", optional=1),
    Function("d2:modulus", (N, N), N, RULES, "resten av delingen", "the remainder of the division"),
    Function("d2:concatenate", (M,), T, RULES, "satt sammen", "joined", repeated=True),
    Function("d2:countIfZeroPos", (VAR,), N, _BOTH, "antall verdier som er null eller mer", "the number of values of zero or more"),
    Function("d2:extractDataMatrixValue", (T, T), T, RULES, "feltet i en GS1-kode", "the field of a GS1 code"),
    Function("d2:hasUserRole", (T,), B, RULES, "brukeren har rollen", "the user has the role"),
    Function("d2:inUserGroup", (T,), B, RULES, "brukeren er i gruppen", "the user is in the group"),
    Function("d2:inOrgUnitGroup", (T,), B, RULES, "enheten er i gruppen", "the org unit is in the group"),
    Function("d2:lastEventDate", (VAR,), D, RULES, "datoen for siste hendelse med", "the date of the latest event with"),
    Function("d2:left", (T, N), T, RULES, "de første tegnene av", "the first characters of"),
    Function("d2:right", (T, N), T, RULES, "de siste tegnene av", "the last characters of"),
    Function("d2:length", (T,), N, RULES, "antall tegn i", "the number of characters of"),
    Function("d2:split", (T, T, N), T, RULES, "del av teksten", "a piece of the text"),
    Function("d2:substring", (T, N, N), T, RULES, "tegnene fra og til", "the characters from and to"),
    Function("d2:validatePattern", (T, T), B, RULES, "passer mønsteret", "fits the pattern"),
    Function("d2:zScoreHFA", (N, N, T), N, RULES, "z-skår høyde for alder", "z-score height for age"),
    Function("d2:zScoreWFA", (N, N, T), N, RULES, "z-skår vekt for alder", "z-score weight for age"),
    Function("d2:zScoreWFH", (N, N, T), N, RULES, "z-skår vekt for høyde", "z-score weight for height"),
    # Program indicators only
    Function("d2:relationshipCount", (NAME,), N, PROGRAM_INDICATORS, "antall relasjoner", "the number of relationships", optional=1),
    # Over several values: program indicators and predictors
    Function("avg", (N,), N, _AGGREGATES, "gjennomsnittet av", "the mean of"),
    Function("count", (M,), N, _AGGREGATES, "antall", "the count of"),
    Function("max", (N,), N, _AGGREGATES, "det høyeste av", "the highest of"),
    Function("min", (N,), N, _AGGREGATES, "det laveste av", "the lowest of"),
    Function("stddev", (N,), N, _AGGREGATES, "standardavviket av", "the standard deviation of"),
    Function("sum", (N,), N, _AGGREGATES, "summen av", "the sum of"),
    Function("variance", (N,), N, _AGGREGATES, "variansen av", "the variance of"),
    Function("median", (N,), N, PREDICTORS, "medianen av", "the median of"),
    Function("percentileCont", (N, N), N, PREDICTORS, "persentilen av", "the percentile of"),
    Function("stddevPop", (N,), N, PREDICTORS, "standardavviket (alle) av", "the population standard deviation of"),
    Function("stddevSamp", (N,), N, PREDICTORS, "standardavviket (utvalg) av", "the sample standard deviation of"),
    # Indicators and validation rules only
    Function("subExpression", (S,), S, INDICATORS, "deluttrykket", "the sub-expression"),
    Function("orgUnit.ancestor", (NAME,), B, VALIDATION | PREDICTORS, "ligger under enheten", "is below the org unit", repeated=True),
    Function("orgUnit.dataSet", (NAME,), B, VALIDATION | PREDICTORS, "har datasettet", "has the data set", repeated=True),
    Function("orgUnit.group", (NAME,), B, VALIDATION | PREDICTORS, "er i gruppen", "is in the group", repeated=True),
    Function("orgUnit.program", (NAME,), B, VALIDATION | PREDICTORS, "har programmet", "has the program", repeated=True),
)
# fmt: on
FUNCTIONS = {function.name: function for function in _ALL}


@dataclass(frozen=True, slots=True)
class EnvironmentVariable:
    """One `V{name}`: its type, where it may stand, and its names."""

    name: str
    kind: Kind
    modes: frozenset[Mode]
    norwegian: str
    english: str


# fmt: off
_VARIABLES = (
    EnvironmentVariable("current_date", D, _BOTH, "dagens dato", "today's date"),
    EnvironmentVariable("event_date", D, _BOTH, "hendelsesdatoen", "the event date"),
    EnvironmentVariable("execution_date", D, _BOTH, "hendelsesdatoen", "the event date"),
    EnvironmentVariable("due_date", D, _BOTH, "den planlagte datoen", "the scheduled date"),
    EnvironmentVariable("scheduled_date", D, _BOTH, "den planlagte datoen", "the scheduled date"),
    EnvironmentVariable("enrollment_date", D, _BOTH, "registreringsdatoen", "the enrollment date"),
    EnvironmentVariable("incident_date", D, _BOTH, "hendelsesdatoen for registreringen", "the incident date"),
    EnvironmentVariable("completed_date", D, _BOTH, "datoen for fullføring", "the date of completion"),
    EnvironmentVariable("creation_date", D, _BOTH, "datoen for opprettelse", "the date of creation"),
    EnvironmentVariable("sync_date", D, _BOTH, "datoen for synkronisering", "the date of synchronization"),
    EnvironmentVariable("event_status", T, _BOTH, "hendelsens status", "the event's status"),
    EnvironmentVariable("enrollment_status", T, _BOTH, "registreringens status", "the enrollment's status"),
    EnvironmentVariable("event_count", N, _BOTH, "antall hendelser", "the number of events"),
    EnvironmentVariable("scheduled_event_count", N, PROGRAM_INDICATORS, "antall planlagte hendelser", "the number of scheduled events"),
    EnvironmentVariable("enrollment_count", N, _BOTH, "antall registreringer", "the number of enrollments"),
    EnvironmentVariable("tei_count", N, _BOTH, "antall personer", "the number of people"),
    EnvironmentVariable("program_stage_id", T, _BOTH, "programsteget", "the program stage"),
    EnvironmentVariable("program_stage_name", T, _BOTH, "programstegets navn", "the program stage's name"),
    EnvironmentVariable("program_name", T, RULES, "programmets navn", "the program's name"),
    EnvironmentVariable("event_id", T, RULES, "hendelsens id", "the event's identifier"),
    EnvironmentVariable("enrollment_id", T, RULES, "registreringens id", "the enrollment's identifier"),
    EnvironmentVariable("org_unit", T, RULES, "enheten", "the org unit"),
    EnvironmentVariable("orgunit_code", T, RULES, "enhetens kode", "the org unit's code"),
    EnvironmentVariable("environment", T, RULES, "hvor regelen kjøres", "where the rule runs"),
    EnvironmentVariable("value_count", N, PROGRAM_INDICATORS, "antall verdier", "the number of values"),
    EnvironmentVariable("zero_pos_value_count", N, PROGRAM_INDICATORS, "antall verdier som er null eller mer", "the number of values of zero or more"),
    EnvironmentVariable("org_unit_count", N, PROGRAM_INDICATORS, "antall enheter", "the number of org units"),
    EnvironmentVariable("analytics_period_start", D, PROGRAM_INDICATORS, "periodens første dag", "the first day of the period"),
    EnvironmentVariable("analytics_period_end", D, PROGRAM_INDICATORS, "periodens siste dag", "the last day of the period"),
)
# fmt: on
VARIABLES = {variable.name: variable for variable in _VARIABLES}

# Which items may stand in which modes, by the sign before the brace.
ITEMS: dict[str, frozenset[Mode]] = {
    "#": EVERYWHERE,
    "A": EVERYWHERE,
    "C": EVERYWHERE,
    "V": _BOTH,
    "PS_EVENTDATE": PROGRAM_INDICATORS,
    "I": INDICATORS | VALIDATION | PREDICTORS,
    "D": INDICATORS | VALIDATION | PREDICTORS,
    "R": INDICATORS | VALIDATION | PREDICTORS,
    "OUG": INDICATORS | VALIDATION | PREDICTORS,
    "N": INDICATORS,
    "[": INDICATORS | VALIDATION | PREDICTORS,
}

MODIFIERS: dict[str, frozenset[Mode]] = {
    "stageOffset": PROGRAM_INDICATORS,
    "aggregationType": INDICATORS,
    "periodOffset": INDICATORS,
    "yearToDate": INDICATORS,
    "minDate": INDICATORS | PREDICTORS,
    "maxDate": INDICATORS | PREDICTORS,
}
