"""Who infected how many, how unevenly, and how long it took.

Works on ids and links (from, to), nothing else. The dispersion k says how uneven the spread is: the
smaller, the fewer people stand for most of it. Called by tracing's chains and the pages that show them.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean, median

import numpy as np
import scipy  # its parts load when first used: most processes never draw a chain

LEAST_K, MOST_K = 1e-4, 1e4  # outside these the distribution cannot be told from its limits
_ENOUGH = 2  # people, to say anything of a distribution


@dataclass(frozen=True)
class Estimate:
    """A value and its 95 % interval; an end is None when the data do not bound it."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Offspring:
    """How many each person infected, largest first, and the negative binomial that fits best.

    mean        R: the mean number infected by one person, over all cases, those who infected nobody too
    dispersion  k; None where the spread is no more uneven than chance (or there is too little to say)
    """

    infected: tuple[tuple[str, int], ...]
    links: int
    mean: Estimate | None
    dispersion: Estimate | None


@dataclass(frozen=True)
class SerialIntervals:
    """Days from the onset of the source to the onset of the infected, one per link with both dates."""

    days: tuple[int, ...]
    mean: float | None
    median: float | None


def numbers_infected(cases: Iterable[str], links: Iterable[tuple[str, str]]) -> dict[str, int]:
    """How many each case infected, zero included. A link counts once, however often it is given.

    A source that is not among the cases is counted too: it stands in the chain.
    """
    counted = Counter(source for source, _ in set(links))
    return {case: counted.get(case, 0) for case in dict.fromkeys([*cases, *sorted(counted)])}


def offspring(cases: Iterable[str], links: Iterable[tuple[str, str]]) -> Offspring:
    """The offspring distribution of an outbreak."""
    unique = set(links)
    counts = numbers_infected(cases, unique)
    ordered = tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
    mean, dispersion = negative_binomial([count for _, count in ordered])
    return Offspring(ordered, len(unique), mean, dispersion)


def negative_binomial(counts: Sequence[int]) -> tuple[Estimate | None, Estimate | None]:
    """Mean and dispersion by maximum likelihood, each with its likelihood-profile 95 % interval.

    Missing  Fewer than two counts, or no link at all, gives (None, None). Counts no more uneven than
             chance have no largest k: the dispersion is then None.
    Source   Lloyd-Smith et al. 2005, doi:10.1038/nature04153 (mean R, dispersion k).
    """
    if len(counts) < _ENOUGH or not any(counts):
        return None, None
    values = np.asarray(counts, dtype=float)
    average = float(values.mean())
    best = _best_dispersion(values, average)
    peak = _likelihood(values, average, best)
    # The chi-squared quantile from scipy.special: scipy.stats would take 23 MB of every process.
    drop = float(scipy.special.chdtri(1, 0.05)) / 2

    def by_k(log_k: float) -> float:
        return _likelihood(values, average, math.exp(log_k)) - peak + drop

    def by_mean(log_mean: float) -> float:
        at = math.exp(log_mean)
        return _likelihood(values, at, _best_dispersion(values, at)) - peak + drop

    mean = Estimate(
        average,
        _edge(by_mean, math.log(average), math.log(average / 1e3)),
        _edge(by_mean, math.log(average), math.log(average * 1e3)),
    )
    if best >= MOST_K * 0.99:
        return mean, None
    dispersion = Estimate(
        best,
        _edge(by_k, math.log(best), math.log(LEAST_K)),
        _edge(by_k, math.log(best), math.log(MOST_K)),
    )
    return mean, dispersion


def serial_intervals(
    onset: Mapping[str, date | None], links: Iterable[tuple[str, str]]
) -> SerialIntervals:
    """The differences of onset along the links; links without both dates are left out.

    Negative intervals are kept: an infected person may fall ill before the source.
    """
    found: list[int] = []
    for source, infected in sorted(set(links)):
        first, second = onset.get(source), onset.get(infected)
        if first is not None and second is not None:
            found.append((second - first).days)
    days = tuple(found)
    return SerialIntervals(days, fmean(days) if days else None, median(days) if days else None)


def share_of_most_infectious(counts: Sequence[int], share: float = 0.8) -> float | None:
    """The smallest part of the cases that stands for `share` of all infections; None without any."""
    total = sum(counts)
    if not total:
        return None
    reached = 0
    for number, count in enumerate(sorted(counts, reverse=True), start=1):
        reached += count
        if reached >= share * total:
            return number / len(counts)
    return 1.0


def _likelihood(
    values: "np.ndarray[tuple[int], np.dtype[np.float64]]", mean: float, k: float
) -> float:
    """Log-likelihood of the counts under a negative binomial of this mean and dispersion."""
    terms = (
        scipy.special.gammaln(values + k)
        - scipy.special.gammaln(k)
        - scipy.special.gammaln(values + 1)
        + k * math.log(k / (k + mean))
        + values * math.log(mean / (k + mean))
    )
    return float(terms.sum())


def _best_dispersion(values: "np.ndarray[tuple[int], np.dtype[np.float64]]", mean: float) -> float:
    found = scipy.optimize.minimize_scalar(
        lambda log_k: -_likelihood(values, mean, math.exp(log_k)),
        bounds=(math.log(LEAST_K), math.log(MOST_K)),
        method="bounded",
    )
    return math.exp(float(found.x))


def _edge(above: Callable[[float], float], inside: float, outside: float) -> float | None:
    """Where the profile falls to the interval's edge, on one side; None when it never does."""
    if above(outside) >= 0:
        return None
    return math.exp(float(scipy.optimize.brentq(above, inside, outside)))
