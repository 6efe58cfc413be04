"""The epidemic curve by exposure setting: by day where live, by week where published.

Groups the fifteen exposure settings into the six kinds that the curve tells apart. Called by overview.py.
"""

from datetime import timedelta

from smittesporing import periods
from smittesporing.periods import Period
from smittesporing.web.pages.overview_figures import CASES, Cells, View, week_name
from smittesporing.web.pages.words import _

# The curve's kinds and the exposure settings (options of EXPOSURE_SETTING) that each gathers.
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "household": ("Husstand", ("HOUSEHOLD",)),
    "work": ("Arbeid og helseinstitusjon", ("WORKPLACE", "HEALTH_INSTITUTION")),
    "school": ("Barnehage, skole og studium", ("KINDERGARTEN", "SCHOOL", "UNIVERSITY")),
    "private": (
        "Arrangement og fritid",
        ("PRIVATE_HOME", "PRIVATE_EVENT", "PUBLIC_EVENT", "ORGANISED_LEISURE", "RESTAURANT"),
    ),
    "abroad": ("Reise", ("TRAVEL", "PUBLIC_TRANSPORT")),
    "unknown": ("Ukjent eller annet", ("OTHER", "UNKNOWN")),
}
LATE_DAYS = 2  # tests of the last days are still being answered and registered


def days_of(view: View) -> tuple[Period, ...]:
    """The days of the curve, up to today."""
    last = min(view.weeks[-1].end, view.today)
    return periods.between("Daily", view.weeks[0].start, last)


def setting_codes() -> tuple[str, ...]:
    return tuple(f"{CASES}_{option}" for _word, options in KINDS.values() for option in options)


def curve(view: View, cells: Cells, href: str) -> dict[str, object]:
    """The epidemic curve's data: by day where live, by week where published.

    Published  Hidden kinds stand together as one remainder, which publication made safe to show. Where it is
               nothing, as figures wait for their next step, the whole week stands as one.
    """
    asked = days_of(view) if view.is_live else view.weeks
    days: list[dict[str, object]] = []
    legend: dict[str, int] = {}
    hidden_now: set[str] = set()
    for period in asked:
        counts, hidden = _by_kind(view, cells, period)
        days.append({"day": period.start.isoformat(), "counts": counts, "hidden": hidden})
        if view.week.start <= period.start <= view.week.end:
            hidden_now.update(hidden)
            for kind, count in counts.items():
                legend[kind] = legend.get(kind, 0) + count
    kinds = [{"key": key, "word": _(word)} for key, (word, _options) in KINDS.items()]
    if not view.is_live:
        kinds[-1]["word"] = _("Ukjent, annet eller skjult")
    words = _("i %(week)s", week=week_name(view.week))
    data: dict[str, object] = {
        "kinds": kinds,
        "days": days,
        "step": 1 if view.is_live else 7,
        "legend": {"word": words, "counts": legend, "hidden": sorted(hidden_now)},
    }
    if view.is_live:
        data["href"] = href
        late = view.today - timedelta(days=LATE_DAYS - 1)
        if view.weeks[-1].end >= late:
            data["provisional_from"] = late.isoformat()
    return data


def _by_kind(view: View, cells: Cells, period: Period) -> tuple[dict[str, int], list[str]]:
    """Counts by kind, and the kinds that are hidden in the remainder."""
    unit = view.unit.id
    shown: dict[str, int] = {}
    hidden: list[str] = []
    for key, (_word, options) in KINDS.items():
        parts = [cells.get(f"{CASES}_{option}", unit, period) for option in options]
        if any(part.hidden for part in parts):
            hidden.append(key)
        elif total := sum(part.count for part in parts):
            shown[key] = total
    if not hidden:
        return shown, []
    total_cases = cells.get(CASES, unit, period)
    if total_cases.hidden:
        return {}, list(KINDS)
    whole = total_cases.count
    remainder = whole - sum(shown.values())
    kinds = [key for key in KINDS if key != "unknown"]
    if remainder <= 0:
        return ({"unknown": whole} if whole else {}), kinds
    shown["unknown"] = shown.get("unknown", 0) + remainder
    return shown, [key for key in kinds if key in hidden]
