"""Polygons from outside: checked ring by ring, converted to WGS-84 (GeoJSON, RFC 7946 §3.1.6)."""

from typing import Any

import shapely
from shapely.geometry import MultiPolygon, Polygon

from dispatcher.geo.coordinates import Crs, Point, in_range, to_wgs84

GeoJson = dict[str, Any]
"""A GeoJSON geometry as `json` reads it."""

Position = tuple[float, float]
Ring = list[Position]

_FEWEST_POSITIONS = 4
_REASONS = {"Self-intersection": "crosses itself", "Ring Self-intersection": "touches itself"}


class BadRing(ValueError):
    """The geometry is not a usable Polygon or MultiPolygon; `str()` says where and why."""


def read_ground(raw: Any, crs: Crs) -> Polygon | MultiPolygon:
    """The ground of a GeoJSON Polygon or MultiPolygon given in `crs`, in WGS-84; heights are dropped.

    Raises BadRing for the first thing wrong: another type, an unclosed, too short or self-crossing ring,
    a position that is no pair of numbers, not finite or not on the globe.
    """
    if not isinstance(raw, dict) or raw.get("type") not in ("Polygon", "MultiPolygon"):
        raise BadRing("must be a Polygon or a MultiPolygon")
    single = raw["type"] == "Polygon"
    parts = [raw.get("coordinates")] if single else raw.get("coordinates")
    polygons = [_rings(part, f"polygon {n}") for n, part in enumerate(_filled(parts, "coordinates"))]
    # First as given, so that the message speaks in the file's own degrees.
    _built(polygons, single=single)
    return _built([[_converted(ring, crs) for ring in rings] for rings in polygons], single=single)


def as_geojson(ground: Polygon | MultiPolygon) -> GeoJson:
    """The ground as GeoJSON made of plain lists, as it comes back from a database."""
    if isinstance(ground, Polygon):
        return {"type": "Polygon", "coordinates": _coordinates(ground)}
    return {"type": "MultiPolygon", "coordinates": [_coordinates(part) for part in ground.geoms]}


def inner_point(ground: Polygon | MultiPolygon) -> Point:
    """The centroid where it lies inside, else some point that does (a horseshoe's centroid does not)."""
    centre = ground.centroid if ground.contains(ground.centroid) else ground.representative_point()
    return Point(centre.x, centre.y)


def _filled(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise BadRing(f"{where}: must be a list that is not empty")
    return value


def _rings(part: Any, where: str) -> list[Ring]:
    return [_ring(ring, f"{where}, ring {n}") for n, ring in enumerate(_filled(part, where))]


def _ring(raw: Any, where: str) -> Ring:
    ring = [_position(position, f"{where}, position {n}") for n, position in enumerate(_filled(raw, where))]
    if len(ring) < _FEWEST_POSITIONS:
        raise BadRing(f"{where}: too few positions, a closed ring has at least {_FEWEST_POSITIONS}")
    if ring[0] != ring[-1]:
        raise BadRing(f"{where}: not closed, the last position must repeat the first")
    return ring


def _position(raw: Any, where: str) -> Position:
    if not isinstance(raw, list) or not all(_is_number(value) for value in raw) or len(raw) < 2:  # noqa: PLR2004
        raise BadRing(f"{where}: must be a list of longitude and latitude")
    try:
        lon, lat = float(raw[0]), float(raw[1])
    except OverflowError:
        lon = lat = float("inf")
    if not in_range(lon, lat):
        raise BadRing(f"{where}: {lon:g}, {lat:g} is not on the globe (longitude comes first)")
    return lon, lat


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _converted(ring: Ring, crs: Crs) -> Ring:
    points = (to_wgs84(lon, lat, crs) for lon, lat in ring)
    return [(point.lon, point.lat) for point in points]


def _built(polygons: list[list[Ring]], *, single: bool) -> Polygon | MultiPolygon:
    parts = [Polygon(rings[0], rings[1:]) for rings in polygons]
    ground = parts[0] if single else MultiPolygon(parts)
    if not ground.is_valid:
        reason, _, place = shapely.is_valid_reason(ground).rstrip("]").partition("[")
        raise BadRing(f"{_REASONS.get(reason, reason.lower())} at {place.replace(' ', ', ')}")
    return ground


def _coordinates(polygon: Polygon) -> list[list[list[float]]]:
    return [[list(position) for position in ring.coords] for ring in (polygon.exterior, *polygon.interiors)]
