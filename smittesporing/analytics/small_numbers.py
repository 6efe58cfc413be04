"""Which counts an outsider may see: none that points at a person.

Pure: counts in, counts out. A cell of one to four is withheld; so are cells that would give it away, be it
as the missing part of a sum or as the difference from what was published before. Called by published.py.
"""

from collections.abc import Mapping, Set

THRESHOLD = 5  # counts below this are withheld (decision 9); zero points at nobody and is shown


def withheld(values: Mapping[int, int], parents: Mapping[int, int | None]) -> frozenset[int]:
    """The units whose count is not shown.

    Shape   `values` holds units of all levels, each counted by itself; `parents` says which adds up to
            which. Units that are missing count zero.
    Rule    In a sum that is shown, either no part is withheld or at least two, of together THRESHOLD or
            more; otherwise the smallest other part is withheld too, and where there is none, the sum.
            Why each is withheld is not told: the reason itself would narrow the number down.
    """
    small = {unit for unit, value in values.items() if 0 < value < THRESHOLD}
    return _closed(values, parents, small)


def settle(
    values: Mapping[int, int],
    former: Mapping[int, int | None],
    parents: Mapping[int, int | None],
) -> dict[int, int | None]:
    """What is published now of each unit: its count, its former figure, or None when withheld.

    former  What was last published; None for withheld, missing for never. A figure that would move by one
            to four stays as it was until it moves by more, and so do others that would give the step away.
    """
    hidden = withheld(values, parents)
    steps: dict[int, int] = {}
    for unit, figure in former.items():
        if figure is not None and unit not in hidden:
            steps[unit] = abs(values.get(unit, 0) - figure)
    waiting = _closed(
        steps, parents, {unit for unit, step in steps.items() if 0 < step < THRESHOLD}
    )
    settled: dict[int, int | None] = {}
    for unit in {*values, *former}:
        if unit in hidden:
            settled[unit] = None
        elif unit in waiting:
            settled[unit] = former[unit]
        else:
            settled[unit] = values.get(unit, 0)
    return settled


def _closed(
    values: Mapping[int, int], parents: Mapping[int, int | None], start: Set[int]
) -> frozenset[int]:
    """The start set with all that must be withheld beside it, so that no sum gives a part away."""
    hidden = set(start)
    children: dict[int, list[int]] = {}
    for unit, value in values.items():
        parent = parents.get(unit)
        if parent is not None and value > 0:
            children.setdefault(parent, []).append(unit)
    changed = bool(hidden)
    while changed:
        changed = False
        for parent, parts in children.items():
            if parent in hidden or parent not in values:
                continue
            if _safe([values[unit] for unit in parts if unit in hidden]):
                continue
            others = [unit for unit in parts if unit not in hidden]
            # The smallest loses least; the lowest id decides between equals, so that each run agrees.
            hidden.add(min(others, key=lambda unit: (values[unit], unit)) if others else parent)
            changed = True
    return frozenset(hidden)


def _safe(hidden: list[int]) -> bool:
    return not hidden or (len(hidden) > 1 and sum(hidden) >= THRESHOLD)
