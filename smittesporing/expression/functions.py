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
    """`arguments` are the types in order; the last `optional` may be left out, or the last repeated.

    `missing` is what becomes of an argument without a value: `passed over`, an answer of its own, `no value`
    (null), `not a number`, or `error` (the rule fails alone; over rows, null).
    """

    name: str
    arguments: tuple[Kind, ...]
    result: Kind
    modes: frozenset[Mode]
    norwegian: str
    english: str
    missing: str
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
    Function("if", (B, S, S), S, EVERYWHERE, "velger mellom to verdier", "chooses between two values", "takes the last value"),
    Function("isNull", (M,), B, EVERYWHERE, "mangler verdi", "has no value", "true"),
    Function("isNotNull", (M,), B, EVERYWHERE, "har verdi", "has a value", "false"),
    Function("firstNonNull", (S,), S, EVERYWHERE, "den første som har verdi", "the first that has a value", "passed over", repeated=True),
    Function("greatest", (N,), N, EVERYWHERE, "det største av", "the largest of", "passed over", repeated=True),
    Function("least", (N,), N, EVERYWHERE, "det minste av", "the smallest of", "passed over", repeated=True),
    Function("log", (N, N), N, EVERYWHERE, "logaritmen av", "the logarithm of", "not a number", optional=1),
    Function("log10", (N,), N, EVERYWHERE, "titallslogaritmen av", "the base-10 logarithm of", "not a number"),
    Function("contains", (T, T), B, EVERYWHERE, "inneholder", "contains", "no value", repeated=True),
    Function("containsItems", (T, T), B, EVERYWHERE, "har med valgene", "has the items", "no value", repeated=True),
    Function("removeZeros", (N,), N, EVERYWHERE, "verdien, uten null", "the value, without zero", "no value"),
    Function("normDistCum", (N, N, N), N, EVERYWHERE, "kumulativ normalfordeling", "cumulative normal distribution", "error", optional=2),
    Function("normDistDen", (N, N, N), N, EVERYWHERE, "normalfordelingens tetthet", "density of the normal distribution", "error", optional=2),
    # Program rules and program indicators
    Function("d2:condition", (COND, S, S), S, _BOTH, "velger mellom to verdier", "chooses between two values", "takes the last value"),
    Function("d2:contains", (T, T), B, _BOTH, "inneholder", "contains", "no value", repeated=True),
    Function("d2:containsItems", (T, T), B, _BOTH, "har med valgene", "has the items", "no value", repeated=True),
    Function("d2:count", (VAR,), N, _BOTH, "antall verdier av", "the number of values of", "not counted"),
    Function("d2:countIfValue", (VAR, M), N, _BOTH, "antall ganger lik", "the number of times equal to", "not counted"),
    Function("d2:daysBetween", (D, D), N, _BOTH, "antall dager mellom", "days between", "error"),
    Function("d2:weeksBetween", (D, D), N, _BOTH, "antall hele uker mellom", "full weeks between", "error"),
    Function("d2:monthsBetween", (D, D), N, _BOTH, "antall hele måneder mellom", "full months between", "error"),
    Function("d2:yearsBetween", (D, D), N, _BOTH, "antall hele år mellom", "full years between", "error"),
    Function("d2:minutesBetween", (D, D), N, _BOTH, "antall minutter mellom", "minutes between", "error"),
    Function("d2:hasValue", (VAR,), B, _BOTH, "er fylt ut", "has a value", "false"),
    Function("d2:maxValue", (VAR,), N, _BOTH, "den største verdien av", "the largest value of", "passed over"),
    Function("d2:minValue", (VAR,), N, _BOTH, "den minste verdien av", "the smallest value of", "passed over"),
    Function("d2:oizp", (N,), N, _BOTH, "1 hvis null eller mer, ellers 0", "1 if zero or more, else 0", "0"),
    Function("d2:zing", (N,), N, _BOTH, "verdien, null hvis negativ", "the value, zero if negative", "no value"),
    Function("d2:zpvc", (N,), N, _BOTH, "antall verdier som er null eller mer", "the number of values of zero or more", "passed over", repeated=True),
    Function("d2:countIfCondition", (VAR, COND), N, _BOTH, "antall ganger der", "the number of times that", "not counted"),
    # Program rules only
    Function("d2:addDays", (D, N), D, RULES, "datoen pluss dager", "the date plus days", "no value"),
    Function("d2:ceil", (N,), N, RULES, "rundet opp", "rounded up", "0"),
    Function("d2:floor", (N,), N, RULES, "rundet ned", "rounded down", "0"),
    Function("d2:round", (N, N), N, RULES, "avrundet", "rounded", "not a number", optional=1),
    Function("d2:modulus", (N, N), N, RULES, "resten av delingen", "the remainder of the division", "error"),
    Function("d2:concatenate", (M,), T, RULES, "satt sammen", "joined", "passed over", repeated=True),
    Function("d2:countIfZeroPos", (VAR,), N, _BOTH, "antall verdier som er null eller mer", "the number of values of zero or more", "not counted"),
    Function("d2:extractDataMatrixValue", (T, T), T, RULES, "feltet i en GS1-kode", "the field of a GS1 code", "error"),
    Function("d2:hasUserRole", (T,), B, RULES, "brukeren har rollen", "the user has the role", "error"),
    Function("d2:inUserGroup", (T,), B, RULES, "brukeren er i gruppen", "the user is in the group", "error"),
    Function("d2:inOrgUnitGroup", (T,), B, RULES, "enheten er i gruppen", "the org unit is in the group", "false"),
    Function("d2:lastEventDate", (VAR,), D, RULES, "datoen for siste hendelse med", "the date of the latest event with", "no value"),
    Function("d2:left", (T, N), T, RULES, "de første tegnene av", "the first characters of", "empty"),
    Function("d2:right", (T, N), T, RULES, "de siste tegnene av", "the last characters of", "empty"),
    Function("d2:length", (T,), N, RULES, "antall tegn i", "the number of characters of", "0"),
    Function("d2:split", (T, T, N), T, RULES, "del av teksten", "a piece of the text", "empty"),
    Function("d2:substring", (T, N, N), T, RULES, "tegnene fra og til", "the characters from and to", "empty"),
    Function("d2:validatePattern", (T, T), B, RULES, "passer mønsteret", "fits the pattern", "false"),
    Function("d2:zScoreHFA", (N, N, T), N, RULES, "z-skår høyde for alder", "z-score height for age", "error"),
    Function("d2:zScoreWFA", (N, N, T), N, RULES, "z-skår vekt for alder", "z-score weight for age", "error"),
    Function("d2:zScoreWFH", (N, N, T), N, RULES, "z-skår vekt for høyde", "z-score weight for height", "error"),
    # Program indicators only
    Function("d2:relationshipCount", (NAME,), N, PROGRAM_INDICATORS, "antall relasjoner", "the number of relationships", "0", optional=1),
    # Over several values: program indicators and predictors
    Function("avg", (N,), N, _AGGREGATES, "gjennomsnittet av", "the mean of", "passed over"),
    Function("count", (M,), N, _AGGREGATES, "antall", "the count of", "passed over"),
    Function("max", (N,), N, _AGGREGATES, "det høyeste av", "the highest of", "passed over"),
    Function("min", (N,), N, _AGGREGATES, "det laveste av", "the lowest of", "passed over"),
    Function("stddev", (N,), N, _AGGREGATES, "standardavviket av", "the standard deviation of", "passed over"),
    Function("sum", (N,), N, _AGGREGATES, "summen av", "the sum of", "passed over"),
    Function("variance", (N,), N, _AGGREGATES, "variansen av", "the variance of", "passed over"),
    Function("median", (N,), N, PREDICTORS, "medianen av", "the median of", "passed over"),
    Function("percentileCont", (N, N), N, PREDICTORS, "persentilen av", "the percentile of", "passed over"),
    Function("stddevPop", (N,), N, PREDICTORS, "standardavviket (alle) av", "the population standard deviation of", "passed over"),
    Function("stddevSamp", (N,), N, PREDICTORS, "standardavviket (utvalg) av", "the sample standard deviation of", "passed over"),
    # Indicators and validation rules only
    Function("subExpression", (S,), S, INDICATORS, "deluttrykket", "the sub-expression", "no value"),
    Function("orgUnit.ancestor", (NAME,), B, VALIDATION | PREDICTORS, "ligger under enheten", "is below the org unit", "error", repeated=True),
    Function("orgUnit.dataSet", (NAME,), B, VALIDATION | PREDICTORS, "har datasettet", "has the data set", "error", repeated=True),
    Function("orgUnit.group", (NAME,), B, VALIDATION | PREDICTORS, "er i gruppen", "is in the group", "error", repeated=True),
    Function("orgUnit.program", (NAME,), B, VALIDATION | PREDICTORS, "har programmet", "has the program", "error", repeated=True),
)
# fmt: on
FUNCTIONS = {function.name: function for function in _ALL}


