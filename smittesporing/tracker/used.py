"""Whether records hold a piece of configuration. Called where configuration is taken away."""

from smittesporing.database import Connection


def in_use(connection: Connection, plural: str, uid: str) -> bool:
    """Whether any record of the country holds this object; says nothing of whose."""
    row = connection.execute("select tracker.in_use(%s, %s) as used", (plural, uid)).fetchone()
    return bool(row and row["used"])
