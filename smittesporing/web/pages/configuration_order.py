"""The order of things that carry a `sortOrder`: answers of a list, parts of a form. Changes go to the draft."""

from smittesporing.metadata import draft
from smittesporing.metadata.snapshot import Body
from smittesporing.web.pages.configuration_desk import Desk


def move(desk: Desk, plural: str, rows: list[Body], uid: str, step: int) -> None:
    """One of the rows a place up (-1) or down (1), all numbered anew; nothing at either end."""
    order = [str(row["id"]) for row in rows]
    at = order.index(uid)
    to = at + step
    if not 0 <= to < len(order):
        return
    order[at], order[to] = order[to], order[at]
    for row in rows:
        place = order.index(str(row["id"])) + 1
        if int(row.get("sortOrder") or 0) != place:

            def change(body: Body, place: int = place) -> None:
                body["sortOrder"] = place

            draft.write(desk.conn, desk.reach, plural, str(row["id"]), "sortOrder", change)