@dataclass(frozen=True, slots=True)
class EnvironmentVariable:
    """One `V{name}`: its type, where it may stand, and its Norwegian name."""

    name: str
    kind: Kind
    modes: frozenset[Mode]
    norwegian: str


# fmt: off
_VARIABLES = (
    EnvironmentVariable("current_date", D, _BOTH, "dagens dato"),
    EnvironmentVariable("event_date", D, _BOTH, "hendelsesdatoen"),
    EnvironmentVariable("execution_date", D, _BOTH, "hendelsesdatoen"),
    EnvironmentVariable("due_date", D, _BOTH, "den planlagte datoen"),
    EnvironmentVariable("scheduled_date", D, _BOTH, "den planlagte datoen"),
    EnvironmentVariable("enrollment_date", D, _BOTH, "registreringsdatoen"),
    EnvironmentVariable("incident_date", D, _BOTH, "hendelsesdatoen for registreringen"),
    EnvironmentVariable("completed_date", D, _BOTH, "datoen for fullføring"),
    EnvironmentVariable("creation_date", D, _BOTH, "datoen for opprettelse"),
    EnvironmentVariable("sync_date", D, _BOTH, "datoen for synkronisering"),
    EnvironmentVariable("event_status", T, _BOTH, "hendelsens status"),
    EnvironmentVariable("enrollment_status", T, _BOTH, "registreringens status"),
    EnvironmentVariable("event_count", N, _BOTH, "antall hendelser"),
    EnvironmentVariable("enrollment_count", N, _BOTH, "antall registreringer"),
    EnvironmentVariable("tei_count", N, _BOTH, "antall personer"),
    EnvironmentVariable("program_stage_id", T, _BOTH, "programsteget"),
    EnvironmentVariable("program_stage_name", T, _BOTH, "programstegets navn"),
    EnvironmentVariable("program_name", T, RULES, "programmets navn"),
    EnvironmentVariable("event_id", T, RULES, "hendelsens id"),
    EnvironmentVariable("enrollment_id", T, RULES, "registreringens id"),
    EnvironmentVariable("org_unit", T, RULES, "enheten"),
    EnvironmentVariable("orgunit_code", T, RULES, "enhetens kode"),
    EnvironmentVariable("environment", T, RULES, "hvor regelen kjøres"),
    EnvironmentVariable("value_count", N, PROGRAM_INDICATORS, "antall verdier"),
    EnvironmentVariable("zero_pos_value_count", N, PROGRAM_INDICATORS, "antall verdier som er null eller mer"),
    EnvironmentVariable("org_unit_count", N, PROGRAM_INDICATORS, "antall enheter"),
    EnvironmentVariable("analytics_period_start", D, PROGRAM_INDICATORS, "periodens første dag"),
    EnvironmentVariable("analytics_period_end", D, PROGRAM_INDICATORS, "periodens siste dag"),
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

# fmt: off
# The aggregation types of DHIS2 2.42, as `.aggregationType(…)` and program indicators name them.
AGGREGATION_TYPES = frozenset((
    "SUM", "AVERAGE", "AVERAGE_SUM_ORG_UNIT", "LAST", "LAST_AVERAGE_ORG_UNIT", "LAST_LAST_ORG_UNIT",
    "LAST_IN_PERIOD", "LAST_IN_PERIOD_AVERAGE_ORG_UNIT", "FIRST", "FIRST_AVERAGE_ORG_UNIT",
    "FIRST_FIRST_ORG_UNIT", "COUNT", "STDDEV", "VARIANCE", "MIN", "MAX", "MIN_SUM_ORG_UNIT",
    "MAX_SUM_ORG_UNIT", "NONE", "CUSTOM", "DEFAULT",
))
# What `R{data set.…}` may ask of a data set.
REPORTING_RATES = frozenset((
    "REPORTING_RATE", "REPORTING_RATE_ON_TIME", "ACTUAL_REPORTS", "ACTUAL_REPORTS_ON_TIME",
    "EXPECTED_REPORTS",
))
# fmt: on
