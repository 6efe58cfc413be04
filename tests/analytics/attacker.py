"""Somebody who has every published cell, knows what adds up to what, and subtracts."""

from scipy.optimize import linprog


def ranges(shown, sums):
    """What anybody can work out: the least and the most of each cell and each rest, by linear programming.

    shown  cell → its figure, or None when withheld, which says that it is not zero. The rest is zero.
    """
    unknown = [cell for cell, figure in shown.items() if figure is None]
    unknown += [("rest", at) for at, each in enumerate(sums) if not each.whole]
    place = {cell: at for at, cell in enumerate(unknown)}
    rows, right = [], []
    for at, each in enumerate(sums):
        row, known = [0] * len(unknown), 0
        for cell, sign in (
            (each.total, 1),
            *((part, -1) for part in each.parts),
            (("rest", at), -1),
        ):
            if cell in place:
                row[place[cell]] += sign
            else:
                known += sign * (shown.get(cell) or 0)
        rows.append(row)
        right.append(-known)
    bounds = [(0 if cell[0] == "rest" else 1, None) for cell in unknown]
    found = {}
    for cell, at in place.items():
        aim = [0] * len(unknown)
        ends = []
        for sign in (1, -1):
            aim[at] = sign
            answer = linprog(aim, A_eq=rows, b_eq=right, bounds=bounds)
            ends.append(sign * answer.fun if answer.status == 0 else float("inf"))
        found[cell] = tuple(ends)
    return found
