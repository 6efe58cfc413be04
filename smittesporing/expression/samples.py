"""Functions over a sample of numbers: what predictors aggregate, and the normal distribution.

A number that is missing is NaN and takes part as such, except for the largest, smallest and percentiles.
Called by `evaluate`.
"""

import math
import statistics
from collections.abc import Callable, Sequence

Numbers = Sequence[float]


def _known(numbers: Numbers) -> list[float]:
    return [number for number in numbers if not math.isnan(number)]


def _percentile(numbers: Numbers, fraction: float | None) -> float | None:
    """The continuous percentile, as PostgreSQL's percentile_cont counts it."""
    if not numbers or fraction is None or not 0 <= fraction <= 1:
        return None
    ordered = sorted(_known(numbers))
    if not ordered:
        return math.nan
    place = (len(ordered) - 1) * fraction
    below = ordered[math.floor(place)]
    above = ordered[math.ceil(place)]
    return below + (place - math.floor(place)) * (above - below)


def _spread(numbers: Numbers, less: int) -> float:
    """The variance, divided by the count less so many; NaN where that is nothing."""
    if len(numbers) <= less:
        return math.nan
    mean = math.fsum(numbers) / len(numbers)
    return math.fsum((number - mean) ** 2 for number in numbers) / (len(numbers) - less)


AGGREGATES: dict[str, Callable[..., float | None]] = {
    "avg": lambda numbers: math.fsum(numbers) / len(numbers) if numbers else math.nan,
    "count": lambda numbers: float(len(numbers)),
    "max": lambda numbers: max(_known(numbers), default=math.nan),
    "median": lambda numbers: _percentile(numbers, 0.5),
    "min": lambda numbers: min(_known(numbers), default=math.nan),
    "percentileCont": _percentile,
    "stddev": lambda numbers: math.sqrt(_spread(numbers, 1)),
    "stddevPop": lambda numbers: math.sqrt(_spread(numbers, 0)),
    "stddevSamp": lambda numbers: math.sqrt(_spread(numbers, 1)),
    "sum": lambda numbers: math.fsum(numbers),
    "variance": lambda numbers: _spread(numbers, 1) if numbers else None,
}


def normal(cumulative: bool, x: float, mean: float, spread: float) -> float:
    """The share below x, or the density at x, of a normal distribution; NaN without spread."""
    if not spread > 0:
        return math.nan
    distribution = statistics.NormalDist(mean, spread)
    return distribution.cdf(x) if cumulative else distribution.pdf(x)
