"""Which counts an outsider may see: none that points at a person.

Pure: counts in, counts out. A cell of one to four is withheld; so are cells that would give it away, be it
as the missing part of a sum or as the difference from what was published before. A sum is one over places
(a fylke and its kommuner) or over indicators (all cases and those of each setting): the rule is the same.
Called by published.py.
"""

from collections import deque
from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import scipy  # its parts load when first used: one process publishes, the others never do
from numpy.typing import NDArray

THRESHOLD = 5  # counts below this are withheld (decision 9); zero points at nobody and is shown

_DIRECTIONS = 4  # each costs two linear programmes
_FAR = 1000  # how much larger a count is ever thought to be
_FREE = 0.99  # a count that may be another whole number
Numbers = NDArray[Any]
Cell = TypeVar("Cell", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Sum(Generic[Cell]):
    """A cell that others add up to. `whole` is false where some of the total stands in no part."""

    total: Cell
    parts: tuple[Cell, ...]
    whole: bool = True


def over_places(
    values: Mapping[int, int], parents: Mapping[int, int | None]
) -> tuple[Sum[int], ...]:
    """The sums of one indicator over places; one is not whole when people live in none of its places."""
    children: dict[int, list[int]] = {}
    for unit, parent in parents.items():
        if parent is not None:
            children.setdefault(parent, []).append(unit)
    return tuple(
        Sum(
            total,
            tuple(parts),
            values.get(total, 0) == sum(values.get(unit, 0) for unit in parts),
        )
        for total, parts in children.items()
    )


def withheld(values: Mapping[Cell, int], sums: Sequence[Sum[Cell]]) -> frozenset[Cell]:
    """The cells whose count is not shown.

    Shape   `values` holds every cell, totals and parts, each counted by itself; missing ones are zero.
    Rule    In a sum that is shown, either no part is withheld or at least two, of together THRESHOLD or
            more and not all of them one; otherwise the smallest other part is withheld too, and where
            there is none, the sum. Of a sum that is withheld, so are parts, lest they be added up. What
            no part holds counts as a part that is withheld when it is small.
            Where several sums together still leave a small cell one value, more is withheld.
            Why each is withheld is not told: the reason itself would narrow the number down.
    """
    small = {cell for cell, value in values.items() if 0 < value < THRESHOLD}
    rests = {
        at: max(0, values.get(each.total, 0) - sum(values.get(part, 0) for part in each.parts))
        for at, each in enumerate(sums)
        if not each.whole
    }
    hidden = _closed(values, sums, rests, small)
    while more := _given_away(values, sums, hidden):
        hidden = _closed(values, sums, rests, hidden | more)
    return hidden


def settle(
    values: Mapping[Cell, int],
    former: Mapping[Cell, int | None],
    sums: Sequence[Sum[Cell]],
) -> dict[Cell, int | None]:
    """What is published now of each cell: its count, its former figure, or None when withheld.

    former  What was last published; None for withheld, missing for never. A figure that would move by one
            to four stays as it was until it moves by more, and so do others that would give the step away.
    """
    hidden = withheld(values, sums)
    moves: dict[Cell, int] = {}
    for cell, figure in former.items():
        if figure is not None and cell not in hidden:
            moves[cell] = values.get(cell, 0) - figure
    rests = {
        at: abs(moves[each.total] - sum(moves[part] for part in each.parts))
        for at, each in enumerate(sums)
        if not each.whole and each.total in moves and all(part in moves for part in each.parts)
    }
    steps = {cell: abs(move) for cell, move in moves.items()}
    first = {cell for cell, step in steps.items() if 0 < step < THRESHOLD}
    waiting = _closed(steps, sums, rests, first)
    settled: dict[Cell, int | None] = {}
    for cell in {*values, *former}:
        if cell in hidden:
            settled[cell] = None
        elif cell in waiting:
            settled[cell] = former[cell]
        else:
            settled[cell] = values.get(cell, 0)
    return settled


def _closed(
    values: Mapping[Cell, int],
    sums: Sequence[Sum[Cell]],
    rests: Mapping[int, int],
    start: Set[Cell],
) -> frozenset[Cell]:
    """The start set with all that must be withheld beside it, so that no sum gives a cell away."""
    hidden = set(start)
    holding: dict[Cell, list[int]] = {}
    for at, each in enumerate(sums):
        for cell in (each.total, *each.parts):
            holding.setdefault(cell, []).append(at)
    looked_at = {at for cell in hidden for at in holding.get(cell, ())}
    waiting = deque(sorted(looked_at | {at for at, rest in rests.items() if rest}))
    queued = set(waiting)
    while waiting:
        at = waiting.popleft()
        queued.discard(at)
        added = _missing(values, sums[at], rests.get(at, 0), hidden)
        if added is None:
            continue
        hidden.add(added)
        again = [other for other in holding[added] if other not in queued]
        waiting.extend(again)
        queued.update(again)
    return frozenset(hidden)


def _missing(
    values: Mapping[Cell, int], each: Sum[Cell], rest: int, hidden: Set[Cell]
) -> Cell | None:
    """The next cell of a sum that must be withheld too; None when the sum is safe."""
    if each.total not in values:
        return None
    parts = [part for part in each.parts if values.get(part, 0) > 0]
    gone = [values[part] for part in parts if part in hidden]
    others = [part for part in parts if part not in hidden]
    if each.total in hidden:
        if not each.whole or sum(gone) >= THRESHOLD or not others:
            return None
        return _smallest(values, others)
    if not gone and not rest:
        return None
    left = sum(gone) + rest
    alone = each.whole and len(gone) == 1
    if left >= THRESHOLD and not alone and (not gone or left > len(gone)):
        return None
    return _smallest(values, others) if others else each.total


def _smallest(values: Mapping[Cell, int], cells: Iterable[Cell]) -> Cell:
    # The smallest loses least; the lowest name decides between equals, so that each run agrees.
    def order(cell: Cell) -> Any:
        return values[cell], cell

    return min(cells, key=order)


def _given_away(
    values: Mapping[Cell, int], sums: Sequence[Sum[Cell]], hidden: Set[Cell]
) -> frozenset[Cell]:
    """More cells to withhold: those near a small count that all sums together leave one value.

    A linear programme asks how far each withheld count, and each rest, could lie from what it is.
    """
    column: dict[Cell | int, int] = {}  # withheld cells, and the places in `sums` of their rests
    truth: list[int] = []
    rows: list[tuple[int, int, int]] = []  # sum, column, sign
    holding: dict[Cell, list[int]] = {}
    first: dict[int, int] = {}  # column -> a sum it stands in
    for at, each in enumerate(sums):
        terms = [(cell, -1) for cell in each.parts if cell in hidden]
        terms += [(each.total, 1)] if each.total in hidden else []
        if not terms or each.total not in values:
            continue
        for cell, sign in terms:
            if cell not in column:
                column[cell] = len(truth)
                truth.append(values[cell])
            holding.setdefault(cell, []).append(at)
            rows.append((at, column[cell], sign))
            first.setdefault(column[cell], at)
        if not each.whole:
            rows.append((at, len(truth), -1))
            first[len(truth)] = at
            rest = values[each.total] - sum(values.get(cell, 0) for cell in each.parts)
            truth.append(max(0, rest))
    cells = set(column.values())
    # A withheld figure is known not to be zero: zeros are shown. A rest may be.
    least = [1 if at in cells else 0 for at in range(len(truth))]
    fixed = _fixed(np.array(truth), np.array(least), rows)
    found: set[Cell] = set()
    for at in fixed:
        found |= _nearest(values, sums, hidden, holding, [first[at]])
    return frozenset(found)


def _fixed(truth: Numbers, least: Numbers, rows: Sequence[tuple[int, int, int]]) -> list[int]:
    """The columns of a small count that the rows leave no other whole number."""
    small = [at for at, value in enumerate(truth) if 0 < value < THRESHOLD]
    if not small:
        return []
    lines = {at: line for line, at in enumerate(dict.fromkeys(row for row, _, _ in rows))}
    shape = (len(lines), len(truth))
    places = ([lines[row] for row, _, _ in rows], [at for _, at, _ in rows])
    table = scipy.sparse.csr_array(([sign for _, _, sign in rows], places), shape=shape)
    bounds = np.column_stack((least, truth + _FAR))
    low, high = truth.astype(float), truth.astype(float)

    def stretch(aim: Numbers) -> None:
        answer = scipy.optimize.linprog(aim, A_eq=table, b_eq=table @ truth, bounds=bounds)
        if answer.status == 0:
            np.minimum(low, answer.x, out=low)
            np.maximum(high, answer.x, out=high)

    # A few directions at once show most counts to be free; only the others are asked for one by one.
    chance = np.random.default_rng(0)
    for _ in range(_DIRECTIONS):
        aim = chance.uniform(-1, 1, len(truth))
        stretch(aim)
        stretch(-aim)
    fixed = []
    for at in small:
        for sign in (1, -1):
            if high[at] - low[at] < _FREE:
                aim = np.zeros(len(truth))
                aim[at] = sign
                stretch(aim)
        if high[at] - low[at] < _FREE:
            fixed.append(at)
    return fixed


def _nearest(
    values: Mapping[Cell, int],
    sums: Sequence[Sum[Cell]],
    hidden: Set[Cell],
    holding: Mapping[Cell, Sequence[int]],
    start: Sequence[int],
) -> set[Cell]:
    """A shown cell of the nearest sum that has one, going from sum to sum by what is withheld."""
    waiting, seen = deque(start), set(start)
    while waiting:
        each = sums[waiting.popleft()]
        cells = (each.total, *each.parts)
        shown = [cell for cell in cells if values.get(cell, 0) > 0 and cell not in hidden]
        parts = [cell for cell in shown if cell != each.total]
        if shown:
            return {_smallest(values, parts or shown)}
        for cell in cells:
            for at in holding.get(cell, ()):
                if at not in seen:
                    seen.add(at)
                    waiting.append(at)
    return set()
