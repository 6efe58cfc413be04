"""Does a geometry fit what its type allows? Called by check_people and check_events."""

from smittesporing.problems import Problem
from smittesporing.tracker.desk import Problems
from smittesporing.tracker.records import Geometry

_SHAPES = {"POINT": "Point", "POLYGON": "Polygon", "MULTI_POLYGON": "MultiPolygon"}


def geometry_problems(
    geometry: Geometry | None, feature_type: str, uid: str, kind: str
) -> Problems:
    """E1012 where another kind of geometry is asked for, or none."""
    if geometry is not None and geometry.get("type") != _SHAPES.get(feature_type):
        yield Problem("E1012", (str(geometry.get("type")), feature_type), uid, kind)
